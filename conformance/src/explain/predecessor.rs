//! Frames of Socket.IO 0.9, which had no Engine.IO below it.
//!
//! A frame is `type:id:endpoint`, with `:data` or not. Its first digit is the type of another packet in Engine.IO, so that
//! a receiver of today takes it for something that it is not.

use crate::replay::visible;

/// The types in the order of their digits.
const TYPES: [&str; 9] =
    ["disconnect", "connect", "heartbeat", "message", "JSON message", "event", "ack", "error", "noop"];

/// What a text says in Socket.IO 0.9, if it has that form.
pub(super) fn hint(text: &str) -> Option<String> {
    let mut parts = text.splitn(4, ':');
    let (kind, id, endpoint, data) = (parts.next()?, parts.next()?, parts.next()?, parts.next());
    let kind = one_digit(kind).and_then(|digit| TYPES.get(digit))?;
    let is_id = id.strip_suffix('+').unwrap_or(id).bytes().all(|byte| byte.is_ascii_digit());
    let is_endpoint = endpoint.is_empty() || endpoint.starts_with('/');
    // The id of the acknowledged message stands in the data.
    let is_ack_data = || data.is_none() && *kind == "ack";
    if !is_id || !(is_endpoint || is_ack_data()) {
        return None;
    }
    let mut hint = (*kind).to_owned();
    for (name, part) in [("id", id), ("endpoint", endpoint), ("data", data.unwrap_or_default())] {
        if !part.is_empty() {
            hint.push_str(&format!(", {name} {}", visible(part)));
        }
    }
    Some(hint)
}

fn one_digit(text: &str) -> Option<usize> {
    if text.len() == 1 { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_the_predecessor_are_recognised() {
        assert_eq!(hint(r#"5:::{"name":"x"}"#).as_deref(), Some(r#"event, data {"name":"x"}"#));
        assert_eq!(hint("1::").as_deref(), Some("connect"));
        assert_eq!(hint("1::/chat").as_deref(), Some("connect, endpoint /chat"));
        assert_eq!(hint("3:1+:/chat:a:b").as_deref(), Some("message, id 1+, endpoint /chat, data a:b"));
        assert_eq!(hint("6:::x").as_deref(), Some("ack, data x"));
        assert_eq!(hint("2::").as_deref(), Some("heartbeat"));
    }

    #[test]
    fn packets_of_today_are_not() {
        for packet in
            ["2", "2probe", r#"42["a:b","c:d"]"#, "9::", "4a:b:c", "3:x::", "1:2", "12::", "0{\"a\":{\"b\":1}}"]
        {
            assert_eq!(hint(packet), None, "{packet}");
        }
    }
}
