//! What servers of Node.js said to each other, as captured in `fixtures/cluster`.

pub mod messages;

use bytes::Bytes;
use serde_json::Value;

use crate::vectors::unhex;

/// What a server sent to Redis.
#[derive(Clone, Debug)]
pub struct Command {
    /// The sample that it is of.
    pub step: String,
    /// `A` or `B`, or `E` for an emitter.
    pub from: String,
    /// The command and its arguments, without the payload of what is published.
    pub words: Vec<String>,
    /// What is published.
    pub payload: Option<Bytes>,
}

impl Command {
    /// The channel and the payload, if it publishes.
    #[must_use]
    pub fn published(&self) -> Option<(&str, Bytes)> {
        Some((self.words.get(1)?, self.payload.clone()?))
    }
}

/// The whole of a file.
///
/// # Panics
///
/// Panics if there is none, or if it is not JSON.
#[must_use]
pub fn load(file: &str) -> Value {
    let path = format!("{}/../../fixtures/cluster/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The commands of a run, in order: of a whole file, or of one of its parts.
///
/// # Panics
///
/// Panics if it is no run.
#[must_use]
pub fn commands(run: &Value) -> Vec<Command> {
    let samples = run["samples"].as_array().expect("samples");
    let of = |sample: &Value| {
        let step = text(&sample["step"]);
        let sent: Vec<_> =
            sample["redis_commands"].as_array().into_iter().flatten().map(|sent| command(&step, sent)).collect();
        sent
    };
    samples.iter().flat_map(of).collect()
}

/// What the servers sent before the first sample.
///
/// # Panics
///
/// Panics if it is no run.
#[must_use]
pub fn boot(run: &Value) -> Vec<Command> {
    run["boot"].as_array().expect("boot").iter().map(|sent| command("boot", sent)).collect()
}

fn command(step: &str, sent: &Value) -> Command {
    let words = sent["command"].as_array().expect("a command").iter().map(text).collect();
    let payload = sent["payload_hex"].as_str().map(unhex);
    Command { step: step.to_owned(), from: text(&sent["from_node"]), words, payload }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
