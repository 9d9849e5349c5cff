//! What the application can do with a connection.

use alloc::string::String;
use core::time::Duration;

use super::super::buffer::Load;
use super::super::event::{Auth, EmitId, Event};
use super::super::membership::{Attempted, Membership, Stage, Waiting};
use super::Connection;
use crate::machine::Machine as _;
use crate::socketio::ack_id::AckId;
use crate::socketio::args::{Args, Json};
use crate::socketio::layer::{DisconnectReason, EmitError, Reply, Transmit};
use crate::socketio::namespace::Namespace;
use crate::socketio::packet::{Packet, PacketKind, Protocol, encode, is_reserved};
use crate::text::Text;
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
    //= SIO4-CON-05
    //= SIO5-CON-16
    //= SIO5-DIS-07
    pub fn connect(&mut self, namespace: &Namespace, auth: Auth) -> Result<(), EmitError> {
        if let Auth::Fixed(auth) = &auth {
            check_auth(auth)?;
        }
        let (bare, _) = namespace.split_query();
        let address = match self.config.protocol {
            Protocol::V4 => namespace.clone(),
            Protocol::V5 => bare.clone(),
        };
        let mut membership = match self.position(&bare) {
            Some(at) if self.memberships.get(at).is_some_and(Membership::is_active) => {
                return Err(EmitError::ConnectTwice);
            }
            Some(at) => self.memberships.remove(at),
            None if self.memberships.len().saturating_add(self.unanswered.len()) >= self.limits.max_namespaces => {
                return Err(EmitError::TooManyNamespaces);
            }
            None => Membership::new(bare, address.clone(), auth.clone(), self.first_ack),
        };
        (membership.address, membership.auth, membership.stage) = (address, auth, Stage::Wanted);
        let at = self.memberships.len();
        self.memberships.push(membership);
        self.ask(at);
        Ok(())
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
        let wanted = |membership: &Membership| matches!(membership.stage, Stage::Authenticating);
        let at = self.position(namespace).filter(|at| self.memberships.get(*at).is_some_and(wanted));
        self.send_connect(at.ok_or(EmitError::NotAsking)?, auth);
        Ok(())
    }

    /// Leaves a namespace, or stops asking for it. What waits for it to be sent is dropped, and the session is closed if it
    /// was the last one. A server that has yet to answer is told when it did.
    ///
    /// # Errors
    ///
    /// [`EmitError::NotJoined`] if the client was never in the namespace, nor asked for it, since it last left.
    //= SIO5-CLI-05
    //= SIO5-DIS-01
    //= SIO5-DIS-05
    //= SIO4-DIS-01
    pub fn disconnect(&mut self, namespace: &Namespace) -> Result<(), EmitError> {
        let at = self.position(namespace).ok_or(EmitError::NotJoined)?;
        self.leave(at);
        self.close_if_inactive();
        Ok(())
    }

    /// Leaves every namespace and closes the session.
    //= SIO5-CLI-05
    pub fn close(&mut self) {
        while !self.memberships.is_empty() {
            self.leave(0);
        }
        self.close_if_inactive();
    }

    fn leave(&mut self, at: usize) {
        let Some(membership) = self.memberships.get(at) else { return };
        let namespace = membership.namespace.clone();
        // Nobody asked the server of protocol 4 for its main namespace.
        let opens_by_itself = self.config.protocol == Protocol::V4 && namespace.is_root();
        match &membership.stage {
            Stage::Connected { .. } => {
                self.control(&Packet { namespace: namespace.clone(), kind: PacketKind::Disconnect });
            }
            Stage::Asked { .. } if !opens_by_itself => self.unanswered.push(namespace.clone()),
            _ => {}
        }
        self.lose(at, Stage::Inactive, DisconnectReason::ClientNamespace);
        let mut membership = self.memberships.remove(at);
        self.first_ack = self.first_ack.max(membership.next_ack);
        for id in self.pending.of(&namespace) {
            self.pending.settle(&namespace, id);
            if self.config.retries == 0 {
                self.event(Event::AckLost { namespace: namespace.clone(), id: EmitId(id.value()) });
            }
        }
        while let Some(attempted) = membership.queue.pop() {
            if let Some(id) = attempted.id {
                self.event(Event::AckLost { namespace: namespace.clone(), id });
            }
        }
    }
}

