//! Which requests are let in, and what the others are told.

use alloc::format;
use alloc::string::{String, ToString as _};

use super::*;
use crate::engineio::server::{RequestId, Transmit, WsId};
use crate::limits::Limits;
use crate::machine::{Machine as _, Output};
use crate::vectors::{self, text};

const GET: RequestHead<'static> = RequestHead {
    method: "GET",
    query: "EIO=4&transport=polling",
    content_type: None,
    origin: None,
    wants_websocket: false,
};

fn router() -> Router {
    Router::new(Config::default().with_limits(Limits::default().with_max_payload(1000))).unwrap()
}

fn get(query: &str) -> RequestHead<'_> {
    RequestHead { query, ..GET }
}

fn upgrade(query: &str) -> RequestHead<'_> {
    RequestHead { query, wants_websocket: true, ..GET }
}

fn refusal(head: &RequestHead<'_>) -> HttpError {
    router().route(head).unwrap_err()
}

fn handshake(head: &RequestHead<'_>) -> Handshake {
    match router().route(head) {
        Ok(Route::Handshake(handshake)) => handshake,
        other => panic!("{head:?} is no handshake: {other:?}"),
    }
}

fn session_request(head: &RequestHead<'_>) -> SessionRequest {
    match router().route(head) {
        Ok(Route::Session(request)) => request,
        other => panic!("{head:?} is of no session: {other:?}"),
    }
}

/// What a program without any session answers.
fn answer(head: &RequestHead<'_>) -> Response {
    match router().route(head) {
        Err(error) => error.response(),
        Ok(Route::Session(_)) => HttpError::UnknownSid.response(),
        Ok(Route::Handshake(handshake)) => {
            let sid = Sid::from_entropy([7; 15]);
            let mut session = handshake.accept(Timestamp::ZERO, sid, Carrier::Request(RequestId(1)));
            loop {
                match session.poll_output().expect("the handshake is answered") {
                    Output::Transmit(Transmit::Respond { response, .. }) => return response,
                    Output::Transmit(_) | Output::Event(_) => {}
                }
            }
        }
    }
}

/// Exchanges whose answer is not this crate's to give.
const NOT_OURS: &[(&str, &str)] = &[
    ("E4H-032", "the program compares the path: EIO4-URL-06"),
    ("E4H-034", "the program compares the path: EIO4-URL-06"),
    ("E4H-035", "the program compares the path: EIO4-URL-06"),
];

//= shown by rows of a table:
//= EIO3-HS-04
//= EIO4-ERR-01
//= EIO4-ERR-02
//= EIO4-ERR-03
//= EIO4-ERR-04
//= EIO4-ERR-06
//= EIO4-ERR-07
//= EIO4-ERR-09
//= EIO4-GET-03
//= EIO4-HS-01
//= EIO4-HS-02
//= EIO4-HS-04
//= EIO4-HS-07
//= EIO4-HS-08
//= EIO4-HS-09
//= EIO4-HS-10
//= EIO4-URL-03
//= EIO4-URL-07
//= EIO4-URL-08
//= EIO4-WT-09
#[test]
fn recorded_exchanges() {
    for vector in vectors::eio4_http_exchanges() {
        let id = text(&vector, "id");
        if NOT_OURS.iter().any(|(other, _)| *other == id) {
            continue;
        }
        let (_, query) = text(&vector, "path").split_once('?').unwrap();
        let method = text(&vector, "method");
        let response = answer(&RequestHead { method, ..get(query) });

        let sid = Sid::from_entropy([7; 15]);
        let body = String::from_utf8(response.body.to_vec()).unwrap().replace(sid.as_str(), "<sid>");
        // The answer to a HEAD is sent without its body, by whatever speaks HTTP.
        let body = if method == "HEAD" { String::new() } else { body };
        let expected = text(&vector, "body");
        let found = (u64::from(response.status), response.content_type.as_str(), body.as_str());
        let status = vector["status"].as_u64().unwrap();
        assert_eq!(found, (status, vector["content_type"].as_str(), expected), "{id}");
    }
}

