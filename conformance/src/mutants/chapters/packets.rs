//! Defects of the decoder and encoder of Socket.IO packets, and of events.

use super::super::mutant::Mutant;
use super::super::payload::{edit, refuse, text_of, to_text, unless};
use super::super::socketio::{Packet, is, with};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new(
        "unknown-type-is-ignored",
        &["SIO5-PKT-05"],
        "A packet of an unknown type is ignored, as in protocol 4.",
    )
    .on_received(|_, packet| unless(packet, |text| is(text, |packet| !matches!(packet.kind, '0'..='6')))),
    Mutant::new("empty-packet-is-ignored", &["SIO5-PKT-06"], "An empty packet is ignored.")
        .on_received(|_, packet| unless(packet, |text| text == "4")),
    Mutant::new("event-without-name-is-ignored", &["SIO5-PKT-07"], "An event with an empty array is ignored.")
        .on_received(|_, packet| unless(packet, |text| is(text, |packet| packet.is_event() && packet.data == "[]"))),
    Mutant::new("event-may-be-an-object", &["SIO5-PKT-07"], "An event whose payload is an object is ignored.")
        .on_received(|_, packet| {
            unless(packet, |text| is(text, |packet| packet.kind == '2' && packet.data.starts_with('{')))
        }),
    Mutant::new("event-may-be-a-string", &["SIO5-PKT-07"], "An event whose payload is a string is ignored.")
        .on_received(|_, packet| {
            unless(packet, |text| is(text, |packet| packet.kind == '2' && packet.data.starts_with('"')))
        }),
    Mutant::new(
        "event-name-may-be-anything",
        &["SIO5-PKT-07"],
        "An event whose name is null, true or an array is ignored.",
    )
    .on_received(|_, packet| {
        unless(packet, |text| {
            is(text, |packet| {
                packet.kind == '2' && ["[null", "[true", "[["].iter().any(|begin| packet.data.starts_with(begin))
            })
        })
    }),
    Mutant::new("reserved-names-are-events", &["SIO5-PKT-08"], "Events may have the reserved names.").on_received(
        |_, packet| {
            let names = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];
            unless(packet, |text| {
                is(text, |packet| {
                    packet.is_event() && names.iter().any(|name| packet.data.starts_with(&format!("[\"{name}\"")))
                })
            })
        },
    ),
    Mutant::new(
        "reserved-names-of-emitters-are-events",
        &["SIO5-PKT-08"],
        "Events may have the names newListener and removeListener.",
    )
    .on_received(|_, packet| {
        unless(packet, |text| {
            is(text, |packet| {
                packet.kind == '2'
                    && (packet.data.starts_with("[\"newListener\"") || packet.data.starts_with("[\"removeListener\""))
            })
        })
    }),
    Mutant::new("error-is-reserved", &["SIO5-PKT-09"], "An event named error closes the connection.")
        .on_received(|_, packet| refuse(packet, |text| is(text, |packet| packet.data.starts_with("[\"error\"")))),
    Mutant::new("connection-is-reserved", &["SIO5-PKT-09"], "An event named connection closes the connection.")
        .on_received(|_, packet| refuse(packet, |text| is(text, |packet| packet.data.starts_with("[\"connection\"")))),
    Mutant::new("empty-name-is-refused", &["SIO5-PKT-09"], "An event whose name is empty closes the connection.")
        .on_received(|_, packet| refuse(packet, |text| is(text, |packet| packet.data.starts_with("[\"\"")))),
    Mutant::new("number-is-no-name", &["SIO5-PKT-09"], "An event whose name is a number closes the connection.")
        .on_received(|_, packet| {
            refuse(packet, |text| {
                is(text, |packet| packet.is_event() && packet.data.as_bytes().get(1).is_some_and(u8::is_ascii_digit))
            })
        }),
    Mutant::new("ack-may-be-an-object", &["SIO5-PKT-10"], "An ACK whose payload is an object is ignored.").on_received(
        |_, packet| unless(packet, |text| is(text, |packet| packet.kind == '3' && packet.data.starts_with('{'))),
    ),
    Mutant::new("connect-may-be-an-array", &["SIO5-PKT-11"], "A CONNECT may have an array.").on_received(
        |_, packet| {
            edit(packet, |text| {
                with(text, |packet| {
                    (packet.kind == '0' && packet.data.starts_with('[')).then_some(Packet { data: "", ..packet })
                })
            })
        },
    ),
    Mutant::new("connect-may-be-null", &["SIO5-PKT-11"], "A CONNECT may have null.").on_received(|_, packet| {
        edit(packet, |text| {
            with(text, |packet| (packet.kind == '0' && packet.data == "null").then_some(Packet { data: "", ..packet }))
        })
    }),
    Mutant::new("connect-may-be-a-string", &["SIO5-PKT-11"], "A CONNECT may have a string.").on_received(
        |_, packet| {
            edit(packet, |text| {
                with(text, |packet| {
                    (packet.kind == '0' && packet.data.starts_with('"')).then_some(Packet { data: "", ..packet })
                })
            })
        },
    ),
    Mutant::new("disconnect-may-have-a-payload", &["SIO5-PKT-12"], "The payload of a DISCONNECT is ignored.")
        .on_received(|_, packet| {
            edit(packet, |text| with(text, |packet| (packet.kind == '1').then_some(Packet { data: "", ..packet })))
        }),
    Mutant::new("garbage-behind-json-is-skipped", &["SIO5-PKT-15"], "What follows the payload is skipped.")
        .on_received(|_, packet| {
            edit(packet, |text| {
                is(text, |packet| packet.kind == '2')
                    .then(|| text.rfind(']').map(|end| text[..=end].to_owned()))
                    .flatten()
            })
        }),
    Mutant::new("json-may-end-early", &["SIO5-PKT-15"], "A payload that is not complete is ignored.").on_received(
        |_, packet| {
            unless(packet, |text| {
                is(text, |packet| packet.kind == '2' && packet.data.starts_with('[') && !packet.data.contains(']'))
            })
        },
    ),
    Mutant::new("control-characters-in-strings", &["SIO5-PKT-15"], "Strings may contain raw control characters.")
        .on_received(|_, packet| {
            edit(packet, |text| {
                is(text, |packet| packet.data.contains(char::is_control)).then(|| text.replace(char::is_control, " "))
            })
        }),
    Mutant::new("letters-before-json-are-skipped", &["SIO5-PKT-15"], "Letters between id and payload are skipped.")
        .on_received(|_, packet| {
            edit(packet, |text| {
                with(text, |packet| {
                    (packet.kind == '2')
                        .then_some(Packet { data: packet.data.trim_start_matches(char::is_alphabetic), ..packet })
                })
            })
        }),
    Mutant::new("commas-before-json-are-skipped", &["SIO5-PKT-15"], "A comma before the payload is skipped.")
        .on_received(|_, packet| {
            edit(packet, |text| {
                with(text, |packet| {
                    (packet.kind == '2').then_some(Packet { data: packet.data.trim_start_matches(','), ..packet })
                })
            })
        }),
    Mutant::new("large-ids-close", &["SIO5-PKT-16"], "An ack id above 32 bits closes the connection.")
        .on_received(|_, packet| refuse(packet, |text| is(text, |packet| packet.id.len() > 10))),
    Mutant::new("large-ids-are-rounded", &["SIO5-PKT-16"], "An ack id above 32 bits is rounded.").on_sent(
        |_, packet| {
            edit(packet, |text| {
                with(text, |packet| (packet.id.len() > 10).then_some(Packet { id: "9007199254740992", ..packet }))
            })
        },
    ),
    Mutant::new("id-may-have-a-sign", &["SIO5-PKT-18"], "A sign before an ack id is skipped.").on_received(
        |_, packet| {
            edit(packet, |text| {
                with(text, |packet| {
                    (packet.kind == '2')
                        .then_some(Packet { data: "[\"noted\"]", ..packet })
                        .filter(|_| packet.data.starts_with('-'))
                })
            })
        },
    ),
    Mutant::new("id-may-have-a-point", &["SIO5-PKT-18"], "The decimals of an ack id are skipped.").on_received(
        |_, packet| unless(packet, |text| is(text, |packet| packet.kind == '2' && packet.data.starts_with('.'))),
    ),
    Mutant::new("id-may-have-an-exponent", &["SIO5-PKT-18"], "The exponent of an ack id is skipped.").on_received(
        |_, packet| {
            unless(packet, |text| {
                is(text, |packet| packet.kind == '2' && packet.data.starts_with(['e', 'E']) && !packet.id.is_empty())
            })
        },
    ),
    Mutant::new("zeros-of-an-id-stay", &["SIO5-PKT-19"], "An ack id with leading zeros closes the connection.")
        .on_received(|_, packet| {
            refuse(packet, |text| is(text, |packet| packet.id.len() > 1 && packet.id.starts_with('0')))
        }),
    Mutant::new("numbers-are-floats", &["SIO5-PKT-21"], "Fractions are cut off.")
        .on_sent(|_, packet| edit(packet, |text| text.contains("1.5").then(|| text.replace("1.5", "1")))),
    Mutant::new("first-of-equal-keys-wins", &["SIO5-PKT-21"], "Of equal keys the first one counts.").on_received(
        |_, packet| {
            edit(packet, |text| {
                let values: Vec<_> = text.match_indices("\"a\":").map(|(at, key)| at + key.len()).collect();
                let [first, second] = values.as_slice() else { return None };
                let value = |at: usize| text[at..].split([',', '}']).next().unwrap_or_default();
                Some(format!("{}{}{}", &text[..*second], value(*first), &text[*second + value(*second).len()..]))
            })
        },
    ),
    Mutant::new("strings-lose-backslashes", &["SIO5-PKT-21"], "Escapes in strings lose their backslash.")
        .on_received(|_, packet| edit(packet, |text| text.contains(r"\t").then(|| text.replace(r"\t", "t")))),
    Mutant::new(
        "payload-of-ascii",
        &["SIO5-PKT-21", "SIO5-PKT-22"],
        "Characters beyond ASCII become question marks in events.",
    )
    .on_sent(|_, packet| {
        edit(packet, |text| {
            is(text, |packet| packet.is_event() && !packet.data.is_ascii())
                .then(|| text.replace(|character: char| !character.is_ascii(), "?"))
        })
    }),
    Mutant::new("payload-with-white-space", &["SIO5-PKT-22"], "Payloads have white space between values.").on_sent(
        |_, packet| {
            edit(packet, |text| {
                is(text, |packet| packet.kind == '2').then(|| text.replace("\",\"", "\", \"").replace(":", ": "))
            })
        },
    ),
    Mutant::new("nested-payload-is-cut", &["SIO5-PKT-21"], "An array in an array in an array in an array is null.")
        .on_received(|_, packet| {
            edit(packet, |text| text.contains("[[[[").then(|| text.replacen("[[[[", "[[[[null,", 1)))
        }),
    Mutant::new(
        "events-in-pairs-are-swapped",
        &["SIO5-EVT-01"],
        "Of two events in one POST the second is processed first.",
    )
    .on_body(|_, mut packets| {
        for pair in packets.chunks_mut(2) {
            if let [first, second] = pair
                && is(text_of(first), |packet| packet.kind == '2')
                && is(text_of(second), |packet| packet.kind == '2')
            {
                std::mem::swap(first, second);
            }
        }
        packets
    }),
    Mutant::new("event-comes-twice", &["SIO5-EVT-01"], "An event without an id is processed twice.").on_received(
        |_, packet| {
            let is_twice = is(text_of(&packet), |packet| packet.kind == '2' && packet.id.is_empty());
            if is_twice { vec![packet.clone(), packet] } else { vec![packet] }
        },
    ),
    Mutant::new("arguments-are-one-array", &["SIO5-EVT-01", "SIO5-PKT-21"], "The sixth argument of an event is lost.")
        .on_sent(|_, packet| {
            edit(packet, |text| {
                (text.starts_with("42[\"message-back\"") && text.matches(',').count() == 6)
                    .then(|| format!("{}]", text.rsplit_once(',').map_or("", |(begin, _)| begin)))
            })
        }),
    Mutant::new("fault-is-ignored", &["SIO5-ERR-01", "SIO5-PKT-15"], "A packet whose payload is not JSON is ignored.")
        .on_received(|_, packet| {
            unless(packet, |text| {
                is(text, |packet| {
                    !packet.data.is_empty() && serde_json::from_str::<serde::de::IgnoredAny>(packet.data).is_err()
                })
            })
        }),
    Mutant::new(
        "fault-is-answered",
        &["SIO5-ERR-01"],
        "A packet that cannot be decoded is answered with a CONNECT_ERROR before the connection closes.",
    )
    .on_received(|past, packet| {
        if is(text_of(&packet), |packet| {
            !packet.data.is_empty() && serde_json::from_str::<serde::de::IgnoredAny>(packet.data).is_err()
        }) {
            past.say(r#"44{"message":"parser error"}"#);
        }
        vec![packet]
    }),
    Mutant::new(
        "fault-leaves-the-get",
        &["SIO5-ERR-02"],
        "A GET that is pending when a packet cannot be decoded gets a noop, and the session goes on.",
    )
    .on_body(|_, packets| {
        let is_fault = |packet: &_| is(text_of(packet), |packet| packet.kind == '2' && !packet.data.starts_with('['));
        packets.into_iter().map(|packet| if is_fault(&packet) { to_text("6") } else { packet }).collect()
    }),
    Mutant::new("decoder-resumes", &["SIO5-ERR-04"], "The first fault of a client is forgiven.").on_received(
        |past, packet| {
            let is_fault = is(text_of(&packet), |packet| packet.kind == '2' && !packet.data.starts_with('['));
            if is_fault && past.first() { Vec::new() } else { vec![packet] }
        },
    ),
];
