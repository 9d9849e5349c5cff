//! Who a message is for, and how it is delivered.

use alloc::vec::Vec;
use core::time::Duration;

use super::room::RoomKey;

/// Who a message is for, and how it is delivered.
///
/// Every receiving server looks for members among its own clients: those in any of `rooms`, or all if there is none, without
/// those in any of `except`.
///
/// ```
/// use sio_codec::cluster::Options;
///
/// let others_in_red = Options::everyone().to("red").except("idOfTheSender");
/// assert_eq!((others_in_red.rooms.len(), others_in_red.except.len()), (1, 1));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// The rooms whose members are meant; if empty, everyone in the namespace.
    pub rooms: Vec<RoomKey>,
    /// The rooms whose members are left out in any case.
    pub except: Vec<RoomKey>,
    /// How it is delivered. The classic adapter has none for anything but broadcasts.
    pub flags: Flags,
}

impl Options {
    /// Everyone in the namespace.
    #[must_use]
    pub fn everyone() -> Self {
        Self::default()
    }

    /// The members of this room, and of those named before.
    #[must_use]
    pub fn to(mut self, room: impl Into<RoomKey>) -> Self {
        self.rooms.push(room.into());
        self
    }

    /// Not the members of this room.
    #[must_use]
    pub fn except(mut self, room: impl Into<RoomKey>) -> Self {
        self.except.push(room.into());
        self
    }

    /// Replaces [`flags`](Self#structfield.flags).
    #[must_use]
    pub const fn with_flags(mut self, flags: Flags) -> Self {
        self.flags = flags;
        self
    }
}

/// How a message is delivered.
///
/// Written in the order of the fields, without those that are not set. Whatever else a peer sets means nothing to a receiver
/// and is not kept. What a program in JavaScript marks as local is never sent.
///
/// ```
/// use core::time::Duration;
/// use sio_codec::cluster::Flags;
///
/// let flags = Flags::default().with_volatile().with_timeout(Duration::from_secs(2));
/// assert!(flags.volatile && flags.compress.is_none());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Flags {
    /// The sender takes the first answer of a client instead of a list.
    pub expect_single_response: bool,
    /// A client whose connection cannot take the packet at once does not get it.
    pub volatile: bool,
    /// Whether the packet is worth compressing; the sender may not care.
    pub compress: Option<bool>,
    /// How long the sender waits for answers, in whole milliseconds on the wire.
    pub timeout: Option<Duration>,
}

impl Flags {
    /// Sets [`expect_single_response`](Self#structfield.expect_single_response).
    #[must_use]
    pub const fn with_expect_single_response(mut self) -> Self {
        self.expect_single_response = true;
        self
    }

    /// Sets [`volatile`](Self#structfield.volatile).
    #[must_use]
    pub const fn with_volatile(mut self) -> Self {
        self.volatile = true;
        self
    }

    /// Replaces [`compress`](Self#structfield.compress).
    #[must_use]
    pub const fn with_compress(mut self, compress: bool) -> Self {
        self.compress = Some(compress);
        self
    }

    /// Replaces [`timeout`](Self#structfield.timeout). Parts of a millisecond are not written.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}
