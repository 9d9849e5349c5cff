//! Compares a table of sessions with a naive one: a router, and a driver for each session.
//!
//! ```text
//!             ┌──▶ Sessions ──────────────▶ Ends ┐
//!   bytes ──▶ │                                  ├ the same
//!             └──▶ Router, Driver for each ──▶ Ends ┘
//! ```
//!
//! | law | statement |
//! |---|---|
//! | the same | both give the same numbers to requests, and each session, request and WebSocket hears the same from both |
//! | deadlines | the table never sleeps longer than a session's deadline, and after a deadline the next one is later |
//! | in order | what the application sends arrives once and in order, over all requests and WebSockets of a session |
//! | answered | who waits for an answer gets it, unless its client is gone; a client that is gone is not waited for |
//! | nothing stays | a table whose sessions are over is empty, and keeps nothing of them |

mod ends;
mod naive;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use sio_codec::engineio::server::{Carrier, Config, Handshake, Input, RequestId, ServerSession, Sessions, WsId};
use sio_codec::engineio::{Encoded, RequestHead, Response, Session as _, Sid};
use sio_codec::{Limits, Timestamp};

use self::ends::{Ends, Waiting, Writer};
use self::naive::Naive;
use crate::lives::moves::{duration, recent};

/// At most so many sessions at a time.
const MOST: usize = 4;

/// As many sids as clients ask for; some are taken at times.
const SIDS: u8 = 6;

/// When the events are taken out. They are in any case before time passes, and before the application says something: it has
/// to know what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rhythm {
    EachCall,
    /// After so many calls.
    Rarely(usize),
}

/// Makes calls, four bytes for each, on a table and on the naive one. The first byte says who is there already.
///
/// # Panics
///
/// Panics if the two differ, or a law is broken.
pub fn run(data: &[u8]) {
    [Rhythm::EachCall, Rhythm::Rarely(3), Rhythm::Rarely(usize::MAX)].into_iter().for_each(|rhythm| live(data, rhythm));
}

fn live(data: &[u8], rhythm: Rhythm) {
    let Some((there, data)) = data.split_first() else { return };
    let mut both = Both::new(rhythm);
    both.begin(*there);
    for (call, verb) in data.chunks_exact(4).enumerate() {
        both.step([verb[0], verb[1], verb[2], verb[3]]);
        match rhythm {
            Rhythm::Rarely(calls) if !(call + 1).is_multiple_of(calls) => {}
            Rhythm::EachCall | Rhythm::Rarely(_) => both.take_out(),
        }
    }
    both.end();
}

/// The table, the naive one, and what they share.
struct Both {
    rhythm: Rhythm,
    now: Timestamp,
    table: Sessions<ServerSession, Waiting, Writer>,
    naive: Naive,
    /// What the table did outside.
    ends: Ends,
    /// The numbers of requests that were not refused, the latest last.
    ids: Vec<u64>,
    /// How many messages the application has tried to send.
    sent: u32,
    /// Those that were accepted and have not come, by the sid of their session.
    awaited: BTreeMap<Sid, VecDeque<u32>>,
}

impl Both {
    fn new(rhythm: Rhythm) -> Self {
        let limits = Limits::default().with_max_payload(1_000);
        let config = Config::default().with_heartbeat(Duration::from_millis(300), Duration::from_millis(200));
        let config = config.with_upgrade_timeout(Duration::from_millis(100)).with_allow_eio3(true).with_limits(limits);
        let table = Sessions::new(config.clone()).unwrap().with_max_sessions(MOST);
        let naive = Naive::new(config, MOST);
        Self {
            rhythm,
            now: Timestamp::from_millis(5_000),
            table,
            naive,
            ends: Ends::default(),
            ids: Vec::new(),
            sent: 0,
            awaited: BTreeMap::new(),
        }
    }

    /// A session on polling, one on a WebSocket, or both, or none.
    fn begin(&mut self, there: u8) {
        if there & 1 == 0 {
            self.open(0, 0, 1);
        }
        if there & 2 == 0 {
            self.open(1, 1, 1);
            self.attach(WsId(self.recent(0)));
        }
        self.take_out();
    }

