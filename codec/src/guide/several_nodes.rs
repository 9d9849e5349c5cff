//! One server in several processes.
//!
//! A process, here called a node, has its own sessions and its own [`Hub`](crate::socketio::hub::Hub). The crate connects no
//! nodes: it opens no sockets.
//!
//! Where Redis is the bus, the feature `cluster` has a machine for a node, `cluster::node::Node`, which speaks with servers of
//! Node.js as well; [`cluster`] is a server with it. The rest of this page is for other buses, where it takes little to run several
//! nodes, as long as they only broadcast.
//!
//! [`cluster`]: https://github.com/siospec/siospec/blob/main/codec/examples/cluster/main.rs
//!
//! # The balancer
//!
//! All requests of one session must reach the node that has it. A WebSocket is one connection, so it does by itself. Polling
//! is many, and the WebSocket that takes a polling session over is another one. A node that is asked for a session of another
//! answers with status 400 and `Session ID unknown`, and the client starts anew, for ever.
//!
//! | | how |
//! |---|---|
//! | by a cookie | the node sets one on the answer to the handshake, and the balancer sends its bearer to the same node. Browsers of other origins need `withCredentials`, and other clients a place for cookies |
//! | by the address of the client | no cookie, but all behind one proxy share a node |
//! | by the `sid` of the query | the balancer hashes it; the first request has none, so the node must choose a sid that leads back to it |
//! | without polling | [`Transports::WebSocketOnly`](crate::engineio::server::Transports::WebSocketOnly), and clients with `transports: ["websocket"]`: any balancer will do |
//!
//! Sids of all nodes must differ: those of [`Sid::from_entropy`](crate::engineio::Sid::from_entropy) do.
//!
//! # What works
//!
//! | | over several nodes |
//! |---|---|
//! | events, acknowledgements, disconnection of one client | yes: one node has all of it |
//! | broadcasts, with rooms, `except` and `volatile` | pass them on, as below. Rooms need no node to know who is in them elsewhere |
//! | an event for one client, wherever it is | a broadcast to the room of its sid |
//! | broadcasts that stay on a node, `io.local` | [`Target::local`](crate::socketio::hub::Target::local), which the program looks at |
//! | broadcasts that wait for answers | each node asks its own members, and the program adds up what [`Settled`](crate::socketio::hub::Event::Settled) says |
//! | `fetchSockets`, `socketsJoin`, `disconnectSockets` | a message of the program's own to the other nodes, which do the same with their hubs |
//! | connection state recovery | on the node that the client was on: the log is the hub's. With streams on [Redis](super::clusters), on every node |
//! | one order for all receivers of two broadcasts | no, as with the reference |
//!
//! # Passing broadcasts on
//!
//! The program says what is to be sent to its own hub and to the bus that it has: Redis, NATS, a socket between two
//! processes. What goes over the bus are the rooms and the arguments as JSON text, with their attachments. Each node makes its own
//! packets of that.
//!
//! ```
//! use bytes::Bytes;
//! use sio_codec::Timestamp;
//! use sio_codec::socketio::hub::{Hub, Target};
//! use sio_codec::socketio::{Args, Namespace};
//!
//! /// A broadcast on its way to other nodes.
//! #[derive(Clone)]
//! struct Relayed {
//!     namespace: String,
//!     to: Vec<String>,
//!     except: Vec<String>,
//!     name: String,
//!     /// A JSON array. Serialize this type in any form that carries bytes.
//!     args: String,
//!     attachments: Vec<Bytes>,
//! }
//!
//! impl Relayed {
//!     fn target(&self) -> Result<Target, Box<dyn core::error::Error>> {
//!         let target = Target::everyone(&Namespace::new(&self.namespace)?);
//!         let target = self.to.iter().fold(target, |target, room| target.to(room.as_str()));
//!         Ok(self.except.iter().fold(target, |target, room| target.except(room.as_str())))
//!     }
//!
//!     /// For the members that this node has. What came over the bus is not passed on again.
//!     fn deliver(&self, hub: &mut Hub, now: Timestamp) -> Result<usize, Box<dyn core::error::Error>> {
//!         let args = Args::from_json(self.args.as_str(), self.attachments.clone())?;
//!         Ok(hub.broadcast(now, &self.target()?, &self.name, &args)?)
//!     }
//! }
//!
//! // io.to("red").emit("news", 1) on the first of two nodes
//! let args = Args::encode(&(1,))?;
//! let news = Relayed {
//!     namespace: "/".into(),
//!     to: vec!["red".into()],
//!     except: vec![],
//!     name: "news".into(),
//!     args: args.payload().unwrap_or_default().to_string(),
//!     attachments: args.attachments().to_vec(),
//! };
//! # use sio_codec::engineio::Sid;
//! # use sio_codec::socketio::hub;
//! # let now = Timestamp::ZERO;
//! # let mut nodes = [1, 2].map(|seed| {
//! #     let mut hub = Hub::new(hub::Config::default());
//! #     let member = hub.add(&Namespace::root(), &Sid::from_entropy([seed; 15]));
//! #     hub.join(member, "red").unwrap();
//! #     hub
//! # });
//! # let mut bus = Vec::new();
//! bus.push(news.clone());
//! assert_eq!(news.deliver(&mut nodes[0], now)?, 1);
//!
//! // on the other, for each message of the bus
//! for relayed in bus {
//!     assert_eq!(relayed.deliver(&mut nodes[1], now)?, 1);
//! }
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! The deliveries then come out of each node's hub, as always. A bus that loses messages loses broadcasts: the sender is not
//! told.
