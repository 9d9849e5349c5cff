//! What the server does with messages.

use bytes::Bytes;
use sio_codec::Frame;
use sio_codec::engineio::Encoded;

/// The application that a server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Application {
    /// Every message comes back.
    Echo,
    /// Socket.IO 4: the server says when the client is in.
    Sockets4,
    /// Socket.IO 5: the client asks to be let in.
    Sockets5,
}

impl Application {
    /// What a client says first.
    pub(crate) fn greeting(self) -> Option<Encoded> {
        (self == Self::Sockets5).then(|| Encoded::text("0"))
    }

    /// Whether a client waits until this message before it says more.
    pub(crate) fn is_welcome(self, message: &Frame) -> bool {
        matches!(message, Frame::Text(text) if text.as_str().starts_with('0'))
    }

    /// What to send, message by message, so that the content comes back.
    pub(crate) fn ask(self, content: &Frame) -> Vec<Encoded> {
        match (self, content) {
            (Self::Echo, content) => vec![Encoded::from(content.clone())],
            (_, Frame::Text(text)) => vec![Encoded::text(&format!(r#"2["message","{}"]"#, text.as_str()))],
            (_, Frame::Binary(bytes)) => {
                let header = Encoded::text(r#"51-["message",{"_placeholder":true,"num":0}]"#);
                vec![header, Encoded::binary(Bytes::clone(bytes))]
            }
        }
    }

    /// The content that a message brings back, if it brings one.
    pub(crate) fn answer(self, message: Frame) -> Option<Frame> {
        match (self, &message) {
            (Self::Echo, _) | (_, Frame::Binary(_)) => Some(message),
            (_, Frame::Text(text)) => {
                let content = text.as_str().strip_prefix(r#"2["message-back",""#)?.strip_suffix(r#""]"#)?;
                Some(Frame::Text(content.to_owned().into()))
            }
        }
    }
}
