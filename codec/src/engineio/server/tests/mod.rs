//! A session's life, told as scenarios.
//!
//! | file | what it tests |
//! |---|---|
//! | `polling.rs` | the handshake, GETs and POSTs, a second GET or POST among them |
//! | `posts.rs` | the recorded POSTs: one body after the other |
//! | `upgrade.rs` | from polling to a WebSocket: the probe, the upgrade, and how they fail |
//! | `websocket.rs` | messages on a WebSocket |
//! | `heartbeat.rs` | pings, pongs, and clients that fall silent |
//! | `queueing.rs` | what waits to be sent, and what is refused when the queue is full |
//! | `pace.rs` | clients that send faster than they read |
//! | `closing.rs` | how sessions end |
//! | `driver.rs` | the replies and the outlet of a session |
//! | `dialect.rs` | JSONP, and WebSockets without binary frames |
//! | `eio3/` | what is different in revision 3 |
//! | `script.rs` | the language of the scenarios |

mod closing;
mod dialect;
pub(super) mod driver;
mod eio3;
mod heartbeat;
mod pace;
mod polling;
mod posts;
mod queueing;
mod script;
mod upgrade;
mod websocket;
