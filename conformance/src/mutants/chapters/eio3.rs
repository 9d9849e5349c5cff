//! Defects of sessions of Engine.IO 3, apart from their payloads.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sio_codec::Frame;
use sio_codec::engineio::Revision;
use sio_codec::engineio::server::{Input, Transmit};

use super::super::framing::utf_16_len;
use super::super::mutant::Mutant;
use super::super::past::{Cause, Line, Past};
use super::super::payload::{UNDECODABLE, edit, text_of, to_text, unless};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("v3-is-served-unasked", &["EIO3-HS-04", "HYB-01"], "Clients of revision 3 are always served.")
        .with_settings(|settings| settings.engine.allow_eio3 = true),
    Mutant::new("v3-is-read-as-4", &["EIO3-HS-06", "EIO3-HS-01", "HYB-02"], "A client of revision 3 gets revision 4.")
        .on_request(|request| {
            if request.parameter("EIO") == Some("3") {
                request.set("EIO", "4");
            }
            Ok(())
        }),
    Mutant::new("v3-open-without-a-timeout", &["EIO3-HS-02"], "The open packet has no pingTimeout.").on_sent(
        |past, packet| {
            let is_v3 = is_v3(past);
            edit(packet, |text| {
                (is_v3 && text.starts_with('0')).then(|| text.replace(r#""pingTimeout""#, r#""timeout""#))
            })
        },
    ),
    Mutant::new("v3-open-without-upgrades", &["EIO3-HS-02"], "The open packet offers no upgrade.").on_sent(
        |past, packet| {
            let is_v3 = is_v3(past);
            edit(packet, |text| (is_v3 && text.starts_with('0')).then(|| text.replace(r#"["websocket"]"#, "[]")))
        },
    ),
    Mutant::new(
        "v3-frames-have-a-length",
        &["EIO3-HS-08", "EIO3-WS-01"],
        "The open frame on a WebSocket has a length.",
    )
    .on_sent(|past, packet| {
        let is_open = is_v3(past) && matches!(past.line, Line::WebSocket(_));
        edit(packet, |text| (is_open && text.starts_with('0')).then(|| format!("{}:{text}", utf_16_len(text))))
    }),
    Mutant::new("v3-ping-is-not-answered", &["EIO3-HB-02"], "A ping of the client is not answered.")
        .on_sent(|past, packet| unless(packet, |text| is_v3(past) && text == "3")),
    Mutant::new("v3-ping-is-not-answered-on-polling", &["EIO3-HB-02"], "A ping in a POST is not answered.")
        .on_sent(|past, packet| unless(packet, |text| is_v3(past) && past.is_polling() && text == "3")),
    Mutant::new("v3-ping-is-answered-with-a-ping", &["EIO3-HB-02", "EIO3-HB-03"], "A ping is answered with a ping.")
        .on_sent(|past, packet| {
            let is_v3 = is_v3(past);
            edit(packet, |text| (is_v3 && text == "3").then(|| "2".to_owned()))
        }),
    Mutant::new("v3-server-pings", &["EIO3-HB-03"], "The server pings too.").on_sent(|past, packet| {
        if let (true, Line::WebSocket(ws)) = (is_v3(past) && text_of(&packet).starts_with('0'), past.line) {
            past.delay(Duration::from_millis(150), Transmit::WsSend { ws, frame: to_text("2") });
        }
        vec![packet]
    }),
    Mutant::new("v3-silence-is-tolerated", &["EIO3-HB-04"], "A client that does not ping stays.")
        .with_settings(|settings| settings.engine.ping_timeout *= 100),
    Mutant::new("v3-pings-do-not-count", &["EIO3-HB-04"], "A client is closed although it pings.").on_sent(
        |past, packet| {
            if is_v3(past) && text_of(&packet) == "3" && !past.first() {
                past.end();
            }
            vec![packet]
        },
    ),
    Mutant::new("v3-frame-without-a-type", &["EIO3-PKT-01", "EIO3-WS-01"], "A binary frame has no type.").on_sent(
        |past, packet| match packet {
            Frame::Binary(bytes) if is_v3(past) && !past.is_polling() => vec![Frame::Binary(bytes.slice(1..))],
            packet => vec![packet],
        },
    ),
    Mutant::new("v3-frame-with-a-digit", &["EIO3-PKT-01"], "The type of a binary frame is an ASCII digit.").on_sent(
        |past, packet| match packet {
            Frame::Binary(bytes) if is_v3(past) && !past.is_polling() => {
                vec![Frame::Binary([b"4", &bytes[1..]].concat().into())]
            }
            packet => vec![packet],
        },
    ),
    Mutant::new("v3-base64-on-a-websocket", &["EIO3-PKT-01"], "Bytes on a WebSocket are always base64.").on_sent(
        |past, packet| match packet {
            Frame::Binary(bytes) if is_v3(past) && !past.is_polling() => {
                vec![to_text(format!("b4{}", STANDARD.encode(&bytes[1..])))]
            }
            packet => vec![packet],
        },
    ),
    Mutant::new("v3-base64-is-text", &["EIO3-WS-03"], "Bytes in base64 are received as a text.").on_received(
        |past, packet| {
            let is_v3 = is_v3(past) && !past.is_polling();
            edit(packet, |text| (is_v3 && text.starts_with("b4")).then(|| format!("4{}", &text[2..])))
        },
    ),
    Mutant::new("v3-base64-of-the-client-is-lost", &["EIO3-WS-03"], "Bytes in base64 are not received.")
        .on_received(|past, packet| unless(packet, |text| is_v3(past) && !past.is_polling() && text.starts_with("b4"))),
    Mutant::new("v3-empty-frame-is-ignored", &["EIO3-PKT-03"], "An empty text frame is ignored.")
        .on_received(|past, packet| unless(packet, |text| is_v3(past) && !past.is_posted && text.is_empty())),
    Mutant::new("v3-unknown-frame-is-ignored", &["EIO3-PKT-03"], "A frame with an unknown type is ignored.")
        .on_received(|past, packet| {
            let is_known = |text: &str| text.starts_with(|first: char| matches!(first, '0'..='6' | 'b'));
            unless(packet, |text| is_v3(past) && !past.is_posted && !text.is_empty() && !is_known(text))
        }),
    Mutant::new("v3-noop-without-a-length", &["EIO3-UP-01"], "The noop of an upgrade has no length.")
        .on_framed(|_, packets| (packets == [to_text("6")]).then(|| "6".into())),
    Mutant::new("v3-upgrade-leaves-the-get", &["EIO3-UP-01"], "A GET that is pending at a probe stays pending.")
        .patient()
        .on_output(|past, output| {
            let is_noop = matches!(&output, Transmit::Respond { response, .. } if response.body == "1:6");
            if is_noop && past.is_upgrading() { Vec::new() } else { vec![output] }
        }),
    Mutant::new("v3-probe-is-answered-without-probe", &["EIO3-UP-01"], "A probe is answered with a bare pong.")
        .on_sent(|past, packet| {
            let is_v3 = is_v3(past);
            edit(packet, |text| (is_v3 && text == "3probe").then(|| "3".to_owned()))
        }),
    Mutant::new("v3-post-is-answered-with-nothing", &["EIO3-POLL-01"], "A POST is answered with an empty body.")
        .on_output(|past, mut output| {
            if let Transmit::Respond { response, .. } = &mut output
                && is_v3(past)
                && response.body == "ok"
            {
                response.body = "".into();
            }
            vec![output]
        }),
    Mutant::new("v3-get-is-not-held", &["EIO3-POLL-01"], "A GET that finds nothing is answered with a noop.").on_input(
        |past, input| match input {
            Input::Poll { id, .. } if is_v3(past) && past.tally == 0 => {
                past.tally = 1;
                past.respond(id, &[to_text("6")]);
                Vec::new()
            }
            input => vec![input],
        },
    ),
    Mutant::new("v3-second-get-is-held", &["EIO3-POLL-01"], "A second GET is answered, and the session goes on.")
        .on_input(|past, input| match input {
            Input::Poll { id, .. } if is_v3(past) && past.parked.is_some() => {
                past.respond(id, &[to_text("6")]);
                Vec::new()
            }
            input => vec![input],
        }),
    Mutant::new("v3-fault-is-ignored", &["EIO3-POLL-02"], "A payload that cannot be decoded is ignored.").on_input(
        |past, input| match input {
            Input::Body { id, body } if is_v3(past) && past.packets(&body).is_none() => {
                vec![Input::Body { id, body: past.body(past.posted, &[to_text("6")]) }]
            }
            input => vec![input],
        },
    ),
    Mutant::new("v3-fault-leaves-the-get", &["EIO3-POLL-02"], "A GET that is pending at a fault is not answered.")
        .on_output(|past, output| {
            let is_farewell = matches!(&output, Transmit::Respond { response, .. } if response.body == "1:1");
            if is_farewell && past.cause == Cause::Body { Vec::new() } else { vec![output] }
        }),
    Mutant::new("v3-close-is-ignored", &["EIO3-POLL-03"], "A close packet in a POST is ignored.")
        .on_received(|past, packet| unless(packet, |text| is_v3(past) && past.is_posted && text == "1")),
    Mutant::new(
        "v3-close-leaves-the-get",
        &["EIO3-POLL-03"],
        "A GET that is pending when the client closes is not ended.",
    )
    .on_received(|past, packet| {
        past.tally = u32::from(is_v3(past) && text_of(&packet) == "1");
        vec![packet]
    })
    .on_output(|past, output| {
        let is_get = matches!(&output, Transmit::Respond { id, .. } if past.parked == Some(*id));
        if is_get && past.tally == 1 { Vec::new() } else { vec![output] }
    }),
    Mutant::new("revision-of-the-first", &["EIO3-HS-06", "HYB-02"], "The first client decides how all are pinged.")
        .on_received(|past, packet| {
            let revision = format!("{:?}", past.revision);
            let mut notes = past.shared.notes();
            let is_foreign = *notes.entry("revision".to_owned()).or_insert_with(|| revision.clone()) != revision;
            if is_foreign && text_of(&packet).starts_with('4') { vec![to_text(UNDECODABLE)] } else { vec![packet] }
        }),
];

pub(super) fn is_v3(past: &Past) -> bool {
    past.revision == Revision::V3
}
