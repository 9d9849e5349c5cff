//! What arrives by WebSocket: the answer to the probe, and everything after the upgrade.

use super::config::Transports;
use super::io::Transmit;
use super::session::ClientSession;
use super::state::{Attempt, Candidate, Channel, Exit, Link, State};
use crate::engineio::error::{CloseReason, Violation};
use crate::engineio::ids::WsId;
use crate::engineio::packet::Packet;
use crate::engineio::revision::Revision;
use crate::engineio::session::skeleton::Role as _;
use crate::engineio::session::{Event, Writer};
use crate::frame::Frame;
use crate::text::Text;

impl ClientSession {
    /// Starts the upgrade of a polling session.
    //= EIO3-UP-01
    pub(super) fn probe(&mut self) {
        let ws = self.connect_websocket();
        if let State::Open(Link { channel, .. }) = &mut self.state
            && let Channel::Polling(lanes) = channel
        {
            let lanes = core::mem::take(lanes);
            *channel = Channel::Probing { lanes, candidate: Candidate::Connecting(ws) };
            self.common.writer = Writer::Ready;
        }
    }

    //= EIO4-UP-02
    pub(super) fn on_ws_opened(&mut self, ws: WsId) {
        if let Some(candidate) = self.candidate()
            && *candidate == Candidate::Connecting(ws)
        {
            *candidate = Candidate::Probed(ws);
            let frame = Packet::Ping(Text::from("probe")).to_frame(Revision::V4);
            self.transmit(Transmit::WsSend { ws, frame });
        }
    }

    pub(super) fn on_frame(&mut self, ws: WsId, frame: Frame) {
        match &self.state {
            State::Connecting(Attempt::WebSocket(current)) if *current == ws => {
                if let Some(packet) = self.read(frame) {
                    self.on_first_packet(packet, Channel::WebSocket(ws));
                }
            }
            State::Open(Link { channel: Channel::WebSocket(current), .. }) if *current == ws => {
                self.receive(frame);
            }
            State::Open(Link { channel: Channel::Probing { candidate, .. }, .. }) if candidate.ws() == ws => {
                self.on_candidate(ws, frame);
            }
            State::Closing { exit: Exit::WebSocket(current), .. } if *current == ws => {
                if let Ok(packet) = Packet::parse(self.config.revision, frame) {
                    self.on_late(packet);
                }
            }
            _ => {}
        }
    }

    /// The session's WebSocket, or its candidate, takes more messages, or does not for the moment.
    pub(super) fn on_writer(&mut self, ws: WsId, writer: Writer) {
        match &self.state {
            State::Connecting(Attempt::WebSocket(current))
            | State::Open(Link { channel: Channel::WebSocket(current), .. })
                if *current == ws =>
            {
                self.common.writer = writer;
            }
            State::Open(Link { channel: Channel::Probing { candidate, .. }, .. }) if candidate.ws() == ws => {
                self.common.writer = writer;
            }
            State::Closing { exit: Exit::WebSocket(current), .. } if *current == ws => {
                self.common.writer = writer;
                self.watch_farewell();
            }
            _ => {}
        }
    }

    pub(super) fn on_ws_closed(&mut self, ws: WsId) {
        match &self.state {
            State::Connecting(Attempt::WebSocket(current)) if *current == ws => self.on_attempt_failed(ws),
            State::Open(Link { channel: Channel::WebSocket(current), .. })
            | State::Closing { exit: Exit::WebSocket(current), .. }
                if *current == ws =>
            {
                self.end_without(Some(ws), CloseReason::TransportClose);
            }
            //= EIO4-UP-14
            State::Open(Link { channel: Channel::Probing { candidate, .. }, .. }) if candidate.ws() == ws => {
                self.back_to_polling();
            }
            _ => {}
        }
    }

    /// The WebSocket could not open the session. Tries polling, if that is configured.
    fn on_attempt_failed(&mut self, ws: WsId) {
        if self.config.transports == Transports::WebSocketThenPolling {
            self.attempt_polling();
        } else {
            self.end_without(Some(ws), CloseReason::TransportError(Violation::NoAnswer));
        }
    }

    fn on_candidate(&mut self, ws: WsId, frame: Frame) {
        let Some(candidate) = self.candidate() else { return };
        match (*candidate, Packet::parse(Revision::V4, frame)) {
            (Candidate::Probed(_), Ok(Packet::Pong(data))) if data == "probe" => *candidate = Candidate::Ready(ws),
            // Polling is about to be left; whatever comes before the server knows that is not for the application.
            (Candidate::Ready(_), _) => {}
            //= EIO4-UP-14
            _ => {
                self.transmit(Transmit::WsClose { ws });
                self.back_to_polling();
            }
        }
    }

    /// Makes the candidate the session's transport. What waits in the queue goes out on it.
    //= EIO4-UP-05
    //= EIO4-UP-08
    pub(super) fn take_over(&mut self, ws: WsId) {
        self.transmit(Transmit::WsSend { ws, frame: Packet::Upgrade.to_frame(Revision::V4) });
        self.emit(Event::Upgraded);
        if let State::Open(link) = &mut self.state {
            link.channel = Channel::WebSocket(ws);
        }
    }

    fn back_to_polling(&mut self) {
        if let Some(lanes) = self.state.lanes() {
            let lanes = core::mem::take(lanes);
            if let State::Open(link) = &mut self.state {
                link.channel = Channel::Polling(lanes);
            }
        }
    }

    fn candidate(&mut self) -> Option<&mut Candidate> {
        match &mut self.state {
            State::Open(Link { channel: Channel::Probing { candidate, .. }, .. }) => Some(candidate),
            _ => None,
        }
    }
}
