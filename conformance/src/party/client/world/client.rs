//! Plays the client's lines: checks what the client has done.

use sio_codec::engineio::WsId;
use sio_codec::engineio::client::Input;
use sio_codec::{Frame, Timestamp};

use super::wire::{Kind, State, Wire, describe, same_query};
use super::{Differs, World};
use crate::party::client::script::{Body, Expected, Hear, Within, kind_of, shown};
use crate::party::client::told::with_sid;
use crate::replay::{Packet, hex, same_media_type, shorten};
use crate::trace::{Bindings, Channel, Comparison, Pattern};

/// The result of a search for something that the client should have done.
enum Search {
    Pending,
    /// It was done then.
    Seen(Timestamp),
    /// A part was found; the rest may follow.
    Part,
    Differs(String, String),
}

impl World<'_> {
    /// Waits until the client has done something.
    pub(super) fn expect(
        &mut self,
        channel: &Channel,
        expected: &Expected,
        within: Option<&Within>,
    ) -> Result<(), Differs> {
        let until = self.patience(within);
        let mut taken = 0;
        self.drain();
        let at = loop {
            match self.search(channel, expected, &mut taken) {
                Search::Seen(at) => break at,
                Search::Differs(expected, actual) => return Err((expected, actual)),
                Search::Part => {}
                Search::Pending if self.release_poll() => {}
                Search::Pending => {
                    let Some(at) = self.subject.pass(self.now, until) else {
                        self.drain();
                        self.unsuited = self.other_order(expected);
                        return Err((expected.to_string(), self.pending(channel)));
                    };
                    self.now = at;
                    self.drain();
                }
            }
        };
        self.check_window(Some(channel), at, within)?;
        self.last.insert(channel.clone(), at);
        self.timeline.client(at, channel, expected.to_string());
        Ok(())
    }

    /// Waits until the application has received an event.
    ///
    /// Clients tell in different orders that a namespace is joined or left and what follows from that.
    pub(super) fn hear(&mut self, Hear { content, within, next }: &Hear) -> Result<(), Differs> {
        let within = within.as_ref();
        let until = self.patience(within);
        let kind = kind_of(content);
        let shown = || format!("event {}", content.pattern);
        self.drain();
        loop {
            let told = self.subject.told();
            let may_come_before = |event: &String| {
                let is = |kind: &String| event.contains(&format!(r#""event":"{kind}""#));
                kind.as_ref().is_some_and(|own| !is(own) && next.iter().any(|other| other != own && is(other)))
            };
            let at = told.iter().position(|event| !may_come_before(event)).unwrap_or(told.len());
            if let Some(event) = told.remove(at) {
                let event = with_sid(&event, &content.pattern.to_string()).into_owned();
                let matched = content.matches(&event, &mut Bindings::default());
                matched.map_err(|mismatch| (shown(), format!("{}: {mismatch}", shorten(&event))))?;
                self.check_window(None, self.now, within)?;
                self.timeline.client(self.now, "", format!("event {}", shorten(&event)));
                return Ok(());
            }
            if !self.release_poll() {
                let Some(at) = self.subject.pass(self.now, until) else {
                    self.drain();
                    let other = self.subject.told().front().map(|event| shorten(event));
                    return Err((shown(), other.unwrap_or_else(|| "nothing".to_owned())));
                };
                self.now = at;
            }
            self.drain();
        }
    }

    /// How long to wait for something that has a window.
    fn patience(&self, within: Option<&Within>) -> Timestamp {
        let latest = within.and_then(|within| u64::try_from(within.bounds.high?).ok()).unwrap_or(0);
        self.now.saturating_add(self.conditions.step).saturating_add(std::time::Duration::from_millis(latest))
    }

    /// A client may do nothing else while it probes a WebSocket. A trace that was written for servers and goes on with
    /// polling does not apply to it; those that demand it of clients are written for them.
    fn other_order(&self, expected: &Expected) -> Option<&'static str> {
        let is_request = matches!(expected, Expected::Get { .. } | Expected::Post { .. });
        let is_probe = |wire: &Wire| matches!(wire.kind, Kind::Socket(_)) && wire.state == State::Open;
        let applies =
            !self.has_sessions && is_request && self.wires.values().any(|wire| is_probe(wire) && wire.names_session());
        applies.then_some("goes on with polling while it probes a WebSocket, which the client does not do")
    }

    /// Describes what the client did instead, when nothing more happens.
    fn pending(&self, channel: &Channel) -> String {
        if let Some(reason) = self.subject.closed() {
            return format!("the session is closed: {reason}");
        }
        let others: Vec<_> = self.wires.values().filter_map(Wire::unread).collect();
        let wire = self.channels.get(channel).and_then(|id| self.wires.get(id));
        match wire {
            _ if !others.is_empty() => others.join(", "),
            Some(Wire { state: State::GivenUp, .. }) => format!("the client gave up channel {channel}"),
            _ => format!("nothing on channel {channel}"),
        }
    }

    fn search(&mut self, channel: &Channel, expected: &Expected, taken: &mut usize) -> Search {
        match expected {
            Expected::Get { query } => self.claim(channel, query, |kind| matches!(kind, Kind::Get)),
            Expected::Post { .. } => self.claim_post(channel, expected, taken),
            Expected::Open { query } => {
                let search = self.claim(channel, query, |kind| matches!(kind, Kind::Socket(_)));
                if let (Search::Seen(_), Some(id)) = (&search, self.channels.get(channel)) {
                    self.tell(Input::WsOpened { ws: WsId(*id) });
                }
                search
            }
            Expected::Text(text, comparison) => match self.next_frame(channel) {
                None => Search::Pending,
                Some((at, Frame::Text(actual))) => self.compare(text, *comparison, actual.as_str(), at),
                Some((_, Frame::Binary(bytes))) => {
                    Search::Differs(expected.to_string(), format!("binary {}", hex(&bytes)))
                }
            },
            Expected::Binary(wanted) => match self.next_frame(channel) {
                None => Search::Pending,
                Some((at, Frame::Binary(bytes))) if bytes == *wanted => Search::Seen(at),
                Some((_, frame)) => Search::Differs(expected.to_string(), describe(&frame)),
            },
            Expected::Close => match self.channels.get(channel).and_then(|id| self.wires.get(id)) {
                Some(Wire { kind: Kind::Socket(sent), state: State::GivenUp, at, .. }) => match sent.front() {
                    Some((_, frame)) => Search::Differs(expected.to_string(), describe(frame)),
                    None => Search::Seen(*at),
                },
                _ => Search::Pending,
            },
        }
    }

    fn next_frame(&mut self, channel: &Channel) -> Option<(Timestamp, Frame)> {
        match &mut self.wires.get_mut(self.channels.get(channel)?)?.kind {
            Kind::Socket(sent) => sent.pop_front(),
            Kind::Get | Kind::Post { .. } => None,
        }
    }

    fn compare(&mut self, wanted: &str, comparison: Comparison, actual: &str, at: Timestamp) -> Search {
        let actual = same_auth(wanted, actual);
        let translated = self.ids.of_trace(actual, wanted);
        match Pattern::literal(wanted).matches(&translated, comparison, &mut Bindings::default()) {
            Ok(()) => Search::Seen(at),
            Err(mismatch) => Search::Differs(shorten(wanted), format!("{}: {mismatch}", shorten(actual))),
        }
    }

    /// Finds the oldest request or WebSocket of a kind that no line has claimed yet.
    fn claim(&mut self, channel: &Channel, query: &str, is_it: fn(&Kind) -> bool) -> Search {
        let found =
            self.wires.iter_mut().find(|(_, wire)| !wire.claimed && wire.state == State::Open && is_it(&wire.kind));
        let Some((id, wire)) = found else { return Search::Pending };
        if !same_query(query, &wire.query) {
            return Search::Differs(query.to_owned(), wire.query.clone());
        }
        wire.claimed = true;
        self.channels.insert(channel.clone(), *id);
        Search::Seen(wire.at)
    }

    /// A client may spread the packets of one POST over several, and send those of several in one.
    fn claim_post(&mut self, channel: &Channel, expected: &Expected, taken: &mut usize) -> Search {
        let Expected::Post { query, content_type: wanted_type, packets } = expected else { return Search::Pending };
        let wanted = packets.get(*taken..).unwrap_or_default();
        let posted = self.wires.values().find_map(|wire| match wire {
            Wire { kind: Kind::Post { content_type, packets }, state: State::Open, claimed: false, .. } => {
                Some((content_type.clone().unwrap_or_default(), packets.clone()))
            }
            _ => None,
        });
        let Some((actual_type, actual)) = posted else { return Search::Pending };
        if actual.len() > wanted.len() && self.has_sessions {
            return Search::Differs(shorten(&shown(wanted, " ")), shorten(&shown(&actual, " ")));
        }
        //= EIO3-CLI-02
        if let Some(wanted_type) = wanted_type.as_ref().filter(|wanted| !same_media_type(wanted, &actual_type)) {
            return Search::Differs(format!("content type {wanted_type}"), format!("content type {actual_type:?}"));
        }
        for (wanted, actual) in wanted.iter().zip(&actual) {
            let search = self.compare_packet(wanted, actual);
            if !matches!(search, Search::Seen(_)) {
                return search;
            }
        }
        if actual.len() > wanted.len() {
            return self.claim_beginning(channel, query, wanted.len());
        }
        let search = self.claim(channel, query, |kind| matches!(kind, Kind::Post { .. }));
        if !matches!(search, Search::Seen(_)) || actual.len() == wanted.len() {
            return search;
        }
        *taken += actual.len();
        self.settle(channel, &Body::Bare("ok".to_owned()));
        Search::Part
    }

    fn compare_packet(&mut self, wanted: &Packet, actual: &Packet) -> Search {
        match (wanted, actual) {
            (Packet::Text(wanted), Packet::Text(actual)) => self.compare(wanted, Comparison::Json, actual, self.now),
            _ if wanted == actual => Search::Seen(self.now),
            _ => Search::Differs(shorten(&wanted.to_string()), shorten(&actual.to_string())),
        }
    }
}

