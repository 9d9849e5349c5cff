//! The Engine.IO application: it sends every message back unchanged.

use sio_codec::engineio::server::{Input, ServerSession, Transmit};
use sio_codec::engineio::{Encoded, Event, Session as _};
use sio_codec::{Frame, Machine as _, Output, Timestamp};

use super::Ended;

#[derive(Debug)]
pub(super) struct Echo {
    session: ServerSession,
    now: Timestamp,
}

impl Echo {
    pub(super) const fn new(now: Timestamp, session: ServerSession) -> Self {
        Self { session, now }
    }

    pub(super) fn handle(&mut self, now: Timestamp, input: Input) {
        self.now = self.now.max(now);
        self.session.handle(now, input);
    }

    pub(super) fn handle_timeout(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.session.handle_timeout(now);
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.session.next_deadline()
    }

    pub(super) fn wants_input(&self) -> bool {
        self.session.wants_input()
    }

    pub(super) fn close(&mut self, now: Timestamp) {
        self.session.close(now);
    }

    pub(super) fn poll_output(&mut self) -> Option<Output<Transmit, Ended>> {
        loop {
            match self.session.poll_output()? {
                Output::Transmit(transmit) => return Some(Output::Transmit(transmit)),
                Output::Event(Event::Closed(_)) => return Some(Output::Event(Ended)),
                Output::Event(Event::Message(message)) => self.send_back(message),
                Output::Event(_) => {}
            }
        }
    }

    /// If a message cannot be sent back, the session ends; otherwise its sender would wait in vain.
    fn send_back(&mut self, message: Frame) {
        if self.session.send(&Encoded::from(message)).is_err() {
            self.session.close(self.now);
        }
    }
}

#[cfg(test)]
mod tests {
    use sio_codec::Limits;
    use sio_codec::engineio::server::{Carrier, Config, Route, Router, WsId};
    use sio_codec::engineio::{RequestHead, Sid};

    use super::*;

    const WS: WsId = WsId(1);

    /// An echo over WebSocket with room for a few messages.
    fn echo() -> Echo {
        let limits = Limits::default().with_max_queued_bytes(1_024);
        let router = Router::new(Config::default().with_limits(limits)).unwrap();
        let query = "EIO=4&transport=websocket";
        let head = RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket: true };
        let Ok(Route::Handshake(handshake)) = router.route(&head) else { panic!("a handshake") };
        let session = handshake.accept(Timestamp::ZERO, Sid::from_entropy([7; 15]), Carrier::WebSocket(WS));
        Echo::new(Timestamp::ZERO, session)
    }

    /// No message is lost, whether or not the program takes outputs in between, and whether or not it follows the
    /// machine's requests.
    #[test]
    fn everything_comes_back() {
        for count in [1, 4, 5, 20, 200] {
            let mut echo = echo();
            for at in 0..count {
                let frame = Frame::Text(format!("4{at}").into());
                echo.handle(Timestamp::ZERO, Input::WsFrame { ws: WS, frame });
            }
            let outputs = core::iter::from_fn(|| echo.poll_output());
            let echoes = outputs.map(|output| match output {
                Output::Transmit(Transmit::WsSend { frame, .. }) => frame,
                other => panic!("{other:?}"),
            });
            // The open packet is the first.
            assert!(echoes.skip(1).eq((0..count).map(|at| Frame::Text(format!("4{at}").into()))));
        }
    }
}
