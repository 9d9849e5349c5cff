//! The number that ties an acknowledgement to its event.

use core::fmt;

/// The number that ties an acknowledgement to its event; at most 2^53 - 1, which every host reads exactly.
///
/// ```
/// use sio_codec::socketio::AckId;
///
/// assert_eq!(AckId::new(7).unwrap().value(), 7);
/// assert_eq!(AckId::new(1 << 53), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AckId(i64);

impl AckId {
    /// The largest id.
    pub const MAX: Self = Self((1 << 53) - 1);

    pub(super) const MIN: Self = Self(-Self::MAX.0);

    /// An id; `None` above [`MAX`](Self::MAX).
    //= SIO5-PKT-16
    //= SIO5-PKT-17
    #[must_use]
    pub const fn new(id: u64) -> Option<Self> {
        if id <= Self::MAX.0.cast_unsigned() { Some(Self(id.cast_signed())) } else { None }
    }

    /// An id that may be negative, as only MessagePack can write it; `None` if its size exceeds [`MAX`](Self::MAX).
    #[must_use]
    pub const fn new_signed(id: i64) -> Option<Self> {
        if id.unsigned_abs() <= Self::MAX.0.cast_unsigned() { Some(Self(id)) } else { None }
    }

    /// The number. A negative one, which only MessagePack peers can send, shows as a number above [`MAX`](Self::MAX).
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0.cast_unsigned()
    }

    /// The number with its sign.
    #[must_use]
    pub const fn signed(self) -> i64 {
        self.0
    }
}

impl fmt::Debug for AckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AckId({})", self.0)
    }
}
