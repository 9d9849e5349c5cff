//! Work that a crowd, or one busy client, can cause in a hub.
//!
//! `tests/linear.rs` asserts that the work grows no faster than their number; `benches/hub.rs` shows the cost of one
//! for numbers that double.

use std::time::Duration;

use sio_codec::engineio::{CloseReason, Sid};
use sio_codec::socketio::hub::{Config, Event, Hub, MemberId, Recovery, Target, Transmit};
use sio_codec::socketio::{AckId, Args, DisconnectReason, Json, Namespace};
use sio_codec::{Limits, Machine as _, Output, Text, Timestamp};

const NOW: Timestamp = Timestamp::ZERO;
const LATER: Timestamp = Timestamp::from_millis(3_600_000);
const LOST: DisconnectReason = DisconnectReason::Engine(CloseReason::TransportClose);
/// The number of waiting broadcasts in loads where another number grows.
const FEW: usize = 4;

/// One kind of work.
#[derive(Debug)]
pub struct Load {
    /// What grows, and what the hub does.
    pub name: &'static str,
    prepare: fn(usize) -> Work,
}

/// Work for a prepared hub. It returns the hub, so that a measurement does not include dropping it.
pub type Work = Box<dyn FnOnce() -> Hub>;

impl Load {
    /// Prepares a hub with `count` items of the growing kind.
    #[must_use]
    pub fn prepare(&self, count: usize) -> Work {
        (self.prepare)(count)
    }
}

/// All kinds.
#[must_use]
pub fn all() -> [Load; 16] {
    let load = |name, prepare| Load { name, prepare };
    [
        load("leaving: members, while broadcasts wait for somebody else", leaving_while_others_are_asked),
        load("leaving: members that a broadcast each waits for", leaving_what_asked_each),
        load("leaving: members that a few broadcasts wait for", leaving_what_asked_all),
        load("leaving: the one that all broadcasts wait for", the_one_that_was_asked),
        load("leaving: a member of many rooms", leaving_with_rooms),
        load("leaving: members of namespaces of their own", leaving_namespaces),
        load("answers: of a crowd, the last first", answers_backwards),
        load("answers: too late, all at once", answers_that_never_came),
        load("rooms: left as they were joined", |rooms| leaving_rooms(rooms, |at, _| at)),
        load("rooms: left the other way round", |rooms| leaving_rooms(rooms, |at, rooms| rooms - 1 - at)),
        load("rooms: one in and out, beside many", one_room_in_and_out),
        load("broadcast: to many rooms", to_many_rooms),
        load("broadcast: to all but many rooms", to_all_but_many_rooms),
        load("recovery: a log of many events, by a member of many rooms", recovery_with_rooms),
        load("recovery: members, one after the other, while broadcasts wait", recovery_while_others_are_asked),
        load("recovery: too late, all at once", forgotten),
    ]
}

fn leaving_while_others_are_asked(count: usize) -> Work {
    let (mut hub, members) = crowd(count);
    hub.add(&Namespace::root(), &sid("stays"));
    ask(&mut hub, count, &everyone().to("stays"));
    leave(hub, members)
}

fn leaving_what_asked_each(count: usize) -> Work {
    let (mut hub, members) = crowd(count);
    for number in 0..count {
        ask(&mut hub, 1, &everyone().to(&*number.to_string()));
    }
    leave(hub, members)
}

fn leaving_what_asked_all(count: usize) -> Work {
    let (mut hub, members) = crowd(count);
    ask(&mut hub, FEW, &everyone());
    leave(hub, members)
}

fn the_one_that_was_asked(count: usize) -> Work {
    let (mut hub, members) = crowd(FEW);
    ask(&mut hub, count, &everyone());
    leave(hub, members[..1].to_vec())
}

fn leaving_with_rooms(count: usize) -> Work {
    let (hub, member) = in_rooms(count);
    leave(hub, vec![member])
}

fn leaving_namespaces(count: usize) -> Work {
    let mut hub = hub();
    let namespace = |number| Namespace::new(&format!("/{number}")).expect("no comma");
    let members = (0..count).map(|number| hub.add(&namespace(number), &sid("sid"))).collect();
    leave(hub, members)
}

fn answers_backwards(count: usize) -> Work {
    let (mut hub, mut members) = crowd(count);
    ask(&mut hub, 1, &everyone());
    members.reverse();
    let id = AckId::new(1).expect("small");
    work(hub, move |hub| {
        for member in members {
            hub.acknowledge(NOW, member, id, &Args::empty());
        }
        let settled = hub.poll_output();
        assert!(matches!(settled, Some(Output::Event(Event::Settled { answers, .. })) if answers.len() == count));
    })
}

fn answers_that_never_came(count: usize) -> Work {
    let (mut hub, _) = crowd(FEW);
    ask(&mut hub, count, &everyone());
    work(hub, |hub| hub.handle_timeout(LATER))
}

fn leaving_rooms(count: usize, order: fn(usize, usize) -> usize) -> Work {
    let (hub, member) = in_rooms(count);
    work(hub, move |hub| {
        for at in 0..count {
            hub.leave(member, room(order(at, count))).expect("it is there");
        }
    })
}

