//! A driver of our own client, for `siospec client -- target/debug/examples/drive`: the lines of the driver protocol on
//! standard input and output, the client's connections on sockets.
//!
//! ```text
//!   siospec ── lines ──▶ Line ──▶ Embedding<Own> ──▶ http.rs, socket.rs ──▶ siospec as the server
//!   siospec ◀── lines ──────────── Embedding<Own>
//! ```
//!
//! The connections are those of the example `talk`. With `--mutant NAME` the client has one defect; `--mutants` lists all of
//! them.

#[path = "../talk/embedding.rs"]
#[expect(dead_code, reason = "talk counts heartbeats, and waits for the end of its connections")]
mod embedding;
#[path = "../talk/http.rs"]
mod http;
#[path = "../talk/socket.rs"]
mod socket;

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::thread;

use clap::Parser;
use sio_codec::engineio::client::Config;
use siospec::party::client::mutants::{self, Mutant};
use siospec::party::client::{Line, Options, Own};
use tokio::sync::mpsc;

use embedding::{Embedding, Target};

/// Drives our own client, as `siospec client` tells it.
#[derive(Parser)]
struct Arguments {
    /// The name of a defect that the client has.
    #[arg(long, value_parser = mutant)]
    mutant: Option<&'static Mutant>,
    /// List the defects, and the requirements that they break.
    #[arg(long)]
    mutants: bool,
}

fn mutant(name: &str) -> Result<&'static Mutant, &'static str> {
    mutants::named(name).ok_or("there is no such mutant: --mutants lists all")
}

/// The client of the case that is played.
enum Client {
    None,
    /// It was not called yet.
    Described(Target, Options),
    Running(Box<Embedding<Own>>),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.mutants {
        for Mutant { name, breaks, defect, .. } in mutants::all() {
            println!("{name}  {}  {defect}", breaks.join(" "));
        }
        return ExitCode::SUCCESS;
    }
    match drive(arguments.mutant).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("drive: {why}");
            ExitCode::from(2)
        }
    }
}

/// Reads lines until the input ends.
async fn drive(mutant: Option<&Mutant>) -> Result<(), String> {
    let (sender, mut lines) = mpsc::unbounded_channel();
    thread::spawn(move || io::stdin().lines().try_for_each(|line| sender.send(line)));
    let mut client = Client::None;
    loop {
        tokio::select! {
            line = lines.recv() => match line.transpose().map_err(|error| error.to_string())? {
                Some(line) => write(&client.obey(Line::read(&line)?, mutant))?,
                None => return Ok(()),
            },
            event = client.event() => write(&event)?,
        }
    }
}

impl Client {
    /// Does what a line says, and returns the answer.
    fn obey(&mut self, line: Line, mutant: Option<&Mutant>) -> String {
        match line {
            Line::Hello => Own::hello(),
            Line::Open { id, url, path, setup } => match Target::new(&url, &path) {
                Some(target) => {
                    *self = Self::Described(target, setup);
                    Line::done(id)
                }
                None => Line::refused(id, "the URL is not of the form http://host:port"),
            },
            Line::Connect { id } => {
                self.running(mutant);
                Line::done(id)
            }
            Line::Call { id, call } => {
                let Some(client) = self.running(mutant) else { return Line::refused(id, "there is no client") };
                let (client, now) = client.machine();
                client.call(now, &call).map_or_else(|why| Line::refused(id, &why), |()| Line::done(id))
            }
            Line::End { id } => {
                *self = Self::None;
                Line::done(id)
            }
            Line::Unknown { id } => Line::unsupported(id),
        }
    }

    /// The client, which is made when it is first called.
    fn running(&mut self, mutant: Option<&Mutant>) -> Option<&mut Embedding<Own>> {
        if let Self::Described(target, setup) = self {
            let made = Embedding::new(target.clone(), Config::default(), |now, _| Own::new(now, setup, mutant));
            *self = Self::Running(Box::new(made));
        }
        match self {
            Self::Running(client) => Some(client),
            Self::None | Self::Described(..) => None,
        }
    }

    /// The next event of the client, as a line.
    async fn event(&mut self) -> String {
        match self {
            Self::Running(client) => client.next().await,
            Self::None | Self::Described(..) => std::future::pending().await,
        }
    }
}

fn write(line: &str) -> Result<(), String> {
    let mut output = io::stdout().lock();
    writeln!(output, "{line}").and_then(|()| output.flush()).map_err(|error| error.to_string())
}
