//! The effects of the client's messages on a connection.

use super::memberships::Membership;
use super::{Connection, Event, State};
use crate::frame::Frame;
use crate::socketio::args::Json;
use crate::socketio::layer::{DisconnectReason, Reply, Violation, drew};
use crate::socketio::namespace::Namespace;
use crate::socketio::packet::{DecodeErrorKind, Packet, PacketKind, Rules, is_reserved};

impl Connection {
    /// The session opened.
    //= SIO5-CON-13
    pub(super) fn on_opened(&mut self) {
        self.timers.arm(super::Timer::Connect, self.now.saturating_add(self.config.connect_timeout));
        //= SIO4-CON-01: without a request
        //= SIO4-CON-02: together with the open packet
        //= HYB-03: EIO4 clients only on request
        if self.dialect.joins_unasked() {
            self.on_connect(&Namespace::root(), None);
        }
    }

    /// Each message has its effect before the next one is looked at.
    //= SIO5-ERR-05
    //= SIO5-ERR-06
    pub(super) fn on_message(&mut self, message: Frame) {
        if !matches!(self.state, State::Open(_)) {
            return;
        }
        let (protocol, names) = (self.dialect.decoder(), self.dialect.client());
        let rules = Rules { limits: &self.limits, protocol, names, parser: self.parser };
        match self.assembly.push(rules, message) {
            Ok(Some(packet)) => self.on_packet(packet),
            Ok(None) => {}
            Err(error)
                if error.kind == DecodeErrorKind::UnknownType && !self.dialect.decoder().unknown_type_is_fatal() => {}
            //= SIO5-ERR-01: close the engine connection
            //= SIO5-ERR-02: the POST is answered
            //= SIO4-ERR-04: Close on undecodable payloads
            Err(error) => self.close_with(DisconnectReason::InvalidPacket(error.kind)),
        }
    }

    fn on_packet(&mut self, Packet { namespace, kind }: Packet) {
        let State::Open(memberships) = &mut self.state else { return };
        let (name, auth) = self.dialect.address(namespace);
        match (kind, memberships.of(&name)) {
            (PacketKind::Connect { payload }, None | Some((_, Membership::Expelled))) => {
                self.on_connect(&name, if self.dialect.has_auth_in_payload() { payload } else { auth });
            }
            (PacketKind::Connect { .. }, Some((namespace, membership))) => {
                self.on_second_connect(namespace, membership);
            }
            //= SIO5-CON-12
            (PacketKind::ConnectError { .. }, _) => self.violate(Violation::ConnectError),
            // It was sent before the client learned that it is out.
            //= SIO5-EVT-04
            (_, Some((_, Membership::Expelled))) => {}
            //= SIO5-CON-09
            //= SIO5-CON-10
            (_, None | Some((_, Membership::Asking))) => self.violate(Violation::NotJoined),
            (PacketKind::Disconnect, Some((namespace, Membership::Joined(_)))) => {
                memberships.remove(&namespace);
                self.left(namespace, DisconnectReason::ClientNamespace);
            }
            // Not every decoder looks at names.
            //= SIO4-EVT-02
            //= MSG-11
            (PacketKind::Event { name, .. }, Some((_, Membership::Joined(_)))) if is_reserved(name.as_bytes()) => {
                self.close_with(DisconnectReason::InvalidPacket(DecodeErrorKind::ReservedName));
            }
            //= SIO5-EVT-01: in order
            //= SIO5-EVT-03
            (PacketKind::Event { name, args, ack }, Some((namespace, Membership::Joined(turn)))) => {
                let reply = ack.map(|id| Reply { namespace: namespace.clone(), id, membership: turn.into() });
                self.event(Event::Received { namespace, name, args, reply });
            }
            (PacketKind::Ack { id, args }, Some((namespace, Membership::Joined(_)))) => {
                if let Some(id) = id.filter(|id| self.pending.settle(&namespace, *id)) {
                    self.event(if drew(id) {
                        Event::BroadcastAcked { namespace, id, args }
                    } else {
                        Event::Acked { namespace, id, args }
                    });
                }
            }
        }
    }

    //= SIO5-CON-07
    //= SIO5-CON-14
    fn on_connect(&mut self, namespace: &Namespace, auth: Option<Json>) {
        let State::Open(memberships) = &mut self.state else { return };
        if memberships.len() >= self.limits.max_namespaces && !memberships.forget_expelled() {
            self.violate(Violation::TooManyNamespaces);
            return;
        }
        let namespace = memberships.ask(namespace);
        self.event(Event::ConnectRequested { namespace, auth });
    }

    /// A client of protocol 4 gets the answer to its CONNECT once more, except for the main namespace, which it never asked for.
    //= SIO5-CON-11
    //= SIO5-CON-22
    fn on_second_connect(&mut self, namespace: Namespace, membership: Membership) {
        self.violate(Violation::ConnectTwice);
        let again = matches!(membership, Membership::Joined(_)) && !namespace.is_root();
        if again && matches!(self.state, State::Open(_)) {
            self.control(&Packet { namespace, kind: PacketKind::Connect { payload: None } });
        }
    }

    /// Ends the connection, unless its dialect says to ignore this.
    //= SIO4-EVT-01
    fn violate(&mut self, violation: Violation) {
        if !self.dialect.tolerates(violation) {
            self.close_with(DisconnectReason::Violation(violation));
        }
    }
}
