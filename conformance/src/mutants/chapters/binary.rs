//! Defects of attachments.

use bytes::Bytes;
use sio_codec::Frame;

use super::super::mutant::Mutant;
use super::super::mutant::Settings;
use super::super::past::Past;
use super::super::payload::{UNDECODABLE, edit, refuse, text_of, to_text, unless};
use super::super::socketio::{Packet, is, with};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("placeholders-from-one", &["SIO5-ATT-01"], "Placeholders are numbered from 1.").on_sent(|_, packet| {
        edit(packet, |text| {
            is_binary(text).then(|| {
                (0..10).rev().fold(text.to_owned(), |text, num| {
                    text.replace(&format!("\"num\":{num}}}"), &format!("\"num\":{}}}", num + 1))
                })
            })
        })
    }),
    Mutant::new("placeholders-without-flag", &["SIO5-ATT-01"], "Placeholders have only a number.")
        .on_sent(|_, packet| edit(packet, |text| is_binary(text).then(|| text.replace("\"_placeholder\":true,", "")))),
    Mutant::new("placeholder-numbers-are-strings", &["SIO5-ATT-01"], "The number of a placeholder is a string.")
        .on_sent(|_, packet| edit(packet, |text| is_binary(text).then(|| text.replace("\"num\":0", "\"num\":\"0\"")))),
    Mutant::new("nested-bytes-are-null", &["SIO5-ATT-01"], "Binary values in objects are null.").on_sent(
        |_, packet| {
            edit(packet, |text| {
                is_binary(text).then(|| {
                    (0..4).fold(text.to_owned(), |text, num| {
                        text.replace(&format!(":{{\"_placeholder\":true,\"num\":{num}}}"), ":null")
                    })
                })
            })
        },
    ),
    Mutant::new("count-is-one-too-many", &["SIO5-ATT-02"], "A packet announces one attachment too many.").on_sent(
        |_, packet| {
            edit(packet, |text| {
                let packet = Packet::read(text).filter(|_| is_binary(text))?;
                let count = (packet.attachments.parse::<u32>().ok()? + 1).to_string();
                Some(Packet { attachments: &count, ..packet }.write())
            })
        },
    ),
    Mutant::new("count-is-always-one", &["SIO5-ATT-02"], "A packet announces one attachment, whatever it has.")
        .on_sent(|_, packet| {
            edit(packet, |text| with(text, |packet| is_binary(text).then_some(Packet { attachments: "1", ..packet })))
        }),
    Mutant::new("attachments-are-swapped", &["SIO5-ATT-02"], "The attachments of a packet are sent in reverse order.")
        .on_sent(|past, packet| {
            let Frame::Binary(_) = &packet else {
                past.tally = attachments(text_of(&packet));
                return vec![packet];
            };
            past.kept.push(packet);
            past.tally = past.tally.saturating_sub(1);
            if past.tally > 0 { Vec::new() } else { std::mem::take(&mut past.kept).into_iter().rev().collect() }
        }),
    Mutant::new("attachments-are-one", &["SIO5-ATT-02"], "The first attachment of a packet is sent in place of all.")
        .on_sent(|past, packet| {
            let Frame::Binary(_) = &packet else {
                past.kept.clear();
                return vec![packet];
            };
            if past.kept.is_empty() {
                past.kept.push(packet.clone());
            }
            past.kept.clone()
        }),
    Mutant::new("last-attachment-is-lost", &["SIO5-ATT-02"], "The last attachment of a packet is not sent.").on_sent(
        |past, packet| {
            let Frame::Binary(_) = &packet else {
                past.tally = attachments(text_of(&packet)).max(past.tally);
                return vec![packet];
            };
            past.tally = past.tally.saturating_sub(1);
            if past.tally > 0 { vec![packet] } else { Vec::new() }
        },
    ),
    Mutant::new("binary-event-is-plain", &["SIO5-ATT-03"], "An event with attachments has the type 2.")
        .on_sent(|_, packet| edit(packet, |text| text.starts_with("45").then(|| text.replacen("45", "42", 1)))),
    Mutant::new("event-among-attachments", &["SIO5-ATT-04"], "An event is sent between a packet and its attachments.")
        .on_sent(
            |_, packet| {
                if is_binary(text_of(&packet)) { vec![packet, to_text("42[\"in-between\"]")] } else { vec![packet] }
            },
        ),
    Mutant::new(
        "attachments-before-their-packet",
        &["SIO5-ATT-02", "SIO5-ATT-04"],
        "The first attachment of a packet is sent before it.",
    )
    .on_sent(|past, packet| match &packet {
        Frame::Text(text) if is_binary(text.as_str()) => {
            past.kept.push(packet);
            Vec::new()
        }
        Frame::Text(_) => vec![packet],
        Frame::Binary(_) => [packet].into_iter().chain(past.kept.pop()).collect(),
    }),
    Mutant::new(
        "event-without-its-attachments",
        &["SIO5-ATT-05"],
        "An event with attachments is processed before they arrive.",
    )
    .on_received(|past, packet| match packet {
        Frame::Binary(_) if past.tally > 0 => {
            past.tally -= 1;
            Vec::new()
        }
        Frame::Binary(_) => vec![packet],
        Frame::Text(_) => {
            past.tally += if text_of(&packet).starts_with("45") { attachments(text_of(&packet)) } else { 0 };
            edit(packet, |text| {
                with(text, |packet| {
                    (packet.kind == '5' && packet.attachments != "0").then_some(Packet {
                        kind: '2',
                        attachments: "",
                        ..packet
                    })
                })
            })
        }
    }),
    Mutant::new("text-among-attachments-is-ignored", &["SIO5-ATT-06"], "A text packet among attachments is ignored.")
        .on_received(|past, packet| unless(packet, |text| past.awaited > 0 && text.starts_with('4'))),
    Mutant::new("orphans-are-ignored", &["SIO5-ATT-07"], "An attachment that no packet announced is ignored.")
        .on_received(|past, packet| drop_orphan(past, packet, |_| true)),
    Mutant::new("late-orphans-are-ignored", &["SIO5-ATT-07"], "An attachment too many is ignored.")
        .on_received(|past, packet| drop_orphan(past, packet, |past| past.has_joined)),
    Mutant::new("number-too-large-is-null", &["SIO5-ATT-08"], "A placeholder whose number is too large is null.")
        .on_received(|_, packet| {
            edit(packet, |text| {
                is_binary(text)
                    .then(|| {
                        replace_placeholders(text, |num| num.parse::<u32>().is_ok_and(|num| num >= attachments(text)))
                    })
                    .flatten()
            })
        }),
    Mutant::new("number-below-zero-is-null", &["SIO5-ATT-08"], "A placeholder whose number is negative is null.")
        .on_received(|_, packet| {
            edit(packet, |text| {
                is_binary(text).then(|| replace_placeholders(text, |num| num.starts_with('-'))).flatten()
            })
        }),
    Mutant::new("number-may-be-a-string", &["SIO5-ATT-08"], "The number of a placeholder may be a string.")
        .on_received(|_, packet| {
            edit(packet, |text| {
                is_binary(text).then(|| replace_placeholders(text, |num| num.starts_with('"'))).flatten()
            })
        }),
    Mutant::new("placeholder-without-number-is-data", &["SIO5-ATT-08"], "A placeholder without a number is data.")
        .on_received(|_, packet| {
            edit(packet, |text| is_binary(text).then(|| text.replace("{\"_placeholder\":true}", "null")))
        }),
    Mutant::new("count-zero-is-plain", &["SIO5-ATT-09"], "A binary event with 0 attachments is an event.").on_received(
        |_, packet| {
            edit(packet, |text| {
                with(text, |packet| {
                    (packet.kind == '5' && packet.attachments == "0").then_some(Packet {
                        kind: '2',
                        attachments: "",
                        ..packet
                    })
                })
            })
        },
    ),
    Mutant::new("missing-count-is-zero", &["SIO5-ATT-09"], "A binary event without a count is an event.")
        .on_received(|_, packet| edit(packet, |text| text.strip_prefix("45-[").map(|rest| format!("42[{rest}")))),
    Mutant::new("missing-hyphen-is-zero", &["SIO5-ATT-09"], "A binary event without a hyphen is an event.")
        .on_received(|_, packet| edit(packet, |text| text.strip_prefix("45[").map(|rest| format!("42[{rest}")))),
    Mutant::new("eleven-attachments", &["SIO5-ATT-10"], "A packet may have any number of attachments.")
        .with_settings(|settings| allow(settings, usize::MAX)),
    Mutant::new("nine-attachments", &["SIO5-ATT-10"], "A packet may have nine attachments.")
        .with_settings(|settings| allow(settings, 9)),
    Mutant::new("flag-may-be-anything", &["SIO5-ATT-12"], "An object whose _placeholder is false is a placeholder.")
        .on_received(|_, packet| {
            edit(packet, |text| {
                is_binary(text).then(|| {
                    text.replace("\"_placeholder\":false", "\"_placeholder\":true")
                        .replace("\"_placeholder\":\"true\"", "\"_placeholder\":true")
                        .replace("\"_placeholder\":1", "\"_placeholder\":true")
                })
            })
        }),
    Mutant::new("extra-keys-make-data", &["SIO5-ATT-12"], "A placeholder with other keys closes the connection.")
        .on_received(|_, packet| refuse(packet, |text| is_binary(text) && text.contains("\"num\":0,"))),
    Mutant::new("keys-in-order", &["SIO5-ATT-12"], "A placeholder must begin with its flag.")
        .on_received(|_, packet| refuse(packet, |text| is_binary(text) && text.contains("{\"num\":"))),
    Mutant::new("number-once", &["SIO5-ATT-13"], "Two placeholders must not have the same number.")
        .on_received(|_, packet| refuse(packet, |text| is_binary(text) && text.matches("\"num\":0}").count() > 1)),
    Mutant::new("numbers-in-order", &["SIO5-ATT-13"], "Placeholders must be in the order of their numbers.")
        .on_received(|_, packet| {
            refuse(packet, |text| {
                is_binary(text)
                    && text.find("\"num\":1}").is_some_and(|one| text.find("\"num\":0}").is_some_and(|zero| one < zero))
            })
        }),
    Mutant::new("every-attachment-is-used", &["SIO5-ATT-13"], "A packet must use every attachment.").on_received(
        |_, packet| {
            refuse(packet, |text| is_binary(text) && attachments(text) as usize > text.matches("\"num\":").count())
        },
    ),
    Mutant::new(
        "placeholder-in-text-is-replaced",
        &["SIO5-ATT-14"],
        "A placeholder in an event without attachments is null.",
    )
    .on_received(|_, packet| {
        edit(packet, |text| text.starts_with("42").then(|| replace_placeholders(text, |_| true)).flatten())
    }),
    Mutant::new(
        "payload-is-checked-late",
        &["SIO5-ATT-17"],
        "The payload of a packet is checked when its attachments have arrived.",
    )
    .on_received(|past, packet| {
        let is_bad = text_of(&packet).starts_with("45")
            && attachments(text_of(&packet)) > 0
            && !is(text_of(&packet), |packet| packet.data.starts_with("[\"message"));
        if is_bad {
            past.kept.push(packet);
            return Vec::new();
        }
        match packet {
            Frame::Binary(_) if !past.kept.is_empty() => past.kept.drain(..).chain([packet]).collect(),
            _ => vec![packet],
        }
    }),
    Mutant::new("empty-attachment-is-lost", &["SIO5-ATT-18"], "An empty attachment is not received.").on_received(
        |past, packet| {
            if past.awaited > 0 && packet == Frame::Binary(Bytes::new()) { Vec::new() } else { vec![packet] }
        },
    ),
    Mutant::new("empty-attachment-closes", &["SIO5-ATT-18"], "An empty attachment closes the connection.").on_received(
        |past, packet| {
            if past.awaited > 0 && packet == Frame::Binary(Bytes::new()) {
                vec![to_text(UNDECODABLE)]
            } else {
                vec![packet]
            }
        },
    ),
    Mutant::new("attachment-is-cut", &["SIO5-ATT-02", "SIO5-ATT-20"], "Attachments of more than 125 bytes are cut.")
        .on_sent(|past, packet| match &packet {
            Frame::Binary(bytes) if past.has_joined && bytes.len() > 125 => vec![Frame::Binary(bytes.slice(..125))],
            _ => vec![packet],
        }),
];

