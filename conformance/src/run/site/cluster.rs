//! Cases about several servers: whether they apply, and which server is which.
//!
//! A line of a trace names the server that its connection goes to, and a case is played in each direction. So each
//! server must offer what the case needs, also the operations that a client can have it do with its cluster. A
//! server that does not know an operation is not judged by it.
//!
//! Nothing is seen of the bus between the servers, so that nobody counts one server too many on it. A message takes
//! its time there. What must arrive is awaited. What must not is shown by a message behind it that arrives:
//!
//! | adapter | what arrives in the order in which one server says it |
//! |---|---|
//! | classic | everything: one connection publishes, and one listens |
//! | sharded | everything on one Redis; in a Redis Cluster, what is for the same single room, and what is for no or several rooms |
//! | streams | broadcasts and what moves or disconnects sockets, which are entries of one stream; questions and answers travel beside it |
//!
//! A case never fails because messages overtake each other: what it expects it awaits before it sends more.

use std::collections::BTreeSet;

use super::{Place, Site};
use crate::cases::Case;
use crate::contract::Kind;
use crate::party::network::Target;
use crate::run::Unfit;
use crate::survey;
use crate::trace::{Need, Node, Operation, Transport};

impl Site {
    /// The same server, which has these operations, in a cluster with others.
    #[must_use]
    pub fn in_cluster(self, operations: BTreeSet<Operation>, peers: Vec<Self>) -> Self {
        Self { operations, peers, ..self }
    }

    /// Asks the server what clients can have it do with its cluster.
    pub async fn operations(&self) -> BTreeSet<Operation> {
        let Some(service) = self.survey.socket.service() else { return BTreeSet::new() };
        let has_websocket = self.lacks(service, &Need::Websocket).is_none();
        let transport = if has_websocket { Transport::Websocket } else { Transport::Polling };
        survey::operations(&self.socket, transport, self.survey.distance.round_trip).await
    }

    /// Where a case about a cluster is to be played. Each server that it is about must offer what it needs.
    pub(super) fn place_in_cluster(&self, case: &Case) -> Result<Place, Unfit> {
        let kind = case.kind().unwrap_or(Kind::Socket);
        let nodes: BTreeSet<Node> =
            case.trace.steps().filter(|step| step.connects()).map(|step| step.notes.node).collect();
        let mut slowest: Option<Place> = None;
        for node in nodes {
            let place = self.node(node)?.place_at(kind, case).map_err(|unfit| self.of_node(node, unfit))?;
            if slowest.as_ref().is_none_or(|slowest| slowest.conditions.round_trip < place.conditions.round_trip) {
                slowest = Some(place);
            }
        }
        let conditions = slowest.map(|place| place.conditions).unwrap_or_default();
        Ok(Place { target: self.path(kind), conditions })
    }

    /// A path, beside those of the other servers.
    pub(super) fn path(&self, kind: Kind) -> Target {
        let path = match kind {
            Kind::Engine => &self.engine,
            Kind::Socket => &self.socket,
        };
        path.clone().beside(self.peers.iter().map(|peer| peer.path(kind)))
    }

    fn node(&self, node: Node) -> Result<&Self, Unfit> {
        let found = match node.index().checked_sub(1) {
            None => Some(self),
            Some(at) => self.peers.get(at),
        };
        found.ok_or_else(|| {
            Unfit::NotApplicable("they are about several servers: --peer names the others of the cluster".to_owned())
        })
    }

    /// The reason of one of the servers.
    fn of_node(&self, node: Node, unfit: Unfit) -> Unfit {
        let server = self.node(node).map(|site| site.survey.server.clone()).unwrap_or_default();
        match unfit {
            Unfit::NotApplicable(why) => Unfit::NotApplicable(format!("{server}: {why}")),
            Unfit::Unsupported(why) => Unfit::Unsupported(format!("{server}: {why}")),
        }
    }
}
