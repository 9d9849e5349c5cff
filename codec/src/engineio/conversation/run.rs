//! The whole life of a WebSocket, over what libraries make of one.

#[cfg(test)]
mod tests;

use core::error::Error;
use core::fmt;
use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use core::time::Duration;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_core::Stream;
use futures_sink::Sink;

use super::{Conversation, Reader, Writer};
use crate::frame::Frame;

/// How long a peer may take to take a message, to answer a Close frame, and to say its last words.
const PATIENCE: Duration = Duration::from_secs(30);

/// After how many messages a peer that sends without a pause lets its session write, and a session that does lets the socket flush.
const TURN: usize = 16;

/// Why a WebSocket ended other than by a Close frame. Its session was told that it is lost.
///
/// [`Conversation::run`] returns it, and has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConversationError<E> {
    /// Reading or writing failed.
    Socket(E),
    /// The peer took no message, or did not answer a Close frame, for 30 s.
    TimedOut,
}

impl Conversation {
    /// Lives the life of the WebSocket: hears what comes, as long as the session wants to hear it, writes what the session says,
    /// and closes when one of the two ends it. Needs the feature `futures`.
    ///
    /// `socket` is the WebSocket of axum, tokio-tungstenite, async-tungstenite, or any other library that makes a
    /// [`Stream`](https://docs.rs/futures-core/latest/futures_core/stream/trait.Stream.html) and a
    /// [`Sink`](https://docs.rs/futures-sink/latest/futures_sink/trait.Sink.html) of its messages. `frame_of` has nothing for
    /// messages that are neither text nor binary. `sleep` is the timer of the runtime, such as `tokio::time::sleep`.
    ///
    /// Messages that are there at the same time are written before the socket is flushed. When the session has ended, the
    /// last messages are written, and then a Close frame; what the peer still sends is read and thrown away, because a connection
    /// that is closed while something is unread is reset, and then its peer may not read what was sent last.
    ///
    /// # Errors
    ///
    /// [`ConversationError`] if the WebSocket does not end by a Close frame. The session has heard of that already: a program
    /// needs the error for its log only.
    ///
    /// ```
    /// use futures_util::{Sink, Stream};
    /// use sio_codec::engineio::{Conversation, ConversationError};
    /// use sio_codec::{Frame, Text};
    /// use tungstenite::{Bytes, Error, Message};
    ///
    /// async fn converse(
    ///     conversation: Conversation,
    ///     socket: impl Stream<Item = Result<Message, Error>> + Sink<Message, Error = Error>,
    /// ) -> Result<(), ConversationError<Error>> {
    ///     // With tokio this is `tokio::time::sleep`.
    ///     conversation.run(socket, frame_of, message_of, smol::Timer::after).await
    /// }
    ///
    /// fn frame_of(message: Message) -> Option<Frame> {
    ///     match message {
    ///         Message::Text(text) => Text::try_from(Bytes::from(text)).ok().map(Frame::Text),
    ///         Message::Binary(bytes) => Some(Frame::Binary(bytes)),
    ///         _ => None,
    ///     }
    /// }
    ///
    /// fn message_of(frame: Frame) -> Message {
    ///     match frame {
    ///         Frame::Text(text) => Message::text(text.as_str()),
    ///         Frame::Binary(bytes) => Message::Binary(bytes),
    ///     }
    /// }
    /// ```
    pub async fn run<M, E, S: Future>(
        self,
        socket: impl Stream<Item = Result<M, E>> + Sink<M, Error = E>,
        frame_of: impl Fn(M) -> Option<Frame>,
        message_of: impl Fn(Frame) -> M,
        sleep: impl Fn(Duration) -> S,
    ) -> Result<(), ConversationError<E>> {
        let (reader, writer) = self.open();
        let socket = pin!(socket);
        let line = Line { socket: Mutex::new(socket), sleep };
        let mut read = pin!(line.read(reader, frame_of));
        let mut write = pin!(line.write(writer, message_of));
        match first(read.as_mut(), write.as_mut()).await {
            First::Left(end) => {
                // The session was told, and says no more. What it has said is written as far as the peer still takes it.
                let _ = write.await;
                end
            }
            First::Right(end) => {
                let rest = line.in_time(read).await;
                end?;
                rest.and(Ok(()))
            }
        }
    }
}

