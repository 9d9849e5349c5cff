//! What arrives by WebSocket: a candidate's probe, and everything after the upgrade.

use super::io::Transmit;
use super::session::ServerSession;
use super::state::{Candidate, Channel, Probe, State};
use crate::engineio::http::{HttpError, Response};
use crate::engineio::ids::WsId;
use crate::engineio::packet::Packet;
use crate::engineio::revision::{BinaryForm, Revision};
use crate::engineio::session::queue::Queue;
use crate::engineio::session::skeleton::Role as _;
use crate::engineio::session::{Event, Writer};
use crate::frame::Frame;
use crate::text::Text;

impl ServerSession {
    pub(super) fn on_upgrade(&mut self, ws: WsId, revision: Option<Revision>, binary: BinaryForm) {
        //= EIO4-UP-21
        let fits = self.speaks(revision) && self.upgradable();
        let refusal = match &mut self.state {
            State::Closed => HttpError::UnknownSid,
            State::Open(channel @ Channel::Polling(_)) if fits => {
                let Channel::Polling(lanes) = channel else { return };
                let lanes = core::mem::take(lanes);
                let candidate = Candidate { ws, binary, probe: Probe::Awaited };
                *channel = Channel::Probing { lanes, candidate };
                self.common.writer = Writer::Ready;
                self.transmit(Transmit::WsAccept { ws });
                self.watch_candidate();
                return;
            }
            //= EIO4-UP-15: a second candidate
            //= EIO4-UP-17: further candidates after the upgrade
            State::Open(_) | State::Closing { .. } => HttpError::Mismatch,
        };
        //= EIO4-WS-09: Refuse a second WebSocket for a session that is upgrading
        //= EIO4-WS-10: a session that started on WebSocket
        self.transmit(Transmit::WsRefuse { ws, response: refusal.upgrade_response() });
    }

    pub(super) fn on_frame(&mut self, ws: WsId, frame: Frame) {
        match &self.state {
            State::Open(Channel::WebSocket(current)) if *current == ws => self.receive(frame),
            State::Open(Channel::Probing { candidate, .. }) if candidate.ws == ws => {
                let candidate = *candidate;
                self.on_candidate(candidate, frame);
            }
            // The client still has to read what waits, and expects its heartbeat.
            State::Closing { channel: Channel::WebSocket(current), ending, .. }
                if *current == ws && ending.waits() && self.revision() == Revision::V3 =>
            {
                if let Ok(Packet::Ping(data)) = self.dialect.read_message(frame) {
                    self.common.queue.push_pong_first(data, &self.config.limits);
                }
            }
            //= EIO4-UP-24
            State::Closing { channel: Channel::Probing { candidate, .. }, .. }
                if candidate.ws == ws
                    && candidate.probe != Probe::Awaited
                    && self.dialect.read_message(frame) == Ok(Packet::Upgrade) =>
            {
                let candidate = *candidate;
                self.take_over(candidate);
            }
            _ => {}
        }
    }

    /// The session's WebSocket, or its candidate, takes more messages, or does not for the moment.
    pub(super) fn on_writer(&mut self, ws: WsId, writer: Writer) {
        match &self.state {
            State::Open(Channel::WebSocket(current)) if *current == ws => self.common.writer = writer,
            State::Open(Channel::Probing { candidate, .. }) if candidate.ws == ws => {
                self.common.writer = writer;
                if writer == Writer::Ready && candidate.probe == Probe::Owed {
                    self.probe(ws);
                }
            }
            State::Closing { channel: Channel::Probing { candidate, .. }, .. } if candidate.ws == ws => {
                self.common.writer = writer;
            }
            State::Closing { channel: Channel::WebSocket(current), .. } if *current == ws => {
                self.common.writer = writer;
                self.watch_farewell();
            }
            _ => {}
        }
    }

    pub(super) fn on_ws_closed(&mut self, ws: WsId) {
        match &self.state {
            //= EIO4-WS-11
            State::Open(Channel::WebSocket(current)) | State::Closing { channel: Channel::WebSocket(current), .. }
                if *current == ws =>
            {
                self.carrier_lost();
            }
            //= EIO4-UP-13
            State::Open(Channel::Probing { candidate, .. })
            | State::Closing { channel: Channel::Probing { candidate, .. }, .. }
                if candidate.ws == ws =>
            {
                self.back_to_polling();
            }
            _ => {}
        }
    }

    /// Closes the candidate; the session goes on with polling.
    //= EIO4-UP-10
    pub(super) fn drop_candidate(&mut self) {
        if let State::Open(Channel::Probing { candidate, .. }) = &self.state {
            let ws = candidate.ws;
            self.transmit(Transmit::WsClose { ws });
            self.back_to_polling();
        }
    }

    fn on_candidate(&mut self, candidate: Candidate, frame: Frame) {
        match self.dialect.read_message(frame) {
            Ok(Packet::Ping(data)) if data == "probe" => self.probe(candidate.ws),
            //= EIO4-UP-11
            Ok(Packet::Upgrade) => {
                self.take_over(candidate);
                self.emit(Event::Upgraded);
            }
            _ => self.drop_candidate(),
        }
    }

    //= EIO3-UP-01: noop body `1:6`
    //= EIO4-UP-03: Answer `2probe` with `3probe`
    //= EIO4-UP-22: repeated `2probe` messages
    fn probe(&mut self, ws: WsId) {
        let State::Open(Channel::Probing { candidate, lanes }) = &mut self.state else { return };
        if self.common.writer == Writer::Full {
            // One answer is enough for all probes that came in the meantime.
            candidate.probe = Probe::Owed;
            return;
        }
        candidate.probe = Probe::Answered;
        if lanes.is_parked() {
            self.schedule_noop();
        }
        self.send_on(ws, Packet::Pong(Text::from("probe")).to_frame(Revision::V4));
    }

    /// Makes the candidate the session's transport. What waits in the queue goes out on it.
    //= EIO4-HB-13: across an upgrade
    //= EIO3-HB-09: Keep the liveness timer
    fn take_over(&mut self, Candidate { ws, binary, .. }: Candidate) {
        let (State::Open(channel) | State::Closing { channel, .. }) = &mut self.state else { return };
        let Some(lanes) = channel.lanes() else { return };
        let (poll, post) = (lanes.take_poll(), lanes.take_post());
        //= EIO4-UP-06: make the WebSocket the session's transport
        *channel = Channel::WebSocket(ws);
        self.forget_candidate_timers();
        //= EIO4-UP-18
        let mut noop = Queue::default();
        noop.push(Packet::Noop.to_frame(Revision::V4));
        if let (Some(id), Some(noop)) = (poll, self.dialect.answer(&mut noop)) {
            self.respond(id, noop);
        }
        self.dialect.move_to_websocket(binary);
        //= EIO4-UP-19
        if let Some(id) = post {
            self.respond(id, HttpError::Mismatch.response());
        }
        //= EIO4-UP-07: Not lose, duplicate or reorder packets
        // The body of another one is here, and its packets come before those of the WebSocket.
        if let Some(id) = self.common.inbox.body_mut().and_then(Option::take) {
            self.respond(id, Response::ok());
        }
    }

    fn back_to_polling(&mut self) {
        let (State::Open(channel) | State::Closing { channel, .. }) = &mut self.state else { return };
        if let Some(lanes) = channel.lanes() {
            let lanes = core::mem::take(lanes);
            *channel = Channel::Polling(lanes);
            self.forget_candidate_timers();
        }
    }
}
