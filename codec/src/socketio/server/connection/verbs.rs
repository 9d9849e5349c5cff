//! What the application can do with a connection.

#![cfg_attr(
    not(test),
    expect(clippy::arithmetic_side_effects, reason = "an id from 2^53 on is refused before the next one is made")
)]

use core::time::Duration;

use super::memberships::{Membership, Turn};
use super::{Connection, State, Timer};
use crate::engineio::{Encoded, Sid};
use crate::machine::Machine as _;
use crate::socketio::ack_id::AckId;
use crate::socketio::args::Json;
use crate::socketio::layer::{DisconnectReason, EmitError, Reply, Transmit};
use crate::socketio::namespace::Namespace;
use crate::socketio::packet::{Packet, PacketKind, Protocol, ToArgs, is_reserved};
use crate::socketio::server::hub::Broadcast;
use crate::time::Timestamp;

/// Namespaces: letting clients in, or refusing them.
impl Connection {
    /// Lets the client into the namespace it asked for, under the id `sid`. What is emitted from then on comes behind the answer.
    ///
    /// The id is public: it must not be the Engine.IO sid, nor derived from it. Clients of protocol 4 are not told: they
    /// know themselves as [`Namespace::client_id`].
    ///
    /// # Errors
    ///
    /// [`EmitError::NotAsking`] if the client does not wait for an answer there, [`EmitError::Closed`].
    //= SIO5-CON-02: an object with string `sid`
    //= SIO5-CON-03: different from the Engine.IO sid
    //= SIO4-CON-08: no payload in CONNECT answers
    pub fn accept(&mut self, namespace: &Namespace, sid: &Sid) -> Result<(), EmitError> {
        self.admit(namespace, &[], |client, namespace| Packet::connected(client, namespace, sid))
    }

    /// Lets the client into the namespace it asked for, under the public id `sid`, and tells it the private id `pid` under
    /// which it can [come back](crate::socketio::server::hub::Hub::recover) if the connection is lost.
    ///
    /// To one that is back the events it `missed` are sent first. Clients of protocol 4 cannot come back, and are told
    /// neither id.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    //= SIO5-CSR-01: Support recovery
    //= SIO5-CSR-02: different from `sid` and unguessable
    //= SIO5-CSR-05: deliver each missed packet exactly once
    pub fn accept_recoverable(
        &mut self,
        namespace: &Namespace,
        sid: &Sid,
        pid: &Sid,
        missed: &[Encoded],
    ) -> Result<(), EmitError> {
        self.admit(namespace, missed, |client, namespace| Packet::connected_with_pid(client, namespace, sid, pid))
    }

    fn admit(
        &mut self,
        namespace: &Namespace,
        missed: &[Encoded],
        welcome: impl FnOnce(Protocol, Namespace) -> Packet,
    ) -> Result<(), EmitError> {
        self.asking(namespace)?;
        if let State::Open(memberships) = &mut self.state {
            memberships.join(namespace);
        }
        //= SIO5-CON-26: Stop the connect timeout
        self.timers.cancel(Timer::Connect);
        //= SIO5-CON-08: except recovered packets
        for messages in missed {
            self.transmit(messages.clone());
        }
        //= SRV-HS-02: Emit nothing of a namespace before its CONNECT
        self.control(&welcome(self.dialect.client(), namespace.clone()));
        Ok(())
    }

    /// Turns the client away from the namespace it asked for; the connection stays open.
    ///
    /// The client reads the message, and the data if there is any; in protocol 4 only the one or the other.
    ///
    /// # Errors
    ///
    /// [`EmitError::NotAsking`] if the client does not wait for an answer there, [`EmitError::Closed`].
    //= SIO5-CON-04: object with string `message`
    //= SIO4-ERR-01: a middleware error sends `error.data` if set
    //= HYB-04: for middleware errors toward EIO3 clients
    pub fn refuse(&mut self, namespace: &Namespace, message: &str, data: Option<&Json>) -> Result<(), EmitError> {
        self.turn_away(namespace, &Packet::refused(self.dialect.client(), namespace.clone(), message, data))
    }

    /// Turns the client away from a namespace that does not exist, in the words that clients know.
    ///
    /// # Errors
    ///
    /// As [`refuse`](Self::refuse).
    //= SIO5-CON-05: message exactly `Invalid namespace`
    //= SIO4-ERR-02: `44/nope,"Invalid namespace"`
    //= SRV-NSP-03: Refusal by all predicates
    pub fn refuse_unknown(&mut self, namespace: &Namespace) -> Result<(), EmitError> {
        let words = "Invalid namespace";
        self.turn_away(namespace, &Packet::refused(self.dialect.unknown_namespace(), namespace.clone(), words, None))
    }

