//! What is wrong with a MessagePack message.

use alloc::boxed::Box;

use crate::socketio::bridge::{Explained, Misfit};

/// What is wrong with a MessagePack message, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MsgPackFault {
    /// It is not MessagePack, is cut short, or is more than one value.
    Malformed {
        /// Byte offset of the fault.
        offset: usize,
    },
    /// Arrays and maps are nested too deeply.
    TooDeep {
        /// Byte offset of the first head too many.
        offset: usize,
    },
}

impl From<MsgPackFault> for Misfit {
    fn from(_: MsgPackFault) -> Self {
        Self
    }
}

impl From<MsgPackFault> for Explained {
    fn from(fault: MsgPackFault) -> Self {
        Self(Box::from(match fault {
            MsgPackFault::Malformed { .. } => "invalid MessagePack",
            MsgPackFault::TooDeep { .. } => "nested too deeply",
        }))
    }
}
