//! Decides whether a case applies to a server, and on which path it is played.

mod cluster;
#[cfg(test)]
mod tests;
mod waiting;

use std::collections::BTreeSet;
use std::time::Duration;

use sio_codec::socketio::Parser;

use super::Unfit;
use crate::cases::Case;
use crate::contract::Kind;
use crate::party::network::Target;
use crate::replay::{Conditions, Offsets, Unjoined};
use crate::survey::{self, Application, Feature, Finding, FirstPing, Offered, Said, Service, Survey, Time, Timer};
use crate::trace::{Need, Node, Operation, Trace, Transport};

/// Payloads at the server's limit are played if the limit is at most this: 16 MiB.
pub const MAX_PAYLOAD: u64 = 16 << 20;

/// The assumed limit of a server that announces none: the default of the reference.
const USUAL_PAYLOAD: u64 = 1_000_000;

/// The waiting times of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For a step without its own time, on a link without delay.
    pub step: Duration,
    /// For all pings and silences of one case together.
    pub max_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { step: Conditions::default().step, max_wait: Duration::from_secs(15) }
    }
}

/// A server that was surveyed.
#[derive(Clone, Debug)]
pub struct Site {
    /// What the survey found.
    pub survey: Survey,
    engine: Target,
    socket: Target,
    patience: Patience,
    /// What clients can have it do with its cluster.
    operations: BTreeSet<Operation>,
    /// The other servers of its cluster.
    peers: Vec<Self>,
}

/// Where a case is played, and what is known about the server there.
#[derive(Clone, Debug)]
pub struct Place {
    /// The path, and those of the other servers.
    pub target: Target,
    /// What the engine needs to know.
    pub conditions: Conditions,
}

impl Site {
    /// A surveyed server, with the paths that were surveyed.
    #[must_use]
    pub fn new(survey: Survey, engine: &Target, socket: &Target, patience: Patience) -> Self {
        let engine = survey::at_same_end(engine.clone(), survey.engine.path());
        let socket = survey::at_same_end(socket.clone(), survey.socket.path());
        Self { survey, engine, socket, patience, operations: BTreeSet::new(), peers: Vec::new() }
    }

    /// Where a case is to be played.
    ///
    /// A case that needs an application is played on its path. Any other is played on the path of the Engine.IO
    /// application if that offers what the case needs, and otherwise on the path of Socket.IO.
    ///
    /// # Errors
    ///
    /// Why the case is not played.
    pub fn place(&self, case: &Case) -> Result<Place, Unfit> {
        if case.trace.last_node() != Node::FIRST {
            return self.place_in_cluster(case);
        }
        match case.kind() {
            Some(kind) => self.place_at(kind, case),
            None => self.place_at(Kind::Engine, case).or_else(|why| {
                self.place_at(Kind::Socket, case).map_err(|also| {
                    // The reason on a path that is served says more.
                    if self.survey.socket.service().is_some() { also } else { why }
                })
            }),
        }
    }

    fn place_at(&self, kind: Kind, case: &Case) -> Result<Place, Unfit> {
        if let Some(unfit) = case.kind().and_then(|kind| self.said_missing(Feature::of(kind))) {
            return Err(unfit);
        }
        let service = match self.survey.finding(kind) {
            Finding::Served(service) => service,
            Finding::Absent { path, absence } => {
                return Err(Unfit::NotApplicable(format!("{path} is not served: {absence}")));
            }
            // What was stated about the application is why.
            Finding::NotAsked { why, .. } => {
                let unfit = self.said_missing(Feature::of(kind));
                return Err(unfit.unwrap_or_else(|| Unfit::NotApplicable(why.clone())));
            }
        };
        let header = &case.trace.header;
        for need in &header.needs {
            if let Some(unfit) = self.lacks(service, need) {
                return Err(unfit);
            }
        }
        self.judge_sizes(service, &case.trace)?;
        self.judge_waiting(service, &case.trace)?;
        let target = match kind {
            Kind::Socket if header.needs.contains(&Need::Msgpack) => self.path(kind).with_parser(Parser::MsgPack),
            Kind::Engine | Kind::Socket => self.path(kind),
        };
        if target.parser() != Parser::Json && header.needs.contains(&Need::MaxPayload) {
            return Err(Unfit::NotApplicable("its sizes are those of packets in JSON".to_owned()));
        }
        Ok(Place { target, conditions: self.conditions(kind, service) })
    }

