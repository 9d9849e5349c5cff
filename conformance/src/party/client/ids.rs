//! The ids of acknowledgements: a client chooses its own, which may differ from those in a trace.

use std::collections::BTreeMap;
use std::ops::Range;

/// The client's id for each id of the trace.
#[derive(Debug, Default)]
pub(super) struct Ids(BTreeMap<(String, String), String>);

impl Ids {
    /// The client's packet with its id replaced by that of the trace; remembers the pair.
    pub(super) fn of_trace(&mut self, actual: &str, expected: &str) -> String {
        let (Some(own), Some(written)) = (id(actual, EVENTS), id(expected, EVENTS)) else { return actual.to_owned() };
        if own.is_empty() || written.is_empty() {
            return actual.to_owned();
        }
        let namespace = namespace(actual, &own);
        self.0.insert((namespace, expected[written.clone()].to_owned()), actual[own.clone()].to_owned());
        format!("{}{}{}", &actual[..own.start], &expected[written], &actual[own.end..])
    }

    /// The server's packet with the id of the trace replaced by the client's.
    pub(super) fn of_client(&self, packet: &str) -> String {
        let Some(written) = id(packet, ACKS) else { return packet.to_owned() };
        let namespace = namespace(packet, &written);
        match self.0.get(&(namespace, packet[written.clone()].to_owned())) {
            Some(own) => format!("{}{own}{}", &packet[..written.start], &packet[written.end..]),
            None => packet.to_owned(),
        }
    }
}

const EVENTS: [&str; 2] = ["42", "45"];
const ACKS: [&str; 2] = ["43", "46"];

/// The position of the id in a packet, perhaps empty; `None` if packets of its type have none.
fn id(packet: &str, types: [&str; 2]) -> Option<Range<usize>> {
    if !types.iter().any(|start| packet.starts_with(start)) {
        return None;
    }
    let end = packet.find('[').unwrap_or(packet.len());
    let head = packet.get(..end)?;
    let start = head.rfind(',').or_else(|| head.rfind('-')).map_or(2, |before| before + 1);
    Some(start..end)
}

/// The namespace of a packet, with the comma after it; empty for the main one.
fn namespace(packet: &str, id: &Range<usize>) -> String {
    let head = &packet[..id.start];
    head.find('/').map_or(String::new(), |start| head[start..].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_ids_stand_for_those_of_the_trace() {
        let mut ids = Ids::default();
        assert_eq!(ids.of_trace(r#"420["a",1]"#, r#"4212["a",1]"#), r#"4212["a",1]"#);
        assert_eq!(ids.of_trace(r#"451-/a-b,0["a"]"#, r#"451-/a-b,7["a"]"#), r#"451-/a-b,7["a"]"#);
        assert_eq!(ids.of_trace(r#"42["a",0]"#, r#"427["a"]"#), r#"42["a",0]"#);
        assert_eq!(ids.of_client("4312[]"), "430[]");
        assert_eq!(ids.of_client("461-/a-b,7[]"), "461-/a-b,0[]");
        assert_eq!(ids.of_client("437[]"), "437[]");
        assert_eq!(ids.of_client("4212[]"), "4212[]");
    }
}
