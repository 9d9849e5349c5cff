//! Defects of the connection to a namespace.

use std::time::Duration;

use super::super::mutant::Mutant;
use super::super::payload::{edit, text_of, to_text, unless};
use super::super::socketio::{Packet, is, with};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new(
        "connect-answered-with-nothing",
        &["SIO5-CON-02"],
        "The answer to a CONNECT has no payload, as in protocol 4.",
    )
    .on_sent(|_, packet| {
        edit(packet, |text| with(text, |packet| (packet.kind == '0').then_some(Packet { data: "", ..packet })))
    }),
    Mutant::new("connect-answered-without-sid", &["SIO5-CON-02"], "The answer to a CONNECT has an empty object.")
        .on_sent(|_, packet| {
            edit(packet, |text| with(text, |packet| (packet.kind == '0').then_some(Packet { data: "{}", ..packet })))
        }),
    Mutant::new(
        "connect-answered-on-the-main-namespace",
        &["SIO5-CON-02"],
        "The answer to a CONNECT names no namespace.",
    )
    .on_sent(|_, packet| {
        edit(packet, |text| with(text, |packet| (packet.kind == '0').then_some(Packet { namespace: "/", ..packet })))
    }),
    Mutant::new("connect-answered-with-its-id", &["SIO5-PKT-20"], "An ack id of a CONNECT is refused.").on_received(
        |_, packet| {
            super::super::payload::refuse(packet, |text| is(text, |packet| packet.kind == '0' && !packet.id.is_empty()))
        },
    ),
    Mutant::new("connect-answered-twice", &["SIO5-CON-02"], "A CONNECT is answered twice.").on_sent(|_, packet| {
        if is(text_of(&packet), |packet| packet.kind == '0') { vec![packet.clone(), packet] } else { vec![packet] }
    }),
    Mutant::new("auth-is-lost", &["SIO5-CON-07"], "The payload of a CONNECT does not reach the application.")
        .on_received(|_, packet| {
            edit(packet, |text| {
                with(text, |packet| {
                    (packet.kind == '0' && packet.data.starts_with('{')).then_some(Packet { data: "", ..packet })
                })
            })
        }),
    Mutant::new("absent-auth-is-null", &["SIO5-CON-07"], "A CONNECT without a payload gives the application null.")
        .on_sent(|_, packet| edit(packet, |text| text.ends_with(r#"["auth",{}]"#).then(|| text.replace("{}", "null")))),
    Mutant::new(
        "auth-of-the-first-namespace",
        &["SIO5-CON-07", "SIO5-CON-14"],
        "Only the first CONNECT of a connection has a payload.",
    )
    .on_received(|past, packet| {
        let is_later = past.has_joined;
        edit(packet, |text| {
            with(text, |packet| {
                (packet.kind == '0' && is_later && packet.data.starts_with('{'))
                    .then_some(Packet { data: "", ..packet })
            })
        })
    }),
    Mutant::new(
        "event-before-the-connect",
        &["SIO5-CON-08"],
        "The first event of a namespace is sent before the answer to the CONNECT.",
    )
    .on_sent(|past, packet| {
        if is(text_of(&packet), |packet| packet.kind == '0') {
            past.kept.push(packet);
            return Vec::new();
        }
        [packet].into_iter().chain(past.kept.pop()).collect()
    }),
    Mutant::new("refusal-without-message", &["SIO5-CON-04"], "A CONNECT_ERROR has an empty object.").on_sent(
        |_, packet| {
            edit(packet, |text| with(text, |packet| (packet.kind == '4').then_some(Packet { data: "{}", ..packet })))
        },
    ),
    Mutant::new("refusal-is-a-string", &["SIO5-CON-04"], "A CONNECT_ERROR has a string, as in protocol 4.").on_sent(
        |_, packet| {
            edit(packet, |text| {
                with(text, |packet| (packet.kind == '4').then_some(Packet { data: r#""Invalid namespace""#, ..packet }))
            })
        },
    ),
    Mutant::new("refusal-on-the-main-namespace", &["SIO5-CON-04"], "A CONNECT_ERROR names no namespace.").on_sent(
        |_, packet| {
            edit(packet, |text| {
                with(text, |packet| (packet.kind == '4').then_some(Packet { namespace: "/", ..packet }))
            })
        },
    ),
    Mutant::new("refusal-is-a-disconnect", &["SIO5-CON-04"], "A refused CONNECT is answered with a DISCONNECT.")
        .on_sent(|_, packet| {
            edit(packet, |text| {
                with(text, |packet| (packet.kind == '4').then_some(Packet { kind: '1', data: "", ..packet }))
            })
        }),
    Mutant::new("refusal-is-silent", &["SIO5-CON-04"], "A refused CONNECT is not answered.")
        .on_sent(|_, packet| unless(packet, |text| is(text, |packet| packet.kind == '4'))),
    Mutant::new("refusal-in-other-words", &["SIO5-CON-05"], "An unknown namespace is refused as `Unknown namespace`.")
        .on_sent(|_, packet| {
            edit(packet, |text| text.contains("Invalid namespace").then(|| text.replace("Invalid", "Unknown")))
        }),
    Mutant::new("refusal-closes", &["SIO5-CON-06"], "A refused CONNECT closes the connection.").on_sent(
        |past, packet| {
            if is(text_of(&packet), |packet| packet.kind == '4') {
                past.end();
            }
            vec![packet]
        },
    ),
    Mutant::new("unknown-namespace-is-joined", &["SIO5-CON-05"], "A CONNECT to any namespace is accepted.").on_sent(
        |_, packet| {
            edit(packet, |text| {
                with(text, |packet| {
                    (packet.kind == '4').then_some(Packet {
                        kind: '0',
                        data: r#"{"sid":"AAAAAAAAAAAAAAAAAAAA"}"#,
                        ..packet
                    })
                })
            })
        },
    ),
    Mutant::new("first-event-is-ignored", &["SIO5-CON-09"], "An event before the first CONNECT is ignored.")
        .on_received(|past, packet| unless(packet, |text| !past.has_joined && is(text, |packet| packet.is_event()))),
    Mutant::new("first-ack-is-ignored", &["SIO5-CON-09"], "An ACK before the first CONNECT is ignored.")
        .on_received(|past, packet| unless(packet, |text| !past.has_joined && is(text, |packet| packet.is_ack()))),
    Mutant::new("first-disconnect-is-ignored", &["SIO5-CON-09"], "A DISCONNECT before the first CONNECT is ignored.")
        .on_received(|past, packet| unless(packet, |text| !past.has_joined && is(text, |packet| packet.kind == '1'))),
    Mutant::new(
        "first-event-connects",
        &["SIO5-CON-09"],
        "An event before the first CONNECT joins the main namespace, as in protocol 4.",
    )
    .on_received(|past, packet| {
        let joins = !past.has_joined && is(text_of(&packet), |packet| packet.is_event() && packet.namespace == "/");
        if joins { vec![to_text("40"), packet] } else { vec![packet] }
    }),
    Mutant::new("client-error-is-ignored", &["SIO5-CON-12"], "A CONNECT_ERROR of the client is ignored.")
        .on_received(|_, packet| unless(packet, |text| is(text, |packet| packet.kind == '4'))),
    Mutant::new("second-connect-is-ignored", &["SIO5-CON-11"], "A CONNECT to a namespace that is joined is ignored.")
        .on_received(|past, packet| {
            unless(packet, |text| is(text, |packet| packet.kind == '0' && past.joined.contains(packet.namespace)))
        }),
    Mutant::new(
        "second-connect-joins-again",
        &["SIO5-CON-11"],
        "A CONNECT to a namespace that is joined leaves it, and joins it again.",
    )
    .on_received(|past, packet| {
        let joins_again =
            is(text_of(&packet), |packet| packet.kind == '0' && packet.namespace == "/" && past.joined.contains("/"));
        if joins_again { vec![to_text("41"), packet] } else { vec![packet] }
    }),
    Mutant::new("no-connect-timeout", &["SIO5-CON-13"], "A client may stay without a namespace.")
        .with_settings(|settings| settings.connection.connect_timeout = Duration::from_secs(3_600)),
    Mutant::new(
        "connect-timeout-is-short",
        &["SIO5-CON-13", "SIO5-CON-06"],
        "A client without a namespace is closed after 100 ms.",
    )
    .with_settings(|settings| settings.connection.connect_timeout /= 10),
    Mutant::new(
        "connect-timeout-after-a-refusal-is-off",
        &["SIO5-CON-13"],
        "A refused CONNECT stops the connect timeout.",
    )
    .on_output(|past, output| {
        use sio_codec::engineio::server::Transmit;
        let closes = matches!(output, Transmit::WsClose { .. }) && past.cause == super::super::past::Cause::Timer;
        if closes && past.tally == 1 { Vec::new() } else { vec![output] }
    })
    .on_sent(|past, packet| {
        if is(text_of(&packet), |packet| packet.kind == '4') {
            past.tally = 1;
        }
        vec![packet]
    }),
    Mutant::new(
        "connect-timeout-runs-on",
        &["SIO5-CON-26"],
        "The connect timeout ends clients that have joined a namespace.",
    )
    .on_sent(|past, packet| {
        use super::super::past::Line;
        use sio_codec::engineio::server::Transmit;
        if let (true, Line::WebSocket(ws)) = (text_of(&packet).starts_with('0'), past.line) {
            past.delay(Duration::from_secs(1), Transmit::WsClose { ws });
        }
        vec![packet]
    }),
];