fn one_room_in_and_out(count: usize) -> Work {
    let (hub, member) = in_rooms(count);
    let one = room(count / 2);
    work(hub, move |hub| {
        for _ in 0..count {
            hub.leave(member, &*one).expect("it is there");
            hub.join(member, &*one).expect("no limit");
        }
    })
}

fn to_many_rooms(count: usize) -> Work {
    let (hub, members) = crowd(count);
    let target = members.iter().fold(everyone(), |target, member| target.to(hub.sid_of(*member).expect("there")));
    work(hub, move |hub| assert_eq!(hub.fetch(&target).len(), count))
}

fn to_all_but_many_rooms(count: usize) -> Work {
    let (hub, members) = crowd(count);
    let target = members.iter().fold(everyone(), |target, member| target.except(hub.sid_of(*member).expect("there")));
    work(hub, move |hub| assert_eq!(hub.fetch(&target), []))
}

fn recovery_with_rooms(count: usize) -> Work {
    let (mut hub, member) = in_rooms(count);
    hub.broadcast(NOW, &everyone(), "seen", Args::empty()).expect("a name");
    hub.remove(NOW, member, LOST);
    for number in 0..count {
        let target = everyone().to(&*format!("elsewhere-{number}")).except("nowhere");
        hub.broadcast(NOW, &target, "missed", Args::empty()).expect("a name");
    }
    work(hub, |hub| {
        let back = hub.recover(NOW, &Namespace::root(), Some(&claim(0))).expect("not away for long");
        assert_eq!(back.missed, []);
    })
}

fn recovery_while_others_are_asked(count: usize) -> Work {
    let (mut hub, members) = crowd(count);
    hub.broadcast(NOW, &everyone(), "seen", Args::empty()).expect("a name");
    hub.add(&Namespace::root(), &sid("stays"));
    ask(&mut hub, count, &everyone().to("stays"));
    for member in members {
        hub.remove(NOW, member, LOST);
    }
    work(hub, move |hub| {
        for number in 0..count {
            hub.recover(NOW, &Namespace::root(), Some(&claim(number))).expect("not away for long");
        }
    })
}

fn forgotten(count: usize) -> Work {
    let (mut hub, members) = crowd(count);
    for member in members {
        hub.remove(NOW, member, LOST);
    }
    work(hub, |hub| hub.handle_timeout(LATER))
}

/// A hub whose limits are not reached here.
fn hub() -> Hub {
    let limits = Limits::default().with_max_pending_acks(usize::MAX).with_max_rooms_per_member(usize::MAX);
    let recovery = Recovery::new([0; 6]).with_max_packets(usize::MAX).with_max_sessions(usize::MAX);
    Hub::new(Config::default().with_limits(limits).with_recovery(recovery.with_max_bytes(usize::MAX)))
}

fn sid(id: &str) -> Sid {
    Sid::from_wire(id).expect("no spaces")
}

/// Members whose public ids are their numbers.
fn crowd(count: usize) -> (Hub, Vec<MemberId>) {
    let mut hub = hub();
    let pid = |number| sid(&format!("pid-{number}"));
    let add = |number: usize| hub.add_recoverable(&Namespace::root(), &sid(&number.to_string()), &pid(number));
    let members = (0..count).map(add).collect();
    (hub, members)
}

/// One member in `count` rooms in addition to its own.
fn in_rooms(count: usize) -> (Hub, MemberId) {
    let (mut hub, members) = crowd(1);
    for number in 0..count {
        hub.join(members[0], &*room(number)).expect("no limit");
    }
    (hub, members[0])
}

fn room(number: usize) -> String {
    format!("room-{number}")
}

fn everyone() -> Target {
    Target::everyone(&Namespace::root())
}

/// Sends `count` broadcasts that request answers.
fn ask(hub: &mut Hub, count: usize, target: &Target) {
    for _ in 0..count {
        hub.broadcast_with_ack(NOW, target, "ask", Args::empty(), Duration::from_secs(60)).expect("no limit");
    }
}

/// The recovery claim of a member that has seen the first event.
fn claim(member: usize) -> Json {
    Json::new(Text::from(format!(r#"{{"pid":"pid-{member}","offset":"AAAAAAAA.0"}}"#))).expect("valid")
}

fn leave(hub: Hub, members: Vec<MemberId>) -> Work {
    work(hub, |hub| {
        for member in members {
            hub.remove(NOW, member, DisconnectReason::ClientNamespace);
        }
    })
}

/// Runs a function on a hub, and takes the outputs.
fn work(mut hub: Hub, run: impl FnOnce(&mut Hub) + 'static) -> Work {
    while hub.poll_output().is_some() {}
    Box::new(move || {
        run(&mut hub);
        let mut outputs = 0_usize;
        while let Some(output) = hub.poll_output() {
            outputs += usize::from(!matches!(output, Output::Transmit(Transmit::Disconnect { .. })));
        }
        std::hint::black_box(outputs);
        hub
    })
}
