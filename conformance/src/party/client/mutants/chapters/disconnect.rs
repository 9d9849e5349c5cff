//! Defects of leaving a namespace.

use std::time::Duration;

use serde_json::json;
use sio_codec::engineio::client::Transmit;

use super::super::super::script::Wish;
use super::super::mutant::Mutant;
use super::super::past::Line;
use crate::mutants::payload::{edit, text_of, unless};
use crate::mutants::socketio::{Packet, is, with};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("no-disconnect-packet", &["SIO5-DIS-01"], "No DISCONNECT is sent.")
        .on_sent(|_, packet| unless(packet, |text| is(text, |it| it.kind == '1'))),
    Mutant::new("disconnect-has-data", &["SIO5-DIS-01"], "DISCONNECT has data.").on_sent(|_, packet| {
        edit(packet, |text| with(text, |it| (it.kind == '1').then_some(Packet { data: "{}", ..it })))
    }),
    Mutant::new("disconnect-leaves-the-main-namespace", &["SIO5-DIS-01"], "DISCONNECT names `/` only.").on_sent(
        |_, packet| edit(packet, |text| with(text, |it| (it.kind == '1').then_some(Packet { namespace: "/", ..it }))),
    ),
    Mutant::new(
        "leaving-one-closes-all",
        &["SIO5-DIS-01", "SIO5-DIS-02"],
        "Leaving one namespace closes the connection.",
    )
    .on_sent(|past, packet| {
        if is(text_of(&packet), |it| it.kind == '1')
            && let Line::WebSocket(ws) = past.line
        {
            past.delay(Duration::ZERO, Transmit::WsClose { ws });
        }
        vec![packet]
    }),
    Mutant::new(
        "connection-is-kept-for-nothing",
        &["SIO5-DIS-05"],
        "The connection stays when the last namespace was left.",
    )
    .on_output(|past, transmit| match transmit {
        Transmit::WsClose { .. } if !past.left.is_empty() => Vec::new(),
        _ => vec![transmit],
    }),
    Mutant::new(
        "disconnect-is-answered-with-connect",
        &["SIO5-DIS-06", "SIO5-CLI-05"],
        "The client joins again after a DISCONNECT of the server.",
    )
    .on_received(|past, packet| {
        if let Some(left) = Packet::read(text_of(&packet)).filter(|it| it.kind == '1') {
            past.say(Packet { kind: '0', data: "", ..left }.write());
        }
        vec![packet]
    }),
    Mutant::new("disconnect-is-a-loss", &["SIO5-DIS-06"], "A DISCONNECT of the server is reported as a loss.").on_told(
        |_, mut event| {
            if event["by"] == "server" {
                event["by"] = "loss".into();
            }
            vec![event]
        },
    ),
    Mutant::new("disconnect-of-the-server-is-ignored", &["SIO5-DIS-06"], "A DISCONNECT of the server is dropped.")
        .on_received(|_, packet| unless(packet, |text| is(text, |it| it.kind == '1'))),
    Mutant::new("disconnect-is-not-reported", &["SIO5-DIS-06"], "The application does not learn of a DISCONNECT.")
        .on_told(|_, event| if event["by"] == "server" { Vec::new() } else { vec![event] }),
    Mutant::new("namespace-is-left-for-ever", &["SIO5-DIS-07"], "A namespace that was left cannot be joined again.")
        .on_call(|past, wish| match &wish {
            Wish::Connect(..) if past.is_marked => Vec::new(),
            _ => vec![wish],
        })
        .on_received(|past, packet| {
            past.is_marked |= is(text_of(&packet), |it| it.kind == '1');
            vec![packet]
        }),
    Mutant::new(
        "late-events-are-received",
        &["SIO5-EVT-04", "EIO4-CL-09"],
        "Events of a namespace that was left are delivered.",
    )
    .on_received(|past, packet| {
        if let Some(event) = Packet::read(text_of(&packet)).filter(|it| it.kind == '2')
            && past.left.contains(event.namespace)
        {
            past.told
                .push_back(json!({ "event": "message", "namespace": event.namespace, "name": "late", "args": [] }));
        }
        vec![packet]
    }),
    Mutant::new("leaving-is-a-loss", &["SIO5-DIS-01"], "Leaving a namespace is reported as a loss.").on_told(
        |_, mut event| {
            if event["by"] == "client" {
                event["by"] = "loss".into();
            }
            vec![event]
        },
    ),
];
