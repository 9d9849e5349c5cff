//! What both roles of a connection say.

use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use super::{Script, Subject};
use crate::engineio::{self, CloseReason, Encoded, Sid};
use crate::frame::Frame;
use crate::machine::Machine;
use crate::socketio::client::{self, Event as ClientEvent};
use crate::socketio::{Args, Connection, DisconnectReason, Event, Json, Namespace, Reply, Transmit};
use crate::text::Text;

pub(crate) fn args(json: &str) -> Args {
    Args::from_json(json, Vec::new()).unwrap()
}

pub(crate) fn json(json: &str) -> Json {
    Json::new(text(json)).unwrap()
}

pub(crate) fn namespace(name: &str) -> Namespace {
    Namespace::new(name).unwrap()
}

pub(crate) fn id(id: &str) -> Sid {
    Sid::as_given(id)
}

pub(crate) fn text(text: &str) -> Text {
    Text::from(String::from(text))
}

/// What happens.
impl<M: Subject + Machine<Input = engineio::Event>, N> Script<M, N> {
    /// A text message: a packet as it is on the wire, without the digit of Engine.IO.
    #[track_caller]
    pub(crate) fn message(self, packet: &str) -> Self {
        self.input(engineio::Event::Message(Frame::Text(text(packet))))
    }

    #[track_caller]
    pub(crate) fn attachment(self, bytes: &'static [u8]) -> Self {
        self.input(engineio::Event::Message(Frame::Binary(Bytes::from_static(bytes))))
    }

    #[track_caller]
    pub(crate) fn session_closed(self, reason: CloseReason) -> Self {
        self.input(engineio::Event::Closed(reason))
    }
}

/// Expectations about the outputs.
impl<M: Subject + Machine<Transmit = Transmit>, N> Script<M, N> {
    /// One packet: its text with the digit of Engine.IO.
    #[track_caller]
    pub(crate) fn expect_sent(self, packet: &str) -> Self {
        self.expect_sent_with(packet, &[])
    }

    #[track_caller]
    pub(crate) fn expect_sent_with(self, packet: &str, attachments: &[&'static [u8]]) -> Self {
        let attachments = attachments.iter().map(|bytes| Frame::Binary(Bytes::from_static(bytes)));
        let frames: Vec<_> = [Frame::Text(text(packet))].into_iter().chain(attachments).collect();
        self.expect_frames(&frames)
    }

    /// One packet of the msgpack parser.
    #[cfg(feature = "msgpack")]
    #[track_caller]
    pub(crate) fn expect_sent_bytes(self, packet: &'static [u8]) -> Self {
        self.expect_frames(&[Frame::Binary(Bytes::from_static(packet))])
    }

    /// One packet that is dropped if it cannot leave at once.
    #[track_caller]
    pub(crate) fn expect_sent_volatile(mut self, packet: &str) -> Self {
        let transmit = self.next_transmit();
        let Transmit::SendVolatile(messages) = transmit else { panic!("not volatile: {transmit:?}") };
        assert_eq!(messages.frames().collect::<Vec<_>>(), [Frame::Text(text(packet))]);
        self
    }

    #[track_caller]
    pub(crate) fn expect_close(self) -> Self {
        self.expect_transmit(&Transmit::Close)
    }

    #[track_caller]
    pub(crate) fn next_sent(&mut self) -> Encoded {
        let transmit = self.next_transmit();
        let Transmit::Send(messages) = transmit else { panic!("nothing sent: {transmit:?}") };
        messages
    }

    #[track_caller]
    fn expect_frames(mut self, frames: &[Frame]) -> Self {
        assert_eq!(self.next_sent().frames().collect::<Vec<_>>(), frames);
        self
    }
}

/// The reply to the event that was expected last.
impl<M: Subject> Script<M, Option<Reply>> {
    pub(crate) fn take_reply(mut self, reply: &mut Option<Reply>) -> Self {
        *reply = self.notes.take();
        self
    }
}

/// The verbs and events that both roles have, as different types.
macro_rules! both {
    ($connection:ty, $event:ident) => {
        impl Script<$connection, Option<Reply>> {
            #[track_caller]
            pub(crate) fn emit(self, name: &str, event: &str, json: &str) -> Self {
                self.does(|connection, _| connection.emit(&namespace(name), event, &args(json)))
            }

            /// Acknowledges the event that was expected last.
            #[track_caller]
            pub(crate) fn acknowledge(mut self, args: &Args) -> Self {
                let reply = self.notes.take().expect("an event that wants an acknowledgement");
                self.does(|connection, _| connection.acknowledge(reply, args))
            }

            #[track_caller]
            pub(crate) fn disconnect(self, name: &str) -> Self {
                self.does(|connection, _| connection.disconnect(&namespace(name)))
            }

            #[track_caller]
            pub(crate) fn close(self) -> Self {
                self.does(|connection, _| connection.close())
            }

            #[track_caller]
            pub(crate) fn expect_received(mut self, name: &str, event: &str, items: &str, ack: Option<u64>) -> Self {
                let found = self.next_event();
                let $event::Received { namespace: found, name: event_name, args, reply } = found else {
                    panic!("nothing received: {found:?}")
                };
                assert_eq!((found.as_str(), event_name.as_str(), args.items()), (name, event, items));
                assert_eq!(reply.as_ref().map(|reply| reply.id().value()), ack);
                self.notes = reply;
                self
            }

            #[track_caller]
            pub(crate) fn expect_disconnected(self, name: &str, reason: DisconnectReason) -> Self {
                self.expect_event(&$event::Disconnected { namespace: namespace(name), reason })
            }

            #[track_caller]
            pub(crate) fn expect_namespaces(self, names: &[&str]) -> Self {
                assert_eq!(self.machine.namespaces().map(Namespace::as_str).collect::<Vec<_>>(), names);
                self
            }
        }
    };
}

both!(Connection, Event);
both!(client::Connection, ClientEvent);
