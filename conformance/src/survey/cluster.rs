//! Finds out what clients can have a server do with its cluster.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;

use super::session::{Packet, Session};
use crate::party::network::Target;
use crate::trace::{Operation, Transport};

/// How long the answers may take on a link without delay. A server that does not have an operation says so at once.
const PATIENCE: Duration = Duration::from_millis(1500);

/// The operations that a server has. Each is tried on a room where nobody is. An operation that is not answered in time, or
/// with another error than that it is unknown, is there, and may have a defect.
///
/// A server that answers none of them has none.
pub async fn operations(target: &Target, transport: Transport, round_trip: Duration) -> BTreeSet<Operation> {
    let patience = PATIENCE + 4 * round_trip;
    let Ok(mut session) = Session::open(target.apart(), transport, patience).await else { return BTreeSet::new() };
    session.send("40");
    let until = Instant::now() + patience;
    let mut missing: BTreeSet<Operation> = BTreeSet::new();
    let mut answered: BTreeSet<Operation> = BTreeSet::new();
    while let Some(Packet::Text(text)) = session.next(until).await {
        if text.starts_with("40") {
            (0..).zip(Operation::ALL).for_each(|(id, operation)| session.send(question(id, *operation)));
        } else if text.starts_with("44") {
            return BTreeSet::new();
        } else if let Some((operation, error)) = answer(&text) {
            answered.insert(operation);
            if error.is_some_and(|error| error.contains("unknown operation")) {
                missing.insert(operation);
            }
            if answered.len() == Operation::ALL.len() {
                break;
            }
        }
    }
    if answered.is_empty() {
        return answered;
    }
    Operation::ALL.iter().copied().filter(|operation| !missing.contains(operation)).collect()
}

/// Asks for an operation that changes nothing.
fn question(id: usize, operation: Operation) -> String {
    let whom = r#""to":["siospec: nobody"],"except":[],"rooms":[]"#;
    let what = r#""event":"nothing","args":[],"timeout":100,"close":false,"data":null"#;
    format!(r#"42{id}["cluster",{{"op":"{}",{whom},{what}}}]"#, operation.as_str())
}

/// The operation that was answered, and the error, if there is one.
fn answer(text: &str) -> Option<(Operation, Option<String>)> {
    let (id, arguments) = text.strip_prefix("43")?.split_at_checked(text.find('[')?.checked_sub(2)?)?;
    let operation = Operation::ALL.get(id.parse::<usize>().ok()?)?;
    let arguments: Vec<serde_json::Value> = serde_json::from_str(arguments).ok()?;
    Some((*operation, arguments.first().and_then(serde_json::Value::as_str).map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_by_their_ids() {
        assert_eq!(answer("430[null,true]"), Some((Operation::Join, None)));
        let unknown = Some("unknown operation emit".to_owned());
        assert_eq!(answer(r#"433["unknown operation emit",null]"#), Some((Operation::Emit, unknown)));
        for text in ["43", "43[]", "4399[null]", "430", r#"42["auth",{}]"#, "430[", "4"] {
            assert_eq!(answer(text), None, "{text}");
        }
    }
}