    fn step(&mut self, [verb, a, b, c]: [u8; 4]) {
        match verb % 32 {
            0..=2 => self.open(a, b, c),
            3..=6 => self.request("GET", "polling", a, b),
            7 | 8 => self.request("POST", "polling", a, b),
            9..=11 => self.request("GET", "websocket", a, b),
            12 => self.request(["DELETE", "OPTIONS", "HEAD", "GET"][usize::from(b) % 4], "pigeon", a, c),
            13 | 14 => self.body(a, c),
            15 => self.handle(Input::Aborted { id: RequestId(self.recent(a)) }),
            16..=18 => self.attach(WsId(self.recent(a))),
            19 => self.detach(WsId(self.recent(a))),
            20..=23 => self.frame(WsId(self.recent(a)), c),
            24 => self.handle(Input::WsClosed { ws: WsId(self.recent(a)) }),
            25 => self.handle(Input::WsWritable { ws: WsId(self.recent(a)) }),
            26 => self.reads(WsId(self.recent(a)), b),
            27 | 28 => self.send(a, b),
            29 => self.close(a, b),
            _ if verb == 31 && a == 31 => self.shut_down(),
            _ => self.passes(duration(a)),
        }
    }

    /// One of the latest numbers, or one that nothing has.
    fn recent(&self, back: u8) -> u64 {
        recent(&self.ids, usize::from(back % 8)).unwrap_or(u64::MAX)
    }

    fn open(&mut self, seed: u8, transport: u8, revision: u8) {
        let transport = ["polling", "websocket"][usize::from(transport % 2)];
        let query = format!("EIO={}&transport={transport}", 3 + revision % 2);
        self.ask("GET", &query, transport == "websocket", seed);
    }

    fn request(&mut self, method: &str, transport: &str, seed: u8, how: u8) {
        let revision = ["&EIO=4", "&EIO=3", "", "&EIO=9"][usize::from(how) % 4];
        let query = format!("transport={transport}&sid={}{revision}", sid(seed).as_str());
        self.ask(method, &query, (transport == "websocket") != (how > 250), seed);
    }

    fn ask(&mut self, method: &str, query: &str, wants_websocket: bool, seed: u8) {
        let head = RequestHead { method, query, content_type: None, origin: None, wants_websocket };
        let now = self.now;
        let next = self.ids.last().map_or(1, |id| id + 1);
        let open = |handshake: Handshake, carrier: Carrier| -> Result<ServerSession, Response> {
            if seed > 240 { Err(handshake.forbid("go away")) } else { Ok(handshake.accept(now, sid(seed), carrier)) }
        };
        let id = self.table.request(now, &head, self.ends.reply(next), open);
        let naive = self.naive.request(now, &head, RequestId(next), open);
        assert_eq!(id, naive, "{head:?}");
        assert!(id.is_none_or(|id| id.0 == next), "{id:?} after {}", next - 1);
        self.ids.extend(id.map(|id| id.0));
    }

    fn body(&mut self, back: u8, choice: u8) {
        const BODIES: [&str; 8] = ["4a", "3", "1", "x", "2:4a", "1:3", "4a\x1e4b", "6"];
        let id = RequestId(self.recent(back));
        match BODIES.get(usize::from(choice) % 9) {
            Some(body) => self.handle(Input::Body { id, body: (*body).into() }),
            None => self.handle(Input::BodyTooLarge { id }),
        }
    }

    fn frame(&mut self, ws: WsId, choice: u8) {
        const FRAMES: [&str; 6] = ["2probe", "5", "3", "4a", "x", "1"];
        self.handle(Input::WsFrame { ws, frame: FRAMES[usize::from(choice) % FRAMES.len()].into() });
    }

    fn handle(&mut self, input: Input) {
        let aborted = if let Input::Aborted { id } = &input { Some(id.0) } else { None };
        self.table.handle(self.now, input.clone());
        self.naive.handle(self.now, input);
        if let Some(id) = aborted {
            self.ends.is_not_waited_for(id);
        }
    }

    fn attach(&mut self, ws: WsId) {
        let refused = self.table.attach(ws, self.ends.writer(ws)).is_some();
        assert_eq!(refused, self.naive.attach(ws), "{ws:?}");
    }

    fn detach(&mut self, ws: WsId) {
        assert_eq!(self.table.detach(ws).is_some(), self.naive.detach(ws), "{ws:?}");
    }

