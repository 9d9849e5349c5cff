//! What the server's messages do to a connection.

use super::super::buffer::Load;
use super::super::event::Event;
use super::super::membership::{Early, Stage};
use super::Connection;
use super::member::Member;
use crate::frame::Frame;
use crate::socketio::ack_id::AckId;
use crate::socketio::args::Args;
use crate::socketio::layer::{DisconnectReason, Reply, Violation};
use crate::socketio::namespace::Namespace;
use crate::socketio::packet::{DecodeErrorKind, Packet, PacketKind, Protocol};

impl Connection {
    pub(super) fn on_message(&mut self, message: Frame) {
        if !self.shared.link.is_open() {
            return;
        }
        match self.decoder.push(message) {
            Ok(Some(packet)) => self.on_packet(packet),
            Ok(None) => {}
            Err(error) if error.kind == DecodeErrorKind::UnknownType && self.shared.config.protocol == Protocol::V4 => {
            }
            //= SIO5-ERR-03
            Err(error) => self.close_with(DisconnectReason::InvalidPacket(error.kind)),
        }
    }

    fn on_packet(&mut self, Packet { namespace, kind }: Packet) {
        match kind {
            PacketKind::Connect { payload } => self.on_connect(&namespace, payload.as_ref()),
            PacketKind::ConnectError { payload } => self.on_connect_error(&namespace, payload),
            PacketKind::Disconnect => self.on_disconnect(&namespace),
            PacketKind::Event { name, args, ack } => self.on_event(&namespace, Early { name, args, ack }),
            PacketKind::Ack { id, args } => {
                if let Some(id) = id {
                    self.on_ack(namespace, id, args);
                }
            }
        }
    }

    //= SIO5-CON-20: namespaces it does not know
    //= SIO5-EVT-01: in order
    //= SIO5-EVT-04: after the namespace was disconnected locally
    fn on_event(&mut self, namespace: &Namespace, event: Early) {
        let Some(mut member) = self.member(namespace) else { return };
        match member.membership.stage {
            Stage::Connected { .. } => member.deliver(event),
            Stage::Asked { .. } => self.keep(namespace, event),
            Stage::Inactive | Stage::Wanted | Stage::Authenticating => {}
        }
    }

    /// Keeps an event until the server says that the client is in.
    //= SIO5-CON-21: deliver them right after it
    //= SIO5-CSR-06: events that precede the CONNECT answer
    fn keep(&mut self, namespace: &Namespace, event: Early) {
        let kept = self.memberships.iter().map(|membership| membership.stage.early()).fold(Load::NONE, Load::plus);
        let load = Load::of(event.name.as_str(), &event.args);
        if kept.is_full(&self.shared.limits) {
            self.close_with(DisconnectReason::Violation(Violation::TooEarly));
        } else if let Some(Member { membership, .. }) = self.member(namespace)
            && let Stage::Asked { early, .. } = &mut membership.stage
        {
            early.push(event, load);
        }
    }

    /// Any acknowledgement counts as success.
    //= SIO5-ACK-03: an unknown id
    //= SIO5-ACK-04: Forget the id when its ACK arrives
    //= SIO5-CLI-09: An ACK received is success
    fn on_ack(&mut self, namespace: Namespace, id: AckId, args: Args) {
        let Some(mut member) = self.member(&namespace) else { return };
        // A server cannot know what has not been sent to it.
        let sent = member.membership.outbox.first_unsent().is_none_or(|unsent| id < unsent);
        if !member.membership.is_connected() || !sent || !member.shared.pending.settle(&namespace, id) {
            return;
        }
        if let Some(id) = member.membership.outbox.acknowledged(id) {
            member.shared.event(Event::Acked { namespace, id, args });
        }
        member.attempt();
    }
}

impl Member<'_> {
    pub(super) fn deliver(&mut self, Early { name, args, ack }: Early) {
        let Self { membership, shared } = self;
        membership.note_offset(&args, ack);
        let Stage::Connected { welcome } = membership.stage else { return };
        let namespace = membership.namespace.clone();
        let reply = ack.map(|id| Reply { namespace: namespace.clone(), id, membership: welcome });
        shared.event(Event::Received { namespace, name, args, reply });
    }
}
