//! A server in a cluster whose Redis is not there. What it does with a Redis is checked by `fixtures/reference/cluster`.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::{ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use crate::listening::refused;
use crate::raw::{CLOSE, Raw, TEXT, frame, open_websocket};
use crate::served::Served;

/// A port that nobody listens on.
fn dead_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A server whose standard error is read.
fn start(options: &[&str]) -> (Served, BufReader<ChildStderr>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_siospec"));
    let mut child = command.arg("serve").args(options).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let errors = BufReader::new(child.stderr.take().unwrap());
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    (Served { child, url: url.trim().to_owned() }, errors)
}

/// A client of `/`.
fn join(served: &Served) -> Raw {
    let mut client = open_websocket(served, "/socket.io/");
    client.write(frame(TEXT, b"40"));
    assert!(hear(&mut client).starts_with(r#"40{"sid":""#));
    assert_eq!(hear(&mut client), r#"42["auth",{}]"#);
    client
}

fn hear(client: &mut Raw) -> String {
    String::from_utf8(client.message().1).unwrap()
}

#[test]
fn redis_and_the_adapter_are_named_together() {
    let usage = |options: &[&str], words: &str| {
        let (code, said) = refused(options);
        assert_eq!(code, Some(2), "{options:?}: {said}");
        assert!(said.contains(words), "{options:?}: {said}");
    };
    let redis = ["--redis", "redis://127.0.0.1:1"];
    usage(&redis, "--adapter <ADAPTER>");
    usage(&["--adapter", "classic"], "--redis <URL>");
    usage(&["--name", "one"], "--redis <URL>");
    usage(&[&redis[..], &["--adapter", "mongo"]].concat(), "it is none of classic, sharded and streams");
    let in_cluster = [&redis[..], &["--adapter", "classic", "--mutant"]].concat();
    usage(&[&in_cluster[..], &["any"]].concat(), "no mutant is called \"any\"");
    usage(&[&in_cluster[..], &["no-ping"]].concat(), "is one of a server that is alone");
    usage(&["--mutant", "broadcast-is-not-said"], "is one of a server in a cluster");
    usage(&[&redis[..], &["--adapter", "classic", "--recovery"]].concat(), "--recovery needs --adapter streams");
}

#[test]
fn a_url_that_redis_cannot_have_is_one_clear_sentence() {
    for url in ["", "127.0.0.1:6379", "http://127.0.0.1:6379", "redis://:secret@", "redis://:secret@localhost:0x1"] {
        let (code, said) = refused(&["--redis", url, "--adapter", "classic"]);
        assert_eq!(code, Some(2), "{url:?}: {said}");
        assert!(said.starts_with("siospec: the URL of --redis cannot be used: "), "{url:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{url:?}: {said}");
        assert!(!said.contains("secret"), "{url:?}: {said}");
    }
}

/// It says so once, and serves its own clients.
#[test]
fn without_redis_own_clients_are_served() {
    for adapter in ["classic", "sharded", "streams"] {
        let redis = format!("redis://:secret@127.0.0.1:{}", dead_port());
        let (served, mut errors) = start(&["--redis", &redis, "--adapter", adapter]);
        let mut said = String::new();
        errors.read_line(&mut said).unwrap();
        let begin =
            format!("siospec: not in the cluster: Redis at {} cannot be reached (", &redis["redis://:secret@".len()..]);
        assert!(said.starts_with(&begin), "{said}");

        let (mut one, mut other) = (join(&served), join(&served));
        one.write(frame(TEXT, br#"42["message",1]"#));
        assert_eq!(hear(&mut one), r#"42["message-back",1]"#);
        one.write(frame(TEXT, br#"421["cluster",{"op":"emit","event":"news","args":[2]}]"#));
        assert_eq!(hear(&mut one), r#"42["news",2]"#);
        assert_eq!(hear(&mut one), "431[null,true]");
        assert_eq!(hear(&mut other), r#"42["news",2]"#);
        // A question ends at once, and says that nobody knows of the others.
        let since = Instant::now();
        one.write(frame(TEXT, br#"422["cluster",{"op":"fetchSockets"}]"#));
        let found = hear(&mut one);
        assert!(found.starts_with(r#"432["missing: servers nobody knows how many, clients 0",["#), "{found}");
        assert_eq!(found.matches(r#""id":"#).count(), 2, "{found}");
        assert!(since.elapsed() < Duration::from_secs(4), "it took {:?}", since.elapsed());
        one.write(frame(TEXT, br#"423["cluster",{"op":"fly"}]"#));
        assert_eq!(hear(&mut one), r#"433["unknown operation fly",null]"#);
    }
}

/// What was not sent is counted, and said once a second at most.
#[test]
fn what_does_not_reach_the_others_is_said() {
    let redis = format!("redis://127.0.0.1:{}", dead_port());
    let (served, mut errors) = start(&["--redis", &redis, "--adapter", "classic"]);
    let mut client = join(&served);
    client.write(frame(TEXT, br#"42["message",1]"#));
    client.write(frame(TEXT, br#"421["cluster",{"op":"emit","event":"news","args":[2]}]"#));
    let mut said = String::new();
    errors.read_line(&mut said).unwrap();
    said.clear();
    errors.read_line(&mut said).unwrap();
    assert_eq!(said, "siospec: messages that did not reach the other servers: 1\n");
}

#[cfg(unix)]
#[test]
fn without_redis_it_ends_as_it_should() {
    for (name, adapter) in [("TERM", "classic"), ("INT", "sharded"), ("TERM", "streams")] {
        let redis = format!("redis://127.0.0.1:{}", dead_port());
        let (mut served, _errors) = start(&["--redis", &redis, "--adapter", adapter]);
        let mut client = join(&served);
        crate::shut_down::signal(&served, name);
        while client.message().0 != CLOSE {}
        client.write(frame(CLOSE, &[]));
        let since = Instant::now();
        assert_eq!(served.child.wait().unwrap().code(), Some(0), "{name}, {adapter}");
        assert!(since.elapsed() < Duration::from_secs(3), "it took {:?}", since.elapsed());
    }
}

/// What is added to a stream waits for Redis, and is lost if the server ends first.
#[cfg(unix)]
#[test]
fn what_still_waits_for_redis_at_the_end_is_said() {
    let redis = format!("redis://127.0.0.1:{}", dead_port());
    let (mut served, mut errors) = start(&["--redis", &redis, "--adapter", "streams"]);
    let mut client = join(&served);
    client.write(frame(TEXT, br#"421["cluster",{"op":"emit","event":"news","args":[2]}]"#));
    assert_eq!(hear(&mut client), r#"42["news",2]"#);
    crate::shut_down::signal(&served, "TERM");
    while client.message().0 != CLOSE {}
    client.write(frame(CLOSE, &[]));
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
    let mut said = String::new();
    errors.read_to_string(&mut said).unwrap();
    assert!(said.ends_with("siospec: messages that did not reach the other servers: 1\n"), "{said}");
}

/// The place of a client is stored when the server ends, and another server has it; without Redis it is lost.
#[cfg(unix)]
#[test]
fn who_wants_to_come_back_without_redis_is_new_at_once() {
    let redis = format!("redis://127.0.0.1:{}", dead_port());
    let (mut served, mut errors) = start(&["--redis", &redis, "--adapter", "streams", "--recovery"]);
    let mut client = open_websocket(&served, "/socket.io/");
    let since = Instant::now();
    client.write(frame(TEXT, br#"40{"pid":"twenty letters long.","offset":"1-0"}"#));
    let answer = hear(&mut client);
    assert!(since.elapsed() < Duration::from_secs(3), "it took {:?}", since.elapsed());
    assert!(answer.contains(r#","pid":""#) && !answer.contains("twenty letters"), "{answer}");
    assert!(hear(&mut client).starts_with(r#"42["auth",{"pid""#));
    crate::shut_down::signal(&served, "TERM");
    // It is to come back: so it does not hear that it is disconnected.
    assert_eq!(client.message().0, CLOSE);
    client.write(frame(CLOSE, &[]));
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
    let mut said = String::new();
    errors.read_to_string(&mut said).unwrap();
    let lost = "messages that did not reach the other servers: ";
    assert!(said.lines().last().unwrap_or_default().contains(lost), "{said}");
}
