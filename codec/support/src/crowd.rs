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
        let mut crowd = Self { peers: Vec::with_capacity(count as usize), hub: Hub::new(hub::Config::default()) };
        crowd.hub.declare(&Namespace::root());
        for number in 0..count {
            let mut peer = open(&router, &config, number, transport);
            peer.socketio().accept(&Namespace::root(), &sid(number, 1)).expect("it asks");
            let member = crowd.hub.add(&Namespace::root(), &sid(number, 1));
            crowd.hub.join(member, "lobby").expect("few rooms");
            while peer.poll_output().is_some() {}
            if transport == Transport::Polling {
                peer.handle(Timestamp::ZERO, Input::Poll { id: RequestId(2), revision: Some(Revision::V4) });
            }
            while peer.poll_output().is_some() || crowd.hub.poll_output().is_some() {}
            crowd.peers.push(peer);
        }
        crowd
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
        Transport::Polling => {
            let (id, revision) = (RequestId(1), Some(Revision::V4));
            peer.handle(now, Input::Post { id, revision, format: BodyFormat::Text });
            peer.handle(now, Input::Body { id, body: Bytes::from(b"40".to_vec()) });
        }
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

fn sid(number: u32, kind: u8) -> Sid {
    let mut entropy = [kind; 15];
    entropy[..4].copy_from_slice(&number.to_le_bytes());
    Sid::from_entropy(entropy)
}
