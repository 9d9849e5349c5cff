//! All questions about one path.

use std::time::Duration;

use super::absence::Absence;
use super::application::{self, Learned};
use super::extras;
use super::open::Open;
use super::service::{Application, Distance, FirstPing, Offered, Service, Timer};
use super::session::{Refused, Session};
use super::trap::Trap;
use super::{Finding, handshake, timers};
use crate::contract::Kind;
use crate::party::network::Target;
use crate::trace::Transport;

/// How long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the other questions may take on a link without delay.
const QUESTION: Duration = Duration::from_millis(1500);

/// The survey does not wait for timers of a server that are longer than this.
pub const LONGEST_TIMER: Duration = Duration::from_secs(3);

/// The survey waits for a first ping if the announced interval is at most this.
const FREQUENT: Duration = Duration::from_secs(2);

/// The default of how long a run waits for the pings of a case.
const SLOW: Duration = Duration::from_secs(5);

/// The results of the handshakes over each transport.
struct Handshakes {
    path: String,
    traps: Vec<Trap>,
    polling: Result<Open, Refused>,
    websocket: Result<Open, Refused>,
}

/// Asks all questions about a path. `unasked` says why its application is not asked, if it is not.
pub(super) async fn survey(asked: &Target, kind: Kind, unasked: Option<&str>) -> (Finding, Option<Distance>) {
    // A client without the cookies that the handshakes set.
    let stranger = asked.apart();
    let mut target = asked.clone();
    let mut handshakes = handshakes(&target).await;
    if matches!(&handshakes.polling, Err(Refused::Answer(answer)) if answer.status == 404)
        && handshakes.websocket.is_err()
        && let Some(bare) = target.without_slash()
    {
        let there = self::handshakes(&bare).await;
        if there.polling.is_ok() || there.websocket.is_ok() {
            handshakes = Handshakes { traps: vec![Trap::Slash { asked: asked.path().to_owned() }], ..there };
            target = bare;
        }
    }
    let only_three = matches!(&handshakes.polling, Err(refused) if Absence::of(refused, 0) == Absence::OnlyEio3);
    if only_three || handshakes.polling.is_err() && handshakes.websocket.is_err() {
        return (absent(asked, &handshakes).await, None);
    }
    let distance = distance(&target).await;
    let stranger = at_same_end(stranger, target.path());
    let visit = Visit { target: &target, stranger: &stranger, kind, unasked, distance: distance.unwrap_or_default() };
    let service = service(&visit, handshakes).await;
    (Finding::Served(Box::new(service)), distance)
}

/// The target, with a slash at its end if `other` has one, and otherwise without.
pub(crate) fn at_same_end(target: Target, other: &str) -> Target {
    if target.path() == other { target } else { target.without_slash().unwrap_or(target) }
}

async fn handshakes(target: &Target) -> Handshakes {
    let open =
        |transport| async move { Session::open(target.clone(), transport, PATIENCE).await.map(|session| session.open) };
    let (polling, websocket) = tokio::join!(open(Transport::Polling), open(Transport::Websocket));
    Handshakes { path: target.path().to_owned(), traps: Vec::new(), polling, websocket }
}

async fn absent(target: &Target, handshakes: &Handshakes) -> Finding {
    let seconds = PATIENCE.as_secs();
    let absence = match (&handshakes.polling, &handshakes.websocket) {
        (Err(Refused::Lost(reason)), Err(Refused::Lost(_) | Refused::Silent)) => {
            // This request examines the port more closely.
            let reason = target.ask("EIO=4&transport=polling").await.err().unwrap_or_else(|| reason.clone());
            Absence::Lost { reason }
        }
        (Err(refused @ Refused::Answer(_)), _) | (_, Err(refused @ Refused::Answer(_))) => {
            Absence::of(refused, seconds)
        }
        (Err(refused), _) | (Ok(_), Err(refused)) => Absence::of(refused, seconds),
        (Ok(_), Ok(_)) => Absence::Silent { seconds },
    };
    // A server that has only protocol 3 may refuse revision 4.
    let absence = match absence {
        Absence::Status { status: 400, .. } if extras::eio3(target, Transport::Polling, QUESTION).await => {
            Absence::OnlyEio3
        }
        other => other,
    };
    Finding::Absent { path: target.path().to_owned(), absence }
}

/// The time of a request and its answer.
async fn distance(target: &Target) -> Option<Distance> {
    let measured = target.round_trip().await.ok()?;
    Some(Distance { round_trip: measured.median, spread: measured.spread() })
}

/// A server that is asked about one path.
struct Visit<'a> {
    target: &'a Target,
    /// The same server, without the cookies of the visit.
    stranger: &'a Target,
    kind: Kind,
    /// Why its application is not asked, if it is not.
    unasked: Option<&'a str>,
    distance: Distance,
}

