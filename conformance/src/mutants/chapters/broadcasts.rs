//! Defects of broadcasts that are acknowledged, and of those that may be lost.

use serde_json::{Value, json};
use sio_codec::Frame;

use super::super::json::{arguments, edit_data, edit_whom};
use super::super::mutant::Mutant;
use super::super::past::{Line, Past};
use super::super::payload::{edit, text_of, unless};
use super::super::socketio::{Packet, is, with};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("volatile-is-kept", &["SRV-BC-02", "SIO5-CSR-03"], "A volatile event is sent like any other.")
        .on_received(|_, packet| edit_whom(packet, &["say", "tell"], |whom| whom.remove("volatile").is_some())),
    Mutant::new("volatile-is-lost", &["SRV-BC-02"], "A volatile event reaches nobody.").on_received(|_, packet| {
        edit_whom(packet, &["say", "tell"], |whom| {
            let is_volatile = whom.contains_key("volatile");
            if is_volatile {
                whom.insert("to".to_owned(), json!(["nobody"]));
            }
            is_volatile
        })
    }),
    Mutant::new("volatile-without-attachments", &["SRV-BC-02"], "The attachments of a volatile event are not sent.")
        .on_received(|past, packet| {
            if text_of(&packet).contains(r#""volatile":true"#) {
                past.shared.notes().insert("volatile".to_owned(), String::new());
            }
            vec![packet]
        })
        .on_sent(|past, packet| match packet {
            Frame::Binary(_) if past.shared.notes().contains_key("volatile") => Vec::new(),
            packet => vec![packet],
        }),
    Mutant::new("each-receiver-has-an-id", &["SRV-BC-03"], "A broadcast has another id for each receiver.")
        .on_sent(|past, packet| {
            let shift = shift(past);
            change_id(packet, |packet, id| packet.is_event().then_some(id + shift))
        })
        .on_received(|past, packet| {
            let shift = shift(past);
            change_id(packet, |packet, id| packet.is_ack().then(|| id.checked_sub(shift)).flatten())
        }),
    Mutant::new("all-arguments-are-the-answer", &["SRV-BC-04"], "An answer is the list of all arguments.").on_received(
        |_, packet| {
            edit_data(packet, |packet, data| {
                let is_answer = packet.kind == '3' && packet.namespace.starts_with("/siospec");
                if is_answer {
                    *data = json!([data.take()]);
                }
                is_answer
            })
        },
    ),
    Mutant::new("last-argument-is-the-answer", &["SRV-BC-04"], "An answer is the last argument.").on_received(
        |_, packet| {
            edit_data(packet, |packet, data| {
                let is_answer = packet.kind == '3' && packet.namespace.starts_with("/siospec");
                data.as_array_mut().filter(|_| is_answer).map(|arguments| arguments.reverse()).is_some()
            })
        },
    ),
    Mutant::new("answers-have-no-timeout", &["SRV-BC-04"], "A broadcast waits for all answers, however long.")
        .on_received(|_, packet| {
            edit_whom(packet, &["ask"], |whom| whom.insert("timeout".to_owned(), json!(1_000_000)).is_some())
        }),
    Mutant::new("answers-have-no-time", &["SRV-BC-04"], "A broadcast does not wait for answers.").on_received(
        |_, packet| edit_whom(packet, &["ask"], |whom| whom.insert("timeout".to_owned(), json!(0)).is_some()),
    ),
    Mutant::new("timeout-is-no-error", &["SRV-BC-04"], "A broadcast that was not answered in time is a success.")
        .on_sent(|_, packet| settle(packet, |error, _| *error = json!(false))),
    Mutant::new("success-is-an-error", &["SRV-BC-04", "SRV-BC-06"], "A broadcast that all have answered is an error.")
        .on_sent(|_, packet| settle(packet, |error, _| *error = json!(true))),
    Mutant::new("timeout-loses-the-answers", &["SRV-BC-04"], "A broadcast that timed out has no answers.").on_sent(
        |_, packet| {
            settle(packet, |error, answers| {
                if *error == json!(true) {
                    answers.clear();
                }
            })
        },
    ),
    Mutant::new("one-answer-is-enough", &["SRV-BC-04"], "A broadcast has one answer.")
        .on_sent(|_, packet| settle(packet, |_, answers| answers.truncate(1))),
    Mutant::new("answers-are-null", &["SRV-BC-04"], "The answers of a broadcast are null.")
        .on_sent(|_, packet| settle(packet, |_, answers| answers.fill(Value::Null))),
    Mutant::new("nobody-is-an-error", &["SRV-BC-06"], "A broadcast without receivers is an error.").on_sent(
        |_, packet| {
            settle(packet, |error, answers| {
                if answers.is_empty() {
                    *error = json!(true);
                }
            })
        },
    ),
    Mutant::new("nobody-is-no-end", &["SRV-BC-06"], "A broadcast without receivers is never complete.")
        .on_sent(|_, packet| unless(packet, |text| is(text, |packet| packet.data == "[false,[]]"))),
    Mutant::new(
        "late-answer-closes",
        &["SRV-BC-04", "SIO5-ACK-03"],
        "An answer that nobody waits for ends its client.",
    )
    .on_received(|past, packet| {
        let is_unknown = |packet: Packet<'_>| packet.kind == '3' && !past.asked.contains(packet.id);
        edit(packet, |text| is(text, is_unknown).then(|| "x".to_owned()))
    }),
    Mutant::new("answers-go-astray", &["SRV-BC-04"], "An acknowledgement is answered to another id.").on_sent(
        |_, packet| {
            let is_result = is(text_of(&packet), |packet| {
                packet.data.starts_with("[false,[") || packet.data.starts_with("[true,[")
            });
            if is_result { change_id(packet, |_, id| Some(id + 1)) } else { vec![packet] }
        },
    ),
];

/// A number that differs between WebSockets.
fn shift(past: &Past) -> u64 {
    match past.line {
        Line::WebSocket(ws) => ws.0 * 1_000,
        Line::Polling | Line::Candidate(_) => 0,
    }
}

/// The packet with another ack id, if a function gives one.
fn change_id(packet: Frame, change: impl FnOnce(&Packet<'_>, u64) -> Option<u64>) -> Vec<Frame> {
    let changed = Packet::read(text_of(&packet)).and_then(|packet| change(&packet, packet.id.parse().ok()?));
    let Some(id) = changed.map(|id| id.to_string()) else { return vec![packet] };
    edit(packet, |text| with(text, |packet| Some(Packet { id: &id, ..packet })))
}

/// Changes the result of a broadcast: whether somebody did not answer, and the answers.
fn settle(packet: Frame, change: fn(&mut Value, &mut Vec<Value>)) -> Vec<Frame> {
    edit_data(packet, |packet, data| match data.as_array_mut().map(Vec::as_mut_slice) {
        Some([error @ Value::Bool(_), Value::Array(answers)]) if packet.is_ack() => {
            change(error, answers);
            true
        }
        _ => false,
    })
}

/// The arguments of a report.
pub(super) fn reported<'a>(data: &'a mut Value, names: &[&str]) -> Option<&'a mut Value> {
    arguments(data, names)?.first_mut()
}
