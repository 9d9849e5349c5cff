//! Plays the cases against every mutant of the embedded server, in memory, on a virtual clock.
//!
//! Each mutant must fail a case that covers a requirement which it breaks, and few other cases. To be fast, the test does not
//! play every case against every mutant. Of the cases that cover what is broken it plays the short ones first, until one
//! fails. Of the short others about the same protocol it plays every eighth; which ones depends on the mutant's name.

use std::time::Duration;

use sio_codec::Timestamp;
use sio_codec::socketio::Parser;
use siospec::cases::{self, Case, Origin};
use siospec::contract::{Eio3, Kind, Recovery};
use siospec::mutants::{self, Mutant};
use siospec::party::memory::World;
use siospec::replay::{Conditions, Replay, Unjoined, Verdict};
use siospec::trace::{Level, Need, Node};

use crate::{Verdicts, check, covers};

/// Every how many of the cases that cover nothing that a mutant breaks are played.
const SAMPLE: usize = 8;

/// How many of the sample may fail.
const MAX_UNRELATED: usize = 6;

/// Mutants that fail more unrelated cases, and why.
const DRASTIC: &[(&str, &str)] = &[
    ("answers-before-broadcasts", "no broadcast comes before its acknowledgement"),
    ("asker-is-not-told", "no client of the extended contract receives what it tells all"),
    ("ack-is-an-event", "every event of the extended contract is acknowledged"),
    ("ack-on-another-namespace", "every event of the extended contract is acknowledged"),
    ("ack-twice", "every event of the extended contract has two acknowledgements"),
    ("binary-event-is-plain", "no event with attachments is one"),
    ("event-comes-twice", "every event without an id has two answers"),
    ("events-before-their-ack", "every event of the extended contract is acknowledged"),
    ("event-without-its-attachments", "no event with attachments is processed as one"),
    ("main-namespace-is-written", "no event on the main namespace is compact"),
    ("namespace-is-written-without-comma", "every packet on another namespace is unreadable"),
    ("payload-ends-with-a-separator", "every payload of several packets is unreadable"),
    ("payload-without-separators", "every payload of several packets is unreadable"),
    ("v5-bytes-have-a-type", "no attachment on a WebSocket is the same"),
    ("no-room-means-nobody", "most broadcasts of the extended contract select no room"),
    ("post-answered-with-201", "no POST has the status that it must have"),
];

/// Whether a case is short: written by hand, and without a body or message of the largest size.
fn is_short(case: &Case) -> bool {
    case.origin == Origin::Written && !case.trace.header.needs.contains(&Need::MaxPayload)
}

/// Whether a case is about the protocol of a requirement that the mutant breaks.
fn is_near(case: &Case, mutant: &Mutant) -> bool {
    let mut folders = mutant.breaks.iter().flat_map(|id| folders(id));
    folders.any(|folder| case.id.split('/').next() == Some(folder.as_str()))
}

/// The folders of the cases about the protocol of a requirement.
fn folders(id: &str) -> Vec<String> {
    let (protocol, rest) = id.split_once('-').unwrap_or((id, ""));
    match protocol {
        _ if rest.starts_with("JSONP") => vec!["jsonp".to_owned()],
        "HYB" => vec!["eio3".to_owned(), "sio4".to_owned()],
        "SRV" | "MSG" => vec!["sio5".to_owned()],
        protocol => vec![protocol.to_lowercase()],
    }
}

fn is_red(case: &Case, mutant: &'static Mutant) -> bool {
    let kind = case.kind().unwrap_or(Kind::Engine);
    let unjoined = match kind {
        Kind::Engine => Unjoined::Lives,
        Kind::Socket => Unjoined::Closed(Duration::from_secs(1)),
    };
    let eio3 = if case.trace.header.needs.contains(&Need::Eio3) { Eio3::Allowed } else { Eio3::Refused };
    let conditions = Conditions { unjoined, ..Conditions::default() };
    let replay = Replay::judge(&case.trace, Timestamp::ZERO, conditions);
    let recovery = if case.trace.header.needs.contains(&Need::Recovery) { Recovery::Offered } else { Recovery::None };
    let parser = if case.trace.header.needs.contains(&Need::Msgpack) { Parser::MsgPack } else { Parser::Json };
    let mut world = World::with_mutant(kind, eio3, mutant).unwrap().with(parser, recovery);
    let (outcome, _) = world.play(replay);
    match &outcome.verdict {
        Verdict::HeldUp(_) | Verdict::NotApplicable(_) | Verdict::Unsupported(_) => false,
        // What only the reference does is no fault, except in a case that is about nothing else.
        verdict => match verdict.level() {
            Some(Level::Must | Level::Should | Level::Security) => true,
            Some(Level::Reference) => case.trace.header.level == Level::Reference,
            None => false,
        },
    }
}

fn judge<'a>(cases: &'a [Case], mutant: &'static Mutant) -> Verdicts<'a> {
    let (right, others): (Vec<_>, Vec<_>) = cases.iter().partition(|case| covers(case, mutant.breaks));
    let (short, long): (Vec<_>, Vec<_>) = right.into_iter().partition(|case| is_short(case));
    let is_caught = short.into_iter().chain(long).any(|case| is_red(case, mutant));
    let near = others.into_iter().filter(|case| is_short(case) && is_near(case, mutant));
    let sample = near.skip(mutant.name.len() % SAMPLE).step_by(SAMPLE);
    let unrelated: Vec<_> = sample.filter(|case| is_red(case, mutant)).map(|case| case.id.as_str()).collect();
    let is_loud = unrelated.len() > MAX_UNRELATED;
    Verdicts { name: mutant.name, is_caught, unrelated, is_loud }
}

#[test]
fn every_mutant_is_caught_by_a_case_for_what_it_breaks() {
    // Raw bytes, CORS and other servers are not there in memory.
    let is_alone = |case: &Case| case.trace.last_node() == Node::FIRST;
    let is_in_memory = |case: &Case| {
        is_alone(case) && ![Need::Raw, Need::Cors].iter().any(|need| case.trace.header.needs.contains(need))
    };
    let cases: Vec<_> = cases::embedded().unwrap().into_iter().filter(is_in_memory).collect();
    let mutants: Vec<&'static Mutant> = mutants::all().collect();
    check(&mutants, DRASTIC, |mutant| judge(&cases, mutant));
}
