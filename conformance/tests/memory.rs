//! Plays every case against our own machines, in memory, on a virtual clock.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test says what it expects by panicking")]

use std::time::Duration;

use sio_codec::Timestamp;
use sio_codec::socketio::Parser;
use siospec::cases::{self, Case, Origin};
use siospec::contract::{Eio3, Kind, Recovery};
use siospec::party::memory::World;
use siospec::replay::{Conditions, Difference, Replay, Unjoined, Verdict};
use siospec::trace::{Need, Node, Trace};

#[path = "mutants/adapters.rs"]
mod adapters;

/// Whether a case tests HTTP or WebSockets themselves, CORS, or several servers: the machines in memory have none of these.
fn is_about_sockets(case: &Case) -> bool {
    case.trace.last_node() != Node::FIRST
        || [Need::Raw, Need::Cors].iter().any(|need| case.trace.header.needs.contains(need))
}

/// The cases that test servers, and need no sockets.
fn of_servers() -> Vec<Case> {
    let tests_clients = |case: &Case| case.trace.header.needs.contains(&Need::Client);
    let cases = cases::embedded().unwrap().into_iter();
    cases.filter(|case| !tests_clients(case) && !is_about_sockets(case)).collect()
}

/// What is known about the timers of the contract's servers.
fn conditions(kind: Kind) -> Conditions {
    let unjoined = match kind {
        Kind::Engine => Unjoined::Lives,
        Kind::Socket => Unjoined::Closed(Duration::from_secs(1)),
    };
    Conditions { unjoined, ..Conditions::default() }
}

/// A server that offers what the case needs.
fn world(case: &Case, parser: Parser) -> World {
    let needs = &case.trace.header.needs;
    let eio3 = if needs.contains(&Need::Eio3) { Eio3::Allowed } else { Eio3::Refused };
    let recovery = if needs.contains(&Need::Recovery) { Recovery::Offered } else { Recovery::None };
    let parser = if needs.contains(&Need::Msgpack) { Parser::MsgPack } else { parser };
    World::new(case.kind().unwrap_or(Kind::Engine), eio3).unwrap().with(parser, recovery)
}

fn play(case: &Case) -> Result<Vec<Difference>, Difference> {
    verdict(case, Parser::Json).expect("memory offers everything")
}

/// What a case finds with a parser; the outer `Err` says why it does not apply.
fn verdict(case: &Case, parser: Parser) -> Result<Result<Vec<Difference>, Difference>, String> {
    let kind = case.kind().unwrap_or(Kind::Engine);
    let replay = Replay::judge(&case.trace, Timestamp::ZERO, conditions(kind));
    let (outcome, _) = world(case, parser).play(replay);
    Ok(match outcome.verdict {
        Verdict::Passed => Ok(Vec::new()),
        Verdict::Departed(mut all) => match all.iter().position(|difference| difference.rule.level.is_some()) {
            Some(first) => Err(all.swap_remove(first)),
            None => Ok(all),
        },
        Verdict::HeldUp(difference) => Err(difference),
        Verdict::NotApplicable(why) | Verdict::Unsupported(why) => return Err(why),
    })
}

