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

mod de;
mod fault;
mod key;
pub(super) mod ser;
pub(super) mod tokens;
pub(super) mod value;
pub(super) mod write;

pub(super) use self::de::Items;
pub(super) use self::fault::MsgPackFault;
pub(super) use self::ser::{encode_items, encode_value, map_of, with_strings, write_value};
pub(super) use self::value::{member, values};
