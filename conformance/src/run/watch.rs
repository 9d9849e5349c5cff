//! Watches whether the server is still there; and the other servers of its cluster, if the run is about one.

use std::time::{Duration, Instant};

use futures_util::future;
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

/// Opens connections to the servers again and again while it is polled. So an outage is found even if no case noticed it
/// and the server has been restarted.
pub(super) async fn watch(target: Target, absences: watch::Sender<Option<Absence>>) {
    future::join_all(target.servers().map(|server| watch_one(server, &target, &absences))).await;
}

async fn watch_one(server: &Target, cluster: &Target, absences: &watch::Sender<Option<Absence>>) {
    let mut seen = Instant::now();
    let mut away = false;
    loop {
        let asked = Instant::now();
        match reach(server).await {
            Ok(()) => (seen, away) = (asked, false),
            Err(reason) if !away => {
                away = true;
                absences.send_replace(Some(Absence { seen, reason: attributed(reason, server, cluster) }));
            }
            Err(_) => {}
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn reach(server: &Target) -> Result<(), String> {
    if server.reach().await.is_ok() {
        return Ok(());
    }
    tokio::time::sleep(RETRY).await;
    server.reach().await
}

/// Whether all servers answer at all, with any answer; a gateway without a server behind it does not count.
///
/// # Errors
///
/// Why one does not answer.
pub(super) async fn answers(target: &Target) -> Result<(), String> {
    let answered = target.servers().map(|server| async move {
        let answer = server.ask("EIO=4&transport=polling").await;
        let answered = answer.and_then(|answer| match answer.status {
            status @ 502..=504 => Err(format!("a handshake is answered with status {status}")),
            _ => Ok(()),
        });
        answered.map_err(|reason| attributed(reason, server, target))
    });
    future::try_join_all(answered).await.map(drop)
}

/// A reason, with the URL of the server if there are several.
fn attributed(reason: String, server: &Target, cluster: &Target) -> String {
    if cluster.servers().nth(1).is_some() { format!("{server}: {reason}") } else { reason }
}

/// Waits until all servers answer again, up to `patience`.
pub(super) async fn comes_back(target: &Target, patience: Duration) -> bool {
    let back = async {
        while answers(target).await.is_err() {
            tokio::time::sleep(INTERVAL).await;
        }
    };
    tokio::time::timeout(patience, back).await.is_ok()
}
