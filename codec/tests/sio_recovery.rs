//! Connection state recovery: a client's connection, and a server's with its hub. A client that comes back in time gets
//! the events that it missed, each once and in order.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect by panicking")]

use std::collections::VecDeque;
use std::time::Duration;

use proptest::prelude::*;
use sio_codec::engineio::{self, CloseReason, Sid};
use sio_codec::socketio::client::{self, Auth};
use sio_codec::socketio::hub::{self, Hub, MemberId, Recovery, Target};
use sio_codec::socketio::{self, Args, Connection, Json, Namespace, Transmit};
use sio_codec::{Frame, Machine as _, Output, Text, Timestamp};
use sio_support::cases;

const LOST: engineio::Event = engineio::Event::Closed(CloseReason::TransportClose);

/// What the client's application learns.
#[derive(Clone, Debug, PartialEq)]
enum Line {
    /// Connected, with a new id.
    New(String),
    /// Connected, with the id from before.
    Back(String),
    Heard(u64),
}

/// Two connections, the hub behind one of them, and what is on its way to the client.
struct World {
    now: Timestamp,
    client: client::Connection,
    /// The server's side, while there is a session.
    server: Option<Connection>,
    member: Option<MemberId>,
    hub: Hub,
    under_way: VecDeque<Frame>,
    ids: u8,
    lines: Vec<Line>,
}

impl World {
    fn new() -> Self {
        let mut client = client::Connection::new(client::Config::default());
        client.connect(&Namespace::root(), Auth::None).unwrap();
        Self {
            now: Timestamp::ZERO,
            client,
            server: None,
            member: None,
            hub: Hub::new(hub::Config::default().with_recovery(Recovery::new([7; 6]))),
            under_way: VecDeque::new(),
            ids: 0,
            lines: Vec::new(),
        }
    }

    /// A session opens, unless there is one, and the client's request to join arrives.
    fn opens(&mut self) {
        if self.server.is_none() {
            let mut server = Connection::new(socketio::Config::default());
            server.handle(self.now, engineio::Event::Opened);
            self.server = Some(server);
            self.client.handle(self.now, engineio::Event::Opened);
            self.listen();
            self.serve();
        }
    }

    /// The session ends, if there is one, and what is on its way is lost.
    fn breaks(&mut self) {
        if let Some(server) = &mut self.server {
            server.handle(self.now, LOST);
            self.client.handle(self.now, LOST);
            self.listen();
            self.serve();
            self.server = None;
            self.under_way.clear();
        }
    }

    fn passes(&mut self, duration: Duration) {
        self.now = self.now.saturating_add(duration);
        self.hub.handle_timeout(self.now);
        self.client.handle_timeout(self.now);
    }

    /// The server sends an event to all.
    fn broadcasts(&mut self, number: u64) {
        let everyone = Target::everyone(&Namespace::root());
        self.hub.broadcast(self.now, &everyone, "n", Args::encode(&(number,)).unwrap()).unwrap();
        self.serve();
    }

    /// One message arrives at the client.
    fn arrives(&mut self) {
        if let Some(frame) = self.under_way.pop_front() {
            self.client.handle(self.now, message(frame));
            self.listen();
        }
    }

    /// Everything that is on its way arrives.
    fn all_arrives(&mut self) {
        while !self.under_way.is_empty() {
            self.arrives();
        }
    }

    #[track_caller]
    fn expect(&mut self, lines: &[Line]) {
        self.all_arrives();
        assert_eq!(std::mem::take(&mut self.lines), lines);
    }

    /// Takes the client's outputs out; what it sends arrives at once.
    fn listen(&mut self) {
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Transmit(Transmit::Send(messages)) => {
                    let Some(server) = &mut self.server else { continue };
                    messages.frames().for_each(|frame| server.handle(self.now, message(frame)));
                }
                Output::Event(client::Event::Connected { sid, recovered, .. }) => {
                    let line = if recovered { Line::Back } else { Line::New };
                    self.lines.push(line(sid.unwrap().to_string()));
                }
                Output::Event(client::Event::Received { args, .. }) => {
                    let (number,) = args.decode().unwrap();
                    self.lines.push(Line::Heard(number));
                }
                Output::Transmit(_) | Output::Event(_) => {}
            }
        }
    }

    /// Takes the outputs of the server and of its hub out; what they send is on its way.
    fn serve(&mut self) {
        loop {
            if let Some(output) = self.server.as_mut().and_then(|server| server.poll_output()) {
                match output {
                    Output::Transmit(Transmit::Send(messages)) => self.under_way.extend(messages.frames()),
                    Output::Transmit(other) => panic!("{other:?}"),
                    Output::Event(socketio::Event::ConnectRequested { auth, .. }) => self.accept(auth.as_ref()),
                    Output::Event(socketio::Event::Disconnected { reason, .. }) => {
                        self.hub.remove(self.now, self.member.take().unwrap(), reason);
                    }
                    Output::Event(_) => {}
                }
            } else if let Some(output) = self.hub.poll_output() {
                if let Output::Transmit(hub::Transmit::Deliver { member, broadcast }) = output
                    && Some(member) == self.member
                {
                    self.server.as_mut().unwrap().deliver(self.now, &broadcast).unwrap();
                }
            } else {
                return;
            }
        }
    }

    fn accept(&mut self, auth: Option<&Json>) {
        let server = self.server.as_mut().unwrap();
        let root = Namespace::root();
        if let Some(back) = self.hub.recover(self.now, &root, auth) {
            self.member = Some(back.member);
            server.accept_recoverable(&root, &back.sid, &back.pid, &back.missed).unwrap();
        } else {
            self.ids += 1;
            let sid = Sid::from_wire(&format!("s{}", self.ids)).unwrap();
            let pid = Sid::from_entropy([self.ids; 15]);
            server.accept_recoverable(&root, &sid, &pid, &[]).unwrap();
            self.member = Some(self.hub.add_recoverable(&root, &sid, &pid));
        }
    }
}

