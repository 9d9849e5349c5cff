//! Namespaces.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::engineio::Sid;
use crate::names::names;
use crate::text::Text;

/// The name of a namespace: a path that starts with `/`.
///
/// Names are compared literally; in protocol 5 `/admin?x=1` is another namespace than `/admin`.
///
/// A name stands on the wire as it is, not as a JSON string, so that [`new`](Self::new) takes only what every transport
/// carries. A name that a peer sent is taken as it came: it can be answered on the transport that carried it.
///
/// ```
/// use sio_codec::socketio::{InvalidNamespace, Namespace};
///
/// assert_eq!(Namespace::new("/admin")?, Namespace::new("admin")?, "a missing slash is added");
/// assert_eq!("admin".parse::<Namespace>()?, "/admin");
/// assert!(Namespace::root().is_root());
/// assert_eq!(Namespace::new("/a,b"), Err(InvalidNamespace::Comma));
/// # Ok::<(), sio_codec::socketio::InvalidNamespace>(())
/// ```
//= SIO5-CON-15: literally in protocol 5
//= SIO5-PKT-04: everything between `/` and `,`
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Namespace(Text);

/// Why a text cannot be the name of a namespace: what it holds would not arrive, or not as it is.
///
/// [`Namespace::new`] returns it; the example of [`Namespace`] shows one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvalidNamespace {
    /// A comma. It ends the name in a packet, on every transport.
    Comma,
    /// U+001E. It separates the packets of a polling body of Engine.IO 4, so that the name would be cut there, and only
    /// clients on a WebSocket could use it.
    Separator,
    /// A carriage return, or a newline behind a backslash. A form carries neither, so that a browser that polls with JSONP
    /// would send another name.
    LineBreak,
}

