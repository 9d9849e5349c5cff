//! The two requests that a polling session may have in flight.

use crate::engineio::error::PayloadError;
use crate::engineio::ids::RequestId;
use crate::engineio::packet::Packet;
use crate::engineio::payload::Packets;

/// The GET that waits for packets, or those that it brought, and the POST that carries some away.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    poll: Poll,
    post: Option<RequestId>,
}

#[derive(Debug, Default)]
enum Poll {
    #[default]
    Idle,
    Waiting(RequestId),
    /// The answer is here, and its packets are taken out one by one.
    Dispatching(Packets),
}

/// Which lane a request was in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    Poll,
    Post,
}

impl Lanes {
    /// Whether a GET may be sent.
    pub(super) const fn may_poll(&self) -> bool {
        matches!(self.poll, Poll::Idle)
    }

    /// Whether a POST may be sent.
    pub(super) const fn may_post(&self) -> bool {
        self.post.is_none()
    }

    /// Whether nothing is in flight, nor waits to be taken out.
    pub(super) const fn are_idle(&self) -> bool {
        self.may_poll() && self.may_post()
    }

    pub(super) fn poll(&mut self, id: RequestId) {
        self.poll = Poll::Waiting(id);
    }

    pub(super) const fn post(&mut self, id: RequestId) {
        self.post = Some(id);
    }

    /// Takes a request that has ended out of its lane, and tells which one that was.
    pub(super) fn end(&mut self, id: RequestId) -> Option<Lane> {
        if self.post.take_if(|post| *post == id).is_some() {
            return Some(Lane::Post);
        }
        let awaited = matches!(self.poll, Poll::Waiting(poll) if poll == id);
        awaited.then(|| {
            self.poll = Poll::Idle;
            Lane::Poll
        })
    }

    /// Starts on the answer to the GET that has ended.
    pub(super) fn begin_dispatch(&mut self, packets: Packets) {
        self.poll = Poll::Dispatching(packets);
    }

    /// The next packet that a GET brought; `None` if there is none.
    pub(super) fn dispatch(&mut self) -> Option<Result<Packet, PayloadError>> {
        let Poll::Dispatching(packets) = &mut self.poll else { return None };
        let packet = packets.next();
        if packet.is_none() {
            self.poll = Poll::Idle;
        }
        packet
    }

    /// Leaves what a GET brought unread.
    pub(super) fn abandon_dispatch(&mut self) {
        if matches!(self.poll, Poll::Dispatching(_)) {
            self.poll = Poll::Idle;
        }
    }

    /// The requests in flight.
    pub(super) fn in_flight(&self) -> impl Iterator<Item = RequestId> + use<> {
        let poll = if let Poll::Waiting(id) = self.poll { Some(id) } else { None };
        [poll, self.post].into_iter().flatten()
    }
}
