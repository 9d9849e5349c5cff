//! What arrived and was not handed on yet.
//!
//! A session hands on one message at a time, and only while there is room for what the application may answer. What
//! arrives meanwhile waits here in its order: the rest of a polling body, then messages of a WebSocket. What is no message
//! for the application, a pong or a close packet, has its effect in its place in that order.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

use crate::engineio::error::PayloadError;
use crate::engineio::packet::Packet;
use crate::engineio::payload::Packets;
use crate::frame::Frame;
use crate::limits::HANDLE;

/// The inbox of one session, which is empty most of the time. `T` is what there is to know about a body.
#[derive(Debug)]
pub(in crate::engineio) struct Inbox<T>(Option<Box<Waiting<T>>>);

#[derive(Debug)]
struct Waiting<T> {
    /// The message whose turn it is.
    message: Option<Frame>,
    body: Option<(T, Packets)>,
    frames: VecDeque<Frame>,
    /// Of the frames, with their handles.
    bytes: usize,
}

/// The next thing that arrived.
#[derive(Debug)]
pub(in crate::engineio) enum Arrival<T> {
    /// A packet of a body.
    Packet(Packet),
    /// One message of a WebSocket, to be read.
    Frame(Frame),
    /// There is nothing more in the body.
    Done(T),
    /// The rest of the body is no payload.
    Fault(T, PayloadError),
}

impl<T> Default for Inbox<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Inbox<T> {
    pub(in crate::engineio) const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(in crate::engineio) fn has_body(&self) -> bool {
        self.0.as_ref().is_some_and(|waiting| waiting.body.is_some())
    }

    /// What there is to know about the body that waits.
    pub(in crate::engineio) fn body_mut(&mut self) -> Option<&mut T> {
        self.0.as_mut()?.body.as_mut().map(|(about, _)| about)
    }

    /// Bytes of the WebSocket messages that wait.
    pub(in crate::engineio) fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |waiting| waiting.bytes)
    }

    /// A body arrived; there is none yet.
    pub(in crate::engineio) fn push_body(&mut self, about: T, packets: Packets) {
        self.waiting().body = Some((about, packets));
    }

    pub(in crate::engineio) fn push_frame(&mut self, frame: Frame) {
        let waiting = self.waiting();
        waiting.bytes = waiting.bytes.saturating_add(frame.len()).saturating_add(HANDLE);
        waiting.frames.push_back(frame);
    }

    /// Puts a message where it can be handed on.
    pub(in crate::engineio) fn hold(&mut self, message: Frame) {
        self.waiting().message = Some(message);
    }

    /// The next thing that arrived; `None` if there is none, or a message has to be handed on before.
    pub(in crate::engineio) fn next(&mut self) -> Option<Arrival<T>> {
        let waiting = self.0.as_mut()?;
        if waiting.message.is_some() {
            return None;
        }
        if let Some((_, packets)) = &mut waiting.body {
            let end = match packets.next() {
                Some(Ok(packet)) => return Some(Arrival::Packet(packet)),
                Some(Err(error)) => Some(error),
                None => None,
            };
            let (about, _) = waiting.body.take()?;
            return Some(match end {
                Some(error) => Arrival::Fault(about, error),
                None => Arrival::Done(about),
            });
        }
        let Some(frame) = waiting.frames.pop_front() else {
            self.0 = None;
            return None;
        };
        waiting.bytes = waiting.bytes.saturating_sub(frame.len().saturating_add(HANDLE));
        Some(Arrival::Frame(frame))
    }

    /// The message whose turn it is.
    pub(in crate::engineio) fn take_message(&mut self) -> Option<Frame> {
        self.0.as_mut()?.message.take()
    }

    /// Forgets everything, and tells what there is to know about the body that waited.
    pub(in crate::engineio) fn clear(&mut self) -> Option<T> {
        self.0.take()?.body.map(|(about, _)| about)
    }

    fn waiting(&mut self) -> &mut Waiting<T> {
        self.0.get_or_insert_with(|| Box::new(Waiting { message: None, body: None, frames: VecDeque::new(), bytes: 0 }))
    }
}
