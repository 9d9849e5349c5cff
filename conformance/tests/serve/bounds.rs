//! Peers that send too much, and peers that do not read: the answers to them, and their cost.

use std::io::Write as _;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::raw::{CLOSE, PING, Raw, TEXT, frame, open, open_websocket};
use crate::served::Served;

const PATH: &str = "/engine.io/";

/// More than the buffers of a connection can hold, so that the server must read on while it refuses.
const FAR_TOO_LONG: usize = 20_000_000;

/// A client behind a proxy writes everything before it reads the answer. The server used to end the connection during
/// that, and the reset removed the answer.
//= EIO4-POST-10
#[test]
fn the_answer_to_a_body_that_is_too_long_arrives_behind_it() {
    let served = Served::start(&[]);
    let known = |sid: &str| format!("{PATH}?EIO=4&transport=polling&sid={sid}");
    let body = vec![b'x'; FAR_TOO_LONG];
    let mut chunked = format!("{FAR_TOO_LONG:x}\r\n").into_bytes();
    chunked.extend(&body);
    chunked.extend(b"\r\n0\r\n\r\n");
    let length = format!("Content-Length: {FAR_TOO_LONG}\r\n");
    for (target, headers, body, status) in [
        (None, length.as_str(), &body, 413),
        (None, "Transfer-Encoding: chunked\r\n", &chunked, 413),
        (Some(known("unknown")), &length, &body, 400),
        (Some("/nothing/".to_owned()), &length, &body, 404),
    ] {
        let mut client = Raw::connect(&served);
        // The connection can be used after it.
        for _ in 0..2 {
            // A new session each time, because this client answers no pings.
            let target = target.clone().unwrap_or_else(|| known(&open(&mut client, PATH)));
            client.request("POST", &target, headers);
            client.write(body);
            assert_eq!(client.answer().status, status, "{target} {headers}");
        }
    }
}

//= EIO4-WS-06
//= EIO4-WS-08
#[test]
fn the_close_frame_arrives_behind_what_it_is_for() {
    let served = Served::start(&[]);
    let long = frame(TEXT, &vec![b'4'; FAR_TOO_LONG]);
    let mut bad = frame(TEXT, b"4\xff");
    bad.extend(frame(TEXT, &vec![b'4'; FAR_TOO_LONG]));
    for (bytes, code) in [(long, 1009_u16), (bad, 1007)] {
        let mut socket = open_websocket(&served, PATH);
        socket.write(bytes);
        let (opcode, payload) = socket.message();
        assert_eq!((opcode, &payload[..2]), (CLOSE, &code.to_be_bytes()[..]));
        assert!(socket.is_at_end(), "the peer sees an end, not a reset");
    }
}

/// The memory of the process, in bytes.
#[cfg(target_os = "linux")]
fn memory(served: &Served) -> u64 {
    read_memory(served, "VmRSS:")
}

/// The peak memory of the process, in bytes.
#[cfg(target_os = "linux")]
fn most_memory(served: &Served) -> u64 {
    read_memory(served, "VmHWM:")
}

#[cfg(target_os = "linux")]
fn read_memory(served: &Served, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", served.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// All pings used to be answered in memory: 116 MiB of answers in the first 0.3 s of each connection.
#[cfg(target_os = "linux")]
#[test]
fn a_peer_that_pings_without_reading_does_not_grow_the_server() {
    let served = Served::start(&[]);
    let before = memory(&served);
    let peers: Vec<_> = (0..4)
        .map(|_| {
            let mut writer = open_websocket(&served, PATH).writer();
            std::thread::spawn(move || {
                let pings = frame(PING, &[b'x'; 125]).repeat(100);
                let since = Instant::now();
                while since.elapsed() < Duration::from_secs(1) && writer.write_all(&pings).is_ok() {}
            })
        })
        .collect();
    peers.into_iter().for_each(|peer| peer.join().unwrap());
    let most = most_memory(&served);
    assert!(most < before + (8 << 20), "from {before} to {most} bytes");
}

/// Each of them used to take 2.4 MB, and a connection, as long as the client stayed.
#[cfg(target_os = "linux")]
#[test]
fn peers_that_leave_long_echoes_unread_do_not_grow_the_server() {
    let served = Served::start(&[]);
    let before = memory(&served);
    let message = frame(TEXT, &vec![b'4'; 900_000]);
    let peers: Vec<_> = (0..100)
        .map(|_| {
            let socket = open_websocket(&served, PATH);
            // The server reads some of them at a time.
            let mut writer = socket.writer();
            let message = message.clone();
            std::thread::spawn(move || writer.write_all(&message));
            socket
        })
        .collect();
    // Their sessions have ended without pongs, and the clients do not answer the Close frames.
    let since = Instant::now();
    let handles = || std::fs::read_dir(format!("/proc/{}/fd", served.child.id())).unwrap().count();
    while handles() > peers.len() / 2 {
        assert!(since.elapsed() < Duration::from_secs(10), "{} handles are left", handles());
        std::thread::sleep(Duration::from_millis(20));
    }
    let most = most_memory(&served);
    assert!(most < before + (40 << 20), "from {before} to {most} bytes");
}

/// The buffers of its WebSocket used to keep the size of its longest message.
#[cfg(target_os = "linux")]
#[test]
fn a_session_is_small_again_after_a_long_message() {
    // A busy machine takes longer than the heartbeat of the tests for twenty such messages.
    let served = Served::start(&["--ping-interval", "25000", "--ping-timeout", "20000"]);
    let before = memory(&served);
    let echo = || {
        let mut socket = open_websocket(&served, PATH);
        socket.write(frame(TEXT, &vec![b'4'; 900_000]));
        let (opcode, echo) = socket.message();
        assert_eq!((opcode, echo.len()), (TEXT, 900_000));
        socket
    };
    let sockets: Vec<Raw> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..20).map(|_| scope.spawn(echo)).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let after = memory(&served);
    assert!(after < before + (16 << 20), "from {before} to {after} bytes");
    drop(sockets);
}

