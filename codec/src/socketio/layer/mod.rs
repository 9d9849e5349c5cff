//! What the connections of both roles share.

mod ack;
mod dialect;
mod door;
mod drive;
mod error;

use crate::engineio::{self, Encoded};
use crate::machine::Machine;

pub use self::ack::Reply;
pub(super) use self::ack::{Pending, drew};
pub use self::dialect::Dialect;
pub(super) use self::door::Door;
pub(super) use self::drive::{advance, settle};
pub use self::error::{DisconnectReason, EmitError, Violation};

/// What can stand on a session: the server's [`Connection`](super::Connection), or the client's.
///
/// Sealed: the connections of this crate implement it.
///
/// A bound of [`Peer`](crate::socketio::Peer), whose example has one.
pub trait Layer: Machine<Input = engineio::Event, Transmit = Transmit> + sealed::Sealed {}

pub(super) mod sealed {
    use alloc::sync::Arc;

    use crate::engineio::Revision;
    use crate::engineio::{Encoded, SendError};
    use crate::limits::Limits;

    pub trait Sealed {
        /// The connection is on a session, which speaks this and may cost this.
        fn settle(&mut self, revision: Revision, limits: Arc<Limits>);

        /// Whether nothing is to be taken out now.
        fn is_quiet(&self) -> bool;

        /// Gives room back that nothing waits in.
        fn rest(&mut self);

        /// The session, which is not closed, did not take a message.
        fn not_sent(&mut self, messages: Encoded, error: SendError);
    }
}

/// What the connection asks of the session below it.
///
/// ```
/// use sio_codec::engineio::Session;
/// use sio_codec::socketio::Transmit;
/// use sio_codec::Timestamp;
///
/// /// What [`Peer`](sio_codec::socketio::Peer) does with it, in short.
/// fn perform(session: &mut impl Session, now: Timestamp, transmit: &Transmit) {
///     match transmit {
///         // There is no room: keep the messages until `Event::Writable`.
///         Transmit::Send(messages) => drop(session.send(messages)),
///         Transmit::SendVolatile(messages) => drop(session.send_volatile(messages)),
///         Transmit::Close => session.close(now),
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a program that ignores a command is broken")]
pub enum Transmit {
    /// Send these messages, together.
    Send(Encoded),
    /// Send these messages, together, or drop them if they would have to wait.
    SendVolatile(Encoded),
    /// Close the session.
    Close,
}
