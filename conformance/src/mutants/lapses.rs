//! What the application does wrong with the clients of its sessions.

use sio_codec::socketio::DisconnectReason;
use sio_codec::socketio::hub::{Hub, MemberId, Recovered, Room};

/// The defects of an application, for one session.
#[derive(Clone, Debug, Default)]
pub struct Lapses {
    pub(super) entered: Option<OnMember>,
    pub(super) leaving: Option<OnMember>,
    pub(super) reason: Option<fn(DisconnectReason) -> DisconnectReason>,
    pub(super) recovered: Option<fn(&mut Hub, &mut Recovered)>,
    /// For the mutant.
    pub(super) kept: Vec<Room>,
}

pub(super) type OnMember = fn(&mut Hub, MemberId, &mut Vec<Room>);

impl Lapses {
    /// A client has come into a namespace.
    pub fn entered(&mut self, hub: &mut Hub, member: MemberId) {
        if let Some(act) = self.entered {
            act(hub, member, &mut self.kept);
        }
    }

    /// A client is about to leave its namespace; for what reason.
    pub fn leaving(&mut self, hub: &mut Hub, member: MemberId, reason: DisconnectReason) -> DisconnectReason {
        if let Some(act) = self.leaving {
            act(hub, member, &mut self.kept);
        }
        self.reason.map_or(reason, |change| change(reason))
    }

    /// A client has come back.
    pub fn recovered(&self, hub: &mut Hub, recovered: &mut Recovered) {
        if let Some(act) = self.recovered {
            act(hub, recovered);
        }
    }
}
