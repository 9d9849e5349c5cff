//! Watches whether the server is still there.

use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::party::network::Target;

/// How often a connection to the server is opened. A server that crashes and is restarted is away for longer than this.
const INTERVAL: Duration = Duration::from_millis(50);

/// The interval after a refusal: this machine may have run out of something for a moment.
const RETRY: Duration = Duration::from_millis(10);

/// A time at which the server accepted no connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Absence {
    /// When it was last there.
    pub(super) seen: Instant,
    /// The network error.
    pub(super) reason: String,
}

/// The newest absence, if there was one.
pub(super) type Absences = watch::Receiver<Option<Absence>>;

/// Opens connections to the server again and again while it is polled. So an outage is found even if no case noticed it
/// and the server has been restarted.
pub(super) async fn watch(target: Target, absences: watch::Sender<Option<Absence>>) {
    let mut seen = Instant::now();
    let mut away = false;
    loop {
        let asked = Instant::now();
        match reach(&target).await {
            Ok(()) => (seen, away) = (asked, false),
            Err(reason) if !away => {
                away = true;
                absences.send_replace(Some(Absence { seen, reason }));
            }
            Err(_) => {}
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn reach(target: &Target) -> Result<(), String> {
    if target.reach().await.is_ok() {
        return Ok(());
    }
    tokio::time::sleep(RETRY).await;
    target.reach().await
}

/// Whether the server answers at all, with any answer; a gateway without a server behind it does not count.
///
/// # Errors
///
/// Why it does not answer.
pub(super) async fn answers(target: &Target) -> Result<(), String> {
    let answer = target.ask("EIO=4&transport=polling").await?;
    match answer.status {
        status @ 502..=504 => Err(format!("a handshake is answered with status {status}")),
        _ => Ok(()),
    }
}

/// Waits until the server answers again, up to `patience`.
pub(super) async fn comes_back(target: &Target, patience: Duration) -> bool {
    let back = async {
        while answers(target).await.is_err() {
            tokio::time::sleep(INTERVAL).await;
        }
    };
    tokio::time::timeout(patience, back).await.is_ok()
}
