//! Defects of joining a namespace.

use sio_codec::Frame;

use super::super::super::script::Wish;
use super::super::mutant::Mutant;
use crate::mutants::payload::{edit, text_of, to_text, unless};
use crate::mutants::socketio::{Packet, is, with};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("events-do-not-wait", &["SIO5-CON-17"], "Events are sent before the namespace is joined.")
        .on_call(|past, wish| match &wish {
            Wish::Emit { namespace, name, args, .. } if !past.joined.contains(namespace.as_str()) => {
                let comma = if args.items().is_empty() { "" } else { "," };
                past.kept.push(to_text(format!(r#"42["{name}"{comma}{}]"#, args.items())));
                Vec::new()
            }
            _ => vec![wish],
        })
        .on_sent(|past, packet| {
            let is_connect = is(text_of(&packet), |it| it.kind == '0');
            let early = if is_connect { std::mem::take(&mut past.kept) } else { Vec::new() };
            std::iter::once(packet).chain(early).collect()
        }),
    Mutant::new("main-namespace-is-not-requested", &["SIO5-CON-01"], "No CONNECT is sent for `/`.")
        .on_sent(|_, packet| unless(packet, |text| is(text, |it| it.kind == '0' && it.namespace == "/"))),
    Mutant::new("only-the-main-namespace-is-requested", &["SIO5-CON-01"], "CONNECT is sent for `/` only.")
        .on_sent(|_, packet| unless(packet, |text| is(text, |it| it.kind == '0' && it.namespace != "/"))),
    Mutant::new("connect-twice", &["SIO5-CON-01"], "CONNECT is sent twice.").on_sent(|_, packet| {
        if is(text_of(&packet), |it| it.kind == '0') { vec![packet.clone(), packet] } else { vec![packet] }
    }),
    Mutant::new("auth-is-not-sent", &["SIO5-CON-01"], "CONNECT has no payload.").on_sent(|_, packet| {
        edit(packet, |text| with(text, |it| (it.kind == '0').then_some(Packet { data: "", ..it })))
    }),
    Mutant::new("auth-is-an-array", &["SIO5-CON-01"], "The payload of CONNECT is in an array.").on_sent(|_, packet| {
        edit(packet, |text| {
            let packet = Packet::read(text).filter(|it| it.kind == '0' && it.data.len() > 2)?;
            Some(Packet { data: &format!("[{}]", packet.data), ..packet }.write())
        })
    }),
    Mutant::new("namespace-has-no-comma", &["SIO5-PKT-04", "SIO5-CON-01"], "No comma follows a namespace.").on_sent(
        |_, packet| edit(packet, |text| is(text, |it| it.namespace != "/").then(|| text.replacen(',', "", 1))),
    ),
    Mutant::new("early-events-are-lost", &["SIO5-CON-17"], "Events are lost until the first namespace was joined.")
        .on_call(|past, wish| {
            let is_lost = matches!(wish, Wish::Emit { .. }) && past.joined.is_empty() && past.sessions < 2;
            if is_lost && past.left.is_empty() && !past.was_joined { Vec::new() } else { vec![wish] }
        }),
    Mutant::new("connect-needs-no-sid", &["SIO5-CON-18"], "A CONNECT without a sid is accepted.").on_received(
        |_, packet| {
            edit(packet, |text| {
                let bare = |it: Packet<'_>| it.kind == '0' && it.data.is_empty();
                is(text, bare).then(|| format!(r#"{text}{{"sid":"none"}}"#))
            })
        },
    ),
    Mutant::new("refusal-is-not-reported", &["SIO5-CON-19"], "The application does not learn of a refusal.")
        .on_told(|_, event| if event["event"] == "refused" { Vec::new() } else { vec![event] }),
    Mutant::new("refusal-loses-its-data", &["SIO5-CON-19"], "The data of a refusal is not handed out.").on_told(
        |_, mut event| {
            if event["event"] == "refused"
                && let Some(members) = event.as_object_mut()
            {
                members.remove("data");
            }
            vec![event]
        },
    ),
    Mutant::new("refusal-loses-its-message", &["SIO5-CON-19"], "The message of a refusal is not handed out.").on_told(
        |_, mut event| {
            if event["event"] == "refused" {
                event["message"] = "refused".into();
            }
            vec![event]
        },
    ),
    Mutant::new("refusal-ends-the-session", &["SIO5-CON-19"], "A refusal ends the session of the other namespaces.")
        .on_received(|past, packet| {
            if is(text_of(&packet), |it| it.kind == '4') {
                past.end();
            }
            vec![packet]
        }),
    Mutant::new("refusal-is-answered-with-connect", &["SIO5-CON-19"], "A refused client asks again.").on_received(
        |past, packet| {
            if let Some(refusal) = Packet::read(text_of(&packet)).filter(|it| it.kind == '4') {
                past.say(Packet { kind: '0', data: "", ..refusal }.write());
            }
            vec![packet]
        },
    ),
    Mutant::new("refusal-is-ignored", &["SIO5-CON-19"], "A refusal is dropped.")
        .on_received(|_, packet| unless(packet, |text| is(text, |it| it.kind == '4'))),
    Mutant::new(
        "other-namespaces-are-fatal",
        &["SIO5-CON-20"],
        "A packet of a namespace that is not joined ends the session.",
    )
    .on_received(|past, packet| {
        let is_other = |it: Packet<'_>| matches!(it.kind, '1' | '2') && !past.joined.contains(it.namespace);
        if is(text_of(&packet), is_other) {
            past.end();
        }
        vec![packet]
    }),
    Mutant::new("other-namespaces-are-heard", &["SIO5-CON-20"], "Events of any namespace are delivered to `/`.")
        .on_received(|past, packet| {
            let Frame::Text(text) = &packet else { return vec![packet] };
            let is_other = |it: Packet<'_>| it.kind == '2' && !past.joined.contains(it.namespace);
            let root = |it| is_other(it).then_some(Packet { namespace: "/", ..it });
            vec![with(text.as_str(), root).map_or_else(|| packet.clone(), to_text)]
        }),
    Mutant::new(
        "namespaces-have-one-listener",
        &["SIO5-EVT-03", "SIO5-CON-14"],
        "Events of all namespaces come to `/`.",
    )
    .on_told(|_, mut event| {
        if event["event"] == "message" {
            event["namespace"] = "/".into();
        }
        vec![event]
    }),
    Mutant::new(
        "namespaces-have-one-id",
        &["SIO5-CON-14", "SIO5-CLI-10"],
        "All namespaces report the id of the first.",
    )
    .on_told(|past, mut event| {
        if event["event"] == "connect" {
            let first = past.noted.get_or_insert_with(|| event["sid"].clone());
            event["sid"] = first.clone();
        }
        vec![event]
    }),
];
