//! The namespaces that this server has, and what it listens to for them.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::command::Channel;
use super::wire::Wire;
use crate::cluster::id::Uid;
use crate::socketio::Namespace;

/// The namespaces in which this server is a member of the cluster.
#[derive(Debug, Default)]
pub(super) struct Presences {
    here: BTreeMap<Namespace, Wire>,
    /// Several may listen to one: the channel of the room `b` in the namespace `/a` is that of the namespace `/a#b`, and a
    /// room may have the name of a server.
    subscriptions: BTreeMap<Channel, BTreeSet<Listener>>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Listener {
    /// The server, as long as it has the namespace.
    Server(Namespace),
    /// The members of a room.
    Room(Namespace),
}

impl Presences {
    pub(super) fn of(&self, namespace: &Namespace) -> Option<&Wire> {
        self.here.get(namespace)
    }

    /// Enters a namespace; gives what is to be listened to from now on.
    pub(super) fn enter(&mut self, namespace: &Namespace, wire: Wire, uid: &Uid) -> Vec<Channel> {
        let mut channels = wire.subscriptions(uid);
        channels.retain(|channel| self.listen(channel, Listener::Server(namespace.clone())));
        self.here.insert(namespace.clone(), wire);
        channels
    }

    /// Leaves a namespace, which has no rooms any more; gives what is not listened to any more.
    pub(super) fn leave(&mut self, namespace: &Namespace, uid: &Uid) -> Vec<Channel> {
        let Some(wire) = self.here.remove(namespace) else { return Vec::new() };
        let mut channels = wire.subscriptions(uid);
        channels.retain(|channel| self.ignore(channel, &Listener::Server(namespace.clone())));
        channels
    }

    /// A room has members; whether the channel was not listened to before.
    pub(super) fn enter_room(&mut self, namespace: &Namespace, channel: &Channel) -> bool {
        self.listen(channel, Listener::Room(namespace.clone()))
    }

    /// A room has no members any more; whether the channel is not listened to any more.
    pub(super) fn leave_room(&mut self, namespace: &Namespace, channel: &Channel) -> bool {
        self.ignore(channel, &Listener::Room(namespace.clone()))
    }

    fn listen(&mut self, channel: &Channel, listener: Listener) -> bool {
        let listeners = self.subscriptions.entry(channel.clone()).or_default();
        let is_first = listeners.is_empty();
        listeners.insert(listener);
        is_first
    }

    fn ignore(&mut self, channel: &Channel, listener: &Listener) -> bool {
        let Some(listeners) = self.subscriptions.get_mut(channel) else { return false };
        listeners.remove(listener);
        listeners.is_empty() && self.subscriptions.remove(channel).is_some()
    }

    /// Who reads what comes on a channel or pattern. All who listen to it read the same.
    pub(super) fn reader(&self, subscription: &Channel) -> Option<(&Namespace, &Wire)> {
        let (Listener::Server(namespace) | Listener::Room(namespace)) =
            self.subscriptions.get(subscription)?.first()?;
        self.here.get_key_value(namespace)
    }

    /// Whether a namespace listens to it.
    pub(super) fn hears(&self, namespace: &Namespace, subscription: &Channel) -> bool {
        let listens = |listeners: &BTreeSet<Listener>| {
            [Listener::Server, Listener::Room].iter().any(|of| listeners.contains(&of(namespace.clone())))
        };
        self.here.contains_key(namespace) && self.subscriptions.get(subscription).is_some_and(listens)
    }

    pub(super) fn subscriptions(&self) -> impl Iterator<Item = &Channel> {
        self.subscriptions.keys()
    }
}
