//! What both roles of a session say.

use bytes::Bytes;

use super::{Script, Subject, text};
use crate::engineio::{Encoded, Event, SendError, Session};
use crate::frame::Frame;

impl<M: Session + Subject, N> Script<M, N> {
    /// The application sends a text, and more before the session is asked for its outputs.
    #[track_caller]
    pub(crate) fn send(self, texts: &[&str]) -> Self {
        self.does(|session, _| texts.iter().try_for_each(|text| session.send(&Encoded::text(text))))
    }

    #[track_caller]
    pub(crate) fn send_group(self, group: &Encoded) -> Self {
        self.does(|session, _| session.send(group))
    }

    #[track_caller]
    pub(crate) fn send_binary(self, bytes: &'static [u8]) -> Self {
        self.send_group(&Encoded::binary(Bytes::from_static(bytes)))
    }

    /// The application sends texts that may be dropped, before the session is asked for its outputs.
    #[track_caller]
    pub(crate) fn send_volatile(self, texts: &[(&str, bool)]) -> Self {
        self.does(|session, _| {
            for (text, taken) in texts {
                assert_eq!(session.send_volatile(&Encoded::text(text)), *taken, "{text}");
            }
        })
    }

    #[track_caller]
    pub(crate) fn cannot_send(self, message: &Encoded, error: SendError) -> Self {
        self.cannot(error, |session, _| session.send(message))
    }

    #[track_caller]
    pub(crate) fn close(self) -> Self {
        self.does(|session, now| session.close(now))
    }

    #[track_caller]
    pub(crate) fn expect_message(self, message: &str) -> Self {
        self.expect_event(&Event::Message(Frame::Text(text(message))))
    }

    #[track_caller]
    pub(crate) fn expect_binary(self, bytes: &'static [u8]) -> Self {
        self.expect_event(&Event::Message(Frame::Binary(Bytes::from_static(bytes))))
    }
}