    /// Why a server does not meet a need; `None` if it does.
    fn lacks(&self, service: &Service, need: &Need) -> Option<Unfit> {
        let path = &service.path;
        match need {
            Need::Polling => self.without(Feature::Polling, || transport(path, "polling", &service.polling)),
            Need::Websocket => self.without(Feature::Websocket, || transport(path, "websocket", &service.websocket)),
            Need::Upgrade => self.without(Feature::Upgrade, || {
                (!service.announces_upgrade()).then(|| format!("{path} announces no upgrade to a WebSocket"))
            }),
            Need::Echo => self.without(Feature::Echo, || {
                (service.application != Application::Echo).then(|| no_echo(path, &service.application))
            }),
            Need::Contract => self.without(Feature::Contract, || {
                (service.application != Application::Contract).then(|| no_contract(path, &service.application))
            }),
            Need::Extended => self.without(Feature::Extended, || {
                (!service.extended).then(|| format!("{path} does not offer the extended contract on /siospec"))
            }),
            Need::MaxPayload => self.without(Feature::MaxPayload, || no_limit(service)),
            Need::Eio3 => {
                self.without(Feature::Eio3, || (!service.eio3).then(|| format!("{path} does not serve Engine.IO 3")))
            }
            Need::NoEio3 => self.with(Feature::Eio3, service.eio3, || format!("{path} serves Engine.IO 3 as well")),
            Need::Jsonp => {
                self.without(Feature::Jsonp, || (!service.jsonp).then(|| format!("{path} does not serve JSONP")))
            }
            Need::Cors => self.without(Feature::Cors, || {
                (!service.cors).then(|| format!("{path} announces no CORS to pages of another origin"))
            }),
            Need::Recovery => self.without(Feature::Recovery, || {
                (!service.recovery).then(|| format!("{path} does not offer connection state recovery"))
            }),
            Need::NoRecovery => self.with(Feature::Recovery, service.recovery, || {
                format!("{path} offers connection state recovery, which adds an offset to events")
            }),
            Need::Msgpack => {
                let takes_it =
                    self.socket.parser() == Parser::MsgPack || service.application == Application::MessagePack;
                let why = || format!("{path} takes packets in the default form, and not in MessagePack");
                (!takes_it).then(|| Unfit::NotApplicable(why()))
            }
            Need::Operation(operation) => (!self.operations.contains(operation)).then(|| {
                Unfit::NotApplicable(format!("{path} does not offer the operation {} of a cluster", operation.as_str()))
            }),
            Need::Payload(bytes) => {
                let limit = service.max_payload.unwrap_or(USUAL_PAYLOAD);
                let why = || format!("{path} takes no payloads of {bytes} bytes, but of {limit} at most");
                (*bytes > limit).then(|| Unfit::NotApplicable(why()))
            }
            Need::Patience(millis) => {
                let waiting = Duration::from_millis(*millis);
                (waiting > self.patience.max_wait).then(|| self.too_long(waiting, ""))
            }
            Need::Client => Some(Unfit::NotApplicable("they test clients: `siospec client` plays them".to_owned())),
            Need::Timing | Need::Raw => None,
        }
    }

    /// Why a feature is missing. What the user stated overrides what was found.
    fn without(&self, feature: Feature, found: impl FnOnce() -> Option<String>) -> Option<Unfit> {
        match self.survey.overrules.about(feature) {
            Some(_) => self.said_missing(feature),
            None => found().map(Unfit::NotApplicable),
        }
    }

    /// Why a feature is missing, if the user stated that it is.
    fn said_missing(&self, feature: Feature) -> Option<Unfit> {
        match self.survey.overrules.about(feature)? {
            Said::Missing { by } => Some(Unfit::NotApplicable(by.clone())),
            Said::Unsupported { by } => Some(Unfit::Unsupported(by.clone())),
            Said::Offered { .. } => None,
        }
    }

    /// Why a feature is there that must be absent.
    fn with(&self, feature: Feature, found: bool, words: impl FnOnce() -> String) -> Option<Unfit> {
        let why = match self.survey.overrules.about(feature) {
            Some(Said::Missing { .. } | Said::Unsupported { .. }) => None,
            Some(Said::Offered { by }) => Some(by.clone()),
            None => found.then(words),
        };
        why.map(Unfit::NotApplicable)
    }

    /// Whether payloads as large as the server's limit can be played.
    fn judge_sizes(&self, service: &Service, trace: &Trace) -> Result<(), Unfit> {
        if !waiting::mentions_limit(trace) {
            return Ok(());
        }
        if let Some(unfit) = self.without(Feature::MaxPayload, || no_limit(service)) {
            return Err(unfit);
        }
        match service.max_payload {
            Some(bytes) if bytes > MAX_PAYLOAD => Err(Unfit::NotApplicable(format!(
                "maxPayload of {} is {bytes} bytes, and limits are tried up to {MAX_PAYLOAD} bytes",
                service.path
            ))),
            _ => Ok(()),
        }
    }