    fn turn_away(&mut self, namespace: &Namespace, refusal: &Packet) -> Result<(), EmitError> {
        self.asking(namespace)?;
        if let State::Open(memberships) = &mut self.state {
            memberships.remove(namespace);
        }
        //= SIO5-CON-06: Keep the connection open after a CONNECT_ERROR
        self.control(refusal);
        Ok(())
    }
}

/// Events and acknowledgements.
impl Connection {
    /// Sends an event, with a tuple of values or [`Args`](crate::socketio::Args): see [`ToArgs`].
    ///
    /// # Errors
    ///
    /// [`EmitError::NotJoined`], [`EmitError::ReservedName`], [`EmitError::Closed`], [`EmitError::BufferFull`] if the client
    /// does not read fast enough ([`Event::Writable`](super::Event::Writable) tells when there is room again), and
    /// [`EmitError::Args`] if the arguments cannot be written, or the connection's [parser](Self::with_parser) cannot carry them.
    /// Nothing is sent then.
    //= SIO5-EVT-02
    pub fn emit(&mut self, namespace: &Namespace, name: &str, args: impl ToArgs) -> Result<(), EmitError> {
        self.emittable(namespace, name)?;
        self.door.room_for_event(&self.limits)?;
        let messages = args.to_event(self.parser, namespace, name, None)?;
        self.transmit(messages);
        Ok(())
    }

    /// Sends an event, or drops it if the session cannot send it at once: a polling client without a GET that waits, or a
    /// WebSocket that has something to send already.
    ///
    /// # Errors
    ///
    /// As [`emit`](Self::emit), but for [`EmitError::BufferFull`]: being dropped is no error.
    //= SRV-BC-02
    pub fn emit_volatile(&mut self, namespace: &Namespace, name: &str, args: impl ToArgs) -> Result<(), EmitError> {
        self.emittable(namespace, name)?;
        let messages = args.to_event(self.parser, namespace, name, None)?;
        self.door.transmit(Transmit::SendVolatile(messages));
        Ok(())
    }

    /// Sends what a [`Hub`](crate::socketio::server::hub::Hub) addressed to the client.
    ///
    /// If it is to be acknowledged, [`Event::BroadcastAcked`](super::Event::BroadcastAcked) follows when it is, in time.
    /// The hub waits, and tells who did not answer.
    ///
    /// # Errors
    ///
    /// [`EmitError::NotJoined`], [`EmitError::TooManyAcks`], [`EmitError::Closed`], and [`EmitError::BufferFull`] if the
    /// client does not read fast enough: the broadcast is not sent to it, and the program decides whether that is the end of
    /// the connection. A volatile broadcast is dropped instead.
    //= SRV-ROOM-11
    //= SRV-BC-03
    pub fn deliver(&mut self, now: Timestamp, broadcast: &Broadcast) -> Result<(), EmitError> {
        self.handle_timeout(now);
        let namespace = self.joined(broadcast.namespace())?;
        if !broadcast.is_volatile() {
            self.door.room_for_event(&self.limits)?;
        }
        if let Some(answer) = broadcast.answer() {
            self.room_for_ack()?;
            self.pending.insert(namespace, answer.id, answer.deadline);
        }
        let messages = broadcast.messages().clone();
        let transmit =
            if broadcast.is_volatile() { Transmit::SendVolatile(messages) } else { Transmit::Send(messages) };
        self.door.transmit(transmit);
        Ok(())
    }

    /// Sends an event that the client is to acknowledge within `timeout`.
    ///
    /// Either [`Event::Acked`](super::Event::Acked) or [`Event::AckTimedOut`](super::Event::AckTimedOut) follows with the
    /// id that is returned, unless the client leaves the namespace before.
    ///
    /// # Errors
    ///
    /// As [`emit`](Self::emit), and [`EmitError::TooManyAcks`].
    //= SIO5-ACK-06: unique per socket while pending
    //= SIO5-ACK-08: the two directions are independent
    //= SIO5-ACK-09: on expiry forget the id
    pub fn emit_with_ack(
        &mut self,
        now: Timestamp,
        namespace: &Namespace,
        name: &str,
        args: impl ToArgs,
        timeout: Duration,
    ) -> Result<AckId, EmitError> {
        self.handle_timeout(now);
        let namespace = self.emittable(namespace, name)?;
        self.room_for_ack()?;
        self.door.room_for_event(&self.limits)?;
        let id = AckId::new(self.next_ack).ok_or(EmitError::TooManyAcks)?;
        let messages = args.to_event(self.parser, &namespace, name, Some(id))?;
        // Odd ids are left to broadcasts, which draw theirs elsewhere.
        self.next_ack += 2;
        self.pending.insert(namespace, id, self.now.saturating_add(timeout));
        self.transmit(messages);
        Ok(id)
    }

