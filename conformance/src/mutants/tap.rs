//! The layer around one session in which a mutant changes what goes in and out.

use std::collections::VecDeque;

use bytes::Bytes;
use sio_codec::engineio::server::{BodyFormat, Config, Input, RequestId, Transmit};
use sio_codec::engineio::{ContentType, Response, jsonp};
use sio_codec::{Frame, Timestamp};

use super::framing::Framing;
use super::mutant::{Hooks, Mutant};
use super::past::{Beginning, Past, is_forged};
use super::payload::to_text;

/// The layer around one session.
#[derive(Debug)]
pub struct Tap {
    hooks: Hooks,
    past: Past,
    /// Numbers of the open packet that must be announced differently: from, to.
    announced: Vec<(String, String)>,
}

impl Tap {
    /// The layer of a mutant around a session. `contract` has the numbers that are announced, and `actual` those that
    /// the session has.
    #[must_use]
    pub fn new(mutant: &Mutant, begin: Beginning, contract: &Config, actual: &Config) -> Self {
        let numbers = |config: &Config| {
            [
                format!(r#""pingInterval":{}"#, config.ping_interval.as_millis()),
                format!(r#""pingTimeout":{}"#, config.ping_timeout.as_millis()),
                format!(r#""maxPayload":{}"#, config.limits.max_payload),
            ]
        };
        let is_lie = !mutant.hooks.is_patient;
        let announced = numbers(actual).into_iter().zip(numbers(contract)).filter(|_| is_lie).collect();
        Self { hooks: mutant.hooks, past: Past::new(begin), announced }
    }

    /// What the session is told when this happened.
    pub fn take(&mut self, now: Timestamp, input: Input) -> Vec<Input> {
        self.past.now = now;
        let inputs = match self.hooks.input {
            Some(change) => change(&mut self.past, input),
            None => vec![input],
        };
        let inputs: Vec<_> = inputs.into_iter().flat_map(|input| self.unpack(input)).collect();
        inputs.iter().for_each(|input| self.past.note_input(input));
        inputs
    }

    /// What happens instead when the session does this.
    pub fn give(&mut self, transmit: Transmit) -> VecDeque<Transmit> {
        let outputs: Vec<_> = self.pack(transmit);
        let mut given: VecDeque<_> = match self.hooks.output {
            Some(change) => outputs.into_iter().flat_map(|output| change(&mut self.past, output)).collect(),
            None => outputs.into(),
        };
        for output in &mut given {
            self.past.note_output(output);
            if let (Transmit::Respond { response, .. } | Transmit::WsRefuse { response, .. }, Some(change)) =
                (output, self.hooks.answer)
            {
                change(response);
            }
        }
        given
    }

    /// What the session is told although it did not happen.
    pub fn inject(&mut self) -> Option<Input> {
        let input = self.past.injected.pop_front()?;
        self.past.note_input(&input);
        Some(input)
    }

    /// What happens although the session did not do it.
    pub fn add(&mut self) -> Option<Transmit> {
        self.past.ready.pop_front()
    }

    /// The session has reacted to everything.
    pub fn rest(&mut self) {
        if let Some(act) = self.hooks.idle {
            act(&mut self.past);
        }
    }

    /// The next time for [`wake`](Self::wake).
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.past.later.iter().map(|(at, _)| *at).min()
    }

    /// The time is now.
    pub fn wake(&mut self, now: Timestamp) {
        self.past.now = now;
        self.past.cause = super::past::Cause::Timer;
        let (due, later) = std::mem::take(&mut self.past.later).into_iter().partition(|(at, _)| *at <= now);
        self.past.later = later;
        let due: Vec<(Timestamp, Transmit)> = due;
        self.past.ready.extend(due.into_iter().map(|(_, transmit)| transmit));
    }

    fn unpack(&mut self, input: Input) -> Vec<Input> {
        match input {
            Input::Body { id, body } if !is_forged(id) => {
                let Some(packets) = self.past.packets(&body) else { return vec![Input::Body { id, body }] };
                let before = packets.clone();
                self.past.is_posted = true;
                let packets = match self.hooks.body {
                    Some(change) => change(&mut self.past, packets),
                    None => packets,
                };
                let packets: Vec<_> = packets.into_iter().flat_map(|packet| self.receive(packet)).collect();
                // Unchanged bodies keep their bytes. A body without packets would be an error.
                let body = match packets.as_slice() {
                    same if same == before.as_slice() => body,
                    [] => self.past.body(self.past.posted, &[to_text(NOOP)]),
                    changed => self.past.body(self.past.posted, changed),
                };
                vec![Input::Body { id, body }]
            }
            Input::WsFrame { ws, frame } => {
                self.past.is_posted = false;
                self.receive(frame).into_iter().map(|frame| Input::WsFrame { ws, frame }).collect()
            }
            input => vec![input],
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
            Transmit::Respond { id, .. } if is_forged(id) => Vec::new(),
            Transmit::Respond { id, response }
                if matches!(response.content_type, ContentType::Payload | ContentType::BinaryPayload) =>
            {
                self.repack(id, response).into_iter().collect()
            }
            Transmit::WsSend { ws, frame } => {
                self.send(frame).into_iter().map(|frame| Transmit::WsSend { ws, frame }).collect()
            }
            transmit => vec![transmit],
        }
    }

    /// The answer to a GET; `None` if no packet remains, so that the GET stays pending.
    fn repack(&mut self, id: RequestId, mut response: Response) -> Option<Transmit> {
        let script = std::str::from_utf8(&response.body).ok().and_then(|script| jsonp::unwrap(script).ok());
        self.past.is_scripted |= script.is_some();
        let (index, payload) = match script {
            Some((index, payload)) => (Some(index), Bytes::from(payload)),
            None => (None, response.body.clone()),
        };
        let is_binary = response.content_type == ContentType::BinaryPayload;
        let format = if is_binary { BodyFormat::Binary } else { BodyFormat::Text };
        let framing = Framing::of(self.past.revision, format);
        let Some(before) = framing.split(&payload) else { return Some(Transmit::Respond { id, response }) };
        let packets: Vec<_> = before.iter().cloned().flat_map(|packet| self.send(packet)).collect();
        let packets = match self.hooks.payload {
            Some(change) => change(&mut self.past, packets),
            None => packets,
        };
        if packets.is_empty() {
            self.past.park_again(id);
            return None;
        }
        let framed = self.hooks.framed.and_then(|write| write(framing, &packets));
        if framed.is_some() || packets != before {
            let payload = framed.unwrap_or_else(|| framing.join(&packets));
            response.body = match (&index, std::str::from_utf8(&payload)) {
                (Some(index), Ok(text)) => jsonp::wrap(index, text).into(),
                _ => payload,
            };
        }
        Some(Transmit::Respond { id, response })
    }

    fn send(&mut self, packet: Frame) -> Vec<Frame> {
        let packet = self.announce(packet);
        self.past.note_sent(&packet);
        match self.hooks.sent {
            Some(change) => change(&mut self.past, packet),
            None => vec![packet],
        }
    }

    /// The open packet with the contract's numbers.
    fn announce(&self, packet: Frame) -> Frame {
        match &packet {
            Frame::Text(text) if text.as_str().starts_with("0{") => {
                let all = self.announced.iter();
                to_text(all.fold(text.as_str().to_owned(), |text, (from, to)| text.replace(from, to)))
            }
            Frame::Text(_) | Frame::Binary(_) => packet,
        }
    }
}

/// A packet without effect.
const NOOP: &str = "6";
