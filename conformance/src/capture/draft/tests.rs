use std::time::Duration;

use super::*;
use crate::capture::Log;

/// The trace of what was seen, in which each exchange has its number.
fn drafted(seen: &[(u32, What)]) -> String {
    let mut log = Log::default();
    for (request, what) in seen {
        let exchange = Exchange { connection: 0, request: *request };
        log.see(Sighting { at: Duration::ZERO, exchange, what: what.clone() });
    }
    draft(&log.conversations()[0], &Labels::default()).unwrap().to_string()
}

fn request(method: &str, query: &str, body: &str) -> What {
    let (method, target) = (method.to_owned(), format!("/socket.io/?{query}"));
    let agent = Some("node-XMLHttpRequest\n".to_owned());
    What::Request { method, target, agent, content_type: None, body: Body::Whole(body.into()) }
}

fn answer(status: u16, body: &str) -> What {
    What::Answer { status, content_type: None, body: Body::Whole(body.into()) }
}

fn text(side: Side, text: &str) -> What {
    What::Text(side, text.to_owned())
}

const OPEN: &str = r#"0{"sid":"lv_VI97HAXpY6yYWAAAB","upgrades":["websocket"],"pingInterval":300}"#;

#[test]
fn a_session_with_an_upgrade() {
    let sid = "EIO=4&sid=lv_VI97HAXpY6yYWAAAB";
    let written = drafted(&[
        (0, request("GET", "EIO=4&transport=polling", "")),
        (0, answer(200, OPEN)),
        (1, request("POST", sid, "40")),
        (2, request("GET", sid, "")),
        (1, answer(200, "ok")),
        (2, answer(200, "40{\"sid\":\"wZX3oN0bSVIhsaknAAAC\"}\u{1e}2")),
        (5, request("GET", sid, "")),
        (5, answer(200, "42[\"auth\"]")),
        (3, What::Open { target: format!("/socket.io/?{sid}"), agent: None }),
        (4, request("GET", sid, "")),
        (3, What::Opened),
        (3, text(Side::Client, "2probe")),
        (3, text(Side::Server, "3probe")),
        (4, answer(200, "6")),
        (3, text(Side::Client, "5")),
        (3, text(Side::Server, "2")),
        (3, text(Side::Client, "3")),
        (3, What::Binary(Side::Client, vec![0, 255])),
        (3, What::Close(Side::Client, Some(1005))),
        (3, What::Close(Side::Server, None)),
    ]);
    let expected = "\
title     A session of node-XMLHttpRequest
covers    EIO4-HS-01
level     reference
needs     polling websocket upgrade

hs C get     EIO=4&transport=polling
hs S 200
hs S packet  0{\"sid\":$sid,\"upgrades\":$_,\"pingInterval\":$interval}
p1 C post    EIO=4&sid=$sid
p1 C packet  40
g1 C get     EIO=4&sid=$sid  until 2 packets
p1 S 200
p1 S body    ok
g1 S 200
g1 S packet  40{\"sid\":$id}
g1 S packet  42[\"auth\"]
ws C open    EIO=4&sid=$sid
ws C text    2probe
ws S text    3probe
ws C text    5
ws C binary  00ff
ws C close   1005
";
    assert_eq!(written, expected);
}

#[test]
fn a_request_with_nothing_but_a_heartbeat_is_left_out() {
    let sid = "EIO=4&sid=lv_VI97HAXpY6yYWAAAB";
    let written = drafted(&[
        (0, request("GET", "EIO=4", "")),
        (0, answer(200, OPEN)),
        (1, request("GET", sid, "")),
        (1, answer(200, "2")),
        (2, request("POST", sid, "3")),
        (2, answer(200, "ok")),
        (3, request("GET", sid, "")),
        (3, What::End(Side::Client)),
    ]);
    assert!(written.ends_with("g1 C get     EIO=4&sid=$sid\ng1 C abort\n"), "{written}");
}

#[test]
fn what_cannot_be_written_becomes_a_comment() {
    let written = drafted(&[
        (0, What::Open { target: "/?EIO=4".to_owned(), agent: None }),
        (0, What::Opened),
        (0, text(Side::Server, OPEN)),
        (0, What::Unreadable(Side::Server, "frames of an extension".to_owned())),
        (0, text(Side::Client, "4lost")),
    ]);
    assert!(written.ends_with("\n# not recorded: ws: the server sent frames of an extension\n"), "{written}");
}

/// In revision 3 every packet has its length, and the client pings.
//= EIO3-PLD-01
//= EIO3-HB-01
#[test]
fn a_session_of_revision_3() {
    let sid = "EIO=3&sid=lv_VI97HAXpY6yYWAAAB";
    let binary = What::Answer {
        status: 200,
        content_type: Some("application/octet-stream".to_owned()),
        body: Body::Whole(b"\x01\x03\xff\x04\x00\xff\x00\x01\xff3".to_vec()),
    };
    let written = drafted(&[
        (0, request("GET", "EIO=3&transport=polling", "")),
        (0, answer(200, &format!("{}:{OPEN}2:40", OPEN.len()))),
        (1, request("POST", sid, "1:23:4hi")),
        (1, answer(200, "ok")),
        (2, request("GET", sid, "")),
        (2, binary),
        (3, request("POST", sid, "1:2")),
        (3, answer(200, "ok")),
    ]);
    let expected = "\
title     A session of node-XMLHttpRequest
covers    EIO3-HS-01
level     reference
needs     polling eio3

hs C get     EIO=3&transport=polling
hs S 200
hs S packet  0{\"sid\":$sid,\"upgrades\":$_,\"pingInterval\":$interval}
hs S packet  40
p1 C post    EIO=3&sid=$sid
p1 C packet  4hi
p1 S 200
p1 S body    ok
g1 C get     EIO=3&sid=$sid  until 1 packets
g1 S 200
g1 S binary  0400ff
";
    assert_eq!(written, expected);
}

#[test]
fn a_session_of_jsonp() {
    let sid = "EIO=4&j=0&sid=lv_VI97HAXpY6yYWAAAB";
    let script = |payload: &str| format!("___eio[0]({});", serde_json::to_string(payload).unwrap());
    let written = drafted(&[
        (0, request("GET", "EIO=4&j=0", "")),
        (0, answer(200, &script(OPEN))),
        (1, request("POST", sid, "d=4a%1E4b")),
        (1, answer(200, "ok")),
        (2, request("GET", sid, "")),
        (2, answer(200, &script("4a\u{1e}2"))),
    ]);
    assert!(written.contains("needs     polling jsonp\n"), "{written}");
    assert!(written.contains("p1 C packet  4a\np1 C packet  4b\n"), "{written}");
    assert!(written.ends_with("g1 S 200\ng1 S packet  4a\n"), "{written}");
}
