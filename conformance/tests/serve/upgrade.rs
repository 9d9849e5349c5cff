//! Requests for a WebSocket that must be refused.

use std::time::{Duration, Instant};

use crate::raw::{Answer, Raw, TEXT, UPGRADE, frame, open};
use crate::served::Served;

const PATH: &str = "/engine.io/";

/// The headers of the handshake without those of a name, and with others.
fn headers(without: &str, with: &str) -> String {
    let kept = UPGRADE.split_inclusive("\r\n").filter(|line| without.is_empty() || !line.starts_with(without));
    kept.chain([with]).collect()
}

/// Requests that are refused, with the method, the headers and the status.
fn refused() -> Vec<(&'static str, String, u16)> {
    vec![
        ("GET", headers("Sec-WebSocket-Key", ""), 400),
        ("GET", headers("Sec-WebSocket-Key", "Sec-WebSocket-Key: A\r\n"), 400),
        ("GET", headers("", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), 400),
        ("GET", headers("Sec-WebSocket-Version", ""), 426),
        ("GET", headers("Sec-WebSocket-Version", "Sec-WebSocket-Version: 7\r\n"), 426),
        ("GET", headers("", "Sec-WebSocket-Protocol: a,,b\r\n"), 400),
        ("POST", headers("", ""), 400),
    ]
}

fn ask(served: &Served, method: &str, target: &str, headers: &str) -> (Raw, Answer) {
    let mut connection = Raw::connect(served);
    let answer = connection.ask(method, target, headers);
    (connection, answer)
}

fn assert_refused(served: &Served, target: &str) {
    for (method, headers, status) in refused() {
        let (mut connection, answer) = ask(served, method, target, &headers);
        assert_eq!(answer.status, status, "{method} {headers}");
        assert_eq!(answer.header("sec-websocket-version"), (status == 426).then_some("13"), "{answer:?}");
        assert!(connection.is_at_end(), "what follows would be frames");
    }
}

#[test]
fn a_bad_request_starts_no_session() {
    let served = Served::start(&[]);
    assert_refused(&served, &format!("{PATH}?EIO=4&transport=websocket"));
}

/// Each of the bad requests used to block the place for a second.
#[test]
fn a_bad_request_does_not_take_the_place_of_a_good_one() {
    let served = Served::start(&[]);
    let mut polling = Raw::connect(&served);
    let sid = open(&mut polling, PATH);
    let target = format!("{PATH}?EIO=4&transport=websocket&sid={sid}");
    assert_refused(&served, &target);
    let (mut socket, answer) = ask(&served, "GET", &target, UPGRADE);
    assert_eq!(answer.status, 101, "{answer:?}");
    socket.write(frame(TEXT, b"2probe"));
    assert_eq!(socket.frame(), (TEXT, b"3probe".to_vec()));
}

/// The client leaves either before it is answered or after.
#[test]
fn a_client_that_goes_away_does_not_keep_the_place() {
    let served = Served::start(&[]);
    let mut polling = Raw::connect(&served);
    let sid = open(&mut polling, PATH);
    let target = format!("{PATH}?EIO=4&transport=websocket&sid={sid}");
    for _ in 0..20 {
        Raw::connect(&served).request("GET", &target, UPGRADE);
    }
    let start = Instant::now();
    let mut socket = loop {
        let (socket, answer) = ask(&served, "GET", &target, UPGRADE);
        if answer.status == 101 {
            break socket;
        }
        // A busy machine may not have noticed yet. An upgrade that is waited for is given up after 10 s only.
        assert!(start.elapsed() < Duration::from_secs(5), "{answer:?}");
        std::thread::sleep(Duration::from_millis(5));
    };
    socket.write(frame(TEXT, b"2probe"));
    assert_eq!(socket.frame(), (TEXT, b"3probe".to_vec()));
}

//= EIO4-WS-14
#[test]
fn the_first_subprotocol_that_is_offered_is_taken() {
    let served = Served::start(&[]);
    for (offer, expected) in [("Sec-WebSocket-Protocol: engine.io, x\r\n", Some("engine.io")), ("", None)] {
        let mut polling = Raw::connect(&served);
        let sid = open(&mut polling, PATH);
        for sid in [String::new(), format!("&sid={sid}")] {
            let target = format!("{PATH}?EIO=4&transport=websocket{sid}");
            let (_socket, answer) = ask(&served, "GET", &target, &headers("", offer));
            assert_eq!((answer.status, answer.header("sec-websocket-protocol")), (101, expected), "{target}");
        }
    }
}
