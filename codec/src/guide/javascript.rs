//! The calls of socket.io and socket.io-client, and the same here.
//!
//! Three things differ. There are no callbacks: what a handler would be told comes out of
//! [`poll_output`](crate::Machine::poll_output) as an event. A [`Hub`](crate::socketio::hub::Hub) knows who is in which room; the
//! program keeps the connections, and has them make the hub's deliveries. And the time is an argument, where it matters.
//!
//! # A server
//!
//! | JavaScript | here |
//! |---|---|
//! | `io.on("connection", ...)`, `io.of("/chat")` | [`Event::ConnectRequested`](crate::socketio::Event::ConnectRequested), whose namespace the program compares |
//! | `io.use((socket, next) => next(new Error("no")))` | [`refuse`](crate::socketio::Connection::refuse) in place of [`accept`](crate::socketio::Connection::accept) |
//! | `socket.use(([name, ...args], next) => ...)` | the program looks at [`Event::Received`](crate::socketio::Event::Received) before it acts |
//! | `socket.on("hello", (...args) => ...)` | [`Event::Received`](crate::socketio::Event::Received) |
//! | `socket.on("disconnecting", ...)`, then `"disconnect"` | [`Event::Disconnected`](crate::socketio::Event::Disconnected), before and after [`Hub::remove`](crate::socketio::hub::Hub::remove) |
//! | `socket.handshake.auth` | `auth` of `ConnectRequested`; `query` and `headers` are the request's, which the program has seen |
//! | `socket.conn.on("upgrade", ...)` | with a `Peer`, `peer.session().transport()` tells after each drain; without, [`engineio::Event::Upgraded`](crate::engineio::Event::Upgraded) |
//! | `socket.data` | whatever the program keeps for a [`MemberId`](crate::socketio::hub::MemberId) |
//! | `io.serverSideEmit(...)` | between processes, and the program's |
//!
//! ```
//! use core::time::Duration;
//! use sio_codec::engineio::Sid;
//! use sio_codec::socketio::hub::{Event as HubEvent, Hub, Target, Transmit};
//! use sio_codec::socketio::{Binary, Connection, Event, Json, Namespace};
//! use sio_codec::{Machine, Output};
//!
//! # use sio_codec::engineio::Event::{Message, Opened};
//! # use sio_codec::socketio::{Config, hub};
//! # use sio_codec::{Frame, Timestamp};
//! # let (now, root) = (Timestamp::ZERO, Namespace::root());
//! # let mut hub = Hub::new(hub::Config::default());
//! # let mut socket = Connection::new(Config::default());
//! # socket.handle(now, Opened);
//! # for text in ["0", "0/admin,"] { socket.handle(now, Message(Frame::from(text))); }
//! # let (sid, admin) = (Sid::from_entropy([9; 15]), Namespace::new("/admin")?);
//! // io.on("connection", (socket) => ...)
//! let Some(Output::Event(Event::ConnectRequested { namespace, auth })) = socket.poll_output() else { unreachable!() };
//! socket.accept(&namespace, &sid)?;
//! let member = hub.add(&namespace, &sid);
//! # while !matches!(socket.poll_output(), Some(Output::Event(_))) {}
//!
//! // io.of("/admin").use((socket, next) => next(error))       error.message is "no", error.data is { code: 7 }
//! socket.refuse(&admin, "no", Some(&Json::new(r#"{"code":7}"#.into())?))?;
//! # socket.handle(now, Message(Frame::from(r#"21["ask"]"#)));
//! # let reply = loop {
//! #     if let Some(Output::Event(Event::Received { reply, .. })) = socket.poll_output() { break reply.unwrap() }
//! # };
//!
//! // socket.on("ask", (callback) => callback("yes"))
//! socket.acknowledge(reply, ("yes",))?;
//!
//! // socket.emit("hello", 1, "two", Buffer.from([3]))
//! socket.emit(&root, "hello", (1, "two", Binary(vec![3].into())))?;
//! // socket.volatile.emit("position", 1)
//! socket.emit_volatile(&root, "position", (1,))?;
//! // socket.timeout(5000).emitWithAck("ask")      Acked or AckTimedOut follows, with this id
//! let id = socket.emit_with_ack(now, &root, "ask", (), Duration::from_secs(5))?;
//!
//! // socket.join("red"), socket.leave("red"), socket.rooms
//! hub.join(member, "red")?;
//! assert_eq!(hub.rooms_of(member).count(), 2);
//! hub.leave(member, "blue")?;
//!
//! // io.emit("news", 1)
//! hub.broadcast(now, &Target::everyone(&root), "news", (1,))?;
//! // io.to("red").to("blue").except("green").emit("news", 1)
//! hub.broadcast(now, &Target::everyone(&root).to("red").to("blue").except("green"), "news", (1,))?;
//! // socket.broadcast.emit("news", 1), socket.to("red").emit("news", 1)
//! hub.broadcast(now, &Target::everyone(&root).except(&sid), "news", (1,))?;
//! hub.broadcast(now, &Target::everyone(&root).to("red").except(&sid), "news", (1,))?;
//! // io.to(socket.id).emit("news", 1)             the room of its own id
//! hub.broadcast(now, &Target::everyone(&root).to(&sid), "news", (1,))?;
//! // io.volatile.emit("news", 1), io.local.emit("news", 1)
//! hub.broadcast(now, &Target::everyone(&root).volatile(), "news", (1,))?;
//! hub.broadcast(now, &Target::everyone(&root).local(), "news", (1,))?;
//! // io.timeout(5000).emitWithAck("ready?")       Settled follows, with who answered what, and who did not
//! hub.broadcast_with_ack(now, &Target::everyone(&root), "ready?", (), Duration::from_secs(5))?;
//!
//! // await io.in("red").fetchSockets()
//! let members = hub.fetch(&Target::everyone(&root).to("red"));
//! // io.in("red").socketsJoin("blue"), io.in("red").socketsLeave("blue")
//! hub.join_all(&Target::everyone(&root).to("red"), "blue");
//! hub.leave_all(&Target::everyone(&root).to("red"), "blue");
//! // io.in("red").disconnectSockets(true)
//! hub.disconnect_all(&Target::everyone(&root).to("red"), true);
//! // io.of("/").adapter.on("join-room", (room, id) => ...)    what the hub says, beside what is to be done
//! while let Some(output) = hub.poll_output() {
//!     match output {
//!         Output::Transmit(Transmit::Deliver { member: _, broadcast }) => socket.deliver(now, &broadcast)?,
//!         Output::Transmit(Transmit::Disconnect { close: true, .. }) => socket.close(),
//!         Output::Transmit(Transmit::Disconnect { close: false, .. }) => socket.disconnect(&root)?,
//!         Output::Event(HubEvent::Joined { room, member, .. }) => println!("{member:?} is in {room}"),
//!         Output::Event(_) => {}
//!     }
//! }
//! // socket.disconnect(), socket.disconnect(true), io.close()
//! let _ = (Connection::disconnect, Connection::close, Connection::shut_down);
//! # assert_eq!((members, auth), (vec![member], None));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # A client
//!
//! | JavaScript | here |
//! |---|---|
//! | `io("https://example.com", {...})` | [`Client::new`](crate::socketio::client::Client::new), and with the feature `http` an `Endpoint` |
//! | `transports`, `query`, `timeout` | [`engineio::client::Config`](crate::engineio::client::Config) |
//! | `reconnectionDelay`, `ackTimeout`, `retries` | [`Config`](crate::socketio::client::Config) |
//! | `socket.on("connect", ...)`, `"connect_error"`, `"disconnect"` | [`Connected`](crate::socketio::client::Event::Connected), [`Refused`](crate::socketio::client::Event::Refused) or [`Closed`](crate::socketio::client::Event::Closed), [`Disconnected`](crate::socketio::client::Event::Disconnected) |
//! | `socket.io.on("reconnect_attempt", ...)`, `"reconnect"`, `"reconnect_failed"` | [`Reconnecting`](crate::socketio::client::Event::Reconnecting), [`Reconnected`](crate::socketio::client::Event::Reconnected), [`ReconnectFailed`](crate::socketio::client::Event::ReconnectFailed) |
//! | `socket.id`, `socket.recovered` | in [`Connected`](crate::socketio::client::Event::Connected) |
//!
//! ```
//! use core::time::Duration;
//! use sio_codec::socketio::client::{Auth, Client, Config};
//! use sio_codec::socketio::{Json, Namespace};
//! use sio_codec::{Timestamp, engineio};
//!
//! # let (now, root, chat) = (Timestamp::ZERO, Namespace::root(), Namespace::new("/chat")?);
//! // const socket = io("https://example.com", { auth: { token: "123" } }), io("https://example.com/chat")
//! let mut client = Client::new(engineio::client::Config::default(), Config::default(), 42);
//! client.socketio(now).connect(&root, Auth::Fixed(Json::new(r#"{"token":"123"}"#.into())?))?;
//! client.socketio(now).connect(&chat, Auth::None)?;
//! // { auth: (callback) => callback({ token: fresh() }) }     AuthWanted is answered with authenticate
//! let fresh = Auth::Fresh;
//!
//! // socket.emit("hello", 1)                      waits until the namespace is joined, as in JavaScript
//! client.socketio(now).emit(&root, "hello", (1,))?;
//! // socket.volatile.emit("position", 1)
//! client.socketio(now).emit_volatile(&root, "position", (1,))?;
//! // socket.timeout(5000).emitWithAck("ask", 1)   Acked, AckTimedOut or AckLost follows, with this id
//! let id = client.socketio(now).emit_with_ack(now, &root, "ask", (1,), Some(Duration::from_secs(5)))?;
//!
//! // socket.disconnect(), socket.connect()
//! client.socketio(now).disconnect(&chat)?;
//! client.socketio(now).connect(&chat, Auth::None)?;
//! // socket.io.open()                             now, instead of after the delay
//! client.open(now);
//! // disconnect() on every socket
//! client.socketio(now).close();
//! # let _ = (fresh, id);
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
