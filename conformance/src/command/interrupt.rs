//! Ctrl-C.

use crate::run::{CancellationToken, Judgement};

/// What is cancelled when the user presses Ctrl-C (SIGINT), so that what is known can be told. The second time ends the
/// process at once.
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
