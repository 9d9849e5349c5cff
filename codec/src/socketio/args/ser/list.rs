//! What may stand for a whole list of arguments: sequences only.

use serde::ser::Serialize;

use super::compound::Compound;
use super::{Failure, Writer};
use crate::socketio::args::Lead;

/// A serializer that takes sequences and `()`.
pub(super) struct List<'a, 'w> {
    pub(super) writer: &'a mut Writer<'w>,
    pub(super) lead: Lead,
}

impl<'a, 'w> List<'a, 'w> {
    #[inline]
    fn open(self, _: usize) -> Result<Compound<'a, 'w>, Failure> {
        Ok(Compound::list(self.writer, self.lead == Lead::Bare))
    }
}

super::shared::list!(List, Compound);
