//! Reads both directions of one connection.

use std::collections::VecDeque;
use std::time::Duration;

use super::frames::{Compression, Frames};
use super::http::{Head, Kind, NoHttp, Reader, Start};
use super::sighting::{Body, Exchange, Sighting, What};
use crate::trace::Side;

/// Reads both directions of one connection: HTTP at first, and the frames of a WebSocket once the server has opened one.
///
/// What a server sends before an answer reaches the client must be fed before the client's reaction to it, because an
/// answer can change the protocol of both directions.
///
/// ```
/// use std::time::Duration;
/// use siospec::capture::{Tap, What};
/// use siospec::trace::Side;
///
/// let mut tap = Tap::new(0);
/// let request = b"GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// let seen = tap.feed(Duration::ZERO, Side::Client, request);
/// assert!(matches!(&seen[0].what, What::Request { method, .. } if method == "GET"));
/// ```
#[derive(Debug)]
pub struct Tap {
    connection: u32,
    /// The requests without an answer, the oldest first.
    pending: VecDeque<Pending>,
    requests: u32,
    client: Half,
    server: Half,
}

/// A request without an answer.
#[derive(Debug)]
struct Pending {
    exchange: Exchange,
    is_head: bool,
    asks: Asks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    ForAnswer,
    ForWebSocket,
}

/// One direction.
#[derive(Debug)]
enum Half {
    Http(Reader),
    WebSocket(Frames, Exchange),
    /// It ended, or it cannot be read.
    Over,
}

impl Tap {
    /// Reads the connection with this number.
    #[must_use]
    pub fn new(connection: u32) -> Self {
        let half = || Half::Http(Reader::default());
        Self { connection, pending: VecDeque::new(), requests: 0, client: half(), server: half() }
    }

    /// Reads bytes that `side` sent.
    pub fn feed(&mut self, at: Duration, side: Side, bytes: &[u8]) -> Vec<Sighting> {
        match self.half(side) {
            Half::Http(reader) => {
                reader.feed(bytes);
                self.read(at, side)
            }
            Half::WebSocket(frames, exchange) => {
                let exchange = *exchange;
                let seen = frames.feed(bytes);
                self.frames(at, side, exchange, seen)
            }
            Half::Over => Vec::new(),
        }
    }

    /// Goes on behind bytes of `side` that were not recorded.
    ///
    /// If they belong to one body or message, that cannot be shown, and the next one can. If not, nothing more of this
    /// connection can be read.
    pub fn skip(&mut self, at: Duration, side: Side, missing: u64) -> Vec<Sighting> {
        let exchange = self.exchange();
        match self.half(side) {
            Half::WebSocket(frames, exchange) => {
                let exchange = *exchange;
                let seen = frames.skip(missing);
                self.frames(at, side, exchange, seen)
            }
            Half::Http(reader) => {
                if reader.skip(missing) {
                    return self.read(at, side);
                }
                // The answers can no longer be told to which requests they belong.
                (self.client, self.server) = (Half::Over, Half::Over);
                let why = format!("HTTP, of which {missing} bytes were not recorded");
                vec![Sighting { at, exchange, what: What::Unreadable(side, why) }]
            }
            Half::Over => Vec::new(),
        }
    }

