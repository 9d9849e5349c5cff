//! Defects of polling.

use std::time::Duration;

use bytes::Bytes;
use sio_codec::Frame;
use sio_codec::engineio::client::{Input, Transmit};

use super::super::mutant::Mutant;
use super::{is_poll, is_post};
use crate::mutants::framing::base64;
use crate::mutants::payload::{text_of, to_text};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("error-status-is-ignored", &["EIO4-ERR-16"], "A GET that is refused is repeated.").on_input(
        |past, mut input| {
            if let Input::Response { id, status, body, .. } = &mut input
                && past.get == Some(*id)
                && past.sessions > 0
                && *status != 200
            {
                (*status, *body) = (200, Bytes::from_static(b"6"));
            }
            vec![input]
        },
    ),
    Mutant::new("polls-after-ten-seconds", &["EIO4-GET-08"], "The next GET is sent after ten seconds.").on_output(
        |past, transmit| {
            if is_poll(&transmit) {
                past.delay(Duration::from_secs(10), transmit);
                return Vec::new();
            }
            vec![transmit]
        },
    ),
    Mutant::new("polls-once", &["EIO4-GET-08"], "Only one GET follows the handshake.")
        .on_output(|past, transmit| if is_poll(&transmit) && !past.first() { Vec::new() } else { vec![transmit] }),
    Mutant::new("polls-twice", &["EIO4-GET-05"], "Two GETs are in flight.").on_output(
        |past, transmit| match &transmit {
            Transmit::Request { query, body: None, .. } if is_poll(&transmit) => {
                let second = Transmit::Request { id: past.forge(), query: query.clone(), body: None };
                vec![second, transmit]
            }
            _ => vec![transmit],
        },
    ),
    Mutant::new("posts-do-not-wait", &["EIO4-POST-03"], "A POST is sent while another one is in flight.").on_output(
        |past, transmit| {
            if let Transmit::Request { id, body: Some(_), .. } = &transmit {
                past.accept(*id);
            }
            vec![transmit]
        },
    ),
    Mutant::new("posts-come-twice", &["EIO4-POST-03", "SIO5-EVT-01"], "Every POST is sent twice.").on_output(
        |past, transmit| match &transmit {
            Transmit::Request { query, body: Some(body), .. } => {
                let again = Transmit::Request { id: past.forge(), query: query.clone(), body: Some(body.clone()) };
                vec![transmit, again]
            }
            _ => vec![transmit],
        },
    ),
    Mutant::new("receipt-must-be-ok", &["EIO4-POST-06"], "A POST whose answer is not `ok` has failed.").on_input(
        |past, input| match &input {
            Input::Response { id, body, .. } if past.post == Some(*id) && body != "ok" => {
                vec![Input::Failed { id: *id }]
            }
            _ => vec![input],
        },
    ),
    Mutant::new("refused-post-is-ignored", &["EIO4-POST-12"], "The session goes on after a POST was refused.")
        .on_input(|past, mut input| {
            if let Input::Response { id, status, .. } = &mut input
                && past.post == Some(*id)
            {
                *status = 200;
            }
            vec![input]
        }),
    Mutant::new("lost-post-is-ignored", &["EIO4-POST-12"], "The session goes on after the connection of a POST broke.")
        .on_input(|past, input| match &input {
            Input::Failed { id } if past.post == Some(*id) => {
                past.accept(*id);
                Vec::new()
            }
            _ => vec![input],
        }),
    Mutant::new("refused-post-is-repeated", &["EIO4-POST-12"], "A POST that was refused is sent again.")
        .on_output(|past, transmit| {
            if is_post(&transmit) {
                past.last_post = Some(transmit.clone());
            }
            vec![transmit]
        })
        .on_input(|past, input| match &input {
            Input::Response { id, status: 400.., .. } if past.post == Some(*id) => {
                past.ready.extend(past.last_post.clone());
                Vec::new()
            }
            _ => vec![input],
        }),
    Mutant::new("only-the-first-packet-is-read", &["EIO4-PLD-03", "SIO5-EVT-01"], "Of an answer, one packet is read.")
        .on_answer(|_, mut packets| {
            packets.truncate(1);
            packets
        }),
    Mutant::new(
        "answers-are-read-backwards",
        &["EIO4-PLD-03", "SIO5-EVT-01"],
        "The last packet of an answer is read first.",
    )
    .on_answer(|_, mut packets| {
        packets.reverse();
        packets
    }),
    Mutant::new(
        "bodies-are-written-backwards",
        &["SIO5-EVT-01", "EIO4-PLD-01"],
        "The last packet of a POST comes first.",
    )
    .on_body(|_, mut packets| {
        packets.reverse();
        packets
    }),
    Mutant::new(
        "bodies-lose-the-last-packet",
        &["EIO4-POST-03", "EIO4-PLD-01"],
        "The last of several packets is not sent.",
    )
    .on_body(|_, mut packets| {
        if packets.len() > 1 {
            packets.pop();
        }
        packets
    }),
    Mutant::new("base64-of-another-alphabet", &["EIO4-PKT-08", "EIO4-PLD-02"], "Base64 has `-` and `_`.")
        .on_body(|_, packets| rewrite(packets, |text| text.replace('+', "-").replace('/', "_"))),
    Mutant::new("base64-without-padding", &["EIO4-PKT-08"], "Base64 has no padding.")
        .on_body(|_, packets| rewrite(packets, |text| text.trim_end_matches('=').to_owned())),
    Mutant::new("binary-is-a-text-in-a-post", &["EIO4-PKT-12", "EIO4-PLD-02"], "A binary message in a POST is a text.")
        .on_body(|_, packets| rewrite(packets, |text| text.replacen('b', "4", 1))),
    Mutant::new("empty-text-is-not-sent", &["EIO4-PKT-04"], "An empty text message is not sent.")
        .on_sent(|_, packet| if text_of(&packet) == "4" { Vec::new() } else { vec![packet] }),
    Mutant::new("empty-text-is-not-received", &["EIO4-PKT-03"], "An empty text message is not received.")
        .on_received(|_, packet| if text_of(&packet) == "4" { Vec::new() } else { vec![packet] }),
];

/// Packets whose binary messages have another form.
fn rewrite(packets: Vec<Frame>, change: impl Fn(String) -> String) -> Vec<Frame> {
    let written = |packet: Frame| match &packet {
        Frame::Binary(bytes) => to_text(change(base64(bytes))),
        Frame::Text(_) => packet,
    };
    packets.into_iter().map(written).collect()
}