/// A request with every fault at once; each line repairs the one that was found.
//= EIO4-ERR-08
//= EIO4-ERR-09
#[test]
fn the_order_of_the_checks() {
    let worst = RequestHead {
        method: "PUT",
        query: "EIO=9&transport=pigeon",
        content_type: None,
        origin: Some(b"http://a\x01"),
        wants_websocket: false,
    };
    assert_eq!(refusal(&worst), HttpError::UnknownTransport);
    let head = RequestHead { query: "EIO=9&transport=websocket", ..worst };
    //= EIO4-HDR-07
    assert_eq!(refusal(&head), HttpError::InvalidOrigin);
    let head = RequestHead { origin: Some(b"http://a"), ..head };
    //= EIO4-HS-07
    assert_eq!(refusal(&head), HttpError::BadHandshakeMethod);
    let head = RequestHead { method: "GET", ..head };
    //= EIO4-HS-10
    assert_eq!(refusal(&head), HttpError::NotAnUpgrade);
    let head = RequestHead { wants_websocket: true, ..head };
    assert_eq!(refusal(&head), HttpError::UnsupportedRevision);
    let head = RequestHead { query: "EIO=4&transport=websocket", ..head };
    assert_eq!(handshake(&head).transport(), Transport::WebSocket);
}

//= EIO4-ERR-09
#[test]
fn a_sid_is_looked_up_before_anything_of_its_session_is_checked() {
    let head = RequestHead { method: "PUT", ..get("EIO=9&transport=websocket&sid=x") };
    let request = session_request(&head);
    assert_eq!((request.revision, request.action), (None, Action::Refuse(HttpError::Mismatch)));
    let head = RequestHead { origin: Some(b"\n"), ..head };
    assert_eq!(refusal(&head), HttpError::InvalidOrigin);
}

