//! What a server may do besides: other revisions and forms of the protocol, compression, and sessions that need company.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::open::{Open, Revision, revision};
use super::session::{ask, say};
use super::trap::Trap;
use crate::party::network::Target;
use crate::trace::Transport;

/// Whether clients of Engine.IO 3 are served. A server that takes any number for 4 does not serve them.
//= EIO3-HS-05
pub(super) async fn eio3(target: &Target, transport: Transport, patience: Duration) -> bool {
    match transport {
        Transport::Polling => {
            let answer = ask(target.apart(), "EIO=3&transport=polling", &[], patience).await;
            answer.is_ok_and(|answer| revision(&String::from_utf8_lossy(&answer.body)) == Some(Revision::Three))
        }
        // There it is the client that pings.
        Transport::Websocket => {
            let heard = say(target.apart(), "EIO=3&transport=websocket", "2", patience).await;
            heard.is_ok_and(|heard| heard.iter().any(|text| text == "3"))
        }
    }
}

/// Whether a handshake by a script is answered by one.
pub(super) async fn jsonp(target: &Target, patience: Duration) -> bool {
    let answer = ask(target.apart(), "EIO=4&transport=polling&j=0", &[], patience).await;
    answer.is_ok_and(|answer| answer.body.starts_with(b"___eio["))
}

/// Whether messages on a WebSocket are compressed for a client that can read that.
pub(super) async fn deflate(target: &Target, patience: Duration) -> Option<String> {
    let headers = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "c2lvc3BlYyBzdXJ2ZXlzIQ=="),
        ("sec-websocket-extensions", "permessage-deflate"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let answer = ask(target.apart(), "EIO=4&transport=websocket", &headers, patience).await.ok()?;
    let extensions = answer.header("sec-websocket-extensions")?;
    extensions.contains("permessage-deflate").then(|| "permessage-deflate".to_owned())
}

/// Whether a session's second request finds it, without the cookies of the first and with them. It is tried several times,
/// since one of several servers is the right one by chance: each time one request behind the other, as a balancer that takes
/// turns would have it, and the answers are waited for together.
pub(super) async fn company(target: &Target, patience: Duration) -> Option<Trap> {
    let mut asked = JoinSet::new();
    for _ in 0..TRIES {
        let open = handshake(target.apart(), patience).await?;
        asked.spawn(second_request(target.apart(), open, patience));
        // The handshake after this one is not to overtake the request.
        tokio::task::yield_now().await;
    }
    let mut lost = None;
    while lost.is_none() {
        let (open, refused) = asked.join_next().await?.ok()?;
        lost = refused.map(|status| (open, status));
    }
    let (open, status) = lost?;
    if open.cookies.is_empty() {
        return Some(Trap::LostSession { status });
    }
    let together = target.apart();
    let open = handshake(together.clone(), patience).await?;
    match second_request(together, open, patience).await {
        (open, None) => Some(Trap::Sticky { cookies: open.cookie_names() }),
        (_, Some(status)) => Some(Trap::LostSession { status }),
    }
}

/// Of two servers the right one is met every time in one run of 256.
const TRIES: usize = 8;

async fn handshake(target: Target, patience: Duration) -> Option<Open> {
    Open::read(&ask(target, "EIO=4&transport=polling", &[], patience).await.ok()?)
}

/// Asks for what is new; the status if that is refused. A GET that waits is one that is accepted, and one that this machine
/// was too busy to send in time says nothing.
async fn second_request(target: Target, open: Open, patience: Duration) -> (Open, Option<u16>) {
    let (query, since) = (format!("EIO=4&transport=polling&sid={}", open.sid_in_query()), Instant::now());
    match ask(target, &query, &[], patience / 3).await {
        Ok(answer) if answer.status != 200 && !open.is_overdue(since.elapsed()) => (open, Some(answer.status)),
        _ => (open, None),
    }
}
