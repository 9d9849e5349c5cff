//! The opening of a session, in one line.

use super::header::{Revision, Transport};
use super::names::{Channel, Comment, HoleName, Suffix, Word};
use super::node::Node;
use super::pattern::Pattern;
use super::step::{Action, Answer, Client, Content, Extent, Method, Notes, Request, Server, Statuses, Step, Weight};

/// `session TRANSPORT [NAMESPACE...]`: a session is opened, and joins these namespaces.
///
/// It stands for lines that nearly every conversation begins with, and that are not its subject: the handshake, and for
/// each namespace CONNECT, its answer, and the event `auth` of the contract application. They are compared loosely. If
/// they fail, the server is not judged.
///
/// The sid is captured as `$sid`, the times of the heartbeat and the limit as `$interval`, `$timeout` and `$max`. The
/// Socket.IO id is captured as `$id`, and that of another namespace under the letters of its name: `/custom` as
/// `$custom`. With `as NAME`, the name is added to the sid and to the ids: `as 2` makes them `$sid2` and `$id2`.
///
/// With `eio3` it is a session of Engine.IO 3 and Socket.IO 4. Its client is in `/` without asking, and its namespaces
/// have no ids.
///
/// With `on N` it is a session with the server of this number, instead of the first.
///
/// On polling, the packets of a namespace use two more channels: `hspost` and `hspoll` if the given one is `hs`.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The line of the file, from 1; 0 if it was never in one. Not part of the comparison of two setups.
    pub line: u32,
    channel: Channel,
    revision: Revision,
    transport: Transport,
    namespaces: Vec<Word>,
    name: Option<Suffix>,
    node: Node,
    comment: Option<Comment>,
    steps: Vec<Step>,
}

impl PartialEq for Setup {
    fn eq(&self, other: &Self) -> bool {
        let same = |setup: &Self| {
            (
                setup.channel.clone(),
                setup.revision,
                setup.transport,
                setup.namespaces.clone(),
                setup.name.clone(),
                setup.node,
                setup.comment.clone(),
            )
        };
        same(self) == same(other)
    }
}

impl Eq for Setup {}

impl Setup {
    /// The setup of a session. `None` if a namespace does not begin with a slash.
    #[must_use]
    pub fn new(
        line: u32,
        channel: Channel,
        (revision, transport): (Revision, Transport),
        namespaces: Vec<Word>,
        name: Option<Suffix>,
        comment: Option<Comment>,
    ) -> Option<Self> {
        let suffix = name.as_ref().map_or("", Suffix::as_str);
        let mut builder = Builder { line, revision, suffix, steps: Vec::new() };
        match transport {
            Transport::Websocket => builder.over_websocket(&channel, &namespaces)?,
            Transport::Polling => builder.over_polling(&channel, &namespaces)?,
        }
        let mut steps = builder.steps;
        // A run keeps more than a thousand setups.
        steps.shrink_to_fit();
        Some(Self { line, channel, revision, transport, namespaces, name, node: Node::FIRST, comment, steps })
    }

    /// The same session with another server.
    #[must_use]
    pub fn on(mut self, node: Node) -> Self {
        self.node = node;
        self.steps.iter_mut().filter(|step| step.connects()).for_each(|step| step.notes.node = node);
        self
    }

    /// The channel of the handshake.
    #[must_use]
    pub const fn channel(&self) -> &Channel {
        &self.channel
    }

    /// The revision that the session speaks.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// The transport that opens the session.
    #[must_use]
    pub const fn transport(&self) -> Transport {
        self.transport
    }

    /// The namespaces that it joins, in order.
    #[must_use]
    pub fn namespaces(&self) -> &[Word] {
        &self.namespaces
    }

    /// The suffix for the names of the holes.
    #[must_use]
    pub const fn name(&self) -> Option<&Suffix> {
        self.name.as_ref()
    }

    /// The server that it is with.
    #[must_use]
    pub const fn node(&self) -> Node {
        self.node
    }

    /// The comment on the line.
    #[must_use]
    pub const fn comment(&self) -> Option<&Comment> {
        self.comment.as_ref()
    }

    /// The lines of the same setup on a path that closes a session which joins no namespace: the main namespace is
    /// joined as well, with any application. `None` if the setup joins one anyway, as every client of Engine.IO 3 does.
    #[must_use]
    pub fn joined_steps(&self) -> Option<Vec<Step>> {
        if !self.namespaces.is_empty() || self.revision == Revision::Three {
            return None;
        }
        let suffix = self.name.as_ref().map_or("", Suffix::as_str);
        let mut builder = Builder { line: self.line, revision: self.revision, suffix, steps: self.steps.clone() };
        let Join { connect, joined, .. } = builder.join(&Word::new("/")?)?;
        match self.transport {
            Transport::Websocket => builder.exchange(&self.channel, connect, vec![joined]),
            Transport::Polling => builder.exchange_by_requests(&self.channel, connect, vec![joined])?,
        }
        Some(builder.steps)
    }

