//! How a client gets into namespaces, and how the server ends that.

use super::super::buffer::Buffer;
use super::super::event::{Auth, Event, Refusal};
use super::super::membership::Stage;
use super::Connection;
use super::member::Member;
use super::shared::Link;
use crate::engineio::Sid;
use crate::socketio::args::Json;
use crate::socketio::layer::DisconnectReason;
use crate::socketio::namespace::Namespace;
use crate::socketio::packet::{Packet, PacketKind, Protocol};
use crate::socketio::value::Value;

impl Connection {
    //= SIO5-CON-01: for each namespace to join
    //= SIO5-CON-25: with fresh auth
    //= SIO4-CON-04: Wait for the server's `40`
    pub(super) fn on_opened(&mut self) {
        if self.shared.link != Link::Down {
            return;
        }
        self.shared.event(Event::Opened);
        match self.shared.config.protocol {
            Protocol::V5 => self.admit(Link::Admitted),
            Protocol::V4 => {
                self.shared.link = Link::Opened;
                self.ask_again(&Namespace::root());
            }
        }
    }

    /// Asks for all namespaces that are wanted.
    //= SIO4-CON-05
    fn admit(&mut self, link: Link) {
        self.shared.link = link;
        self.for_each(|member| member.ask());
    }

    /// The server lets the client in.
    //= SIO5-CON-20
    pub(super) fn on_connect(&mut self, namespace: &Namespace, payload: Option<&Json>) {
        let asked = self.asking(namespace).map(|mut member| member.on_answer(payload)).is_some();
        if asked {
            self.close_if_inactive();
        } else if self.shared.take_unanswered(namespace) {
            self.shared.control(&Packet { namespace: namespace.clone(), kind: PacketKind::Disconnect });
            self.ask_again(namespace);
        }
        if namespace.is_root() && self.shared.link == Link::Opened {
            self.admit(if asked { Link::Admitted } else { Link::Welcomed });
        }
    }

    /// The server does not let the client in.
    //= SIO5-CON-19
    pub(super) fn on_connect_error(&mut self, namespace: &Namespace, payload: Option<Json>) {
        // Servers of protocol 4 also send this packet to a client that is in, for their own faults.
        if let Some(mut member) = self.asking(namespace) {
            member.turn_away(Refusal::read(payload));
            self.close_if_inactive();
        } else if self.shared.take_unanswered(namespace) {
            self.ask_again(namespace);
        }
    }

    /// The server makes the client leave.
    //= SIO5-CLI-05: Not reconnect after its own disconnect or a server DISCONNECT
    //= SIO5-DIS-06: no automatic reconnection
    //= SIO4-DIS-01: does not end the other namespaces
    pub(super) fn on_disconnect(&mut self, namespace: &Namespace) {
        if namespace.is_root() && self.shared.link == Link::Welcomed {
            self.shared.link = Link::Admitted;
        }
        if self.shared.take_unanswered(namespace) {
            self.ask_again(namespace);
            return;
        }
        let Some(mut member) = self.member(namespace) else { return };
        match &member.membership.stage {
            Stage::Connected { .. } => member.lose(Stage::Inactive, DisconnectReason::ServerNamespace),
            Stage::Asked { .. } => member.turn_away(Refusal::made_to_leave()),
            Stage::Inactive | Stage::Wanted | Stage::Authenticating => return,
        }
        self.close_if_inactive();
    }

    /// Asks for a namespace if it is wanted, or wanted back.
    fn ask_again(&mut self, namespace: &Namespace) {
        if let Some(mut member) = self.member(namespace) {
            member.ask();
        }
    }

    /// The member of a namespace whose CONNECT has no answer yet.
    fn asking(&mut self, namespace: &Namespace) -> Option<Member<'_>> {
        self.member(namespace).filter(|member| matches!(member.membership.stage, Stage::Asked { .. }))
    }
}

impl Member<'_> {
    /// Asks for the namespace if it is wanted and that is possible now.
    pub(super) fn ask(&mut self) {
        let Self { membership, shared } = self;
        // To ask twice would be a fault; the first question is still to be answered.
        if !matches!(membership.stage, Stage::Wanted) || shared.unanswered.contains(&membership.namespace) {
            return;
        }
        let opens_by_itself = shared.config.protocol == Protocol::V4 && membership.namespace.is_root();
        match (shared.link, &membership.auth) {
            //= SIO4-CON-03
            (Link::Opened, _) if opens_by_itself => {
                membership.stage = Stage::Asked { pid: None, early: Buffer::default() };
            }
            (Link::Welcomed, _) if opens_by_itself => {
                membership.stage = Stage::Asked { pid: None, early: Buffer::default() };
                shared.link = Link::Admitted;
                self.on_answer(None);
            }
            // It was left, and comes back with the next session only.
            (Link::Admitted, _) if opens_by_itself => {}
            //= SIO5-CON-25
            (Link::Admitted, Auth::Fresh) if shared.config.protocol == Protocol::V5 => {
                membership.stage = Stage::Authenticating;
                shared.event(Event::AuthWanted { namespace: membership.namespace.clone() });
            }
            (Link::Admitted, Auth::Fixed(auth)) if shared.config.protocol == Protocol::V5 => {
                let auth = auth.clone();
                self.send_connect(Some(auth));
            }
            (Link::Welcomed | Link::Admitted, _) => self.send_connect(None),
            (Link::Down | Link::Opened | Link::Closing(_), _) => {}
        }
    }

    pub(super) fn send_connect(&mut self, auth: Option<Json>) {
        let Self { membership, shared } = self;
        let payload = membership.connect_payload(auth);
        let pid = membership.recovery.as_ref().map(|recovery| recovery.pid.clone());
        membership.stage = Stage::Asked { pid, early: Buffer::default() };
        shared.control(&Packet { namespace: membership.address.clone(), kind: PacketKind::Connect { payload } });
    }

    /// The server lets the client in, unless it speaks another protocol.
    //= SIO5-CON-18: a CONNECT without `sid`
    //= SIO5-CON-21: deliver them right after it
    //= SIO5-CSR-06: events that precede the CONNECT answer
    fn on_answer(&mut self, payload: Option<&Json>) {
        let welcome = payload.and_then(|payload| payload.decode::<Value>().ok()).unwrap_or_default();
        let text = |name| welcome.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let (sid, pid) = (text("sid"), text("pid"));
        let Self { membership, shared } = self;
        if shared.config.protocol == Protocol::V5 && sid.is_none() {
            self.turn_away(Refusal::without_id());
            return;
        }
        shared.welcomes = shared.welcomes.wrapping_add(1);
        let stage = Stage::Connected { welcome: shared.welcomes };
        let Stage::Asked { pid: sent, mut early } = core::mem::replace(&mut membership.stage, stage) else { return };
        let recovered = membership.recover(sent.as_ref(), pid);
        let namespace = membership.namespace.clone();
        let sid = sid.map(Sid::as_given);
        shared.event(Event::Connected { namespace, sid, recovered });
        while let Some(event) = early.pop() {
            self.deliver(event);
        }
        //= SIO5-CLI-06
        self.send_kept();
    }

    /// Ends a membership that the server refuses.
    fn turn_away(&mut self, refusal: Refusal) {
        self.membership.stage = Stage::Inactive;
        self.shared.event(Event::Refused { namespace: self.membership.namespace.clone(), refusal });
    }
}
