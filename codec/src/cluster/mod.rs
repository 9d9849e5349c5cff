//! The bus between the servers of a cluster: the messages that Socket.IO's Redis adapters exchange.
//!
//! A server keeps its clients and rooms to itself. When there are several, each broadcast has to reach the clients of the others,
//! and each question about sockets has to be answered by all. The servers of Node.js do that with an *adapter*, which puts
//! messages on Redis. This module has these messages, so that a program can be one more server of such a cluster.
//!
//! There are three adapters, which do not understand each other; all servers of a cluster have the same. What they say is one
//! [`Message`], whichever adapter carried it:
//!
//! | module | Redis | what is special |
//! |---|---|---|
//! | [`classic`] | any | every server hears everything |
//! | [`sharded`] | 7 and later, also a Redis Cluster | a server does not hear what is for a room without members of its own |
//! | [`streams`] | any | what was said is kept for a while: clients that come back get what they missed |
//!
//! Each module has a `Codec` for the messages of one namespace: which channels to subscribe to, what to publish, and what was
//! received. It does no I/O and keeps nothing from one message to the next. What it writes is, byte for byte, what the
//! adapter's package for Node.js writes. There are three exceptions, which readers do not notice: [`Flags`] always come in the same
//! order, a [`Value::Float`](crate::socketio::Value::Float) without a fraction is `2.0` in JSON instead of `2`, and a
//! whole number beyond 64 bits is a float, of which the library of the classic adapter makes 0.
//!
//! # Emitters
//!
//! A program without clients of its own can speak to those of a cluster. It writes as [`Sender::Emitter`], which subscribes to
//! nothing and is never answered:
//!
//! ```
//! use sio_codec::cluster::classic::{Codec, Config};
//! use sio_codec::cluster::{Event, Message, Options, Sender};
//! use sio_codec::socketio::{Namespace, Value};
//!
//! let orders = Codec::new(Config::default(), Namespace::new("/orders")?);
//! let packet = Event::new("paid", [Value::from(7_i64)]).into();
//! let paid = Message::Broadcast { packet, options: Options::everyone().to("customer:12") };
//! let publish = orders.publish(&Sender::Emitter, &paid)?;
//! assert_eq!(publish.channel, "socket.io#/orders#customer:12#");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is read
//!
//! What other versions of the packages leave out may be missing: rooms, flags, the namespace of a broadcast; and nil is as
//! good as missing. Dates, binary values and `undefined` are read in the forms that older packages write as well. Anything
//! else is a [`DecodeError`], at which a server drops the message and goes on. The servers of Node.js are not so careful: some
//! malformed messages end them, and whoever can write to Redis can send these.
//!
//! [`Limits::max_bus_message`](crate::Limits::max_bus_message) bounds the size of a message,
//! [`Limits::max_bus_rooms`](crate::Limits::max_bus_rooms) the rooms that it names; arrays and maps may be 127 levels deep.
//!
//! # What JSON loses
//!
//! The adapters write JSON where nothing is binary, and the classic one for everything but broadcasts. There a date becomes its
//! text, and NaN and what is undefined become `null`; a key whose value is undefined is left out. In the MessagePack of the
//! streams adapter such a key stays, with nil.
//!
//! # Floors
//!
//! What a file may import from; every arrow points down.
//!
//! ```text
//! node     → bus classic error event id message options room sharded socket streams   a server among others
//! classic  → bus error event form id message options read room write   one adapter's channels and messages
//! sharded  → bus envelope error form id message room write             the same
//! streams  → bus envelope error form id message read room write        the same
//! envelope → error event id message options read write                 what the latter two share
//! read     → error event id options room socket                        the parts that messages have
//! write    → event options room socket                                 the same
//! message  → error event id options room socket                        one message, and what is around it
//! form     → error                                                     bytes: JSON, MessagePack
//! socket   → room                                                      a socket as others see it
//! options  → room                                                      who a message is for
//! event    →                                                           what an event says
//! room     →                                                           the rooms that it names
//! id       →                                                           who speaks, and of what
//! bus      →                                                           what goes to Redis
//! error    →                                                           what is wrong with a message
//! ```

mod bus;
pub mod classic;
mod envelope;
mod error;
mod event;
mod form;
mod id;
mod message;
pub mod node;
mod options;
mod read;
mod room;
pub mod sharded;
mod socket;
pub mod streams;
mod write;

pub use self::bus::{Publish, Subscription};
pub use self::error::{DecodeError, EncodeError, Undecodable, Violation};
pub use self::event::{Event, Packet};
pub use self::id::{RequestId, Sender, Uid};
pub use self::message::{Envelope, Message};
pub use self::options::{Flags, Options};
pub use self::room::RoomKey;
pub use self::socket::SocketDescriptor;
