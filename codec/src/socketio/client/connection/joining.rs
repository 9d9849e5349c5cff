//! How a client gets into namespaces, and how the server makes it leave.

use alloc::string::String;

use super::super::buffer::Buffer;
use super::super::event::{Auth, Event, Refusal};
use super::super::membership::Stage;
use super::{Connection, Link};
use crate::socketio::args::Json;
use crate::socketio::layer::DisconnectReason;
use crate::socketio::namespace::Namespace;
use crate::socketio::packet::{Packet, PacketKind, Protocol};
use crate::socketio::value::Value;
use crate::text::Text;

impl Connection {
    //= SIO5-CON-01
    //= SIO5-CON-25
    //= SIO4-CON-04
    pub(super) fn on_opened(&mut self) {
        if self.link != Link::Down {
            return;
        }
        self.event(Event::Opened);
        match self.config.protocol {
            Protocol::V5 => self.admit(Link::Admitted),
            Protocol::V4 => {
                self.link = Link::Opened;
                if let Some(at) = self.position(&Namespace::root()) {
                    self.ask(at);
                }
            }
        }
    }

    /// Asks for all namespaces that are wanted.
    //= SIO4-CON-05
    fn admit(&mut self, link: Link) {
        self.link = link;
        for at in 0..self.memberships.len() {
            self.ask(at);
        }
    }

    /// Asks for a namespace that is wanted, if that is possible now.
    pub(super) fn ask(&mut self, at: usize) {
        let Some(membership) = self.memberships.get_mut(at) else { return };
        // To ask twice would be a fault; the first question is still to be answered.
        if !matches!(membership.stage, Stage::Wanted) || self.unanswered.contains(&membership.namespace) {
            return;
        }
        let opens_by_itself = self.config.protocol == Protocol::V4 && membership.namespace.is_root();
        match (self.link, membership.auth.clone()) {
            //= SIO4-CON-03
            (Link::Opened, _) if opens_by_itself => {
                membership.stage = Stage::Asked { pid: None, early: Buffer::default() };
            }
            (Link::Welcomed, _) if opens_by_itself => {
                membership.stage = Stage::Asked { pid: None, early: Buffer::default() };
                self.link = Link::Admitted;
                self.on_answer(at, None);
            }
            // It was left, and comes back with the next session only.
            (Link::Admitted, _) if opens_by_itself => {}
            //= SIO5-CON-25
            (Link::Admitted, Auth::Fresh) if self.config.protocol == Protocol::V5 => {
                membership.stage = Stage::Authenticating;
                let namespace = membership.namespace.clone();
                self.event(Event::AuthWanted { namespace });
            }
            (Link::Admitted, Auth::Fixed(auth)) if self.config.protocol == Protocol::V5 => {
                self.send_connect(at, Some(auth));
            }
            (Link::Welcomed | Link::Admitted, _) => self.send_connect(at, None),
            (Link::Down | Link::Opened | Link::Closing(_), _) => {}
        }
    }

    pub(super) fn send_connect(&mut self, at: usize, auth: Option<Json>) {
        let Some(membership) = self.memberships.get_mut(at) else { return };
        let payload = membership.connect_payload(auth);
        let pid = membership.recovery.as_ref().map(|recovery| recovery.pid.clone());
        membership.stage = Stage::Asked { pid, early: Buffer::default() };
        let packet = Packet { namespace: membership.address.clone(), kind: PacketKind::Connect { payload } };
        self.control(&packet);
    }

    /// The server lets the client in.
    //= SIO5-CON-20
    pub(super) fn on_connect(&mut self, namespace: &Namespace, payload: Option<&Json>) {
        let asked = self.position(namespace).filter(|at| self.has_asked(*at));
        if let Some(at) = asked {
            self.on_answer(at, payload);
        } else if self.take_unanswered(namespace) {
            self.control(&Packet { namespace: namespace.clone(), kind: PacketKind::Disconnect });
            self.ask_again(namespace);
        }
        if namespace.is_root() && self.link == Link::Opened {
            self.admit(if asked.is_some() { Link::Admitted } else { Link::Welcomed });
        }
    }

    /// Whether this answers a question that does not matter any more.
    fn take_unanswered(&mut self, namespace: &Namespace) -> bool {
        let before = self.unanswered.len();
        self.unanswered.retain(|unanswered| unanswered != namespace);
        self.unanswered.len() < before
    }

    /// Asks for a namespace if it is wanted back.
    fn ask_again(&mut self, namespace: &Namespace) {
        if let Some(at) = self.position(namespace) {
            self.ask(at);
        }
    }

    fn has_asked(&self, at: usize) -> bool {
        self.memberships.get(at).is_some_and(|membership| matches!(membership.stage, Stage::Asked { .. }))
    }

    //= SIO5-CON-18
    //= SIO5-CON-21
    //= SIO5-CSR-06
    fn on_answer(&mut self, at: usize, payload: Option<&Json>) {
        let welcome = payload.and_then(|payload| payload.decode::<Value>().ok()).unwrap_or_default();
        let text = |name| welcome.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let (sid, pid) = (text("sid"), text("pid"));
        if self.config.protocol == Protocol::V5 && sid.is_none() {
            self.turn_away(at, Refusal::without_id());
            return;
        }
        let Some(membership) = self.memberships.get_mut(at) else { return };
        self.welcomes = self.welcomes.wrapping_add(1);
        let stage = Stage::Connected { welcome: self.welcomes };
        let Stage::Asked { pid: sent, mut early } = core::mem::replace(&mut membership.stage, stage) else { return };
        let recovered = membership.recover(sent.as_ref(), pid);
        let namespace = membership.namespace.clone();
        let sid = sid.map(|sid| Text::from(String::from(sid)));
        self.event(Event::Connected { namespace, sid, recovered });
        while let Some(event) = early.pop() {
            self.deliver(at, event);
        }
        //= SIO5-CLI-06
        self.send_kept(at);
        self.attempt(at);
    }

    /// The server does not let the client in.
    //= SIO5-CON-19
    pub(super) fn on_connect_error(&mut self, namespace: &Namespace, payload: Option<Json>) {
        // To who is in already, servers of protocol 4 report their own faults in this way.
        if let Some(at) = self.position(namespace).filter(|at| self.has_asked(*at)) {
            self.turn_away(at, Refusal::read(payload));
        } else if self.take_unanswered(namespace) {
            self.ask_again(namespace);
        }
    }

    fn turn_away(&mut self, at: usize, refusal: Refusal) {
        let Some(membership) = self.memberships.get_mut(at) else { return };
        membership.stage = Stage::Inactive;
        let namespace = membership.namespace.clone();
        self.event(Event::Refused { namespace, refusal });
        self.close_if_inactive();
    }

    /// The server makes the client leave.
    //= SIO5-CLI-05
    //= SIO5-DIS-06
    //= SIO4-DIS-01
    pub(super) fn on_disconnect(&mut self, namespace: &Namespace) {
        if namespace.is_root() && self.link == Link::Welcomed {
            self.link = Link::Admitted;
        }
        if self.take_unanswered(namespace) {
            self.ask_again(namespace);
            return;
        }
        let Some(at) = self.position(namespace) else { return };
        match self.memberships.get(at).map(|membership| &membership.stage) {
            Some(Stage::Connected { .. }) => self.lose(at, Stage::Inactive, DisconnectReason::ServerNamespace),
            Some(Stage::Asked { .. }) => {
                self.turn_away(at, Refusal::made_to_leave());
                return;
            }
            _ => return,
        }
        self.close_if_inactive();
    }
}
