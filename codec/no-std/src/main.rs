//! A program without the standard library that lives a Socket.IO session.
#![no_std]
#![no_main]

extern crate alloc;

mod heap;

use core::panic::PanicInfo;

use sio_codec::engineio::server::{Carrier, Config, Input, Route, Router, Transmit, WsId};
use sio_codec::engineio::{RequestHead, Sid};
use sio_codec::socketio::{self, Connection, Event, Peer};
use sio_codec::{Frame, Machine, Output, Timestamp};

// The C library's start-up code calls `main`; nothing else of it is used.
#[link(name = "c")]
#[link(name = "gcc_s")]
unsafe extern "C" {}

#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    match session() {
        Some(()) => 0,
        None => 1,
    }
}

/// One event with an acknowledgement, over a WebSocket that is a function call.
fn session() -> Option<()> {
    let head = RequestHead {
        method: "GET",
        query: "EIO=4&transport=websocket",
        content_type: None,
        origin: None,
        wants_websocket: true,
    };
    let Ok(Route::Handshake(handshake)) = Router::new(Config::default()).ok()?.route(&head) else { return None };
    let (now, ws) = (Timestamp::ZERO, WsId(1));
    let session = handshake.accept(now, Sid::from_entropy([7; 15]), Carrier::WebSocket(ws));
    let mut peer = Peer::new(session, Connection::new(socketio::Config::default()));
    for text in ["40", r#"421["add",1,2]"#] {
        peer.handle(now, Input::WsFrame { ws, frame: Frame::from(text) });
        while let Some(output) = peer.poll_output() {
            match output {
                Output::Event(Event::ConnectRequested { namespace, .. }) => {
                    peer.socketio().accept(&namespace, &Sid::from_entropy([9; 15])).ok()?;
                }
                Output::Event(Event::Received { args, reply: Some(reply), .. }) => {
                    peer.socketio().acknowledge(reply, &args).ok()?;
                }
                Output::Transmit(Transmit::WsSend { frame, .. }) if frame == Frame::from("431[1,2]") => {
                    return Some(());
                }
                _ => {}
            }
        }
    }
    None
}

/// The `alloc` that comes with the compiler was built to unwind and names this function. Nothing here unwinds.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}
