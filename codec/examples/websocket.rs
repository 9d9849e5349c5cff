//! A Socket.IO server over WebSockets alone, without a runtime: a thread for each client. Each event comes back to its client.
//!
//! ```text
//! cargo run -p sio-codec --example websocket -- 127.0.0.1:3000
//! ```
//!
//! The client is told not to begin with polling: `io("http://127.0.0.1:3000", { transports: ["websocket"] })`. The examples
//! `threads` and `axum` also serve polling, and upgrades from it. `fixtures/reference/check-embedded.js` plays the client.

use std::{error::Error, io::ErrorKind, net::TcpListener, net::TcpStream, thread, time::Duration};

use sio_codec::engineio::server::{Carrier, Config, Input, Route, Router, Transmit, WsId};
use sio_codec::engineio::{RequestHead, Sid};
use sio_codec::socketio::{self, Connection, Event, Peer};
use sio_codec::{Clock, Frame, Machine, Output};
use tungstenite::{Error::Io, Message, accept_hdr, handshake::server};

/// What a read says if nothing came in time.
const SILENCE: [ErrorKind; 2] = [ErrorKind::WouldBlock, ErrorKind::TimedOut];

fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    let listener = TcpListener::bind(address)?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept()?;
        thread::spawn(|| serve(stream).map_err(|error| eprintln!("{error}")));
    }
}

#[expect(clippy::result_large_err, reason = "tungstenite wants it so")]
fn serve(stream: TcpStream) -> Result<(), Box<dyn Error>> {
    stream.set_write_timeout(Some(Duration::from_secs(30)))?;
    let mut query = String::new();
    let accept = |request: &server::Request, response| {
        request.uri().query().unwrap_or_default().clone_into(&mut query);
        Ok(response)
    };
    let mut socket = accept_hdr(stream, accept).map_err(|error| error.to_string())?;
    let head = RequestHead {
        method: "GET",
        query: &query,
        content_type: None,
        origin: None, // The header, if only some pages may connect.
        wants_websocket: true,
    };
    let (router, clock, ws) = (Router::new(Config::default())?, Clock::start(), WsId(1));
    let Ok(Route::Handshake(handshake)) = router.route(&head) else { return Ok(()) };
    let session = handshake.accept(clock.now(), sid()?, Carrier::WebSocket(ws));
    let mut peer = Peer::new(session, Connection::new(socketio::Config::default()));
    loop {
        while let Some(output) = peer.poll_output() {
            match output {
                Output::Transmit(Transmit::WsSend { frame, .. }) => socket.send(match frame {
                    Frame::Text(text) => Message::text(text.as_str()),
                    Frame::Binary(bytes) => Message::Binary(bytes),
                })?,
                Output::Event(Event::ConnectRequested { namespace, .. }) => {
                    peer.socketio().accept(&namespace, &sid()?)?;
                }
                Output::Event(Event::Received { namespace, name, args, .. }) => {
                    peer.socketio().emit(&namespace, name.as_str(), &args)?;
                }
                Output::Transmit(Transmit::WsClose { .. }) => socket.close(None)?,
                Output::Event(Event::Closed(_)) => {
                    // Something unread would reset the connection, and its client might miss the end.
                    (0..10_000).find(|_| socket.read().is_err());
                    return Ok(());
                }
                Output::Transmit(_) | Output::Event(_) => {}
            }
        }
        let left = peer.next_deadline().map(|at| at.saturating_since(clock.now()));
        socket.get_ref().set_read_timeout(left.map(|left| left.max(Duration::from_millis(1))))?;
        match socket.read() {
            Ok(Message::Text(text)) => {
                let frame = Frame::from(text.to_string());
                peer.handle(clock.now(), Input::WsFrame { ws, frame });
            }
            Ok(Message::Binary(bytes)) => {
                let frame = Frame::from(bytes);
                peer.handle(clock.now(), Input::WsFrame { ws, frame });
            }
            Ok(_) => {}
            Err(Io(error)) if SILENCE.contains(&error.kind()) => peer.handle_timeout(clock.now()),
            Err(_) => return Ok(()),
        }
    }
}

/// An id that nobody can guess.
fn sid() -> Result<Sid, getrandom::Error> {
    let mut entropy = [0; 15];
    getrandom::fill(&mut entropy)?;
    Ok(Sid::from_entropy(entropy))
}