    /// Whether the waiting time of the case is within the limit.
    fn judge_waiting(&self, service: &Service, trace: &Trace) -> Result<(), Unfit> {
        let connect = self.known(Time::ConnectTimeout, service.connect_timeout);
        let upgrade = self.known(Time::UpgradeTimeout, service.upgrade_timeout);
        for (hole, time, known, found) in [
            ("connect", Time::ConnectTimeout, connect, service.connect_timeout),
            ("upgrade", Time::UpgradeTimeout, upgrade, service.upgrade_timeout),
        ] {
            if known.is_none() && waiting::is_timed_by(trace, hole) {
                return Err(Unfit::NotApplicable(unknown_time(&service.path, time, found)));
            }
        }
        let waiting = waiting::of(trace, [service.ping_interval, service.ping_timeout, connect, upgrade]);
        if waiting <= self.patience.max_wait {
            return Ok(());
        }
        let because = match (service.ping_interval, service.ping_timeout) {
            (Some(interval), Some(timeout)) => format!(
                ", since pings come every {} s and are waited for {} s",
                interval.as_secs_f64(),
                timeout.as_secs_f64()
            ),
            _ => String::new(),
        };
        Err(self.too_long(waiting, &because))
    }

    /// A time of the server. What the user stated overrides what was measured.
    fn known(&self, time: Time, found: Option<Timer>) -> Option<Duration> {
        self.survey.overrules.time(time).or_else(|| exact(found))
    }

    fn too_long(&self, waiting: Duration, because: &str) -> Unfit {
        let (limit, needed) = (self.patience.max_wait.as_secs_f64(), waiting::rounded_up(waiting));
        Unfit::NotApplicable(format!("it would wait for more than {limit} s{because}; --max-wait {needed} includes it"))
    }

    fn conditions(&self, kind: Kind, service: &Service) -> Conditions {
        let distance = self.survey.distance;
        let unjoined = match kind {
            Kind::Engine => Unjoined::Lives,
            // A timer that did not run out during the survey is assumed to run out right after it.
            Kind::Socket => Unjoined::Closed(
                self.known(Time::ConnectTimeout, service.connect_timeout).unwrap_or(survey::LONGEST_TIMER),
            ),
        };
        let polls = self.lacks(service, &Need::Polling).is_none();
        Conditions {
            step: self.patience.step + distance.round_trip,
            round_trip: distance.round_trip,
            spread: distance.spread,
            probe: if polls { Transport::Polling } else { Transport::Websocket },
            unjoined,
            upgrade_timeout: self.known(Time::UpgradeTimeout, service.upgrade_timeout),
            first_ping: early_ping(service),
            offsets: if service.recovery { Offsets::Added } else { Offsets::None },
            ..Conditions::default()
        }
    }
}

/// When the first ping comes, if that is long before the announced interval is over, or if none is announced.
fn early_ping(service: &Service) -> Option<Duration> {
    match service.first_ping {
        FirstPing::AtOnce => Some(Duration::ZERO),
        FirstPing::After(time) if service.ping_interval.is_none_or(|interval| time < interval / 2) => Some(time),
        FirstPing::After(_) | FirstPing::NotWithin(_) => None,
    }
}

/// A timer that ran out while the survey waited.
const fn exact(timer: Option<Timer>) -> Option<Duration> {
    match timer {
        Some(Timer::After(time)) => Some(time),
        Some(Timer::LongerThan(_)) | None => None,
    }
}

/// Why a case about a timer cannot be played.
fn unknown_time(path: &str, time: Time, found: Option<Timer>) -> String {
    let found = match found {
        Some(Timer::LongerThan(bound)) => format!("is longer than {} s and", bound.as_secs()),
        Some(Timer::After(_)) | None => "could not be measured and".to_owned(),
    };
    format!("{time} of {path} {found} is not announced; a --features file with {time} = MILLISECONDS includes it")
}

fn transport(path: &str, name: &str, offered: &Offered) -> Option<String> {
    match offered {
        // The cases are there to judge what fails.
        Offered::Served | Offered::Faulty(_) => None,
        Offered::NotServed(how) => Some(format!("{path} does not serve {name} ({how})")),
        Offered::Obstructed(how) => Some(format!("{name} cannot be had on {path} ({how})")),
    }
}

fn no_limit(service: &Service) -> Option<String> {
    service.max_payload.is_none().then(|| format!("{} announces no maxPayload", service.path))
}

fn no_echo(path: &str, application: &Application) -> String {
    match application {
        Application::NotAsked(why) => why.clone(),
        Application::Closed(how) => format!("{path} does not echo messages: {how}"),
        _ => format!("{path} does not echo messages"),
    }
}

fn no_contract(path: &str, application: &Application) -> String {
    match application {
        Application::NotAsked(why) => why.clone(),
        Application::JoinRefused(words) => format!("{path} refuses to let a client join the namespace /: {words:?}"),
        Application::MessagePack => format!("{path} takes packets in MessagePack, and not in the default form"),
        _ => format!("{path} does not run the contract's application: neither `auth` nor `message-back` arrives"),
    }
}
