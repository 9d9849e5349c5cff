//! Namespaces.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use core::fmt;

use crate::text::Text;

/// The name of a namespace: a path that starts with `/` and holds no comma.
///
/// Names are compared literally; in protocol 5 `/admin?x=1` is another namespace than `/admin`.
///
/// ```
/// use sio_codec::socketio::Namespace;
///
/// assert_eq!(Namespace::new("/admin")?, Namespace::new("admin")?, "a missing slash is added");
/// assert!(Namespace::root().is_root());
/// assert!(Namespace::new("/a,b").is_err());
/// # Ok::<(), sio_codec::socketio::InvalidNamespace>(())
/// ```
//= SIO5-CON-15
//= SIO5-PKT-04
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Namespace(Text);

/// The name holds a comma, which ends a namespace on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidNamespace;

impl Namespace {
    /// The main namespace, `/`.
    #[must_use]
    pub fn root() -> Self {
        Self(Text::from("/"))
    }

    /// A namespace by name; a missing slash is added.
    ///
    /// # Errors
    ///
    /// [`InvalidNamespace`] if the name holds a comma.
    //= SRV-NSP-01
    pub fn new(name: &str) -> Result<Self, InvalidNamespace> {
        if name.contains(',') {
            return Err(InvalidNamespace);
        }
        let path: Cow<'_, str> = if name.starts_with('/') { name.into() } else { format!("/{name}").into() };
        Ok(Self(Text::from(String::from(path))))
    }

    /// Whether it is the main namespace.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0 == "/"
    }

    /// The name, with its slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The name in front of the first `?`, and what follows that: where a client of protocol 4 puts its auth when it
    /// asks for a namespace. Of a name without `?` everything, and nothing.
    ///
    /// [`Limits::max_namespace_len`](crate::Limits::max_namespace_len) bounds the name, and
    /// [`Limits::max_payload`](crate::Limits::max_payload) the query with everything else in its message.
    ///
    /// ```
    /// use sio_codec::socketio::Namespace;
    ///
    /// let (name, query) = Namespace::new("/admin?token=1&uid=x")?.split_query();
    /// assert_eq!((name, query.unwrap()), (Namespace::new("/admin")?, "token=1&uid=x".into()));
    /// assert_eq!(Namespace::root().split_query(), (Namespace::root(), None));
    /// # Ok::<(), sio_codec::socketio::InvalidNamespace>(())
    /// ```
    //= SIO4-CON-06
    #[must_use]
    pub fn split_query(&self) -> (Self, Option<Text>) {
        let Some(mark) = self.0.as_bytes().iter().position(|byte| *byte == b'?') else { return (self.clone(), None) };
        let name = self.0.slice(0..mark).unwrap_or_default();
        (Self::from_wire(name), self.0.slice(mark.saturating_add(1)..self.0.len()))
    }

    /// The same name in a buffer of its own, to outlive the packet that it was cut out of.
    pub(super) fn detached(&self) -> Self {
        if self.is_root() { Self::root() } else { Self(Text::from(String::from(self.as_str()))) }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// A name as it was cut out of a packet, which saw to the comma.
    pub(super) fn from_wire(name: Text) -> Self {
        if name == "/" { Self::root() } else { Self(name) }
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Namespace({self})")
    }
}

impl fmt::Display for InvalidNamespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a namespace cannot hold a comma")
    }
}

impl core::error::Error for InvalidNamespace {}

#[cfg(test)]
mod tests {
    use super::*;

    //= SIO4-CON-06
    #[test]
    fn protocol_4_carries_a_query_behind_the_name() {
        let split = |name: &str| {
            let (namespace, query) = Namespace::new(name).unwrap().split_query();
            (String::from(namespace.as_str()), query.map(|query| String::from(query.as_str())))
        };
        assert_eq!(split("/admin?token=1&uid=a?b"), ("/admin".into(), Some("token=1&uid=a?b".into())));
        assert_eq!(split("/admin?"), ("/admin".into(), Some(String::new())));
        assert_eq!(split("/?x"), ("/".into(), Some("x".into())));
        assert_eq!(split("/admin"), ("/admin".into(), None));
    }
}
