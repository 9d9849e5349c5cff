//! The effect of SIGTERM and SIGINT: sessions are closed, answers arrive, the process ends.

#![cfg(unix)]

use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::raw::{CLOSE, Raw, frame, open, open_websocket};
use crate::served::Served;

const PATHS: [&str; 2] = ["/engine.io/", "/socket.io/"];

pub(crate) fn signal(served: &Served, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), served.child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// The exit code, and the time between the signal and the end of the process.
fn end(mut served: Served) -> (Option<i32>, Duration) {
    let since = Instant::now();
    let status = served.child.wait().unwrap();
    (status.code(), since.elapsed())
}

/// Waits until the server accepts no connections, which shows that the signal has arrived.
fn until_deaf(served: &Served) {
    let address = served.url.trim_start_matches("http://");
    let since = Instant::now();
    while TcpStream::connect(address).is_ok() {
        assert!(since.elapsed() < Duration::from_secs(10), "connections are still taken");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn sessions_over_websocket_get_a_close_frame() {
    for (name, path) in [("TERM", PATHS[0]), ("INT", PATHS[1])] {
        let served = Served::start(&[]);
        let mut socket = open_websocket(&served, path);
        signal(&served, name);
        let (opcode, _) = socket.message();
        assert_eq!(opcode, CLOSE, "{name}");
        socket.write(frame(CLOSE, &[]));
        assert!(socket.is_at_end());
        let (code, took) = end(served);
        assert_eq!(code, Some(0));
        assert!(took < Duration::from_secs(2), "it took {took:?}");
    }
}

#[test]
fn sessions_over_polling_get_a_farewell() {
    for (name, path) in [("INT", PATHS[0]), ("TERM", PATHS[1])] {
        let served = Served::start(&[]);
        let mut connection = Raw::connect(&served);
        let sid = open(&mut connection, path);
        let target = format!("{path}?EIO=4&transport=polling&sid={sid}");
        connection.request("GET", &target, "");
        // If the signal is late, the ping answers the request; that only changes the number of requests.
        signal(&served, name);
        let mut answer = connection.answer();
        while answer.body == "2" {
            answer = connection.ask("GET", &target, "");
        }
        assert_eq!(answer.status, 200, "{name}");
        assert!(matches!(answer.body.as_str(), "1" | "6\u{1e}1"), "{name}: {:?}", answer.body);
        let (code, took) = end(served);
        assert_eq!(code, Some(0));
        assert!(took < Duration::from_secs(2), "it took {took:?}");
    }
}

/// A client between two requests can send one more on its connection; new connections are refused.
#[test]
fn a_client_that_is_between_two_requests_is_waited_for() {
    let served = Served::start(&[]);
    let mut connection = Raw::connect(&served);
    let sid = open(&mut connection, PATHS[0]);
    signal(&served, "TERM");
    until_deaf(&served);
    let answer = connection.ask("GET", &format!("{}?EIO=4&transport=polling&sid={sid}", PATHS[0]), "");
    assert_eq!((answer.status, answer.body.as_str()), (200, "6\u{1e}1"));
    assert_eq!(end(served).0, Some(0));
}

/// Most clients open a connection for each request, and none is taken any more.
#[test]
fn a_client_without_a_connection_is_not_waited_for() {
    const HEARTBEAT: [&str; 4] = ["--ping-interval", "25000", "--ping-timeout", "20000"];
    for cluster in [&[][..], &["--redis", "redis://127.0.0.1:1", "--adapter", "classic"]] {
        let served = Served::start(&[&HEARTBEAT[..], cluster].concat());
        for path in PATHS {
            open(&mut Raw::connect(&served), path);
        }
        let mut socket = open_websocket(&served, PATHS[1]);
        signal(&served, "TERM");
        assert_eq!(socket.message().0, CLOSE);
        socket.write(frame(CLOSE, &[]));
        let (code, took) = end(served);
        assert_eq!(code, Some(0));
        assert!(took < Duration::from_secs(2), "it took {took:?}");
    }
}

#[test]
fn nobody_is_waited_for_without_end() {
    let served = Served::start(&[]);
    // This one does not answer the Close frame.
    let _socket = open_websocket(&served, PATHS[0]);
    signal(&served, "TERM");
    let (code, took) = end(served);
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(6), "it took {took:?}");
}

#[test]
fn a_second_signal_ends_the_server_at_once() {
    for (name, expected) in [("TERM", 143), ("INT", 130)] {
        let served = Served::start(&[]);
        let mut connection = Raw::connect(&served);
        // The close packet waits for the next request, which does not come.
        open(&mut connection, PATHS[0]);
        signal(&served, "TERM");
        until_deaf(&served);
        signal(&served, name);
        let (code, took) = end(served);
        assert_eq!(code, Some(expected));
        assert!(took < Duration::from_secs(2), "it took {took:?}");
    }
}
