//! The two requests that a polling session may have in flight.

use crate::engineio::ids::RequestId;

/// The GET that waits for packets, and the POST that carries some away.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    poll: Option<RequestId>,
    post: Option<RequestId>,
}

/// Which lane a request was in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    Poll,
    Post,
}

impl Lanes {
    /// Whether no GET is in flight.
    pub(super) const fn may_poll(&self) -> bool {
        self.poll.is_none()
    }

    /// Whether a POST may be sent.
    pub(super) const fn may_post(&self) -> bool {
        self.post.is_none()
    }

    /// Whether nothing is in flight.
    pub(super) const fn are_idle(&self) -> bool {
        self.may_poll() && self.may_post()
    }

    pub(super) const fn poll(&mut self, id: RequestId) {
        self.poll = Some(id);
    }

    pub(super) const fn post(&mut self, id: RequestId) {
        self.post = Some(id);
    }

    /// Removes a request that has ended; returns the lane it was in.
    pub(super) fn end(&mut self, id: RequestId) -> Option<Lane> {
        if self.post.take_if(|post| *post == id).is_some() {
            return Some(Lane::Post);
        }
        self.poll.take_if(|poll| *poll == id).map(|_| Lane::Poll)
    }

    /// The requests in flight.
    pub(super) fn in_flight(&self) -> impl Iterator<Item = RequestId> + use<> {
        [self.poll, self.post].into_iter().flatten()
    }
}
