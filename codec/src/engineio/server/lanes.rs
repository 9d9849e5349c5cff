//! The two requests that a polling session may have in flight.

use super::RequestId;

/// The parked GET and the POST whose body is awaited.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    poll: Option<RequestId>,
    post: Option<RequestId>,
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
    pub(super) const fn begin_post(&mut self, id: RequestId) -> Result<(), Overlap> {
        match self.post {
            Some(_) => Err(Overlap),
            None => {
                self.post = Some(id);
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

    pub(super) const fn take_post(&mut self) -> Option<RequestId> {
        self.post.take()
    }

    /// Ends the POST `id`; `false` if that is not the one awaited.
    pub(super) fn end_post(&mut self, id: RequestId) -> bool {
        self.post.take_if(|post| *post == id).is_some()
    }

    /// Forgets a request that needs no answer any more, and tells where it was.
    pub(super) fn forget(&mut self, id: RequestId) -> Option<Lane> {
        if self.poll.take_if(|poll| *poll == id).is_some() {
            Some(Lane::Poll)
        } else {
            self.end_post(id).then_some(Lane::Post)
        }
    }
}
