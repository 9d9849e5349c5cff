//! `siospec record --listen`: records real clients.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use url::Url;

use super::Failure;
use super::out::{self, Written};
use super::signals::Signals;
use crate::capture::{Conversation, Labels, Log, Relay, Told, draft};
use crate::trace::{Need, Sentence};

#[derive(Debug, Args)]
pub(super) struct Listen {
    /// Listen here, and record the clients that connect instead of playing cases: `127.0.0.1:8080`; port 0 is any
    /// free one. Ctrl-C (SIGINT) or SIGTERM ends the recording and writes one trace per session
    #[arg(long, value_name = "ADDRESS", requires = "to")]
    listen: Option<SocketAddr>,
    /// The server that the clients' connections go on to, `http://host:port`
    #[arg(long, value_name = "URL", requires = "listen")]
    to: Option<String>,
    /// What a server must offer for the recorded traces, such as `contract`; the transports are found out
    #[arg(long, value_name = "NEED", value_delimiter = ',', requires = "listen", value_parser = need)]
    needs: Vec<Need>,
    /// The title of the recorded traces; otherwise they are named after the client
    #[arg(long, value_name = "SENTENCE", requires = "listen", value_parser = sentence)]
    title: Option<Sentence>,
}

fn sentence(words: &str) -> Result<Sentence, String> {
    Sentence::new(words).ok_or_else(|| "it must be one line".to_owned())
}

/// A need by its word.
pub(super) fn need(word: &str) -> Result<Need, String> {
    let known = || Need::WORDS.iter().map(|need| need.as_str()).collect::<Vec<_>>().join(", ");
    Need::WORDS.iter().find(|need| need.as_str() == word).cloned().ok_or_else(|| format!("the needs are {}", known()))
}

/// Where clients connect, and where their connections go.
#[derive(Debug)]
pub(super) struct Way {
    listen: SocketAddr,
    /// `host:port`.
    server: String,
    labels: Labels,
}

impl Listen {
    /// Where to listen, if clients are to be recorded.
    pub(super) fn way(&self, source: Option<&str>) -> Result<Option<Way>, Failure> {
        let (Some(listen), Some(to)) = (self.listen, &self.to) else { return Ok(None) };
        let source = source.map(|words| {
            Sentence::new(words)
                .ok_or_else(|| Failure::usage(format!("{words:?} cannot be a --source: name it in one line")))
        });
        let (title, needs) = (self.title.clone(), self.needs.iter().cloned().collect());
        let labels = Labels { title, source: source.transpose()?, needs };
        Ok(Some(Way { listen, server: authority(to)?, labels }))
    }
}

/// The `host:port` of a URL.
fn authority(to: &str) -> Result<String, Failure> {
    let url = Url::parse(to).map_err(|error| Failure::usage(format!("{to:?} is not a server's URL: {error}")))?;
    match (url.scheme(), url.host_str(), url.port_or_known_default()) {
        ("http", Some(host), Some(port)) => Ok(format!("{host}:{port}")),
        ("https", ..) => Err(Failure::usage(format!(
            "{to:?} cannot be recorded, because its connections are encrypted: name the http:// address behind the TLS"
        ))),
        _ => Err(Failure::usage(format!("{to:?} is not a server's URL: it is not of the form http://host:port"))),
    }
}

impl Way {
    /// Records until a signal, and writes the traces into a folder.
    pub(super) async fn record(self, folder: &Path) -> Result<ExitCode, Failure> {
        // Before there is anything to lose.
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::usage(format!("cannot write into {}: {error}", folder.display())))?;
        let mut signals =
            Signals::new().map_err(|error| Failure::unreachable(format!("cannot handle signals: {error}")))?;
        let cannot = |error: io::Error| Failure::unreachable(format!("cannot listen on {}: {error}", self.listen));
        let relay = Relay::bind(self.listen, &*self.server).await.map_err(cannot)?;
        let address = relay.address().map_err(cannot)?;
        if out::write(&format!("http://{address}\n")) == Written::Unread {
            // The reader of the URL is gone, so there is no client to record.
            return Ok(ExitCode::SUCCESS);
        }
        let mut log = Log::default();
        let mut refused: Option<String> = None;
        let tell = |told| match told {
            Told::Seen(sighting) => log.see(sighting),
            Told::Refused(reason) => refused = Some(reason),
            Told::Over(..) => {}
        };
        let stop = async {
            signals.next().await;
        };
        relay.carry(stop, tell).await;
        if let Some(reason) = refused {
            out::complain(&format!("requests were answered with 502: {reason}"));
        }
        report(&log, &self.labels, folder)
    }
}

/// Writes the traces, and says what they are.
fn report(log: &Log, labels: &Labels, folder: &Path) -> Result<ExitCode, Failure> {
    let mut text = String::new();
    let mut free = (1_u32..).map(|number| folder.join(format!("session-{number}.trace"))).filter(|path| !path.exists());
    let conversations = log.conversations();
    for conversation in &conversations {
        let Some(path) = free.next() else { break };
        text.push_str(&write(conversation, labels, &path)?);
    }
    let strays = log.strays().map(|sighting| sighting.exchange).collect::<BTreeSet<_>>().len();
    if strays > 0 {
        text.push_str(&format!("{strays} requests belong to no session, and are in no trace\n"));
    }
    if log.is_full() {
        text.push_str("more than 64 MiB passed: what came after that is in no trace\n");
    }
    if conversations.is_empty() {
        text.push_str("no session was seen\n");
    }
    let code = if conversations.is_empty() || log.is_full() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    match out::write(&text) {
        Written::All | Written::Unread => Ok(code),
        Written::Failed => Ok(ExitCode::FAILURE),
    }
}

fn write(conversation: &Conversation, labels: &Labels, path: &PathBuf) -> Result<String, Failure> {
    let trace = draft(conversation, labels)
        .map_err(|error| Failure { message: format!("a session cannot be written as a trace: {error}"), code: 1 })?;
    std::fs::write(path, trace.to_string())
        .map_err(|error| Failure::usage(format!("cannot write {}: {error}", path.display())))?;
    let steps = trace.steps().count();
    Ok(format!("wrote {}: {steps} lines, {}\n", path.display(), trace.header.title.as_str()))
}
