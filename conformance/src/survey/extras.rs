//! Optional abilities of a server: other revisions and forms of the protocol, compression, and sticky sessions.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::open::{Open, Revision, revision};
use super::session::{ask, say};
use super::trap::Trap;
use crate::party::network::Target;
use crate::trace::Transport;

/// Whether clients of Engine.IO 3 are served. A server that treats every revision number as 4 does not serve them.
//= EIO3-HS-05
pub(super) async fn eio3(target: &Target, transport: Transport, patience: Duration) -> bool {
    match transport {
        Transport::Polling => {
            let answer = ask(target.apart(), "EIO=3&transport=polling", &[], patience).await;
            answer.is_ok_and(|answer| revision(&String::from_utf8_lossy(&answer.body)) == Some(Revision::Three))
        }
        // In revision 3 the client pings.
        Transport::Websocket => {
            let heard = say(target.apart(), "EIO=3&transport=websocket", "2", patience).await;
            heard.is_ok_and(|heard| heard.iter().any(|text| text == "3"))
        }
    }
}

/// Whether a handshake by a script (JSONP) is answered by a script.
pub(super) async fn jsonp(target: &Target, patience: Duration) -> bool {
    let answer = ask(target.apart(), "EIO=4&transport=polling&j=0", &[], patience).await;
    answer.is_ok_and(|answer| answer.body.starts_with(b"___eio["))
}

/// Whether the answer to a handshake announces CORS to a page of another origin.
//= EIO4-HDR-01
pub(super) async fn cors(target: &Target, patience: Duration) -> bool {
    let origin = [("origin".to_owned(), "https://siospec.example".to_owned())];
    let answer = ask(target.apart(), "EIO=4&transport=polling", &origin, patience).await;
    answer.is_ok_and(|answer| answer.header("access-control-allow-origin").is_some())
}

/// Whether messages on a WebSocket are compressed for a client that supports it.
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

/// Whether the second request of a session reaches it, without the cookies of the first and with them. It is tried
/// several times, since behind a load balancer a request can reach the right server by chance. The two requests of a
/// try directly follow each other, which makes a round-robin balancer send them to different servers. All answers are
/// awaited together.
pub(super) async fn company(target: &Target, patience: Duration) -> Option<Trap> {
    let mut asked = JoinSet::new();
    for _ in 0..TRIES {
        let open = handshake(target.apart(), patience).await?;
        asked.spawn(second_request(target.apart(), open, patience));
        // The request must be sent before the next handshake.
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

/// With two servers, all tries reach the right one by chance in one run of 256.
const TRIES: usize = 8;

async fn handshake(target: Target, patience: Duration) -> Option<Open> {
    Open::read(&ask(target, "EIO=4&transport=polling", &[], patience).await.ok()?)
}

/// Polls the session; returns the status if the poll is refused. A GET that stays open counts as accepted. A GET that
/// this machine was too busy to send in time is ignored.
async fn second_request(target: Target, open: Open, patience: Duration) -> (Open, Option<u16>) {
    let (query, since) = (format!("EIO=4&transport=polling&sid={}", open.sid_in_query()), Instant::now());
    match ask(target, &query, &[], patience / 3).await {
        Ok(answer) if answer.status != 200 && !open.is_overdue(since.elapsed()) => (open, Some(answer.status)),
        _ => (open, None),
    }
}