async fn service(visit: &Visit<'_>, handshakes: Handshakes) -> Service {
    let Handshakes { path, mut traps, polling, websocket } = handshakes;
    let open = polling.as_ref().or(websocket.as_ref()).cloned().unwrap_or_default();
    let announced = open.upgrades.iter().any(|upgrade| upgrade == "websocket");
    let offers = (handshake::polling(&polling), handshake::websocket(&websocket, announced));
    let answers = answers(visit, (&polling, &websocket), &open).await;
    let learned = answers.learned;

    let (interval, timeout) = (open.interval.map(Duration::from_millis), open.timeout.map(Duration::from_millis));
    if !open.faults.is_empty() {
        traps.push(Trap::OpenPacket { keys: open.faults.iter().map(ToString::to_string).collect() });
    }
    match interval {
        Some(Duration::ZERO) => traps.push(Trap::NoInterval),
        Some(interval) if interval > SLOW => traps.push(Trap::SlowHeartbeat { interval }),
        _ => {}
    }
    if let Offered::Obstructed(how) = &offers.1 {
        traps.push(Trap::NoWebsocket { how: how.clone() });
    }
    traps.extend(answers.company);
    if learned.event_before_connect {
        traps.push(Trap::EventBeforeConnect);
    }
    match (&learned.application, visit.kind) {
        (Application::MessagePack, _) => traps.push(Trap::MessagePack),
        (Application::Silent | Application::Closed(_), Kind::Socket) => traps.push(Trap::Unanswered),
        _ => {}
    }
    Service {
        path,
        polling: offers.0,
        websocket: offers.1,
        cookies: open.cookie_names(),
        upgrades: open.upgrades,
        ping_interval: interval,
        ping_timeout: timeout,
        max_payload: open.max_payload,
        first_ping: answers.first_ping,
        eio3: answers.eio3,
        jsonp: answers.jsonp,
        cors: answers.cors,
        compression: answers.compression,
        application: learned.application,
        extended: answers.extended,
        recovery: learned.recovery,
        connect_timeout: answers.connect_timeout,
        upgrade_timeout: answers.upgrade_timeout,
        traps,
    }
}

/// The answers to the questions that are asked at the same time.
struct Answers {
    learned: Learned,
    extended: bool,
    first_ping: FirstPing,
    connect_timeout: Option<Timer>,
    upgrade_timeout: Option<Timer>,
    eio3: bool,
    jsonp: bool,
    cors: bool,
    compression: Vec<String>,
    company: Option<Trap>,
}

async fn answers(
    visit: &Visit<'_>,
    (polling, websocket): (&Result<Open, Refused>, &Result<Open, Refused>),
    open: &Open,
) -> Answers {
    let &Visit { target, stranger, kind, unasked, distance } = visit;
    let patience = QUESTION + 4 * distance.round_trip;
    let (polls, sockets) = (polling.is_ok(), websocket.is_ok());
    // A WebSocket is faster, and is the only transport where sticky sessions do not matter.
    let transport = if sockets { Transport::Websocket } else { Transport::Polling };
    let learned = async {
        if let Some(why) = unasked {
            return Learned::nothing(Application::NotAsked(why.to_owned()));
        }
        let over = |transport, offered| async move {
            if offered { application::ask(target, kind, transport, patience).await } else { None }
        };
        let (first, second) = tokio::join!(over(Transport::Websocket, sockets), over(Transport::Polling, polls));
        let nothing = Learned::nothing(Application::Silent);
        [first, second].into_iter().flatten().fold(nothing, Learned::and)
    };
    let extended = async {
        kind == Kind::Socket && unasked.is_none() && application::extended(target, transport, 2 * patience).await
    };
    let interval = open.interval.map(Duration::from_millis);
    let first_ping = timers::first_ping(target, kind, transport, interval, ping_patience(interval, distance));
    let connect_timeout = async {
        match kind {
            Kind::Engine => None,
            Kind::Socket => timers::connect_timeout(target, transport, LONGEST_TIMER).await,
        }
    };
    let upgrades = polls && sockets && open.upgrades.iter().any(|upgrade| upgrade == "websocket");
    let upgrade_timeout =
        async { if upgrades { timers::upgrade_timeout(target, kind, LONGEST_TIMER).await } else { None } };
    let compression = async {
        let (bodies, messages) = tokio::join!(
            async { if polls { application::compression(target, kind, patience).await } else { None } },
            async { if sockets { extras::deflate(target, patience).await } else { None } },
        );
        bodies.into_iter().chain(messages).collect()
    };
    let forms = async {
        tokio::join!(
            extras::eio3(target, if polls { Transport::Polling } else { Transport::Websocket }, patience),
            async { polls && extras::jsonp(target, patience).await },
            async { polls && extras::cors(target, patience).await },
        )
    };
    let company = async { if polls { extras::company(stranger, patience).await } else { None } };
    let (learned, extended, first_ping, connect_timeout, upgrade_timeout, compression, (eio3, jsonp, cors), company) =
        tokio::join!(learned, extended, first_ping, connect_timeout, upgrade_timeout, compression, forms, company);
    Answers { learned, extended, first_ping, connect_timeout, upgrade_timeout, eio3, jsonp, cors, compression, company }
}

/// How long to wait for the first ping: more than an interval if that is short; otherwise just long enough for a ping
/// that is sent right after the handshake.
fn ping_patience(interval: Option<Duration>, distance: Distance) -> Duration {
    let late = 2 * distance.round_trip + Duration::from_millis(400);
    match interval {
        Some(interval) if interval <= FREQUENT => interval + interval / 2 + late,
        _ => late,
    }
}
