//! Reads a server's refusal of a session.

use super::command::Answer;
use super::excerpt::{lossy, shorten};

/// Checks that an answer says that a sid is unknown; the error describes what is wrong.
pub(super) fn unknown(answer: &Answer) -> Result<(), String> {
    if !(400..500).contains(&answer.status) {
        return Err(format!("the session is alive: its sid is answered {}", answer.status));
    }
    match code(answer) {
        Code::UnknownSid | Code::None => Ok(()),
        Code::Other => Err(format!("the session is alive: its sid is answered {}", shorten(&lossy(&answer.body)))),
    }
}

/// Whether two answers are alike: the same status and body, or both with an open packet.
pub(super) fn is_alike(one: &Answer, other: &Answer) -> bool {
    let opens = |answer: &Answer| answer.body.starts_with(b"0{");
    one.status == other.status && (one.body == other.body || (opens(one) && opens(other)))
}

/// Whether an answer says that a sid is unknown.
pub(super) fn says_unknown(answer: &Answer) -> bool {
    (400..500).contains(&answer.status) && code(answer) == Code::UnknownSid
}

/// The error code in the body of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Code {
    None,
    /// Code 1, as a number or as a string.
    UnknownSid,
    Other,
}

fn code(answer: &Answer) -> Code {
    let body: Option<serde_json::Value> = serde_json::from_slice(&answer.body).ok();
    match body.as_ref().and_then(|body| body.get("code")) {
        None => Code::None,
        Some(code) if code.as_i64() == Some(1) || code.as_str() == Some("1") => Code::UnknownSid,
        Some(_) => Code::Other,
    }
}
