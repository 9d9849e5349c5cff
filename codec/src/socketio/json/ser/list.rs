//! What may stand for a whole list of arguments: sequences only.

use serde::ser::Serialize;

use super::JsonWriter;
use super::compound::Compound;
use crate::socketio::bridge::{Failure, Prefix};

/// A serializer that takes sequences and `()`.
pub(in crate::socketio) struct List<'a, 'w> {
    pub(in crate::socketio) writer: &'a mut JsonWriter<'w>,
    pub(in crate::socketio) prefix: Prefix,
}

impl<'a, 'w> List<'a, 'w> {
    #[inline]
    fn open(self, _: usize) -> Result<Compound<'a, 'w>, Failure> {
        Ok(Compound::list(self.writer, self.prefix == Prefix::Empty))
    }
}

crate::socketio::bridge::serializer::list!(List, Compound);
