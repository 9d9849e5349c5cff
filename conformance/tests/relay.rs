//! A relay between clients and a server.

#![allow(clippy::unwrap_used, reason = "tests say what they expect by panicking")]

use std::collections::BTreeSet;
use std::time::Duration;

use siospec::capture::{Labels, Log, Relay, Told, What, draft};
use siospec::contract::Eio3;
use siospec::server::{Server, Settings};
use siospec::trace::Side;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// Carries what `act` does with a relay in front of `server`; returns what was seen.
async fn carried<F: Future<Output = ()>>(server: &str, act: impl FnOnce(String) -> F) -> (Log, usize) {
    let relay = Relay::bind("127.0.0.1:0", server).await.unwrap();
    let address = relay.address().unwrap().to_string();
    let (stop, stopped) = oneshot::channel::<()>();
    let (mut log, mut unreachable) = (Log::default(), 0);
    let carry = relay.carry(async { drop(stopped.await) }, |told| match told {
        Told::Seen(sighting) => log.see(sighting),
        Told::Refused(_) => unreachable += 1,
        Told::Over(..) => {}
    });
    let act = async {
        act(address).await;
        // The ends of the connections are told as well.
        tokio::time::sleep(Duration::from_millis(50)).await;
        drop(stop);
    };
    tokio::join!(carry, act);
    (log, unreachable)
}

#[tokio::test]
async fn bytes_are_the_same_on_both_sides() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap().to_string();
    let up: Vec<u8> = (0..1_000_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let down: Vec<u8> = up.iter().rev().copied().collect();
    let (expected_up, expected_down) = (up.clone(), down.clone());
    let serve = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut read = Vec::new();
        // The client's half ends first; the server answers after that.
        client.read_to_end(&mut read).await.unwrap();
        client.write_all(&down).await.unwrap();
        read
    });
    let (log, unreachable) = carried(&server, async |address| {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(&up).await.unwrap();
        client.shutdown().await.unwrap();
        let mut read = Vec::new();
        client.read_to_end(&mut read).await.unwrap();
        assert!(read == expected_down);
    })
    .await;
    assert!(serve.await.unwrap() == expected_up);
    assert_eq!(unreachable, 0);
    let said = log.strays().filter(|sighting| matches!(sighting.what, What::Unreadable(..))).count();
    assert_eq!(said, 2, "each direction is no HTTP");
}

#[tokio::test]
async fn a_session_behind_a_relay_becomes_a_trace() {
    let mut server = Server::start("127.0.0.1:0", Settings::from(Eio3::Refused)).await.unwrap();
    let authority = server.url().trim_start_matches("http://").to_owned();
    let act = async |address: String| {
        let mut client = TcpStream::connect(&address).await.unwrap();
        let request =
            format!("GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
        let mut read = Vec::new();
        client.read_to_end(&mut read).await.unwrap();
    };
    let (log, _) = tokio::select! {
        seen = carried(&authority, act) => seen,
        () = server.run() => unreachable!("the server runs until it is stopped"),
    };
    server.shut_down(Duration::from_millis(100)).await;
    let conversations = log.conversations();
    assert_eq!(conversations.len(), 1);
    let trace = draft(&conversations[0], &Labels { needs: BTreeSet::new(), ..Labels::default() }).unwrap();
    let lines: Vec<String> = trace.steps().map(ToString::to_string).collect();
    assert_eq!(lines[..2], ["hs C get EIO=4&transport=polling", "hs S 200"]);
    assert!(lines[2].starts_with(r#"hs S packet 0{"sid":$sid,"#), "{lines:?}");
    assert!(trace.steps().all(|step| step.side() == Side::Server || step.channel().is_some()));
}

/// What a client reads that sends one request through a relay.
async fn answer(address: String) -> String {
    let mut client = TcpStream::connect(&address).await.unwrap();
    let request = format!("GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: {address}\r\n\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    let mut read = String::new();
    client.read_to_string(&mut read).await.unwrap();
    read
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = listener.local_addr().unwrap().to_string();
    drop(listener);
    let (_, refused) = carried(&nobody, async |address| {
        let read = answer(address).await;
        assert!(read.starts_with("HTTP/1.1 502 ") && read.contains("cannot be reached"), "{read}");
    })
    .await;
    assert_eq!(refused, 1);
}

/// A relay in front of a server that answers one request with these bytes, and closes: what the client reads.
async fn behind(bytes: &'static str) -> (String, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap().to_string();
    let serve = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let _ = client.read(&mut [0; 1000]).await.unwrap();
        client.write_all(bytes.as_bytes()).await.unwrap();
    });
    let mut read = String::new();
    let (_, refused) = carried(&server, async |address| read = answer(address).await).await;
    serve.await.unwrap();
    (read, refused)
}

#[tokio::test]
async fn a_server_that_dies_or_redirects_becomes_status_502() {
    let (read, refused) = behind("").await;
    assert!(read.starts_with("HTTP/1.1 502 ") && read.contains("without an answer"), "{read}");
    assert_eq!(refused, 1);
    let (read, refused) = behind("HTTP/1.1 301 Moved Permanently\r\nLocation: https://other.example/\r\n\r\n").await;
    assert!(read.starts_with("HTTP/1.1 502 ") && read.contains("to https://other.example/"), "{read}");
    assert_eq!(refused, 1);
    // What the server has begun to say is the client's.
    assert_eq!(behind("HTTP/1.1 400 B").await, ("HTTP/1.1 400 B".to_owned(), 0));
}

#[tokio::test]
async fn a_client_that_leaves_makes_no_complaint() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap().to_string();
    let serve = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        client.read_to_end(&mut Vec::new()).await.unwrap();
    });
    let (_, refused) = carried(&server, async |address| {
        let mut client = TcpStream::connect(&address).await.unwrap();
        client.write_all(b"GET /?EIO=4 HTTP/1.1\r\n\r\n").await.unwrap();
        drop(client);
    })
    .await;
    serve.await.unwrap();
    assert_eq!(refused, 0);
}
