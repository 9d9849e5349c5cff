//! The recorded vectors as requests.

use serde::Deserialize;
use serde_json::value::RawValue;
use sio_codec::socketio::Value;

use super::lines::{DEFAULT_ATTACHMENTS, Format, Hello, Request, Wire};
use super::report::{Checked, Standing};
use super::subject;
use crate::cases::Named;
use crate::run::Unfit;

/// The text of a file.
macro_rules! file {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/vectors/", $name, ".json"))
    };
}

/// Which file is about what.
const FILES: [(&str, Format); 14] = [
    (file!("eio3_packet_decode"), Format::Eio3Packet),
    (file!("eio3_payload_decode"), Format::Eio3Payload),
    (file!("eio3_payload_encode"), Format::Eio3Payload),
    (file!("eio4_packet_decode"), Format::Eio4Packet),
    (file!("eio4_packet_encode"), Format::Eio4Packet),
    (file!("eio4_payload_decode"), Format::Eio4Payload),
    (file!("eio4_payload_encode"), Format::Eio4Payload),
    (file!("eio4_webtransport_decode"), Format::Eio4WebTransport),
    (file!("eio4_webtransport_encode"), Format::Eio4WebTransport),
    (file!("sio4_packet_decode"), Format::Sio4),
    (file!("sio5_packet_decode"), Format::Sio5),
    (file!("sio5_packet_encode"), Format::Sio5),
    (file!("sio5_msgpack_decode"), Format::MsgPack),
    (file!("sio5_msgpack_encode"), Format::MsgPack),
];

/// One recorded input, and what the reference made of it.
#[derive(Clone, Debug)]
pub struct Vector {
    /// Its format, what is done, and its name: `sio5/decode/S5-001`.
    id: String,
    note: String,
    /// The requirements that it is about.
    requirements: Vec<&'static str>,
    pub(super) format: Format,
    pub(super) task: Task,
}

/// What is asked, and what was recorded.
#[derive(Clone, Debug)]
pub(super) enum Task {
    Decode { frames: Vec<Wire>, max_payload: Option<u64>, verdict: Verdict, decoded: Vec<Value>, error: String },
    Encode { packets: Vec<Box<RawValue>>, binary: Option<bool>, output: Vec<Wire> },
}

/// What was recorded about an input: see the README of the vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    Valid,
    Lenient,
    Ignored,
    Incomplete,
    Invalid,
}

/// The vectors that come with the command.
///
/// # Errors
///
/// Where a file of vectors is malformed.
pub fn embedded() -> Result<Vec<Vector>, serde_json::Error> {
    let mut vectors = Vec::new();
    for (text, format) in FILES {
        let file: File = serde_json::from_str(text)?;
        vectors.extend(file.vectors.into_iter().map(|recorded| recorded.vector(format)));
    }
    Ok(vectors)
}

impl Named for Vector {
    const LIST: &'static str =
        "the ids are a format, `decode` or `encode`, and the id in the files of fixtures/vectors";

    fn id(&self) -> &str {
        &self.id
    }

    fn covers(&self) -> impl Iterator<Item = &str> {
        self.requirements.iter().copied()
    }
}

impl Vector {
    /// It, with this result.
    pub(super) fn checked(&self, standing: Standing) -> Checked {
        let (id, note, requirements) = (self.id.clone(), self.note.clone(), self.requirements.clone());
        let level = subject::level(&requirements);
        Checked { id, note, requirements, level, standing }
    }

    pub(super) fn request(&self) -> Request<'_> {
        let format = Some(self.format);
        match &self.task {
            Task::Decode { frames, max_payload, .. } => {
                Request { format, frames: Some(frames), max_payload: *max_payload, ..Request::bare("decode") }
            }
            Task::Encode { packets, binary, .. } => {
                Request { format, packets: Some(packets), binary: *binary, ..Request::bare("encode") }
            }
        }
    }

    /// How many attachments it needs, or how many are too many.
    fn attachments(&self) -> Option<Attachments> {
        let Task::Decode { frames, error, .. } = &self.task else { return None };
        if error == "too many attachments" {
            return Some(Attachments::TooMany);
        }
        let binary = frames.iter().filter(|frame| matches!(frame, Wire::Hex(_))).count();
        self.format.is_socket().then(|| Attachments::Needed(u64::try_from(binary).unwrap_or(u64::MAX)))
    }
}

enum Attachments {
    Needed(u64),
    TooMany,
}

impl Hello {
    /// Whether the codec has a format.
    pub(super) fn has(&self, format: Format) -> bool {
        self.caps.iter().any(|cap| cap == format.as_str())
    }

    /// Why a vector is none for this codec; `None` if it is one.
    pub(super) fn lacks(&self, vector: &Vector) -> Option<Unfit> {
        if !self.has(vector.format) {
            return Some(Unfit::Unsupported(format!("the codec has no {}", vector.format)));
        }
        let most = self.limits.attachments;
        let why = match vector.attachments()? {
            Attachments::TooMany if most != Some(DEFAULT_ATTACHMENTS) => {
                format!("its limit of attachments is not the reference's {DEFAULT_ATTACHMENTS}")
            }
            Attachments::Needed(needed) if most.is_some_and(|most| needed > most) => {
                format!("it takes fewer than {needed} attachments")
            }
            _ => return None,
        };
        Some(Unfit::NotApplicable(why))
    }
}

#[derive(Deserialize)]
struct File {
    vectors: Vec<Recorded>,
}

/// A vector as it is written.
#[derive(Deserialize)]
struct Recorded {
    id: String,
    #[serde(default)]
    note: String,
    input: Option<Wire>,
    frames: Option<Vec<Wire>>,
    chunks: Option<Vec<Wire>>,
    max_payload: Option<u64>,
    verdict: Option<Verdict>,
    decoded: Option<Value>,
    #[serde(default)]
    error: String,
    packet: Option<Box<RawValue>>,
    packets: Option<Vec<Box<RawValue>>>,
    supports_binary: Option<bool>,
    output: Option<Wire>,
}

impl Recorded {
    fn vector(self, format: Format) -> Vector {
        let one_of = |one: Option<Wire>, several: Option<Vec<Wire>>| one.map(|one| vec![one]).or(several);
        let task = match self.verdict {
            Some(verdict) => Task::Decode {
                frames: one_of(self.input, self.frames.or(self.chunks)).unwrap_or_default(),
                max_payload: self.max_payload,
                verdict,
                decoded: match self.decoded {
                    Some(Value::Array(packets)) => packets,
                    None | Some(Value::Null) => Vec::new(),
                    Some(packet) => vec![packet],
                },
                error: self.error,
            },
            None => Task::Encode {
                packets: self.packet.map(|packet| vec![packet]).or(self.packets).unwrap_or_default(),
                binary: self.supports_binary,
                output: one_of(self.output, self.frames).unwrap_or_default(),
            },
        };
        let does = match task {
            Task::Decode { .. } => "decode",
            Task::Encode { .. } => "encode",
        };
        let (id, requirements) = (format!("{format}/{does}/{}", self.id), subject::requirements(format, &task));
        Vector { id, note: self.note, requirements, format, task }
    }
}
