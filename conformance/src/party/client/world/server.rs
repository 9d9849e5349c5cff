//! Plays the server's lines, and what the server does without a line of the trace.

use sio_codec::engineio::client::Input;
use sio_codec::engineio::{RequestId, WsId};
use sio_codec::{Frame, Text};

use super::wire::{Kind, State, Wire};
use super::{Differs, World, duration};
use crate::party::client::script::{Body, Say, Saying};
use crate::party::client::subject::Patience;
use crate::party::client::told::with_sid;
use crate::replay::{Packet, shorten};
use crate::trace::{Bindings, Channel, Comparison, Pattern, Side};

/// What the server does without a line of the trace.
impl World<'_> {
    /// Answers a request that has no line for its answer.
    pub(super) fn settle(&mut self, channel: &Channel, body: &Body) {
        let Some(id) = self.channels.get(channel).copied() else { return };
        self.settle_wire(id, body);
    }

    pub(super) fn settle_wire(&mut self, id: u64, body: &Body) {
        if let Some(wire) = self.wires.get_mut(&id) {
            (wire.state, wire.claimed) = (State::Done, true);
            self.timeline.set_aside(self.now, "", Side::Server, format!("200 {body}"));
            self.answer(id, 200, None, body);
        }
    }

    pub(super) fn unclaimed(&self, is_it: impl Fn(&Kind) -> bool) -> Option<u64> {
        let mut wires = self.wires.iter();
        let found = wires.find(|(_, wire)| !wire.claimed && wire.state == State::Open && is_it(&wire.kind));
        found.map(|(id, _)| *id)
    }

    /// Answers a poll with a noop while an upgrade is probed, so that polling can pause. The answer to the probe travels on
    /// another connection, so that a client may poll again before it learns that it has to pause.
    //= EIO4-UP-04
    pub(super) fn release_poll(&mut self) -> bool {
        let poll = self.unclaimed(|kind| matches!(kind, Kind::Get)).filter(|_| self.is_probed);
        if let Some(id) = poll {
            self.settle_wire(id, &Body::packet("6"));
        }
        poll.is_some()
    }
}

/// The server's lines.
impl World<'_> {
    pub(super) fn say(&mut self, say: &Say) -> Result<(), Differs> {
        if let Some((millis, after)) = &say.delay {
            let since = self.last.get(after).copied().unwrap_or(self.now);
            self.pass(since.saturating_add(duration(*millis)));
        }
        let id = self.channels.get(&say.channel).copied();
        let Some((id, wire)) = id.and_then(|id| Some((id, self.wires.get_mut(&id)?))) else {
            return Err((format!("a client on channel {}", say.channel), "there is none".to_owned()));
        };
        if wire.state == State::Open {
            if !matches!(say.saying, Saying::Text(_) | Saying::Binary(_)) {
                wire.state = State::Done;
            }
            self.timeline.server(self.now, &say.channel, say.saying.to_string());
            self.deliver(id, &say.saying);
        } else {
            let shown = format!("{} (without a receiver)", say.saying);
            self.timeline.set_aside(self.now, &say.channel, Side::Server, shown);
        }
        self.last.insert(say.channel.clone(), self.now);
        say.told.as_ref().map_or(Ok(()), |told| self.check_told(told))
    }

    fn deliver(&mut self, id: u64, saying: &Saying) {
        match saying {
            Saying::Answer { status, content_type, body: Body::Payload(packets) } => {
                if packets.iter().any(|packet| packet.text() == "1") {
                    self.closed.extend(self.wires.get(&id).and_then(Wire::sid));
                }
                packets.iter().for_each(|packet| self.pongs.server_sends(packet.text()));
                let packets = packets.iter().map(|packet| match packet {
                    Packet::Text(text) => Packet::Text(self.ids.of_client(text)),
                    Packet::Binary(_) => packet.clone(),
                });
                let body = Body::Payload(packets.collect());
                self.answer(id, *status, content_type.as_deref(), &body);
            }
            Saying::Answer { status, content_type, body } => self.answer(id, *status, content_type.as_deref(), body),
            Saying::Lost => self.tell(Input::Failed { id: RequestId(id) }),
            Saying::Text(text) => {
                self.is_probed |= text == "3probe";
                self.pongs.server_sends(text);
                let frame = Frame::Text(Text::from(self.ids.of_client(text)));
                self.tell(Input::WsFrame { ws: WsId(id), frame });
            }
            Saying::Binary(bytes) => {
                self.tell(Input::WsFrame { ws: WsId(id), frame: Frame::Binary(bytes.clone()) });
            }
            Saying::Closed => {
                self.is_probed = false;
                self.tell(Input::WsClosed { ws: WsId(id) });
            }
        }
    }

    /// Checks that the application received everything that the server sent, and nothing else.
    pub(super) fn check_told(&mut self, wanted: &[String]) -> Result<(), Differs> {
        while self.subject.told().len() < wanted.len() && self.subject.catch_up(Patience::Reaction) {
            self.drain();
        }
        let told: Vec<_> = self.subject.told().drain(..).collect();
        let shown = |told: &[String]| if told.is_empty() { "nothing".to_owned() } else { shorten(&told.join(", ")) };
        if told.len() == wanted.len()
            && told.iter().zip(wanted).all(|(told, wanted)| is_same(&with_sid(told, wanted), wanted))
        {
            Ok(())
        } else {
            Err((format!("the application receives {}", shown(wanted)), format!("it receives {}", shown(&told))))
        }
    }
}

/// Whether two events are equal as JSON.
fn is_same(told: &str, wanted: &str) -> bool {
    let is_equal = || Pattern::literal(wanted).matches(told, Comparison::Json, &mut Bindings::default()).is_ok();
    told == wanted || is_equal()
}
