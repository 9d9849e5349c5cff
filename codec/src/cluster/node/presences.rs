//! What others know this server by, and what it listens to.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::command::Channel;
use super::wire::Wire;
use crate::cluster::id::Uid;
use crate::socketio::Namespace;

/// The namespaces in which this server is a member of the cluster.
#[derive(Debug, Default)]
pub(super) struct Presences {
    here: BTreeMap<Namespace, Presence>,
    subscriptions: BTreeMap<Channel, Namespace>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Presence {
    pub(super) uid: Uid,
    pub(super) wire: Wire,
}

impl Presences {
    pub(super) fn of(&self, namespace: &Namespace) -> Option<&Presence> {
        self.here.get(namespace)
    }

    /// Enters a namespace; gives what is to be listened to from now on.
    pub(super) fn enter(&mut self, namespace: &Namespace, presence: Presence) -> Vec<Channel> {
        let channels = presence.wire.subscriptions(&presence.uid);
        self.subscriptions.extend(channels.iter().map(|channel| (channel.clone(), namespace.clone())));
        self.here.insert(namespace.clone(), presence);
        channels
    }

    /// Leaves a namespace; gives what is not listened to any more.
    pub(super) fn leave(&mut self, namespace: &Namespace) -> Vec<Channel> {
        let mut left = Vec::new();
        if self.here.remove(namespace).is_some() {
            self.subscriptions.retain(|channel, of| {
                let stays = of != namespace;
                if !stays {
                    left.push(channel.clone());
                }
                stays
            });
        }
        left
    }

    /// Whether the channel was not listened to before.
    pub(super) fn subscribe(&mut self, channel: &Channel, namespace: &Namespace) -> bool {
        self.subscriptions.insert(channel.clone(), namespace.clone()).is_none()
    }

    /// Whether the channel was listened to.
    pub(super) fn unsubscribe(&mut self, channel: &Channel) -> bool {
        self.subscriptions.remove(channel).is_some()
    }

    /// Whose messages come on a channel or pattern.
    pub(super) fn listener(&self, subscription: &Channel) -> Option<&Namespace> {
        self.subscriptions.get(subscription)
    }

    pub(super) fn subscriptions(&self) -> impl Iterator<Item = &Channel> {
        self.subscriptions.keys()
    }
}
