//! The two requests that a polling session may have in flight.

use crate::engineio::ids::RequestId;
use crate::engineio::payload::Format;

/// The parked GET, and the POST whose body is awaited.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    poll: Option<RequestId>,
    post: Option<Upload>,
}

/// A POST whose body is awaited; its head says which form the body has.
#[derive(Debug)]
struct Upload {
    id: RequestId,
    format: Format,
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

impl Lanes {
    pub(super) const fn with_poll(id: RequestId) -> Self {
        Self { poll: Some(id), post: None }
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
    pub(super) const fn begin_post(&mut self, id: RequestId, format: Format) -> Result<(), Overlap> {
        match self.post {
            Some(_) => Err(Overlap),
            None => {
                self.post = Some(Upload { id, format });
                Ok(())
            }
        }
    }

    pub(super) const fn is_parked(&self) -> bool {
        self.poll.is_some()
    }

    pub(super) const fn take_poll(&mut self) -> Option<RequestId> {
        self.poll.take()
    }

    /// Takes out the POST whose body is awaited.
    pub(super) fn take_post(&mut self) -> Option<RequestId> {
        self.post.take().map(|post| post.id)
    }

    /// Ends the wait for the body of the POST `id`, and tells the form of that body; `None` if it is not awaited.
    pub(super) fn end_post(&mut self, id: RequestId) -> Option<Format> {
        self.post.take_if(|post| post.id == id).map(|post| post.format)
    }

    /// Forgets a request that needs no answer any more; returns the lane it was in.
    pub(super) fn forget(&mut self, id: RequestId) -> Option<Lane> {
        if self.poll.take_if(|poll| *poll == id).is_some() {
            Some(Lane::Poll)
        } else {
            self.end_post(id).map(|_| Lane::Post)
        }
    }
}
