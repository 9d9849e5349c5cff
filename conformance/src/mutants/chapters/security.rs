//! Defects by which one client can do harm to others, or to the server.

use sio_codec::Frame;
use sio_codec::engineio::HttpError;
use sio_codec::engineio::server::Transmit;

use super::super::mutant::Mutant;
use super::super::past::{Cause, Past};
use super::super::payload::{UNDECODABLE, edit, text_of, to_text, unless};
use super::super::request::Request;
use super::super::socketio::{Packet, is};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("fault-ends-all-sessions", &["SIO5-ERR-06"], "A packet that cannot be decoded ends every session.")
        .on_received(|past, packet| {
            let is_over = past.shared.notes().contains_key("fault");
            if is_over { vec![to_text(UNDECODABLE)] } else { vec![packet] }
        })
        .on_output(|past, output| {
            if matches!(&output, Transmit::WsClose { .. }) && past.cause == Cause::WebSocket {
                past.shared.notes().insert("fault".to_owned(), String::new());
            }
            vec![output]
        }),
    Mutant::new(
        "binary-header-ends-all-sessions",
        &["SIO5-ERR-06"],
        "Attachments that are awaited hold up all clients.",
    )
    .on_received(|past, packet| {
        let waits = past.shared.notes().get("waiting").is_some_and(|sid| *sid != past.sid);
        if is(text_of(&packet), |packet| packet.kind == '5' && packet.attachments != "1") {
            past.shared.notes().insert("waiting".to_owned(), past.sid.clone());
        }
        unless(packet, |text| waits && text.starts_with("42"))
    }),
    Mutant::new("bytes-of-another-client", &["SIO5-ERR-06", "SIO5-ATT-02"], "A client receives bytes of another one.")
        .on_received(|past, packet| {
            if let Frame::Binary(bytes) = &packet {
                let first = bytes.first().copied().unwrap_or_default().to_string();
                past.shared.notes().entry("bytes".to_owned()).or_insert(first);
            }
            vec![packet]
        })
        .on_sent(|past, packet| match packet {
            Frame::Binary(bytes) if !bytes.is_empty() => {
                let first = past.shared.notes().get("bytes").and_then(|first| first.parse().ok());
                vec![Frame::Binary([&[first.unwrap_or(bytes[0])], &bytes[1..]].concat().into())]
            }
            packet => vec![packet],
        }),
    Mutant::new("auth-of-another-client", &["SIO5-CON-07"], "A client without auth gets that of the client before it.")
        .on_received(|past, packet| {
            let connect = Packet::read(text_of(&packet)).filter(|packet| packet.kind == '0');
            let Some(connect) = connect else { return vec![packet] };
            let mut notes = past.shared.notes();
            if !connect.data.is_empty() {
                notes.insert("auth".to_owned(), connect.data.to_owned());
                return vec![packet.clone()];
            }
            let data = notes.get("auth").cloned().unwrap_or_default();
            vec![to_text(Packet { data: &data, ..connect }.write())]
        }),
    Mutant::new("event-of-another-client", &["SIO5-EVT-01"], "A client's event is answered with that of another.")
        .on_received(|past, packet| {
            let first = past.shared.notes().get("event").cloned();
            let is_event = is(text_of(&packet), |packet| packet.data.starts_with(r#"["message","#));
            match first {
                Some(event) if is_event => vec![to_text(event)],
                _ => {
                    if is_event {
                        past.shared.notes().insert("event".to_owned(), text_of(&packet).to_owned());
                    }
                    vec![packet]
                }
            }
        }),
    Mutant::new("message-of-another-session", &["EIO4-HS-03"], "A session is answered with a message of another.")
        .on_received(|past, packet| {
            let first = past.shared.notes().get("message").cloned();
            match first {
                Some(message) if text_of(&packet).starts_with('4') => vec![to_text(message)],
                _ => {
                    if text_of(&packet).starts_with('4') {
                        past.shared.notes().insert("message".to_owned(), text_of(&packet).to_owned());
                    }
                    vec![packet]
                }
            }
        }),
    Mutant::new("inherited-transport-is-polling", &["EIO4-ERR-01"], "Names that every object has are transports.")
        .on_request(|request| {
            if request.parameter("transport").is_some_and(is_inherited) {
                request.set("transport", "polling");
            }
            Ok(())
        }),
    Mutant::new("inherited-version-is-4", &["EIO4-ERR-06"], "Names that every object has are revisions.").on_request(
        |request| {
            if request.parameter("EIO").is_some_and(is_inherited) {
                request.set("EIO", "4");
            }
            Ok(())
        },
    ),
    Mutant::new(
        "inherited-sid-is-new",
        &["EIO4-URL-08", "EIO4-ERR-02"],
        "A sid that every object has opens a session.",
    )
    .on_request(|request| {
        if request.parameter("sid").is_some_and(is_inherited) {
            request.remove("sid");
        }
        Ok(())
    }),
    Mutant::new("long-sid-is-new", &["EIO4-ERR-02"], "A sid of more than 100 bytes opens a session.")
        .on_request(|request| new_session(request, |sid| sid.len() > 100)),
    Mutant::new("nul-ends-the-sid", &["EIO4-ERR-02"], "A sid ends at its first NUL.").on_request(|request| {
        if let Some((kept, _)) = request.parameter("sid").and_then(|sid| sid.split_once('\0')) {
            let kept = kept.to_owned();
            request.set("sid", &kept);
        }
        Ok(())
    }),
    Mutant::new(
        "refusals-are-counted",
        &["SIO5-ERR-06", "SIO5-CON-06"],
        "A client is closed after 20 refused CONNECTs.",
    )
    .on_received(|past, packet| flood(past, packet, 20, |text| text.starts_with("40/"))),
    Mutant::new("acks-are-counted", &["SIO5-ERR-06", "SIO5-ACK-03"], "A client is closed after 100 ACKs.")
        .on_received(|past, packet| flood(past, packet, 100, |text| text.starts_with("43"))),
    Mutant::new("events-are-counted", &["SIO5-ERR-06", "SIO5-EVT-01"], "A client is closed after 100 events.")
        .on_received(|past, packet| flood(past, packet, 100, |text| text.starts_with("42"))),
    Mutant::new("method-is-a-number", &["SIO5-ATT-08"], "A placeholder whose number names a method is the first.")
        .on_received(|_, packet| {
            edit(packet, |text| {
                let names = [r#""num":"splice""#, r#""num":"toString""#, r#""num":"length""#, r#""num":"__proto__""#];
                let name = names.into_iter().find(|name| text.contains(name))?;
                Some(text.replace(name, r#""num":0"#))
            })
        }),
    Mutant::new("unasked-bytes-are-kept", &["SIO5-ERR-06", "SIO5-ATT-07"], "Bytes that nobody announced are kept.")
        .on_received(|past, packet| {
            let is_kept = matches!(packet, Frame::Binary(_)) && past.awaited == 0;
            if is_kept {
                past.kept.push(packet.clone());
            }
            if is_kept { Vec::new() } else { vec![packet] }
        }),
];

/// Whether every object of JavaScript has a property of this name.
fn is_inherited(name: &str) -> bool {
    ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"].contains(&name)
}

fn new_session(request: &mut Request, fits: fn(&str) -> bool) -> Result<(), HttpError> {
    if request.parameter("sid").is_some_and(fits) {
        request.remove("sid");
    }
    Ok(())
}

/// Ends a session when too many packets fit.
fn flood(past: &mut Past, packet: Frame, most: u32, fits: fn(&str) -> bool) -> Vec<Frame> {
    past.tally += u32::from(fits(text_of(&packet)));
    if past.tally > most { vec![to_text(UNDECODABLE)] } else { vec![packet] }
}
