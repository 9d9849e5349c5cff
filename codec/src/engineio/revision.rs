//! Protocol revisions and transports, as requests name them.

/// A revision of the Engine.IO protocol, the value of the `EIO` query parameter.
///
/// ```
/// use sio_codec::engineio::Revision;
///
/// assert_eq!(Revision::from_query("4"), Some(Revision::V4));
/// assert_eq!(Revision::from_query("5"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a new revision changes what every program must do")]
pub enum Revision {
    /// `EIO=3`: Socket.IO 1.x and 2.x.
    V3,
    /// `EIO=4`: Socket.IO 3.x and 4.x.
    V4,
}

impl Revision {
    /// The value on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V3 => "3",
            Self::V4 => "4",
        }
    }

    /// Reads the value of the `EIO` query parameter; the comparison is exact (`04` and `4.0` are no revision).
    #[must_use]
    pub fn from_query(value: &str) -> Option<Self> {
        match value {
            "3" => Some(Self::V3),
            "4" => Some(Self::V4),
            _ => None,
        }
    }
}

/// A way to carry packets, the value of the `transport` query parameter.
///
/// ```
/// use sio_codec::engineio::Transport;
///
/// assert_eq!(Transport::from_query("websocket"), Some(Transport::WebSocket));
/// assert_eq!(Transport::Polling.as_str(), "polling");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Transport {
    /// HTTP long-polling: a GET waits for packets from the server, a POST carries those of the client.
    Polling,
    /// One WebSocket.
    WebSocket,
}

impl Transport {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::WebSocket => "websocket",
        }
    }

    /// Reads a name, case sensitively.
    //= EIO4-URL-07
    #[must_use]
    pub fn from_query(value: &str) -> Option<Self> {
        match value {
            "polling" => Some(Self::Polling),
            "websocket" => Some(Self::WebSocket),
            _ => None,
        }
    }
}

/// How a client takes binary messages on a framed transport: what `b64` says in the query of the request that opens it.
///
/// ```
/// use sio_codec::engineio::BinaryForm;
///
/// assert_eq!(BinaryForm::from_query(Some("1")), BinaryForm::Base64);
/// assert_eq!(BinaryForm::from_query(None), BinaryForm::Native);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a client takes binary frames or it does not")]
pub enum BinaryForm {
    /// As binary frames.
    #[default]
    Native,
    /// As base64 in text frames.
    Base64,
}

impl BinaryForm {
    /// Reads the value of the `b64` query parameter: anything but nothing asks for base64.
    #[must_use]
    pub fn from_query(value: Option<&str>) -> Self {
        match value {
            None | Some("") => Self::Native,
            Some(_) => Self::Base64,
        }
    }
}
