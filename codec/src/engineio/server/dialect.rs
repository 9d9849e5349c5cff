//! In which form a client reads and writes its packets: the one place where the revisions differ in a session.
//!
//! | | revision 4 | revision 3 |
//! |---|---|---|
//! | body of an answer | `4a` U+001E `4b` | `2:4a2:4b`; binary if it holds a binary message and the client takes it |
//! | body of a POST | the same | by its label, textual or binary |
//! | binary message | the bytes, or `b` and base64 | a byte 4 and the bytes, or `b4` and base64 |
//! | text with U+001E | not over polling | as any other |
//!
//! The heartbeat, which differs as well, is in `heartbeat.rs`.

use alloc::string::String;

use bytes::Bytes;

use crate::engineio::error::{PacketError, PayloadError};
use crate::engineio::http::Response;
use crate::engineio::jsonp::{self, Index};
use crate::engineio::packet::{Packet, Parts};
use crate::engineio::payload::format::BodyFormat;
use crate::engineio::payload::{Format, Packets, has_separator};
use crate::engineio::request::Query;
use crate::engineio::revision::{BinaryForm, Revision, Transport};
use crate::engineio::session::queue::{Queue, write_message};
use crate::frame::Frame;

/// The revision of a session, and what its client can take on the transport that it uses now.
//= EIO3-HS-06
#[derive(Debug)]
pub(super) struct Dialect {
    revision: Revision,
    receiver: Receiver,
}

/// What takes the packets in.
#[derive(Debug)]
enum Receiver {
    /// A client that takes bytes.
    Binary,
    /// A client that takes text only.
    Text,
    /// A page's callback: scripts do the polling.
    Script(Index),
}

impl From<BinaryForm> for Receiver {
    fn from(form: BinaryForm) -> Self {
        match form {
            BinaryForm::Native => Self::Binary,
            BinaryForm::Base64 => Self::Text,
        }
    }
}

impl Dialect {
    /// What the query of the request that opens a session asks for.
    //= EIO3-HS-07
    pub(super) fn from_query(revision: Revision, transport: Transport, query: &Query<'_>) -> Self {
        let receiver = match query.value("j").filter(|_| transport == Transport::Polling) {
            //= EIO3-JSONP-01: answer `___eio[<n>]("<payload>");`
            //= EIO4-JSONP-01
            Some(j) => Receiver::Script(Index::from_query(&j)),
            None => BinaryForm::from_query(query.value("b64").as_deref()).into(),
        };
        Self { revision, receiver }
    }

    pub(super) const fn revision(&self) -> Revision {
        self.revision
    }

    /// From now on packets go over a WebSocket: what its own request said counts.
    //= EIO3-HS-07: no binary bodies or frames
    //= EIO3-WS-02: send binary as text
    pub(super) fn move_to_websocket(&mut self, form: BinaryForm) {
        self.receiver = form.into();
    }

    /// Whether a transport can carry a packet, given in the form that a framed transport of revision 4 gives it.
    //= EIO4-PLD-07
    pub(super) fn can_carry(&self, transport: Transport, packet: &Frame) -> bool {
        let by_separators = self.revision == Revision::V4 && transport == Transport::Polling;
        !(by_separators && has_separator(&Parts::of_frame(packet)))
    }

    /// The answer to a GET with all that is queued; `None` if nothing is.
    //= EIO3-HS-01: the v3 length prefix
    pub(super) fn answer(&self, queue: &mut Queue) -> Option<Response> {
        //= EIO3-BIN-04: with `b64`
        //= EIO3-JSONP-02: string payloads
        let format = Format::for_packets(self.revision, queue.has_binary(), matches!(self.receiver, Receiver::Binary));
        //= EIO4-GET-02: all buffered packets, in emission order
        //= EIO4-GET-11: an answered GET consumes it
        let body = queue.take_body(format, usize::MAX)?;
        let body = match &self.receiver {
            Receiver::Binary | Receiver::Text => body,
            //= EIO3-JSONP-01: answer `___eio[<n>]("<payload>");`
            //= EIO4-JSONP-01
            //= EIO4-JSONP-02: valid JavaScript
            Receiver::Script(index) => Bytes::from(jsonp::wrap(index, &String::from_utf8_lossy(&body))),
        };
        //= EIO3-BIN-02: binary payloads with `Content-Type: application/octet-stream`
        Some(Response::payload(format, body))
    }

    /// The form of a POST's body; `None` if a body with such a label is not taken.
    //= EIO3-BIN-03
    //= EIO4-POST-08
    pub(super) const fn body_format(&self, label: BodyFormat) -> Option<Format> {
        match (self.revision, label, &self.receiver) {
            (Revision::V4, BodyFormat::Text, _) => Some(Format::V4),
            (Revision::V4, BodyFormat::Binary, _) => None,
            (Revision::V3, BodyFormat::Binary, Receiver::Binary | Receiver::Text) => Some(Format::V3Binary),
            (Revision::V3, _, _) => Some(Format::V3Text),
        }
    }

    /// Starts to read a POST's body; `None` if it is a form without a payload, which says nothing and is not wrong.
    //= EIO3-JSONP-01: answer `___eio[<n>]("<payload>");`
    //= EIO4-JSONP-01
    pub(super) fn read_body(&self, format: Format, body: Bytes) -> Option<Result<Packets, PayloadError>> {
        let payload = match &self.receiver {
            Receiver::Binary | Receiver::Text => body,
            Receiver::Script(_) => Bytes::from(jsonp::decode_form(&body)?),
        };
        Some(Packets::new(format, payload))
    }

    /// One message of a WebSocket, from the form that revision 4 gives it.
    //= EIO3-HS-08: no length prefix
    //= EIO3-WS-01: One packet per message
    //= EIO4-WS-03
    pub(super) fn write_message(&self, packet: Frame) -> Frame {
        let form = match &self.receiver {
            Receiver::Binary => BinaryForm::Native,
            //= EIO3-WS-02: send binary as text
            //= EIO4-PKT-15: needed when `b64` is in use
            Receiver::Text | Receiver::Script(_) => BinaryForm::Base64,
        };
        //= SIO4-ATT-01: the engine layer adds
        write_message(self.revision, form, packet)
    }

    /// Reads one message of a WebSocket.
    //= EIO3-WS-03: Accept `b4...`
    //= EIO4-WS-03
    //= EIO4-WS-05: an empty binary message
    pub(super) fn read_message(&self, message: Frame) -> Result<Packet, PacketError> {
        Packet::parse(self.revision, message)
    }
}