/// Whether a packet has attachments.
fn is_binary(text: &str) -> bool {
    is(text, |packet| matches!(packet.kind, '5' | '6') && !packet.attachments.is_empty())
}

fn attachments(text: &str) -> u32 {
    Packet::read(text).and_then(|packet| packet.attachments.parse().ok()).unwrap_or(0)
}

fn drop_orphan(past: &Past, packet: Frame, applies: impl FnOnce(&Past) -> bool) -> Vec<Frame> {
    let is_orphan = past.awaited == 0 && matches!(packet, Frame::Binary(_)) && applies(past);
    if is_orphan { Vec::new() } else { vec![packet] }
}

/// Null in place of the placeholders whose number fits; nothing if there are none.
fn replace_placeholders(text: &str, fits: impl Fn(&str) -> bool) -> Option<String> {
    const BEGIN: &str = "{\"_placeholder\":true,\"num\":";
    let mut parts = text.split(BEGIN);
    let mut changed = parts.next()?.to_owned();
    for part in parts {
        let (num, rest) = part.split_once('}')?;
        if fits(num) {
            changed.push_str("null");
        } else {
            changed.push_str(&format!("{BEGIN}{num}}}"));
        }
        changed.push_str(rest);
    }
    (changed != text).then_some(changed)
}

fn allow(settings: &mut Settings, attachments: usize) {
    let limits = settings.engine.limits.as_ref().clone();
    settings.engine.limits = limits.with_max_attachments(attachments).into();
}
