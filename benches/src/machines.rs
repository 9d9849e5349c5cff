//! What a server does with its machines for one client, or for all members of a room, without a socket.

use std::hint::black_box;
use std::time::Duration;

use sio_codec::engineio::server::{BodyFormat, Input, RequestId, ServerSession, Transmit, WsId};
use sio_codec::engineio::{self, BinaryForm, Revision};
use sio_codec::socketio::hub::{self, Hub, Target};
use sio_codec::socketio::{Args, Event, Namespace, Peer};
use sio_codec::{Frame, Machine as _, Output, Text, Timestamp};
use sio_support::crowd::Crowd;
pub use sio_support::crowd::Transport;

use crate::event;

/// A server's session with one client, whose event `message` an application answers or not.
#[derive(Debug)]
pub struct Session {
    peer: Peer<ServerSession>,
    transport: Transport,
    now: Timestamp,
}

/// What an application does with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Application {
    /// It listens.
    Listens,
    /// It says the same to the client.
    Echoes,
}

/// A message of a client: the event `message` with a text of this many bytes.
#[must_use]
pub fn message(bytes: usize) -> Text {
    Text::from(format!("4{}", event("message", &("x".repeat(bytes),)).0))
}

impl Session {
    /// In the main namespace. By polling, a GET is waiting.
    #[must_use]
    pub fn open(transport: Transport) -> Self {
        let mut crowd = Crowd::open(1, transport);
        let Some(peer) = crowd.peers.pop() else { unreachable!("a crowd of one") };
        Self { peer, transport, now: Timestamp::ZERO }
    }

    /// Takes a message; returns how many requests were answered and messages sent.
    pub fn take(&mut self, message: &Text, application: Application) -> usize {
        let message = black_box(message).clone();
        match self.transport {
            Transport::WebSocket => self.handle(Input::WsFrame { ws: WEBSOCKET, frame: Frame::Text(message) }),
            Transport::Polling => {
                self.handle(Input::Post { id: POST, revision: Some(Revision::V4), format: BodyFormat::Text });
                self.handle(Input::Body { id: POST, body: message.into_bytes() });
            }
        }
        let sent = self.drain(application);
        if self.transport == Transport::Polling && application == Application::Echoes {
            self.handle(Input::Poll { id: POLL, revision: Some(Revision::V4) });
        }
        sent
    }

    /// Lets the ping interval pass, and answers the ping; returns how many messages or answers were sent.
    pub fn beat(&mut self) -> usize {
        self.now = self.peer.next_deadline().unwrap_or(self.now);
        self.peer.handle_timeout(self.now);
        let pings = self.drain(Application::Listens);
        match self.transport {
            Transport::WebSocket => {
                self.handle(Input::WsFrame { ws: WEBSOCKET, frame: Frame::from("3") });
                pings + self.drain(Application::Listens)
            }
            Transport::Polling => {
                self.handle(Input::Poll { id: POLL, revision: Some(Revision::V4) });
                pings + self.take(&Text::from("3"), Application::Listens)
            }
        }
    }

    /// Moves from polling to a WebSocket, from its request to the end of polling; returns whether it did.
    pub fn upgrade(&mut self) -> bool {
        let (revision, binary) = (Some(Revision::V4), BinaryForm::Native);
        self.handle(Input::Upgrade { ws: WEBSOCKET, revision, binary });
        self.drain(Application::Listens);
        self.handle(Input::WsFrame { ws: WEBSOCKET, frame: Frame::from("2probe") });
        self.drain(Application::Listens);
        self.now = self.now.saturating_add(Duration::from_millis(1));
        self.handle(Input::WsFrame { ws: WEBSOCKET, frame: Frame::from("5") });
        self.drain(Application::Listens);
        self.transport = Transport::WebSocket;
        self.peer.session().transport() == Some(engineio::Transport::WebSocket)
    }

    fn handle(&mut self, input: Input) {
        self.peer.handle(self.now, input);
    }

    fn drain(&mut self, application: Application) -> usize {
        let mut sent = 0;
        while let Some(output) = self.peer.poll_output() {
            match output {
                Output::Event(Event::Received { args, .. }) => match application {
                    Application::Listens => drop(black_box(args)),
                    Application::Echoes => self.answer(&args),
                },
                Output::Transmit(transmit) => {
                    drop::<Transmit>(black_box(transmit));
                    sent += 1;
                }
                Output::Event(_) => {}
            }
        }
        sent
    }

    fn answer(&mut self, args: &Args) {
        let sent = self.peer.socketio().emit(&Namespace::root(), "message", args);
        assert!(sent.is_ok(), "there is room");
    }
}

/// The WebSocket that a crowd opens with, and that an upgrade asks for.
const WEBSOCKET: WsId = WsId(0);
/// The request that waits in a crowd.
const POLL: RequestId = RequestId(2);
const POST: RequestId = RequestId(3);

/// Says something small to everybody in the room of a crowd, until it is known who gets it; returns how many.
pub fn broadcast(hub: &mut Hub) -> usize {
    say(hub);
    std::iter::from_fn(|| hub.poll_output()).map(black_box).count()
}

/// The same, as far as each one's WebSocket.
pub fn broadcast_as_frames(crowd: &mut Crowd) -> usize {
    let Crowd { peers, hub, .. } = crowd;
    say(hub);
    let mut sent = 0;
    for peer in peers {
        let Some(Output::Transmit(hub::Transmit::Deliver { broadcast, .. })) = hub.poll_output() else { break };
        let delivered = peer.socketio().deliver(Timestamp::ZERO, &broadcast);
        assert!(delivered.is_ok(), "there is room");
        while let Some(output) = peer.poll_output() {
            sent += usize::from(matches!(black_box(output), Output::Transmit(_)));
        }
    }
    while hub.poll_output().is_some() {}
    sent
}

fn say(hub: &mut Hub) {
    let lobby = Target::everyone(&Namespace::root()).to("lobby");
    let said = hub.broadcast(Timestamp::ZERO, &lobby, "message", black_box(&("hello",)));
    assert!(said.is_ok(), "a name");
}
