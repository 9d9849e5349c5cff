//! The head of a request: routed or refused, never a panic; the query's parameters survive being written and read again.

use sio_codec::engineio::server::{Action, Config, Route, Router};
use sio_codec::engineio::{HttpError, Query, RequestHead, RequestQuery, Revision, Sid, Transport};

/// Lines: method, query, content type, origin, and whether a WebSocket is wanted (any line will do).
pub(crate) fn run(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let mut text = || core::str::from_utf8(lines.next().unwrap_or_default()).ok();
    let (Some(method), Some(query), content_type) = (text(), text(), text()) else { return };
    let head =
        RequestHead { method, query, content_type, origin: lines.next(), wants_websocket: lines.next().is_some() };
    let router = Router::new(Config::default()).expect("the default works");
    match router.route(&head) {
        Err(error) => {
            assert!(HttpError::ALL.contains(&error) && error.status() >= 400);
            assert!(!error.response().body.is_empty(), "a refusal of the router says why");
        }
        Ok(Route::Handshake(_)) => assert_eq!(method, "GET"),
        Ok(Route::Session(request)) => {
            assert_eq!(Sid::from_wire(request.sid.as_str()), Some(request.sid));
            assert!(request.action != Action::Upgrade || head.wants_websocket);
        }
    }
    write_and_read(query);
}

fn write_and_read(query: &str) {
    let pairs: Vec<_> = Query::new(query).pairs().collect();
    let blank = RequestQuery::new(Revision::V4, Transport::Polling);
    let written = pairs.iter().fold(blank, |written, (name, value)| written.with_parameter(name, value)).to_string();
    let read: Vec<_> = Query::new(&written).pairs().collect();
    assert_eq!(read[..pairs.len()], pairs[..]);
    assert_eq!(Query::new(&written).value("EIO").as_deref(), Some("4"), "the last one wins");
}
