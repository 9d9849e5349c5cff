//! The client machine: one connection, and a session for it while it has namespaces to be in.

use alloc::sync::Arc;
use core::time::Duration;

use super::config::Config;
use super::connection::Connection;
use super::event::Event;
use super::reconnection::Random;
use crate::engineio::client::{self as sessions, ClientSession, Input, Transmit};
use crate::engineio::{CloseReason, Revision};
use crate::machine::{Machine, Output};
use crate::socketio::layer;
use crate::socketio::layer::DisconnectReason;
use crate::socketio::packet::Protocol;
use crate::time::Timestamp;

/// A client that connects when a namespace is asked for, and again when it loses its session. The
/// [module](super) has its diagram, timers and faults.
///
/// All namespaces share one session. Requests and WebSockets are named by the machine, in one sequence for all sessions:
/// a late report about one of an earlier session is ignored.
///
/// ```
/// use sio_codec::engineio;
/// use sio_codec::socketio::Namespace;
/// use sio_codec::socketio::client::{Auth, Client, Config, State};
/// use sio_codec::{Machine, Output, Timestamp};
///
/// let (now, root) = (Timestamp::ZERO, Namespace::root());
/// let mut client = Client::new(engineio::client::Config::default(), Config::default(), 42);
/// assert_eq!(client.state(), State::Idle);
/// client.socketio(now).connect(&root, Auth::None)?;
/// let Some(Output::Transmit(request)) = client.poll_output() else { unreachable!() };
/// assert_eq!(client.state(), State::Opening);
/// # let _: engineio::client::Transmit = request;
/// # Ok::<(), sio_codec::socketio::EmitError>(())
/// ```
#[derive(Debug)]
pub struct Client {
    sessions: sessions::Config,
    config: Config,
    connection: Connection,
    state: State,
    /// The current session, or else the last one, after which the next one names its requests.
    session: Option<ClientSession>,
    /// Since the last session that opened.
    attempts: u32,
    /// When the current session opened.
    opened_at: Timestamp,
    faults: Faults,
    random: Random,
    now: Timestamp,
    /// An event that follows the one that was produced last.
    remark: Option<Event>,
}

/// After this many sessions in a row that end soon and for the same fault, no other attempt is made: the fault comes back
/// every time.
const MOST_FAULTS: u32 = 3;

/// A session that lasted longer does not count as one that ended soon.
const SOON: Duration = Duration::from_secs(60);

/// The sessions, up to the last one, that ended soon and for the same fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Faults {
    None,
    Repeated { reason: DisconnectReason, times: u32 },
}

/// Where a [`Client`] is.
///
/// [`Client::state`] returns it; the example of [`Client`] shows two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// It needs no session: no namespace is asked for. A program that is done can end, when what was sent last
    /// [has left](crate::engineio::client::Driver).
    Idle,
    /// It opens one.
    Opening,
    /// It has one.
    Open,
    /// It lost one, or could not open it, and tries again then.
    Waiting {
        /// When it connects again.
        until: Timestamp,
    },
    /// It lost one, or could not open it, and does not try again by itself, so that a program that only waits for events would
    /// wait for ever.
    Stopped,
}

impl Client {
    /// A client that is in no namespace yet.
    ///
    /// Sessions of Engine.IO 3 carry protocol 4, whatever `config` says. `seed` is any random number, another one for
    /// each client; from it follow the random parts of the delays.
    //= SIO5-CLI-10
    #[must_use]
    pub fn new(sessions: sessions::Config, mut config: Config, seed: u64) -> Self {
        config.protocol = match sessions.revision {
            Revision::V3 => Protocol::V4,
            Revision::V4 => Protocol::V5,
        };
        Self {
            connection: Connection::new(config.clone()).with_limits(Arc::clone(&sessions.limits)),
            sessions,
            config,
            state: State::Idle,
            session: None,
            attempts: 0,
            opened_at: Timestamp::ZERO,
            faults: Faults::None,
            random: Random::new(seed),
            now: Timestamp::ZERO,
            remark: None,
        }
    }

    /// The connection, to ask for namespaces, emit events and acknowledge them.
    ///
    /// This also sets the time to `now`, because a call may start a new session.
    #[must_use]
    pub fn socketio(&mut self, now: Timestamp) -> &mut Connection {
        self.handle_timeout(now);
        &mut self.connection
    }

    /// The session, while one is being opened or open.
    #[must_use]
    pub fn session(&self) -> Option<&ClientSession> {
        self.session.as_ref().filter(|_| matches!(self.state, State::Opening | State::Open))
    }

    /// Where the client is.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Connects now instead of later, or again after [giving up](State::Stopped): a network is back, for example. Does
    /// nothing if no namespace is wanted, or a session is there.
    pub fn open(&mut self, now: Timestamp) {
        self.handle_timeout(now);
        if matches!(self.state, State::Waiting { .. } | State::Stopped) && self.connection.is_active() {
            self.begin();
        }
    }
}

