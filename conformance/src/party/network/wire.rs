//! A TCP connection that is read to its end even if writing fails.
//!
//! A server may answer and close before it has read the whole request. Writing then fails, but the answer can still be
//! read. So a failed write counts as done, and the result of reading is reported.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How many of a server's first bytes are kept.
const GREETING: usize = 64;

/// A TCP connection.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    greeting: Greeting,
}

/// The first bytes on a connection, for a description if they are not HTTP.
#[derive(Clone, Debug, Default)]
pub(super) struct Greeting(Arc<OnceLock<Vec<u8>>>);

impl Greeting {
    /// The first bytes; empty if there were none.
    pub(super) fn bytes(&self) -> &[u8] {
        self.0.get().map_or(&[], Vec::as_slice)
    }
}

impl Wire {
    pub(super) fn new(stream: TcpStream) -> Self {
        let _ = stream.set_nodelay(true);
        Self { stream, greeting: Greeting::default() }
    }

    pub(super) fn greeting(&self) -> Greeting {
        self.greeting.clone()
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        let arrived = &buffer.filled()[before..];
        if !arrived.is_empty() {
            self.greeting.0.get_or_init(|| arrived[..arrived.len().min(GREETING)].to_vec());
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes));
        Poll::Ready(Ok(written.unwrap_or(bytes.len())))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let _ = ready!(Pin::new(&mut self.stream).poll_flush(cx));
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let _ = ready!(Pin::new(&mut self.stream).poll_shutdown(cx));
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn an_answer_is_read_although_the_connection_is_reset() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let mut wire = Wire::new(TcpStream::connect(listener.local_addr().unwrap()).await.unwrap());
        let (mut server, _) = listener.accept().await.unwrap();
        wire.write_all(b"unread").await.unwrap();
        server.readable().await.unwrap();
        server.write_all(b"answer").await.unwrap();
        // Unread bytes make the system reset the connection.
        drop(server);
        wire.stream.readable().await.unwrap();
        for _ in 0..3 {
            wire.write_all(b"more").await.unwrap();
            wire.flush().await.unwrap();
        }
        let mut answer = [0; 6];
        wire.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"answer");
    }
}
