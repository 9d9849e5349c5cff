//! What the application can do with a connection.

use core::time::Duration;

use super::super::buffer::Load;
use super::super::delivery::{Outbox, Plain};
use super::super::event::{Auth, EmitId, Event};
use super::super::membership::{Membership, Stage};
use super::member::Member;
use super::shared::Shared;
use super::{Connection, waiting};
use crate::engineio::Encoded;
use crate::machine::Machine as _;
use crate::socketio::ack_id::AckId;
use crate::socketio::args::{Args, Json, Parser};
use crate::socketio::layer::{DisconnectReason, EmitError, Reply, Transmit};
use crate::socketio::namespace::Namespace;
use crate::socketio::packet::{Packet, PacketKind, Protocol, ToArgs, ToPacket as _, is_reserved};
use crate::time::Timestamp;

/// Where the client is.
impl Connection {
    /// Asks to be let into a namespace: now, or as soon as the session is open, and again with every session that
    /// follows, until the server refuses or either side leaves. [`Event::Connected`] or [`Event::Refused`] follows.
    ///
    /// What follows a `?` in the name is not part of it. In protocol 4 it is the client's auth and goes to the server; in
    /// protocol 5 it belongs to the parameters of the session's requests and goes nowhere.
    ///
    /// # Errors
    ///
    /// [`EmitError::ConnectTwice`] if the client is in the namespace or asks for it, [`EmitError::TooManyNamespaces`],
    /// [`EmitError::NotAnObject`] for an auth that no server takes.
    //= SIO4-CON-05: after `/` is connected
    //= SIO5-CON-16: Not put the query string in the namespace
    //= SIO5-DIS-07: Allow CONNECT again
    pub fn connect(&mut self, namespace: &Namespace, auth: Auth) -> Result<(), EmitError> {
        if let Auth::Fixed(auth) = &auth {
            check_auth(auth)?;
        }
        let (bare, _) = namespace.split_query();
        let address = match self.shared.config.protocol {
            Protocol::V4 => namespace.clone(),
            Protocol::V5 => bare.clone(),
        };
        if self.member(&bare).is_some_and(|member| member.membership.is_active()) {
            return Err(EmitError::ConnectTwice);
        }
        let mut membership = match self.remove(&bare) {
            Some(membership) => membership,
            None if self.is_crowded() => return Err(EmitError::TooManyNamespaces),
            None => {
                let outbox = Outbox::new(self.shared.config.retries, self.shared.first_emit);
                Membership::new(bare, address.clone(), auth.clone(), self.shared.first_ack, outbox)
            }
        };
        (membership.address, membership.auth, membership.stage) = (address, auth, Stage::Wanted);
        Member { membership: &mut membership, shared: &mut self.shared }.ask();
        self.memberships.push(membership);
        Ok(())
    }

    /// Whether there can be no other namespace.
    fn is_crowded(&self) -> bool {
        self.memberships.len().saturating_add(self.shared.unanswered.len()) >= self.shared.limits.max_namespaces
    }

    /// Answers [`Event::AuthWanted`].
    ///
    /// # Errors
    ///
    /// [`EmitError::NotAsking`] if no auth is wanted there now: the session may have ended meanwhile, and the next one
    /// will want a new one. [`EmitError::NotAnObject`] for an auth that no server takes.
    pub fn authenticate(&mut self, namespace: &Namespace, auth: Option<Json>) -> Result<(), EmitError> {
        if let Some(auth) = &auth {
            check_auth(auth)?;
        }
        let asking = |member: &Member<'_>| matches!(member.membership.stage, Stage::Authenticating);
        self.member(namespace).filter(asking).ok_or(EmitError::NotAsking)?.send_connect(auth);
        Ok(())
    }

    /// Leaves a namespace, or stops asking for it. What waits for it to be sent is dropped, and the session is closed if it
    /// was the last one. If the server has not answered yet, the client leaves when it has.
    ///
    /// # Errors
    ///
    /// [`EmitError::NotJoined`] if the client was never in the namespace, nor asked for it, since it last left.
    //= SIO5-CLI-05: Not reconnect after its own disconnect
    //= SIO5-DIS-01: no answer is sent
    //= SIO4-DIS-01: does not end the other namespaces
    pub fn disconnect(&mut self, namespace: &Namespace) -> Result<(), EmitError> {
        let membership = self.remove(namespace).ok_or(EmitError::NotJoined)?;
        self.shared.leave(membership);
        //= SIO5-DIS-05: after leaving the last active namespace
        self.close_if_inactive();
        Ok(())
    }

