//! The bus between the servers of a cluster: the messages that Socket.IO's Redis adapters exchange.
//!
//! A server keeps its clients and rooms to itself. When there are several, each broadcast has to reach the clients of the others,
//! and each question about sockets has to be answered by all. The servers of Node.js do that with an *adapter*, which puts
//! messages on Redis. This module has these messages, so that a program can be one more server of such a cluster.
//!
//! There are three adapters, which do not understand each other; all servers of a cluster have the same. What they say is one
//! [`Message`], whichever adapter carried it.
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