/// The content of a message on its way.
fn message(frame: Frame) -> engineio::Event {
    let Frame::Text(text) = frame else { unreachable!("no attachments here") };
    engineio::Event::Message(Frame::Text(Text::from(text.as_str()[1..].to_owned())))
}

fn new(sid: &str) -> Line {
    Line::New(sid.to_owned())
}

fn back(sid: &str) -> Line {
    Line::Back(sid.to_owned())
}

//= SIO5-CSR-05
//= SIO5-CSR-06
//= SIO5-CSR-07
#[test]
fn a_client_that_comes_back_in_time_misses_nothing() {
    let mut world = World::new();
    world.opens();
    world.broadcasts(1);
    world.expect(&[new("s1"), Line::Heard(1)]);
    for number in [2, 5, 8] {
        world.broadcasts(number);
        world.all_arrives();
        world.breaks();
        world.broadcasts(number + 1);
        world.passes(Duration::from_secs(60));
        world.broadcasts(number + 2);
        world.expect(&[Line::Heard(number)]);
        world.opens();
        world.expect(&[back("s1"), Line::Heard(number + 1), Line::Heard(number + 2)]);
    }
}

//= SIO5-CSR-04
//= SIO5-CSR-07
//= SIO5-CSR-08
#[test]
fn a_client_that_comes_back_too_late_is_new() {
    let mut world = World::new();
    world.opens();
    world.broadcasts(1);
    world.all_arrives();
    world.breaks();
    world.broadcasts(2);
    world.passes(Duration::from_secs(121));
    world.opens();
    world.broadcasts(3);
    world.expect(&[new("s1"), Line::Heard(1), new("s2"), Line::Heard(3)]);
    // The new id can be recovered as well.
    world.breaks();
    world.broadcasts(4);
    world.opens();
    world.expect(&[back("s2"), Line::Heard(4)]);
}

/// It has no offset to show.
//= SIO5-CSR-04
#[test]
fn a_client_that_heard_nothing_is_new() {
    let mut world = World::new();
    world.opens();
    world.all_arrives();
    world.breaks();
    world.broadcasts(1);
    world.opens();
    world.expect(&[new("s1"), new("s2")]);
}

/// Something that happens between the two sides.
#[derive(Clone, Copy, Debug)]
enum Step {
    Broadcast,
    Arrive,
    Break,
    Open,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![4 => Just(Step::Broadcast), 4 => Just(Step::Arrive), 1 => Just(Step::Break), 2 => Just(Step::Open)]
}

proptest! {
    #![proptest_config(cases::at_least(256))]

    //= SIO5-CSR-05
    //= SIO5-CSR-06
    //= SIO5-CSR-07
    #[test]
    fn every_event_arrives_once_and_in_order(steps in prop::collection::vec(step(), 0..200)) {
        let mut world = World::new();
        // A client that has heard no event cannot come back.
        world.opens();
        world.broadcasts(0);
        world.all_arrives();
        let mut sent = 1;
        for step in steps {
            match step {
                Step::Broadcast => {
                    world.broadcasts(sent);
                    sent += 1;
                }
                Step::Arrive => world.arrives(),
                Step::Break => world.breaks(),
                Step::Open => world.opens(),
            }
        }
        world.breaks();
        world.opens();
        world.all_arrives();
        let heard = world.lines.iter().filter_map(|line| if let Line::Heard(number) = line { Some(*number) } else { None });
        prop_assert!(heard.eq(0..sent), "{:?} of {sent}", world.lines);
        let welcomes: Vec<_> = world.lines.iter().filter(|line| !matches!(line, Line::Heard(_))).collect();
        prop_assert_eq!(welcomes[0], &new("s1"));
        prop_assert!(welcomes[1..].iter().all(|line| **line == back("s1")), "{:?}", world.lines);
    }
}
