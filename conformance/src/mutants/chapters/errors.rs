//! Defects of refusals.

use bytes::Bytes;
use sio_codec::engineio::{ContentType, HttpError, Response};

use super::super::mutant::Mutant;
use super::super::request::Request;

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("error-labelled-as-text", &["EIO4-ERR-07"], "The JSON of a refusal is labelled text/html.").on_answer(
        |response| {
            if response.content_type == ContentType::Json {
                response.content_type = ContentType::Words;
            }
        },
    ),
    Mutant::new("error-without-body", &CODES, "A refusal has no body.").on_answer(|response| {
        if response.content_type == ContentType::Json {
            response.body = Bytes::new();
        }
    }),
    Mutant::new("error-code-is-a-string", &CODES, "The code of a refusal is a string.")
        .on_answer(|response| replace(response, r#""code":"#, r#""code":"E"#, Some((r#","message"#, r#"","message"#)))),
    Mutant::new("error-without-message", &CODES, "A refusal has a code without a message.").on_answer(|response| {
        if response.content_type == ContentType::Json {
            let end = response.body.iter().position(|byte| *byte == b',').unwrap_or(0);
            response.body = [&response.body[..end], b"}"].concat().into();
        }
    }),
    Mutant::new("error-codes-off-by-one", &CODES, "The code of a refusal is one too large.").on_answer(|response| {
        for code in (0..6).rev() {
            replace(response, &format!(r#""code":{code},"#), &format!(r#""code":{},"#, code + 1), None);
        }
    }),
    Mutant::new(
        "error-with-status-200",
        &["EIO4-ERR-01", "EIO4-ERR-02", "EIO4-ERR-03", "EIO4-ERR-06", "EIO4-ERR-08"],
        "A refusal has the status 200.",
    )
    .on_answer(|response| {
        if response.content_type == ContentType::Json {
            response.status = 200;
        }
    }),
    Mutant::new(
        "error-with-status-500",
        &["EIO4-ERR-01", "EIO4-ERR-02", "EIO4-ERR-03", "EIO4-ERR-06", "EIO4-ERR-08"],
        "A refusal has the status 500.",
    )
    .on_answer(|response| {
        if response.content_type == ContentType::Json {
            response.status = 500;
        }
    }),
    Mutant::new(
        "unknown-sid-is-404",
        &["EIO4-ERR-02", "EIO4-ERR-08"],
        "A request of an unknown session gets the status 404.",
    )
    .on_answer(|response| {
        if response.body.starts_with(br#"{"code":1,"#) {
            response.status = 404;
        }
    }),
    Mutant::new(
        "unknown-sid-is-a-bad-request",
        &["EIO4-ERR-02"],
        "A request of an unknown session is refused with the code 3.",
    )
    .on_answer(|response| {
        replace(response, r#"{"code":1,"message":"Session ID unknown"}"#, r#"{"code":3,"message":"Bad request"}"#, None)
    }),
    Mutant::new(
        "unknown-transport-is-a-bad-request",
        &["EIO4-ERR-01"],
        "An unknown transport is refused with the code 3.",
    )
    .on_answer(|response| {
        replace(response, r#"{"code":0,"message":"Transport unknown"}"#, r#"{"code":3,"message":"Bad request"}"#, None)
    }),
    Mutant::new(
        "bad-method-is-405",
        &["EIO4-ERR-03", "EIO4-HS-07"],
        "A handshake with another method gets the status 405.",
    )
    .on_answer(|response| {
        if response.body.starts_with(br#"{"code":2,"#) {
            response.status = 405;
        }
    }),
    Mutant::new(
        "bad-version-is-a-bad-request",
        &["EIO4-ERR-06", "EIO4-HS-08"],
        "A handshake with another EIO is refused with the code 3.",
    )
    .on_answer(|response| {
        replace(
            response,
            r#"{"code":5,"message":"Unsupported protocol version"}"#,
            r#"{"code":3,"message":"Bad request"}"#,
            None,
        )
    }),
    Mutant::new(
        "missing-upgrade-is-426",
        &["EIO4-ERR-04", "EIO4-HS-10"],
        "A plain GET for a WebSocket gets the status 426.",
    )
    .on_answer(|response| {
        if response.body.starts_with(br#"{"code":3,"#) {
            response.status = 426;
        }
    }),
    Mutant::new("method-before-transport", &["EIO4-ERR-09"], "The method is checked before the transport.")
        .on_request(|request| check(!request.has_sid() && request.method != "GET", HttpError::BadHandshakeMethod)),
    Mutant::new("version-before-method", &["EIO4-ERR-09"], "The version is checked before the method.").on_request(
        |request| {
            let is_served = matches!(request.parameter("transport"), Some("polling" | "websocket"));
            check(is_served && !request.has_sid() && is_foreign(request), HttpError::UnsupportedRevision)
        },
    ),
    Mutant::new("version-before-sid", &["EIO4-ERR-09"], "The version is checked before the sid.").on_request(
        |request| {
            let is_served = matches!(request.parameter("transport"), Some("polling" | "websocket"));
            check(is_served && request.has_sid() && is_foreign(request), HttpError::UnsupportedRevision)
        },
    ),
    Mutant::new("version-before-transport", &["EIO4-ERR-09"], "The version is checked before the transport.")
        .on_request(|request| check(!request.has_sid() && is_foreign(request), HttpError::UnsupportedRevision)),
    Mutant::new("version-of-a-session-is-ignored", &["EIO4-ERR-13", "EIO4-UP-21"], "A session is served with any EIO.")
        .on_request(|request| {
            if request.has_sid() {
                request.set("EIO", "4");
            }
            Ok(())
        }),
    Mutant::new(
        "version-of-a-get-is-ignored",
        &["EIO4-ERR-13"],
        "The GETs and POSTs of a session are served with any EIO.",
    )
    .on_request(|request| {
        if request.has_sid() && !request.wants_websocket {
            request.set("EIO", "4");
        }
        Ok(())
    }),
    Mutant::new("version-of-a-candidate-is-ignored", &["EIO4-UP-21"], "A candidate is accepted with any EIO.")
        .on_request(|request| {
            if request.has_sid() && request.wants_websocket {
                request.set("EIO", "4");
            }
            Ok(())
        }),
    Mutant::new(
        "plain-get-takes-the-queue",
        &["EIO4-ERR-04", "EIO4-ERR-14"],
        "A plain GET with transport=websocket is served like polling.",
    )
    .on_request(|request| {
        if request.has_sid() && !request.wants_websocket && request.parameter("transport") == Some("websocket") {
            request.set("transport", "polling");
        }
        Ok(())
    }),
    Mutant::new(
        "other-methods-poll",
        &["EIO4-ERR-15"],
        "A request of a session with another method is served as a GET.",
    )
    .on_request(|request| {
        if request.has_sid() && request.method != "POST" {
            "GET".clone_into(&mut request.method);
        }
        Ok(())
    }),
    Mutant::new(
        "other-methods-are-ok",
        &["EIO4-ERR-15"],
        "A request of a session with another method is answered with the status 200.",
    )
    .on_answer(|response| {
        if (response.status, response.content_type) == (400, ContentType::Empty) {
            response.status = 200;
        }
    }),
    Mutant::new("websocket-of-any-transport", &["EIO4-ERR-10"], "A WebSocket with an unknown transport is served.")
        .on_request(|request| {
            if request.wants_websocket && !matches!(request.parameter("transport"), Some("polling")) {
                request.set("transport", "websocket");
            }
            Ok(())
        }),
    Mutant::new("websocket-of-any-version", &["EIO4-ERR-11"], "A handshake on a WebSocket is served with any EIO.")
        .on_request(|request| {
            if request.wants_websocket && !request.has_sid() {
                request.set("EIO", "4");
            }
            Ok(())
        }),
    Mutant::new("websocket-of-polling", &["EIO4-WS-13"], "A WebSocket with transport=polling is served.").on_request(
        |request| {
            if request.wants_websocket && request.parameter("transport") == Some("polling") {
                request.set("transport", "websocket");
            }
            Ok(())
        },
    ),
];

/// The requirements of the codes that a plain request can cause.
const CODES: [&str; 5] = ["EIO4-ERR-01", "EIO4-ERR-02", "EIO4-ERR-03", "EIO4-ERR-04", "EIO4-ERR-06"];

const fn check(is_refused: bool, error: HttpError) -> Result<(), HttpError> {
    if is_refused { Err(error) } else { Ok(()) }
}

fn is_foreign(request: &Request) -> bool {
    request.parameter("EIO") != Some("4")
}

/// Replaces a part of a JSON body, and then another.
fn replace(response: &mut Response, from: &str, to: &str, then: Option<(&str, &str)>) {
    let Ok(body) = std::str::from_utf8(&response.body) else { return };
    if response.content_type == ContentType::Json && body.contains(from) {
        let body = body.replace(from, to);
        let (from, to) = then.unwrap_or_default();
        response.body = if from.is_empty() { body } else { body.replace(from, to) }.into();
    }
}
