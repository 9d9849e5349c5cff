//! Defects of JSONP, in both revisions.

use bytes::Bytes;
use sio_codec::engineio::server::{Input, Transmit};
use sio_codec::engineio::{ContentType, HttpError, Response, jsonp};

use super::super::mutant::Mutant;
use super::super::payload::unless;

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("jsonp-is-ignored", BOTH, "The parameter j has no effect.").on_request(|request| {
        request.remove("j");
        Ok(())
    }),
    Mutant::new("jsonp-index-must-be-digits", &["EIO4-JSONP-02"], "A parameter j with other characters is refused.")
        .on_request(|request| {
            let is_odd = request.parameter("j").is_some_and(|j| !j.bytes().all(|byte| byte.is_ascii_digit()));
            if is_odd { Err(HttpError::Mismatch) } else { Ok(()) }
        }),
    Mutant::new("jsonp-index-is-zero", BOTH, "Every script calls the callback 0.").on_answer(|response| {
        change_script(response, |script| Some(format!("___eio[0]{}", script.split_once(']')?.1)));
    }),
    Mutant::new("jsonp-separators-as-they-are", &["EIO4-JSONP-02"], "U+2028 and U+2029 are not escaped.").on_answer(
        |response| {
            change_script(response, |script| {
                Some(script.replace("\\u2028", "\u{2028}").replace("\\u2029", "\u{2029}"))
            });
        },
    ),
    Mutant::new("jsonp-quotes-as-they-are", &["EIO4-JSONP-02", "EIO4-JSONP-01"], "Quotes in a script are not escaped.")
        .on_answer(|response| change_script(response, |script| Some(script.replace("\\\"", "\"")))),
    Mutant::new("jsonp-without-a-call", BOTH, "A GET is answered with the payload without the call.").on_output(
        |past, mut output| {
            if let Transmit::Respond { response, .. } = &mut output
                && !past.first()
            {
                change_script(response, |script| Some(jsonp::unwrap(script).ok()?.1));
            }
            vec![output]
        },
    ),
    Mutant::new("jsonp-is-json", &["EIO4-JSONP-01"], "A script is labelled application/json.").on_answer(|response| {
        if response.body.starts_with(b"___eio") {
            response.content_type = ContentType::Json;
        }
    }),
    Mutant::new("jsonp-form-is-a-payload", BOTH, "The form of a POST is read as a payload, so that nothing arrives.")
        .on_input(|past, input| match input {
            Input::Body { id, body } if past.is_scripted && !body.is_empty() => {
                vec![Input::Body { id, body: Bytes::from_static(b"e=") }]
            }
            input => vec![input],
        }),
    Mutant::new("jsonp-newlines-stay-escaped", BOTH, "A newline in a form stays a backslash and an n.").on_input(
        |past, input| match input {
            Input::Body { id, body } if past.is_scripted => {
                let form = String::from_utf8_lossy(&body).replace("%5Cn", "%5C%5Cn").replace("\\n", "\\\\n");
                vec![Input::Body { id, body: form.into() }]
            }
            input => vec![input],
        },
    ),
    Mutant::new("jsonp-escapes-are-not-decoded", BOTH, "The escapes of a form are not decoded.").on_input(
        |past, input| match input {
            Input::Body { id, body } if past.is_scripted => {
                vec![Input::Body { id, body: String::from_utf8_lossy(&body).replace('%', "%25").into() }]
            }
            input => vec![input],
        },
    ),
    Mutant::new("jsonp-without-payload-closes", &["EIO4-JSONP-01"], "A form without the field d ends the session.")
        .on_input(|past, input| {
            if let Input::Body { body, .. } = &input
                && past.is_scripted
                && jsonp::decode_form(body).is_none()
            {
                past.end();
            }
            vec![input]
        }),
    Mutant::new("jsonp-bytes-are-lost", &["EIO3-JSONP-02", "EIO4-JSONP-01"], "Bytes are not sent in scripts.").on_sent(
        |past, packet| match packet {
            sio_codec::Frame::Binary(_) if past.is_scripted => Vec::new(),
            packet => unless(packet, |text| past.is_scripted && text.starts_with('b')),
        },
    ),
];

const BOTH: &[&str] = &["EIO4-JSONP-01", "EIO3-JSONP-01"];

fn change_script(response: &mut Response, change: impl FnOnce(&str) -> Option<String>) {
    let script = std::str::from_utf8(&response.body).ok().filter(|body| body.starts_with("___eio["));
    if let Some(changed) = script.and_then(change) {
        response.body = changed.into();
    }
}
