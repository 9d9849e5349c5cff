//! What happens when a request has ended.

use bytes::Bytes;

use super::lanes::Lane;
use super::session::ClientSession;
use super::state::{Exit, State};
use crate::engineio::error::{CloseReason, Violation};
use crate::engineio::ids::RequestId;
use crate::engineio::payload::format::BodyFormat;
use crate::engineio::payload::{Format, Packets};
use crate::engineio::session::skeleton::Role as _;

impl ClientSession {
    pub(super) fn on_response(&mut self, id: RequestId, status: u16, format: BodyFormat, body: Bytes) {
        match self.end_request(id) {
            //= EIO4-ERR-16
            //= EIO4-POST-12
            Some(_) if status != 200 => self.fail(Violation::Status(status)),
            Some(Lane::Poll) => self.on_payload(format, body),
            //= EIO4-POST-06
            Some(Lane::Post) | None => {}
        }
    }

    //= EIO4-POST-12
    pub(super) fn on_failed(&mut self, id: RequestId) {
        if self.end_request(id).is_some() {
            self.fail(Violation::NoAnswer);
        }
    }

    fn on_payload(&mut self, format: BodyFormat, body: Bytes) {
        if body.len() > self.config.limits.max_payload {
            self.fail(Violation::PayloadTooLarge);
            return;
        }
        match Packets::new(Format::of_body(self.config.revision, format), body) {
            Ok(packets) => self.common.inbox.push_body((), packets),
            Err(error) => self.end(CloseReason::ParseError(error.kind)),
        }
    }

    /// Takes note that a request has ended, and tells which one, if it still matters: for a session
    /// whose close packet is on its way only POSTs do.
    fn end_request(&mut self, id: RequestId) -> Option<Lane> {
        let lane = self.state.lanes()?.end(id)?;
        let matters = lane == Lane::Post || !matches!(self.state, State::Closing { exit: Exit::Leaving(_), .. });
        matters.then_some(lane)
    }
}
