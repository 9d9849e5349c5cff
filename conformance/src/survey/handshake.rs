//! What a handshake shows about its transport.

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

/// Whether sessions start over a WebSocket; `announced` is true if polling sessions are offered an upgrade to it.
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

/// The meaning of a refusal.
enum Said {
    /// The transport is not enabled.
    NotEnabled,
    /// The server reports a fault that the request does not have.
    AnotherFault,
    /// The status does not come from the server's Engine.IO, or the request was changed on its way.
    Otherwise(u16),
    /// No answer.
    Nothing,
}

//= EIO4-HS-09
fn verdict(refused: &Refused) -> Said {
    let Refused::Answer(answer) = refused else { return Said::Nothing };
    let error = error(answer);
    let code = error.as_ref().and_then(|error| error.get("code"));
    // Some servers write the code as a string.
    let code = code.and_then(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok()));
    match code {
        Some(0) => Said::NotEnabled,
        // "Bad request": the request arrived without the headers for a WebSocket; some proxies remove them.
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
