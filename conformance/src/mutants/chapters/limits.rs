//! Defects of the limits on bodies and messages.

use bytes::Bytes;
use sio_codec::Frame;
use sio_codec::engineio::server::Input;
use sio_codec::engineio::{ContentType, server};

use super::super::mutant::Mutant;

pub(super) const ALL: &[Mutant] = &[
    Mutant::new(
        "exact-limit-is-too-much",
        &["EIO4-POST-09", "EIO4-WS-07"],
        "A body or message of exactly maxPayload bytes is refused.",
    )
    .with_settings(|settings| set_limit(&mut settings.engine, LIMIT - 1)),
    Mutant::new("limit-is-half", &["EIO4-POST-09", "EIO4-WS-07"], "The limit is half of what is announced.")
        .with_settings(|settings| set_limit(&mut settings.engine, LIMIT / 2)),
    Mutant::new("no-limit", &["EIO4-POST-10", "EIO4-WS-06", "EIO4-LIM-05"], "Bodies and messages are not limited.")
        .with_settings(|settings| set_limit(&mut settings.engine, LIMIT * 2)),
    Mutant::new("no-limit-on-websockets", &["EIO4-WS-06", "EIO4-LIM-05"], "Messages on a WebSocket are not limited.")
        .with_settings(|settings| set_limit(&mut settings.engine, LIMIT * 2))
        .on_input(|_, input| match input {
            Input::Body { id, body } if body.len() > LIMIT => vec![Input::BodyTooLarge { id }],
            input => vec![input],
        }),
    Mutant::new("no-limit-on-posts", &["EIO4-POST-10"], "Bodies are not limited.")
        .with_settings(|settings| set_limit(&mut settings.engine, LIMIT * 2))
        .on_input(|_, input| match input {
            Input::WsFrame { ws, frame } if frame.len() > LIMIT => {
                vec![Input::WsFrame { ws, frame: Frame::from(super::super::payload::UNDECODABLE) }]
            }
            input => vec![input],
        }),
    Mutant::new(
        "long-messages-are-ignored",
        &["EIO4-WS-06", "EIO4-LIM-05"],
        "A message on a WebSocket above the limit is dropped, and the session goes on.",
    )
    .with_settings(|settings| set_limit(&mut settings.engine, LIMIT * 2))
    .on_input(|_, input| match input {
        Input::WsFrame { frame, .. } if frame.len() > LIMIT => Vec::new(),
        Input::Body { id, body } if body.len() > LIMIT => vec![Input::BodyTooLarge { id }],
        input => vec![input],
    }),
    Mutant::new(
        "long-messages-are-cut",
        &["EIO4-WS-06", "EIO4-LIM-05"],
        "A binary message above the limit is cut to it.",
    )
    .with_settings(|settings| set_limit(&mut settings.engine, LIMIT * 2))
    .on_input(|_, input| match input {
        Input::WsFrame { ws, frame: Frame::Binary(bytes) } if bytes.len() > LIMIT => {
            vec![Input::WsFrame { ws, frame: Frame::Binary(bytes.slice(..LIMIT)) }]
        }
        Input::Body { id, body } if body.len() > LIMIT => vec![Input::BodyTooLarge { id }],
        input => vec![input],
    }),
    Mutant::new(
        "limit-counts-characters",
        &["EIO4-POST-11"],
        "The limit on a body counts characters instead of bytes.",
    )
    .with_settings(|settings| set_limit(&mut settings.engine, LIMIT * 4))
    .on_input(|_, input| match input {
        Input::Body { id, body } if String::from_utf8_lossy(&body).chars().count() > LIMIT => {
            vec![Input::BodyTooLarge { id }]
        }
        input => vec![input],
    }),
    Mutant::new("long-post-is-400", &["EIO4-POST-10"], "A body above the limit is refused with the status 400.")
        .on_answer(|response| {
            if response.status == 413 {
                response.status = 400;
            }
        }),
    Mutant::new("long-post-is-ok", &["EIO4-POST-10"], "A body above the limit is answered with ok, and dropped.")
        .on_answer(|response| {
            if response.status == 413 {
                response.status = 200;
                response.content_type = ContentType::Ok;
                response.body = Bytes::from_static(b"ok");
            }
        }),
    Mutant::new(
        "long-post-is-not-answered",
        &["EIO4-LIM-04", "EIO4-POST-10"],
        "A POST with a body above the limit is not answered.",
    )
    .on_input(|_, input| match input {
        Input::BodyTooLarge { .. } => Vec::new(),
        input => vec![input],
    }),
];

/// The limit that the contract announces, in bytes.
const LIMIT: usize = 1_000_000;

fn set_limit(config: &mut server::Config, bytes: usize) {
    let limits = config.limits.as_ref().clone();
    config.limits = limits.with_max_payload(bytes).into();
}
