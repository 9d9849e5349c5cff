//! Many sessions, rooms, and who is in which.
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
//! another member, and each namespace has rooms of its own. What the hub wants done is looked up in the table; a member that is
//! not in it any more has left in the meantime. `drain` is what such a program calls after everything that happens, in place of
//! the loop over [`poll_event`](crate::engineio::server::Sessions::poll_event) alone, and `react` is what the application does:
//!
//! ```
//! use std::collections::HashMap;
//! use std::sync::{Arc, Mutex, MutexGuard};
//! use sio_codec::engineio::Sid;
//! use sio_codec::engineio::server::{Config, ServerSession, Shared, Table};
//! use sio_codec::socketio::hub::{Hub, MemberId, Target, Transmit};
//! use sio_codec::socketio::{EmitError, Event, Namespace, Peer};
//! use sio_codec::{Machine, Output, Timestamp};
//!
//! type Client = Peer<ServerSession>;
//! type Sessions = Table<Client>;
//!
//! struct Rooms {
//!     hub: Hub,
//!     /// The session of each member, by its sid of Engine.IO.
//!     homes: HashMap<MemberId, Sid>,
//!     /// The members of each session.
//!     members: HashMap<(Sid, Namespace), MemberId>,
//! }
//!
//! impl Rooms {
//!     fn drain(&mut self, sessions: &mut Sessions, now: Timestamp) {
//!         loop {
//!             while let Some((peer, event)) = sessions.poll_event() {
//!                 if self.react(peer, event, now).is_err() {
//!                     // The application says more than its client takes. `Disconnected` follows for each namespace.
//!                     peer.socketio().close();
//!                 }
//!             }
//!             match self.hub.poll_output() {
//!                 Some(Output::Transmit(transmit)) => self.distribute(sessions, now, transmit),
//!                 Some(Output::Event(_)) => {}
//!                 None => return,
//!             }
//!         }
//!     }
//!
//!     fn react(&mut self, peer: &mut Client, event: Event, now: Timestamp) -> Result<(), EmitError> {
//!         let session = peer.session().sid().clone();
//!         let io = peer.socketio();
//!         match event {
//!             // A client names any namespace. The program has this one.
//!             Event::ConnectRequested { namespace, .. } if namespace == "/" => {
//!                 let sid = fresh_sid();
//!                 io.accept(&namespace, &sid)?;
//!                 let member = self.hub.add(&namespace, &sid);
//!                 self.homes.insert(member, session.clone());
//!                 self.members.insert((session, namespace), member);
//!             }
//!             Event::ConnectRequested { namespace, .. } => io.refuse_unknown(&namespace)?,
//!             // A client says which room it would be in. A `&str` would be none of those whose letters it writes as escapes.
//!             Event::Received { namespace, name, args, .. } if name == "join" => {
//!                 let member = self.members.get(&(session, namespace));
//!                 if let (Some(member), Ok((room,))) = (member, args.decode::<(String,)>()) {
//!                     // It fails if the client is in as many rooms as it may.
//!                     let _ = self.hub.join(*member, open_room(&room));
//!                 }
//!             }
//!             // Each namespace gets it, also when the session closes.
//!             Event::Disconnected { namespace, reason } => {
//!                 if let Some(member) = self.members.remove(&(session, namespace)) {
//!                     self.homes.remove(&member);
//!                     self.hub.remove(now, member, reason);
//!                 }
//!             }
//!             _ => {}
//!         }
//!         Ok(())
//!     }
//!
//!     fn distribute(&mut self, sessions: &mut Sessions, now: Timestamp, transmit: Transmit) {
//!         let (Transmit::Deliver { member, .. } | Transmit::Disconnect { member, .. }) = transmit;
//!         let peer = self.homes.get(&member).and_then(|session| sessions.machine(session));
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
//!
//! /// The room that clients call so. Each client is alone in a room with its own public id for a name, which others know: with
//! /// something in front, what a client calls a room can be none of those.
//! fn open_room(name: &str) -> String {
//!     format!("open {name}")
//! }
//!
//! /// The sessions of the program, and the rooms: whoever has the lock of the sessions may take that of the rooms, and nobody
//! /// the other way round.
//! #[derive(Clone)]
//! struct Server {
//!     sessions: Shared<Client>,
//!     rooms: Arc<Mutex<Rooms>>,
//! }
//!
//! impl Server {
//!     fn new(config: Config, hub: Hub) -> Result<Self, sio_codec::engineio::ConfigError> {
//!         let rooms = Rooms { hub, homes: HashMap::new(), members: HashMap::new() };
//!         let rooms = Arc::new(Mutex::new(rooms));
//!         let drained = Arc::clone(&rooms);
//!         let sessions = Shared::new(config, move |table, now| lock(&drained).drain(table, now))?;
//!         Ok(Self { sessions, rooms })
//!     }
//!
//!     /// A route of HTTP, say, has news for a room. What a broadcast causes is drained after `act`, and leaves at once.
//!     fn tell(&self, room: &str, news: &str) -> Result<usize, EmitError> {
//!         let target = Target::everyone(&Namespace::root()).to(open_room(room));
//!         self.sessions.act(|_, now| lock(&self.rooms).hub.broadcast(now, &target, "news", (news,)))
//!     }
//! }
//!
//! fn lock(rooms: &Mutex<Rooms>) -> MutexGuard<'_, Rooms> {
//!     rooms.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
//! }
//! # fn fresh_sid() -> Sid { Sid::from_entropy([9; 15]) }
//! # use sio_codec::engineio::RequestHead;
//! # use sio_codec::engineio::server::Answered;
//! # use sio_codec::socketio::{self, Connection, hub};
//! # use sio_codec::Frame;
//! # let query = "EIO=4&transport=websocket";
//! # let head = RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket: true };
//! # let server = Server::new(Config::default(), Hub::new(hub::Config::default()))?;
//! # let pending = server.sessions.request(&head, |now, handshake, carrier| {
//! #     let session = handshake.accept(now, Sid::from_entropy([1; 15]), carrier);
//! #     Ok(Peer::new(session, Connection::new(socketio::Config::default())))
//! # });
//! # smol::block_on(async {
//! #     let Answered::WebSocket(conversation) = pending.await else { unreachable!() };
//! #     let (reader, mut writer) = conversation.open();
//! #     reader.frame("40".into());
//! #     reader.frame(r#"42["join","cooks"]"#.into());
//! #     server.tell("cooks", "soup").unwrap();
//! #     server.tell("bakers", "bread").unwrap();
//! #     for start in ["0{", "40{"] {
//! #         assert!(matches!(writer.next().await, Some(Frame::Text(text)) if text.as_str().starts_with(start)));
//! #     }
//! #     assert_eq!(writer.next().await, Some(Frame::from(r#"42["news","soup"]"#)));
//! #     drop((reader, writer));
//! # });
//! # let open = server.sessions.act(|table, _| table.len());
//! # let rooms = lock(&server.rooms);
//! # assert_eq!((open, rooms.homes.len(), rooms.members.len()), (0, 0, 0));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! In [a whole server](super::whole_server), or [one on threads](super::server_on_threads), this takes the place of the sessions:
//! `Server::new(config, Hub::new(hub::Config::default()))` stands for `Sessions::new` with its loop, `server.sessions` for `sessions`,
//! and the `react` here for that of `main.rs`. The functions that took the sessions take the `Server`, and the route `/say/` calls
//! `server.tell`.
//!
//! The hub's own deadline matters where it waits for something: for the answers to a
//! [`broadcast_with_ack`](crate::socketio::hub::Hub::broadcast_with_ack), and for clients that may come back. Whoever makes such a
//! broadcast starts a task, or a thread, that sleeps as long as the answers may take, and then calls
//! `sessions.act(|_, now| lock(&rooms).hub.handle_timeout(now))`.