impl World<'_> {
    /// Takes the first packets of a POST. It is answered when the rest of it is claimed.
    fn claim_beginning(&mut self, channel: &Channel, query: &str, count: usize) -> Search {
        let id = u64::MAX.saturating_sub(u64::try_from(self.wires.len()).unwrap_or_default());
        let whole = self.wires.values_mut().find_map(|wire| match wire {
            Wire { kind: Kind::Post { content_type, packets }, state: State::Open, claimed: false, query, at } => {
                Some((content_type.clone(), packets, query, *at))
            }
            _ => None,
        });
        let Some((content_type, packets, actual, at)) = whole else { return Search::Pending };
        if !same_query(query, actual) {
            return Search::Differs(query.to_owned(), actual.clone());
        }
        let kind = Kind::Post { content_type, packets: packets.drain(..count).collect() };
        let beginning = Wire { query: actual.clone(), kind, state: State::Done, claimed: true, at };
        self.wires.insert(id, beginning);
        self.channels.insert(channel.clone(), id);
        Search::Seen(at)
    }
}

/// A CONNECT with an empty auth payload is the same as one without.
fn same_auth<'a>(wanted: &str, actual: &'a str) -> &'a str {
    match actual.strip_suffix("{}") {
        Some(bare) if bare == wanted && wanted.starts_with("40") => bare,
        _ => actual,
    }
}
