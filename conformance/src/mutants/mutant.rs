//! One defect: a row of the table, and the functions that make it.

use std::time::Duration;

use bytes::Bytes;
use sio_codec::Frame;
use sio_codec::cluster::node::Adapter;
use sio_codec::engineio::server::{self, Input, Transmit};
use sio_codec::engineio::{HttpError, Response};
use sio_codec::socketio::hub::{Hub, Recovered};
use sio_codec::socketio::{self as io, DisconnectReason};

use super::bus::{self, BusTap, OnCommand, OnEnvelope};
use super::framing::Framing;
use super::lapses::{Lapses, OnMember};
use super::past::Past;
use super::request::Request;

/// One defect.
#[derive(Clone, Copy, Debug)]
pub struct Mutant {
    /// Its name, for the command line: `no-ping`.
    pub name: &'static str,
    /// The requirements that it breaks.
    pub breaks: &'static [&'static str],
    /// What is wrong, in one sentence.
    pub defect: &'static str,
    pub(super) hooks: Hooks,
}

pub(super) type OnRequest = fn(&mut Request) -> Result<(), HttpError>;
pub(super) type OnFraming = fn(Framing, &[Frame]) -> Option<Bytes>;
pub(super) type OnPackets = fn(&mut Past, Vec<Frame>) -> Vec<Frame>;

/// The functions of a mutant. One that is absent changes nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hooks {
    pub(super) settings: Option<fn(&mut Settings)>,
    pub(super) is_patient: bool,
    pub(super) sid: Option<fn(u64) -> String>,
    pub(super) request: Option<OnRequest>,
    pub(super) answer: Option<fn(&mut Response)>,
    pub(super) input: Option<fn(&mut Past, Input) -> Vec<Input>>,
    pub(super) body: Option<OnPackets>,
    pub(super) received: Option<fn(&mut Past, Frame) -> Vec<Frame>>,
    pub(super) output: Option<fn(&mut Past, Transmit) -> Vec<Transmit>>,
    pub(super) payload: Option<OnPackets>,
    pub(super) framed: Option<OnFraming>,
    pub(super) sent: Option<fn(&mut Past, Frame) -> Vec<Frame>>,
    pub(super) idle: Option<fn(&mut Past)>,
    pub(super) entered: Option<OnMember>,
    pub(super) leaving: Option<OnMember>,
    pub(super) reason: Option<fn(DisconnectReason) -> DisconnectReason>,
    pub(super) recovered: Option<fn(&mut Hub, &mut Recovered)>,
    pub(super) says: Option<OnEnvelope>,
    pub(super) hears: Option<OnEnvelope>,
    pub(super) keeps: Option<OnCommand>,
    pub(super) counts: Option<fn(usize) -> usize>,
}

/// The settings of a site. The open packet announces the contract's numbers, whatever a mutant sets here
/// to break them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Those of the sessions.
    pub engine: server::Config,
    /// Those of the Socket.IO connections.
    pub connection: io::Config,
    /// How long a client that lost its connection can come back, if the server offers that.
    pub away: Duration,
}

impl Mutant {
    /// Changes the settings of a site.
    pub fn set(&self, settings: &mut Settings) {
        if let Some(change) = self.hooks.settings {
            change(settings);
        }
    }

    /// The sid of a session, from the number of sessions before it; `None` if the server makes it as it should.
    #[must_use]
    pub fn sid(&self, before: u64) -> Option<String> {
        self.hooks.sid.map(|make| make(before))
    }

    /// What the application does wrong with the clients of a session.
    #[must_use]
    pub fn lapses(&self) -> Lapses {
        let Hooks { entered, leaving, reason, recovered, .. } = self.hooks;
        Lapses { entered, leaving, reason, recovered, ..Lapses::default() }
    }

    /// The layer between a server of a cluster and its bus.
    #[must_use]
    pub fn bus_tap(&self, adapter: &Adapter) -> BusTap {
        let Hooks { says, hears, keeps, counts, .. } = self.hooks;
        BusTap::new(bus::Hooks { says, hears, keeps, counts }, adapter.clone())
    }

