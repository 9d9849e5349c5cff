use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::replay::Outgoing;
use crate::trace::Node;

const WS: Id = Id(7);

/// More than the buffers of a connection can hold.
const FAR_TOO_LONG: usize = 20_000_000;

async fn listen() -> (TcpListener, Target) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, Target::new(&url, "/engine.io/").unwrap())
}

/// Opens a WebSocket, sends these commands when it is open, and collects its events.
async fn carry_out(target: &Target, commands: Vec<Command>, until: usize) -> Vec<Seen> {
    let (mailbox, mut mail) = mpsc::channel(MAILBOX);
    let mut party = Party::new(target.clone(), mailbox);
    party.carry_out(Command::Open { id: WS, node: Node::FIRST, query: "EIO=4".to_owned(), headers: Vec::new() });
    assert_eq!(mail.recv().await.unwrap().seen, Seen::Opened);
    commands.into_iter().for_each(|command| party.carry_out(command));
    let mut seen = Vec::new();
    while seen.len() < until {
        let happening = tokio::time::timeout(Duration::from_secs(10), mail.recv()).await;
        seen.push(happening.expect("something is seen").unwrap().seen);
    }
    seen
}

fn frame(head: u8, payload: &'static [u8]) -> Command {
    Command::Frame { id: WS, head, payload: Bytes::from_static(payload), cut: None }
}

//= EIO4-WS-02
#[tokio::test]
async fn frames_arrive_as_they_stand_with_control_frames_between() {
    let (listener, target) = listen().await;
    let server = tokio::spawn(async move {
        let stream = listener.accept().await.unwrap().0;
        let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        while let Some(Ok(message)) = socket.next().await {
            if message.is_text() {
                socket.send(message).await.unwrap();
            }
        }
    });
    let commands = vec![
        frame(0x01, b"4he"),
        frame(0x89, b"hi"),
        frame(0x80, b"llo"),
        frame(0x01, b"4\xe2"),
        frame(0x80, b"\x82\xac"),
        Command::Frame { id: WS, head: 0x81, payload: Bytes::from_static("4é".as_bytes()), cut: Some(8) },
    ];
    let seen = carry_out(&target, commands, 4).await;
    let text = |text: &str| Seen::Text(text.to_owned());
    assert_eq!(seen, [Seen::Pong(Bytes::from_static(b"hi")), text("4hello"), text("4€"), text("4é")]);
    server.abort();
}

async fn accept(listener: &TcpListener) -> TcpStream {
    let mut stream = listener.accept().await.unwrap().0;
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        head.push(char::from(stream.read_u8().await.unwrap()));
    }
    let key = head.lines().find_map(|line| line.split_once(": ").filter(|(name, _)| name.ends_with("-Key")));
    let accept = tokio_tungstenite::tungstenite::handshake::derive_accept_key(key.unwrap().1.as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_frame_that_is_cut_travels_in_two_segments_and_nothing_gets_between() {
    let (listener, target) = listen().await;
    let server = tokio::spawn(async move {
        let mut stream = accept(&listener).await;
        let mut piece = [0; 64];
        let first = stream.read(&mut piece).await.unwrap();
        // The pong that answers this must come after the frame.
        stream.write_all(b"\x89\x00").await.unwrap();
        let mut rest = [0; 16];
        let len = stream.read_exact(&mut rest).await.unwrap();
        stream.write_all(b"\x88\x00").await.unwrap();
        (piece[..first].to_vec(), rest[..len].to_vec())
    });
    let payload = Bytes::from_static(b"4hello");
    let commands = vec![Command::Frame { id: WS, head: 0xc1, payload: payload.clone(), cut: Some(2) }];
    let seen = carry_out(&target, commands, 1).await;
    assert_eq!(seen, [Seen::Closed(None)]);
    let (first, rest) = server.await.unwrap();
    assert_eq!(first, [0xc1, 0x86]);
    let (mask, masked) = (&rest[..4], &rest[4..10]);
    let unmasked: Vec<u8> = masked.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
    assert_eq!(unmasked, payload);
    assert_eq!(rest[10..12], [0x8a, 0x80]);
}

/// The status of a server that does not read to the end is reported, although writing has failed by then.
#[tokio::test]
async fn the_status_is_seen_although_raw_bytes_could_not_be_written() {
    let (listener, target) = listen().await;
    let server = tokio::spawn(async move {
        loop {
            let mut stream = listener.accept().await.unwrap().0;
            stream.read_u8().await.unwrap();
            stream.write_all(b"HTTP/1.1 413 Payload Too Large\r\n\r\n").await.unwrap();
        }
    });
    for _ in 0..5 {
        let (mailbox, mut mail) = mpsc::channel(MAILBOX);
        let mut party = Party::new(target.clone(), mailbox);
        party.carry_out(Command::Raw { id: WS, node: Node::FIRST, bytes: vec![b'x'; FAR_TOO_LONG].into() });
        assert_eq!(mail.recv().await.unwrap().seen, Seen::Head(413));
        assert!(matches!(mail.recv().await.unwrap().seen, Seen::Lost(_)));
    }
    server.abort();
}

/// Each answer is compressed; a client that allows that sees what was packed.
//= EIO4-HDR-05
#[tokio::test]
async fn an_answer_is_decompressed_if_that_was_allowed() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut encoder, b"4hello").unwrap();
    let packed = encoder.finish().unwrap();
    for (allowed, body) in [
        (Some("deflate, GZIP;q=0.5"), &b"4hello"[..]),
        (Some("identity"), &packed),
        (Some("gzip;q=0"), &packed),
        (None, &packed),
    ] {
        let Seen::Answer(answer) = answer_to(allowed, &packed).await else { panic!("{allowed:?}") };
        assert_eq!(answer.body, body, "{allowed:?}");
    }
    let cut = answer_to(Some("gzip"), &packed[..packed.len() - 1]).await;
    assert_eq!(cut, Seen::Lost("the answer's body is no gzip: it ends too early".to_owned()));
}

/// What a client that allows these codings sees of an answer with this body, which is said to be gzip.
async fn answer_to(allowed: Option<&str>, body: &[u8]) -> Seen {
    let (listener, target) = listen().await;
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", body.len());
    let answer = [head.as_bytes(), body].concat();
    let server = tokio::spawn(async move {
        let mut stream = listener.accept().await.unwrap().0;
        let mut request = [0; 1_024];
        let _ = stream.read(&mut request).await.unwrap();
        stream.write_all(&answer).await.unwrap();
    });
    let (mailbox, mut mail) = mpsc::channel(MAILBOX);
    let mut party = Party::new(target, mailbox);
    let headers = allowed.map(|allowed| ("Accept-Encoding".to_owned(), allowed.to_owned())).into_iter().collect();
    let request =
        Outgoing { method: "GET".to_owned(), query: "EIO=4".to_owned(), headers, body: Bytes::new(), length: None };
    party.carry_out(Command::Request { id: WS, node: Node::FIRST, request });
    let seen = mail.recv().await.unwrap().seen;
    server.await.unwrap();
    seen
}
