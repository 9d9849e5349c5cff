//! `siospec decode`.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use sio_codec::Frame;
use sio_codec::engineio::Revision;
use sio_codec::socketio::Parser;

use super::recorded::{self, Remarks};
use super::{Failure, out, place};
use crate::capture::{Log, Recording};
use crate::explain::{Explained, explain, frame, rest, session};
use crate::replay::visible;
use crate::witness::judge;

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Decode {
    /// The frames of a session in order: `0x` and hexadecimal digits for a binary one, anything else for a text. Polling
    /// bodies are taken apart, of JSONP too. Or one recording that `siospec inspect` reads, whose name ends with .har, .pcap,
    /// .pcapng, .cap, .jsonl, .log, .trace or .txt, with all its sessions. Without any, the lines of standard input
    frames: Vec<String>,
    /// The revision of Engine.IO: 3 or 4
    #[arg(long, value_name = "REVISION", default_value = "4", value_parser = revision)]
    eio: Revision,
    /// The form of Socket.IO packets: json or msgpack
    #[arg(long, value_name = "PARSER", default_value = "json", value_parser = place::parser)]
    parser: Parser,
    /// The same as --parser msgpack
    #[arg(long, conflicts_with = "parser")]
    msgpack: bool,
}

fn revision(value: &str) -> Result<Revision, String> {
    Revision::from_query(value).ok_or_else(|| "the revisions are 3 and 4".to_owned())
}

const EXIT_CODES: &str = "\
Exit codes: 0 no frame has a fault; 1 one has; 2 bad usage, or the input cannot be read.";

impl Decode {
    pub(super) fn execute(self) -> Result<ExitCode, Failure> {
        let parser = if self.msgpack { Parser::MsgPack } else { self.parser };
        let (words, code) = match recording_file(&self.frames) {
            Some(file) => told(parser, recorded::read(file, "explained").map_err(Failure::usage)?),
            None => with_code(explain(self.eio, parser, frames(self.frames)?)),
        };
        // The exit code reports the verdict, even if standard output is closed.
        let _ = out::write(&words);
        Ok(code)
    }
}

/// How the names of recordings end.
const RECORDINGS: [&str; 8] = ["har", "pcap", "pcapng", "cap", "jsonl", "log", "trace", "txt"];

/// The only argument, if it is the name of a recording.
fn recording_file(arguments: &[String]) -> Option<&Path> {
    let [argument] = arguments else { return None };
    let file = Path::new(argument);
    let extension = file.extension()?;
    RECORDINGS.iter().any(|known| extension.eq_ignore_ascii_case(known)).then_some(file)
}

/// All sessions of a recording, and what it lacks.
fn told(parser: Parser, recording: Recording) -> (String, ExitCode) {
    let mut all = Remarks::of(&recording).words();
    let mut log = Log::with_clock(recording.clock);
    recording.sightings.into_iter().for_each(|sighting| log.see(sighting));
    let mut code = ExitCode::SUCCESS;
    let mut add = |explained| {
        let (words, of_part) = with_code(explained);
        if of_part != ExitCode::SUCCESS {
            code = of_part;
        }
        words
    };
    for conversation in log.conversations() {
        let testimony = judge(&conversation);
        all.push_str(&add(session(testimony.parser.unwrap_or(parser), &conversation)));
        for unseen in testimony.unseen {
            all.push_str(&format!("  not in the recording: {}\n", visible(&unseen)));
        }
        all.push('\n');
    }
    all.push_str(&add(rest(parser, &log)));
    (all.trim_start_matches('\n').to_owned(), code)
}

fn with_code(explained: Explained) -> (String, ExitCode) {
    match explained {
        Explained::Sound(words) => (words, ExitCode::SUCCESS),
        Explained::Faulty(words) => (words, ExitCode::FAILURE),
    }
}

fn frames(arguments: Vec<String>) -> Result<Vec<Frame>, Failure> {
    let sources = if arguments.is_empty() {
        io::stdin()
            .lines()
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| Failure::usage(format!("standard input: {error}")))?
    } else {
        arguments
    };
    sources.iter().map(|source| frame(source)).collect::<Result<_, _>>().map_err(Failure::usage)
}
