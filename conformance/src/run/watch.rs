//! Is the server still there?

use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::party::network::Target;

/// How often the server is asked for a connection. One that ends and is started again is away for longer.
const INTERVAL: Duration = Duration::from_millis(50);

/// How soon it is asked again where it refused: this machine may have run out of something for a moment.
const RETRY: Duration = Duration::from_millis(10);

/// A time at which the server took no connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Absence {
    /// When it was there for the last time.
    pub(super) seen: Instant,
    /// What the network said.
    pub(super) reason: String,
}

/// The newest absence, if there was any.
pub(super) type Absences = watch::Receiver<Option<Absence>>;

/// Asks the server for a connection again and again, for as long as it is polled, so that a server which went away is missed
/// even if no case noticed and a new one has taken its place meanwhile.
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

/// Whether the server answers at all, whatever it says; a gateway that has no server behind it does not count.
///
/// # Errors
///
/// Why it does not, in words.
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
