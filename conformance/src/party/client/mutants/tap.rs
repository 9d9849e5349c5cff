//! The layer around one client in which a mutant changes what goes in and out.

use bytes::Bytes;
use serde_json::Value;
use sio_codec::engineio::Revision;
use sio_codec::engineio::client::{Input, Transmit};
use sio_codec::engineio::server::BodyFormat;
use sio_codec::{Frame, Timestamp};

use super::super::script::Wish;
use super::mutant::{Hooks, Mutant};
use super::past::Past;
use crate::mutants::framing::Framing;
use crate::mutants::payload::to_text;

/// The layer around one client.
#[derive(Debug)]
pub(crate) struct Tap {
    hooks: Hooks,
    past: Past,
    /// That of the client, which says how bodies are put together.
    revision: Revision,
}

impl Tap {
    pub(crate) fn new(mutant: &Mutant, revision: Revision, now: Timestamp) -> Self {
        Self { hooks: mutant.hooks, past: Past::new(now), revision }
    }

    /// The calls that are made when the application makes this one.
    pub(crate) fn call(&mut self, now: Timestamp, wish: &Wish) -> Vec<Wish> {
        self.past.now = now;
        self.past.note_call(wish);
        match self.hooks.call {
            Some(change) => change(&mut self.past, wish.clone()),
            None => vec![wish.clone()],
        }
    }

    /// What the client is told when this happened.
    pub(crate) fn take(&mut self, now: Timestamp, input: Input) -> Vec<Input> {
        self.past.now = now;
        let inputs = match self.hooks.input {
            Some(change) => change(&mut self.past, input),
            None => vec![input],
        };
        let inputs: Vec<_> = inputs.into_iter().flat_map(|input| self.unpack(input)).collect();
        inputs.iter().for_each(|input| self.past.note_input(input));
        inputs
    }

    /// The client does this. What happens instead is taken out with [`next`](Self::next).
    pub(crate) fn give(&mut self, transmit: Transmit) {
        for output in self.pack(transmit) {
            let outputs = match self.hooks.output {
                Some(change) => change(&mut self.past, output),
                None => vec![output],
            };
            outputs.iter().for_each(|output| self.past.note_output(output));
            self.past.ready.extend(outputs);
        }
    }

    /// The next thing that happens.
    pub(crate) fn next(&mut self) -> Option<Transmit> {
        self.past.ready.pop_front()
    }

    /// The client tells its application this. What the application receives is taken out with [`heard`](Self::heard).
    pub(crate) fn tell(&mut self, event: &str) {
        let Ok(value) = serde_json::from_str::<Value>(event) else { return };
        let values = match self.hooks.told {
            Some(change) => change(&mut self.past, value),
            None => vec![value],
        };
        self.past.told.extend(values);
    }

    /// What the application receives, in order.
    pub(crate) fn heard(&mut self) -> impl Iterator<Item = String> {
        self.past.told.drain(..).map(|event| event.to_string())
    }

    /// What the client is told although it did not happen, and when.
    pub(crate) fn inject(&mut self) -> Option<(Timestamp, Input)> {
        let input = self.past.injected.pop_front()?;
        self.past.note_input(&input);
        Some((self.past.now, input))
    }

    /// The next time for [`wake`](Self::wake).
    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        self.past.later.iter().map(|(at, _)| *at).min()
    }

    /// The time is now.
    pub(crate) fn wake(&mut self, now: Timestamp) {
        self.past.now = now;
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.past.later).into_iter().partition(|(at, _)| *at <= now);
        self.past.later = later;
        self.past.ready.extend(due.into_iter().map(|(_, transmit)| transmit));
    }

    fn unpack(&mut self, input: Input) -> Vec<Input> {
        match input {
            Input::Response { id, status: 200, format, body } if self.past.post != Some(id) => {
                vec![Input::Response { id, status: 200, format, body: self.read(format, body) }]
            }
            Input::WsFrame { ws, frame } => {
                self.past.is_from_websocket = true;
                self.receive(frame).into_iter().map(|frame| Input::WsFrame { ws, frame }).collect()
            }
            input => vec![input],
        }
    }

    /// The answer to a GET.
    fn read(&mut self, format: BodyFormat, body: Bytes) -> Bytes {
        let framing = Framing::of(self.revision, format);
        let Some(before) = framing.split(&body) else { return body };
        self.past.is_from_websocket = false;
        let packets = match self.hooks.answer {
            Some(change) => change(&mut self.past, before.clone()),
            None => before.clone(),
        };
        let packets: Vec<_> = packets.into_iter().flat_map(|packet| self.receive(packet)).collect();
        // Unchanged answers keep their bytes. One without packets would be an error.
        match packets.as_slice() {
            same if same == before.as_slice() => body,
            [] => framing.join(&[to_text(NOOP)]),
            changed => framing.join(changed),
        }
    }

    fn receive(&mut self, packet: Frame) -> Vec<Frame> {
        let packets = match self.hooks.received {
            Some(change) => change(&mut self.past, packet),
            None => vec![packet],
        };
        packets.iter().for_each(|packet| self.past.note_received(packet));
        packets
    }

    fn pack(&mut self, transmit: Transmit) -> Vec<Transmit> {
        match transmit {
            Transmit::Request { id, query, body: Some(mut body) } => {
                let framing = Framing::from(body.format);
                let Some(before) = framing.split(&body.bytes) else {
                    return vec![Transmit::Request { id, query, body: Some(body) }];
                };
                let packets: Vec<_> = before.iter().cloned().flat_map(|packet| self.send(packet)).collect();
                let packets = match self.hooks.body {
                    Some(change) => change(&mut self.past, packets),
                    None => packets,
                };
                if packets.is_empty() {
                    self.past.accept(id);
                    return Vec::new();
                }
                if packets != before {
                    body.bytes = framing.join(&packets);
                }
                vec![Transmit::Request { id, query, body: Some(body) }]
            }
            Transmit::WsSend { ws, frame } => {
                self.send(frame).into_iter().map(|frame| Transmit::WsSend { ws, frame }).collect()
            }
            transmit => vec![transmit],
        }
    }

    fn send(&mut self, packet: Frame) -> Vec<Frame> {
        self.past.note_sent(&packet);
        match self.hooks.sent {
            Some(change) => change(&mut self.past, packet),
            None => vec![packet],
        }
    }
}

/// A packet without effect.
const NOOP: &str = "6";
