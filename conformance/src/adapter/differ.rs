//! Compares the decoders of two codecs, over the recorded inputs and over inputs made from them.

use std::collections::BTreeMap;
use std::mem::discriminant;
use std::time::{Duration, Instant};

use super::lines::{Answer, Format, Hello, Request, Wire};
use super::packets::normal;
use super::process::Fault;
use super::vectors::{self, Vector};
use super::{Settings, Task};
use crate::run::{CancellationToken, Judgement};
use crate::values::smaller;

/// How many smaller inputs are tried for one difference.
const MAX_TRIES: usize = 400;

/// At most this many differences are made smaller. Those after them are reported as they are.
const MAX_SHRUNK: usize = 200;

/// What is put into texts: what the grammars are made of, and characters of other lengths.
const PIECES: [&str; 36] = [
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "9",
    "b",
    "-",
    "+",
    ".",
    "e",
    "/",
    ",",
    "?",
    ":",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "\\",
    " ",
    "\n",
    "\u{1e}",
    "é",
    "€",
    "😀",
    "null",
    "true",
    "[\"a\"]",
    "{\"_placeholder\":true,\"num\":0}",
    "\0",
    "A=",
];

/// Which inputs are made.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Their seed.
    pub seed: u64,
    /// How many they are.
    pub generated: usize,
}

/// How two codecs differ.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What the adapters say about their codecs.
    pub hellos: [Hello; 2],
    /// The differences by the smallest inputs that show them, in the order of formats.
    pub differences: Vec<Difference>,
    /// How many inputs were compared.
    pub compared: usize,
    /// How many of these are read differently.
    pub differing: usize,
    /// The run was ended by the user.
    pub is_interrupted: bool,
    /// It ended before all inputs were compared.
    pub is_cut: bool,
    /// How long it took.
    pub duration: Duration,
}

/// An input that two codecs read differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The format.
    pub format: Format,
    /// The frames, as a request writes them.
    pub input: String,
    /// What each codec does, in words.
    pub outcomes: [String; 2],
    /// How many inputs became this one when they were made smaller.
    pub count: usize,
}

/// Compares two codecs. Cancelling `stop` ends the run.
///
/// # Errors
///
/// [`Fault`] if one of the adapters cannot be started.
pub fn compare(
    vectors: &[Vector],
    settings: [&Settings; 2],
    plan: Plan,
    stop: &CancellationToken,
) -> Result<Comparison, Fault> {
    let started = Instant::now();
    let mut tasks = [Task::start(settings[0])?, Task::start(settings[1])?];
    let hellos = tasks.each_ref().map(|task| task.hello.clone());
    let is_common = |input: &Input| hellos.iter().all(|hello| hello.has(input.format));
    let corpus: Vec<Input> = vectors.iter().filter_map(Input::of).filter(is_common).collect();
    let mut random = fastrand::Rng::with_seed(plan.seed);
    let generated = (0..plan.generated).filter_map(|_| Input::generated(&corpus, &mut random));
    let (mut compared, mut differing, mut is_cut) = (0, 0, false);
    let mut found: BTreeMap<(Format, String), Difference> = BTreeMap::new();
    for mut input in corpus.iter().cloned().chain(generated) {
        let is_over = |task: &Task<'_>| task.is_given_up() || started.elapsed() > task.settings.max_time;
        is_cut = stop.is_cancelled() || tasks.iter().any(is_over);
        if is_cut {
            break;
        }
        compared += 1;
        let Some(mut outcomes) = differ(&mut tasks, &input) else { continue };
        differing += 1;
        if differing <= MAX_SHRUNK {
            shrink(&mut tasks, &mut input, &mut outcomes, stop);
        }
        let text = serde_json::to_string(&input.frames).unwrap_or_default();
        let outcomes = outcomes.map(Outcome::words);
        let new = Difference { format: input.format, input: text.clone(), outcomes, count: 0 };
        found.entry((input.format, text)).or_insert(new).count += 1;
    }
    let (differences, is_interrupted) = (found.into_values().collect(), stop.is_cancelled());
    Ok(Comparison { hellos, differences, compared, differing, is_interrupted, is_cut, duration: started.elapsed() })
}

impl Comparison {
    /// The judgement: red if there is a difference, or if not all inputs were compared.
    #[must_use]
    pub const fn judgement(&self) -> Judgement {
        if self.is_interrupted {
            Judgement::Interrupted
        } else if self.differing > 0 || self.is_cut {
            Judgement::Red
        } else if self.compared == 0 {
            Judgement::Nothing
        } else {
            Judgement::Green
        }
    }
}

/// What is decoded.
#[derive(Clone, Debug)]
struct Input {
    format: Format,
    frames: Vec<Wire>,
    max_payload: Option<u64>,
}

impl Input {
    fn of(vector: &Vector) -> Option<Self> {
        let vectors::Task::Decode { frames, max_payload, .. } = &vector.task else { return None };
        Some(Self { format: vector.format, frames: frames.clone(), max_payload: *max_payload })
    }

