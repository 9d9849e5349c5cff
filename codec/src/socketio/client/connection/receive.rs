//! What the server's messages do to a connection.

use super::super::buffer::Load;
use super::super::event::{EmitId, Event};
use super::super::membership::{Early, Membership, Stage};
use super::Connection;
use crate::frame::Frame;
use crate::socketio::ack_id::AckId;
use crate::socketio::args::Args;
use crate::socketio::layer::{DisconnectReason, Reply, Violation};
use crate::socketio::namespace::Namespace;
use crate::socketio::packet::{DecodeErrorKind, Packet, PacketKind, Protocol};

impl Connection {
    pub(super) fn on_message(&mut self, message: Frame) {
        if !self.link.is_open() {
            return;
        }
        match self.decoder.push(message) {
            Ok(Some(packet)) => self.on_packet(packet),
            Ok(None) => {}
            Err(error) if error.kind == DecodeErrorKind::UnknownType && self.config.protocol == Protocol::V4 => {}
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

    //= SIO5-CON-20
    //= SIO5-EVT-01
    //= SIO5-EVT-04
    fn on_event(&mut self, namespace: &Namespace, event: Early) {
        let Some(at) = self.position(namespace) else { return };
        match self.memberships.get_mut(at).map(|membership| &mut membership.stage) {
            Some(Stage::Connected { .. }) => self.deliver(at, event),
            Some(Stage::Asked { .. }) => self.keep(at, event),
            _ => {}
        }
    }

    /// Keeps an event until the server says that the client is in.
    //= SIO5-CON-21
    //= SIO5-CSR-06
    fn keep(&mut self, at: usize, event: Early) {
        let early = self.memberships.iter().map(|membership| match &membership.stage {
            Stage::Asked { early, .. } => early.load(),
            _ => Load::default(),
        });
        let kept = early.fold(Load::default(), Load::plus);
        let load = Load::of(event.name.as_str(), &event.args);
        if kept.is_full(&self.limits) {
            self.close_with(DisconnectReason::Violation(Violation::TooEarly));
        } else if let Some(membership) = self.memberships.get_mut(at)
            && let Stage::Asked { early, .. } = &mut membership.stage
        {
            early.push(event, load);
        }
    }

    pub(super) fn deliver(&mut self, at: usize, Early { name, args, ack }: Early) {
        let Some(membership) = self.memberships.get_mut(at) else { return };
        membership.note_offset(&args, ack);
        let Stage::Connected { welcome } = membership.stage else { return };
        let namespace = membership.namespace.clone();
        let reply = ack.map(|id| Reply { namespace: namespace.clone(), id, membership: welcome });
        self.event(Event::Received { namespace, name, args, reply });
    }

    /// In whatever form: an acknowledgement is a success.
    //= SIO5-ACK-03
    //= SIO5-ACK-04
    //= SIO5-CLI-09
    fn on_ack(&mut self, namespace: Namespace, id: AckId, args: Args) {
        let Some(at) = self.position(&namespace) else { return };
        let connected = self.memberships.get(at).is_some_and(Membership::is_connected);
        if !connected || !self.pending.settle(&namespace, id) {
            return;
        }
        if self.config.retries == 0 {
            self.event(Event::Acked { namespace, id: EmitId(id.value()), args });
            return;
        }
        let settled = self.memberships.get_mut(at).and_then(|membership| membership.queue.pop());
        if let Some(id) = settled.and_then(|settled| settled.id) {
            self.event(Event::Acked { namespace, id, args });
        }
        self.attempt(at);
    }
}
