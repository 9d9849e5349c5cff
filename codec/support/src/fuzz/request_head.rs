//! The head of a request: it is routed or refused, without a panic, and in the same way by servers of one revision and
//! of two. The query's parameters can be written and read again.

use sio_codec::engineio::server::{Action, Config, Route, Router};
use sio_codec::engineio::{HttpError, Query, RequestHead, RequestQuery, Revision, Sid, Transport};

/// The input is lines: method, query, content type, origin, and whether a WebSocket is requested (any fifth line means
/// yes).
///
/// # Panics
///
/// Panics if a law is broken.
pub fn run(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let mut text = || core::str::from_utf8(lines.next().unwrap_or_default()).ok();
    let (Some(method), Some(query), content_type) = (text(), text(), text()) else { return };
    let head =
        RequestHead { method, query, content_type, origin: lines.next(), wants_websocket: lines.next().is_some() };
    let route = |allow_eio3| {
        let config = Config::default().with_allow_eio3(allow_eio3);
        let route = Router::new(config).expect("a configuration that works").route(&head);
        make_sense(&head, &route);
        route
    };
    match (route(false), route(true)) {
        (Err(HttpError::UnsupportedRevision), Ok(Route::Handshake(old))) => assert_eq!(old.revision(), Revision::V3),
        (Err(one), Err(other)) => assert_eq!(one, other),
        (Ok(Route::Handshake(one)), Ok(Route::Handshake(other))) => {
            assert_eq!((one.revision(), one.transport()), (Revision::V4, other.transport()));
            assert_eq!(other.revision(), Revision::V4);
        }
        (Ok(Route::Session(one)), Ok(Route::Session(other))) => {
            assert_eq!((one.sid, one.action, one.binary), (other.sid, other.action, other.binary));
            assert_eq!(one.revision.or(Some(Revision::V3)), other.revision, "all that is not 4 is 3");
        }
        (one, other) => unreachable!("{one:?}, {other:?}"),
    }
    write_and_read(query);
}

fn make_sense(head: &RequestHead<'_>, route: &Result<Route, HttpError>) {
    match route {
        Err(error) => {
            assert!(HttpError::ALL.contains(error) && error.status() >= 400);
            assert!(!error.response().body.is_empty(), "a refusal of the router says why");
        }
        Ok(Route::Handshake(_)) => assert_eq!(head.method, "GET"),
        Ok(Route::Session(request)) => {
            assert_eq!(Sid::from_wire(request.sid.as_str()).as_ref(), Some(&request.sid));
            assert!(request.action != Action::Upgrade || head.wants_websocket);
        }
    }
}

fn write_and_read(query: &str) {
    let pairs: Vec<_> = Query::new(query).pairs().collect();
    let blank = RequestQuery::new(Revision::V4, Transport::Polling);
    let written = pairs.iter().fold(blank, |written, (name, value)| written.with_parameter(name, value)).to_string();
    let read: Vec<_> = Query::new(&written).pairs().collect();
    assert_eq!(read[..pairs.len()], pairs[..]);
    assert_eq!(Query::new(&written).value("EIO").as_deref(), Some("4"), "the last one wins");
}
