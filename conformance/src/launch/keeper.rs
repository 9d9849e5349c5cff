//! Starts a process, starts it again if it ends, and ends it.

use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use super::Ended;
use super::group::{Farewell, Group};
use super::tail::Tail;

/// How long a server is away after it ended. The watch over the server looks more often, so that no end is overlooked.
const PAUSE: Duration = Duration::from_millis(200);

/// How long a server may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(2);

/// How long the last words of a process that has ended may take.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// At most this many ends are kept.
const MAX_ENDS: usize = 100;

/// Keeps a server running.
#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) command: Vec<String>,
    pub(super) port: u16,
    pub(super) tail: Tail,
    pub(super) ends: Arc<Mutex<Vec<Ended>>>,
    pub(super) group: Group,
}

impl Keeper {
    /// Starts the process.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(super) fn spawn(&self) -> Result<Child, String> {
        let (program, arguments) = self.command.split_first().ok_or("there is no command")?;
        let mut command = Command::new(program);
        command.args(arguments).env("PORT", self.port.to_string());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        self.tail.clear();
        let mut child = command.spawn().map_err(|error| format!("{program}: {error}"))?;
        self.group.enter(child.id());
        if let (Some(output), Some(errors)) = (child.stdout.take(), child.stderr.take()) {
            tokio::spawn(self.tail.clone().follow(output));
            tokio::spawn(self.tail.clone().follow(errors));
        }
        Ok(child)
    }

    /// Keeps the server running until `stop` is cancelled. Then no process of the group is left.
    pub(super) async fn keep(self, first: Child, stop: CancellationToken) {
        let mut child = first;
        loop {
            let status = tokio::select! {
                status = child.wait() => status,
                () = stop.cancelled() => return self.end(child).await,
            };
            let at = Instant::now();
            // What it started would hold its port.
            self.group.kill();
            self.group.leave();
            tokio::time::sleep(LAST_WORDS).await;
            let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
            self.note(Ended { status, last: self.tail.text(), at });
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = stop.cancelled() => return,
            }
            child = match self.spawn() {
                Ok(child) => child,
                Err(why) => {
                    self.note(Ended { status: why, last: String::new(), at });
                    return;
                }
            };
        }
    }

    fn note(&self, ended: Ended) {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        if ends.len() < MAX_ENDS {
            ends.push(ended);
        }
    }

    async fn end(self, mut child: Child) {
        self.group.signal(Farewell::Ask);
        if cfg!(not(unix)) || tokio::time::timeout(GRACE, child.wait()).await.is_err() {
            // On systems without groups this is the only way.
            let _ = child.start_kill();
        }
        self.group.kill();
        self.group.leave();
        let _ = child.wait().await;
    }
}
