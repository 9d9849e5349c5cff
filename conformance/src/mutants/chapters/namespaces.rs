//! Defects of namespaces, and of leaving them.

use super::super::mutant::Mutant;
use super::super::payload::{UNDECODABLE, edit, refuse, text_of, to_text, unless};
use super::super::socketio::{Packet, is, with};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new(
        "event-on-another-namespace-is-ignored",
        &["SIO5-CON-10"],
        "An event for a namespace that is not joined is ignored.",
    )
    .on_received(|past, packet| {
        unless(packet, |text| {
            past.has_joined && is(text, |packet| packet.kind == '2' && !past.joined.contains(packet.namespace))
        })
    }),
    Mutant::new(
        "ack-on-another-namespace-is-ignored",
        &["SIO5-CON-10"],
        "An ACK for a namespace that is not joined is ignored.",
    )
    .on_received(|past, packet| {
        unless(packet, |text| {
            past.has_joined && is(text, |packet| packet.is_ack() && !past.joined.contains(packet.namespace))
        })
    }),
    Mutant::new(
        "disconnect-of-another-namespace-is-ignored",
        &["SIO5-CON-10"],
        "A DISCONNECT for a namespace that is not joined is ignored.",
    )
    .on_received(|past, packet| {
        unless(packet, |text| {
            past.has_joined && is(text, |packet| packet.kind == '1' && !past.joined.contains(packet.namespace))
        })
    }),
    Mutant::new("one-namespace", &["SIO5-CON-14"], "A CONNECT to a second namespace is ignored.").on_received(
        |past, packet| {
            unless(packet, |text| {
                is(text, |packet| {
                    packet.kind == '0' && !past.joined.is_empty() && !past.joined.contains(packet.namespace)
                })
            })
        },
    ),
    Mutant::new(
        "second-namespace-replaces-the-first",
        &["SIO5-CON-14"],
        "A CONNECT to a second namespace leaves the main namespace.",
    )
    .on_received(|past, packet| {
        let replaces = is(text_of(&packet), |packet| packet.kind == '0' && packet.namespace == "/custom")
            && past.joined.contains("/");
        if replaces { vec![to_text("41"), packet] } else { vec![packet] }
    }),
    Mutant::new("namespaces-in-any-case", &["SIO5-CON-15"], "The name of a namespace may be written in any case.")
        .on_received(|_, packet| {
            edit(packet, |text| {
                Packet::read(text)
                    .filter(|packet| packet.kind == '0')
                    .map(|packet| Packet { namespace: &packet.namespace.to_lowercase(), ..packet }.write())
            })
        }),
    Mutant::new(
        "namespace-ends-at-a-query",
        &["SIO5-CON-15", "SIO5-PKT-04"],
        "A query behind the name of a namespace is cut off, as in protocol 4.",
    )
    .on_received(|_, packet| {
        edit(packet, |text| {
            with(text, |packet| Some(Packet { namespace: packet.namespace.split('?').next()?, ..packet }))
        })
    }),
    Mutant::new("namespace-ends-at-a-brace", &["SIO5-PKT-04"], "The name of a namespace ends at a brace.")
        .on_sent(|_, packet| answered_name(packet, '{')),
    Mutant::new("namespace-ends-at-a-hyphen", &["SIO5-PKT-04"], "The name of a namespace ends at a hyphen.")
        .on_sent(|_, packet| answered_name(packet, '-')),
    Mutant::new("namespace-without-digits", &["SIO5-PKT-04"], "The digits in the name of a namespace are lost.")
        .on_sent(|_, packet| {
            edit(packet, |text| {
                let packet = Packet::read(text)?;
                let namespace: String =
                    packet.namespace.chars().filter(|character| !character.is_ascii_digit()).collect();
                Some(Packet { namespace: &namespace, ..packet }.write())
            })
        }),
    Mutant::new("namespace-in-ascii", &["SIO5-PKT-04"], "A namespace whose name is not ASCII closes the connection.")
        .on_received(|_, packet| refuse(packet, |text| is(text, |packet| !packet.namespace.is_ascii()))),
    Mutant::new(
        "namespace-needs-a-comma",
        &["SIO5-PKT-02"],
        "A namespace at the end of a packet must have a comma behind it.",
    )
    .on_received(|_, packet| refuse(packet, |text| is(text, |packet| packet.namespace != "/" && !text.contains(',')))),
    Mutant::new("namespace-is-written-without-comma", &["SIO5-PKT-01"], "The comma behind a namespace is not sent.")
        .on_sent(|_, packet| {
            edit(packet, |text| is(text, |packet| packet.namespace != "/").then(|| text.replacen(',', "", 1)))
        }),
    Mutant::new("main-namespace-is-written", &["SIO5-PKT-01"], "The main namespace is written in each packet.")
        .on_sent(|_, packet| {
            edit(packet, |text| {
                is(text, |packet| packet.namespace == "/" && packet.kind == '2').then(|| text.replacen("42", "42/,", 1))
            })
        }),
    Mutant::new("written-main-namespace-is-another", &["SIO5-PKT-03"], "The main namespace must not be written.")
        .on_received(|_, packet| refuse(packet, |text| text.starts_with("40/,") || text.starts_with("42/,"))),
    Mutant::new("events-cross-namespaces", &["SIO5-EVT-03"], "An event for /custom also reaches the main namespace.")
        .on_received(|past, packet| {
            let crosses = is(text_of(&packet), |packet| packet.kind == '2' && packet.namespace == "/custom")
                && past.joined.contains("/");
            if !crosses {
                return vec![packet];
            }
            let main = text_of(&packet).replace("/custom,", "");
            vec![packet, to_text(main)]
        }),
    Mutant::new("disconnect-is-ignored", &["SIO5-DIS-01", "SIO5-CON-10"], "A DISCONNECT is ignored.").on_received(
        |past, packet| {
            unless(packet, |text| is(text, |packet| packet.kind == '1' && past.joined.contains(packet.namespace)))
        },
    ),
    Mutant::new("disconnect-is-answered", &["SIO5-DIS-01"], "A DISCONNECT is answered with one.").on_received(
        |past, packet| {
            if is(text_of(&packet), |packet| packet.kind == '1' && past.joined.contains(packet.namespace)) {
                past.say(text_of(&packet));
            }
            vec![packet]
        },
    ),
    Mutant::new(
        "disconnect-closes",
        &["SIO5-DIS-02"],
        "A DISCONNECT closes the connection, although other namespaces are joined.",
    )
    .on_received(|past, packet| {
        let closes = past.joined.len() > 1;
        if closes { refuse(packet, |text| is(text, |packet| packet.kind == '1')) } else { vec![packet] }
    }),
    Mutant::new("disconnect-leaves-all", &["SIO5-DIS-02", "SIO5-DIS-01"], "A DISCONNECT leaves all namespaces.")
        .on_received(|past, packet| {
            let leaves = is(text_of(&packet), |packet| packet.kind == '1') && past.joined.len() > 1;
            if leaves { vec![to_text("41"), to_text("41/custom,")] } else { vec![packet] }
        }),
    Mutant::new("disconnect-with-an-id-closes", &["SIO5-PKT-20"], "A DISCONNECT with an ack id is refused.")
        .on_received(|_, packet| refuse(packet, |text| is(text, |packet| packet.kind == '1' && !packet.id.is_empty()))),
    Mutant::new("no-return", &["SIO5-DIS-07", "SIO5-CON-02"], "A namespace that was left cannot be joined again.")
        .on_received(|past, packet| {
            let returns = past.tally == 1;
            if is(text_of(&packet), |packet| packet.kind == '1') {
                past.tally = 1;
            }
            if returns && is(text_of(&packet), |packet| packet.kind == '0') {
                vec![to_text(UNDECODABLE)]
            } else {
                vec![packet]
            }
        }),
];

/// The answer to a CONNECT, on a namespace whose name was cut at a character.
fn answered_name(packet: sio_codec::Frame, end: char) -> Vec<sio_codec::Frame> {
    edit(packet, |text| {
        let packet = Packet::read(text)?;
        Some(Packet { namespace: packet.namespace.split(end).next()?, ..packet }.write())
    })
}
