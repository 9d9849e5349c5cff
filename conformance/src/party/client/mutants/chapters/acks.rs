//! Defects of acknowledgements.

use serde_json::json;

use super::super::super::script::{Ack, Wish};
use super::super::mutant::Mutant;
use crate::mutants::payload::{edit, text_of, unless};
use crate::mutants::socketio::{Packet, is, with};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("no-acknowledgement", &["SIO5-ACK-01"], "No acknowledgement is sent.")
        .on_sent(|_, packet| unless(packet, |text| is(text, |it| it.kind == '3'))),
    Mutant::new("acknowledgement-has-no-id", &["SIO5-ACK-01"], "An acknowledgement has no id.")
        .on_sent(|_, packet| edit(packet, |text| with(text, |it| it.is_ack().then_some(Packet { id: "", ..it })))),
    Mutant::new("acknowledgement-has-an-id-of-its-own", &["SIO5-ACK-01"], "Every acknowledgement has the id 1.")
        .on_sent(|_, packet| edit(packet, |text| with(text, |it| it.is_ack().then_some(Packet { id: "1", ..it })))),
    Mutant::new(
        "acknowledgement-is-sent-twice",
        &["SIO5-ACK-01", "SIO5-ACK-02"],
        "Every acknowledgement is sent twice.",
    )
    .on_sent(
        |_, packet| {
            if is(text_of(&packet), |it| it.kind == '3') { vec![packet.clone(), packet] } else { vec![packet] }
        },
    ),
    Mutant::new("events-are-acknowledged-unasked", &["SIO5-ACK-01"], "An event without an id is acknowledged.")
        .on_received(|past, packet| {
            if let Some(event) = Packet::read(text_of(&packet)).filter(|it| it.kind == '2' && it.id.is_empty()) {
                past.say(Packet { kind: '3', id: "0", data: "[]", ..event }.write());
            }
            vec![packet]
        }),
    Mutant::new("every-event-asks", &["SIO5-ACK-01", "SIO5-PKT-21"], "Every event asks for an acknowledgement.")
        .on_sent(|_, packet| {
            edit(packet, |text| {
                with(text, |it| (it.kind == '2' && it.id.is_empty()).then_some(Packet { id: "9", ..it }))
            })
        }),
    Mutant::new("no-event-asks", &["SIO5-ACK-05"], "No event has an id.")
        .on_sent(|_, packet| edit(packet, |text| with(text, |it| it.is_event().then_some(Packet { id: "", ..it })))),
    Mutant::new("ids-are-equal", &["SIO5-ACK-05"], "All events have the id 0.").on_sent(|_, packet| {
        edit(packet, |text| with(text, |it| (it.is_event() && !it.id.is_empty()).then_some(Packet { id: "0", ..it })))
    }),
    Mutant::new(
        "acknowledgement-is-not-received",
        &["SIO5-ACK-04", "SIO5-ACK-05"],
        "The application receives no acknowledgement.",
    )
    .on_told(|_, event| if event["event"] == "acked" { Vec::new() } else { vec![event] }),
    Mutant::new("acknowledgement-is-received-twice", &["SIO5-ACK-04"], "A second acknowledgement is delivered too.")
        .on_received(|past, packet| {
            let Some(ack) = Packet::read(text_of(&packet)).filter(|it| it.kind == '3') else { return vec![packet] };
            let key = (ack.namespace.to_owned(), ack.id.to_owned());
            if past.asked.contains(&key) || !past.was_asked.contains(&key) {
                return vec![packet];
            }
            let args: serde_json::Value = serde_json::from_str(ack.data).unwrap_or_default();
            past.told.push_back(json!({ "event": "acked", "namespace": ack.namespace, "args": args }));
            Vec::new()
        }),
    Mutant::new(
        "unknown-acknowledgement-is-fatal",
        &["SIO5-ACK-03"],
        "An acknowledgement with an unknown id ends the session.",
    )
    .on_received(|past, packet| {
        if let Some(ack) = Packet::read(text_of(&packet)).filter(|it| it.kind == '3')
            && !past.was_asked.contains(&(ack.namespace.to_owned(), ack.id.to_owned()))
        {
            past.end();
        }
        vec![packet]
    }),
    Mutant::new(
        "unknown-acknowledgement-is-received",
        &["SIO5-ACK-03"],
        "An acknowledgement with an unknown id is delivered.",
    )
    .on_received(|past, packet| {
        if let Some(ack) = Packet::read(text_of(&packet)).filter(|it| it.kind == '3')
            && !past.was_asked.contains(&(ack.namespace.to_owned(), ack.id.to_owned()))
        {
            let args: serde_json::Value = serde_json::from_str(ack.data).unwrap_or_default();
            past.told.push_back(json!({ "event": "acked", "namespace": ack.namespace, "args": args }));
        }
        vec![packet]
    }),
    Mutant::new("id-zero-does-not-ask", &["SIO5-ACK-07"], "An event with the id 0 asks for nothing.").on_received(
        |_, packet| {
            edit(packet, |text| with(text, |it| (it.is_event() && it.id == "0").then_some(Packet { id: "", ..it })))
        },
    ),
    Mutant::new("directions-share-ids", &["SIO5-ACK-08"], "An event with an id of the client's own is dropped.")
        .on_received(|past, packet| {
            let is_own =
                |it: Packet<'_>| it.is_event() && past.asked.contains(&(it.namespace.to_owned(), it.id.to_owned()));
            unless(packet, |text| is(text, is_own))
        }),
    Mutant::new(
        "missing-acknowledgement-is-not-reported",
        &["SIO5-ACK-09"],
        "The application does not learn of a timeout.",
    )
    .on_told(|_, event| if event["event"] == "unanswered" { Vec::new() } else { vec![event] }),
    Mutant::new(
        "timeout-is-ten-times-as-long",
        &["SIO5-ACK-09"],
        "An acknowledgement may come after ten times the timeout.",
    )
    .on_call(|_, mut wish| {
        if let Wish::Emit { ack: Ack::Wanted { timeout: Some(timeout) }, .. } = &mut wish {
            *timeout *= 10;
        }
        vec![wish]
    }),
    Mutant::new(
        "late-acknowledgement-is-received",
        &["SIO5-ACK-09"],
        "An acknowledgement after its timeout is delivered.",
    )
    .on_told(|past, event| {
        past.is_marked |= event["event"] == "unanswered";
        vec![event]
    })
    .on_received(|past, packet| {
        if past.is_marked && is(text_of(&packet), |it| it.kind == '3') {
            past.told.push_back(json!({ "event": "acked", "namespace": "/", "args": ["late"] }));
        }
        vec![packet]
    }),
    Mutant::new(
        "event-is-sent-after-its-timeout",
        &["SIO5-CLI-11"],
        "An event that timed out before it was sent is sent.",
    )
    .on_call(|past, wish| match wish {
        Wish::Emit { namespace, name, args, ack: ack @ Ack::Wanted { timeout: Some(_) } }
            if !past.joined.contains(namespace.as_str()) =>
        {
            let emit = |ack| Wish::Emit { namespace: namespace.clone(), name: name.clone(), args: args.clone(), ack };
            vec![emit(ack), emit(Ack::Unwanted)]
        }
        _ => vec![wish],
    }),
    Mutant::new(
        "acknowledgement-with-bytes-is-plain",
        &["SIO5-ACK-12"],
        "An acknowledgement with bytes has the type of one without.",
    )
    .on_sent(|_, packet| {
        edit(packet, |text| with(text, |it| (it.kind == '6').then_some(Packet { kind: '3', attachments: "", ..it })))
    }),
    Mutant::new("acknowledgement-loses-its-namespace", &["SIO5-ACK-01"], "Every acknowledgement is one of `/`.")
        .on_sent(|_, packet| {
            edit(packet, |text| with(text, |it| it.is_ack().then_some(Packet { namespace: "/", ..it })))
        }),
];
