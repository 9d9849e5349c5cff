//! Defects of GETs and POSTs.

use bytes::Bytes;
use sio_codec::engineio::server::{Input, Transmit};
use sio_codec::engineio::{ContentType, HttpError, Revision};

use super::super::framing::Framing;
use super::super::mutant::Mutant;
use super::super::past::{Cause, Past};
use super::super::payload::{text_of, to_text};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("get-in-reverse", &["EIO4-GET-02"], "The packets in the answer to a GET are in reverse order.")
        .on_payload(|_, packets| packets.into_iter().rev().collect()),
    Mutant::new("get-carries-the-first", &["EIO4-GET-02"], "Of the packets for one GET only the first is sent.")
        .on_payload(|_, packets| packets.into_iter().take(1).collect()),
    Mutant::new(
        "get-carries-the-last",
        &["EIO4-GET-02", "EIO4-GET-10"],
        "Of the packets for one GET only the last is sent.",
    )
    .on_payload(|_, packets| packets.into_iter().last().into_iter().collect()),
    Mutant::new("get-repeats", &["EIO4-GET-11"], "The messages of a GET come again with the next.").on_payload(
        |past, packets| {
            let is_message = |packet: &&_| text_of(packet).starts_with('4');
            let again = packets.iter().filter(is_message).cloned().collect();
            std::mem::replace(&mut past.kept, again).into_iter().chain(packets).collect()
        },
    ),
    Mutant::new("nothing-is-kept-between-gets", &["EIO4-GET-10"], "A message that finds no GET is lost.").on_payload(
        |past, packets| {
            let is_lost = past.cause == Cause::Poll;
            packets.into_iter().filter(|packet| !is_lost || !text_of(packet).starts_with('4')).collect()
        },
    ),
    Mutant::new(
        "one-message-is-kept-between-gets",
        &["EIO4-GET-02", "EIO4-GET-10"],
        "Of the messages that find no GET only the first is kept.",
    )
    .on_payload(
        |past, packets| if past.cause == Cause::Poll { packets.into_iter().take(1).collect() } else { packets },
    ),
    Mutant::new("get-labelled-as-bytes", &["EIO4-GET-03"], "The answer to a GET is labelled application/octet-stream.")
        .on_answer(|response| {
            if response.content_type == ContentType::Payload {
                response.content_type = ContentType::BinaryPayload;
            }
        }),
    Mutant::new("get-labelled-as-html", &["EIO4-GET-03"], "The answer to a GET is labelled text/html.").on_answer(
        |response| {
            if response.content_type == ContentType::Payload {
                response.content_type = ContentType::Ok;
            }
        },
    ),
    Mutant::new("answers-can-be-cached", &["EIO4-GET-04"], "The answer to a GET does not forbid caching.").on_answer(
        |response| {
            if response.content_type == ContentType::Payload {
                response.content_type = ContentType::Words;
            }
        },
    ),
    Mutant::new("second-get-waits", &["EIO4-GET-06"], "A second GET waits until the first is answered.")
        .on_input(|past, input| match input {
            Input::Poll { id, .. } if past.parked.is_some() => {
                past.held = Some(id);
                Vec::new()
            }
            input => vec![input],
        })
        .on_output(|past, output| {
            if matches!(&output, Transmit::Respond { id, .. } if past.parked == Some(*id))
                && let Some(id) = past.held.take()
            {
                past.park_again(id);
            }
            vec![output]
        }),
    Mutant::new(
        "second-get-is-empty",
        &["EIO4-GET-06"],
        "A second GET is answered with a noop, and the session goes on.",
    )
    .on_input(|past, input| match input {
        Input::Poll { id, .. } if past.parked.is_some() => {
            past.respond(id, &[to_text("6")]);
            Vec::new()
        }
        input => vec![input],
    }),
    Mutant::new(
        "second-get-forgets-the-first",
        &["EIO4-GET-07"],
        "When a second GET ends the session, the first is never answered.",
    )
    .on_input(|past, input| {
        if matches!(input, Input::Poll { .. }) {
            past.held = past.parked;
        }
        vec![input]
    })
    .on_output(|past, output| {
        let is_first = matches!(&output, Transmit::Respond { id, .. } if past.held == Some(*id));
        if is_first { Vec::new() } else { vec![output] }
    }),
    // The session still knows the GET: its answer goes to the next one.
    Mutant::new("dropped-get-is-not-noticed", &["EIO4-GET-09"], "A client that drops its GET keeps its session.")
        .on_input(|past, input| match input {
            Input::Aborted { id } if past.parked == Some(id) => {
                past.tally = ENDED;
                Vec::new()
            }
            input => answer_with_the_last(past, input),
        })
        .on_output(keep_for_the_next),
    Mutant::new("post-answered-with-nothing", &["EIO4-POST-01"], "The answer to a POST has no body.").on_answer(
        |response| {
            if response.content_type == ContentType::Ok {
                response.body = Bytes::new();
            }
        },
    ),
    Mutant::new("post-answered-with-a-line", &["EIO4-POST-01"], "The answer to a POST ends with a line feed.")
        .on_answer(|response| {
            if response.content_type == ContentType::Ok {
                response.body = Bytes::from_static(b"ok\n");
            }
        }),
    Mutant::new("post-answered-with-201", &["EIO4-POST-01"], "The answer to a POST has the status 201.").on_answer(
        |response| {
            if response.content_type == ContentType::Ok {
                response.status = 201;
            }
        },
    ),
    Mutant::new(
        "post-in-reverse",
        &["EIO4-POST-02", "EIO4-PLD-03"],
        "The packets of a POST are processed in reverse order.",
    )
    .on_body(|_, packets| packets.into_iter().rev().collect()),
    Mutant::new(
        "post-loses-the-last",
        &["EIO4-POST-02", "EIO4-PLD-03"],
        "The last of several packets in a POST is lost.",
    )
    .on_body(|_, mut packets| {
        if packets.len() > 1 {
            packets.pop();
        }
        packets
    }),
    Mutant::new(
        "post-of-at-most-16-packets",
        &["EIO4-POST-02", "EIO4-PLD-03"],
        "Only the first 16 packets of a POST are processed.",
    )
    .on_body(|_, packets| packets.into_iter().take(16).collect()),
    Mutant::new(
        "post-of-at-most-128-packets",
        &["EIO4-POST-02", "EIO4-PLD-03"],
        "Only the first 128 packets of a POST are processed.",
    )
    .on_body(|_, packets| packets.into_iter().take(128).collect()),
    Mutant::new(
        "second-post-spares-the-session",
        &["EIO4-POST-04"],
        "A second POST is refused, but the session goes on.",
    )
    .on_input(|past, input| match input {
        Input::Post { id, .. } if past.posting.is_some() => {
            past.refuse(id, HttpError::Overlap.response());
            Vec::new()
        }
        input => vec![input],
    }),
    Mutant::new(
        "second-post-is-dropped",
        &["EIO4-POST-04"],
        "A second POST is answered with ok, and its packets are lost.",
    )
    .on_input(|past, input| match input {
        Input::Post { id, .. } if past.posting.is_some() => {
            past.accept(id);
            Vec::new()
        }
        input => vec![input],
    }),
    Mutant::new(
        "post-needs-plain-text",
        &["EIO4-POST-07"],
        "A POST with another Content-Type than text/plain is refused.",
    )
    .on_request(|request| {
        let is_other = request.content_type.as_ref().is_some_and(|value| !value.starts_with("text/plain"));
        if request.has_sid() && request.method == "POST" && is_other { Err(HttpError::Mismatch) } else { Ok(()) }
    }),
    // The session does not know that the GET was answered: its answer goes to the next one.
    Mutant::new("post-ends-the-get", &["EIO4-POST-13", "EIO4-GET-01"], "A POST ends a pending GET with a noop.")
        .on_input(answer_with_the_last)
        .on_output(keep_for_the_next)
        .on_idle(|past| {
            if let (Cause::Body, 0, Some(id)) = (past.cause, past.tally, past.parked) {
                past.tally = ENDED;
                past.respond(id, &[to_text("6")]);
            }
        }),
    Mutant::new("get-is-not-held", &["EIO4-GET-01"], "A GET that finds nothing is answered with a noop.").on_input(
        |past, input| match input {
            Input::Poll { id, revision }
                if past.tally == 0 && past.kept.is_empty() && revision == Some(Revision::V4) =>
            {
                past.tally = 1;
                past.respond(id, &[to_text("6")]);
                Vec::new()
            }
            Input::Poll { .. } => {
                past.tally = 0;
                vec![input]
            }
            input => vec![input],
        },
    ),
];

/// For the tally: the pending GET is over, and the session does not know it.
const ENDED: u32 = 1;

/// A GET after one that is over, as the session does not know: it gets the answer of that one.
fn answer_with_the_last(past: &mut Past, input: Input) -> Vec<Input> {
    match input {
        Input::Poll { id, .. } if past.tally == ENDED => {
            past.held = Some(id);
            Vec::new()
        }
        Input::Poll { id, .. } if !past.kept.is_empty() => {
            let packets = std::mem::take(&mut past.kept);
            past.respond(id, &packets);
            Vec::new()
        }
        input => vec![input],
    }
}

fn keep_for_the_next(past: &mut Past, output: Transmit) -> Vec<Transmit> {
    match output {
        Transmit::Respond { id, response } if past.tally == ENDED && past.parked == Some(id) => {
            past.tally = 0;
            past.parked = None;
            match past.held.take() {
                Some(id) => vec![Transmit::Respond { id, response }],
                None => {
                    past.kept = Framing::V4.split(&response.body).unwrap_or_default();
                    Vec::new()
                }
            }
        }
        output => vec![output],
    }
}