//= EIO4-ERR-12
//= EIO4-ERR-15
#[test]
fn what_a_request_asks_of_its_session() {
    let mut table = String::new();
    for (transport, wants_websocket) in
        [("polling", false), ("polling", true), ("websocket", false), ("websocket", true)]
    {
        for method in ["GET", "POST", "OPTIONS"] {
            let query = format!("EIO=4&transport={transport}&sid=x");
            let request = session_request(&RequestHead { method, wants_websocket, ..get(&query) });
            let upgrade = if wants_websocket { " upgrade" } else { "" };
            table += &format!("{method} {transport}{upgrade}: {:?}\n", request.action);
        }
    }
    insta::assert_snapshot!(table, @"
    GET polling: Poll
    POST polling: Post(Text)
    OPTIONS polling: Refuse(UnsupportedMethod)
    GET polling upgrade: Refuse(Mismatch)
    POST polling upgrade: Refuse(Mismatch)
    OPTIONS polling upgrade: Refuse(Mismatch)
    GET websocket: Refuse(Mismatch)
    POST websocket: Refuse(Mismatch)
    OPTIONS websocket: Refuse(Mismatch)
    GET websocket upgrade: Upgrade
    POST websocket upgrade: Refuse(Mismatch)
    OPTIONS websocket upgrade: Refuse(Mismatch)
    ");
}

//= EIO4-POST-07
#[test]
fn only_one_content_type_is_binary() {
    let format = |content_type| {
        session_request(&RequestHead { method: "POST", content_type, ..get("EIO=4&transport=polling&sid=x") }).action
    };
    for other in [
        None,
        Some("text/plain;charset=UTF-8"),
        Some("application/json"),
        Some("application/octet-stream; charset=x"),
        Some("Application/Octet-Stream"),
    ] {
        assert_eq!(format(other), Action::Post(BodyFormat::Text), "{other:?}");
    }
    assert_eq!(format(Some("application/octet-stream")), Action::Post(BodyFormat::Binary));
}

//= EIO4-HDR-02
//= EIO4-URL-03
//= EIO4-URL-08
#[test]
fn a_session_is_found_by_its_sid_alone() {
    let request = session_request(&get("EIO=4&sid=ignored&transport=polling&sid=a%5Fb"));
    assert_eq!(request.sid.as_str(), "a_b", "decoded, and the last one wins");
    assert_eq!(handshake(&get("EIO=4&transport=polling&sid=")).transport(), Transport::Polling);
    for odd in ["%20", "a%00", "a%0d%0ab", "\u{7f}"] {
        assert_eq!(refusal(&get(&format!("EIO=4&transport=polling&sid={odd}"))), HttpError::UnknownSid, "{odd:?}");
    }
    let long = "x".repeat(129);
    assert_eq!(refusal(&get(&format!("EIO=4&transport=polling&sid={long}"))), HttpError::UnknownSid);
    assert_eq!(session_request(&get("EIO=4&transport=polling&sid=__proto__")).sid.as_str(), "__proto__");
}

//= EIO3-HS-04
//= EIO4-ERR-13
#[test]
fn the_revision_is_left_to_the_session() {
    let revision = |eio| session_request(&get(&format!("EIO={eio}&transport=polling&sid=x"))).revision;
    assert_eq!(revision("4"), Some(Revision::V4));
    assert_eq!(revision("3"), Some(Revision::V3));
    assert_eq!(revision("04"), None);
}

//= EIO4-URL-04
//= EIO4-URL-05
#[test]
fn unknown_parameters_are_kept_for_the_application() {
    let query = "EIO=4&transport=polling&t=abc&token=a%20b&token=c";
    assert_eq!(handshake(&get(query)).transport(), Transport::Polling);
    let tokens: alloc::vec::Vec<_> =
        Query::new(query).pairs().filter(|(key, _)| key == "token").map(|(_, value)| value.into_owned()).collect();
    assert_eq!(tokens, ["a b", "c"]);
}

//= EIO4-ERR-11
//= EIO4-HS-09
//= EIO4-WS-13
#[test]
fn a_websocket_handshake_that_is_refused() {
    assert_eq!(refusal(&upgrade("EIO=4&transport=polling")), HttpError::NotAnUpgrade);
    assert_eq!(refusal(&upgrade("transport=websocket")), HttpError::UnsupportedRevision);
    assert_eq!(refusal(&upgrade("EIO=3&transport=websocket")), HttpError::UnsupportedRevision);
    assert_eq!(refusal(&upgrade("EIO=4&transport=websockets")), HttpError::UnknownTransport);
}

//= EIO4-HS-09
//= EIO4-HS-04
#[test]
fn only_enabled_transports_are_served() {
    let mut table = String::new();
    for transports in
        [Transports::Both, Transports::BothWithoutUpgrade, Transports::PollingOnly, Transports::WebSocketOnly]
    {
        let router = Router::new(Config::default().with_transports(transports)).unwrap();
        let answers = [(GET, "polling"), (upgrade("EIO=4&transport=websocket"), "websocket")].map(|(head, name)| {
            let answer = router.route(&head).map_or_else(|error| error.to_string(), |_| "served".into());
            format!("{name} {answer}")
        });
        table += &format!("{transports:?}: {}\n", answers.join(", "));
    }
    insta::assert_snapshot!(table, @"
    Both: polling served, websocket served
    BothWithoutUpgrade: polling served, websocket served
    PollingOnly: polling served, websocket Transport unknown
    WebSocketOnly: polling Transport unknown, websocket served
    ");
}

//= EIO4-ERR-05
//= EIO4-ERR-10
#[test]
fn the_application_refuses() {
    let response = handshake(&GET).forbid("no \"guests\"");
    let body = br#"{"code":4,"message":"no \"guests\""}"#;
    assert_eq!((response.status, &response.body[..]), (403, &body[..]));
    let response = handshake(&upgrade("EIO=4&transport=websocket")).forbid("no \"guests\"");
    assert_eq!((response.status, &response.body[..]), (400, &b"no \"guests\""[..]), "plain words");
}

#[test]
fn a_configuration_that_cannot_work_is_refused() {
    let error = |config| Router::new(config).unwrap_err();
    let second = core::time::Duration::from_secs(1);
    let short = core::time::Duration::from_micros(999);
    assert_eq!(error(Config::default().with_heartbeat(short, second)), ConfigError::Heartbeat);
    assert_eq!(error(Config::default().with_heartbeat(second, short)), ConfigError::Heartbeat);
    assert_eq!(error(Config::default().with_limits(Limits::default().with_max_payload(0))), ConfigError::Limit);
    assert_eq!(error(Config::default().with_limits(Limits::default().with_max_queued_bytes(0))), ConfigError::Limit);
}

//= EIO4-HS-05
//= EIO4-HS-06
#[test]
fn a_websocket_handshake_starts_with_the_open_packet() {
    let handshake = handshake(&upgrade("EIO=4&transport=websocket"));
    let mut session = handshake.accept(Timestamp::ZERO, Sid::from_entropy([7; 15]), Carrier::WebSocket(WsId(1)));
    let opened = session.poll_output();
    assert_eq!(opened, Some(Output::Event(crate::engineio::Event::Opened)));
    let Some(Output::Transmit(Transmit::WsSend { ws: WsId(1), frame: crate::Frame::Text(open) })) =
        session.poll_output()
    else {
        panic!("no open packet")
    };
    assert!(open.as_str().contains(r#""upgrades":[],"#), "{open}");
}

/// A router that serves both revisions.
fn dual() -> Router {
    Router::new(Config::default().with_allow_eio3(true)).unwrap()
}

//= EIO3-HS-05
//= EIO3-HS-06
//= EIO4-URL-07
#[test]
fn a_dual_server_takes_everything_but_4_for_3() {
    let mut table = String::new();
    for eio in ["EIO=4", "EIO=3", "EIO=2", "EIO=04", "EIO=4.0", "EIO=", "EIO=3&EIO=4", "eio=4", ""] {
        for (transport, wants_websocket) in [("polling", false), ("websocket", true)] {
            let query = format!("{eio}&transport={transport}");
            let head = RequestHead { wants_websocket, ..get(&query) };
            let Ok(Route::Handshake(handshake)) = dual().route(&head) else { panic!("{query}") };
            let query = format!("{query}&sid=x");
            let Ok(Route::Session(request)) = dual().route(&RequestHead { wants_websocket, ..get(&query) }) else {
                panic!("{query}")
            };
            assert_eq!(request.revision, Some(handshake.revision()), "{query}");
            if !wants_websocket {
                table += &format!("{eio:?}: {:?}\n", handshake.revision());
            }
        }
    }
    insta::assert_snapshot!(table, @r#"
    "EIO=4": V4
    "EIO=3": V3
    "EIO=2": V3
    "EIO=04": V3
    "EIO=4.0": V3
    "EIO=": V3
    "EIO=3&EIO=4": V4
    "eio=4": V3
    "": V3
    "#);
}

//= EIO3-HS-05
//= EIO4-ERR-09
#[test]
fn a_dual_server_checks_all_else_in_the_same_order() {
    let error = |head: &RequestHead<'_>| dual().route(head).unwrap_err();
    assert_eq!(error(&RequestHead { method: "POST", ..get("EIO=3") }), HttpError::UnknownTransport);
    assert_eq!(error(&RequestHead { method: "POST", ..get("EIO=3&transport=polling") }), HttpError::BadHandshakeMethod);
    assert_eq!(error(&get("EIO=3&transport=websocket")), HttpError::NotAnUpgrade);
}
