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