    /// The lines that it stands for.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

/// Writes the lines of a setup.
struct Builder<'a> {
    line: u32,
    revision: Revision,
    suffix: &'a str,
    steps: Vec<Step>,
}

impl Builder<'_> {
    fn over_websocket(&mut self, channel: &Channel, namespaces: &[Word]) -> Option<()> {
        let query = format!("EIO={}&transport=websocket", self.revision.number());
        self.client(channel, Client::Open(pattern(&query)?));
        self.server(channel, Server::Text(self.open_packet()?));
        for namespace in namespaces {
            let Join { connect, joined, auth } = self.join(namespace)?;
            self.exchange(channel, connect, vec![joined, auth]);
        }
        Some(())
    }

    fn exchange(&mut self, channel: &Channel, said: Option<Content>, answers: Vec<Content>) {
        said.into_iter().for_each(|said| self.client(channel, Client::Text(said)));
        answers.into_iter().for_each(|answer| self.server(channel, Server::Text(answer)));
    }

    fn over_polling(&mut self, channel: &Channel, namespaces: &[Word]) -> Option<()> {
        let query = format!("EIO={}&transport=polling", self.revision.number());
        self.client(channel, Client::Request(request(Method::Get, &query, 0)?));
        self.server(channel, accepted()?);
        self.server(channel, Server::Packet(self.open_packet()?));
        for namespace in namespaces {
            let Join { connect, joined, auth } = self.join(namespace)?;
            self.exchange_by_requests(channel, connect, vec![joined, auth])?;
        }
        Some(())
    }

    fn exchange_by_requests(&mut self, channel: &Channel, said: Option<Content>, answers: Vec<Content>) -> Option<()> {
        let (post, poll) = (Channel::new(format!("{channel}post"))?, Channel::new(format!("{channel}poll"))?);
        let query = format!("EIO={}&transport=polling&sid=$sid{}", self.revision.number(), self.suffix);
        if let Some(said) = said {
            self.client(&post, Client::Request(request(Method::Post, &query, 0)?));
            self.client(&post, Client::Packet(said));
            self.server(&post, accepted()?);
        }
        let packets = u32::try_from(answers.len()).ok()?;
        self.client(&poll, Client::Request(request(Method::Get, &query, packets)?));
        self.server(&poll, accepted()?);
        answers.into_iter().for_each(|answer| self.server(&poll, Server::Packet(answer)));
        Some(())
    }

    //= EIO4-HS-02
    fn open_packet(&self) -> Option<Content> {
        let keys = "\"upgrades\":$_,\"pingInterval\":$interval,\"pingTimeout\":$timeout,\"maxPayload\":$max";
        content(&format!("0{{\"sid\":$sid{},{keys}}}", self.suffix))
    }

    fn join(&self, namespace: &Word) -> Option<Join> {
        let name = namespace.as_str().strip_prefix('/')?;
        let id: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let id = HoleName::new(if id.is_empty() { "id" } else { &id })?;
        let prefix = if name.is_empty() { String::new() } else { format!("{},", Pattern::literal(namespace.as_str())) };
        let joined = match self.revision {
            Revision::Three => format!("40{prefix}"),
            Revision::Four => format!("40{prefix}{{\"sid\":${{{id}{}}}}}", self.suffix),
        };
        //= SIO4-CON-01
        let is_asked_for = self.revision == Revision::Four || !name.is_empty();
        let connect = if is_asked_for { Some(content(&format!("40{prefix}"))?) } else { None };
        Some(Join { connect, joined: content(&joined)?, auth: content(&format!("42{prefix}[\"auth\",{{}}]"))? })
    }

    fn client(&mut self, channel: &Channel, client: Client) {
        self.step(Action::Client(channel.clone(), client));
    }

    fn server(&mut self, channel: &Channel, server: Server) {
        self.step(Action::Server(channel.clone(), server));
    }

    fn step(&mut self, action: Action) {
        let notes = Notes { weight: Weight::Setup, ..Notes::default() };
        self.steps.push(Step { line: self.line, action, notes });
    }
}

/// The packets that join a namespace.
//= SIO5-CON-01
//= SIO4-CON-03
struct Join {
    connect: Option<Content>,
    joined: Content,
    auth: Content,
}

fn request(method: Method, query: &str, packets: u32) -> Option<Request> {
    let extent = std::num::NonZeroU32::new(packets).map_or(Extent::Whole, Extent::Until);
    Some(Request { method, query: pattern(query)?, extent })
}

fn accepted() -> Option<Server> {
    Some(Server::Status(Answer { statuses: Statuses::new([200])?, content_type: None }))
}

fn content(source: &str) -> Option<Content> {
    pattern(source).map(Content::from)
}

fn pattern(source: &str) -> Option<Pattern> {
    source.parse().ok()
}
