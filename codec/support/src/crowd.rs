//! Many idle sessions, for the test and the benchmark of their memory.

use std::sync::Arc;

use bytes::Bytes;
use sio_codec::engineio::server::{BodyFormat, Carrier, Config, Input, RequestId, Route, Router, ServerSession, WsId};
use sio_codec::engineio::{RequestHead, Revision, Sid};
use sio_codec::socketio::hub::{self, Hub};
use sio_codec::socketio::{self, Connection, Event, Namespace, Peer};
use sio_codec::{Frame, Machine as _, Output, Timestamp};

/// How the clients are connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// By polling, with a waiting GET.
    Polling,
    /// By a WebSocket, on which the session opened.
    WebSocket,
}

/// A server's machines: each client is in the main namespace and in one room with all others.
#[derive(Debug)]
pub struct Crowd {
    transport: Transport,
    /// The sessions with their connections.
    pub peers: Vec<Peer<ServerSession>>,
    /// The hub, with a member for each client.
    pub hub: Hub,
}

impl Crowd {
    /// Opens `count` sessions, one after the other.
    #[must_use]
    pub fn open(count: u32, transport: Transport) -> Self {
        let router = Router::new(Config::default()).expect("the defaults are valid");
        let config = Arc::new(socketio::Config::default());
        let mut crowd =
            Self { transport, peers: Vec::with_capacity(count as usize), hub: Hub::new(hub::Config::default()) };
        crowd.hub.declare(&Namespace::root());
        for number in 0..count {
            let mut peer = open(&router, &config, number, transport);
            peer.socketio().accept(&Namespace::root(), &sid(number, 1)).expect("it asks");
            let member = crowd.hub.add(&Namespace::root(), &sid(number, 1));
            crowd.hub.join(member, "lobby").expect("few rooms");
            while peer.poll_output().is_some() {}
            if transport == Transport::Polling {
                // The first is answered, and the second one waits.
                for id in [2, 3] {
                    peer.handle(Timestamp::ZERO, Input::Poll { id: RequestId(id), revision: Some(Revision::V4) });
                    while peer.poll_output().is_some() {}
                }
            }
            while peer.poll_output().is_some() || crowd.hub.poll_output().is_some() {}
            crowd.peers.push(peer);
        }
        crowd
    }

    /// Each session has its first heartbeat; nothing else happened since it opened.
    #[must_use]
    pub fn after_a_heartbeat(mut self) -> Self {
        let now = Timestamp::ZERO.saturating_add(Config::default().ping_interval);
        for peer in &mut self.peers {
            peer.handle_timeout(now);
            assert!(core::iter::from_fn(|| peer.poll_output()).count() > 0, "a ping");
            match self.transport {
                Transport::Polling => {
                    post(peer, now, RequestId(4), b"3");
                    while peer.poll_output().is_some() {}
                    peer.handle(now, Input::Poll { id: RequestId(5), revision: Some(Revision::V4) });
                }
                Transport::WebSocket => {
                    peer.handle(now, Input::WsFrame { ws: WsId(0), frame: Frame::Text("3".to_owned().into()) });
                }
            }
            while peer.poll_output().is_some() {}
        }
        self
    }
}

/// A session whose client asked for the main namespace.
fn open(router: &Router, config: &Arc<socketio::Config>, number: u32, transport: Transport) -> Peer<ServerSession> {
    let (query, carrier) = match transport {
        Transport::Polling => ("EIO=4&transport=polling", Carrier::Request(RequestId(0))),
        Transport::WebSocket => ("EIO=4&transport=websocket", Carrier::WebSocket(WsId(0))),
    };
    let wants_websocket = transport == Transport::WebSocket;
    let head = RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket };
    let Ok(Route::Handshake(handshake)) = router.route(&head) else { unreachable!() };
    let now = Timestamp::ZERO;
    let session = handshake.accept(now, sid(number, 0), carrier);
    let mut peer = Peer::new(session, Connection::new(Arc::clone(config)));
    while peer.poll_output().is_some() {}
    match transport {
        Transport::Polling => post(&mut peer, now, RequestId(1), b"40"),
        Transport::WebSocket => {
            peer.handle(now, Input::WsFrame { ws: WsId(0), frame: Frame::Text("40".to_owned().into()) })
        }
    }
    let mut asked = false;
    while let Some(output) = peer.poll_output() {
        asked |= matches!(output, Output::Event(Event::ConnectRequested { .. }));
    }
    assert!(asked);
    peer
}

fn post(peer: &mut Peer<ServerSession>, now: Timestamp, id: RequestId, body: &[u8]) {
    peer.handle(now, Input::Post { id, revision: Some(Revision::V4), format: BodyFormat::Text });
    peer.handle(now, Input::Body { id, body: Bytes::from(body.to_vec()) });
}

fn sid(number: u32, kind: u8) -> Sid {
    let mut entropy = [kind; 15];
    entropy[..4].copy_from_slice(&number.to_le_bytes());
    Sid::from_entropy(entropy)
}
