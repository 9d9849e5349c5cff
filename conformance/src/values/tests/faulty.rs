//! A contract application on WebSocket with a fault, which answers a replay without a network.

use bytes::Bytes;
use serde_json::{Value, json};
use sio_codec::{Machine as _, Output, Timestamp};

use crate::replay::{Command, Conditions, Happening, Id, Outcome, Replay, Seen};
use crate::trace::Trace;

/// Changes the arguments of an event and its attachments on their way through the application.
pub(super) type Fault = fn(&mut Value, &mut Vec<Vec<u8>>);

/// Plays a trace against it.
pub(super) fn play(trace: &Trace, fault: Fault) -> Outcome {
    let mut replay = Replay::judge(trace, Timestamp::ZERO, Conditions::default());
    let mut partial: Option<(String, Value, Vec<Vec<u8>>, usize)> = None;
    loop {
        let Some(output) = replay.poll_output() else {
            // Only the replay has a deadline, so the clock jumps to it.
            let next = replay.next_deadline().expect("a replay that is not over waits for something");
            replay.handle_timeout(next);
            continue;
        };
        let (id, seen) = match output {
            Output::Event(outcome) => return *outcome,
            Output::Transmit(command) => answer(command, &mut partial, fault),
        };
        seen.into_iter().for_each(|seen| replay.handle(Timestamp::ZERO, Happening { id, seen }));
    }
}

type Partial = Option<(String, Value, Vec<Vec<u8>>, usize)>;

fn answer(command: Command, partial: &mut Partial, fault: Fault) -> (Id, Vec<Seen>) {
    let open = json!({"sid": "x", "upgrades": [], "pingInterval": 300, "pingTimeout": 200, "maxPayload": 1_000_000});
    match command {
        Command::Open { id, .. } => (id, vec![Seen::Opened, Seen::Text(format!("0{open}"))]),
        Command::Text { id, text } if text == "40" => {
            (id, vec![Seen::Text("40{\"sid\":\"y\"}".to_owned()), Seen::Text("42[\"auth\",{}]".to_owned())])
        }
        Command::Text { id, text } => {
            let (head, json) = text.split_at(text.find('[').unwrap());
            let json: Value = serde_json::from_str(json).unwrap();
            let count = head.split_once('-').map_or(0, |(head, _)| head[2..].parse().unwrap());
            *partial = Some((head.to_owned(), json, Vec::new(), count));
            (id, complete(partial, fault))
        }
        Command::Binary { id, bytes } => {
            partial.as_mut().unwrap().2.push(bytes.to_vec());
            (id, complete(partial, fault))
        }
        other => panic!("no generated case does that on WebSocket: {other:?}"),
    }
}

fn complete(partial: &mut Partial, fault: Fault) -> Vec<Seen> {
    let Some((head, mut json, mut attachments, _)) = partial.take_if(|(.., all, count)| all.len() == *count) else {
        return Vec::new();
    };
    let name = json[0].take();
    fault(&mut json, &mut attachments);
    let text = if name == "message" {
        json[0] = "message-back".into();
        format!("{head}{json}")
    } else {
        json.as_array_mut().unwrap().remove(0);
        format!("{}{json}", head.replacen("42", "43", 1).replacen("45", "46", 1))
    };
    let attachments = attachments.into_iter().map(|bytes| Seen::Binary(Bytes::from(bytes)));
    std::iter::once(Seen::Text(text)).chain(attachments).collect()
}