/// A WebSocket that is read and written at the same time.
struct Line<'a, S, Z> {
    socket: Mutex<Pin<&'a mut S>>,
    sleep: Z,
}

impl<'a, M, E, S, Z, T> Line<'a, S, Z>
where
    S: Stream<Item = Result<M, E>> + Sink<M, Error = E>,
    Z: Fn(Duration) -> T,
    T: Future,
{
    async fn read(&self, reader: Reader, frame_of: impl Fn(M) -> Option<Frame>) -> Result<(), ConversationError<E>> {
        let mut heard = 0_usize;
        while reader.ready().await {
            heard = heard.wrapping_add(1);
            if heard.is_multiple_of(TURN) {
                breathe().await;
            }
            match self.next().await {
                Some(Ok(message)) => frame_of(message).into_iter().for_each(|frame| reader.frame(frame)),
                Some(Err(error)) => return Err(ConversationError::Socket(error)),
                None => return Ok(()),
            }
        }
        drop(reader);
        // Nobody is left who would hear that it fails.
        while let Some(Ok(_)) = self.next().await {}
        Ok(())
    }

    async fn write(&self, mut writer: Writer, message_of: impl Fn(Frame) -> M) -> Result<(), ConversationError<E>> {
        while let Some(frame) = writer.next().await {
            self.put(message_of(frame)).await?;
            for frame in core::iter::from_fn(|| writer.waiting()).take(TURN) {
                self.put(message_of(frame)).await?;
            }
            self.done(|socket, context| socket.poll_flush(context)).await?;
        }
        self.done(|socket, context| socket.poll_close(context)).await
    }

    async fn next(&self) -> Option<Result<M, E>> {
        poll_fn(|context| self.lock().as_mut().poll_next(context)).await
    }

    async fn put(&self, message: M) -> Result<(), ConversationError<E>> {
        self.done(|socket, context| socket.poll_ready(context)).await?;
        self.lock().as_mut().start_send(message).map_err(ConversationError::Socket)
    }

    /// Waits until the socket has done something that writes.
    async fn done(
        &self,
        mut poll: impl FnMut(Pin<&mut S>, &mut Context<'_>) -> Poll<Result<(), E>>,
    ) -> Result<(), ConversationError<E>> {
        let done = poll_fn(|context| poll(self.lock().as_mut(), context));
        self.in_time(done).await?.map_err(ConversationError::Socket)
    }

    /// Waits for what a peer may take long for.
    async fn in_time<F: Future>(&self, future: F) -> Result<F::Output, ConversationError<E>> {
        match first(pin!(future), pin!((self.sleep)(PATIENCE))).await {
            First::Left(output) => Ok(output),
            First::Right(_) => Err(ConversationError::TimedOut),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pin<&'a mut S>> {
        self.socket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The output of the future that was ready first.
enum First<A, B> {
    Left(A),
    Right(B),
}

/// Waits for one of two futures. If both are ready, it is the left one.
async fn first<A: Future, B: Future>(mut left: Pin<&mut A>, mut right: Pin<&mut B>) -> First<A::Output, B::Output> {
    poll_fn(|context| match left.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(First::Left(output)),
        Poll::Pending => right.as_mut().poll(context).map(First::Right),
    })
    .await
}

/// Lets the others of the task have a turn.
async fn breathe() {
    let mut breathed = false;
    poll_fn(|context| {
        if breathed {
            return Poll::Ready(());
        }
        breathed = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl<E: fmt::Display> fmt::Display for ConversationError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(error) => write!(f, "the WebSocket failed: {error}"),
            Self::TimedOut => f.write_str("the peer took nothing for 30 s"),
        }
    }
}

impl<E: Error + 'static> Error for ConversationError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Socket(error) => Some(error),
            Self::TimedOut => None,
        }
    }
}
