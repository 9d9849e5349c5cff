//! JSON text: reading, writing and checking it, with the placeholders that stand for binary values.

pub(super) mod check;
pub(super) mod cursor;
pub(super) mod de;
mod fault;
pub(super) mod literal;
pub(super) mod numbering;
pub(super) mod placeholders;
pub(super) mod ser;
pub(super) mod value;

pub(super) use self::fault::{JsonFault, JsonFaultKind, Unwritable};
pub(super) use self::ser::{append, write_string, write_unsigned, write_value};
#[cfg(feature = "msgpack")]
pub(super) use self::ser::{write_buffer, write_date, write_float, write_signed};
