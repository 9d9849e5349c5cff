//! What a server may do besides: other revisions and forms of the protocol, compression, and sessions that need company.

use std::time::{Duration, Instant};

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
/// since one of several servers is the right one by chance.
pub(super) async fn company(target: &Target, patience: Duration) -> Option<Trap> {
    let mut lost = None;
    for _ in 0..TRIES {
        let (open, refused) = second_request(target.apart(), target.apart(), patience).await?;
        lost = refused.map(|status| (open, status));
        if lost.is_some() {
            break;
        }
    }
    let (open, status) = lost?;
    if open.cookies.is_empty() {
        return Some(Trap::LostSession { status });
    }
    let together = target.apart();
    match second_request(together.clone(), together, patience).await? {
        (open, None) => Some(Trap::Sticky { cookies: open.cookie_names() }),
        (_, Some(status)) => Some(Trap::LostSession { status }),
    }
}

const TRIES: usize = 3;

/// Does a handshake, and asks for what is new; the status if that is refused. A GET that waits is one that is accepted, and
/// one that this machine was too busy to send in time says nothing.
async fn second_request(first: Target, second: Target, patience: Duration) -> Option<(Open, Option<u16>)> {
    let answer = ask(first, "EIO=4&transport=polling", &[], patience).await.ok()?;
    let open = Open::read(&answer)?;
    let (query, since) = (format!("EIO=4&transport=polling&sid={}", open.sid_in_query()), Instant::now());
    match ask(second, &query, &[], patience / 3).await {
        Ok(answer) if answer.status != 200 && !open.is_overdue(since.elapsed()) => Some((open, Some(answer.status))),
        _ => Some((open, None)),
    }
}
