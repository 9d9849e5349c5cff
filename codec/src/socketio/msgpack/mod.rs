//! Packets as MessagePack, the form of `socket.io-msgpack-parser` 3.0.2: one binary message per packet.
//!
//! ```text
//! packet = map of  type: 0 to 4    nsp: string    data: by type    id: integer, or absent    and whatever else
//! ```
//!
//! There are no placeholders and no attachments: binary values stand where they are. What JavaScript has and MessagePack
//! lacks is written as the reference does: `undefined` as `d4 00 00`, which in a packet's map means that the key is
//! absent, and a date as `d7 00` and eight bytes of milliseconds.
//!
//! Reading is linear in the size of the message, follows 127 levels of nesting, and allocates nothing by what a length
//! claims. Arguments stay as they are until they are asked for; reserved names are not looked at, as in the reference.
//!
//! The messages between the servers of a cluster are MessagePack as well, but other libraries write them: `library.rs`.

mod de;
mod fault;
mod key;
mod library;
pub(super) mod ser;
mod timestamp;
pub(super) mod tokens;
pub(super) mod value;
pub(super) mod write;

pub(super) use self::de::Items;
pub(crate) use self::fault::MsgPackFault;
#[cfg(feature = "cluster")]
pub(crate) use self::library::Library;
#[cfg(feature = "cluster")]
pub(crate) use self::ser::write_as;
pub(super) use self::ser::{encode_items, encode_value, map_of, with_strings, write_value};
#[cfg(feature = "cluster")]
pub(crate) use self::value::read_message;
pub(super) use self::value::{member, values};
