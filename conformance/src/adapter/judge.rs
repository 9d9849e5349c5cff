//! Compares an answer with what was recorded from the reference.

use sio_codec::socketio::Value;

use super::lines::{Answer, Format, Wire};
use super::own;
use super::packets::normal;
use super::report::Standing;
use super::vectors::{Task, Vector, Verdict};

/// The judgement on an answer.
pub(super) fn judge(vector: &Vector, answer: &Answer) -> Standing {
    if *answer == Answer::Unsupported {
        return Standing::Unsupported("the adapter answers so".to_owned());
    }
    match &vector.task {
        Task::Decode { verdict, decoded, .. } => {
            let expected = Expected { verdict: *verdict, packets: decoded, is_socket: vector.format.is_socket() };
            expected.judge(answer)
        }
        Task::Encode { output, .. } => encoded(vector, output, answer),
    }
}

/// What a decoder has to do with an input.
struct Expected<'a> {
    verdict: Verdict,
    packets: &'a [Value],
    is_socket: bool,
}

impl Expected<'_> {
    fn judge(&self, answer: &Answer) -> Standing {
        let (packets, pending) = match answer {
            Answer::Decoded { packets, pending } => (packets, *pending),
            Answer::Rejected(detail) => return self.rejected(detail),
            Answer::Encoded(_) | Answer::Unsupported => {
                return Standing::Failed("expected packets, or \"ok\":false".to_owned());
            }
        };
        let got: Vec<String> = packets.iter().filter_map(|packet| self.text(packet)).collect();
        let expected: Vec<String> = self.packets.iter().filter_map(|packet| self.text(packet)).collect();
        let differ = || format!("expected {}, and it decoded {}", list(&expected), list(&got));
        match self.verdict {
            Verdict::Invalid => Standing::Failed(format!("expected a rejection, and it decoded {}", list(&got))),
            Verdict::Incomplete if pending == Some(0) => {
                Standing::Failed("the input is incomplete, and \"pending\" is 0".to_owned())
            }
            Verdict::Valid if pending.is_some_and(|pending| pending > 0) => {
                Standing::Failed("the input is complete, and \"pending\" is more than 0".to_owned())
            }
            _ if got == expected => Standing::Passed,
            // Nothing says what a decoder makes of input outside of the grammar.
            Verdict::Lenient | Verdict::Ignored => Standing::Noted(format!("outside of the grammar: {}", differ())),
            Verdict::Valid | Verdict::Incomplete => Standing::Failed(differ()),
        }
    }

    fn rejected(&self, detail: &str) -> Standing {
        match self.verdict {
            Verdict::Invalid | Verdict::Lenient | Verdict::Ignored => Standing::Passed,
            Verdict::Valid => Standing::Failed(format!("valid input was rejected: {detail}")),
            Verdict::Incomplete => Standing::Failed(format!("incomplete input was rejected: {detail}")),
        }
    }

    /// A packet for comparison; `None` for a packet of Engine.IO without a type, which has no effect.
    fn text(&self, packet: &Value) -> Option<String> {
        let typeless = !self.is_socket && packet.get("type") == Some(&Value::Null);
        normal(packet, self.is_socket)
            .or_else(|| (!typeless).then(|| serde_json::to_string(packet).unwrap_or_default()))
    }
}

/// The judgement on an encoder: what it wrote must be read as the reference's output is. The bytes may differ.
fn encoded(vector: &Vector, output: &[Wire], answer: &Answer) -> Standing {
    let frames = match answer {
        Answer::Encoded(frames) => frames,
        Answer::Rejected(_) if is_ambiguous(vector, output) => return Standing::Passed,
        Answer::Rejected(detail) => return Standing::Failed(format!("a valid packet was rejected: {detail}")),
        Answer::Decoded { .. } | Answer::Unsupported => {
            return Standing::Failed("expected frames, or \"ok\":false".to_owned());
        }
    };
    if frames == output {
        return Standing::Passed;
    }
    let differ = || format!("expected {}, and it wrote {}", wires(output), wires(frames));
    match (read(vector.format, output), read(vector.format, frames)) {
        (Ok(expected), Ok(got)) if expected == got => Standing::Noted(format!("other bytes, read alike: {}", differ())),
        (_, Err(why)) => Standing::Failed(format!("{}, which cannot be read: {why}", differ())),
        (_, Ok(_)) => Standing::Failed(format!("{}, which is read differently", differ())),
    }
}

/// The output of the reference does not stand for the packets that were to be encoded: a receiver reads others. An encoder may
/// reject such packets.
//= EIO4-PLD-07
//= SIO5-ATT-19
fn is_ambiguous(vector: &Vector, output: &[Wire]) -> bool {
    let Task::Encode { packets, .. } = &vector.task else { return false };
    let asked: Option<Vec<String>> = packets
        .iter()
        .map(|packet| normal(&serde_json::from_str(packet.get()).ok()?, vector.format.is_socket()))
        .collect();
    !matches!((read(vector.format, output), asked), (Ok(read), Some(asked)) if read == asked)
}

/// The packets that our own codec reads, in normal form.
fn read(format: Format, frames: &[Wire]) -> Result<Vec<String>, String> {
    match own::decode(format, frames) {
        Answer::Decoded { packets, pending: Some(0) } => {
            Ok(packets.iter().filter_map(|packet| normal(packet, format.is_socket())).collect())
        }
        Answer::Rejected(why) => Err(why),
        _ => Err("something is missing at the end".to_owned()),
    }
}

fn list(packets: &[String]) -> String {
    if packets.is_empty() { "nothing".to_owned() } else { packets.join(" ") }
}

fn wires(frames: &[Wire]) -> String {
    serde_json::to_string(frames).unwrap_or_default()
}