#[test]
fn every_case_passes_in_memory() {
    let cases = of_servers();
    assert!(cases.len() >= 45, "{} cases", cases.len());
    let failures: Vec<_> = cases
        .iter()
        .filter_map(|case| play(case).err().map(|difference| format!("{}: {difference:#?}", case.id)))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The cases about several servers pass on two of ours, whatever they speak.
#[test]
fn every_case_about_clusters_passes_in_memory() {
    let cases = cases::embedded().unwrap();
    let cases: Vec<_> = cases.iter().filter(|case| case.trace.last_node() != Node::FIRST).collect();
    assert!(cases.len() >= 29, "{} cases", cases.len());
    let mut failures = Vec::new();
    for case in cases {
        for (name, adapter) in adapters::fit_for(case) {
            let replay = Replay::judge(&case.trace, Timestamp::ZERO, conditions(Kind::Socket));
            let (outcome, _) = World::cluster(&adapter, None, &[None]).unwrap().play(replay);
            if !matches!(outcome.verdict, Verdict::Passed) {
                failures.push(format!("{} with {name}: {:#?}", case.id, outcome.verdict));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A case of Socket.IO shows the same with MessagePack, unless it is about the form of JSON packets.
//= MSG-01: `nsp` always present
//= MSG-10: one binary engine message per packet
#[test]
fn cases_of_socket_io_pass_with_messagepack() {
    let cases = cases::embedded().unwrap();
    // A packet of the largest size has another size in MessagePack.
    let is_about_sizes = |case: &Case| case.trace.header.needs.contains(&Need::MaxPayload);
    let played = cases.iter().filter(|case| case.id.starts_with("sio5/") && !is_about_sockets(case));
    let played = played.filter(|case| !is_about_sizes(case));
    let results: Vec<_> = played.map(|case| (case, verdict(case, Parser::MsgPack))).collect();
    let failures: Vec<_> = results
        .iter()
        .filter_map(|(case, result)| Some(format!("{}: {:#?}", case.id, result.as_ref().ok()?.as_ref().err()?)))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(results.iter().filter(|(_, result)| result.is_ok()).count() >= 200);
}

#[test]
fn every_trace_is_printed_as_it_is_written() {
    for case in cases::embedded().unwrap().into_iter().filter(|case| case.origin == Origin::Written) {
        let path = format!("{}/../fixtures/traces/{}.trace", env!("CARGO_MANIFEST_DIR"), case.id);
        let source = std::fs::read_to_string(path).unwrap();
        assert_eq!(case.trace.to_string(), source, "{}", case.id);
        assert_eq!(Trace::parse(&case.id, &source).unwrap(), case.trace);
        assert!(case.trace.steps().count() > 0, "{} has no step", case.id);
    }
}

/// If our own machines change a value, either they or the generator are wrong.
#[test]
fn generated_cases_pass_in_memory_with_any_seed() {
    for seed in [0, 2, u64::MAX] {
        for case in cases::generated(seed) {
            assert_eq!(play(&case).err(), None, "{} with seed {seed}", case.id);
        }
    }
}

#[test]
fn every_requirement_that_is_named_exists() {
    for case in cases::embedded().unwrap() {
        for id in &case.trace.header.covers {
            assert!(siospec::requirements::catalogue().contains_key(id.as_str()), "{} names {id}", case.id);
        }
    }
}

/// Recording a trace that was recorded before changes nothing. It runs in memory, so that the test does not need the
/// reference. Generated cases are never recorded.
#[test]
fn recording_a_trace_that_matches_keeps_it() {
    let written = |case: &&Case| case.origin == Origin::Written;
    for case in of_servers().iter().filter(written) {
        let kind = case.kind().unwrap_or(Kind::Engine);
        let replay = Replay::record(&case.trace, Timestamp::ZERO, conditions(kind));
        let (_, recording) = world(case, Parser::Json).play(replay);
        let recorded = recording.unwrap().finish(None);
        // If our server differs from the reference in a permitted way, the recording shows it.
        let is_kept = recorded == case.trace || !play(case).is_ok_and(|notes| notes.is_empty());
        assert!(is_kept, "{}:\n{recorded}\n--- was\n{}", case.id, case.trace);
    }
}

/// A trace with only the client's half is completed.
#[test]
fn a_fresh_recording_fills_in_the_servers_half() {
    let source = "\
title     A message comes back
covers    EIO4-PKT-12
level     must

ws C open  EIO=4&transport=websocket
ws C text  4hello
";
    let trace = Trace::parse("fresh.trace", source).unwrap();
    let replay = Replay::record(&trace, Timestamp::ZERO, Conditions::default());
    let (_, recording) = World::new(Kind::Engine, Eio3::Refused).unwrap().play(replay);
    insta::assert_snapshot!(recording.unwrap().finish(Some("memory")).to_string(), @r#"
    title     A message comes back
    covers    EIO4-PKT-12
    level     must
    recorded  memory

    ws C open    EIO=4&transport=websocket
    ws S text    0{"sid":$sid,"upgrades":[],"pingInterval":$interval,"pingTimeout":$timeout,"maxPayload":$max}
    ws C text    4hello
    ws S text    4hello
    "#);
}
