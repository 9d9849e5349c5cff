//! Connection state recovery, the client's connection and the server's with its hub: what a client misses while it is away
//! it is told when it is back, once and in order.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect by panicking")]

use std::time::Duration;

use sio_codec::engineio::{self, CloseReason, Sid};
use sio_codec::socketio::client::{self, Auth};
use sio_codec::socketio::hub::{self, Hub, MemberId, Recovery, Target};
use sio_codec::socketio::{self, Args, Connection, Namespace, Transmit};
use sio_codec::{Frame, Machine as _, Output, Text, Timestamp};

/// Two connections, and the hub behind one of them.
struct World {
    now: Timestamp,
    client: client::Connection,
    server: Connection,
    hub: Hub,
    member: Option<MemberId>,
    ids: u8,
    told: Vec<String>,
}

impl World {
    fn new() -> Self {
        let mut client = client::Connection::new(client::Config::default());
        client.connect(&Namespace::root(), Auth::None).unwrap();
        Self {
            now: Timestamp::ZERO,
            client,
            server: Connection::new(socketio::Config::default()),
            hub: Hub::new(hub::Config::default().with_recovery(Recovery::new([7; 6]))),
            member: None,
            ids: 0,
            told: Vec::new(),
        }
    }

    fn opens(&mut self) {
        self.server = Connection::new(socketio::Config::default());
        self.server.handle(self.now, engineio::Event::Opened);
        self.client.handle(self.now, engineio::Event::Opened);
        self.exchange();
    }

    fn breaks(&mut self) {
        self.client.handle(self.now, engineio::Event::Closed(CloseReason::TransportClose));
        self.server.handle(self.now, engineio::Event::Closed(CloseReason::TransportClose));
        self.exchange();
    }

    fn passes(&mut self, duration: Duration) {
        self.now = self.now.saturating_add(duration);
        self.hub.handle_timeout(self.now);
        self.client.handle_timeout(self.now);
    }

    /// The server tells everyone.
    fn says(&mut self, number: u64) {
        let everyone = Target::everyone(&Namespace::root());
        self.hub.broadcast(self.now, &everyone, "n", &Args::encode(&(number,)).unwrap()).unwrap();
        self.exchange();
    }

    #[track_caller]
    fn expect(&mut self, lines: &[&str]) {
        assert_eq!(std::mem::take(&mut self.told), lines);
    }

    /// Carries everything over until there is nothing left.
    fn exchange(&mut self) {
        loop {
            if let Some(output) = self.client.poll_output() {
                match output {
                    Output::Transmit(Transmit::Send(messages)) => {
                        messages.frames().for_each(|frame| self.server.handle(self.now, message(frame)));
                    }
                    Output::Transmit(other) => panic!("{other:?}"),
                    Output::Event(event) => self.tell(event),
                }
            } else if let Some(output) = self.server.poll_output() {
                match output {
                    Output::Transmit(Transmit::Send(messages)) => {
                        messages.frames().for_each(|frame| self.client.handle(self.now, message(frame)));
                    }
                    Output::Transmit(other) => panic!("{other:?}"),
                    Output::Event(event) => self.serve(event),
                }
            } else if let Some(output) = self.hub.poll_output() {
                if let Output::Transmit(hub::Transmit::Deliver { member, broadcast }) = output
                    && Some(member) == self.member
                {
                    self.server.deliver(self.now, &broadcast).unwrap();
                }
            } else {
                return;
            }
        }
    }

    fn tell(&mut self, event: client::Event) {
        match event {
            client::Event::Connected { sid, recovered, .. } => {
                let how = if recovered { "is back" } else { "is new" };
                self.told.push(format!("{} {how}", sid.unwrap()));
            }
            client::Event::Received { args, .. } => {
                let (number,): (u64,) = args.decode().unwrap();
                self.told.push(format!("hears {number}"));
            }
            _ => {}
        }
    }

    fn serve(&mut self, event: socketio::Event) {
        match event {
            socketio::Event::ConnectRequested { namespace, auth } => {
                if let Some(back) = self.hub.recover(self.now, &namespace, auth.as_ref()) {
                    self.member = Some(back.member);
                    let (sid, pid) = (back.sid.as_str(), back.pid.as_str());
                    self.server.accept_recoverable(&namespace, sid, pid, &back.missed).unwrap();
                } else {
                    self.ids += 1;
                    let (sid, pid) = (format!("s{}", self.ids), Sid::from_entropy([self.ids; 15]));
                    self.server.accept_recoverable(&namespace, &sid, pid.as_str(), &[]).unwrap();
                    self.member = Some(self.hub.add_recoverable(&namespace, &sid, pid.as_str()));
                }
            }
            socketio::Event::Disconnected { reason, .. } => {
                let member = self.member.take().unwrap();
                self.hub.remove(self.now, member, reason);
            }
            _ => {}
        }
    }
}

/// What the session would say.
fn message(frame: Frame) -> engineio::Event {
    engineio::Event::Message(match frame {
        Frame::Text(text) => Frame::Text(Text::from(text.as_str()[1..].to_owned())),
        Frame::Binary(bytes) => Frame::Binary(bytes),
    })
}

//= SIO5-CSR-05
//= SIO5-CSR-06
//= SIO5-CSR-07
#[test]
fn who_is_back_in_time_has_missed_nothing() {
    let mut world = World::new();
    world.opens();
    world.says(1);
    world.expect(&["s1 is new", "hears 1"]);
    for number in [2, 5, 8] {
        world.says(number);
        world.breaks();
        world.says(number + 1);
        world.passes(Duration::from_secs(60));
        world.says(number + 2);
        world.expect(&[&format!("hears {number}")]);
        world.opens();
        world.expect(&["s1 is back", &format!("hears {}", number + 1), &format!("hears {}", number + 2)]);
    }
}

//= SIO5-CSR-04
//= SIO5-CSR-07
//= SIO5-CSR-08
#[test]
fn who_is_back_too_late_is_new() {
    let mut world = World::new();
    world.opens();
    world.says(1);
    world.breaks();
    world.says(2);
    world.passes(Duration::from_secs(121));
    world.opens();
    world.says(3);
    world.expect(&["s1 is new", "hears 1", "s2 is new", "hears 3"]);
    // From there on it counts anew.
    world.breaks();
    world.says(4);
    world.opens();
    world.expect(&["s2 is back", "hears 4"]);
}

/// A client that has heard nothing yet cannot say where it was.
//= SIO5-CSR-04
#[test]
fn who_has_heard_nothing_is_new() {
    let mut world = World::new();
    world.opens();
    world.breaks();
    world.says(1);
    world.opens();
    world.expect(&["s1 is new", "s2 is new"]);
}
