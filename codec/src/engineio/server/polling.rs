//! What arrives by HTTP.

use bytes::Bytes;

use super::closing::Ending;
use super::lanes::{Lane, Lanes};
use super::session::ServerSession;
use super::state::{Candidate, Channel, Probe, State};
use crate::engineio::error::{CloseReason, Violation};
use crate::engineio::http::{HttpError, Response};
use crate::engineio::ids::RequestId;
use crate::engineio::packet::Packet;
use crate::engineio::payload::Format;
use crate::engineio::payload::format::BodyFormat;
use crate::engineio::revision::{Revision, Transport};
use crate::engineio::session::skeleton::Role as _;

impl ServerSession {
    pub(super) fn on_poll(&mut self, id: RequestId, revision: Option<Revision>) {
        let Some(channel) = self.polling_channel(id, revision) else { return };
        let Some(lanes) = channel.lanes() else { return };
        if lanes.park(id).is_err() {
            self.respond(id, HttpError::Overlap.response());
            self.fail(Violation::OverlappingPoll);
            return;
        }
        //= EIO4-UP-04
        if matches!(
            self.state,
            State::Open(Channel::Probing { candidate: Candidate { probe: Probe::Answered, .. }, .. })
        ) {
            self.schedule_noop();
        }
    }

    pub(super) fn on_post(&mut self, id: RequestId, revision: Option<Revision>, label: BodyFormat) {
        if self.polling_channel(id, revision).is_none() {
            return;
        }
        //= EIO4-POST-08
        let Some(format) = self.dialect.body_format(label) else {
            self.respond(id, HttpError::BinaryBody.response());
            self.fail(Violation::BinaryBody);
            return;
        };
        let unread = self.common.inbox.has_body();
        let Some(lanes) = self.lanes() else { return };
        if unread || lanes.begin_post(id, format).is_err() {
            // The first one cannot be served either, unless its body is here: its packets would arrive at a closed session.
            let first = lanes.take_post();
            for id in [Some(id), first].into_iter().flatten() {
                self.respond(id, HttpError::Overlap.response());
            }
            self.fail(Violation::OverlappingPost);
        }
    }

    pub(super) fn on_body(&mut self, id: RequestId, body: Bytes) {
        let Some(format) = self.end_post(id) else { return };
        //= EIO4-POST-09: exactly `maxPayload` bytes
        //= EIO4-POST-10: Refuse a larger body
        //= EIO4-POST-11: Count UTF-8 bytes
        if body.len() > self.max_payload() {
            self.respond(id, HttpError::PayloadTooLarge.response());
            return;
        }
        match self.dialect.read_body(format, body) {
            None => self.respond(id, Response::ok()),
            Some(Ok(packets)) => self.common.inbox.push_body(Some(id), packets),
            Some(Err(error)) => {
                self.respond(id, HttpError::Undecodable.response());
                self.end(CloseReason::ParseError(error.kind), Ending::Abrupt);
            }
        }
    }

    pub(super) fn on_body_too_large(&mut self, id: RequestId) {
        if self.end_post(id).is_some() {
            self.respond(id, HttpError::PayloadTooLarge.response());
        }
    }

    pub(super) fn on_aborted(&mut self, id: RequestId) {
        if let Some(post) = self.common.inbox.body_mut()
            && post.take_if(|post| *post == id).is_some()
        {
            // Its body is complete, and the client no longer waits for the answer.
            return;
        }
        match self.lanes().and_then(|lanes| lanes.forget(id)) {
            //= EIO4-GET-09
            Some(Lane::Poll) => self.fail(Violation::AbortedPoll),
            Some(Lane::Post) => self.fail(Violation::AbortedPost),
            None => {}
        }
    }

    /// Answers a parked GET that is in the way of an upgrade.
    //= EIO3-UP-01: noop body `1:6`
    //= EIO4-UP-04: end any pending GET
    //= EIO4-UP-18: `5` arrives while a GET is pending
    pub(super) fn send_noop(&mut self) {
        let State::Open(Channel::Probing { lanes, .. }) = &mut self.state else { return };
        if let Some(id) = lanes.take_poll() {
            self.common.queue.push(Packet::Noop.to_frame(Revision::V4));
            self.answer_poll(id);
        }
    }

    /// The channel, if requests may use it; otherwise this request is refused.
    //= EIO4-ERR-14
    fn polling_channel(&mut self, id: RequestId, revision: Option<Revision>) -> Option<&mut Channel> {
        let refusal = match &self.state {
            //= EIO4-ERR-17
            State::Closed => Some(HttpError::UnknownSid),
            State::Open(channel) | State::Closing { channel, .. } => {
                //= EIO4-ERR-12: whose current transport is websocket
                //= EIO4-ERR-13: differs from the session's
                //= EIO4-UP-16: refuse polling requests
                let fits = channel.transport() == Transport::Polling && self.speaks(revision);
                (!fits).then_some(HttpError::Mismatch)
            }
        };
        if let Some(error) = refusal {
            self.respond(id, error.response());
            return None;
        }
        match &mut self.state {
            State::Open(channel) | State::Closing { channel, .. } => Some(channel),
            State::Closed => None,
        }
    }

    fn end_post(&mut self, id: RequestId) -> Option<Format> {
        self.lanes().and_then(|lanes| lanes.end_post(id))
    }

    fn lanes(&mut self) -> Option<&mut Lanes> {
        match &mut self.state {
            State::Open(channel) | State::Closing { channel, .. } => channel.lanes(),
            State::Closed => None,
        }
    }
}
