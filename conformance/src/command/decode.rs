//! `siospec decode`.

use std::io;
use std::process::ExitCode;

use clap::Args;
use sio_codec::engineio::Revision;
use sio_codec::socketio::Parser;

use super::{Failure, out, place};
use crate::explain::{Explained, explain, frame};

#[derive(Debug, Args)]
pub(super) struct Decode {
    /// The frames of a session in order: `0x` and hexadecimal digits for a binary one, anything else for a text. Polling
    /// bodies are taken apart, of JSONP too. Without any, the lines of standard input
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

impl Decode {
    pub(super) fn execute(self) -> Result<ExitCode, Failure> {
        let sources = if self.frames.is_empty() {
            io::stdin()
                .lines()
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| Failure::usage(format!("standard input: {error}")))?
        } else {
            self.frames
        };
        let frames =
            sources.iter().map(|source| frame(source)).collect::<Result<Vec<_>, _>>().map_err(Failure::usage)?;
        let parser = if self.msgpack { Parser::MsgPack } else { self.parser };
        let (words, code) = match explain(self.eio, parser, frames) {
            Explained::Sound(words) => (words, ExitCode::SUCCESS),
            Explained::Faulty(words) => (words, ExitCode::FAILURE),
        };
        // The exit code reports the verdict, even if standard output is closed.
        let _ = out::write(&words.to_string());
        Ok(code)
    }
}
