//! What may stand for a whole list of arguments: sequences only.

use serde::ser::Serialize;

use super::JsonWriter;
use super::compound::Compound;
use crate::socketio::bridge::{Failure, Prefix};

/// A serializer that takes sequences and `()`.
pub(super) struct List<'a, 'w> {
    pub(super) writer: &'a mut JsonWriter<'w>,
    pub(super) prefix: Prefix,
}

impl<'a, 'w> List<'a, 'w> {
    #[inline]
    fn open(self, _: usize) -> Result<Compound<'a, 'w>, Failure> {
        Ok(Compound::list(self.writer, self.prefix == Prefix::Empty))
    }
}

crate::socketio::bridge::serializer::list!(List, Compound);
