//! A site's end of the bus between servers, for whoever carries its commands to Redis.

use std::sync::Arc;

use sio_codec::cluster::node::{Channel, Input};
use sio_codec::{Machine as _, Timestamp};
use tokio::sync::Notify;

use super::clustered::{Clustered, Losses};
use super::lobby::Lobby;

/// A site's end of the bus.
#[derive(Debug)]
pub struct Bus(Lobby);

impl Bus {
    pub(super) const fn new(lobby: Lobby) -> Self {
        Self(lobby)
    }

    /// Hands in what comes from Redis.
    pub fn feed(&self, now: Timestamp, input: Input) {
        self.0.act(|rooms| rooms.clustered().map(|clustered| clustered.feed(now, input)));
    }

    /// Whether the site can take more from the bus. While it cannot, nothing is to be read from Redis.
    #[must_use]
    pub fn wants_input(&self) -> bool {
        self.0.keeps_up() && self.with(|clustered| clustered.node.wants_input()).unwrap_or(false)
    }

    /// Notified when [`wants_input`](Self::wants_input) or [`next_deadline`](Self::next_deadline) may have changed.
    #[must_use]
    pub fn changed(&self) -> Arc<Notify> {
        self.0.changed()
    }

    /// All that the site listens to at the moment.
    #[must_use]
    pub fn subscriptions(&self) -> Vec<Channel> {
        self.with(|clustered| clustered.node.subscriptions().cloned().collect()).unwrap_or_default()
    }

