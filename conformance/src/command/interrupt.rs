//! Ctrl-C (SIGINT), and SIGTERM.

use super::signals::Signals;
use crate::run::CancellationToken;

/// A token that is cancelled by the first signal, so that the results so far can be reported. A second signal ends the
/// process at once, after `last_act`.
pub(super) fn stop_or(last_act: impl Fn() + Send + 'static) -> CancellationToken {
    let stop = CancellationToken::new();
    let heard = stop.clone();
    tokio::spawn(async move {
        // Without handlers, the signals end the process by themselves.
        let Ok(mut signals) = Signals::new() else { return };
        loop {
            let code = signals.next().await;
            if heard.is_cancelled() {
                last_act();
                std::process::exit(code.into());
            }
            heard.cancel();
        }
    });
    stop
}

/// The same, when there is nothing to do at the end.
pub(super) fn stop() -> CancellationToken {
    stop_or(|| {})
}
