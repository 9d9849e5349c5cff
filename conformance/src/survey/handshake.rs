//! What a handshake says about the transport that it was tried over.

use super::absence::{Absence, error};
use super::open::Open;
use super::service::Offered;
use super::session::Refused;

/// Whether sessions start by polling.
pub(super) fn polling(handshake: &Result<Open, Refused>) -> Offered {
    match handshake {
        Ok(_) => Offered::Served,
        Err(refused) => match verdict(refused) {
            Said::NotEnabled | Said::Nothing | Said::Otherwise(400..500) => Offered::NotServed(words(refused)),
            Said::AnotherFault | Said::Otherwise(_) => Offered::Faulty(words(refused)),
        },
    }
}

/// Whether sessions start over a WebSocket; `announced` if polling sessions are told that they may move there.
pub(super) fn websocket(handshake: &Result<Open, Refused>, announced: bool) -> Offered {
    match handshake {
        Ok(_) => Offered::Served,
        Err(refused) => match (verdict(refused), announced) {
            (Said::NotEnabled, _) | (_, false) => Offered::NotServed(words(refused)),
            (Said::AnotherFault, true) => Offered::Faulty(words(refused)),
            (Said::Nothing | Said::Otherwise(_), true) => Offered::Obstructed(words(refused)),
        },
    }
}

/// What a refusal means.
enum Said {
    /// The transport is not enabled.
    NotEnabled,
    /// The server found a fault with the request that is not there.
    AnotherFault,
    /// It was not the server's Engine.IO that answered with this status, or the request did not arrive as it was sent.
    Otherwise(u16),
    /// No answer.
    Nothing,
}

//= EIO4-HS-09
fn verdict(refused: &Refused) -> Said {
    let Refused::Answer(answer) = refused else { return Said::Nothing };
    let error = error(answer);
    let code = error.as_ref().and_then(|error| error.get("code"));
    // Some servers write the code as a text.
    let code = code.and_then(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok()));
    match code {
        Some(0) => Said::NotEnabled,
        // "Bad request": a request for a WebSocket that came without its headers, as some proxies pass it on.
        Some(3) | None => Said::Otherwise(answer.status),
        Some(_) => Said::AnotherFault,
    }
}

fn words(refused: &Refused) -> String {
    match Absence::of(refused, 0) {
        Absence::Silent { .. } => "the handshake is not answered".to_owned(),
        Absence::Status { status, words: Some(words), .. } => format!("refused with status {status}: {words}"),
        Absence::Status { status, words: None, .. } => format!("refused with status {status}"),
        other => other.to_string(),
    }
}
