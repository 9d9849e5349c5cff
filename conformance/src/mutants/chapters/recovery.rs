//! Defects of connection state recovery.

use std::time::Duration;

use serde_json::{Value, json};
use sio_codec::Frame;
use sio_codec::engineio::CloseReason;
use sio_codec::socketio::DisconnectReason;
use sio_codec::socketio::hub::Hub;
use sio_codec::socketio::hub::Recovered;

use super::super::json::{edit_auth, edit_data};
use super::super::mutant::Mutant;
use super::super::past::Past;
use super::super::payload::{UNDECODABLE, text_of, to_text};
use super::super::socketio::{Packet, is};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("pid-is-the-sid", &["SIO5-CSR-02"], "The private id is the public one.").on_sent(|_, packet| {
        welcome(packet, |answer| {
            answer["pid"] = answer["sid"].clone();
        })
    }),
    Mutant::new("pid-is-the-same-for-all", &["SIO5-CSR-02"], "All clients have the same private id.")
        .on_sent(|_, packet| welcome(packet, |answer| answer["pid"] = json!("AAAAAAAAAAAAAAAAAAAA"))),
    Mutant::new("pid-is-missing", &["SIO5-CSR-02", "SIO5-CSR-05"], "The answer to a CONNECT has no private id.")
        .on_sent(|_, packet| {
            welcome(packet, |answer| {
                answer.as_object_mut().map(|answer| answer.remove("pid"));
            })
        }),
    Mutant::new("no-offset", &["SIO5-CSR-03"], "Events have no offset.")
        .on_sent(|_, packet| event(packet, |arguments| drop(arguments.pop()))),
    Mutant::new("offset-comes-first", &["SIO5-CSR-03"], "The offset is the first argument.")
        .on_sent(|_, packet| event(packet, |arguments| arguments[1..].rotate_right(1))),
    Mutant::new("offset-with-an-ack-id", &["SIO5-CSR-03"], "An event that asks for an acknowledgement has an offset.")
        .on_sent(|_, packet| {
            edit_data(packet, |packet, data| {
                let is_asking = packet.is_event() && !packet.id.is_empty();
                data.as_array_mut().filter(|_| is_asking).map(|data| data.push(json!("AAAAAAAA.99"))).is_some()
            })
        }),
    Mutant::new("nobody-comes-back", &["SIO5-CSR-05"], "Every client that comes back is a new one.")
        .on_received(|_, packet| edit_auth(packet, |_, auth| auth.remove("pid").is_some())),
    Mutant::new("client-that-left-comes-back", &["SIO5-CSR-08"], "A client that left can come back.")
        .on_reason(|reason| if reason == DisconnectReason::ClientNamespace { LOST } else { reason }),
    Mutant::new("expelled-client-comes-back", &["SIO5-CSR-08"], "A client that was disconnected can come back.")
        .on_reason(|reason| if reason == DisconnectReason::ServerNamespace { LOST } else { reason }),
    Mutant::new("lost-heartbeat-is-final", &["SIO5-CSR-05"], "A client without a pong cannot come back.").on_reason(
        |reason| match reason {
            DisconnectReason::Engine(CloseReason::PingTimeout) => DisconnectReason::ClientNamespace,
            reason => reason,
        },
    ),
    Mutant::new("recovery-has-no-end", &["SIO5-CSR-08"], "A client can come back after any time.")
        .with_settings(|settings| settings.away *= 100),
    Mutant::new("recovery-is-short", &["SIO5-CSR-05"], "A client can come back for 10 ms.")
        .with_settings(|settings| settings.away = Duration::from_millis(10)),
    Mutant::new("missed-in-reverse", &["SIO5-CSR-05"], "The missed events come in reverse order.")
        .on_recovered(|_, recovered| recovered.missed.reverse()),
    Mutant::new("missed-come-twice", &["SIO5-CSR-05"], "The last missed event comes twice.")
        .on_recovered(|_, recovered| recovered.missed.extend_from_within(recovered.missed.len().saturating_sub(1)..)),
    Mutant::new("last-missed-is-lost", &["SIO5-CSR-05"], "The last missed event does not come.")
        .on_recovered(|_, recovered| drop(recovered.missed.pop())),
    Mutant::new("missed-are-lost", &["SIO5-CSR-05"], "No missed event comes.")
        .on_recovered(|_, recovered| recovered.missed.clear()),
    Mutant::new("rooms-are-not-restored", &["SIO5-CSR-05"], "A client that comes back is in no room.")
        .on_recovered(leave_rooms),
    Mutant::new("own-id-is-not-restored", &["SIO5-CSR-05"], "A client that comes back has a new id.")
        .on_sent(|past, packet| {
            let pid = asked_pid(past);
            welcome(packet, |answer| {
                if answer["pid"].as_str() == Some(&pid) {
                    answer["sid"] = json!("AAAAAAAAAAAAAAAAAAAA");
                }
            })
        })
        .on_received(note_pid),
    Mutant::new("unknown-pid-is-refused", &["SIO5-CSR-04"], "A client that cannot come back is refused.")
        .on_received(note_pid)
        .on_sent(|past, packet| {
            let pid = asked_pid(past);
            let text = text_of(&packet);
            let is_new = is(text, |packet| packet.kind == '0' && !pid.is_empty() && !packet.data.contains(&pid));
            match Packet::read(text).filter(|_| is_new) {
                Some(answer) => {
                    vec![to_text(Packet { kind: '4', data: r#"{"message":"unknown"}"#, ..answer }.write())]
                }
                None => vec![packet],
            }
        }),
    Mutant::new("odd-pid-closes", &["SIO5-CSR-04"], "A private id that is no string closes the connection.")
        .on_received(|_, packet| {
            let text = text_of(&packet);
            let auth: Value = Packet::read(text)
                .filter(|packet| packet.kind == '0')
                .and_then(|packet| serde_json::from_str(packet.data).ok())
                .unwrap_or_default();
            let is_odd = |key| auth.get(key).is_some_and(|value| !value.is_string());
            if is_odd("pid") || is_odd("offset") { vec![to_text(UNDECODABLE)] } else { vec![packet] }
        }),
    Mutant::new("middlewares-run-again", &["SIO5-CSR-05"], "The middlewares run for a client that comes back.")
        .on_received(|_, packet| {
            edit_auth(packet, |_, auth| {
                (auth.contains_key("first") || auth.contains_key("second")) && auth.remove("pid").is_some()
            })
        }),
];

const LOST: DisconnectReason = DisconnectReason::Engine(CloseReason::TransportClose);

/// Changes the answer to a CONNECT that has a private id.
fn welcome(packet: Frame, change: impl FnOnce(&mut Value)) -> Vec<Frame> {
    edit_data(packet, |packet, answer| {
        let is_welcome = packet.kind == '0' && answer.get("pid").is_some();
        if is_welcome {
            change(answer);
        }
        is_welcome
    })
}

/// Changes an event that has an offset. Offsets of the embedded server have a period after eight characters.
fn event(packet: Frame, change: fn(&mut Vec<Value>)) -> Vec<Frame> {
    let is_offset = |value: &Value| value.as_str().is_some_and(|text| text.find('.') == Some(8));
    edit_data(packet, |packet, data| {
        let arguments = data.as_array_mut().filter(|_| packet.is_event());
        arguments.filter(|arguments| arguments.last().is_some_and(is_offset)).map(change).is_some()
    })
}

fn leave_rooms(hub: &mut Hub, recovered: &mut Recovered) {
    let rooms: Vec<_> = {
        let rooms = hub.rooms_of(recovered.member);
        rooms.filter(|room| room.as_str() != recovered.sid.as_str()).cloned().collect()
    };
    for room in rooms {
        let _ = hub.leave(recovered.member, room.as_str());
    }
}

/// Notes the private id of a CONNECT.
fn note_pid(past: &mut Past, packet: Frame) -> Vec<Frame> {
    if text_of(&packet).starts_with("40") {
        past.kept = vec![packet.clone()];
    }
    vec![packet]
}

/// The private id in the last CONNECT; empty if there was none.
fn asked_pid(past: &Past) -> String {
    let connect = past.kept.first().map(text_of).and_then(Packet::read);
    let auth = connect.and_then(|connect| serde_json::from_str::<Value>(connect.data).ok()).unwrap_or_default();
    auth["pid"].as_str().unwrap_or_default().to_owned()
}
