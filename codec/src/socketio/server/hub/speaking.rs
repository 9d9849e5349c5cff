//! Sending broadcasts. Who receives one is looked up in `rooms.rs`.

use core::time::Duration;

use super::answers::Answered;
use super::broadcast::Answer;
use super::target::Delivery;
use super::{Broadcast, Hub, Log, MemberId, Queued, Target};
use crate::engineio::Encoded;
use crate::machine::Machine as _;
use crate::socketio::ack_id::AckId;
use crate::socketio::args::Args;
use crate::socketio::layer::EmitError;
use crate::socketio::namespace::Namespace;
use crate::socketio::packet::{ToArgs, ToPacket as _, is_reserved};
use crate::time::Timestamp;

impl Hub {
    /// Sends an event to every member of the target, with a tuple of values or [`Args`](crate::socketio::Args); tells how many
    /// they are: none, if nobody is in its namespace or its rooms.
    ///
    /// It is written once. One [`Transmit::Deliver`](super::Transmit::Deliver) follows for each, in the order of joining.
    ///
    /// # Errors
    ///
    /// [`EmitError::ReservedName`], and [`EmitError::Args`] if the arguments cannot be written, or the
    /// [parser](super::Config::parser) cannot carry them.
    //= SRV-ROOM-10: Encode per protocol
    //= HYB-05: for the same broadcast
    pub fn broadcast(
        &mut self,
        now: Timestamp,
        target: &Target,
        name: &str,
        args: impl ToArgs,
    ) -> Result<usize, EmitError> {
        self.handle_timeout(now);
        //= SIO5-CSR-03: append the offset to recoverable events only
        let offset = self.log.as_ref().filter(|_| target.delivery == Delivery::Queued).map(Log::next_offset);
        let messages = self.write(&target.namespace, name, args, offset.as_deref())?;
        if let (Some(log), Some(_)) = (&mut self.log, offset) {
            log.push(self.now, target.clone(), messages.clone());
        }
        Ok(self.send(target, messages))
    }

    /// An event as all receivers of a broadcast get it, with its offset if it has one.
    pub(crate) fn write(
        &self,
        namespace: &Namespace,
        name: &str,
        args: impl ToArgs,
        offset: Option<&str>,
    ) -> Result<Encoded, EmitError> {
        let parser = self.config.parser;
        if is_reserved(name.as_bytes()) {
            return Err(EmitError::ReservedName);
        }
        Ok(match offset {
            Some(offset) => {
                let args = args.with_args(parser, |args| args.with_last(offset))?;
                args.to_event(parser, namespace, name, None)?
            }
            None => args.to_event(parser, namespace, name, None)?,
        })
    }

    /// Sends what was written to every member of the target; tells how many they are.
    pub(crate) fn send(&mut self, target: &Target, messages: Encoded) -> usize {
        //= SRV-ROOM-08: exclude the sender
        let receivers = self.index.select(target);
        let count = receivers.len();
        let broadcast = Broadcast::new(target.namespace.clone(), messages, target.delivery, None);
        //= SRV-ROOM-11: the order of broadcasts
        self.outputs.push(Queued::Deliver { broadcast, receivers: receivers.into_iter() });
        count
    }

    /// Sends an event that every member of the target is to acknowledge within `timeout`; tells how many they are, and the
    /// id, the same for all.
    ///
    /// One [`Event::Settled`](super::Event::Settled) follows: when all have answered, or left, or the time is over. The
    /// reference without a timeout waits for one millisecond; here there is always one.
    ///
    /// # Errors
    ///
    /// As [`broadcast`](Self::broadcast), and [`EmitError::TooManyAcks`] if as many broadcasts wait for answers as
    /// [`Limits::max_pending_acks`](crate::Limits::max_pending_acks) allows, or if there is no
    /// [room](super::Config::max_answer_bytes) for as many answers as there are receivers.
    //= SRV-BC-05: Require a timeout
    pub fn broadcast_with_ack(
        &mut self,
        now: Timestamp,
        target: &Target,
        name: &str,
        args: impl ToArgs,
        timeout: Duration,
    ) -> Result<(AckId, usize), EmitError> {
        self.handle_timeout(now);
        if is_reserved(name.as_bytes()) {
            return Err(EmitError::ReservedName);
        }
        if self.answers.len() >= self.config.limits.max_pending_acks {
            return Err(EmitError::TooManyAcks);
        }
        //= SRV-BC-03: one id for all receivers
        let id = AckId::new(self.next_ack).ok_or(EmitError::TooManyAcks)?;
        let receivers = self.index.select(target);
        if !self.answers.has_room_for(receivers.len()) {
            return Err(EmitError::TooManyAcks);
        }
        let messages = args.to_event(self.config.parser, &target.namespace, name, Some(id))?;
        //= SIO5-ACK-06: unique per socket while pending
        self.next_ack = self.next_ack.saturating_add(2);
        let deadline = self.now.saturating_add(timeout);
        let count = receivers.len();
        //= SRV-BC-04: complete when all receivers answered
        let settled = self.answers.expect(id, deadline, receivers.clone());
        let answer = Some(Answer { id, deadline });
        let broadcast = Broadcast::new(target.namespace.clone(), messages, target.delivery, answer);
        self.outputs.push(Queued::Deliver { broadcast, receivers: receivers.into_iter() });
        if let Some(settled) = settled {
            self.settled(settled);
        }
        Ok((id, count))
    }

    /// A member answered a broadcast: its connection's [`BroadcastAcked`](crate::socketio::Event::BroadcastAcked).
    /// [`Event::Settled`](super::Event::Settled) follows when all have, or their time is over. An answer that nothing waits
    /// for is ignored.
    pub fn acknowledge(&mut self, now: Timestamp, member: MemberId, id: AckId, args: &Args) {
        self.handle_timeout(now);
        self.take_answer(member, id, args);
    }

    /// Whether the answer was waited for.
    pub(crate) fn take_answer(&mut self, member: MemberId, id: AckId, args: &Args) -> bool {
        match self.answers.answered(&self.index, member, id, args) {
            Answered::Ignored => return false,
            Answered::Taken(None) => {}
            Answered::Taken(Some(settled)) => self.settled(settled),
        }
        true
    }
}
