//! Many sessions and one clock.
//!
//! Each session has a deadline, which changes with whatever happens to it. A program with a task for each session sleeps in
//! each task. One with a single loop keeps the deadlines in a queue: it looks at the earliest, and sleeps until then.
//!
//! A deadline that has changed need not be looked for in the queue. The new one is added, and when the old one comes up, the
//! session is asked again: calling [`handle_timeout`](crate::Machine::handle_timeout) early does no harm. So the queue holds an
//! entry for each change; asking whether the deadline is later than the one that is queued already keeps it at about one for each
//! session, because most changes put a deadline off.
//!
//! ```
//! use std::cmp::Reverse;
//! use std::collections::{BinaryHeap, HashMap};
//! use sio_codec::engineio::Sid;
//! use sio_codec::{Machine, Timestamp};
//!
//! struct Sessions<M> {
//!     machines: HashMap<Sid, (M, Option<Timestamp>)>,
//!     queue: BinaryHeap<Reverse<(Timestamp, Sid)>>,
//! }
//!
//! impl<M: Machine> Sessions<M> {
//!     /// To be called after everything that happens to a session.
//!     fn note_deadline(&mut self, sid: &Sid) {
//!         let Some((machine, queued)) = self.machines.get_mut(sid) else { return };
//!         let deadline = machine.next_deadline();
//!         if let Some(at) = deadline.filter(|at| queued.is_none_or(|queued| *at < queued)) {
//!             *queued = Some(at);
//!             self.queue.push(Reverse((at, sid.clone())));
//!         }
//!     }
//!
//!     /// How long the loop may sleep ends here.
//!     fn next_deadline(&self) -> Option<Timestamp> {
//!         self.queue.peek().map(|Reverse((at, _))| *at)
//!     }
//!
//!     /// Gives the time to every session that is due; `drain` carries out what it wants done.
//!     fn handle_timeouts(&mut self, now: Timestamp, mut drain: impl FnMut(&mut M)) {
//!         while self.next_deadline().is_some_and(|at| at <= now) {
//!             let Some(Reverse((_, sid))) = self.queue.pop() else { return };
//!             // One that is gone left its entry behind.
//!             if let Some((machine, queued)) = self.machines.get_mut(&sid) {
//!                 *queued = None;
//!                 machine.handle_timeout(now);
//!                 drain(machine);
//!             }
//!             self.note_deadline(&sid);
//!         }
//!     }
//! }
//! # use sio_codec::engineio::server::{Carrier, Config, Route, Router, ServerSession, WsId};
//! # use sio_codec::engineio::RequestHead;
//! # let query = "EIO=4&transport=websocket";
//! # let head = RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket: true };
//! # let router = Router::new(Config::default()).unwrap();
//! # let mut sessions = Sessions::<ServerSession> { machines: HashMap::new(), queue: BinaryHeap::new() };
//! # for seed in 0..3 {
//! #     let Ok(Route::Handshake(handshake)) = router.route(&head) else { unreachable!() };
//! #     let sid = Sid::from_entropy([seed; 15]);
//! #     let now = Timestamp::from_micros(u64::from(seed) * 1_000_000);
//! #     let session = handshake.accept(now, sid.clone(), Carrier::WebSocket(WsId(0)));
//! #     sessions.machines.insert(sid.clone(), (session, None));
//! #     sessions.note_deadline(&sid);
//! # }
//! # assert_eq!(sessions.next_deadline(), Some(Timestamp::from_micros(25_000_000)));
//! # let mut pings = 0;
//! # sessions.handle_timeouts(Timestamp::from_micros(26_000_000), |session| {
//! #     while session.poll_output().is_some() {}
//! #     pings += 1;
//! # });
//! # assert_eq!((pings, sessions.queue.len()), (2, 3));
//! ```
//!
//! The [`Hub`](crate::socketio::hub::Hub), if there is one, has a deadline of its own.
//!
//! # Members and their sessions
//!
//! A hub knows members and no sessions, so a program that has one keeps a table of who is where. Each namespace of a session is
//! another member. What the hub wants done is looked up in the table; a member that is not in it any more has left in the
//! meantime.
//!
//! ```
//! use std::collections::HashMap;
//! use sio_codec::engineio::Sid;
//! use sio_codec::engineio::server::ServerSession;
//! use sio_codec::socketio::hub::{Hub, MemberId, Transmit};
//! use sio_codec::socketio::{EmitError, Event, Namespace, Peer};
//! use sio_codec::{Machine, Output, Timestamp};
//!
//! struct Server {
//!     hub: Hub,
//!     peers: HashMap<Sid, Peer<ServerSession>>,
//!     /// The session of each member, by its sid of Engine.IO.
//!     sessions: HashMap<MemberId, Sid>,
//!     /// The members of each session.
//!     members: HashMap<(Sid, Namespace), MemberId>,
//! }
//!
//! impl Server {
//!     /// An event of a session changes the tables.
//!     fn note(&mut self, now: Timestamp, session: &Sid, event: &Event) -> Result<(), EmitError> {
//!         match event {
//!             Event::ConnectRequested { namespace, .. } => {
//!                 let Some(peer) = self.peers.get_mut(session) else { return Ok(()) };
//!                 let sid = fresh_sid();
//!                 peer.socketio().accept(namespace, &sid)?;
//!                 let member = self.hub.add(namespace, &sid);
//!                 self.sessions.insert(member, session.clone());
//!                 self.members.insert((session.clone(), namespace.clone()), member);
//!             }
//!             Event::Disconnected { namespace, reason } => {
//!                 if let Some(member) = self.members.remove(&(session.clone(), namespace.clone())) {
//!                     self.sessions.remove(&member);
//!                     self.hub.remove(now, member, *reason);
//!                 }
//!             }
//!             // Each namespace got its `Disconnected` before.
//!             Event::Closed(_) => drop(self.peers.remove(session)),
//!             _ => {}
//!         }
//!         Ok(())
//!     }
//!
//!     /// What the hub wants done. The sessions are drained afterwards.
//!     fn distribute(&mut self, now: Timestamp) {
//!         while let Some(output) = self.hub.poll_output() {
//!             let Output::Transmit(transmit) = output else { continue };
//!             let (Transmit::Deliver { member, .. } | Transmit::Disconnect { member, .. }) = transmit;
//!             let session = self.sessions.get(&member).and_then(|session| self.peers.get_mut(session));
//!             let (Some(peer), Some(namespace)) = (session, self.hub.namespace_of(member)) else { continue };
//!             let done = match transmit {
//!                 Transmit::Deliver { broadcast, .. } => peer.socketio().deliver(now, &broadcast),
//!                 Transmit::Disconnect { close: false, .. } => peer.socketio().disconnect(namespace),
//!                 Transmit::Disconnect { close: true, .. } => Ok(peer.socketio().close()),
//!             };
//!             // One that cannot keep up may not hold up the others.
//!             if done == Err(EmitError::BufferFull) {
//!                 peer.socketio().close();
//!             }
//!         }
//!     }
//! }
//! # fn fresh_sid() -> Sid { Sid::from_entropy([9; 15]) }
//! # use sio_codec::engineio::server::{self, Carrier, Input, Route, Router, WsId};
//! # use sio_codec::engineio::RequestHead;
//! # use sio_codec::socketio::hub::{self, Target};
//! # use sio_codec::socketio::{Connection, Config};
//! # let query = "EIO=4&transport=websocket";
//! # let head = RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket: true };
//! # let Ok(Route::Handshake(handshake)) = Router::new(server::Config::default())?.route(&head) else { unreachable!() };
//! # let (now, ws, session) = (Timestamp::ZERO, WsId(1), Sid::from_entropy([1; 15]));
//! # let peer = Peer::new(handshake.accept(now, session.clone(), Carrier::WebSocket(ws)), Connection::new(Config::default()));
//! # let hub = Hub::new(hub::Config::default());
//! # let peers = HashMap::from([(session.clone(), peer)]);
//! # let mut server = Server { hub, peers, sessions: HashMap::new(), members: HashMap::new() };
//! # let mut sent = Vec::new();
//! # let mut drain = |server: &mut Server| {
//! #     while let Some(output) = server.peers.get_mut(&session).and_then(Machine::poll_output) {
//! #         match output {
//! #             Output::Event(event) => server.note(now, &session, &event).unwrap(),
//! #             Output::Transmit(transmit) => sent.push(transmit),
//! #         }
//! #     }
//! # };
//! # server.peers.get_mut(&session).unwrap().handle(now, Input::WsFrame { ws, frame: "40".into() });
//! # drain(&mut server);
//! # server.hub.broadcast(now, &Target::everyone(&Namespace::root()), "news", (1,))?;
//! # server.distribute(now);
//! # drain(&mut server);
//! # server.peers.get_mut(&session).unwrap().handle(now, Input::WsClosed { ws });
//! # drain(&mut server);
//! # assert_eq!((server.peers.len(), server.sessions.len(), server.members.len()), (0, 0, 0));
//! # let news = server::Transmit::WsSend { ws, frame: r#"42["news",1]"#.into() };
//! # assert!(sent.contains(&news), "{sent:?}");
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