    /// Leaves every namespace and closes the session.
    //= SIO5-CLI-05
    pub fn close(&mut self) {
        for membership in core::mem::take(&mut self.memberships) {
            self.shared.leave(membership);
        }
        self.close_if_inactive();
    }
}

impl Shared {
    /// Ends a membership that the application gives up, and all that waits for it.
    fn leave(&mut self, mut membership: Membership) {
        let namespace = membership.namespace.clone();
        // A server of protocol 4 was not asked for its main namespace.
        let opens_by_itself = self.config.protocol == Protocol::V4 && namespace.is_root();
        match &membership.stage {
            Stage::Connected { .. } => {
                self.control(&Packet { namespace: namespace.clone(), kind: PacketKind::Disconnect });
            }
            Stage::Asked { .. } if !opens_by_itself => self.unanswered.push(namespace.clone()),
            _ => {}
        }
        Member { membership: &mut membership, shared: self }.lose(Stage::Inactive, DisconnectReason::ClientNamespace);
        self.first_ack = self.first_ack.max(membership.acks);
        self.first_emit = membership.outbox.next_emit().map_or(self.first_emit, |next| self.first_emit.max(next));
        self.pending.leave(&namespace);
        for id in membership.outbox.into_awaited() {
            self.event(Event::AckLost { namespace: namespace.clone(), id });
        }
    }
}

/// Events and acknowledgements.
impl Connection {
    /// Sends an event, now or as soon as the client is in the namespace and the session has room for it, with a tuple of
    /// values or [`Args`]: see [`ToArgs`].
    ///
    /// # Errors
    ///
    /// [`EmitError::NotJoined`] if the namespace was not asked for, [`EmitError::ReservedName`], [`EmitError::BufferFull`]
    /// (there is room again after [`Event::Connected`] or [`Event::Writable`]), and [`EmitError::Args`] if the arguments cannot be written, or the
    /// [parser](super::Config::parser) cannot carry them.
    //= SIO5-CON-17
    //= SIO5-EVT-02
    pub fn emit(&mut self, namespace: &Namespace, name: &str, args: impl ToArgs) -> Result<(), EmitError> {
        let parser = self.shared.config.parser;
        args.with_args(parser, |args| self.emit_args(namespace, name, args))?
    }

    fn emit_args(&mut self, namespace: &Namespace, name: &str, args: &Args) -> Result<(), EmitError> {
        let (mut member, emission) = self.emission(namespace, name, args)?;
        let stage = &member.membership.stage;
        match &mut member.membership.outbox {
            Outbox::Plain(plain) => member.shared.send_or_keep(plain, stage, &emission, None),
            Outbox::Retrying(retrying) => {
                let load = member.shared.room_for(&emission)?;
                retrying.push(name, member.shared.in_form(args)?, load);
                member.attempt();
                Ok(())
            }
        }
    }

    /// Sends an event that the server is to acknowledge within `timeout`, or else within
    /// [`Config::ack_timeout`](super::Config::ack_timeout).
    ///
    /// One of [`Event::Acked`], [`Event::AckTimedOut`] and [`Event::AckLost`] follows with the id that is returned. The
    /// time runs while the event waits for its namespace, and an event that was not sent when it is over never is. With
    /// [retries](super::Config::retries) it runs for each try.
    ///
    /// # Errors
    ///
    /// As [`emit`](Self::emit), and [`EmitError::TooManyAcks`].
    //= SIO5-ACK-05: unique per namespace while pending
    //= SIO5-ACK-08: the two directions are independent
    //= SIO5-ACK-09: on expiry forget the id
    pub fn emit_with_ack(
        &mut self,
        now: Timestamp,
        namespace: &Namespace,
        name: &str,
        args: impl ToArgs,
        timeout: Option<Duration>,
    ) -> Result<EmitId, EmitError> {
        self.handle_timeout(now);
        let parser = self.shared.config.parser;
        args.with_args(parser, |args| self.ask(namespace, name, args, timeout))?
    }

    fn ask(
        &mut self,
        namespace: &Namespace,
        name: &str,
        args: &Args,
        timeout: Option<Duration>,
    ) -> Result<EmitId, EmitError> {
        let queued: usize = self.memberships.iter().map(|membership| membership.outbox.awaited()).sum();
        let (mut member, emission) = self.emission(namespace, name, args)?;
        let Member { membership, shared } = &mut member;
        if shared.pending.len().saturating_add(queued) >= shared.limits.max_pending_acks {
            return Err(EmitError::TooManyAcks);
        }
        match &mut membership.outbox {
            Outbox::Plain(plain) => {
                let id = membership.acks.peek().ok_or(EmitError::TooManyAcks)?;
                shared.send_or_keep(plain, &membership.stage, &emission, Some(id))?;
                let deadline = timeout.or(shared.config.ack_timeout).map(|timeout| shared.now.saturating_add(timeout));
                shared.pending.insert(namespace.clone(), id, deadline);
                membership.acks.draw();
                Ok(EmitId::of_plain(id))
            }
            Outbox::Retrying(retrying) => {
                let load = shared.room_for(&emission)?;
                let id = retrying.push_awaited(name, shared.in_form(args)?, timeout, load);
                member.attempt();
                Ok(id)
            }
        }
    }

