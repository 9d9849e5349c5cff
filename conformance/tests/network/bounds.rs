//! Limits on what the party reads from a server.

use std::io::Write as _;
use std::net::TcpStream;

use siospec::party::network::Target;

use crate::hostile::{Hostile, accept_websocket, answer, read_head, repeat};
use crate::play::{assert_passed, fault, play};

const OPEN: &str = "ws C open    EIO=4&transport=websocket\nws S text    0\n";
/// The bytes that engine.io 6.2 sent on a newly opened WebSocket.
const BEHIND_101: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-type: text/html\r\nContent-Length: \
                            17\r\n\r\nTransport unknown";
const GET: &str = "a  C get     EIO=4&transport=polling\na  S 200\n";

/// A server that accepts WebSockets, sends `0`, and then these bytes.
fn websocket(then: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> Hostile {
    Hostile::start(move |mut stream| {
        accept_websocket(&mut stream);
        stream.write_all(b"\x81\x010").unwrap();
        then(&mut stream);
    })
}

/// The process used to end: `memory allocation of 1099511631743 bytes failed`, or a panic.
#[tokio::test]
async fn a_frame_that_announces_more_than_there_is_memory_ends_the_case() {
    for length in [1_u64 << 40, (1 << 63) - 1, u64::MAX, (64 << 20) + 1] {
        for opcode in [0x81, 0x82, 0x02] {
            let server = websocket(move |stream| {
                let mut head = vec![opcode, 127];
                head.extend(length.to_be_bytes());
                answer(stream, head);
            });
            let target = Target::new(&server.url, "/engine.io/").unwrap();
            let outcome = play(&target, &format!("{OPEN}ws S text    4\n")).await;
            assert_eq!(fault(outcome), "a message is longer than 67108864 bytes");
        }
    }
}

/// Each of these used gigabytes within a minute, and the run never ended.
#[tokio::test]
async fn a_server_that_goes_on_and_on_ends_the_case() {
    for frame in [&b"\x81\x012"[..], b"\x89\x00", b"\x8a\x00", b"\x81\x024x"] {
        let server = websocket(move |stream| repeat(stream, frame));
        let target = Target::new(&server.url, "/engine.io/").unwrap();
        let outcome = play(&target, &format!("{OPEN}   C wait    60000\n")).await;
        assert_eq!(fault(outcome), "more than 10000 frames arrived unasked");
    }
}

#[tokio::test]
async fn long_messages_that_nobody_asked_for_end_the_case() {
    let server = websocket(|stream| {
        let mut frame = vec![0x81, 127];
        frame.extend((16_u64 << 20).to_be_bytes());
        frame.resize(frame.len() + (16 << 20), b'4');
        repeat(stream, &frame);
    });
    let target = Target::new(&server.url, "/engine.io/").unwrap();
    let outcome = play(&target, &format!("{OPEN}   C wait    60000\n")).await;
    assert_eq!(fault(outcome), "more than 67108864 bytes arrived unasked");
}

/// A WebSocket with an invalid frame cannot be read further, so it is closed; `closed` in a trace matches that too.
#[tokio::test]
async fn frames_that_break_the_protocol_end_the_websocket() {
    for (bytes, reason) in [
        (&b"\xc1\x014"[..], "the server breaks the WebSocket protocol: Reserved bits are non-zero"),
        (b"\x81\x024\xff", "a text message is not UTF-8"),
        (BEHIND_101, "the server breaks the WebSocket protocol: "),
    ] {
        let server = websocket(move |stream| answer(stream, bytes));
        let target = Target::new(&server.url, "/engine.io/").unwrap();
        let fault = fault(play(&target, &format!("{OPEN}ws S text    4more\n")).await);
        assert!(fault.strip_prefix("broken (").is_some_and(|words| words.starts_with(reason)), "{fault}");
        assert_passed(&play(&target, &format!("{OPEN}ws S closed\n")).await);
    }
    let server = websocket(|stream| answer(stream, ""));
    let target = Target::new(&server.url, "/engine.io/").unwrap();
    assert_passed(&play(&target, &format!("{OPEN}ws S closed\n")).await);
}

#[tokio::test]
async fn heads_and_bodies_without_an_end_end_the_request() {
    let lines = |stream: &mut TcpStream| repeat(stream, b"X-Filler: 0123456789012345678901234567890123456789\r\n");
    let line = |stream: &mut TcpStream| repeat(stream, &[b'x'; 1000]);
    let body = |stream: &mut TcpStream| repeat(stream, &[b'2'; 1000]);
    let chunks = |stream: &mut TcpStream| repeat(stream, &[b"3e8\r\n".as_slice(), &[b'2'; 1000], b"\r\n"].concat());
    type Rest = fn(&mut TcpStream);
    let too_long = "the answer's head is longer than 65536 bytes, or has more than 256 fields";
    for (head, rest, reason) in [
        ("HTTP/1.1 200 OK\r\n", lines as Rest, too_long),
        ("HTTP/1.1 200 OK\r\nX: ", line, too_long),
        ("HTTP/1.1 200 ", line, too_long),
        ("HTTP/1.1 200 OK\r\n\r\n", body, "the answer's body is longer than 67108864 bytes"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            chunks,
            "the answer's body is longer than 67108864 bytes",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n",
            body,
            "the answer's body is longer than 67108864 bytes",
        ),
    ] {
        let server = Hostile::start(move |mut stream| {
            read_head(&mut stream);
            stream.write_all(head.as_bytes()).unwrap();
            rest(&mut stream);
        });
        let target = Target::new(&server.url, "/engine.io/").unwrap();
        let outcome = play(&target, GET).await;
        assert_eq!(fault(outcome), reason, "{head:?}");
    }
}

/// Both are within the limits, but never end.
#[tokio::test]
async fn heads_and_bodies_that_trickle_are_not_waited_for() {
    let trickle = |head: &'static str| {
        Hostile::start(move |mut stream| {
            read_head(&mut stream);
            let _ = stream.write_all(head.as_bytes());
            while stream.write_all(b"x").is_ok() {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
        })
    };
    let servers = [trickle("HTTP/1.1 200 OK\r\nX: "), trickle("HTTP/1.1 200 OK\r\n\r\n")];
    let silent = Hostile::start(|mut stream| while !read_head(&mut stream).is_empty() {});
    let targets = servers.each_ref().map(|server| Target::new(&server.url, "/engine.io/").unwrap());
    let tls = Target::new(&silent.url.replace("http://", "https://"), "/engine.io/").unwrap();
    let (head, body, connected) = tokio::join!(targets[0].ask("EIO=4"), targets[1].ask("EIO=4"), tls.reach());
    assert_eq!(head.unwrap_err(), "there is no answer within 5 s");
    assert_eq!(body.unwrap_err(), "there is no answer within 5 s");
    assert_eq!(connected.unwrap_err(), "there is no connection within 5 s");
}
