//! What both roles of a session say.

use bytes::Bytes;

use super::{Script, Subject, text};
use crate::engineio::client::{self, ClientSession};
use crate::engineio::server::{self, ServerSession};
use crate::engineio::{Encoded, Event, SendError, Session, WsId};
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
        let mut script = self.expect_nothing();
        for (text, taken) in texts {
            assert_eq!(script.machine.send_volatile(&Encoded::text(text)), *taken, "{text}");
        }
        script.drain()
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

/// A role's inputs and outputs that concern WebSockets.
macro_rules! on_websockets {
    ($session:ident, $role:ident) => {
        impl<N> Script<$session, N> {
            #[track_caller]
            pub(crate) fn frame(self, ws: u64, frame: &str) -> Self {
                self.input($role::Input::WsFrame { ws: WsId(ws), frame: Frame::Text(text(frame)) })
            }

            #[track_caller]
            pub(crate) fn binary(self, ws: u64, bytes: &'static [u8]) -> Self {
                self.input($role::Input::WsFrame { ws: WsId(ws), frame: Frame::Binary(Bytes::from_static(bytes)) })
            }

            #[track_caller]
            pub(crate) fn ws_closed(self, ws: u64) -> Self {
                self.input($role::Input::WsClosed { ws: WsId(ws) })
            }

            #[track_caller]
            pub(crate) fn expect_send(self, ws: u64, frame: &str) -> Self {
                self.expect_transmit(&$role::Transmit::WsSend { ws: WsId(ws), frame: Frame::Text(text(frame)) })
            }

            #[track_caller]
            pub(crate) fn expect_send_binary(self, ws: u64, bytes: &'static [u8]) -> Self {
                let frame = Frame::Binary(Bytes::from_static(bytes));
                self.expect_transmit(&$role::Transmit::WsSend { ws: WsId(ws), frame })
            }

            #[track_caller]
            pub(crate) fn expect_ws_close(self, ws: u64) -> Self {
                self.expect_transmit(&$role::Transmit::WsClose { ws: WsId(ws) })
            }
        }
    };
}

on_websockets!(ClientSession, client);
on_websockets!(ServerSession, server);
