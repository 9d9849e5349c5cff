//! Engine.IO and Socket.IO without I/O.
#![no_std]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod engineio;
mod frame;
mod limits;
mod machine;

pub mod socketio;
mod text;
mod time;
mod timers;
#[cfg(test)]
mod vectors;

pub use frame::Frame;
pub use limits::Limits;
pub use machine::{Machine, Output};
pub use text::{InvalidUtf8, Text};
#[cfg(feature = "std")]
pub use time::Clock;
pub use time::Timestamp;
