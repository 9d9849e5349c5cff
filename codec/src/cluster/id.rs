//! Who speaks on the bus, and which question an answer is for.

use alloc::string::String;
use alloc::sync::Arc;
use core::borrow::Borrow;
use core::fmt::{self, Write as _};

/// The longest id that is taken for one, in bytes.
const MAX_LEN: usize = 128;

/// What emitters call themselves.
const EMITTER: &str = "emitter";

/// The 64 characters of a short id.
const SHORT: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

macro_rules! id {
    ($(#[$doc:meta])* pub struct $name:ident except $reserved:expr;) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Six characters of `[A-Za-z0-9_-]`, the shape of the classic adapter. Of each random byte six bits count.
            #[must_use]
            pub fn short(entropy: [u8; 6]) -> Self {
                let character = |byte: u8| SHORT.get(usize::from(byte & 63)).copied().map_or('-', char::from);
                Self(entropy.into_iter().map(character).collect::<String>().into())
            }

            /// Sixteen lower-case hexadecimal digits, the shape of the sharded and of the streams adapter.
            #[must_use]
            pub fn hex(entropy: [u8; 8]) -> Self {
                Self(entropy.into_iter().fold(String::with_capacity(16), |mut text, byte| {
                    // Writing into a string does not fail.
                    let _ = write!(text, "{byte:02x}");
                    text
                }).into())
            }

            /// An id as another server wrote it; `None` if it is empty, longer than 128 bytes, or reserved.
            #[must_use]
            pub fn from_wire(id: &str) -> Option<Self> {
                let plausible = !id.is_empty() && id.len() <= MAX_LEN && $reserved != Some(id);
                plausible.then(|| Self(Arc::from(id)))
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.as_str())
            }
        }
    };
}

id! {
    /// The name of one server in one namespace, on the bus. Cloning shares the text.
    ///
    /// A server of the reference draws one for each namespace; nothing depends on that. Its messages carry it, by which it knows them when they
    /// come back, and by which others know where to send an answer. The crate draws no random numbers:
    ///
    /// ```
    /// use sio_codec::cluster::Uid;
    ///
    /// assert_eq!(Uid::short([0, 1, 26, 52, 62, 63]).as_str(), "ABa0-_");
    /// assert_eq!(Uid::hex([0, 1, 2, 3, 4, 5, 6, 255]).as_str(), "00010203040506ff");
    /// assert_eq!(Uid::from_wire("emitter"), None, "no server may call itself so");
    /// ```
    pub struct Uid except Some(EMITTER);
}

id! {
    /// What ties an answer to its question. Cloning shares the text.
    ///
    /// The server that asks draws one for each question; it has the shape of a [`Uid`].
    ///
    /// ```
    /// use sio_codec::cluster::RequestId;
    ///
    /// assert_eq!(RequestId::short([9, 9, 9, 9, 9, 9]).as_str(), "JJJJJJ");
    /// ```
    pub struct RequestId except None;
}

/// Who sent a message.
///
/// The example of [`classic`](super::classic) has one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sender {
    /// A server.
    Node(Uid),
    /// A program without clients of its own, which only speaks: an emitter. It calls itself `emitter`, or nothing at all where
    /// the classic adapter makes members join, leave or disconnect.
    Emitter,
    /// The message does not say. No answer of the classic adapter does, and no question of its old versions.
    Unnamed,
}

impl Sender {
    /// The sender who writes this.
    pub(super) fn named(uid: &str) -> Option<Self> {
        if uid == EMITTER { Some(Self::Emitter) } else { Uid::from_wire(uid).map(Self::Node) }
    }

    /// What it writes, if anything.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Node(uid) => Some(uid.as_str()),
            Self::Emitter => Some(EMITTER),
            Self::Unnamed => None,
        }
    }

    /// The name of a server.
    #[must_use]
    pub const fn uid(&self) -> Option<&Uid> {
        if let Self::Node(uid) = self { Some(uid) } else { None }
    }
}
