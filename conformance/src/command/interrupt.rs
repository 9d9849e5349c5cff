//! Ctrl-C.

use crate::run::{CancellationToken, Judgement};

/// A token that is cancelled when the user presses Ctrl-C (SIGINT), so that the results so far can be reported. A
/// second Ctrl-C ends the process at once.
pub(super) fn stop() -> CancellationToken {
    let stop = CancellationToken::new();
    let heard = stop.clone();
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            if heard.is_cancelled() {
                std::process::exit(Judgement::Interrupted.code().into());
            }
            heard.cancel();
        }
    });
    stop
}
