//! What both sides said, and what has arrived.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use sio_codec::engineio::server::{ServerSession, Table};
use sio_codec::engineio::{CloseReason, Encoded, Event, Session, Sid};
use sio_codec::{Frame, Timestamp};

/// What is known of all sessions. The server's reactions, which may be anywhere, share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Told(Arc<Mutex<Record>>);

#[derive(Debug, Default)]
pub(super) struct Record {
    /// Whose each session is; strangers are not listed.
    pub(super) owners: BTreeMap<Sid, usize>,
    /// What the server said to each session, and has not arrived.
    pub(super) down: BTreeMap<Sid, VecDeque<u32>>,
    pub(super) clients: Vec<Client>,
    /// How the server's sessions ended.
    pub(super) ended: BTreeMap<Sid, CloseReason>,
    /// Those that a stranger has interfered with: it may have what was for their clients.
    pub(super) haunted: BTreeSet<Sid>,
    /// The next deadline of the server.
    pub(super) deadline: Option<Timestamp>,
    sent: u32,
}

/// One client, which has one session, or two if the first did not come about.
#[derive(Debug, Default)]
pub(super) struct Client {
    pub(super) sid: Option<Sid>,
    /// What it said, and has not arrived.
    pub(super) up: VecDeque<u32>,
    pub(super) ended: Option<CloseReason>,
    /// Whether anything of its network failed.
    pub(super) is_unlucky: bool,
}

impl Told {
    pub(super) fn lock(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody else has it.
    pub(super) fn is_alone(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    /// What the server's program does with what happens.
    pub(super) fn drain(&self, table: &mut Table<ServerSession>) {
        while let Some((session, event)) = table.poll_event() {
            let sid = session.sid().clone();
            match event {
                Event::Message(frame) => {
                    // It answers some at once.
                    let answers = self.lock().heard(&sid, &frame);
                    if answers {
                        self.says(session);
                    }
                }
                Event::Closed(reason) => self.lock().server_ended(sid, reason),
                _ => {}
            }
        }
        self.lock().deadline = table.next_deadline();
    }

    /// The server says something to one session, if its queue is not full.
    pub(super) fn says(&self, session: &mut ServerSession) {
        let mut record = self.lock();
        let number = record.next_number();
        if session.send(&message(number)).is_ok() {
            record.down.entry(session.sid().clone()).or_default().push_back(number);
        }
    }

    /// A client says something, if its queue is not full.
    pub(super) fn client_says(&self, client: usize, machine: &mut impl Session) {
        let mut record = self.lock();
        let number = record.next_number();
        if machine.send(&message(number)).is_ok() {
            record.clients[client].up.push_back(number);
        }
    }
}

impl Record {
    /// A client's event.
    pub(super) fn client_event(&mut self, client: usize, sid: Option<Sid>, event: Event) {
        match event {
            Event::Opened => self.clients[client].sid = sid,
            Event::Message(frame) => {
                let sid = self.clients[client].sid.clone().expect("it is open");
                let next = self.down.get_mut(&sid).and_then(VecDeque::pop_front);
                assert!(self.haunted.contains(&sid) || next == number(&frame), "L11: {frame:?}, not {next:?}");
            }
            Event::Closed(reason) => {
                self.clients[client].ended = Some(reason);
                self.farewell_was_heard(client);
            }
            _ => {}
        }
    }

    /// Whether the server answers.
    fn heard(&mut self, sid: &Sid, frame: &Frame) -> bool {
        let (Some(client), Some(number)) = (self.owners.get(sid), number(frame)) else { return false };
        let next = self.clients[*client].up.pop_front();
        assert_eq!(next, Some(number), "L11: what {client} says");
        number.is_multiple_of(4)
    }

    fn server_ended(&mut self, sid: Sid, reason: CloseReason) {
        self.ended.insert(sid.clone(), reason);
        let Some(client) = self.owners.get(&sid) else { return };
        let client = &self.clients[*client];
        if client.sid == Some(sid) && client.ended == Some(CloseReason::ForcedClose) {
            let all = client.is_unlucky || reason != CloseReason::TransportClose || client.up.is_empty();
            assert!(all, "L11: a client left, and {:?} did not arrive", client.up);
        }
    }

    /// If the server ended the session, its client has everything.
    fn farewell_was_heard(&self, client: usize) {
        let client = &self.clients[client];
        let Some(sid) = &client.sid else { return };
        let ended_by_server = self.ended.get(sid) == Some(&CloseReason::ForcedClose);
        if ended_by_server && client.ended == Some(CloseReason::TransportClose) && !client.is_unlucky {
            let left = self.down.get(sid).filter(|left| !left.is_empty() && !self.haunted.contains(sid));
            assert!(left.is_none(), "L11: the server closed, and {left:?} did not arrive");
        }
    }

    /// Nothing went wrong for a while: both sides agree, and nothing is on its way.
    pub(super) fn is_at_peace(&self) {
        for (number, client) in self.clients.iter().enumerate() {
            let Some(sid) = client.sid.as_ref().filter(|sid| !self.haunted.contains(*sid)) else { continue };
            let server = self.ended.get(sid);
            assert_eq!(client.ended.is_some(), server.is_some(), "client {number}: {:?}, {server:?}", client.ended);
            if server.is_none() {
                let down = self.down.get(sid).filter(|down| !down.is_empty());
                assert!(client.up.is_empty() && down.is_none(), "client {number}: {:?} and {down:?}", client.up);
            }
        }
    }

    const fn next_number(&mut self) -> u32 {
        self.sent += 1;
        self.sent
    }
}

/// Text or bytes.
fn message(number: u32) -> Encoded {
    if number.is_multiple_of(3) {
        Encoded::binary(Bytes::copy_from_slice(&number.to_be_bytes()))
    } else {
        Encoded::text(&format!("m{number}"))
    }
}

/// The number in a message; strangers say other things.
fn number(frame: &Frame) -> Option<u32> {
    match frame {
        Frame::Text(text) => text.as_str().strip_prefix('m')?.parse().ok(),
        Frame::Binary(bytes) => Some(u32::from_be_bytes(bytes.as_ref().try_into().ok()?)),
    }
}
