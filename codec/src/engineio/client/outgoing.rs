//! What a session sends, and when: packets that wait for a carrier, and the requests that carry them.

use alloc::string::{String, ToString as _};

use super::io::{Body, Transmit};
use super::session::ClientSession;
use super::state::{Attempt, Candidate, Channel, Exit, Link, State};
use crate::engineio::error::{CloseReason, SendError, Violation};
use crate::engineio::ids::{RequestId, WsId};
use crate::engineio::packet::{Packet, Parts};
use crate::engineio::payload::{Format, has_separator};
use crate::engineio::request::RequestQuery;
use crate::engineio::revision::{BinaryForm, Revision, Transport};
use crate::engineio::session::queue::write_message;
use crate::engineio::session::skeleton::Role as _;
use crate::engineio::session::{Event, Writer};

impl ClientSession {
    /// Produces the next output that was put off until now; `false` if there is none.
    pub(super) fn flush(&mut self) -> bool {
        match &self.state {
            State::Open(Link { channel, .. }) => match channel {
                Channel::WebSocket(_) => self.relieve(),
                Channel::Probing { lanes, candidate: Candidate::Ready(ws) } => {
                    //= EIO4-UP-05
                    //= EIO4-UP-08
                    let ready = lanes.are_idle() && !self.common.inbox.has_body();
                    if ready {
                        self.take_over(*ws);
                    }
                    ready
                }
                Channel::Polling(_) | Channel::Probing { .. } => self.post() || self.relieve() || self.poll(),
            },
            State::Closing { exit: Exit::WebSocket(_), .. } => {
                let left = self.common.queue.is_empty();
                if left {
                    self.end(CloseReason::ForcedClose);
                }
                left
            }
            // It goes on reading: a server that has no room for its answers takes nothing more.
            State::Closing { exit: Exit::Draining(lanes), .. } => {
                let done = self.common.queue.is_empty() && lanes.may_post();
                self.post() || (!done && self.poll()) || self.say_goodbye()
            }
            State::Closing { exit: Exit::Leaving(lanes), .. } => {
                let left = lanes.may_post();
                if left {
                    self.end(CloseReason::ForcedClose);
                }
                left
            }
            State::Closing { exit: Exit::Gone(reason), .. } => {
                let (reason, left) = (*reason, self.common.inbox.is_empty());
                if left {
                    self.end(reason);
                }
                left
            }
            State::Connecting(Attempt::Polling(lanes)) if lanes.may_poll() && self.common.inbox.is_empty() => {
                self.fail(Violation::NotOpen);
                true
            }
            State::Connecting(_) | State::Closed => false,
        }
    }

    /// Takes out the next message of the session's WebSocket, if there is one and the WebSocket has room for it.
    pub(super) fn take_frame(&mut self) -> Option<Transmit> {
        let (State::Open(Link { channel: Channel::WebSocket(ws), .. })
        | State::Closing { exit: Exit::WebSocket(ws), .. }) = self.state
        else {
            return None;
        };
        if self.common.writer == Writer::Full {
            return None;
        }
        let packet = self.common.queue.pop()?;
        self.note_reading();
        Some(Transmit::WsSend { ws, frame: write_message(self.config.revision, self.config.binary, packet) })
    }

    fn relieve(&mut self) -> bool {
        let relieved = self.common.queue.relieved();
        if relieved {
            self.emit(Event::Writable);
        }
        relieved
    }

    /// Sends what fits one POST of what is queued; `false` if there is nothing, or a POST is in flight.
    //= EIO4-POST-03
    fn post(&mut self) -> bool {
        if !self.state.lanes().is_some_and(|lanes| lanes.may_post()) {
            return false;
        }
        let (revision, takes_binary) = (self.config.revision, self.config.binary == BinaryForm::Native);
        let format = Format::for_packets(revision, self.common.queue.has_binary(), takes_binary);
        //= EIO4-HS-14
        let max_len = self.state.handshake().and_then(|handshake| handshake.max_payload).unwrap_or(usize::MAX);
        let bytes = self.common.queue.take_body(format, max_len);
        let Some(bytes) = bytes else { return false };
        self.note_reading();
        let id = self.request(Some(Body { format, bytes }));
        if let Some(lanes) = self.state.lanes() {
            lanes.post(id);
        }
        true
    }

    /// Sends the next GET; `false` if one is in flight, or what the last one brought is not all handed on.
    //= EIO4-GET-05
    //= EIO4-GET-08
    pub(super) fn poll(&mut self) -> bool {
        if self.common.inbox.has_body() || !self.state.lanes().is_some_and(|lanes| lanes.may_poll()) {
            return false;
        }
        let id = self.request(None);
        if let Some(lanes) = self.state.lanes() {
            lanes.poll(id);
        }
        true
    }

    /// Sends the close packet, as soon as no POST is in flight.
    //= EIO4-CL-04
    fn say_goodbye(&mut self) -> bool {
        if !self.state.lanes().is_some_and(|lanes| lanes.may_post()) {
            return false;
        }
        self.common.queue.push(Packet::Close.to_frame(Revision::V4));
        let posted = self.post();
        if let State::Closing { exit, .. } = &mut self.state
            && let Exit::Draining(lanes) = exit
        {
            *exit = Exit::Leaving(core::mem::take(lanes));
        }
        posted
    }

    /// Whether the server would take a packet.
    //= EIO4-LIM-02
    pub(super) fn check(&self, packet: &Parts<'_>) -> Result<(), SendError> {
        let (revision, binary) = (self.config.revision, self.config.binary);
        let max_payload = self.state.handshake().and_then(|handshake| handshake.max_payload);
        let len = match (self.state.transport(), revision, binary) {
            (Some(Transport::WebSocket), _, BinaryForm::Native) => packet.frame_len(revision),
            (Some(Transport::WebSocket), _, BinaryForm::Base64) => packet.text_len(revision),
            (_, Revision::V4, _) if has_separator(packet) => return Err(SendError::Separator),
            (_, Revision::V4, _) => Format::V4.element_len(*packet),
            // The larger one of the two forms that a text can get.
            (_, Revision::V3, BinaryForm::Native) => Format::V3Binary.element_len(*packet),
            (_, Revision::V3, BinaryForm::Base64) => Format::V3Text.element_len(*packet),
        };
        if max_payload.is_some_and(|max| len > max) { Err(SendError::TooLarge) } else { Ok(()) }
    }

    fn request(&mut self, body: Option<Body>) -> RequestId {
        let id = RequestId(self.fresh_id());
        let query = self.query(Transport::Polling);
        self.transmit(Transmit::Request { id, query, body });
        id
    }

    //= EIO4-UP-01
    pub(super) fn connect_websocket(&mut self) -> WsId {
        let ws = WsId(self.fresh_id());
        let query = self.query(Transport::WebSocket);
        self.transmit(Transmit::WsConnect { ws, query });
        ws
    }

    //= EIO4-URL-01: `EIO=4` and `transport` on every request
    //= EIO4-URL-02: after the handshake
    //= EIO4-WS-16: same path and query rules
    fn query(&self, transport: Transport) -> String {
        let mut query = RequestQuery::new(self.config.revision, transport);
        for (name, value) in &self.config.parameters {
            query = query.with_parameter(name, value);
        }
        if let Some(sid) = self.sid() {
            query = query.with_sid(sid);
        }
        //= EIO3-CLI-01
        if self.config.binary == BinaryForm::Base64 {
            query = query.without_binary();
        }
        query.to_string()
    }

    const fn fresh_id(&mut self) -> u64 {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }
}
