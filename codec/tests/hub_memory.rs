//! What a crowd can make a hub keep: no more than its documentation says.

#![allow(clippy::panic, reason = "tests say what they expect by panicking")]

use std::time::Duration;

use sio_codec::engineio::{CloseReason, Sid};
use sio_codec::socketio::hub::{Config, Event, Hub, MemberId, Recovery, Target};
use sio_codec::socketio::{Args, Decoder, DisconnectReason, EmitError, Json, Namespace, PacketKind};
use sio_codec::{Frame, Limits, Machine as _, Output, Text, Timestamp};
use sio_support::allocator::{self, Counting, held};

#[global_allocator]
static ALLOCATOR: &Counting = allocator::COUNTING;

const NOW: Timestamp = Timestamp::ZERO;
const MINUTE: Duration = Duration::from_secs(60);
const MEMBERS: u64 = 100;
/// What is counted for each receiver of a broadcast that is to be answered.
const PER_RECEIVER: usize = 192;

fn main() {
    short_answers_keep_no_long_bodies();
    long_answers_are_bounded();
    members_that_left_hold_nothing();
    questions_that_timed_out_hold_nothing();
    rooms_of_one_member_are_bounded();
    events_for_many_rooms_are_bounded();
}

/// Every one has room, and none keeps the body that it came in.
//= SRV-LIM-01
fn short_answers_keep_no_long_bodies() {
    let questions = 10;
    let limit = questions * MEMBERS as usize * PER_RECEIVER;
    let (mut hub, before) = held(|| crowd(Config::default().with_max_answer_bytes(limit)));
    let ((), after) = held(|| {
        for _ in 0..questions {
            ask(&mut hub).expect("room");
        }
        assert_eq!(ask(&mut hub), Err(EmitError::TooManyAcks));
        for question in 0..questions {
            // One is waited for.
            for member in 1..MEMBERS {
                answer(&mut hub, member, question, r#"["yes, for 27 bytes of it"]"#);
            }
        }
    });
    let most = questions * 250 + limit;
    assert!((most * 3 / 4..=most).contains(&after), "{after} bytes, not {most}, beside {before}");
    hub.handle_timeout(NOW.saturating_add(MINUTE));
    for _ in 0..questions {
        let Some(Output::Event(Event::Settled { answers, .. })) = hub.poll_output() else { panic!("settled") };
        assert_eq!(answers.len() as u64, MEMBERS - 1);
    }
}

/// Answers are kept while there is room; a member whose answer had none counts as missing.
//= SRV-LIM-01
fn long_answers_are_bounded() {
    let limit = 2 * MEMBERS as usize * PER_RECEIVER;
    let mut hub = crowd(Config::default().with_max_answer_bytes(limit));
    let long = format!(r#"["{}"]"#, "x".repeat(1_000));
    let ((), after) = held(|| {
        ask(&mut hub).expect("room");
        for member in 1..MEMBERS {
            answer(&mut hub, member, 0, &long);
        }
    });
    assert!((limit / 2..=limit + 250).contains(&after), "{after} bytes, not {limit}");
    assert_eq!(ask(&mut hub), Err(EmitError::TooManyAcks), "the answers take its room");
    answer(&mut hub, 0, 0, "[1]");
    let Some(Output::Event(Event::Settled { answers, missing, .. })) = hub.poll_output() else { panic!("settled") };
    let kept = limit / 2 / (1_004 - 32);
    assert_eq!((answers.len(), missing.len()), (kept + 1, MEMBERS as usize - kept - 1));
    assert_eq!(answers.first(), Some(&(MemberId(0), Args::encode(&(1,)).expect("a list"))), "a short one has room");
    ask(&mut hub).expect("the room is free again");
}

/// Nothing is kept of members that came, were asked, lost their connection, came back and left.
fn members_that_left_hold_nothing() {
    let lives = |count: u64| {
        let mut hub = crowd(Config::default().with_recovery(Recovery::new([0; 6])));
        hub.broadcast(NOW, &everyone(), "seen", Args::empty()).expect("a name");
        // One broadcast waits all the time.
        ask(&mut hub).expect("room");
        for number in MEMBERS..MEMBERS + count {
            let member = hub.add_recoverable(&Namespace::root(), &sid("sid"), &sid(&format!("pid-{number}")));
            ask(&mut hub).expect("room");
            hub.remove(NOW, member, DisconnectReason::Engine(CloseReason::TransportClose));
            let claim = format!(r#"{{"pid":"pid-{number}","offset":"AAAAAAAA.0"}}"#);
            let claim = Json::new(Text::from(claim)).expect("valid");
            hub.recover(NOW, &Namespace::root(), Some(&claim)).expect("it was away");
            hub.remove(NOW, member, DisconnectReason::ClientNamespace);
            for member in 0..MEMBERS {
                answer(&mut hub, member, (number - MEMBERS + 1) as usize, "[]");
            }
            drain(&mut hub);
        }
        hub
    };
    let ((_few, few), (_many, many)) = (held(|| lives(10)), held(|| lives(500)));
    assert_eq!(few, many);
}

fn questions_that_timed_out_hold_nothing() {
    let rounds = |count: u32| {
        let mut hub = crowd(Config::default());
        for round in 1..=count {
            ask(&mut hub).expect("room");
            hub.handle_timeout(NOW.saturating_add(MINUTE * round));
            drain(&mut hub);
        }
        hub
    };
    let ((_few, few), (_many, many)) = (held(|| rounds(10)), held(|| rounds(500)));
    assert_eq!(few, many);
}

//= SRV-LIM-01
fn rooms_of_one_member_are_bounded() {
    for rooms in [8, 9, 100, 1_000] {
        let mut hub = Hub::new(Config::default());
        let ((), held) = held(|| {
            let member = hub.add(&Namespace::root(), &sid("room-0"));
            for number in 1..rooms {
                hub.join(member, &*format!("room-{number}")).expect("no limit");
            }
            drain(&mut hub);
        });
        let most = 400 + rooms * (200 + "room-999".len());
        assert!(held <= most, "{held} bytes for {rooms} rooms, not {most}");
    }
}

/// The rooms that an event was for are a part of the log.
//= SRV-LIM-01
fn events_for_many_rooms_are_bounded() {
    let recovery = Recovery::new([0; 6]).with_max_bytes(100_000).with_max_packets(100);
    let mut hub = Hub::new(Config::default().with_recovery(recovery));
    let ((), held) = held(|| {
        for round in 0..200 {
            let room = |number| format!("room-{round}-{number}");
            let target = (0..100).fold(everyone(), |target, number| target.to(&*room(number)).except("nowhere"));
            hub.broadcast(NOW, &target, "event", Args::empty()).expect("a name");
            drain(&mut hub);
        }
    });
    assert!((50_000..=120_000).contains(&held), "{held} bytes");
}

/// Members whose numbers are their ids.
fn crowd(config: Config) -> Hub {
    let mut hub = Hub::new(config);
    for number in 0..MEMBERS {
        hub.add_recoverable(&Namespace::root(), &sid(&number.to_string()), &sid(&format!("pid-{number}")));
    }
    drain(&mut hub);
    hub
}

fn drain(hub: &mut Hub) {
    while hub.poll_output().is_some() {}
}

fn everyone() -> Target {
    Target::everyone(&Namespace::root())
}

/// Asks all members, and those that come later as well.
fn ask(hub: &mut Hub) -> Result<(), EmitError> {
    hub.broadcast_with_ack(NOW, &everyone(), "ask", Args::empty(), MINUTE)?;
    drain(hub);
    Ok(())
}

/// An answer that came in a body of 10,000 bytes.
fn answer(hub: &mut Hub, member: u64, question: usize, args: &str) {
    let message = format!("3{}{args}", question * 2 + 1);
    let length = message.len();
    let body = Text::from(message + &"\x1e2".repeat(5_000));
    let part = body.slice(0..length).expect("ASCII");
    let packet = Decoder::new(&Limits::default()).push(Frame::Text(part)).expect("valid").expect("complete");
    let PacketKind::Ack { id: Some(id), args } = packet.kind else { panic!("no acknowledgement") };
    hub.acknowledge(NOW, MemberId(member), id, &args);
}

fn sid(id: &str) -> Sid {
    Sid::from_wire(id).expect("no spaces")
}
