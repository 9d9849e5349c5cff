//! One namespace of a connection, with what all of them share.

use super::super::delivery::Outbox;
use super::super::event::Event;
use super::super::membership::{Membership, Stage};
use super::shared::Shared;
use crate::socketio::layer::DisconnectReason;

/// A membership, and what it shares with the others of its connection: all that a packet or a verb for one namespace
/// needs.
#[derive(Debug)]
pub(super) struct Member<'a> {
    pub(super) membership: &'a mut Membership,
    pub(super) shared: &'a mut Shared,
}

impl Member<'_> {
    /// Sends events that were kept back, as far as the client is in the namespace, there is room, and it is their turn.
    pub(super) fn send_kept(&mut self) {
        self.attempt();
        let Self { membership, shared } = self;
        let connected = membership.is_connected();
        let Outbox::Plain(plain) = &mut membership.outbox else { return };
        while connected
            && shared.door.takes_events(&shared.limits)
            && let Some(messages) = plain.pop()
        {
            shared.transmit(messages);
        }
    }

    /// Sends the first of the events that are retried, if none is in flight and there is room: a try that could not leave
    /// would be given up for the next one, and leave all the same.
    //= SIO5-CLI-08
    pub(super) fn attempt(&mut self) {
        let Self { membership, shared } = self;
        let connected = membership.is_connected();
        if let Outbox::Retrying(retrying) = &mut membership.outbox
            && connected
            && shared.door.takes_events(&shared.limits)
            && let Some(event) = retrying.next()
            && let Some(id) = membership.acks.draw()
        {
            let (messages, timeout) = event.attempt(&membership.namespace, id);
            shared.pending.insert(membership.namespace.clone(), id, shared.now.saturating_add(timeout));
            shared.transmit(messages);
        }
    }

    /// Ends the membership for now: what is in flight will not be acknowledged. What was kept back waits on.
    //= SIO5-ACK-10
    pub(super) fn lose(&mut self, next: Stage, reason: DisconnectReason) {
        let Self { membership, shared } = self;
        if !core::mem::replace(&mut membership.stage, next).is_connected() {
            return;
        }
        let namespace = &membership.namespace;
        shared.event(Event::Disconnected { namespace: namespace.clone(), reason });
        let unsent = membership.outbox.first_unsent();
        let in_flight = shared.pending.of(namespace).into_iter();
        for id in in_flight.take_while(|id| unsent.is_none_or(|unsent| *id < unsent)) {
            shared.pending.settle(namespace, id);
            if let Some(id) = membership.outbox.lost(id) {
                shared.event(Event::AckLost { namespace: namespace.clone(), id });
            }
        }
    }
}
