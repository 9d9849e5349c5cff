//! Several packets in one polling body.
//!
//! ```text
//! payload = packet *( %x1e packet )        "4hello" 1e "bAQIDBA==" 1e "2"
//! ```

mod v4;

pub(super) use v4::check_separator;
pub use v4::{Encoder, Packets};