/// What is said.
impl Connection {
    /// Sends an event, now or as soon as the client is in the namespace and the session has room for it.
    ///
    /// # Errors
    ///
    /// [`EmitError::NotJoined`] if the namespace was not asked for, [`EmitError::ReservedName`], [`EmitError::BufferFull`]
    /// (there is room again after [`Event::Connected`] or [`Event::Writable`]), and [`EmitError::Args`] if the [parser](super::Config::parser) cannot carry the arguments.
    //= SIO5-CON-17
    //= SIO5-EVT-02
    pub fn emit(&mut self, namespace: &Namespace, name: &str, args: &Args) -> Result<(), EmitError> {
        let at = self.emittable(namespace, name)?;
        if self.config.retries > 0 {
            return self.enqueue(at, None, name, args, None);
        }
        self.send_or_keep(at, name, args, None)
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
    //= SIO5-ACK-05
    //= SIO5-ACK-08
    //= SIO5-ACK-09
    pub fn emit_with_ack(
        &mut self,
        now: Timestamp,
        namespace: &Namespace,
        name: &str,
        args: &Args,
        timeout: Option<Duration>,
    ) -> Result<EmitId, EmitError> {
        self.handle_timeout(now);
        let at = self.emittable(namespace, name)?;
        let waited_for = |membership: &Membership| membership.queue.iter().filter(|event| event.id.is_some()).count();
        let queued: usize = self.memberships.iter().map(waited_for).sum();
        if self.pending.len().saturating_add(queued) >= self.limits.max_pending_acks {
            return Err(EmitError::TooManyAcks);
        }
        let Some(membership) = self.memberships.get_mut(at) else { return Err(EmitError::NotJoined) };
        if self.config.retries > 0 {
            let id = EmitId(membership.next_attempted);
            self.enqueue(at, Some(id), name, args, timeout)?;
            return Ok(id);
        }
        let id = AckId::new(membership.next_ack).ok_or(EmitError::TooManyAcks)?;
        self.send_or_keep(at, name, args, Some(id))?;
        let deadline = timeout.or(self.config.ack_timeout).map(|timeout| self.now.saturating_add(timeout));
        self.pending.insert(namespace.clone(), id, deadline);
        if let Some(membership) = self.memberships.get_mut(at) {
            let _ = membership.draw_ack();
        }
        Ok(EmitId(id.value()))
    }

    /// Sends an event, or drops it if it cannot leave at once: the client is not in the namespace yet, or the session has
    /// something to send already. It is never sent again.
    ///
    /// # Errors
    ///
    /// [`EmitError::NotJoined`] if the namespace was not asked for, [`EmitError::ReservedName`], [`EmitError::Args`]. Being
    /// dropped is no error.
    //= SIO5-CLI-07
    pub fn emit_volatile(&mut self, namespace: &Namespace, name: &str, args: &Args) -> Result<(), EmitError> {
        let at = self.emittable(namespace, name)?;
        let messages = encode::event(self.config.parser, namespace, name, args, None).map_err(EmitError::Args)?;
        if self.memberships.get(at).is_some_and(Membership::is_connected) {
            self.door.transmit(Transmit::SendVolatile(messages));
        }
        Ok(())
    }

    /// Acknowledges an event.
    ///
    /// # Errors
    ///
    /// [`EmitError::NotJoined`] if the client has left the namespace since, or lost its session, [`EmitError::Args`].
    //= SIO5-ACK-01
    //= SIO5-ACK-12
    pub fn acknowledge(&mut self, reply: Reply, args: &Args) -> Result<(), EmitError> {
        let Reply { namespace, id, membership } = reply;
        let current = |welcome| welcome == membership;
        let at = self.position(&namespace).and_then(|at| self.memberships.get(at));
        match at.map(|membership| &membership.stage) {
            Some(Stage::Connected { welcome }) if current(*welcome) => {}
            _ => return Err(EmitError::NotJoined),
        }
        let messages = encode::acknowledgement(self.config.parser, &namespace, id, args).map_err(EmitError::Args)?;
        self.transmit(messages);
        Ok(())
    }

    fn emittable(&self, namespace: &Namespace, name: &str) -> Result<usize, EmitError> {
        if is_reserved(name.as_bytes()) {
            return Err(EmitError::ReservedName);
        }
        self.position(namespace).ok_or(EmitError::NotJoined)
    }

    fn send_or_keep(&mut self, at: usize, name: &str, args: &Args, ack: Option<AckId>) -> Result<(), EmitError> {
        let Some(membership) = self.memberships.get(at) else { return Err(EmitError::NotJoined) };
        let messages =
            encode::event(self.config.parser, &membership.namespace, name, args, ack).map_err(EmitError::Args)?;
        if membership.is_connected() && membership.buffer.is_empty() && self.door.is_free() {
            self.door.room_for_event(&self.limits)?;
            self.transmit(messages);
            return Ok(());
        }
        let load = self.room_for(name, args)?;
        if let Some(membership) = self.memberships.get_mut(at) {
            membership.buffer.push(Waiting { messages, ack }, load);
        }
        Ok(())
    }

    fn enqueue(
        &mut self,
        at: usize,
        id: Option<EmitId>,
        name: &str,
        args: &Args,
        timeout: Option<Duration>,
    ) -> Result<(), EmitError> {
        let load = self.room_for(name, args)?;
        let args = args.to_form(self.config.parser).map_err(EmitError::Args)?;
        let Some(membership) = self.memberships.get_mut(at) else { return Err(EmitError::NotJoined) };
        if id.is_some() {
            membership.next_attempted = membership.next_attempted.saturating_add(1);
        }
        let name = Text::from(String::from(name));
        membership.queue.push(Attempted { id, name, args, timeout, tries: 0, in_flight: None }, load);
        self.attempt(at);
        Ok(())
    }

    fn room_for(&mut self, name: &str, args: &Args) -> Result<Load, EmitError> {
        let load = Load::of(name, args);
        let waiting = self.memberships.iter().map(Membership::load).fold(Load::default(), Load::plus);
        if waiting.is_full(&self.limits) { Err(self.door.refuse()) } else { Ok(load) }
    }
}

/// Servers of protocol 5 take objects only.
fn check_auth(auth: &Json) -> Result<(), EmitError> {
    if auth.as_str().trim_start().starts_with('{') { Ok(()) } else { Err(EmitError::NotAnObject) }
}