    /// The client takes what was written to it.
    fn reads(&mut self, ws: WsId, frames: u8) {
        for ends in [&self.ends, &self.naive.ends] {
            ends.reads(ws, usize::from(frames));
        }
        self.handle(Input::WsWritable { ws });
    }

    fn send(&mut self, seed: u8, how: u8) {
        self.take_out();
        if how > 240 {
            let volatile = Encoded::text("volatile");
            let sent: Vec<_> = self.table.machines().map(|session| session.send_volatile(&volatile)).collect();
            assert!(self.naive.machines().map(|session| session.send_volatile(&volatile)).eq(sent));
            return;
        }
        let (number, text) = (self.sent, format!("m{};", self.sent));
        self.sent += 1;
        let sent = self.table.machine(&sid(seed)).map(|session| session.send(&Encoded::text(&text)));
        assert_eq!(sent, self.naive.machine(&sid(seed)).map(|session| session.send(&Encoded::text(&text))));
        if sent == Some(Ok(())) {
            self.awaited.entry(sid(seed)).or_default().push_back(number);
        }
    }

    fn close(&mut self, seed: u8, how: u8) {
        self.take_out();
        let now = self.now;
        let close = |session: &mut ServerSession| session.close(now);
        if how % 8 == 7 {
            self.table.machines().for_each(close);
            self.naive.machines().for_each(close);
            return;
        }
        let closed = self.table.machine(&sid(seed)).map(close);
        assert_eq!(closed, self.naive.machine(&sid(seed)).map(close));
    }

    fn shut_down(&mut self) {
        self.take_out();
        let now = self.now;
        self.table.shut_down(|session| session.close(now));
        self.naive.shut_down(|session| session.close(now));
        assert!(self.table.is_shut_down());
    }

    fn passes(&mut self, time: Duration) {
        self.take_out();
        self.now = self.now.saturating_add(time);
        self.table.handle_timeout(self.now);
        self.naive.handle_timeout(self.now);
        self.take_out();
    }

    /// All events, and what was done outside.
    fn take_out(&mut self) {
        while let Some((session, event)) = self.table.poll_event() {
            let sid = session.sid().clone();
            self.ends.event(sid, event);
        }
        self.messages_come_in_order();
        self.naive.take_out();
        self.ends.agree_with(&self.naive.ends, self.rhythm);
        assert_eq!(self.table.len(), self.naive.len());
        for id in self.ids.iter().rev().take(8) {
            let ws = WsId(*id);
            let wanted = self.table.wants_input(ws);
            let (is_there, wants_input) = self.naive.reads(ws);
            assert!(wanted.is_some() || !is_there, "{ws:?} is there");
            assert!(wanted.is_none() || wanted == wants_input, "{ws:?}: {wanted:?} and {wants_input:?}");
        }
        let (due, latest) = (self.table.next_deadline(), self.naive.next_deadline());
        assert!(due.is_none_or(|due| due > self.now), "L4: {due:?}");
        assert!(latest.is_none_or(|latest| due.is_some_and(|due| due <= latest)), "{due:?} is after {latest:?}");
    }

    /// L11: each is the next of those that were accepted; some are lost if the session ends.
    fn messages_come_in_order(&mut self) {
        let messages = self.ends.messages();
        if self.rhythm != Rhythm::EachCall {
            // An answer that was not taken out is lost with its request.
            return;
        }
        for (id, number) in messages {
            let sid = self.naive.owner(RequestId(id)).expect("it was answered");
            let next = self.awaited.get_mut(sid).and_then(VecDeque::pop_front);
            assert_eq!(next, Some(number), "{sid}");
        }
        for sid in self.ends.ended() {
            self.awaited.remove(&sid);
        }
    }

    /// The server is stopped, and time passes until nobody is left.
    fn end(&mut self) {
        self.shut_down();
        self.take_out();
        while let Some(due) = self.table.next_deadline() {
            self.passes(due.saturating_since(self.now));
        }
        assert!(self.table.is_empty());
        self.ends.all_are_answered();
        let kept = format!("{:?}", self.table);
        for nothing in ["entries: {}", "owners: {}", "deadlines: {}", "touched: []"] {
            assert!(kept.contains(nothing), "not {nothing}: {kept}");
        }
    }
}

fn sid(seed: u8) -> Sid {
    Sid::from_entropy([seed % SIDS; 15])
}