    /// Sends an event, or drops it if it cannot leave at once: the client is not in the namespace yet, or the session has
    /// something to send already. It is never sent again.
    ///
    /// # Errors
    ///
    /// [`EmitError::NotJoined`] if the namespace was not asked for, [`EmitError::ReservedName`], [`EmitError::Args`]. Being
    /// dropped is no error.
    //= SIO5-CLI-07
    pub fn emit_volatile(&mut self, namespace: &Namespace, name: &str, args: impl ToArgs) -> Result<(), EmitError> {
        let member = self.emitter(namespace, name)?;
        let messages = args.to_event(member.shared.config.parser, namespace, name, None)?;
        if member.membership.is_connected() {
            member.shared.door.transmit(Transmit::SendVolatile(messages));
        }
        Ok(())
    }

    /// Acknowledges an event.
    ///
    /// # Errors
    ///
    /// [`EmitError::NotJoined`] if the client has left the namespace since, or lost its session, [`EmitError::Args`].
    //= SIO5-ACK-01
    //= SIO5-ACK-12: when the ack arguments contain binary
    pub fn acknowledge(&mut self, reply: Reply, args: impl ToArgs) -> Result<(), EmitError> {
        let Reply { namespace, id, membership } = reply;
        let current = |stage: &Stage| matches!(stage, Stage::Connected { welcome } if *welcome == membership);
        let member = self.member(&namespace).filter(|member| current(&member.membership.stage));
        let shared = member.ok_or(EmitError::NotJoined)?.shared;
        let messages = args.to_acknowledgement(shared.config.parser, &namespace, id)?;
        shared.transmit(messages);
        Ok(())
    }

    /// An event that the application emits, and the member that is to send it.
    fn emission<'a>(
        &mut self,
        namespace: &'a Namespace,
        name: &'a str,
        args: &'a Args,
    ) -> Result<(Member<'_>, Emission<'a>), EmitError> {
        let waiting = waiting(&self.memberships);
        let member = self.emitter(namespace, name)?;
        Ok((member, Emission { namespace, name, args, waiting }))
    }

    /// The member that is to send an event of this name.
    fn emitter(&mut self, namespace: &Namespace, name: &str) -> Result<Member<'_>, EmitError> {
        if is_reserved(name.as_bytes()) {
            return Err(EmitError::ReservedName);
        }
        self.member(namespace).ok_or(EmitError::NotJoined)
    }
}

/// An event that the application emits.
#[derive(Debug)]
pub(super) struct Emission<'a> {
    namespace: &'a Namespace,
    pub(super) name: &'a str,
    pub(super) args: &'a Args,
    /// What waits in all namespaces.
    pub(super) waiting: Load,
}

impl Emission<'_> {
    fn encode(&self, parser: Parser, ack: Option<AckId>) -> Result<Encoded, EmitError> {
        self.args.to_event(parser, self.namespace, self.name, ack).map_err(EmitError::Args)
    }
}

impl Shared {
    /// Sends an event if the client is in the namespace and the session takes it; otherwise keeps it until both are so.
    fn send_or_keep(
        &mut self,
        plain: &mut Plain,
        stage: &Stage,
        emission: &Emission<'_>,
        ack: Option<AckId>,
    ) -> Result<(), EmitError> {
        let messages = emission.encode(self.config.parser, ack)?;
        if stage.is_connected() && plain.is_empty() && self.door.is_free() {
            self.door.room_for_event(&self.limits)?;
            self.transmit(messages);
        } else {
            let load = self.room_for(emission)?;
            plain.push(messages, ack, load);
        }
        Ok(())
    }

    /// Arguments in the form in which they are sent.
    fn in_form(&self, args: &Args) -> Result<Args, EmitError> {
        args.to_form(self.config.parser).map_err(EmitError::Args)
    }
}

/// Servers of protocol 5 take objects only.
fn check_auth(auth: &Json) -> Result<(), EmitError> {
    if auth.as_str().trim_start().starts_with('{') { Ok(()) } else { Err(EmitError::NotAnObject) }
}
