//! Tests a codec, whatever its language, through an adapter: a small program that reads requests and writes answers.
//!
//! # Protocol
//!
//! Each line of standard input is one request, a JSON object; each line of standard output is the answer to one request, in
//! the order of the requests. Standard error is for the adapter's own use. The adapter ends when its input does. The JSON Schemas
//! are [`REQUEST_SCHEMA`] and [`ANSWER_SCHEMA`].
//!
//! ```text
//! -> {"op":"hello","v":1}
//! <- {"op":"hello","v":1,"name":"mylib","version":"1.2","lang":"go","caps":["eio4-packet","sio5"],"limits":{"attachments":10}}
//! -> {"id":7,"op":"decode","format":"sio5","frames":[{"text":"51-[\"a\",{\"_placeholder\":true,\"num\":0}]"},{"hex":"0102"}]}
//! <- {"id":7,"ok":true,"packets":[{"type":2,"nsp":"/","data":["a",{"$bin":"0102"}]}],"pending":0}
//! -> {"id":8,"op":"decode","format":"sio5","frames":[{"text":"2{}"}]}
//! <- {"id":8,"ok":false,"detail":"invalid payload"}
//! -> {"id":9,"op":"encode","format":"eio4-payload","packets":[{"type":"message","data":{"$bin":""}}]}
//! <- {"id":9,"ok":true,"frames":[{"text":"b"}]}
//! -> {"id":10,"op":"x-4711"}
//! <- {"id":10,"unsupported":true}
//! ```
//!
//! - `caps` names the [formats](Format) that the codec has. Any other request, and any unknown operation, is answered with
//!   `unsupported`.
//! - `limits.attachments` is how many attachments the decoder takes; `null` says that there is no limit. If it is absent, it is
//!   10, as in the reference.
//! - `"ok":false` is the only way to reject. A program that ends has crashed; one that does not answer hangs.
//! - `pending` is more than 0 while the decoder waits for more input. It may be absent.
//! - `binary` of an encode request is false if the transport takes only text. If it is absent, it takes bytes.
//! - `max_payload` of a decode request is the most bytes of a WebTransport frame.
//! - Frames, packets and values are written as in the vectors: `fixtures/vectors/README.md`. An object with a single member whose
//!   name is one of the special names (`$bin`, `$date`, ...) cannot be written.
//!
//! # Files
//!
//! | file | what it holds |
//! |---|---|
//! | `mod.rs` | [`run`]: plays the vectors that a codec can do |
//! | `report.rs` | the results |
//! | `differ.rs` | [`compare`]: compares two codecs |
//! | `judge.rs` | compares an answer with what was recorded |
//! | `vectors.rs` | the recorded vectors as requests |
//! | `subject.rs` | which requirements a vector is about |
//! | `suite.rs` | the names of everything that a run reports |
//! | `own.rs` | our own codec as an adapter |
//! | `packets.rs` | packets of our codec as requests and answers write them |
//! | `process.rs` | the process of an adapter |
//! | `lines.rs` | requests and answers |
//! | `form.rs` | values that JSON does not have |

mod differ;
mod form;
mod judge;
mod lines;
mod own;
mod packets;
mod process;
mod report;
mod subject;
mod suite;
mod vectors;

use std::time::{Duration, Instant};

use crate::launch::Group;
use crate::run::CancellationToken;
use crate::trace::Level;

pub use differ::{Comparison, Difference, Plan, compare};
pub use lines::{Format, Hello};
pub use own::answer;
pub use process::Fault;
pub use report::{Checked, Report, Standing};
pub(crate) use suite::suite;
pub use vectors::{Vector, embedded};

use process::Adapter;

/// The JSON Schema of requests.
pub const REQUEST_SCHEMA: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/adapters/schemas/request.json"));

/// The JSON Schema of answers.
pub const ANSWER_SCHEMA: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/adapters/schemas/answer.json"));

/// The id of the check that an unknown operation is unsupported.
const UNKNOWN_OPERATION: &str = "protocol/unknown-operation";

