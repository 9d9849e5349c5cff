//! Explains frames of Engine.IO 4, given as arguments or as lines on standard input.
//!
//! ```text
//! cargo run --example decode -- '451-["upload",{"_placeholder":true,"num":0}]' 0x0102
//! ```

mod explain;

use std::io;
use std::process::ExitCode;

use explain::{Explained, explain, frame};
use sio_codec::engineio::Revision;

fn main() -> ExitCode {
    let mut sources: Vec<String> = std::env::args().skip(1).collect();
    if sources.is_empty() {
        sources = io::stdin().lines().map_while(Result::ok).collect();
    }
    match sources
        .iter()
        .map(|source| frame(source))
        .collect::<Result<Vec<_>, _>>()
        .map(|frames| explain(Revision::V4, frames))
    {
        Ok(Explained::Sound(words)) => {
            print!("{words}");
            ExitCode::SUCCESS
        }
        Ok(Explained::Faulty(words)) => {
            print!("{words}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("decode: {error}");
            ExitCode::from(2)
        }
    }
}