    /// Acknowledges an event, with a tuple of values or [`Args`](crate::socketio::Args): see [`ToArgs`].
    ///
    /// # Errors
    ///
    /// [`EmitError::NotJoined`] if the client has left the namespace since, [`EmitError::Closed`], and
    /// [`EmitError::Args`] as for [`emit`](Self::emit).
    //= SIO5-ACK-01
    pub fn acknowledge(&mut self, reply: Reply, args: impl ToArgs) -> Result<(), EmitError> {
        let (_, turn) = self.turn(&reply.namespace)?;
        if u64::from(turn) != reply.membership {
            return Err(EmitError::NotJoined);
        }
        let messages = args.to_acknowledgement(self.parser, &reply.namespace, reply.id)?;
        self.transmit(messages);
        Ok(())
    }
}

/// Leaving and closing.
impl Connection {
    /// Makes the client leave one namespace; the connection and its other namespaces go on.
    ///
    /// # Errors
    ///
    /// [`EmitError::NotJoined`], [`EmitError::Closed`].
    //= SIO5-DIS-01: no answer is sent
    //= SIO4-DIS-01: does not end the other namespaces
    pub fn disconnect(&mut self, namespace: &Namespace) -> Result<(), EmitError> {
        let namespace = self.joined(namespace)?;
        self.farewell(namespace.clone());
        //= SIO5-DIS-02: Keep the connection and the other namespaces open
        //= SIO5-DIS-03: when the last namespace is left
        if let State::Open(memberships) = &mut self.state {
            memberships.expel(&namespace);
        }
        self.left(namespace, DisconnectReason::ServerNamespace);
        Ok(())
    }

    /// Makes the client leave every namespace and closes the connection.
    //= SIO5-DIS-04
    pub fn close(&mut self) {
        let State::Open(memberships) = &self.state else { return };
        let joined: alloc::vec::Vec<_> = memberships.joined().cloned().collect();
        for namespace in joined {
            self.farewell(namespace);
        }
        self.close_with(DisconnectReason::ServerNamespace);
    }

    /// Closes the connection because the server goes down: nothing is said to the client, which will try again.
    //= SIO5-DIS-08
    pub fn shut_down(&mut self) {
        self.close_with(DisconnectReason::ServerShuttingDown);
    }

    /// The namespaces that the client is in, in the order of joining.
    pub fn namespaces(&self) -> impl Iterator<Item = &Namespace> {
        let open = match &self.state {
            State::Open(memberships) => Some(memberships),
            State::Closing(_) | State::Closed => None,
        };
        open.into_iter().flat_map(|memberships| memberships.joined())
    }

    fn farewell(&mut self, namespace: Namespace) {
        self.control(&Packet { namespace, kind: PacketKind::Disconnect });
    }
}

/// Whether a verb makes sense now.
impl Connection {
    fn asking(&self, namespace: &Namespace) -> Result<(), EmitError> {
        match self.membership(namespace)? {
            Some((_, Membership::Asking)) => Ok(()),
            Some((_, Membership::Joined(_) | Membership::Expelled)) | None => Err(EmitError::NotAsking),
        }
    }

    /// The namespace's name, to be kept.
    fn joined(&self, namespace: &Namespace) -> Result<Namespace, EmitError> {
        self.turn(namespace).map(|(namespace, _)| namespace)
    }

    fn turn(&self, namespace: &Namespace) -> Result<(Namespace, Turn), EmitError> {
        match self.membership(namespace)? {
            Some((namespace, Membership::Joined(turn))) => Ok((namespace, turn)),
            Some((_, Membership::Asking | Membership::Expelled)) | None => Err(EmitError::NotJoined),
        }
    }

    fn emittable(&self, namespace: &Namespace, name: &str) -> Result<Namespace, EmitError> {
        if is_reserved(name.as_bytes()) {
            return Err(EmitError::ReservedName);
        }
        self.joined(namespace)
    }

    fn room_for_ack(&self) -> Result<(), EmitError> {
        if self.pending.len() < self.limits.max_pending_acks { Ok(()) } else { Err(EmitError::TooManyAcks) }
    }

    fn membership(&self, namespace: &Namespace) -> Result<Option<(Namespace, Membership)>, EmitError> {
        match &self.state {
            State::Open(memberships) => Ok(memberships.of(namespace)),
            State::Closing(_) | State::Closed => Err(EmitError::Closed),
        }
    }
}
