//! Behaviour of the embedded server that only real sockets show.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use siospec::contract::Eio3;
use siospec::party::network::Target;
use siospec::server::Server;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};

async fn start(eio3: Eio3) -> Server {
    Server::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), eio3).await.unwrap()
}

type Socket = tokio_tungstenite::WebSocketStream<tokio::net::TcpStream>;

/// A server, and a WebSocket to it whose open packet was read.
async fn connect() -> (Server, Socket) {
    let server = start(Eio3::Refused).await;
    let address = server.url().replace("http://", "");
    let stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let url = format!("ws://{address}/engine.io/?EIO=4&transport=websocket");
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
    assert!(matches!(socket.next().await, Some(Ok(Message::Text(_)))), "the open packet");
    (server, socket)
}

//= EIO4-WS-02
#[tokio::test]
async fn a_message_may_arrive_in_fragments() {
    let (_server, mut socket) = connect().await;
    let parts =
        [(OpCode::Data(Data::Text), "4he"), (OpCode::Data(Data::Continue), "ll"), (OpCode::Data(Data::Continue), "o")];
    for (at, (code, part)) in parts.into_iter().enumerate() {
        socket.send(Message::Frame(Frame::message(part, code, at == 2))).await.unwrap();
    }
    let mut answer = socket.next().await.unwrap().unwrap();
    while answer == Message::text("2") {
        answer = socket.next().await.unwrap().unwrap();
    }
    assert_eq!(answer, Message::text("4hello"));
}

//= EIO4-WS-08
#[tokio::test]
async fn a_text_that_is_not_utf8_is_closed_with_1007() {
    let (_server, mut socket) = connect().await;
    let frame = Frame::message(vec![b'4', 0xff, 0xfe], OpCode::Data(Data::Text), true);
    socket.send(Message::Frame(frame)).await.unwrap();
    let Some(Ok(Message::Close(Some(close)))) = socket.next().await else { panic!("a Close frame") };
    assert_eq!(close.code, CloseCode::Invalid);
}

//= EIO4-URL-06
#[tokio::test]
async fn only_the_exact_paths_are_served() {
    let server = start(Eio3::Refused).await;
    for (path, status) in [("/engine.io/", 200), ("/socket.io/", 200), ("/engine.io/more/", 404)] {
        let target = Target::new(&server.url(), path).unwrap();
        let without_slash = target.without_slash().unwrap();
        for (target, status) in [(target, status), (without_slash, 404)] {
            assert_eq!(target.ask("EIO=4&transport=polling").await.unwrap().status, status, "{target}");
        }
    }
}

//= EIO3-HS-06
//= HYB-02
//= HYB-03
#[tokio::test]
async fn both_revisions_are_served_on_one_path_if_that_is_wanted() {
    for (eio3, status) in [(Eio3::Refused, 400), (Eio3::Allowed, 200)] {
        let server = start(eio3).await;
        let target = Target::new(&server.url(), "/socket.io/").unwrap();
        let old = target.ask("EIO=3&transport=polling").await.unwrap();
        let new = target.ask("EIO=4&transport=polling").await.unwrap();
        //= EIO3-HS-04
        assert_eq!((old.status, new.status), (status, 200));
        assert!(new.body.starts_with(b"0{") && new.body.ends_with(b"}"), "{new:?}");
        if eio3 == Eio3::Allowed {
            assert!(old.body.starts_with(b"114:0{"), "{old:?}");
            //= SIO4-CON-02
            assert!(old.body.ends_with(br#"}2:4013:42["auth",{}]"#), "{old:?}");
        }
    }
}

/// Sessions are separate tasks, which used to outlive the server.
#[tokio::test]
async fn a_server_that_is_dropped_takes_its_sessions_along() {
    let (server, mut socket) = connect().await;
    drop(server);
    while let Some(Ok(message)) = socket.next().await {
        assert_eq!(message, Message::text("2"), "no farewell, and no more than a ping that was on the way");
    }
}

#[tokio::test]
async fn a_server_that_shuts_down_waits_no_longer_than_it_is_told() {
    let server = start(Eio3::Refused).await;
    let target = Target::new(&server.url(), "/engine.io/").unwrap();
    // The close packet waits for a request that does not come.
    target.ask("EIO=4&transport=polling").await.unwrap();
    let since = Instant::now();
    server.shut_down(Duration::from_millis(100)).await;
    assert!(since.elapsed() < Duration::from_secs(2), "it took {:?}", since.elapsed());
}

#[tokio::test]
async fn a_server_that_nobody_uses_shuts_down_at_once() {
    let server = start(Eio3::Refused).await;
    let target = Target::new(&server.url(), "/nothing/").unwrap();
    assert_eq!(target.ask("").await.unwrap().status, 404);
    let since = Instant::now();
    server.shut_down(Duration::from_secs(60)).await;
    assert!(since.elapsed() < Duration::from_secs(2), "it took {:?}", since.elapsed());
}
