//! Many sessions, and who is in which.
//!
//! Each session has a deadline, which changes with whatever happens to it. A program with a task for each session sleeps in
//! each task. One with a single loop, or one lock, keeps its sessions in a table of
//! [`Sessions`](crate::engineio::server::Sessions), which knows the earliest: see [a whole server](super::whole_server). The
//! [`Hub`](crate::socketio::hub::Hub), if there is one, has a deadline of its own.
//!
//! Of everything else there is one for each session, so what a server needs grows with their number and with nothing else. A table
//! holds 100,000 at most, or as many as [`with_max_sessions`](crate::engineio::server::Sessions::with_max_sessions) says, and
//! refuses the handshake of one more. A program that keeps its sessions itself counts them, and answers with
//! [`forbid`](crate::engineio::server::Handshake::forbid).
//!
//! # Members and their sessions
//!
//! A hub knows members and no sessions, so a program that has one keeps a table of who is where. Each namespace of a session is
//! another member. What the hub wants done is looked up in the table; a member that is not in it any more has left in the
//! meantime. This is what such a program calls after everything that happens, in place of the loop over
//! [`poll_event`](crate::engineio::server::Sessions::poll_event) alone:
//!
//! ```
//! use std::collections::HashMap;
//! use sio_codec::engineio::Sid;
//! use sio_codec::engineio::server::{Outlet, Reply, ServerSession, Sessions};
//! use sio_codec::socketio::hub::{Hub, MemberId, Transmit};
//! use sio_codec::socketio::{EmitError, Event, Namespace, Peer};
//! use sio_codec::{Machine, Output, Timestamp};
//!
//! struct Server<R, O> {
//!     sessions: Sessions<Peer<ServerSession>, R, O>,
//!     hub: Hub,
//!     /// The session of each member, by its sid of Engine.IO.
//!     homes: HashMap<MemberId, Sid>,
//!     /// The members of each session.
//!     members: HashMap<(Sid, Namespace), MemberId>,
//! }
//!
//! impl<R: Reply, O: Outlet> Server<R, O> {
//!     fn drain(&mut self, now: Timestamp) {
//!         loop {
//!             while let Some((peer, event)) = self.sessions.poll_event() {
//!                 let session = peer.session().sid().clone();
//!                 match event {
//!                     Event::ConnectRequested { namespace, .. } => {
//!                         let sid = fresh_sid();
//!                         if peer.socketio().accept(&namespace, &sid).is_err() {
//!                             peer.socketio().close();
//!                             continue;
//!                         }
//!                         let member = self.hub.add(&namespace, &sid);
//!                         self.homes.insert(member, session.clone());
//!                         self.members.insert((session, namespace), member);
//!                     }
//!                     // Each namespace gets it, also when the session closes.
//!                     Event::Disconnected { namespace, reason } => {
//!                         if let Some(member) = self.members.remove(&(session, namespace)) {
//!                             self.homes.remove(&member);
//!                             self.hub.remove(now, member, reason);
//!                         }
//!                     }
//!                     _ => {}
//!                 }
//!             }
//!             match self.hub.poll_output() {
//!                 Some(Output::Transmit(transmit)) => self.distribute(now, transmit),
//!                 Some(Output::Event(_)) => {}
//!                 None => return,
//!             }
//!         }
//!     }
//!
//!     fn distribute(&mut self, now: Timestamp, transmit: Transmit) {
//!         let (Transmit::Deliver { member, .. } | Transmit::Disconnect { member, .. }) = transmit;
//!         let peer = self.homes.get(&member).and_then(|session| self.sessions.machine(session));
//!         let (Some(peer), Some(namespace)) = (peer, self.hub.namespace_of(member)) else { return };
//!         let done = match transmit {
//!             Transmit::Deliver { broadcast, .. } => peer.socketio().deliver(now, &broadcast),
//!             Transmit::Disconnect { close: false, .. } => peer.socketio().disconnect(namespace),
//!             Transmit::Disconnect { close: true, .. } => Ok(peer.socketio().close()),
//!         };
//!         // One that cannot keep up may not hold up the others.
//!         if done == Err(EmitError::BufferFull) {
//!             peer.socketio().close();
//!         }
//!     }
//! }
//! # fn fresh_sid() -> Sid { Sid::from_entropy([9; 15]) }
//! # use sio_codec::engineio::server::{self, Answer, Gone, Input, WsId};
//! # use sio_codec::engineio::RequestHead;
//! # use sio_codec::socketio::hub::{self, Target};
//! # use sio_codec::socketio::{Connection, Config};
//! # use sio_codec::Frame;
//! # use std::{cell::RefCell, rc::Rc};
//! # struct Waiting;
//! # impl Reply for Waiting {
//! #     fn answer(self, _: Answer) -> Result<(), Gone> { Ok(()) }
//! # }
//! # #[derive(Default)]
//! # struct Sent(Rc<RefCell<Vec<Frame>>>);
//! # impl Outlet for Sent {
//! #     fn has_room(&self) -> bool { true }
//! #     fn send(&mut self, frame: Frame) { self.0.borrow_mut().push(frame) }
//! # }
//! # let query = "EIO=4&transport=websocket";
//! # let head = RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket: true };
//! # let (now, sessions) = (Timestamp::ZERO, Sessions::<_, _, Sent>::new(server::Config::default())?);
//! # let hub = Hub::new(hub::Config::default());
//! # let mut server = Server { sessions, hub, homes: HashMap::new(), members: HashMap::new() };
//! # let id = server.sessions.request(now, &head, Waiting, |handshake, carrier| {
//! #     let session = handshake.accept(now, Sid::from_entropy([1; 15]), carrier);
//! #     Ok(Peer::new(session, Connection::new(Config::default())))
//! # });
//! # server.drain(now);
//! # let (ws, sent) = (WsId(id.unwrap().0), Sent::default());
//! # let frames = Rc::clone(&sent.0);
//! # assert!(server.sessions.attach(ws, sent).is_none());
//! # server.sessions.handle(now, Input::WsFrame { ws, frame: "40".into() });
//! # server.drain(now);
//! # server.hub.broadcast(now, &Target::everyone(&Namespace::root()), "news", (1,))?;
//! # server.drain(now);
//! # assert_eq!(frames.borrow().last(), Some(&Frame::from(r#"42["news",1]"#)));
//! # server.sessions.handle(now, Input::WsClosed { ws });
//! # server.drain(now);
//! # assert_eq!((server.sessions.len(), server.homes.len(), server.members.len()), (0, 0, 0));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
