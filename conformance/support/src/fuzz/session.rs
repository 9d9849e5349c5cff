//! A session that was watched, as lines of text. Each begins with the time since the line before, as a power of ten in
//! milliseconds, and with the number of the connection:
//!
//! ```text
//! 00> GET /socket.io/?EIO=4&transport=polling       a request; its body follows after a tab
//! 10< 200 0{"sid":"a","upgrades":[]}                an answer
//! 01^ /socket.io/?EIO=4&transport=websocket&sid=a   a WebSocket is asked for
//! 11=                                               it is opened
//! 01> T 2probe       11< T 3probe                   a text message of the client, of the server
//! 01> B bytes                                       a binary message
//! 01> C 1000                                        a Close frame
//! 01< E                                             the end of the connection
//! ```

use std::time::Duration;

use siospec::capture::{Body, Exchange, Sighting, What};
use siospec::trace::Side;

/// The sightings of lines; others are skipped.
#[must_use]
pub fn read(script: &[u8]) -> Vec<Sighting> {
    let mut at = Duration::ZERO;
    // A connection has one exchange after the other.
    let mut requests = [0; 10];
    let mut all = Vec::new();
    for line in script.split(|byte| *byte == b'\n') {
        let [power @ b'0'..=b'9', connection @ b'0'..=b'9', mark, rest @ ..] = line else { continue };
        at = at.saturating_add(passed(*power));
        let connection = connection - b'0';
        let Some(what) = said(*mark, rest) else { continue };
        let request = &mut requests[usize::from(connection)];
        *request += u32::from(matches!(what, What::Request { .. } | What::Open { .. }));
        let exchange = Exchange { connection: u32::from(connection), request: *request };
        all.push(Sighting { at, exchange, what });
    }
    all
}

/// Nothing, or 1 ms, 10 ms and so on, to 1000 s.
fn passed(power: u8) -> Duration {
    match power - b'0' {
        0 => Duration::ZERO,
        power => Duration::from_millis(10_u64.pow(u32::from(power.min(7)) - 1)),
    }
}

fn said(mark: u8, rest: &[u8]) -> Option<What> {
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let side = match mark {
        b'^' => return Some(What::Open { target: text(rest), agent: None }),
        b'=' => return Some(What::Opened),
        b'>' => Side::Client,
        b'<' => Side::Server,
        _ => return None,
    };
    let (word, rest) = cut(rest, b' ');
    Some(match word {
        b"T" => What::Text(side, text(rest)),
        b"B" => What::Binary(side, rest.to_vec()),
        b"H" => What::Hidden(side, text(rest)),
        b"U" => What::Unreadable(side, text(rest)),
        b"C" => What::Close(side, text(rest).parse().ok()),
        b"E" => What::End(side),
        method if side == Side::Client => {
            let (target, body) = cut(rest, b'\t');
            let body = Body::Whole(body.to_vec());
            What::Request { method: text(method), target: text(target), agent: None, content_type: None, body }
        }
        status => {
            What::Answer { status: text(status).parse().ok()?, content_type: None, body: Body::Whole(rest.to_vec()) }
        }
    })
}

/// What is before and after the first such byte.
fn cut(bytes: &[u8], at: u8) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == at).unwrap_or(bytes.len());
    (&bytes[..end], bytes.get(end + 1..).unwrap_or_default())
}

/// The lines of sightings, as well as lines can say them.
#[must_use]
pub fn written(sightings: &[Sighting]) -> Vec<u8> {
    let mut script = Vec::new();
    let mut before = Duration::ZERO;
    for Sighting { at, exchange, what } in sightings {
        let passed = at.saturating_sub(before).as_millis();
        before = *at;
        let power = passed.checked_ilog10().map_or(0, |power| power + 1).min(7);
        script.extend_from_slice(format!("{power}{}", exchange.connection % 10).as_bytes());
        script.extend_from_slice(&line(what));
        script.push(b'\n');
    }
    script
}

fn line(what: &What) -> Vec<u8> {
    let mark = |side: &Side| if *side == Side::Client { ">" } else { "<" };
    let with = |head: String, rest: &[u8]| [head.as_bytes(), rest].concat();
    match what {
        What::Request { method, target, body, .. } => with(format!("> {method} {target}\t"), bytes(body)),
        What::Answer { status, body, .. } => with(format!("< {status} "), bytes(body)),
        What::Open { target, .. } => with("^ ".to_owned(), target.as_bytes()),
        What::Opened | What::Joined(_) => b"=".to_vec(),
        What::Text(side, text) => with(format!("{} T ", mark(side)), text.as_bytes()),
        What::Binary(side, bytes) => with(format!("{} B ", mark(side)), bytes),
        What::Hidden(side, words) => with(format!("{} H ", mark(side)), words.as_bytes()),
        What::Unreadable(side, words) => with(format!("{} U ", mark(side)), words.as_bytes()),
        What::Close(side, code) => format!("{} C {}", mark(side), code.unwrap_or_default()).into_bytes(),
        What::End(side) => format!("{} E", mark(side)).into_bytes(),
    }
}

fn bytes(body: &Body) -> &[u8] {
    match body {
        Body::Whole(bytes) => bytes,
        Body::Unreadable(_) => &[],
    }
}
