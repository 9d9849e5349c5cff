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

pub(super) use self::fault::{JsonFault, JsonFaultKind, Unwritable};
pub(super) use self::ser::{append, write_string, write_unsigned, write_value};
#[cfg(feature = "msgpack")]
pub(super) use self::ser::{write_buffer, write_date, write_float, write_signed};
