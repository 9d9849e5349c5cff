//! Reads what a handshake announces, and tolerates faults: finding them is the task of the cases, and the survey
//! continues in spite of them.

use std::time::Duration;

use serde_json::Value;

use crate::replay::Answer;

/// An open packet, and the cookies that were set with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Open {
    /// The session's id.
    pub(super) sid: Option<String>,
    /// The transports that a polling session may move to.
    pub(super) upgrades: Vec<String>,
    /// Milliseconds between two pings.
    pub(super) interval: Option<u64>,
    /// The longest time until a pong, in milliseconds.
    pub(super) timeout: Option<u64>,
    /// The largest size of a payload, in bytes.
    pub(super) max_payload: Option<u64>,
    /// Keys that are missing or have invalid values.
    pub(super) faults: Vec<&'static str>,
    /// `name=value` of each cookie.
    pub(super) cookies: Vec<String>,
}

/// The revision of Engine.IO of an open packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Revision {
    /// 3: each packet of a payload has its length before it.
    Three,
    /// 4.
    Four,
}

impl Open {
    /// Reads the answer to a polling handshake; `None` if it has no open packet of revision 4.
    pub(super) fn read(answer: &Answer) -> Option<Self> {
        let body = String::from_utf8_lossy(&answer.body);
        if revision(&body) != Some(Revision::Four) {
            return None;
        }
        let cookies = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
        let cookies = cookies.filter_map(|(_, value)| value.split(';').next()).map(|pair| pair.trim().to_owned());
        Some(Self { cookies: cookies.collect(), ..Self::parse(&body)? })
    }

    /// Reads a packet.
    //= EIO4-HS-02
    pub(super) fn parse(packet: &str) -> Option<Self> {
        let json = packet.get(packet.find("0{")? + 1..)?;
        let mut values = serde_json::Deserializer::from_str(json).into_iter::<Value>();
        let Some(Ok(Value::Object(open))) = values.next() else { return Some(Self::default()) };
        let upgrades = open.get("upgrades").and_then(Value::as_array);
        let upgrades = upgrades.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        let mut faults = Vec::new();
        let mut number = |key: &'static str| {
            let number = open.get(key).and_then(whole);
            if number.is_none() {
                faults.push(key);
            }
            number
        };
        let (interval, timeout) = (number("pingInterval"), number("pingTimeout"));
        // Servers from before 2022 announce no limit; that is not a fault.
        let max_payload = if open.contains_key("maxPayload") { number("maxPayload") } else { None };
        let sid = open.get("sid").and_then(Value::as_str).map(str::to_owned);
        if sid.is_none() {
            faults.push("sid");
        }
        Some(Self { sid, upgrades, interval, timeout, max_payload, faults, cookies: Vec::new() })
    }

    /// Whether a session without sign of life for `silence` may have timed out. A pong that is sent by then may still
    /// be too late.
    //= EIO4-HB-04
    pub(super) fn is_overdue(&self, silence: Duration) -> bool {
        let (Some(interval), Some(timeout)) = (self.interval, self.timeout) else { return false };
        silence > Duration::from_millis(interval.saturating_add(timeout / 2))
    }

    /// The session's id, encoded for a query.
    pub(super) fn sid_in_query(&self) -> String {
        form_urlencoded::byte_serialize(self.sid.as_deref().unwrap_or_default().as_bytes()).collect()
    }

    /// The names of the cookies.
    pub(super) fn cookie_names(&self) -> Vec<String> {
        let names = self.cookies.iter().filter_map(|cookie| cookie.split('=').next());
        names.map(str::to_owned).collect()
    }
}

/// The revision of the body of a handshake's answer, if it has an open packet.
//= EIO3-HS-04
pub(super) fn revision(body: &str) -> Option<Revision> {
    let begin = body.trim_start().find("0{")?;
    let head = body.trim_start().get(..begin)?;
    match head.strip_suffix(':') {
        Some(length) if !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit()) => Some(Revision::Three),
        // Binary framing of revision 3: a byte 0 for text, the digits of the length as bytes, 255.
        _ if head.starts_with('\0') => Some(Revision::Three),
        _ => body.contains("\"sid\"").then_some(Revision::Four),
    }
}

/// A non-negative number in any JSON notation, rounded.
fn whole(value: &Value) -> Option<u64> {
    if let Some(whole) = value.as_u64() {
        return Some(whole);
    }
    let number = value.as_f64().filter(|number| *number >= 0.0)?;
    // The conversion saturates.
    Some(number.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_are_told_apart_by_their_framing() {
        assert_eq!(revision(r#"0{"sid":"a"}"#), Some(Revision::Four));
        assert_eq!(revision(r#"97:0{"sid":"a"}2:40"#), Some(Revision::Three));
        assert_eq!(revision("\0\u{9}\u{7}\u{fffd}0{\"sid\":\"a\"}"), Some(Revision::Three));
        assert_eq!(revision("<html>10{</html>"), None);
        assert_eq!(revision("hello"), None);
    }

    //= EIO4-HS-02
    #[test]
    fn numbers_are_read_in_any_spelling_and_faults_are_named() {
        let open = Open::parse(r#"0{"sid":"x","upgrades":["websocket"],"pingInterval":25000.0,"pingTimeout":2e4}"#);
        let open = open.unwrap_or_default();
        assert_eq!((open.interval, open.timeout, open.max_payload), (Some(25000), Some(20000), None));
        assert!(open.faults.is_empty(), "{open:?}");
        let open = Open::parse(r#"0{"sid":"x","upgrades":"no","pingInterval":"300","maxPayload":-1}"#);
        let open = open.unwrap_or_default();
        assert_eq!(open.faults, ["pingInterval", "pingTimeout", "maxPayload"]);
        assert!(open.upgrades.is_empty());
    }
}
