//! What clients get: answers, messages, the ends of WebSockets; and what the application is told.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::mem::take;
use std::rc::Rc;

use sio_codec::Frame;
use sio_codec::engineio::server::{Answer, Gone, Outlet, Reply, WsId};
use sio_codec::engineio::{Event, Sid};

use super::Rhythm;

/// A WebSocket takes so many messages that its client has not read.
const ROOM: usize = 2;

/// What happened at all ends of one side.
#[derive(Debug, Default)]
pub(super) struct Ends(Rc<RefCell<Told>>);

#[derive(Debug, Default)]
struct Told {
    /// Of requests and WebSockets, by their numbers.
    heard: BTreeMap<u64, Vec<Heard>>,
    events: BTreeMap<Sid, Vec<Event>>,
    /// Messages that clients have not read.
    unread: BTreeMap<u64, usize>,
    /// Who waits for an answer.
    waiting: BTreeSet<u64>,
    messages: Vec<(u64, u32)>,
}

#[derive(Debug, PartialEq)]
enum Heard {
    Answer(Answer),
    Frame(Frame),
    Close,
    /// The reply or the outlet was dropped.
    Dropped,
}

impl Heard {
    /// The numbers in it, as in `m7;`.
    fn numbers(&self) -> Vec<u32> {
        let text = match self {
            Self::Answer(Answer::Response(response)) => String::from_utf8_lossy(&response.body),
            Self::Frame(Frame::Text(text)) => text.as_str().into(),
            Self::Answer(Answer::WebSocket(_)) | Self::Frame(_) | Self::Close | Self::Dropped => return Vec::new(),
        };
        let numbers = text.split('m').skip(1).filter_map(|rest| rest.split_once(';'));
        numbers.filter_map(|(number, _)| number.parse().ok()).collect()
    }
}

impl Ends {
    pub(super) fn reply(&self, id: u64) -> Waiting {
        self.0.borrow_mut().waiting.insert(id);
        Waiting { id, ends: Self(Rc::clone(&self.0)) }
    }

    pub(super) fn writer(&self, ws: WsId) -> Writer {
        self.0.borrow_mut().unread.entry(ws.0).or_default();
        Writer { ws: ws.0, ends: Self(Rc::clone(&self.0)) }
    }

    pub(super) fn event(&self, sid: Sid, event: Event) {
        if event == Event::Writable {
            // Its time depends on when the outputs are taken.
            return;
        }
        self.0.borrow_mut().events.entry(sid).or_default().push(event);
    }

    pub(super) fn reads(&self, ws: WsId, frames: usize) {
        if let Some(unread) = self.0.borrow_mut().unread.get_mut(&ws.0) {
            *unread = unread.saturating_sub(frames);
        }
    }

    /// Both applications are told the same, and if every call was followed by its effects, so are clients: else it depends on
    /// when an answer leaves what it holds. Takes it out.
    pub(super) fn agree_with(&self, other: &Self, rhythm: Rhythm) {
        let (mut this, mut other) = (self.0.borrow_mut(), other.0.borrow_mut());
        let (these, those) = (take(&mut this.heard), take(&mut other.heard));
        if rhythm == Rhythm::EachCall {
            same(these, those);
        }
        same(take(&mut this.events), take(&mut other.events));
        assert_eq!(this.waiting, other.waiting);
        other.messages.clear();
    }

    /// The numbers of the application's messages that clients got since it was last asked, each with the number of the request
    /// or WebSocket, in the order in which they came.
    pub(super) fn messages(&self) -> Vec<(u64, u32)> {
        take(&mut self.0.borrow_mut().messages)
    }

    /// Whose sessions have ended since both sides agreed.
    pub(super) fn ended(&self) -> Vec<Sid> {
        let told = self.0.borrow();
        let ended =
            told.events.iter().filter(|(_, events)| events.iter().any(|event| matches!(event, Event::Closed(_))));
        ended.map(|(sid, _)| sid.clone()).collect()
    }

    pub(super) fn is_not_waited_for(&self, id: u64) {
        assert!(!self.0.borrow().waiting.contains(&id), "{id} is gone");
    }

    pub(super) fn all_are_answered(&self) {
        assert_eq!(self.0.borrow().waiting, BTreeSet::new());
    }

    fn hears(&self, id: u64, heard: Heard) {
        let mut told = self.0.borrow_mut();
        told.messages.extend(heard.numbers().into_iter().map(|number| (id, number)));
        told.heard.entry(id).or_default().push(heard);
    }
}

/// Who waits for an answer.
#[derive(Debug)]
pub(super) struct Waiting {
    id: u64,
    ends: Ends,
}

impl Reply for Waiting {
    fn answer(self, answer: Answer) -> Result<(), Gone> {
        self.ends.hears(self.id, Heard::Answer(answer));
        // Some are gone, and their connections say so.
        if self.id % 8 == 7 { Err(Gone) } else { Ok(()) }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.ends.0.borrow_mut().waiting.remove(&self.id);
        self.ends.hears(self.id, Heard::Dropped);
    }
}

/// The writer of a WebSocket.
#[derive(Debug)]
pub(super) struct Writer {
    ws: u64,
    ends: Ends,
}

impl Outlet for Writer {
    fn has_room(&self) -> bool {
        self.ends.0.borrow().unread[&self.ws] < ROOM
    }

    fn send(&mut self, frame: Frame) {
        assert!(self.has_room(), "{}: there was no room for {frame:?}", self.ws);
        *self.ends.0.borrow_mut().unread.entry(self.ws).or_default() += 1;
        self.ends.hears(self.ws, Heard::Frame(frame));
    }

    fn close(self) {
        self.ends.hears(self.ws, Heard::Close);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.ends.hears(self.ws, Heard::Dropped);
    }
}

/// Under each key stands the same.
fn same<K: Ord + Debug, T: PartialEq + Debug>(mut these: BTreeMap<K, Vec<T>>, those: BTreeMap<K, Vec<T>>) {
    for (key, that) in those {
        assert_eq!(these.remove(&key).unwrap_or_default(), that, "of {key:?}");
    }
    assert!(these.is_empty(), "{these:?}");
}
