//! Packets as JSON text.

pub(super) mod arguments;
pub(in crate::socketio) mod encode;
pub(super) mod head;
pub(super) mod parse;
pub(super) mod view;
