//! Defects of events and their attachments.

use serde_json::Value;
use sio_codec::Frame;

use super::super::mutant::Mutant;
use crate::mutants::payload::{UNDECODABLE, edit, text_of, to_text, unless};
use crate::mutants::socketio::{Packet, is, with};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("event-comes-twice", &["SIO5-EVT-01"], "Every event is delivered twice.")
        .on_told(|_, event| if event["event"] == "message" { vec![event.clone(), event] } else { vec![event] }),
    Mutant::new("event-is-sent-twice", &["SIO5-EVT-01"], "Every event is sent twice.").on_sent(|_, packet| {
        if is(text_of(&packet), |it| it.kind == '2') { vec![packet.clone(), packet] } else { vec![packet] }
    }),
    Mutant::new("events-change-places", &["SIO5-EVT-01"], "The second event is sent before the first.").on_sent(
        |past, packet| {
            if is(text_of(&packet), |it| it.kind == '2') && past.first() {
                past.kept.push(packet);
                return Vec::new();
            }
            let mut packets = vec![packet];
            packets.append(&mut past.kept);
            packets
        },
    ),
    Mutant::new("arguments-are-cut", &["SIO5-PKT-21", "SIO5-EVT-01"], "Only the first argument is handed out.")
        .on_told(|_, mut event| {
            if event["event"] == "message"
                && let Some(args) = event["args"].as_array_mut()
            {
                args.truncate(1);
            }
            vec![event]
        }),
    Mutant::new("attachments-are-not-sent", &["SIO5-ATT-01"], "Attachments are not sent.")
        .on_sent(|_, packet| if let Frame::Binary(_) = packet { Vec::new() } else { vec![packet] }),
    Mutant::new("attachments-change-places", &["SIO5-ATT-02", "SIO5-ATT-04"], "The second attachment comes first.")
        .on_sent(|past, packet| {
            if let Frame::Binary(_) = packet {
                past.kept.insert(0, packet);
                past.tally = past.tally.saturating_sub(1);
                return if past.tally == 0 { std::mem::take(&mut past.kept) } else { Vec::new() };
            }
            if let Some(event) = Packet::read(text_of(&packet)).filter(|it| matches!(it.kind, '5' | '6')) {
                past.tally = event.attachments.parse().unwrap_or(0);
            }
            vec![packet]
        }),
    Mutant::new("attachments-are-counted-wrong", &["SIO5-ATT-01"], "One attachment more is announced than follows.")
        .on_sent(|_, packet| {
            edit(packet, |text| {
                let packet = Packet::read(text).filter(|it| it.kind == '5')?;
                let count = packet.attachments.parse::<u32>().ok()? + 1;
                Some(Packet { attachments: &count.to_string(), ..packet }.write())
            })
        }),
    Mutant::new(
        "event-with-bytes-is-plain",
        &["SIO5-ATT-01"],
        "An event with attachments has the type of one without.",
    )
    .on_sent(|_, packet| {
        edit(packet, |text| with(text, |it| (it.kind == '5').then_some(Packet { kind: '2', attachments: "", ..it })))
    }),
    Mutant::new(
        "ping-parts-an-event",
        &["SIO5-ATT-04"],
        "A ping between an event and its attachment ends the session.",
    )
    .on_received(|past, packet| {
        if is(text_of(&packet), |it| it.kind == '5') {
            past.tally = 1;
        } else if text_of(&packet) == "2" && past.tally > 0 {
            return vec![to_text(UNDECODABLE)];
        } else {
            past.tally = 0;
        }
        vec![packet]
    }),
    Mutant::new("event-parts-an-event", &["SIO5-ATT-04"], "Another event is sent between an event and its attachment.")
        .on_sent(
            |_, packet| {
                if let Frame::Binary(_) = packet { vec![to_text(r#"42["x"]"#), packet] } else { vec![packet] }
            },
        ),
    Mutant::new("undecodable-event-is-skipped", &["SIO5-ERR-03"], "An undecodable packet of Socket.IO is ignored.")
        .on_received(|_, packet| unless(packet, |text| is(text, |it| it.kind == '2' && !it.data.starts_with('[')))),
    Mutant::new(
        "undecodable-event-is-final",
        &["SIO5-ERR-03", "SIO5-CLI-01"],
        "The client does not connect again after an undecodable packet.",
    )
    .on_received(|past, packet| {
        past.is_marked |= is(text_of(&packet), |it| it.kind == '2' && !it.data.starts_with('['));
        vec![packet]
    })
    .on_output(|past, transmit| match &transmit {
        sio_codec::engineio::client::Transmit::WsConnect { .. } if past.is_marked => Vec::new(),
        _ => vec![transmit],
    }),
    Mutant::new("bytes-are-a-text", &["SIO5-ATT-01", "SIO5-EVT-01"], "Attachments are handed out as text.").on_told(
        |_, mut event| {
            if let Some(args) = event.get_mut("args").and_then(Value::as_array_mut) {
                for arg in args.iter_mut().filter(|arg| arg.get("$b64").is_some()) {
                    *arg = arg["$b64"].clone();
                }
            }
            vec![event]
        },
    ),
];