/// The id of the check that answers come in the order of the requests.
const ORDER: &str = "protocol/order";

/// After so many faults in a row, the adapter is given up.
const MAX_FAULTS: usize = 10;

/// How vectors are played.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The command that starts the adapter, and its arguments.
    pub command: Vec<String>,
    /// How long an answer may take.
    pub patience: Duration,
    /// Vectors that were not begun by then are not played.
    pub max_time: Duration,
    /// The process group of the adapter that is running.
    pub group: Group,
}

/// Plays vectors against the codec of an adapter. An adapter that fails is started again. Cancelling `stop` ends the run.
///
/// # Errors
///
/// [`Fault`] if no adapter can be started.
pub fn run(vectors: Vec<Vector>, settings: &Settings, stop: &CancellationToken) -> Result<Report, Fault> {
    let started = Instant::now();
    let mut task = Task::start(settings)?;
    let hello = task.hello.clone();
    let mut checked = vec![task.check(UNKNOWN_OPERATION, Adapter::refuses_the_unknown)];
    checked.push(task.check(ORDER, Adapter::keeps_order));
    for vector in vectors {
        let standing = match hello.lacks(&vector) {
            Some(unfit) => unfit.into(),
            None if stop.is_cancelled() || started.elapsed() > settings.max_time => Standing::Left,
            None if task.is_given_up() => Standing::Left,
            None => task.play(&vector),
        };
        checked.push(vector.checked(standing));
    }
    Ok(Report { hello, checked, is_interrupted: stop.is_cancelled(), duration: started.elapsed() })
}

/// An adapter that is started again after a fault.
struct Task<'a> {
    settings: &'a Settings,
    hello: Hello,
    adapter: Option<Adapter>,
    faults_in_a_row: usize,
}

impl<'a> Task<'a> {
    fn start(settings: &'a Settings) -> Result<Self, Fault> {
        let first = Adapter::start(&settings.command, settings.patience, &settings.group)?;
        Ok(Self { settings, hello: first.hello.clone(), adapter: Some(first), faults_in_a_row: 0 })
    }

    const fn is_given_up(&self) -> bool {
        self.faults_in_a_row >= MAX_FAULTS
    }

    /// Plays a vector. After a fault it is played once more, since a process may end a moment after its last good answer.
    fn play(&mut self, vector: &Vector) -> Standing {
        let ask = |adapter: &mut Adapter| adapter.ask(vector.request());
        let judge = |answer| judge::judge(vector, &answer);
        match self.with_adapter(ask) {
            Ok(answer) => judge(answer),
            Err(fault) => match self.with_adapter(ask) {
                Ok(answer) => match judge(answer) {
                    failed @ Standing::Failed(_) => failed,
                    _ => Standing::Faulty { fault, again: "; not when it was asked again" },
                },
                Err(fault) => Standing::Faulty { fault, again: "" },
            },
        }
    }

    fn check(&mut self, id: &str, check: fn(&mut Adapter) -> Result<Option<String>, Fault>) -> Checked {
        let standing = match self.with_adapter(check) {
            Ok(None) => Standing::Passed,
            Ok(Some(difference)) => Standing::Failed(difference),
            Err(fault) => Standing::Faulty { fault, again: "" },
        };
        Checked { id: id.to_owned(), note: String::new(), requirements: Vec::new(), level: Level::Must, standing }
    }

    /// Uses the running adapter, or a new one. After a fault there is none.
    fn with_adapter<T>(&mut self, mut act: impl FnMut(&mut Adapter) -> Result<T, Fault>) -> Result<T, Fault> {
        let settings = self.settings;
        let start = || Adapter::start(&settings.command, settings.patience, &settings.group);
        let result = self.adapter.take().map_or_else(start, Ok).and_then(|mut adapter| {
            let done = act(&mut adapter)?;
            self.adapter = Some(adapter);
            Ok(done)
        });
        self.faults_in_a_row = if result.is_ok() { 0 } else { self.faults_in_a_row + 1 };
        result
    }
}