names!(InvalidNamespace: Comma Separator LineBreak);

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
    /// [`InvalidNamespace`] if not every transport can carry the name.
    //= EIO4-PLD-07
    //= SRV-NSP-01
    pub fn new(name: &str) -> Result<Self, InvalidNamespace> {
        if name.contains(',') {
            return Err(InvalidNamespace::Comma);
        }
        if name.contains('\u{1e}') {
            return Err(InvalidNamespace::Separator);
        }
        if name.contains('\r') || name.contains("\\\n") {
            return Err(InvalidNamespace::LineBreak);
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

    /// The same name in a separate buffer, which can outlive the packet that it was cut out of.
    pub(crate) fn detached(&self) -> Self {
        if self.is_root() { Self::root() } else { Self(Text::from(String::from(self.as_str()))) }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// A name as it was cut out of a packet, which saw to the comma. It may hold what [`new`](Self::new) refuses: what a
    /// WebSocket brought can be answered there.
    pub(crate) fn from_wire(name: Text) -> Self {
        if name == "/" { Self::root() } else { Self(name) }
    }
}

impl FromStr for Namespace {
    type Err = InvalidNamespace;

    /// As [`new`](Self::new).
    fn from_str(name: &str) -> Result<Self, InvalidNamespace> {
        Self::new(name)
    }
}

impl PartialEq<str> for Namespace {
    fn eq(&self, other: &str) -> bool {
        self.0 == *other
    }
}

impl PartialEq<&str> for Namespace {
    fn eq(&self, other: &&str) -> bool {
        self.0 == **other
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
        f.write_str(match self {
            Self::Comma => "a namespace cannot hold a comma, which ends its name",
            Self::Separator => "a namespace cannot hold U+001E, which separates packets in polling",
            Self::LineBreak => {
                "a namespace cannot hold a carriage return, or a newline behind a backslash, which JSONP changes"
            }
        })
    }
}

impl core::error::Error for InvalidNamespace {}

impl Namespace {
    /// The id under which a client of protocol 4 knows itself in this namespace, and which other clients see.
    ///
    /// It is made from the id of the session, which is a secret in protocol 5 and public here.
    ///
    /// ```
    /// use sio_codec::engineio::Sid;
    /// use sio_codec::socketio::Namespace;
    ///
    /// let session = Sid::from_entropy([7; 15]);
    /// assert_eq!(Namespace::root().client_id(&session), session);
    /// assert_eq!(Namespace::new("/chat")?.client_id(&session).as_str(), "/chat#BwcHBwcHBwcHBwcHBwcH");
    /// # Ok::<(), sio_codec::socketio::InvalidNamespace>(())
    /// ```
    #[must_use]
    pub fn client_id(&self, session: &Sid) -> Sid {
        if self.is_root() { session.clone() } else { Sid::as_given(&format!("{self}#{session}")) }
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString as _;

    use super::*;
    use crate::engineio::jsonp;
    use crate::engineio::payload::{Bodies, Encoder, Format, Packets};
    use crate::engineio::{EncodeError, Packet as EnginePacket};
    use crate::frame::Frame;
    use crate::socketio::{Decoder, Packet, PacketKind};

    /// Whatever goes in between, a packet of this namespace comes back.
    fn survives(namespace: &Namespace, carry: impl Fn(&str) -> Option<String>) -> bool {
        let mut text = String::new();
        let packet = Packet { namespace: namespace.clone(), kind: PacketKind::Disconnect };
        packet.encode_into(&mut text).unwrap();
        let carried = carry(&text).map(|text| Decoder::new(&crate::Limits::default()).push(Frame::Text(text.into())));
        carried.is_some_and(|decoded| decoded == Ok(Some(packet)))
    }

    fn over_polling(format: Format, text: &str) -> Option<String> {
        let mut body = Encoder::new(format);
        body.push(&EnginePacket::Message(Frame::Text(String::from(text).into()))).ok()?;
        match Packets::new(format, body.finish()?).ok()?.next()?.ok()? {
            EnginePacket::Message(Frame::Text(text)) => Some(text.as_str().into()),
            _ => None,
        }
    }

    /// As a browser writes it, which puts CR LF for every line break in a form.
    fn over_jsonp(text: &str) -> Option<String> {
        let form = jsonp::encode_form(text);
        let written = form.replace("%0D%0A", "%0A").replace("%0D", "%0A").replace("%0A", "%0D%0A");
        jsonp::decode_form(written.as_bytes())
    }

    //= EIO4-PLD-07
    //= SRV-NSP-01
    #[test]
    fn a_name_is_refused_where_it_is_made_if_a_transport_cannot_carry_it() {
        for (name, refused, words) in [
            ("a,b", InvalidNamespace::Comma, "comma"),
            ("/a\u{1e}b", InvalidNamespace::Separator, "U+001E"),
            ("/a\rb", InvalidNamespace::LineBreak, "carriage return"),
            ("/a\r\nb", InvalidNamespace::LineBreak, "carriage return"),
            ("/a\\\nb", InvalidNamespace::LineBreak, "backslash"),
        ] {
            assert_eq!(Namespace::new(name), Err(refused), "{name:?}");
            assert!(refused.to_string().contains(words), "{refused}");
            let taken = Namespace::from_wire(Text::from(name));
            let everywhere = survives(&taken, |text| over_polling(Format::V4, text))
                && survives(&taken, |text| over_polling(Format::V3Text, text))
                && survives(&taken, over_jsonp);
            assert!(!everywhere, "{name:?} is refused without a reason");
        }
    }

    /// Each control character, and what else looks as if it might mean something on the way.
    //= SIO5-PKT-04
    #[test]
    fn what_is_not_refused_arrives_everywhere() {
        let controls = (0..0x20_u8).chain([0x7f]).map(char::from).map(|character| format!("/a{character}b"));
        let others = ["/", "//", "/é€😀", "/a?b=1", "/a\\n", "/a\\\\n", "/a\\", "/\u{2028}\u{feff}", "/2[\"a\"]", "/ "];
        for name in controls.chain(others.map(String::from)) {
            let Ok(namespace) = Namespace::new(&name) else { continue };
            for format in [Format::V4, Format::V3Text, Format::V3Binary] {
                assert!(survives(&namespace, |text| over_polling(format, text)), "{name:?} in {format:?}");
            }
            assert!(survives(&namespace, |text| Some(text.into())), "{name:?} over a WebSocket");
            assert!(survives(&namespace, over_jsonp), "{name:?} over JSONP");
        }
    }

    /// What came over a WebSocket can be answered there, and is not sent over polling of Engine.IO 4.
    //= EIO4-PLD-07
    //= SIO5-PKT-04
    #[test]
    fn a_name_that_a_peer_sent_is_taken_as_it_came() {
        let packet = Decoder::new(&crate::Limits::default()).push(Frame::from("0/a\u{1e}b,{}")).unwrap().unwrap();
        assert_eq!(packet.namespace.as_str(), "/a\u{1e}b");
        let answer = EnginePacket::Message(Frame::Text(format!("0{},", packet.namespace).into()));
        let mut bodies = Bodies::new(Format::V4, None, core::slice::from_ref(&answer));
        assert_eq!(bodies.next().map(|body| body.map_err(|unsent| unsent.error)), Some(Err(EncodeError::Separator)));
    }

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
