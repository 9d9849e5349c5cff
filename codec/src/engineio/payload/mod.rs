//! Several packets in one polling body.
//!
//! ```text
//! V4        packet *( %x1e packet )                     "4hello" 1e "bAQIDBA=="
//! V3Text    1*( length ":" packet )                     "6:4hello" "10:b4AQIDBA=="
//! V3Binary  *( marker length %xff packet )              00 06 ff "4hello"   01 05 ff 04 01 02 03 04
//! ```
//!
//! The length counts UTF-16 units in `V3Text` and bytes in `V3Binary`, where each decimal digit is a byte 0 to 9.
//!
//! [`PacketsRef`] and [`Packets`] read a body, [`Encoder`] writes one, and [`Bodies`] writes as many as a limit on their
//! size requires.

mod decimal;
mod encoder;
pub(super) mod format;
mod packets;
mod v3_binary;
mod v3_text;
mod v4;

pub use encoder::{Bodies, Encoder, Unsent};

pub use format::Format;
pub use packets::{Packets, PacketsRef};
pub(super) use v4::has_separator;

/// One element of a payload: where its packet is, and what.
#[derive(Clone, Copy, Debug)]
struct Element {
    form: Form,
    start: usize,
    end: usize,
    /// Where the element after it starts.
    next: usize,
}

// As wide as its neighbours, for the reason given at `PacketErrorKind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
enum Form {
    Text,
    Binary,
}

#[cfg(test)]
mod tests;
