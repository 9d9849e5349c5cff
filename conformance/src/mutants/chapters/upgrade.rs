//! Defects of upgrades from polling to WebSocket.

use std::time::Duration;

use sio_codec::engineio::server::{Input, Transmit};
use sio_codec::engineio::{ContentType, HttpError};

use super::super::mutant::Mutant;
use super::super::past::{Cause, Line};
use super::super::payload::{edit, text_of, to_text, unless};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("probe-answered-bare", &["EIO4-UP-03"], "A probe is answered with a bare pong.")
        .on_sent(|_, packet| edit(packet, |text| (text == "3probe").then(|| "3".to_owned()))),
    Mutant::new("probe-answered-with-a-ping", &["EIO4-UP-03"], "A probe is answered with a probe.")
        .on_sent(|_, packet| edit(packet, |text| (text == "3probe").then(|| "2probe".to_owned()))),
    Mutant::new("probe-not-answered", &["EIO4-UP-03"], "A probe is not answered.")
        .on_sent(|_, packet| unless(packet, |text| text == "3probe")),
    Mutant::new("probe-answered-twice", &["EIO4-UP-03", "EIO4-UP-07"], "A probe is answered twice.")
        .on_sent(|_, packet| if text_of(&packet) == "3probe" { vec![packet.clone(), packet] } else { vec![packet] }),
    Mutant::new(
        "get-waits-through-the-upgrade",
        &["EIO4-UP-04"],
        "A GET that is pending when the probe arrives gets no noop.",
    )
    .patient()
    .on_payload(|past, packets| {
        packets.into_iter().filter(|packet| !past.is_upgrading() || text_of(packet) != "6").collect()
    }),
    Mutant::new("one-noop-in-an-upgrade", &["EIO4-UP-04"], "Only the first GET of an upgrade gets a noop.")
        .patient()
        .on_payload(|past, packets| {
            let is_noop = past.is_upgrading() && packets.iter().all(|packet| text_of(packet) == "6");
            if is_noop && !past.first() { Vec::new() } else { packets }
        }),
    Mutant::new("late-noop", &["EIO4-UP-04"], "The noop for a pending GET takes two seconds.").patient().on_output(
        |past, output| {
            if matches!(&output, Transmit::Respond { response, .. } if response.body == "6") && past.is_upgrading() {
                past.delay(Duration::from_secs(2), output);
                return Vec::new();
            }
            vec![output]
        },
    ),
    Mutant::new("ping-as-noop", &["EIO4-UP-04"], "A GET that is pending when the probe arrives gets an empty message.")
        .on_sent(|past, packet| edit(packet, |text| (past.is_upgrading() && text == "6").then(|| "4".to_owned()))),
    Mutant::new("upgrade-packet-is-ignored", &["EIO4-UP-06"], "The packet 5 has no effect.")
        .on_received(|past, packet| unless(packet, |text| past.is_from_a_candidate() && text.starts_with('5'))),
    Mutant::new(
        "queue-lost-in-an-upgrade",
        &["EIO4-UP-06", "EIO4-UP-07"],
        "Messages that wait when the packet 5 arrives are lost.",
    )
    .on_sent(|past, packet| unless(packet, |text| past.cause == Cause::Upgraded && text.starts_with('4'))),
    Mutant::new(
        "queue-doubled-in-an-upgrade",
        &["EIO4-UP-06", "EIO4-UP-07"],
        "Messages that wait when the packet 5 arrives are sent twice.",
    )
    .on_sent(|past, packet| {
        let is_twice = past.cause == Cause::Upgraded && text_of(&packet).starts_with('4');
        if is_twice { vec![packet.clone(), packet] } else { vec![packet] }
    }),
    Mutant::new(
        "queue-reversed-in-an-upgrade",
        &["EIO4-UP-06", "EIO4-UP-07"],
        "Messages that wait when the packet 5 arrives are sent in reverse order.",
    )
    .on_sent(|past, packet| {
        if past.cause != Cause::Upgraded {
            return vec![packet];
        }
        past.kept.push(packet);
        Vec::new()
    })
    .on_idle(|past| {
        while let Some(packet) = past.kept.pop() {
            past.say(text_of(&packet));
        }
    }),
    Mutant::new(
        "posts-lost-in-an-upgrade",
        &["EIO4-UP-09", "EIO4-UP-07"],
        "Messages posted during an upgrade are lost.",
    )
    .on_body(|past, packets| if past.is_upgrading() { Vec::new() } else { packets }),
    Mutant::new("posts-refused-in-an-upgrade", &["EIO4-UP-09", "EIO4-UP-07"], "POSTs during an upgrade are refused.")
        .on_input(|past, input| match input {
            Input::Post { id, .. } if past.is_upgrading() => {
                past.refuse(id, HttpError::Mismatch.response());
                Vec::new()
            }
            input => vec![input],
        }),
    Mutant::new("gets-lose-messages-in-an-upgrade", &["EIO4-UP-07"], "A message for a GET during an upgrade is lost.")
        .patient()
        .on_payload(|past, packets| {
            packets.into_iter().filter(|packet| !past.is_upgrading() || !text_of(packet).starts_with('4')).collect()
        }),
    Mutant::new("candidate-may-talk", &["EIO4-UP-10"], "Packets of a candidate before its probe are ignored.")
        .on_received(|past, packet| {
            let is_early = past.is_from_a_candidate() && !past.probed;
            unless(packet, |text| is_early && text != "2probe" && !text.starts_with('5'))
        }),
    Mutant::new("candidate-may-ping", &["EIO4-UP-10"], "A ping of a candidate is answered like a probe.").on_received(
        |past, packet| {
            edit(packet, |text| {
                (past.is_from_a_candidate() && !past.probed && text.starts_with('2')).then(|| "2probe".to_owned())
            })
        },
    ),
    Mutant::new(
        "bad-candidate-ends-the-session",
        &["EIO4-UP-10", "EIO4-UP-13"],
        "A candidate that begins with another packet ends the session.",
    )
    .on_output(|past, output| {
        if matches!(&output, Transmit::WsClose { ws } if past.line == Line::Candidate(*ws))
            && past.cause == Cause::WebSocket
        {
            past.line = Line::Polling;
            past.end();
        }
        vec![output]
    }),
    Mutant::new("lost-candidate-ends-the-session", &["EIO4-UP-13"], "A candidate that closes ends the session.")
        .on_input(|past, input| {
            if matches!(&input, Input::WsClosed { ws } if past.line == Line::Candidate(*ws)) {
                past.line = Line::Polling;
                past.end();
            }
            vec![input]
        }),
    Mutant::new("candidate-may-wait", &["EIO4-UP-12"], "A candidate may take an hour for its upgrade.")
        .with_settings(|settings| settings.engine.upgrade_timeout = Duration::from_secs(3_600)),
    Mutant::new(
        "late-candidate-ends-the-session",
        &["EIO4-UP-12"],
        "A candidate that takes too long ends the session.",
    )
    .on_output(|past, output| {
        if matches!(&output, Transmit::WsClose { ws } if past.line == Line::Candidate(*ws))
            && past.cause == Cause::Timer
        {
            past.line = Line::Polling;
            past.end();
        }
        vec![output]
    }),
    Mutant::new(
        "second-candidate-wins",
        &["EIO4-UP-15", "EIO4-WS-09"],
        "A second candidate takes the place of the first.",
    )
    .on_input(|past, input| match (past.line, &input) {
        (Line::Candidate(first), Input::Upgrade { .. }) => {
            past.ready.push_back(Transmit::WsClose { ws: first });
            vec![Input::WsClosed { ws: first }, input]
        }
        _ => vec![input],
    }),
    Mutant::new(
        "candidate-after-the-upgrade",
        &["EIO4-UP-17", "EIO4-WS-09"],
        "A WebSocket for an upgraded session is accepted, and ignored.",
    )
    .on_input(|past, input| match input {
        Input::Upgrade { ws, .. } if matches!(past.line, Line::WebSocket(_)) => {
            past.say_accepted(ws);
            Vec::new()
        }
        input => vec![input],
    }),
    Mutant::new(
        "candidate-after-the-upgrade-ends-it",
        &["EIO4-UP-17"],
        "A WebSocket for an upgraded session ends the session.",
    )
    .on_input(|past, input| {
        if matches!(input, Input::Upgrade { .. }) && matches!(past.line, Line::WebSocket(_)) {
            past.end();
        }
        vec![input]
    }),
    Mutant::new(
        "polling-after-the-upgrade",
        &["EIO4-UP-16", "EIO4-ERR-12"],
        "An upgraded session answers GETs with a noop.",
    )
    .on_input(|past, input| match input {
        Input::Poll { id, .. } if !past.is_polling() => {
            past.respond(id, &[to_text("6")]);
            Vec::new()
        }
        input => vec![input],
    }),
    Mutant::new(
        "posts-after-the-upgrade",
        &["EIO4-UP-16", "EIO4-ERR-12"],
        "An upgraded session answers POSTs with ok.",
    )
    .on_input(|past, input| match input {
        Input::Post { id, .. } if !past.is_polling() => {
            past.accept(id);
            Vec::new()
        }
        input => vec![input],
    }),
    Mutant::new("polling-after-the-upgrade-ends-it", &["EIO4-UP-16", "EIO4-ERR-14"], "A GET ends an upgraded session.")
        .on_input(|past, input| {
            if matches!(input, Input::Poll { .. }) && !past.is_polling() {
                past.end();
            }
            vec![input]
        }),
    Mutant::new(
        "get-outlives-the-upgrade",
        &["EIO4-UP-18"],
        "A GET that is pending when the packet 5 arrives is not ended.",
    )
    .on_output(|past, output| {
        let is_payload =
            matches!(&output, Transmit::Respond { response, .. } if response.content_type == ContentType::Payload);
        if is_payload && past.cause == Cause::Upgraded { Vec::new() } else { vec![output] }
    }),
    Mutant::new("candidate-outlives-the-session", &["EIO4-UP-23"], "A candidate stays open when its session ends.")
        .on_output(|past, output| {
            let is_candidate = matches!(&output, Transmit::WsClose { ws } if past.line == Line::Candidate(*ws));
            if is_candidate && past.cause == Cause::Body { Vec::new() } else { vec![output] }
        }),
];
