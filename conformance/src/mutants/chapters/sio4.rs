//! Defects towards clients of Socket.IO 4, and of servers for both protocols.

use serde::de::IgnoredAny;
use sio_codec::Frame;
use sio_codec::engineio::Revision;

use super::super::mutant::Mutant;
use super::super::past::Past;
use super::super::payload::{edit, refuse, text_of, unless};
use super::super::socketio::{Packet, is, with};
use super::eio3::is_v3;

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("v4-main-is-not-joined", &["SIO4-CON-01", "HYB-03"], "A client is in no namespace until it asks.")
        .on_sent(|past, packet| unless(packet, |text| is_v3(past) && text == "40")),
    Mutant::new("v4-main-is-joined-twice", &["SIO4-CON-01"], "The CONNECT of the main namespace is sent twice.")
        .on_sent(
            |past, packet| {
                if is_v3(past) && text_of(&packet) == "40" { vec![packet.clone(), packet] } else { vec![packet] }
            },
        ),
    Mutant::new("v4-connect-has-a-sid", &["SIO4-CON-08", "HYB-04"], "The CONNECT of the main namespace has a sid.")
        .on_sent(|past, packet| answer(past, packet, |packet| packet.namespace == "/")),
    Mutant::new("v4-connect-of-others-has-a-sid", &["SIO4-CON-08", "HYB-04"], "The CONNECT of a namespace has a sid.")
        .on_sent(|past, packet| answer(past, packet, |packet| packet.namespace != "/")),
    Mutant::new("v4-query-is-part-of-the-name", &["SIO4-CON-06"], "A CONNECT is answered with the query.")
        .on_received(|past, packet| {
            if is_v3(past) && text_of(&packet).starts_with("40/") && text_of(&packet).contains('?') {
                past.kept = vec![packet.clone()];
            }
            vec![packet]
        })
        .on_sent(|past, packet| {
            let is_answer = is(text_of(&packet), |packet| packet.kind == '0' && packet.namespace != "/");
            if is_answer { vec![past.kept.pop().unwrap_or(packet)] } else { vec![packet] }
        }),
    Mutant::new("v4-query-is-lost", &["SIO4-CON-07"], "The query of a CONNECT does not reach the application.")
        .on_received(|past, packet| {
            let is_v3 = is_v3(past);
            edit(packet, |text| is_v3.then(|| cut(text, '?')).flatten())
        }),
    Mutant::new("v4-second-parameter-is-lost", &["SIO4-CON-07"], "A query has one parameter.").on_received(
        |past, packet| {
            let is_v3 = is_v3(past);
            edit(packet, |text| is_v3.then(|| cut(text, '&')).flatten())
        },
    ),
    Mutant::new("v4-query-is-not-decoded", &["SIO4-CON-07"], "The escapes of a query are not decoded.").on_received(
        |past, packet| {
            let is_escaped = |text: &str| text.starts_with("40/") && text.contains('%');
            let is_v3 = is_v3(past);
            edit(packet, |text| (is_v3 && is_escaped(text)).then(|| text.replace('%', "%25")))
        },
    ),
    Mutant::new("v4-refusal-is-an-object", &["SIO4-ERR-01", "HYB-04"], "The refusal of a middleware has a message.")
        .on_sent(|past, packet| {
            refusal(past, packet, |data| {
                (!data.contains("message")).then_some(r#"{"message":"not authorized","data":{"code":7}}"#)
            })
        }),
    Mutant::new("v4-refusal-without-its-data", &["SIO4-ERR-01"], "The refusal of a middleware is its message.")
        .on_sent(|past, packet| {
            refusal(past, packet, |data| (!data.contains("message")).then_some(r#""not authorized""#))
        }),
    Mutant::new("v4-unknown-namespace-is-silent", &["SIO4-ERR-02"], "A CONNECT to an unknown namespace is ignored.")
        .on_sent(|past, packet| unless(packet, |text| is_v3(past) && text.starts_with("44"))),
    Mutant::new("v4-refusal-on-the-main-namespace", &["SIO4-ERR-01", "SIO4-ERR-02"], "A refusal names no namespace.")
        .on_sent(|past, packet| {
            let is_v3 = is_v3(past);
            edit(packet, |text| {
                with(text, |packet| (is_v3 && packet.kind == '4').then_some(Packet { namespace: "/", ..packet }))
            })
        }),
    Mutant::new("v4-refusal-closes", &["SIO4-ERR-02"], "A CONNECT to an unknown namespace closes the connection.")
        .on_sent(|past, packet| {
            if is_v3(past) && text_of(&packet).starts_with("44") {
                past.end();
            }
            vec![packet]
        }),
    Mutant::new("v4-object-is-ignored", &["SIO4-ERR-04"], "An event whose payload is an object is ignored.")
        .on_received(|past, packet| {
            unless(packet, |text| is_v3(past) && is(text, |packet| packet.kind == '2' && packet.data.starts_with('{')))
        }),
    Mutant::new("v4-broken-json-is-ignored", &["SIO4-ERR-04"], "An event whose payload is not JSON is ignored.")
        .on_received(|past, packet| {
            unless(packet, |text| {
                is_v3(past)
                    && is(text, |packet| packet.kind == '2' && serde_json::from_str::<IgnoredAny>(packet.data).is_err())
            })
        }),
    Mutant::new("v4-reserved-names-are-ignored", &["SIO4-EVT-02"], "An event with a reserved name is ignored.")
        .on_received(|past, packet| {
            unless(packet, |text| is_v3(past) && is(text, |packet| packet.data.starts_with(r#"["disconnect""#)))
        }),
    Mutant::new("v4-count-zero-is-plain", &["SIO4-ATT-02"], "A binary event with 0 attachments is an event.")
        .on_received(|past, packet| {
            let is_v3 = is_v3(past);
            edit(packet, |text| is_v3.then(|| text.strip_prefix("450-")).flatten().map(|rest| format!("42{rest}")))
        }),
    Mutant::new("v4-attachments-are-lost", &["SIO4-ATT-01"], "Only the first attachment of a packet is sent.").on_sent(
        |past, packet| {
            if matches!(packet, Frame::Text(_)) {
                past.tally = 0;
            }
            let is_later = is_v3(past) && matches!(packet, Frame::Binary(_)) && !past.first();
            if is_later { Vec::new() } else { vec![packet] }
        },
    ),
    Mutant::new("v4-attachment-has-two-types", &["SIO4-ATT-01"], "An attachment begins with two type bytes.").on_sent(
        |past, packet| match packet {
            Frame::Binary(bytes) if is_v3(past) => vec![Frame::Binary([b"\x04", &bytes[..]].concat().into())],
            packet => vec![packet],
        },
    ),
    Mutant::new("v4-disconnect-closes", &["SIO4-DIS-01"], "A DISCONNECT of another namespace closes the connection.")
        .on_received(|past, packet| {
            let is_v3 = is_v3(past);
            refuse(packet, |text| is_v3 && is(text, |packet| packet.kind == '1' && packet.namespace != "/"))
        }),
    Mutant::new("v4-disconnect-is-answered", &["SIO4-DIS-01"], "A DISCONNECT is answered with one.").on_received(
        |past, packet| {
            if is_v3(past) && is(text_of(&packet), |packet| packet.kind == '1') {
                past.say(text_of(&packet));
            }
            vec![packet]
        },
    ),
    Mutant::new("v4-disconnect-is-ignored", &["SIO4-DIS-01"], "A DISCONNECT is ignored.")
        .on_received(|past, packet| unless(packet, |text| is_v3(past) && is(text, |packet| packet.kind == '1'))),
    Mutant::new("v5-is-joined-unasked", &["HYB-03"], "Clients of Engine.IO 4 are in the main namespace unasked.")
        .on_sent(|past, packet| {
            if past.revision == Revision::V4 && text_of(&packet).starts_with('0') {
                past.pretend("40");
            }
            vec![packet]
        }),
    Mutant::new("v5-bytes-have-a-type", &["HYB-05", "SRV-ROOM-10"], "Binary frames begin with a type for all clients.")
        .on_sent(|past, packet| match packet {
            Frame::Binary(bytes) if past.revision == Revision::V4 => {
                vec![Frame::Binary([b"\x04", &bytes[..]].concat().into())]
            }
            packet => vec![packet],
        }),
    Mutant::new("v4-bytes-have-no-type", &["HYB-05", "SIO4-ATT-01"], "Binary frames have no type for any client.")
        .on_sent(|past, packet| match packet {
            Frame::Binary(bytes) if is_v3(past) => vec![Frame::Binary(bytes.slice(1..))],
            packet => vec![packet],
        }),
];

/// Gives the answer to a CONNECT a sid, as in protocol 5.
fn answer(past: &Past, packet: Frame, fits: fn(&Packet<'_>) -> bool) -> Vec<Frame> {
    let is_v3 = is_v3(past);
    edit(packet, |text| {
        with(text, |packet| {
            let is_answer = is_v3 && packet.kind == '0' && fits(&packet);
            is_answer.then_some(Packet { data: r#"{"sid":"AAAAAAAAAAAAAAAAAAAA"}"#, ..packet })
        })
    })
}

/// Gives a refusal other data.
fn refusal(past: &Past, packet: Frame, data: fn(&str) -> Option<&'static str>) -> Vec<Frame> {
    let is_v3 = is_v3(past);
    edit(packet, |text| {
        with(text, |packet| {
            let data = (is_v3 && packet.kind == '4').then(|| data(packet.data)).flatten()?;
            Some(Packet { data, ..packet })
        })
    })
}

/// A CONNECT without what follows a mark.
fn cut(text: &str, mark: char) -> Option<String> {
    let (kept, _) = text.strip_prefix("40/")?.split_once(mark)?;
    Some(format!("40/{kept},"))
}
