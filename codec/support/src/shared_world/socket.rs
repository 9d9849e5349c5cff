//! WebSockets in memory, as libraries make them: streams and sinks of messages.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use futures_sink::Sink;
use sio_codec::Frame;

use super::executor::Executor;

/// So many messages are on their way in each direction.
const ROOM: usize = 2;

/// What goes over a WebSocket.
#[derive(Clone, Debug)]
pub(super) enum Message {
    Frame(Frame),
    /// Neither text nor binary.
    Ping,
    Close,
}

/// The connection failed.
#[derive(Debug)]
pub(super) struct Broken;

/// One of the two ends.
pub(super) struct Socket {
    line: Line,
    /// Which of the two.
    end: usize,
    has_closed: bool,
    heard_close: bool,
}

/// What lies between both.
#[derive(Clone)]
pub(super) struct Line(Rc<RefCell<State>>);

struct State {
    executor: Executor,
    /// To each end.
    ways: [Way; 2],
    is_broken: bool,
}

#[derive(Default)]
struct Way {
    messages: VecDeque<Message>,
    /// Nothing arrives for the moment.
    is_stalled: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
    /// Nothing comes any more behind these.
    is_ended: bool,
}

pub(super) fn pair(executor: &Executor) -> ([Socket; 2], Line) {
    let state = State { executor: executor.clone(), ways: [Way::default(), Way::default()], is_broken: false };
    let line = Line(Rc::new(RefCell::new(state)));
    let end = |end| Socket { line: line.clone(), end, has_closed: false, heard_close: false };
    ([end(0), end(1)], line.clone())
}

impl Line {
    pub(super) fn breaks(&self) {
        let mut state = self.0.borrow_mut();
        state.is_broken = true;
        state.ways.iter_mut().for_each(Way::wake);
    }

    /// Nothing arrives at one end, or everything again.
    pub(super) fn stalls(&self, end: usize, is_stalled: bool) {
        let way = &mut self.0.borrow_mut().ways[end];
        way.is_stalled = is_stalled;
        way.wake();
    }

    /// Something comes to one end that the other one's program did not send.
    pub(super) fn slips_in(&self, end: usize, message: Message) {
        let way = &mut self.0.borrow_mut().ways[end];
        if !way.is_ended {
            way.messages.push_back(message);
            way.wake();
        }
    }
}

impl Way {
    fn wake(&mut self) {
        self.reader.take().into_iter().chain(self.writer.take()).for_each(Waker::wake);
    }

    fn has_room(&self) -> bool {
        self.messages.len() < ROOM
    }
}

impl Socket {
    /// Waits for the way to the other end.
    fn poll_way(&self, context: &Context<'_>, is_free: impl Fn(&Way) -> bool) -> Poll<Result<(), Broken>> {
        let state = &mut *self.line.0.borrow_mut();
        let way = &mut state.ways[1 - self.end];
        if state.is_broken {
            Poll::Ready(Err(Broken))
        } else if is_free(way) {
            Poll::Ready(Ok(()))
        } else {
            way.writer = Some(context.waker().clone());
            Poll::Pending
        }
    }

    fn put(&self, message: Message) {
        let mut state = self.line.0.borrow_mut();
        state.executor.progressed();
        let way = &mut state.ways[1 - self.end];
        way.messages.push_back(message);
        way.reader.take().into_iter().for_each(Waker::wake);
    }

    fn close(&mut self) {
        if !self.has_closed {
            self.has_closed = true;
            self.put(Message::Close);
            // Who waits for room need not.
            let writer = self.line.0.borrow_mut().ways[1 - self.end].writer.take();
            writer.into_iter().for_each(Waker::wake);
        }
    }
}

impl Stream for Socket {
    type Item = Result<Message, Broken>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = Pin::into_inner(self);
        if this.heard_close {
            return Poll::Ready(None);
        }
        let message = {
            let state = &mut *this.line.0.borrow_mut();
            let way = &mut state.ways[this.end];
            if state.is_broken {
                return Poll::Ready(Some(Err(Broken)));
            }
            let next = if way.is_stalled { None } else { way.messages.pop_front() };
            let Some(message) = next else {
                if way.is_ended && !way.is_stalled {
                    return Poll::Ready(None);
                }
                way.reader = Some(context.waker().clone());
                return Poll::Pending;
            };
            state.executor.progressed();
            way.writer.take().into_iter().for_each(Waker::wake);
            message
        };
        if let Message::Close = message {
            this.heard_close = true;
            // It is answered by the library.
            this.close();
            return Poll::Ready(None);
        }
        Poll::Ready(Some(Ok(message)))
    }
}

impl Sink<Message> for Socket {
    type Error = Broken;

    fn poll_ready(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        if self.has_closed {
            return Poll::Ready(Err(Broken));
        }
        self.poll_way(context, Way::has_room)
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), Broken> {
        self.put(message);
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        self.poll_way(context, Way::has_room)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        let this = Pin::into_inner(self);
        this.close();
        this.poll_way(context, Way::has_room)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let mut state = self.line.0.borrow_mut();
        if !self.has_closed {
            // The connection is cut.
            state.is_broken = true;
        }
        let way = &mut state.ways[1 - self.end];
        way.is_ended = true;
        state.ways.iter_mut().for_each(Way::wake);
    }
}
