//! The server's side: connections, and the hub that knows all their clients.
//!
//! | file of `connection/` | what it holds |
//! |---|---|
//! | `mod.rs` | the machine, its timers, and how it ends |
//! | `receive.rs` | what the client's packets do |
//! | `verbs.rs` | what the application does |
//! | `memberships.rs` | the namespaces that the client is in, or asks for |
//! | `config.rs`, `event.rs` | the settings and the events |
//!
//! | file of `hub/` | what it holds |
//! |---|---|
//! | `mod.rs` | the machine and its timers |
//! | `membership.rs` | members that come and go, and the rooms that they join and leave |
//! | `target.rs` | which rooms a broadcast names |
//! | `rooms.rs` | who is in which room; `Index::select` finds the receivers of a broadcast |
//! | `speaking.rs` | sending a broadcast |
//! | `broadcast.rs` | the event that all receivers share |
//! | `answers.rs` | broadcasts that wait for acknowledgements |
//! | `recovery.rs` | what clients missed, for those that come back |
//! | `member_rooms.rs`, `room.rs` | the rooms of one member; the names of members and rooms |
//! | `config.rs`, `event.rs` | the settings and the events |

pub(super) mod connection;
pub mod hub;