/// Checks what came back: all of `count` messages, or those before the end of the session.
fn assert_nothing_vanished(received: &[String], count: usize, has_ended: bool) {
    let expected: Vec<_> = (0..received.len()).map(|at| format!("4{at}")).collect();
    let hole = received.iter().zip(&expected).position(|(received, expected)| received != expected);
    assert_eq!(hole, None, "{:?}", hole.map(|at| &received[at]));
    assert!(has_ended || received.len() == count, "{} came back, and the session went on", received.len());
}

/// How long a session may continue without a message that must still come back.
const SILENCE: Duration = Duration::from_secs(2);

/// Messages that the echo had no room for used to vanish: of 50,000 messages 22,115 came back, with gaps between them.
#[test]
fn what_is_sent_faster_than_it_can_be_sent_back_does_not_vanish() {
    let served = Served::start(&[]);
    let count = 50_000;
    let mut socket = open_websocket(&served, PATH);
    socket.write((0..count).flat_map(|at| frame(TEXT, format!("4{at}").as_bytes())).collect::<Vec<_>>());
    let mut received = Vec::new();
    let mut last = Instant::now();
    while received.len() < count && last.elapsed() < SILENCE {
        match socket.frame() {
            (TEXT, ping) if ping == b"2" => socket.write(frame(TEXT, b"3")),
            (TEXT, message) => {
                received.push(String::from_utf8(message).unwrap());
                last = Instant::now();
            }
            (CLOSE, _) => return assert_nothing_vanished(&received, count, true),
            other => panic!("{other:?}"),
        }
    }
    assert_nothing_vanished(&received, count, false);
}

/// 4,096 came back, and the others were lost.
#[test]
fn a_body_of_more_messages_than_can_be_sent_back_does_not_vanish() {
    let served = Served::start(&[]);
    let count = 6_000;
    let mut polling = Raw::connect(&served);
    let sid = open(&mut polling, PATH);
    let target = format!("{PATH}?EIO=4&transport=polling&sid={sid}");

    // One POST at a time: the messages, then the pongs.
    let (post, posts) = mpsc::channel::<String>();
    let mut posting = Raw::connect(&served);
    let poster = std::thread::spawn({
        let target = target.clone();
        move || {
            for body in posts {
                posting.request("POST", &target, &format!("Content-Length: {}\r\n", body.len()));
                posting.write(&body);
                posting.answer();
            }
        }
    });
    post.send((0..count).map(|at| format!("4{at}")).collect::<Vec<_>>().join("\x1e")).unwrap();
    let mut received = Vec::new();
    let mut last = Instant::now();
    let mut has_ended = false;
    while !has_ended && received.len() < count && last.elapsed() < SILENCE {
        let answer = polling.ask("GET", &target, "");
        has_ended = answer.status != 200;
        for packet in answer.body.split('\x1e') {
            match packet {
                "1" => has_ended = true,
                "2" => post.send("3".to_owned()).unwrap(),
                message if message.starts_with('4') => {
                    received.push(message.to_owned());
                    last = Instant::now();
                }
                _ => {}
            }
        }
    }
    assert_nothing_vanished(&received, count, has_ended);
    drop(post);
    poster.join().unwrap();
}
