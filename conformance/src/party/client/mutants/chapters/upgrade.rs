//! Defects of the upgrade.

use std::time::Duration;

use sio_codec::engineio::client::{Input, Transmit};

use super::super::super::script::Wish;
use super::super::mutant::Mutant;
use super::super::past::Line;
use super::{is_poll, with_query, without};
use crate::mutants::payload::{edit, text_of, to_text};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("upgrade-without-sid", &["EIO4-UP-01", "EIO4-URL-02"], "The WebSocket of an upgrade names no session.")
        .on_output(|_, transmit| match &transmit {
            Transmit::WsConnect { .. } => with_query(transmit, |query| without(query, "sid")),
            _ => vec![transmit],
        }),
    Mutant::new("upgrade-without-version", &["EIO4-WS-16", "EIO4-URL-01"], "A WebSocket names no version.").on_output(
        |_, transmit| match &transmit {
            Transmit::WsConnect { .. } => with_query(transmit, |query| without(query, "EIO")),
            _ => vec![transmit],
        },
    ),
    Mutant::new("probe-has-no-data", &["EIO4-UP-02"], "The probe is a ping without data.")
        .on_sent(|_, packet| edit(packet, |text| (text == PROBE).then(|| "2".to_owned()))),
    Mutant::new("no-probe", &["EIO4-UP-02"], "The client upgrades without a probe.")
        .on_sent(|_, packet| edit(packet, |text| (text == PROBE).then(|| "5".to_owned()))),
    Mutant::new("upgrades-at-once", &["EIO4-UP-05"], "The client upgrades while its GET is pending.")
        .on_received(|past, packet| {
            if text_of(&packet) == PROBED && past.first() {
                past.say("5");
            }
            vec![packet]
        })
        .on_sent(|past, packet| if text_of(&packet) == "5" && past.tally > 0 { Vec::new() } else { vec![packet] }),
    Mutant::new("never-completes-the-upgrade", &["EIO4-UP-05"], "The client does not send `5`.")
        .on_sent(|_, packet| if text_of(&packet) == "5" { Vec::new() } else { vec![packet] }),
    Mutant::new("polls-while-it-pauses", &["EIO4-UP-05"], "Another GET is sent when the probe was answered.")
        .on_received(|past, packet| {
            if text_of(&packet) == PROBED
                && let Some(query) = past.poll_query.clone()
            {
                let id = past.forge();
                past.ready.push_back(Transmit::Request { id, query, body: None });
            }
            vec![packet]
        }),
    Mutant::new("any-answer-to-the-probe", &["EIO4-UP-14"], "Any packet counts as the answer to the probe.")
        .on_received(|past, packet| {
            if matches!(past.line, Line::Probing(_)) && past.is_from_websocket {
                return vec![to_text(PROBED)];
            }
            vec![packet]
        }),
    Mutant::new("failed-probe-ends-the-session", &["EIO4-UP-14"], "A probe that fails ends the session.").on_input(
        |past, input| {
            if let (Input::WsClosed { ws }, Line::Probing(candidate)) = (&input, past.line)
                && *ws == candidate
            {
                past.line = Line::Polling;
                past.end();
            }
            vec![input]
        },
    ),
    Mutant::new("probing-stops-polling", &["EIO4-UP-14"], "The client does not poll while it probes.").on_output(
        |past, transmit| {
            if is_poll(&transmit) && matches!(past.line, Line::Probing(_)) {
                past.delay(Duration::from_secs(10), transmit);
                return Vec::new();
            }
            vec![transmit]
        },
    ),
    Mutant::new("what-is-held-is-lost", &["EIO4-UP-08"], "What is sent while polling pauses is lost.").on_call(
        |past, wish| {
            let is_lost = matches!((&wish, past.line), (Wish::Send(_), Line::Pausing(_)));
            if is_lost { Vec::new() } else { vec![wish] }
        },
    ),
    Mutant::new("last-answer-is-lost", &["EIO4-UP-05", "EIO4-UP-07"], "What arrives while polling pauses is lost.")
        .on_answer(|past, packets| if matches!(past.line, Line::Pausing(_)) { Vec::new() } else { packets }),
    Mutant::new("noop-before-the-upgrade-packet", &["EIO4-UP-05"], "A noop is sent before `5`.").on_sent(
        |past, packet| match text_of(&packet) {
            "5" if matches!(past.line, Line::Pausing(_)) => vec![to_text("6"), packet],
            _ => vec![packet],
        },
    ),
    Mutant::new("polls-after-the-upgrade", &["EIO4-UP-05"], "After the upgrade, the client polls once more.").on_sent(
        |past, packet| {
            if text_of(&packet) == "5"
                && let Some(query) = past.poll_query.clone()
            {
                let id = past.forge();
                past.ready.push_front(Transmit::Request { id, query, body: None });
            }
            vec![packet]
        },
    ),
];

const PROBE: &str = "2probe";
const PROBED: &str = "3probe";
