//! The Engine.IO application: every message comes back as it was sent.

use sio_codec::engineio::server::{ServerSession, Transmit};
use sio_codec::engineio::{Encoded, Event, Session as _};
use sio_codec::{Machine as _, Output};

use super::Ended;

#[derive(Debug)]
pub(super) struct Echo(pub(super) ServerSession);

impl Echo {
    pub(super) fn poll_output(&mut self) -> Option<Output<Transmit, Ended>> {
        loop {
            match self.0.poll_output()? {
                Output::Transmit(transmit) => return Some(Output::Transmit(transmit)),
                Output::Event(Event::Closed(_)) => return Some(Output::Event(Ended)),
                // A client that sends without reading is not echoed any more once its queue is full.
                Output::Event(Event::Message(message)) => drop(self.0.send(&Encoded::from(message))),
                Output::Event(_) => {}
            }
        }
    }
}
