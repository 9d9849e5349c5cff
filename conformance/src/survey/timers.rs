//! Measures the timers of a server.

use std::time::Duration;

use tokio::time::Instant;

use super::service::{FirstPing, Timer};
use super::session::{Packet, Probed, Punctuality, Session};
use crate::contract::Kind;
use crate::party::network::Target;
use crate::trace::Transport;

/// When the first ping comes. With Socket.IO, the session joins a namespace, because it would otherwise be closed.
//= EIO4-HB-01
pub(super) async fn first_ping(
    target: &Target,
    kind: Kind,
    transport: Transport,
    interval: Option<Duration>,
    patience: Duration,
) -> FirstPing {
    let Ok(mut session) = Session::open(target.apart(), transport, patience).await else {
        return FirstPing::NotWithin(patience);
    };
    join(&mut session, kind);
    let until = session.since + patience;
    while session.first_ping.is_none() {
        match session.next(until).await {
            Some(Packet::Over(_)) | None => break,
            Some(Packet::Text(_) | Packet::Binary) => {}
        }
    }
    match session.first_ping {
        None => FirstPing::NotWithin(patience),
        Some(after) if interval.is_some_and(|interval| after < interval / 2) => FirstPing::AtOnce,
        Some(after) => FirstPing::After(after),
    }
}

/// When a session that joins no namespace is closed.
pub(super) async fn connect_timeout(target: &Target, transport: Transport, bound: Duration) -> Option<Timer> {
    steady(|| unjoined(target, transport, bound)).await
}

//= SIO5-CON-13
async fn unjoined(target: &Target, transport: Transport, bound: Duration) -> Option<Timer> {
    let mut session = Session::open(target.apart(), transport, bound).await.ok()?;
    let until = session.since + bound;
    loop {
        match session.next(until).await {
            Some(Packet::Over(_)) if session.punctuality() == Punctuality::Missed => return None,
            Some(Packet::Over(_)) => return Some(Timer::After(session.since.elapsed())),
            Some(Packet::Text(_) | Packet::Binary) => {}
            None => return Some(Timer::LongerThan(bound)),
        }
    }
}

/// When the server gives up an upgrade that was probed and does not continue.
pub(super) async fn upgrade_timeout(target: &Target, kind: Kind, bound: Duration) -> Option<Timer> {
    steady(|| probed(target, kind, bound)).await
}

//= EIO4-UP-12
async fn probed(target: &Target, kind: Kind, bound: Duration) -> Option<Timer> {
    let mut session = Session::open(target.apart(), Transport::Polling, bound).await.ok()?;
    join(&mut session, kind);
    let candidate = session.candidate(Instant::now() + bound).await.ok()?;
    match session.probe(candidate, Instant::now() + bound).await {
        Probed::Closed(_) | Probed::Over if session.punctuality() == Punctuality::Missed => None,
        Probed::Closed(after) => Some(Timer::After(after)),
        Probed::Open => Some(Timer::LongerThan(bound)),
        Probed::Over => None,
    }
}

/// How often two measurements are repeated if they differ.
const TRIES: usize = 3;

/// The time between the starts of two measurements.
const STAGGER: Duration = Duration::from_millis(150);

/// Measures twice until two results agree. On a busy machine a session may also end before its timer runs out because
/// no pong was sent, but two rarely end so at the same time.
async fn steady<M: Future<Output = Option<Timer>>>(measure: impl Fn() -> M) -> Option<Timer> {
    for _ in 0..TRIES {
        let second = async {
            tokio::time::sleep(STAGGER).await;
            measure().await
        };
        match tokio::join!(measure(), second) {
            (Some(Timer::After(one)), Some(Timer::After(other))) if agree(one, other) => {
                return Some(Timer::After(one.min(other)));
            }
            (Some(longer @ Timer::LongerThan(_)), _) | (_, Some(longer @ Timer::LongerThan(_))) => return Some(longer),
            _ => {}
        }
    }
    None
}

fn agree(one: Duration, other: Duration) -> bool {
    one.abs_diff(other) <= Duration::from_millis(30) + one.max(other) / 16
}

fn join(session: &mut Session, kind: Kind) {
    if kind == Kind::Socket {
        session.send("40");
    }
}
