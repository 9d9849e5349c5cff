//! What may stand for a whole list of arguments: sequences only.

use serde::ser::Serialize;

use super::Writer;
use super::compound::Compound;
use crate::socketio::bridge::{Failure, Lead};

/// A serializer that takes sequences and `()`.
pub(in crate::socketio) struct List<'a, 'w> {
    pub(in crate::socketio) writer: &'a mut Writer<'w>,
    pub(in crate::socketio) lead: Lead,
}

impl<'a, 'w> List<'a, 'w> {
    #[inline]
    fn open(self, _: usize) -> Result<Compound<'a, 'w>, Failure> {
        Ok(Compound::list(self.writer, self.lead == Lead::Bare))
    }
}

crate::socketio::bridge::serializer::list!(List, Compound);
