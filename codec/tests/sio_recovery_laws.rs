//! A client that loses its connection again and again, at a server that remembers: it gets every event once, in order.

use std::collections::VecDeque;

use proptest::prelude::*;
use sio_codec::engineio::{self, CloseReason, Sid};
use sio_codec::socketio::hub::{self, Hub, MemberId, Recovery, Target};
use sio_codec::socketio::{self, Args, DisconnectReason, Namespace, client};
use sio_codec::{Frame, Machine as _, Output, Timestamp};

const NOW: Timestamp = Timestamp::ZERO;
const LOST: engineio::Event = engineio::Event::Closed(CloseReason::TransportClose);

/// What happens between two clients' lives.
#[derive(Clone, Copy, Debug)]
enum Step {
    Broadcast,
    /// One message that is under way to the client arrives.
    Arrive,
    /// The connection breaks; what is under way is lost.
    Lose,
    Connect,
}

struct World {
    client: client::Connection,
    server: Option<(socketio::Connection, Option<MemberId>)>,
    hub: Hub,
    under_way: VecDeque<Frame>,
    sent: u32,
    received: Vec<u32>,
    /// Whether each welcome of the client was to where it had been.
    recovered: Vec<bool>,
}

impl World {
    fn new() -> Self {
        let mut client = client::Connection::new(client::Config::default());
        client.connect(&Namespace::root(), client::Auth::None).expect("not in it");
        let hub = Hub::new(hub::Config::default().with_recovery(Recovery::new([7; 6])));
        let (under_way, received, recovered) = (VecDeque::new(), Vec::new(), Vec::new());
        let mut world = Self { client, server: None, hub, under_way, sent: 0, received, recovered };
        // Without an event that was seen there is no place to come back to.
        for step in [Step::Connect, Step::Broadcast, Step::Arrive, Step::Arrive] {
            world.step(step);
        }
        world
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Broadcast => {
                let args = Args::encode(&(self.sent,)).expect("a list");
                self.sent += 1;
                self.hub.broadcast(NOW, &Target::everyone(&Namespace::root()), "event", &args).expect("a name");
                self.deliver();
            }
            Step::Arrive => self.arrive(),
            Step::Lose => self.lose(),
            Step::Connect if self.server.is_none() => self.connect(),
            Step::Connect => {}
        }
    }

    fn connect(&mut self) {
        let mut server = socketio::Connection::new(socketio::Config::default());
        server.handle(NOW, engineio::Event::Opened);
        self.client.handle(NOW, engineio::Event::Opened);
        while let Some(output) = self.client.poll_output() {
            if let Output::Transmit(socketio::Transmit::Send(messages)) = output {
                messages.frames().for_each(|frame| server.handle(NOW, message(&frame)));
            }
        }
        let root = Namespace::root();
        let mut member = None;
        while let Some(output) = server.poll_output() {
            let Output::Event(socketio::Event::ConnectRequested { auth, .. }) = output else { continue };
            let back = self.hub.recover(NOW, &root, auth.as_ref());
            let (id, accepted) = match back {
                Some(back) => {
                    let (sid, pid) = (back.sid.as_str(), back.pid.as_str());
                    (back.member, server.accept_recoverable(&root, sid, pid, &back.missed))
                }
                None => {
                    let [sid, pid] = [1, 2].map(|seed| Sid::from_entropy([seed; 15]));
                    let id = self.hub.add_recoverable(&root, sid.as_str(), pid.as_str());
                    (id, server.accept_recoverable(&root, sid.as_str(), pid.as_str(), &[]))
                }
            };
            accepted.expect("it asks");
            member = Some(id);
            break;
        }
        self.server = Some((server, member));
        self.deliver();
    }

    fn lose(&mut self) {
        self.under_way.clear();
        let Some((mut server, member)) = self.server.take() else { return };
        server.handle(NOW, LOST);
        if let Some(member) = member {
            self.hub.remove(NOW, member, DisconnectReason::Engine(CloseReason::TransportClose));
        }
        self.client.handle(NOW, LOST);
        self.listen();
        self.deliver();
    }

    /// From the hub through the connection onto the way.
    fn deliver(&mut self) {
        while let Some(output) = self.hub.poll_output() {
            if let Output::Transmit(hub::Transmit::Deliver { broadcast, .. }) = output
                && let Some((server, _)) = &mut self.server
            {
                server.deliver(NOW, &broadcast).expect("it is in the namespace");
            }
        }
        let Some((server, _)) = &mut self.server else { return };
        while let Some(output) = server.poll_output() {
            if let Output::Transmit(socketio::Transmit::Send(messages)) = output {
                self.under_way.extend(messages.frames());
            }
        }
    }

    fn arrive(&mut self) {
        if let Some(frame) = self.under_way.pop_front() {
            self.client.handle(NOW, message(&frame));
            self.listen();
        }
    }

    fn listen(&mut self) {
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Event(client::Event::Received { args, .. }) => {
                    let (number,): (u32,) = args.decode().expect("a number");
                    self.received.push(number);
                }
                Output::Event(client::Event::Connected { recovered, .. }) => self.recovered.push(recovered),
                _ => {}
            }
        }
    }
}

/// What a session makes of a message on its way.
fn message(frame: &Frame) -> engineio::Event {
    let Frame::Text(text) = frame else { unreachable!("no attachments here") };
    engineio::Event::Message(Frame::Text(text.slice(1..text.len()).expect("the digit of the packet")))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![4 => Just(Step::Broadcast), 4 => Just(Step::Arrive), 1 => Just(Step::Lose), 2 => Just(Step::Connect)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    //= SIO5-CSR-05
    //= SIO5-CSR-06
    //= SIO5-CSR-07
    #[test]
    fn every_event_once_and_in_order(steps in prop::collection::vec(step(), 0..200)) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        world.step(Step::Lose);
        world.step(Step::Connect);
        while !world.under_way.is_empty() {
            world.step(Step::Arrive);
        }
        prop_assert!(world.received.iter().copied().eq(0..world.sent), "{:?} of {}", world.received, world.sent);
        prop_assert!(!world.recovered[0] && world.recovered[1..].iter().all(|recovered| *recovered));
    }
}