    /// Whether requests must be passed to [`read`](Self::read).
    #[must_use]
    pub const fn reads_requests(&self) -> bool {
        self.hooks.request.is_some()
    }

    /// Changes how the server reads a request.
    ///
    /// # Errors
    ///
    /// [`HttpError`] if this mutant refuses the request.
    pub fn read(&self, request: &mut Request) -> Result<(), HttpError> {
        self.hooks.request.map_or(Ok(()), |read| read(request))
    }

    /// Changes an answer to a request.
    pub fn answer(&self, response: &mut Response) {
        if let Some(change) = self.hooks.answer {
            change(response);
        }
    }

    /// The first ping comes after 25 s, as announced, and a candidate has as much time. Otherwise the ping or the timeout
    /// could end what shows the defect.
    pub(super) const fn patient(mut self) -> Self {
        self.hooks.is_patient = true;
        self.with_settings(|settings| {
            settings.engine.ping_interval = PATIENT;
            settings.engine.upgrade_timeout = PATIENT;
        })
    }

    pub(super) const fn new(name: &'static str, breaks: &'static [&'static str], defect: &'static str) -> Self {
        Self { name, breaks, defect, hooks: Hooks::NONE }
    }
}

/// The default of the reference.
const PATIENT: Duration = Duration::from_secs(25);

impl Hooks {
    const NONE: Self = Self {
        settings: None,
        is_patient: false,
        sid: None,
        request: None,
        answer: None,
        input: None,
        body: None,
        received: None,
        output: None,
        payload: None,
        framed: None,
        sent: None,
        idle: None,
        entered: None,
        leaving: None,
        reason: None,
        recovered: None,
        says: None,
        hears: None,
        keeps: None,
        counts: None,
    };
}

macro_rules! builders {
    ($($(#[$doc:meta])* $builder:ident => $hook:ident: $function:ty),+ $(,)?) => {
        impl Mutant {
            $(
                $(#[$doc])*
                pub(super) const fn $builder(mut self, function: $function) -> Self {
                    self.hooks.$hook = Some(function);
                    self
                }
            )+
        }
    };
}

builders! {
    /// Other settings.
    with_settings => settings: fn(&mut Settings),
    /// Other sids, made from the number of sessions before.
    with_sid => sid: fn(u64) -> String,
    /// Another reading of a request's head.
    on_request => request: OnRequest,
    /// Other answers, also those of the router.
    on_answer => answer: fn(&mut Response),
    /// Other reports to a session.
    on_input => input: fn(&mut Past, Input) -> Vec<Input>,
    /// Other packets in the body of a POST.
    on_body => body: OnPackets,
    /// Another packet of the client, on any transport.
    on_received => received: fn(&mut Past, Frame) -> Vec<Frame>,
    /// Other actions of a session.
    on_output => output: fn(&mut Past, Transmit) -> Vec<Transmit>,
    /// Other packets in the answer to a GET.
    on_payload => payload: OnPackets,
    /// Another body from the packets of an answer to a GET, before it becomes a script.
    on_framed => framed: OnFraming,
    /// Another packet to the client, on any transport.
    on_sent => sent: fn(&mut Past, Frame) -> Vec<Frame>,
    /// Further actions when a session has reacted to everything.
    on_idle => idle: fn(&mut Past),
    /// Further actions when a client has come into a namespace.
    on_entered => entered: OnMember,
    /// Further actions before a client leaves its namespace.
    on_leaving => leaving: OnMember,
    /// Other reasons for a client's end.
    on_reason => reason: fn(DisconnectReason) -> DisconnectReason,
    /// Another state of a client that has come back.
    on_recovered => recovered: fn(&mut Hub, &mut Recovered),
    /// Other messages of a server to its cluster.
    on_says => says: OnEnvelope,
    /// Other messages of the cluster to a server.
    on_hears => hears: OnEnvelope,
    /// Other commands about the places of clients.
    on_keeps => keeps: OnCommand,
    /// Another number of servers than Redis tells.
    on_counts => counts: fn(usize) -> usize,
}
