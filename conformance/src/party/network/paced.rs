//! A stream that can pause: what is written travels in two segments, cut at a given position.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// How long the second segment is delayed: longer than a server's network stack takes to deliver the first.
const BREATH: Duration = Duration::from_millis(20);

/// A byte stream that writes without a pause unless [`cut_after`](Self::cut_after) requests one.
pub(super) struct Paced<S> {
    stream: S,
    pace: Pace,
}

enum Pace {
    Steady,
    /// The pause comes after this many bytes.
    Until(usize),
    Breath(Pin<Box<Sleep>>),
}

impl<S> Paced<S> {
    pub(super) const fn new(stream: S) -> Self {
        Self { stream, pace: Pace::Steady }
    }

    /// Pauses after the next `bytes` bytes.
    pub(super) fn cut_after(&mut self, bytes: usize) {
        if bytes > 0 {
            self.pace = Pace::Until(bytes);
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if let Pace::Breath(breath) = &mut self.pace {
            ready!(breath.as_mut().poll(cx));
            self.pace = Pace::Steady;
        }
        let Pace::Until(left) = self.pace else { return Pin::new(&mut self.stream).poll_write(cx, bytes) };
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &bytes[..bytes.len().min(left)]))?;
        if written < left {
            self.pace = Pace::Until(left - written);
            return Poll::Ready(Ok(written));
        }
        self.pace = Pace::Breath(Box::pin(tokio::time::sleep(BREATH)));
        // Sends the bytes before the cut now; if that is not possible, the flush after the whole frame does it.
        let _ = Pin::new(&mut self.stream).poll_flush(cx)?;
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_stands_behind_the_cut_comes_a_breath_later() {
        let (near, mut far) = tokio::io::duplex(64);
        let mut near = Paced::new(near);
        near.cut_after(3);
        let since = tokio::time::Instant::now();
        let written = tokio::spawn(async move {
            near.write_all(b"abcdef").await.unwrap();
            near.write_all(b"ghi").await.unwrap();
        });
        let mut piece = [0; 64];
        assert_eq!((far.read(&mut piece).await.unwrap(), since.elapsed()), (3, Duration::ZERO));
        assert_eq!(far.read(&mut piece).await.unwrap(), 6);
        assert!(since.elapsed() >= BREATH);
        written.await.unwrap();
    }
}