    /// A recorded input with one to three changes.
    fn generated(corpus: &[Self], random: &mut fastrand::Rng) -> Option<Self> {
        let mut input = random.choice(corpus)?.clone();
        for _ in 0..random.usize(1..=3) {
            let at = random.usize(..input.frames.len().max(1));
            let frame = input.frames.get_mut(at)?;
            *frame = match &*frame {
                Wire::Text(text) => {
                    let piece = (*random.choice(&PIECES)?).to_owned();
                    Wire::Text(changed(&units(text, 1), piece, random))
                }
                Wire::Hex(digits) => {
                    let byte = format!("{:02x}", random.u8(..));
                    Wire::Hex(changed(&units(digits, 2), byte, random))
                }
                Wire::Utf16be(digits) => Wire::Utf16be(digits.clone()),
            };
        }
        Some(input)
    }

    /// Inputs that are a little smaller: fewer frames, then shorter frames.
    fn smaller(&self) -> impl Iterator<Item = Self> {
        let shorter = |text: &str, unit| smaller::without(&units(text, unit)).into_iter().map(|units| units.concat());
        let fewer = smaller::without(&self.frames).into_iter().filter(|frames| !frames.is_empty());
        let simpler = smaller::each(&self.frames, move |frame| -> Vec<Wire> {
            match frame {
                Wire::Text(text) => shorter(text, 1).map(Wire::Text).collect(),
                Wire::Hex(digits) => shorter(digits, 2).map(Wire::Hex).collect(),
                Wire::Utf16be(_) => Vec::new(),
            }
        });
        fewer.chain(simpler).map(|frames| Self { frames, ..*self })
    }
}

/// What a codec does with an input.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Reads(Vec<String>),
    Rejects,
    Fails(&'static str),
}

impl Outcome {
    fn words(self) -> String {
        match self {
            Self::Reads(packets) if packets.is_empty() => "reads nothing".to_owned(),
            Self::Reads(packets) => format!("reads {}", packets.join(" ")),
            Self::Rejects => "rejects it".to_owned(),
            Self::Fails(word) => word.to_owned(),
        }
    }
}

/// What both do, if it is not the same.
fn differ(tasks: &mut [Task<'_>; 2], input: &Input) -> Option<[Outcome; 2]> {
    let [one, other] = tasks;
    let (one, other) = (outcome(one, input)?, outcome(other, input)?);
    (one != other).then_some([one, other])
}

/// What a codec does; `None` if it says that this is unsupported.
fn outcome(task: &mut Task<'_>, input: &Input) -> Option<Outcome> {
    let (frames, format) = (Some(&*input.frames), Some(input.format));
    let request = || Request { format, frames, max_payload: input.max_payload, ..Request::bare("decode") };
    let is_socket = input.format.is_socket();
    Some(match task.with_adapter(|adapter| adapter.ask(request())) {
        // Packets of Engine.IO without a type have no effect.
        Ok(Answer::Decoded { packets, .. }) => {
            Outcome::Reads(packets.iter().filter_map(|packet| normal(packet, is_socket)).collect())
        }
        Ok(Answer::Rejected(_)) => Outcome::Rejects,
        Ok(Answer::Unsupported) => return None,
        Ok(Answer::Encoded(_)) => Outcome::Fails("GARBAGE"),
        Err(fault) => Outcome::Fails(fault.word()),
    })
}

/// Makes an input as small as it can be while the kind of the difference stays.
fn shrink(tasks: &mut [Task<'_>; 2], input: &mut Input, outcomes: &mut [Outcome; 2], stop: &CancellationToken) {
    let kinds = outcomes.each_ref().map(discriminant);
    let mut tries = 0;
    'smaller: loop {
        for candidate in input.clone().smaller() {
            if tries == MAX_TRIES || stop.is_cancelled() {
                return;
            }
            tries += 1;
            let same = differ(tasks, &candidate).filter(|found| found.each_ref().map(discriminant) == kinds);
            if let Some(same) = same {
                (*input, *outcomes) = (candidate, same);
                continue 'smaller;
            }
        }
        return;
    }
}

/// Pieces of so many characters.
fn units(text: &str, unit: usize) -> Vec<String> {
    text.chars().collect::<Vec<_>>().chunks(unit).map(|unit| unit.iter().collect()).collect()
}

/// Takes a unit out, doubles one, or puts the piece in, in place of one or between two.
fn changed(units: &[String], piece: String, random: &mut fastrand::Rng) -> String {
    let at = random.usize(..=units.len());
    let (before, rest) = units.split_at(at);
    let (one, behind) = rest.split_at(rest.len().min(1));
    let middle = match random.u8(..4) {
        0 => Vec::new(),
        1 => [one, one].concat(),
        2 => vec![piece],
        _ => [&[piece][..], one].concat(),
    };
    [before, &middle, behind].concat().concat()
}
