//! The two requests that a polling session may have in flight.

use super::RequestId;
use crate::engineio::error::PayloadError;
use crate::engineio::packet::Packet;
use crate::engineio::payload::{Format, Packets};

/// The parked GET and the POST in progress.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    poll: Option<RequestId>,
    post: Post,
}

#[derive(Debug, Default)]
enum Post {
    #[default]
    Idle,
    /// The head is here, which tells the form of the body; the body is not.
    Receiving { id: RequestId, format: Format },
    /// The body is here, and its packets are taken out one by one.
    Dispatching { id: RequestId, packets: Packets },
}

/// A lane that is in use already.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Overlap;

/// Which lane a request was in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lane {
    Poll,
    Post,
}

/// The next step with a body that is being dispatched.
#[derive(Debug)]
pub(super) enum Dispatch {
    Packet(Packet),
    /// There is nothing more in it.
    Done(RequestId),
    /// The rest of it is no payload.
    Fault(RequestId, PayloadError),
}

impl Lanes {
    pub(super) const fn with_poll(id: RequestId) -> Self {
        Self { poll: Some(id), post: Post::Idle }
    }

    //= EIO4-GET-06
    pub(super) const fn park(&mut self, id: RequestId) -> Result<(), Overlap> {
        match self.poll {
            Some(_) => Err(Overlap),
            None => {
                self.poll = Some(id);
                Ok(())
            }
        }
    }

    //= EIO4-POST-04
    pub(super) fn begin_post(&mut self, id: RequestId, format: Format) -> Result<(), Overlap> {
        match self.post {
            Post::Receiving { .. } | Post::Dispatching { .. } => Err(Overlap),
            Post::Idle => {
                self.post = Post::Receiving { id, format };
                Ok(())
            }
        }
    }

    /// Starts on the body of the POST whose head was seen.
    pub(super) fn begin_dispatch(&mut self, id: RequestId, packets: Packets) {
        self.post = Post::Dispatching { id, packets };
    }

    /// The next packet of the body that is being dispatched; `None` if there is no such body.
    pub(super) fn dispatch(&mut self) -> Option<Dispatch> {
        let Post::Dispatching { id, packets } = &mut self.post else { return None };
        let id = *id;
        let step = match packets.next() {
            Some(Ok(packet)) => return Some(Dispatch::Packet(packet)),
            Some(Err(error)) => Dispatch::Fault(id, error),
            None => Dispatch::Done(id),
        };
        self.post = Post::Idle;
        Some(step)
    }

    /// Leaves the rest of the body that is being dispatched unread.
    pub(super) fn abandon_dispatch(&mut self) -> Option<RequestId> {
        match self.post {
            Post::Dispatching { id, .. } => {
                self.post = Post::Idle;
                Some(id)
            }
            Post::Idle | Post::Receiving { .. } => None,
        }
    }

    pub(super) const fn is_parked(&self) -> bool {
        self.poll.is_some()
    }

    pub(super) const fn take_poll(&mut self) -> Option<RequestId> {
        self.poll.take()
    }

    /// Takes out the POST that waits for its answer.
    pub(super) fn take_post(&mut self) -> Option<RequestId> {
        match core::mem::take(&mut self.post) {
            Post::Idle => None,
            Post::Receiving { id, .. } | Post::Dispatching { id, .. } => Some(id),
        }
    }

    /// Ends the wait for the body of the POST `id`, and tells the form of that body; `None` if it is not awaited.
    pub(super) fn end_post(&mut self, id: RequestId) -> Option<Format> {
        match self.post {
            Post::Receiving { id: awaited, format } if awaited == id => {
                self.post = Post::Idle;
                Some(format)
            }
            _ => None,
        }
    }

    /// Forgets a request that needs no answer any more, and tells where it was.
    pub(super) fn forget(&mut self, id: RequestId) -> Option<Lane> {
        if self.poll.take_if(|poll| *poll == id).is_some() {
            Some(Lane::Poll)
        } else {
            self.end_post(id).map(|_| Lane::Post)
        }
    }
}
