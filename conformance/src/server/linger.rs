//! Reads and drops unwanted input, so that its sender can receive the answer.

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use tokio::time::timeout;

use super::bounds;

/// Reads to the end, within [bounds].
pub(super) async fn linger<E>(mut pieces: impl Stream<Item = Result<Bytes, E>> + Unpin) {
    let drain = async {
        let mut left = bounds::LINGER_BYTES;
        while let Ok(Some(Ok(piece))) = timeout(bounds::LINGER_PAUSE, pieces.next()).await {
            match left.checked_sub(piece.len()) {
                Some(rest) => left = rest,
                None => return,
            }
        }
    };
    let _ = timeout(bounds::LINGER, drain).await;
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::time::Duration;

    use futures_util::stream::{self, empty};
    use tokio::time::{Instant, sleep};

    use super::*;

    async fn listened_to(pieces: impl Stream<Item = Result<Bytes, Infallible>>) -> Duration {
        let since = Instant::now();
        linger(Box::pin(pieces)).await;
        since.elapsed()
    }

    fn piece_after(pause: Duration, len: usize) -> impl Stream<Item = Result<Bytes, Infallible>> {
        let piece = Bytes::from(vec![0; len]);
        stream::repeat(piece).then(move |piece| async move {
            sleep(pause).await;
            Ok(piece)
        })
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_listened_to_for_ever() {
        let moment = Duration::from_millis(100);
        assert_eq!(listened_to(piece_after(moment, 1)).await, bounds::LINGER, "it goes on and on");
        assert_eq!(listened_to(piece_after(2 * bounds::LINGER_PAUSE, 1)).await, bounds::LINGER_PAUSE, "it has stopped");
        assert_eq!(listened_to(piece_after(moment, bounds::LINGER_BYTES / 2)).await, 3 * moment, "it is too much");
        assert_eq!(listened_to(empty()).await, Duration::ZERO, "it was all");
    }
}
