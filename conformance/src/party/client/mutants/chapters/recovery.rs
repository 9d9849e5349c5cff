//! Defects of connection state recovery.

use serde_json::Value;

use super::super::mutant::Mutant;
use crate::mutants::payload::edit;
use crate::mutants::socketio::Packet;

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("recovery-is-not-asked-for", &["SIO5-CSR-07"], "The client does not ask for recovery.")
        .on_sent(|_, packet| edit(packet, |text| ask(text, |_| true))),
    Mutant::new("recovery-without-offset", &["SIO5-CSR-07"], "The client asks for recovery without an offset.")
        .on_sent(|_, packet| edit(packet, |text| ask(text, |key| key == "offset"))),
    Mutant::new("recovery-without-pid", &["SIO5-CSR-07"], "The client asks for recovery without its pid.")
        .on_sent(|_, packet| edit(packet, |text| ask(text, |key| key == "pid"))),
    Mutant::new("offset-of-the-first-event", &["SIO5-CSR-07"], "The client keeps the offset of the first event.")
        .on_sent(|past, packet| {
            edit(packet, |text| {
                let connect = Packet::read(text).filter(|it| it.kind == '0')?;
                let mut asked: Value = serde_json::from_str(connect.data).ok()?;
                asked["offset"] = past.noted.clone()?;
                Some(Packet { data: &asked.to_string(), ..connect }.write())
            })
        })
        .on_told(|past, event| {
            if let Some(offset) = event["args"].as_array().and_then(|args| args.last()) {
                past.noted.get_or_insert_with(|| offset.clone());
            }
            vec![event]
        }),
    Mutant::new("always-recovered", &["SIO5-CSR-07"], "Every new session is reported as recovered.").on_told(
        |past, mut event| {
            if event["event"] == "connect" && past.sessions > 1 {
                event["recovered"] = true.into();
            }
            vec![event]
        },
    ),
    Mutant::new("never-recovered", &["SIO5-CSR-07"], "A recovered session is reported as a new one.").on_told(
        |_, mut event| {
            if event["event"] == "connect"
                && let Some(members) = event.as_object_mut()
            {
                members.remove("recovered");
            }
            vec![event]
        },
    ),
];

/// A CONNECT without some keys of its payload.
fn ask(text: &str, is_dropped: impl Fn(&str) -> bool) -> Option<String> {
    let connect = Packet::read(text).filter(|it| it.kind == '0')?;
    let mut asked: Value = serde_json::from_str(connect.data).ok()?;
    asked.as_object_mut()?.retain(|key, _| !is_dropped(key));
    let data = if asked.as_object()?.is_empty() { String::new() } else { asked.to_string() };
    Some(Packet { data: &data, ..connect }.write())
}
