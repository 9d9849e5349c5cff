//! Session ids.

use alloc::sync::Arc;
use core::borrow::Borrow;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The longest id that is taken for one, in bytes.
const MAX_LEN: usize = 128;

/// The id of an Engine.IO session, or of a Socket.IO client in one namespace.
///
/// An Engine.IO sid authenticates its session: a program that knows it can read and write. It is never shown to other
/// clients; the Socket.IO id, which is public, is drawn separately. Cloning shares the text, and a
/// [`Room`](crate::socketio::hub::Room) of that name shares it too.
///
/// The crate draws no random numbers. The program supplies 15 bytes from a secure source per id:
///
/// ```
/// use sio_codec::engineio::Sid;
///
/// let sid = Sid::from_entropy([7; 15]);
/// assert_eq!(sid.as_str(), "BwcHBwcHBwcHBwcHBwcH");
/// ```
//= EIO4-HS-03: non-empty string, unguessable
//= EIO4-HS-17: Not disclose the Engine.IO sid
//= SRV-ID-01: at least 96 random bits
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sid(Arc<str>);

impl Sid {
    /// An id made of 120 random bits: 20 characters of `[A-Za-z0-9_-]`, the shape the reference uses.
    ///
    /// The bytes must come from a cryptographically secure source and be used once.
    #[must_use]
    pub fn from_entropy(bytes: [u8; 15]) -> Self {
        Self(Arc::from(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// An id as a peer wrote it; `None` if it is empty, longer than 128 bytes, or holds white space or control
    /// characters, none of which a live session's id does.
    #[must_use]
    pub fn from_wire(id: &str) -> Option<Self> {
        let plausible = !id.is_empty() && id.len() <= MAX_LEN && id.bytes().all(|byte| byte > b' ' && byte != 0x7f);
        plausible.then(|| Self::as_given(id))
    }

    /// An id whatever it looks like: what a server gives its client, or is put together of a namespace's name.
    pub(crate) fn as_given(id: &str) -> Self {
        Self(Arc::from(id))
    }

    pub(crate) const fn shared(&self) -> &Arc<str> {
        &self.0
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Sid {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sid({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use super::*;

    //= EIO4-HS-03
    //= SRV-ID-01
    #[test]
    fn every_random_bit_counts() {
        let ids: BTreeSet<_> =
            (0..120).map(|bit| Sid::from_entropy((1_u128 << bit).to_be_bytes()[1..].try_into().unwrap())).collect();
        assert_eq!(ids.len(), 120);
        let plain = |id: &Sid| {
            id.as_str().len() == 20
                && id.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        };
        assert!(ids.iter().all(plain), "{ids:?}");
        assert!(ids.iter().all(|id| Sid::from_wire(id.as_str()).as_ref() == Some(id)));
    }
}
