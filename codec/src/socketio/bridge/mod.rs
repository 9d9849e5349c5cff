//! What the JSON and the MessagePack form both need of serde.

mod key;
pub(super) mod serializer;

pub(super) use self::key::KeyText;
pub(super) use super::args::Lead;
#[cfg(feature = "msgpack")]
pub(super) use super::args::de::ReadItems;
pub(super) use super::json::de::Misfit;
pub(super) use super::json::ser::Failure;
