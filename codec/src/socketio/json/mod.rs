//! JSON text: reading, writing and checking it, with the placeholders that stand for binary values.
//!
//! | file | what it does |
//! |---|---|
//! | `ser/` | writes values; numbers the attachments of what is sent (`ser/mod.rs`) |
//! | `numbering.rs` | numbers the attachments of what arrived anew, if they are not in order |
//! | `placeholders.rs` | finds the placeholders in a text |
//! | `de.rs` | reads types of the program, with the attachments in place of their placeholders |
//! | `value.rs` | reads values of any shape, with the attachments likewise |
//! | `check/` | checks the grammar |
//! | `cursor.rs` | steps over tokens |
//! | `literal.rs` | reads strings and numbers |
//! | `fault.rs` | the errors |

pub(super) mod check;
pub(super) mod cursor;
pub(super) mod de;
mod fault;
pub(super) mod literal;
pub(super) mod numbering;
pub(super) mod placeholders;
pub(super) mod ser;
pub(super) mod value;

#[cfg(feature = "cluster")]
use crate::text::Text;

pub(super) use self::fault::Unwritable;
pub(crate) use self::fault::{JsonFault, JsonFaultKind};
pub(crate) use self::ser::write_value;
pub(super) use self::ser::{append, write_string, write_unsigned};
#[cfg(feature = "msgpack")]
pub(super) use self::ser::{write_buffer, write_date, write_float, write_signed};

/// Reads the one value that a text is, which may be anything. Strings without escapes are handles to the text.
#[cfg(feature = "cluster")]
pub(crate) fn read(text: &Text) -> Result<super::value::Value, JsonFault> {
    check::validate(text.as_bytes())?;
    value::read_one(text)
}
