//! The envelope that the sharded and the streams adapter share: `{type, data, uid, nsp}`.
//!
//! Source: `socket.io-adapter` 2.5.8, `cluster-adapter.js`.

mod kind;
mod read;
mod write;

pub(super) use self::read::{envelope, message};
pub(super) use self::write::{Written, WrittenEnvelope, has_binary};
