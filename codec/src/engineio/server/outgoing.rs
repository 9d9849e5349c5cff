//! What leaves a session, and when.

use super::io::Transmit;
use super::session::{ServerSession, Timer};
use super::state::{Channel, State};
use crate::engineio::http::Response;
use crate::engineio::ids::{RequestId, WsId};
use crate::engineio::session::skeleton::Role as _;
use crate::engineio::session::{Event, Writer};
use crate::frame::Frame;

impl ServerSession {
    /// Whether a message would leave at once.
    pub(super) fn is_writable(&self) -> bool {
        match &self.state {
            State::Open(Channel::Polling(lanes) | Channel::Probing { lanes, .. }) => {
                lanes.is_parked() && self.common.queue.is_empty()
            }
            // A program that cannot write leaves what waits where it is.
            State::Open(Channel::WebSocket(_)) => self.common.queue.is_empty() && self.common.writer == Writer::Ready,
            State::Closing { .. } | State::Closed => false,
        }
    }

    /// Takes out the next message of the session's WebSocket, if there is one and the WebSocket has room for it.
    pub(super) fn take_frame(&mut self) -> Option<Transmit> {
        let State::Open(Channel::WebSocket(ws)) = self.state else { return None };
        if self.common.writer == Writer::Full {
            return None;
        }
        let packet = self.common.queue.pop()?;
        self.note_left(&packet);
        Some(Transmit::WsSend { ws, frame: self.dialect.write_message(packet) })
    }

    /// Produces the next output that was put off until now; `false` if there is none.
    pub(super) fn flush(&mut self) -> bool {
        match &mut self.state {
            State::Open(_) if self.common.queue.is_empty() => {
                let relieved = self.common.queue.relieved();
                if relieved {
                    self.emit(Event::Writable);
                }
                relieved
            }
            State::Open(Channel::WebSocket(_)) => false,
            State::Open(Channel::Polling(lanes) | Channel::Probing { lanes, .. }) => {
                //= EIO4-GET-01
                //= EIO4-GET-10
                let Some(id) = lanes.take_poll() else { return false };
                self.answer_poll(id);
                true
            }
            State::Closing { .. } => self.take_leave(),
            State::Closed => false,
        }
    }

    /// Answers a GET with everything that waits.
    pub(super) fn answer_poll(&mut self, id: RequestId) {
        self.common.timers.cancel(Timer::Noop);
        if let Some(response) = self.dialect.answer(&mut self.common.queue) {
            self.note_all_left();
            self.respond(id, response);
        }
    }

    pub(super) fn respond(&mut self, id: RequestId, response: Response) {
        self.transmit(Transmit::Respond { id, response });
    }

    pub(super) fn send_on(&mut self, ws: WsId, packet: Frame) {
        let frame = self.dialect.write_message(packet);
        self.transmit(Transmit::WsSend { ws, frame });
    }
}
