//! Engine.IO and Socket.IO without I/O.
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod engineio;
mod frame;
mod limits;
mod machine;

pub mod socketio;
mod text;
mod time;
mod timers;

pub use frame::Frame;
pub use limits::Limits;
pub use machine::{Machine, Output};
pub use text::{InvalidUtf8, Text};
#[cfg(feature = "std")]
pub use time::Clock;
pub use time::Timestamp;