    /// When [`handle_timeout`](Self::handle_timeout) has to be called at the latest, if ever.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.with(|clustered| clustered.node.next_deadline()).flatten()
    }

    /// Tells the site that it is `now`.
    pub fn handle_timeout(&self, now: Timestamp) {
        self.0.act(|rooms| rooms.handle_timeout(now));
    }

    /// Ends the site's commands.
    pub fn fall_silent(&self) {
        self.with(Clustered::fall_silent);
    }

    /// What did not pass since the last time.
    #[must_use]
    pub fn take_losses(&self) -> Losses {
        self.with(Clustered::take_losses).unwrap_or_default()
    }

    /// Of what is done here, no session hears.
    fn with<T>(&self, act: impl FnOnce(&mut Clustered) -> T) -> Option<T> {
        self.0.look(|rooms| rooms.clustered().map(act))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sio_codec::cluster::node::{Adapter, Command};
    use sio_codec::cluster::{classic, streams};
    use sio_codec::engineio::Sid;
    use sio_codec::socketio::hub::Target;
    use sio_codec::socketio::{Args, Json, Namespace};
    use tokio::sync::mpsc::UnboundedReceiver;

    use super::*;
    use crate::contract::clustered::Membership;
    use crate::contract::lobby::{Errand, Seat};
    use crate::contract::{Eio3, Entropy, Site};
    use crate::mutants::Lapses;

    const NOW: Timestamp = Timestamp::ZERO;

    /// A server of a cluster, and a client of its namespace `/`.
    fn server(entropy: &mut Entropy) -> (Bus, UnboundedReceiver<Command>, Seat) {
        let membership = Membership { adapter: Adapter::Classic(classic::Config::default()), name: "one".to_owned() };
        let (_, bus, commands) = Site::contract(Eio3::Refused).unwrap().in_cluster(membership, entropy);
        let mut seat = bus.0.seat(Lapses::default());
        seat.enter(&Namespace::root(), &Sid::from_entropy(entropy.draw()), None);
        (bus, commands, seat)
    }

    fn say(seat: &Seat, target: &Target) {
        seat.broadcast(NOW, target, "news", &Args::empty()).unwrap();
    }

    /// The next message that is for Redis, as Redis brings it to those who listen.
    fn message(commands: &mut UnboundedReceiver<Command>) -> Input {
        loop {
            if let Command::Publish { channel, message, .. } = commands.try_recv().unwrap() {
                let subscription = Channel::Pattern("socket.io#/#*".to_owned());
                return Input::Message { subscription, channel: channel.name().to_owned(), message };
            }
        }
    }

    #[test]
    fn what_one_server_says_the_clients_of_another_get() {
        let mut entropy = Entropy::Counter(0);
        let (bus, _, other) = server(&mut entropy);
        let (_, mut commands, one) = server(&mut entropy);
        say(&one, &Target::everyone(&Namespace::root()));
        assert!(matches!(one.next_errand(), Some(Errand::Deliver(_))));
        bus.feed(NOW, message(&mut commands));
        assert!(matches!(other.next_errand(), Some(Errand::Deliver(_))));
        assert!(other.next_errand().is_none());
        assert!(bus.take_losses().is_none());
    }

    #[test]
    fn while_sessions_stay_behind_nothing_is_taken_from_the_bus() {
        let mut entropy = Entropy::Counter(0);
        let (bus, _, other) = server(&mut entropy);
        let (_, mut commands, one) = server(&mut entropy);
        say(&one, &Target::everyone(&Namespace::root()));
        let news = message(&mut commands);
        let mut taken = 0;
        while bus.wants_input() {
            bus.feed(NOW, news.clone());
            taken += 1;
        }
        assert_eq!(taken, 4096);
        assert!(other.next_errand().is_some());
        assert!(bus.wants_input());
        bus.feed(NOW, news);
        assert!(!bus.wants_input());
        // The session ends.
        drop(other);
        assert!(bus.wants_input());
    }

    /// A server whose clients may come back, that found one for the client of this session.
    fn server_that_found(session: &streams::Session, pid: &Sid) -> (UnboundedReceiver<Command>, Seat) {
        let adapter = Adapter::Streams(streams::Config::default().with_recovery(Duration::from_secs(60)));
        let membership = Membership { adapter, name: "one".to_owned() };
        let site = Site::contract(Eio3::Refused).unwrap();
        let (_, bus, mut commands) = site.in_cluster(membership, &mut Entropy::Counter(0));
        let mut command = || commands.try_recv().unwrap();
        let offset = streams::EntryId { milliseconds: 7, sequence: 0 };
        let data = r#"{"packet":{"type":2,"data":["news"]},"opts":{"rooms":[],"except":[],"flags":{}}}"#;
        let entry = streams::Entry::new([("uid", "1111111111111111"), ("nsp", "/"), ("type", "3"), ("data", data)]);
        let entries = vec![(offset, entry)];
        loop {
            match command() {
                Command::Tail { id, .. } => bus.feed(NOW, Input::Entries { id, entries: entries.clone() }),
                Command::Read { .. } => break,
                _ => {}
            }
        }
        let seat = bus.0.seat(Lapses::default());
        let auth = Json::new(format!(r#"{{"pid":"{pid}","offset":"7-0"}}"#).into()).unwrap();
        assert!(seat.seek(NOW, &Namespace::root(), Some(&auth)));
        let Command::Take { id, .. } = command() else { panic!("it is not looked for") };
        bus.feed(NOW, Input::Taken { id, value: Some(session.encode()) });
        let Command::Range { id, .. } = command() else { panic!("what it missed is not looked for") };
        bus.feed(NOW, Input::Entries { id, entries });
        (commands, seat)
    }

    #[test]
    fn who_comes_back_and_is_lost_at_once_may_come_back_again() {
        let [sid, pid] = [1, 2].map(|byte| Sid::from_entropy([byte; 15]));
        let session = streams::Session::new(&sid, &pid);
        let (_commands, seat) = server_that_found(&session, &pid);
        let Some(Errand::Return { recovered: Some(recovered), .. }) = seat.next_errand() else {
            panic!("it is not back")
        };
        assert_eq!((recovered.sid, recovered.pid), (sid, pid.clone()));
        // The session ends before it looks into its inbox.
        let (mut commands, seat) = server_that_found(&session, &pid);
        drop(seat);
        let stored = std::iter::from_fn(|| commands.try_recv().ok());
        assert_eq!(stored.filter(|command| matches!(command, Command::Store { .. })).count(), 1);
    }

    #[test]
    fn a_server_that_falls_silent_says_the_rest_and_no_more() {
        let (bus, mut commands, one) = server(&mut Entropy::Counter(0));
        say(&one, &Target::everyone(&Namespace::root()));
        bus.fall_silent();
        say(&one, &Target::everyone(&Namespace::root()));
        let said = std::iter::from_fn(|| commands.try_recv().ok());
        assert_eq!(said.filter(|command| matches!(command, Command::Publish { .. })).count(), 1);
        assert!(commands.is_closed());
    }

    #[test]
    fn what_cannot_be_read_is_counted_and_nothing_else_happens() {
        let (bus, _, one) = server(&mut Entropy::Counter(0));
        let (subscription, channel) = (Channel::Pattern("socket.io#/#*".to_owned()), "socket.io#/#".to_owned());
        bus.feed(NOW, Input::Message { subscription, channel, message: "?".into() });
        assert!(one.next_errand().is_none());
        let losses = bus.take_losses().to_string();
        assert!(losses.starts_with("messages from the bus that were passed over: 1, the last because of "), "{losses}");
        assert!(bus.take_losses().is_none());
    }
}
