//! The tasks of a server in a cluster.
//!
//! | task | ends |
//! |---|---|
//! | carries commands to Redis, and brings what comes from there | when the bus has fallen silent, and all was sent |
//! | tells the bus the time | with the others |
//! | says what did not pass | with the others |

use std::sync::Arc;
use std::time::Duration;

use sio_codec::Clock;
use sio_codec::cluster::node::{Channel, Input};
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};

use super::redis::{self, Keeper, Link};
use super::{Cluster, Notice};
use crate::contract::{Bus, Entropy, Site};

/// How often it is said what did not pass, at most.
const ACCOUNTS: Duration = Duration::from_secs(1);

/// A server's tasks. When it is dropped they end, and the connections to Redis are closed.
#[derive(Debug)]
pub(crate) struct Carrier {
    station: Arc<Station>,
    carrying: JoinSet<()>,
    /// These have no end.
    minding: JoinSet<()>,
}

/// Stands between the bus and Redis.
#[derive(Debug)]
struct Station {
    bus: Bus,
    clock: Clock,
    redis: String,
    tell: fn(&Notice),
}

impl Carrier {
    /// Puts a site into a cluster, and starts to carry.
    pub(crate) fn start(site: Site, cluster: Cluster, clock: Clock) -> (Site, Self) {
        let Cluster { redis: client, membership, tell } = cluster;
        let (site, bus, commands) = site.in_cluster(membership, &mut Entropy::System);
        let redis = client.get_connection_info().addr().to_string();
        let station = Arc::new(Station { bus, clock, redis, tell });
        let (mut carrying, mut minding) = (JoinSet::new(), JoinSet::new());
        carrying.spawn(redis::run(client, Arc::clone(&station), commands));
        minding.spawn(tick(Arc::clone(&station)));
        minding.spawn(account(Arc::clone(&station)));
        (site, Self { station, carrying, minding })
    }

    /// Sends what is left to send, leaves the cluster, and closes the connections.
    pub(crate) async fn leave(mut self) {
        self.station.bus.fall_silent();
        while self.carrying.join_next().await.is_some() {}
        self.minding.shutdown().await;
        self.station.account();
    }
}

impl Station {
    fn account(&self) {
        let losses = self.bus.take_losses();
        if !losses.is_none() {
            (self.tell)(&Notice::Lost(losses));
        }
    }
}

impl Keeper for Station {
    fn feed(&self, input: Input) {
        self.bus.feed(self.clock.now(), input);
    }

    async fn wants_input(&self) {
        let bell = self.bus.changed();
        loop {
            let changed = bell.notified();
            if self.bus.wants_input() {
                return;
            }
            changed.await;
        }
    }

    fn subscriptions(&self) -> Vec<Channel> {
        self.bus.subscriptions()
    }

    fn report(&self, link: Link) {
        let redis = self.redis.clone();
        (self.tell)(&match link {
            Link::Up => Notice::Joined { redis },
            Link::Lost => Notice::Apart { redis, reason: "the connection is lost".to_owned() },
            Link::Down(error) => Notice::Apart { redis, reason: error.to_string() },
        });
    }
}

/// Calls the bus when its deadline comes.
async fn tick(station: Arc<Station>) {
    let bell = station.bus.changed();
    loop {
        let changed = bell.notified();
        let left = station.clock.until(station.bus.next_deadline());
        if timeout(left, changed).await.is_err() {
            station.bus.handle_timeout(station.clock.now());
        }
    }
}

async fn account(station: Arc<Station>) {
    let mut times = interval(ACCOUNTS);
    loop {
        times.tick().await;
        station.account();
    }
}
