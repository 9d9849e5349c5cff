//! Settings of a hub.

use crate::limits::Limits;
use crate::socketio::args::Parser;
use alloc::sync::Arc;

use super::recovery::Recovery;

/// Limits and options of a [`Hub`](super::Hub).
///
/// ```
/// use sio_codec::Limits;
/// use sio_codec::socketio::hub::{Config, Hub, Recovery};
///
/// let limits = Limits::default().with_max_rooms_per_member(16);
/// let hub = Hub::new(Config::default().with_limits(limits).with_recovery(Recovery::new([1, 2, 3, 4, 5, 6])));
/// # drop(hub);
/// ```
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct Config {
    /// The form of what is broadcast; all connections of a server speak the same. Default JSON.
    pub parser: Parser,
    /// What the hub does with namespaces that were not [declared](super::Hub::declare), when their last member leaves.
    pub children: Children,
    /// Whether clients that lost their connection can come back to where they were. Default: they cannot.
    pub recovery: Option<Recovery>,
    /// What one member may cost.
    pub limits: Arc<Limits>,
    /// Bytes that all broadcasts together may take that [wait for answers](super::Hub::broadcast_with_ack): 192 for each
    /// receiver from the start, in which 32 bytes of arguments have room, and what is answered beyond that.
    ///
    /// Default 64 MiB, enough to wait for 350,000 short answers; the reference has no such bound. A broadcast that there is no
    /// room for is refused to the caller with [`EmitError::TooManyAcks`](crate::socketio::EmitError::TooManyAcks); a member
    /// whose answer there is no room for is among the [missing](super::Event::Settled).
    pub max_answer_bytes: usize,
}

/// What the hub does with an empty dynamic namespace.
///
/// ```
/// use sio_codec::engineio::Sid;
/// use sio_codec::socketio::hub::{Children, Config, Hub};
/// use sio_codec::socketio::{DisconnectReason, Namespace};
/// use sio_codec::Timestamp;
///
/// for (children, left) in [(Children::Remove, 0), (Children::Keep, 1)] {
///     let mut hub = Hub::new(Config::default().with_children(children));
///     let member = hub.add(&Namespace::new("/game-7")?, &Sid::from_entropy([9; 15]));
///     hub.remove(Timestamp::ZERO, member, DisconnectReason::ClientNamespace);
///     assert_eq!(hub.namespaces().count(), left);
/// }
/// # Ok::<(), sio_codec::socketio::InvalidNamespace>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "it is kept or it is not")]
pub enum Children {
    /// It is forgotten, and created anew when somebody comes. The default, because otherwise clients that choose names
    /// make the hub grow; a server of the reference has to ask for it.
    #[default]
    Remove,
    /// It stays.
    Keep,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            parser: Parser::default(),
            children: Children::default(),
            recovery: None,
            limits: Arc::default(),
            max_answer_bytes: 64 << 20,
        }
    }
}

impl Config {
    /// Replaces [`parser`](Self#structfield.parser).
    #[must_use]
    pub const fn with_parser(mut self, parser: Parser) -> Self {
        self.parser = parser;
        self
    }

    /// Replaces [`children`](Self#structfield.children).
    #[must_use]
    pub const fn with_children(mut self, children: Children) -> Self {
        self.children = children;
        self
    }

    /// Replaces [`recovery`](Self#structfield.recovery).
    #[must_use]
    pub const fn with_recovery(mut self, recovery: Recovery) -> Self {
        self.recovery = Some(recovery);
        self
    }

    /// Replaces [`limits`](Self#structfield.limits).
    #[must_use]
    pub fn with_limits(mut self, limits: impl Into<Arc<Limits>>) -> Self {
        self.limits = limits.into();
        self
    }
    /// Replaces [`max_answer_bytes`](Self#structfield.max_answer_bytes).
    #[must_use]
    pub const fn with_max_answer_bytes(mut self, bytes: usize) -> Self {
        self.max_answer_bytes = bytes;
        self
    }
}