    /// Whether a direction ended, or cannot be read any more.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self.client, Half::Over) || matches!(self.server, Half::Over)
    }

    /// Records that `side` ended the connection.
    pub fn end(&mut self, at: Duration, side: Side) -> Vec<Sighting> {
        let last = match self.half(side) {
            Half::Http(reader) => reader.end(),
            Half::WebSocket(..) | Half::Over => None,
        };
        let mut seen: Vec<Sighting> =
            last.into_iter().filter_map(|(head, body)| self.message(at, head, body)).collect();
        let exchange = match self.half(side) {
            Half::WebSocket(_, exchange) => Some(*exchange),
            Half::Http(_) => self.pending.front().map(|pending| pending.exchange),
            Half::Over => None,
        };
        seen.extend(exchange.map(|exchange| Sighting { at, exchange, what: What::End(side) }));
        *self.half(side) = Half::Over;
        seen
    }

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// Reads the messages that are complete.
    fn read(&mut self, at: Duration, side: Side) -> Vec<Sighting> {
        let mut seen = Vec::new();
        loop {
            let kind = match side {
                Side::Client => Kind::Request,
                Side::Server => Kind::Answer { to_head: self.pending.front().is_some_and(|pending| pending.is_head) },
            };
            let Half::Http(reader) = self.half(side) else { return seen };
            match reader.next(kind) {
                Ok(None) => return seen,
                Ok(Some((head, body))) => {
                    let opens = self.opened_by(&head);
                    let extensions = head.field("sec-websocket-extensions").unwrap_or_default().to_owned();
                    seen.extend(self.message(at, head, body));
                    if let Some(exchange) = opens {
                        seen.extend(self.open(at, exchange, &extensions));
                    }
                }
                Err(NoHttp(reason)) => {
                    let exchange = self.exchange();
                    *self.half(side) = Half::Over;
                    seen.push(Sighting { at, exchange, what: What::Unreadable(side, reason) });
                    return seen;
                }
            }
        }
    }

    /// A request or an answer; `None` for an answer without a request.
    fn message(&mut self, at: Duration, head: Head, body: Body) -> Option<Sighting> {
        let text = |name: &str| head.field(name).map(str::to_owned);
        match &head.start {
            Start::Request { method, target } => {
                let asks = if head.lists("upgrade", "websocket") { Asks::ForWebSocket } else { Asks::ForAnswer };
                let exchange = Exchange { connection: self.connection, request: self.requests };
                self.requests += 1;
                self.pending.push_back(Pending { exchange, is_head: method == "HEAD", asks });
                let (method, target, agent) = (method.clone(), target.clone(), text("user-agent"));
                let what = match asks {
                    Asks::ForAnswer => {
                        What::Request { method, target, agent, content_type: text("content-type"), body }
                    }
                    Asks::ForWebSocket => What::Open { target, agent },
                };
                Some(Sighting { at, exchange, what })
            }
            Start::Answer { status } => {
                let Pending { exchange, asks, .. } = self.pending.pop_front()?;
                let what = match (status, asks) {
                    (101, Asks::ForWebSocket) => What::Opened,
                    (status, _) => What::Answer { status: *status, content_type: text("content-type"), body },
                };
                Some(Sighting { at, exchange, what })
            }
        }
    }

    /// The WebSocket that this answer opens.
    fn opened_by(&self, head: &Head) -> Option<Exchange> {
        let pending = self.pending.front()?;
        let opens = matches!(head.start, Start::Answer { status: 101 }) && pending.asks == Asks::ForWebSocket;
        opens.then_some(pending.exchange)
    }

    /// Both directions become those of a WebSocket.
    fn open(&mut self, at: Duration, exchange: Exchange, extensions: &str) -> Vec<Sighting> {
        let mut seen = Vec::new();
        for side in [Side::Server, Side::Client] {
            let frames = Frames::of(side, Compression::agreed(side, extensions));
            let half = std::mem::replace(self.half(side), Half::WebSocket(frames, exchange));
            if let Half::Http(mut reader) = half {
                seen.extend(self.feed(at, side, &reader.rest()));
            }
        }
        seen
    }

    fn frames(&mut self, at: Duration, side: Side, exchange: Exchange, seen: Vec<What>) -> Vec<Sighting> {
        if matches!(self.half(side), Half::WebSocket(frames, _) if frames.is_over()) {
            *self.half(side) = Half::Over;
        }
        seen.into_iter().map(|what| Sighting { at, exchange, what }).collect()
    }

    /// The exchange that is going on, or the next one.
    fn exchange(&self) -> Exchange {
        let next = Exchange { connection: self.connection, request: self.requests };
        self.pending.front().map_or(next, |pending| pending.exchange)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UPGRADE: &[u8] =
        b"GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    const SWITCHING: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

    fn seen(tap: &mut Tap, side: Side, bytes: &[u8]) -> Vec<What> {
        tap.feed(Duration::ZERO, side, bytes).into_iter().map(|sighting| sighting.what).collect()
    }

    #[test]
    fn a_websocket_is_read_behind_its_request() {
        let mut tap = Tap::new(0);
        assert!(matches!(&seen(&mut tap, Side::Client, UPGRADE)[..], [What::Open { .. }]));
        // The first frame comes with the answer.
        let answer = [SWITCHING, b"\x81\x020{\x81\x00"].concat();
        let text = |text: &str| What::Text(Side::Server, text.to_owned());
        assert_eq!(seen(&mut tap, Side::Server, &answer), [What::Opened, text("0{"), text("")]);
        // A masked message in two frames, with a ping between them.
        let hello = b"\x01\x81\0\0\0\x004\x89\x80\0\0\0\0\x80\x82\0\0\0\0hi";
        assert_eq!(seen(&mut tap, Side::Client, hello), [What::Text(Side::Client, "4hi".to_owned())]);
        assert_eq!(seen(&mut tap, Side::Server, b"\x88\x02\x03\xe8"), [What::Close(Side::Server, Some(1000))]);
        let end = tap.end(Duration::ZERO, Side::Server);
        assert_eq!(end[0].what, What::End(Side::Server));
    }

    #[test]
    fn a_refused_websocket_has_an_answer() {
        let mut tap = Tap::new(0);
        seen(&mut tap, Side::Client, UPGRADE);
        let refusal = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}";
        let expected = What::Answer { status: 400, content_type: None, body: Body::Whole(b"{}".to_vec()) };
        assert_eq!(seen(&mut tap, Side::Server, refusal), [expected]);
    }

    #[test]
    fn requests_in_a_row_are_answered_in_their_order() {
        let mut tap = Tap::new(3);
        let requests = b"HEAD /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n";
        assert_eq!(seen(&mut tap, Side::Client, requests).len(), 2);
        let answers = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb";
        let numbers = tap.feed(Duration::ZERO, Side::Server, answers).into_iter().map(|seen| seen.exchange.request);
        assert_eq!(numbers.collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn what_is_no_http_is_said_once() {
        let mut tap = Tap::new(0);
        assert!(matches!(&seen(&mut tap, Side::Client, b"\x16\x03\x01")[..], [What::Unreadable(Side::Client, _)]));
        assert_eq!(seen(&mut tap, Side::Client, b"\x16\x03\x01"), []);
        let mut tap = Tap::new(0);
        seen(&mut tap, Side::Client, UPGRADE);
        seen(&mut tap, Side::Server, SWITCHING);
        // A compressed frame, and no agreement on it.
        let compressed = seen(&mut tap, Side::Server, b"\xc1\x01x");
        assert_eq!(compressed.len(), 1, "{compressed:?}");
    }
}