impl Machine for Client {
    type Input = Input;
    type Transmit = Transmit;
    type Event = Event;

    fn handle(&mut self, now: Timestamp, input: Input) {
        self.handle_timeout(now);
        if let Some(session) = &mut self.session {
            session.handle(self.now, input);
        }
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        if let Some(session) = &mut self.session {
            if now > self.now {
                layer::settle(self.now, session, &mut self.connection);
            }
            session.handle_timeout(now);
        }
        self.now = self.now.max(now);
        self.connection.handle_timeout(self.now);
        self.follow_the_wish();
        if let State::Waiting { until } = self.state
            && until <= self.now
        {
            self.begin();
        }
    }

    fn poll_output(&mut self) -> Option<Output<Transmit, Event>> {
        if let Some(event) = self.remark.take() {
            return Some(Output::Event(event));
        }
        self.follow_the_wish();
        let output = layer::advance(self.now, self.session.as_mut(), &mut self.connection)?;
        if let Output::Event(event) = &output {
            self.remark = self.notice(event);
        }
        Some(output)
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        let session = self.session.as_ref().and_then(Machine::next_deadline);
        let attempt = if let State::Waiting { until } = self.state { Some(until) } else { None };
        [session, self.connection.next_deadline(), attempt].into_iter().flatten().min()
    }

    fn wants_input(&self) -> bool {
        self.connection.wants_input() && self.session.as_ref().is_none_or(Machine::wants_input)
    }
}

impl Client {
    /// Opens a session when a namespace is asked for, and gives up waiting when none is.
    fn follow_the_wish(&mut self) {
        match (self.state, self.connection.is_active()) {
            (State::Idle, true) => self.begin(),
            (State::Waiting { .. } | State::Stopped, false) => self.rest(),
            _ => {}
        }
    }

    /// Opens a session.
    //= SIO5-CLI-04
    fn begin(&mut self) {
        let config = self.sessions.clone();
        self.session = Some(match &self.session {
            None => ClientSession::connect(self.now, config),
            Some(last) => last.successor(self.now, config),
        });
        self.state = State::Opening;
    }

    fn rest(&mut self) {
        self.state = State::Idle;
        self.attempts = 0;
        self.faults = Faults::None;
    }

    fn notice(&mut self, event: &Event) -> Option<Event> {
        match event {
            Event::Opened => self.on_opened(),
            Event::Closed(reason) => self.on_closed(*reason),
            _ => None,
        }
    }

    //= SIO5-CLI-02
    fn on_opened(&mut self) -> Option<Event> {
        self.state = State::Open;
        self.opened_at = self.now;
        let attempts = core::mem::take(&mut self.attempts);
        (attempts > 0).then_some(Event::Reconnected { attempts })
    }

    /// Another attempt follows a loss. None follows if either side closed, or if a fault comes back every time.
    //= SIO5-CLI-02
    //= SIO5-CLI-05: Not reconnect after its own disconnect or a server DISCONNECT
    fn on_closed(&mut self, reason: DisconnectReason) -> Option<Event> {
        let wanted = reason == DisconnectReason::Engine(CloseReason::ForcedClose);
        if wanted || !self.connection.is_active() {
            self.rest();
            return None;
        }
        if self.comes_back_every_time(reason) {
            self.faults = Faults::None;
            self.attempts = 0;
            self.state = State::Stopped;
            return Some(Event::ReconnectFailed);
        }
        self.try_again()
    }

    /// Notes how a session ended, and tells whether the last ones all ended soon, and for the same fault.
    fn comes_back_every_time(&mut self, reason: DisconnectReason) -> bool {
        let soon = self.state == State::Open && self.now.saturating_since(self.opened_at) < SOON;
        self.faults = match self.faults {
            _ if !soon || !reason.is_fault() => Faults::None,
            Faults::Repeated { reason: before, times } if before == reason => {
                Faults::Repeated { reason, times: times.saturating_add(1) }
            }
            Faults::None | Faults::Repeated { .. } => Faults::Repeated { reason, times: 1 },
        };
        matches!(self.faults, Faults::Repeated { times: MOST_FAULTS.., .. })
    }

    //= SIO5-CLI-01
    //= SIO5-CLI-03
    fn try_again(&mut self) -> Option<Event> {
        self.state = State::Stopped;
        let reconnection = self.config.reconnection.as_ref()?;
        if reconnection.attempts.is_some_and(|most| self.attempts >= most) {
            self.attempts = 0;
            return Some(Event::ReconnectFailed);
        }
        let delay = reconnection.delay(self.attempts, self.random.next());
        self.attempts = self.attempts.saturating_add(1);
        self.state = State::Waiting { until: self.now.saturating_add(delay) };
        Some(Event::Reconnecting { attempt: self.attempts, delay })
    }
}
