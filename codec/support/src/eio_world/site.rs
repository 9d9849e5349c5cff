//! The server: its front, and the sessions behind it.

use std::collections::BTreeMap;

use sio_codec::engineio::server::{Config, Input, ServerSession, Transmit};
use sio_codec::engineio::{CloseReason, Encoded, Event, SendError, Session as _, Sid};
use sio_codec::{Frame, Machine as _, Output, Timestamp};

use super::front::Front;
use super::network::{Channel, Network, Side, ToServer};
use super::random::Random;
use super::story::Story;

pub(crate) struct Site {
    pub(crate) front: Front<ServerSession>,
    /// Whether messages are sent back.
    echo: Echo,
    random: Random,
    received: BTreeMap<Sid, Vec<Frame>>,
    ends: BTreeMap<Sid, Vec<CloseReason>>,
}

/// What a server does with messages, in addition to recording them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Echo {
    Nothing,
    /// It sends them back at once.
    Everything,
}

impl Site {
    pub(crate) fn new(config: Config, echo: Echo, random: Random) -> Self {
        Self { front: Front::new(config), echo, random, received: BTreeMap::new(), ends: BTreeMap::new() }
    }

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        self.front.next_deadline()
    }

    pub(crate) fn handle_timeout(&mut self, now: Timestamp) {
        self.front.handle_timeout(now);
    }

    pub(crate) fn send(&mut self, sid: Option<&Sid>, message: &Encoded) -> Result<(), SendError> {
        let session = sid.and_then(|sid| self.front.sessions.get_mut(sid));
        session.map_or(Err(SendError::Closed), |session| session.send(message))
    }

    pub(crate) fn close(&mut self, now: Timestamp, sid: Option<&Sid>) {
        if let Some(session) = sid.and_then(|sid| self.front.sessions.get_mut(sid)) {
            session.close(now);
        }
    }

    pub(crate) fn take_received(&mut self) -> BTreeMap<Sid, Vec<Frame>> {
        core::mem::take(&mut self.received)
    }

    pub(crate) fn take_ends(&mut self) -> BTreeMap<Sid, Vec<CloseReason>> {
        core::mem::take(&mut self.ends)
    }

    /// Handles something that arrived.
    pub(crate) fn take(&mut self, now: Timestamp, channel: Channel, message: ToServer, network: &mut Network) {
        self.front.take(now, channel, message, network, |handshake, carrier| {
            let mut entropy = [0; 15];
            entropy.fill_with(|| self.random.next() as u8);
            let sid = Sid::from_entropy(entropy);
            (sid.clone(), handshake.accept(now, sid, carrier))
        });
    }

    pub(crate) fn drain(&mut self, now: Timestamp, network: &mut Network, story: &mut Story) {
        for (sid, session) in &mut self.front.sessions {
            while let Some(output) = session.poll_output() {
                story.note(now, format_args!("server: {output:?}"));
                match output {
                    Output::Transmit(transmit) => {
                        let sent_on = if let Transmit::WsSend { ws, .. } = &transmit { Some(*ws) } else { None };
                        network.for_server(now, transmit);
                        if let Some(ws) = sent_on.filter(|ws| network.became_full(*ws, Side::Client)) {
                            session.handle(now, Input::WsFull { ws });
                        }
                    }
                    Output::Event(Event::Message(frame)) => {
                        if self.echo == Echo::Everything {
                            let echo = Encoded::from(frame.clone());
                            match session.send(&echo) {
                                Ok(()) => story.sent_by_server.extend(echo.frames()),
                                Err(error) => assert_eq!(error, SendError::Closed, "L11: no room for a reaction"),
                            }
                        }
                        self.received.entry(sid.clone()).or_default().push(frame);
                    }
                    Output::Event(Event::Writable) => story.writable(Side::Server),
                    Output::Event(Event::Closed(reason)) => self.ends.entry(sid.clone()).or_default().push(reason),
                    Output::Event(_) => {}
                }
            }
        }
    }
}
