//! Agents: programs that open a WebSocket to the command and speak the driver protocol.

use std::process::Command;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::http::get;
use super::listening::Listening;

/// What an agent says about itself.
const HELLO: &str = r#"{"hello":1,"name":"test","version":"1","capabilities":["websocket"]}"#;

pub(super) type Socket = WebSocketStream<TcpStream>;

/// Opens the WebSocket of a driver, with this query.
pub(super) async fn connect(address: &str, query: &str) -> Socket {
    let stream = TcpStream::connect(address).await.unwrap();
    tokio_tungstenite::client_async(format!("ws://{address}/driver{query}"), stream).await.unwrap().0
}

/// Opens the WebSocket of a driver, and introduces itself.
async fn introduced(address: &str) -> Socket {
    let mut socket = connect(address, "?agent=me").await;
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text(r#"{"hello":1}"#));
    socket.send(Message::text(HELLO)).await.unwrap();
    socket
}

/// The code and the reason of the Close frame.
pub(super) async fn closed(socket: &mut Socket) -> (u16, String) {
    loop {
        if let Message::Close(Some(frame)) = socket.next().await.unwrap().unwrap() {
            return (frame.code.into(), frame.reason.to_string());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_plays_all_cases_and_reads_its_report() {
    let mut listening = Listening::start(&["client/websocket", "--repeat", "2", "--shuffle", "7"]);
    let address = listening.address.clone();
    let (_, cases) = get(&address, "/cases").await;
    let cases: Value = serde_json::from_str(&cases).unwrap();
    assert_eq!(cases[0]["id"], "client/websocket/binary-as-binary");
    assert_eq!(cases[0]["calls"][0]["call"], "open");
    let mut socket = introduced(&address).await;
    while let Some(Ok(Message::Text(line))) = socket.next().await {
        let call: Value = serde_json::from_str(&line).unwrap();
        // The client is reached where the agent connected to.
        assert!(call.get("url").is_none_or(|url| *url == format!("http://{address}")), "{call}");
        let rest = if call["call"] == "open" { "" } else { r#","unsupported":true"# };
        let answer = format!(r#"{{"id":{}{rest}}}"#, call["id"]);
        socket.send(Message::text(answer)).await.unwrap();
    }
    // The WebSocket is closed a moment before the report is there.
    let over = async {
        loop {
            let (status, progress) = get(&address, "/progress?agent=me&after=1").await;
            let progress: Value = serde_json::from_str(&progress).unwrap();
            assert_eq!(status, 200, "{progress}");
            if progress["state"] == "over" {
                return progress;
            }
        }
    };
    let progress = tokio::time::timeout(Duration::from_secs(60), over).await.unwrap();
    assert_eq!(progress["played"][0]["verdict"], "unsupported", "{progress}");
    // A case that turns out to be none for it is not repeated.
    let count = cases.as_array().unwrap().len();
    assert_eq!((&progress["cases"], &progress["done"]), (&(2 * count).into(), &count.into()), "{progress}");
    let (_, report) = get(&address, "/report?agent=me").await;
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["target"]["name"], "test (me)");
    assert_eq!((&report["repeat"], &report["shuffle"]), (&2.into(), &7.into()), "{report}");
    let (code, text) = listening.end();
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("the client has no call"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_play_is_told_why() {
    let mut listening = Listening::start(&["client/websocket/idle-packets"]);
    let address = listening.address.clone();
    for (path, status, words) in [
        ("/elsewhere", 404, "there is nothing at this path"),
        ("/progress", 400, "the agent has no name: add ?agent=NAME"),
        ("/report?agent=", 400, "the agent has no name: add ?agent=NAME"),
        ("/report?agent=you", 404, "there is no agent you; it begins with /driver or /case/ID"),
        ("/driver?agent=you", 426, "this is a WebSocket that speaks the driver protocol of siospec"),
        ("/play/1/", 404, "this case is over"),
    ] {
        let (seen, text) = get(&address, path).await;
        assert_eq!(seen, status, "{path}: {text}");
        assert!(text.starts_with(words), "{path}: {text}");
    }
    for (query, words) in [
        ("", "the agent has no name: add ?agent=NAME"),
        ("?agent=a%00", "the name of the agent has a control character"),
        (&*format!("?agent={}", "a".repeat(61)), "the name of the agent has more than 60 characters"),
    ] {
        assert_eq!(closed(&mut connect(&address, query).await).await, (1008, words.to_owned()));
    }
    // An agent that does not introduce itself takes no place.
    let mut mute = connect(&address, "?agent=other").await;
    mute.send(Message::text("what")).await.unwrap();
    assert_eq!(closed(&mut mute).await.1, "the driver wrote what is no line of the protocol: what");
    let mut socket = introduced(&address).await;
    assert!(socket.next().await.unwrap().unwrap().to_text().unwrap().contains(r#""call":"open""#));
    let twice = closed(&mut connect(&address, "?agent=me").await).await.1;
    assert_eq!(twice, "the agent me is connected already; close its other page, or choose another name");
    let second = closed(&mut connect(&address, "?agent=you").await).await.1;
    assert_eq!(second, "the run is for one agent, which is me; --agents 2 allows two");
    let visit = "/case/client/websocket/idle-packets/?agent=me&EIO=4&transport=websocket";
    let (status, text) = get(&address, visit).await;
    assert_eq!((status, &*text), (409, "the agent me is a driver, which is told its cases; choose another name\n"));
    drop(socket);
    get(&address, "/report?agent=me").await;
    assert_eq!(listening.end().0, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_writes_garbage_or_goes_away_may_come_back() {
    let mut listening = Listening::start(&["client/websocket"]);
    let address = listening.address.clone();
    for (garbage, reason) in [
        (Message::text("what"), "the driver wrote what is no line of the protocol: what"),
        (Message::binary(&b"{}"[..]), "the driver wrote what is no line of the protocol: a binary message"),
    ] {
        let mut socket = introduced(&address).await;
        socket.next().await.unwrap().unwrap();
        socket.send(garbage).await.unwrap();
        assert_eq!(closed(&mut socket).await, (1008, reason.to_owned()));
    }
    let mut socket = introduced(&address).await;
    socket.next().await.unwrap().unwrap();
    socket.close(None).await.unwrap();
    while socket.next().await.is_some() {}
    // Its report ends its run.
    let (_, report) = get(&address, "/report?agent=me").await;
    let report: Value = serde_json::from_str(&report).unwrap();
    let faults = report["totals"]["driverFault"].as_u64().unwrap();
    // The last case was not begun, or waited for the agent.
    assert_eq!(faults + report["totals"]["notPlayed"].as_u64().unwrap(), 4, "{report}");
    assert!(faults >= 3, "{report}");
    let (code, text) = listening.end();
    assert_eq!(code, 1, "{text}");
    for line in ["a binary message", "CRASH  ", "it closed its WebSocket"] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_served_with_the_client_that_was_given() {
    let client = std::env::temp_dir().join(format!("siospec-client-{}.js", std::process::id()));
    std::fs::write(&client, "/* a client */").unwrap();
    let given = Listening::start(&["--client", client.to_str().unwrap()]);
    std::fs::remove_file(client).unwrap();
    for (path, words) in [("/", "<!doctype html>"), ("/page.mjs", "/calls.mjs"), ("/client.js", "/* a client */")] {
        let (status, text) = get(&given.address, path).await;
        assert!(status == 200 && text.contains(words), "{path}: {text}");
    }
    let (status, text) = get(&Listening::start(&[]).address, "/client.js").await;
    assert_eq!((status, &*text), (404, "no client was given with --client; the page takes one from a file\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_have_reports_of_their_own() {
    let folder = std::env::temp_dir().join(format!("siospec-agents-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str| format!("json={}/{name}", folder.display());
    let mut command = Command::new(env!("CARGO_BIN_EXE_siospec"));
    command.args(["client", "--listen", "127.0.0.1:0", "--agents", "2", "--report", &file("one")]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("2 agents need a report each: write {n} in the name of the file"), "{text}");
    let mut listening = Listening::start(&["client/websocket/idle-packets", "--agents", "2", "--report", &file("{n}")]);
    let address = listening.address.clone();
    for name in ["one", "two"] {
        let mut socket = connect(&address, &format!("?agent={name}")).await;
        socket.next().await.unwrap().unwrap();
        socket.send(Message::text(HELLO.replace("websocket", "polling"))).await.unwrap();
        assert_eq!(closed(&mut socket).await, (1000, String::new()));
        get(&address, &format!("/report?agent={name}")).await;
    }
    assert_eq!(listening.end().0, 3);
    for (run, name) in [("1", "test (one)"), ("2", "test (two)")] {
        let results = std::fs::read(folder.join(run)).unwrap();
        let results: Value = serde_json::from_slice(&results).unwrap();
        assert_eq!(results["target"]["name"], name);
    }
    std::fs::remove_dir_all(folder).unwrap();
}
