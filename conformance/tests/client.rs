//! `siospec client` with drivers that do not do their part.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]
#![cfg(unix)]

use std::process::{Command, Stdio};

/// What a driver says about itself.
const HELLO: &str = r#"read line; echo '{"hello":1,"name":"test","version":"1","capabilities":["websocket"]}'"#;

/// The exit code and the output of a run of one case with a driver that is a shell script.
fn run(script: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_siospec"));
    command.args(["client", "client/websocket/idle-packets", "--timeout", "1", "--", "sh", "-c", script]);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[test]
fn a_driver_that_does_not_introduce_itself_is_no_driver() {
    let (code, text) = run("exit 7");
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("the driver ended: exit status: 7"), "{text}");
    let (code, text) = run("echo hello; cat >/dev/null");
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("the driver wrote what is no line of the protocol: hello"), "{text}");
    let (code, text) = run(r#"echo '{"hello":2,"name":"a","version":"1","capabilities":[]}'; cat >/dev/null"#);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("version 2 of the protocol, not 1"), "{text}");
}

#[test]
fn cases_of_a_revision_that_the_client_does_not_speak_are_left_out() {
    let hello = HELLO.replace(r#""version""#, r#""eio":[3],"version""#);
    let (code, text) = run(&format!("{hello}; cat >/dev/null"));
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("the client has no Engine.IO 4"), "{text}");
}

#[test]
fn a_driver_that_ends_crashes() {
    let (code, text) = run(&format!("{HELLO}; read line; exit 9"));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("CRASH  client/websocket/idle-packets  should  the driver ended: exit status: 9"), "{text}");
}

#[test]
fn reports_are_written_for_clients_too() {
    let folder = std::env::temp_dir().join(format!("siospec-client-reports-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let report = format!("json={0}/json,junit={0}/junit", folder.display());
    let run = |script: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_siospec"));
        command.args(["client", "client/websocket/idle-packets", "--report", &report, "--", "sh", "-c", script]);
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert_eq!(output.stdout, b"");
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        (output.status.code().unwrap(), read("json"), read("junit"))
    };
    let (code, json, junit) = run(&format!("{HELLO}; read line; exit 9"));
    let results: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, &results["cases"][0]["verdict"]), (1, &"driver-fault".into()), "{json}");
    assert_eq!(results["target"]["name"], "test", "{json}");
    assert_eq!(results["cases"][0]["reason"], "the driver ended: exit status: 9", "{json}");
    assert!(junit.contains("errors=\"1\""), "{junit}");
    let (code, json, junit) = run("exit 7");
    assert_eq!(code, 3);
    assert!(json.contains("\"unreachable\"") && junit.contains("errors=\"1\""), "{json}{junit}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_driver_that_writes_other_lines_is_told_apart() {
    let (code, text) = run(&format!("{HELLO}; read line; echo what; cat >/dev/null"));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("GARBAGE  client/websocket/idle-packets"), "{text}");
}

#[test]
fn a_driver_that_writes_without_end_is_stopped() {
    let event = r#"{"event":"message","namespace":"/","name":"a","args":[]}"#;
    let answers = r#"{"id":1} {"id":2} {"id":3} {"id":4} {"id":5}"#.replace(' ', "\n");
    let (code, text) = run(&format!("{HELLO}; echo '{answers}'; while true; do echo '{event}'; done"));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("GARBAGE") || text.contains("FAIL"), "{text}");
}

#[test]
fn a_call_that_the_client_does_not_have_is_no_failure() {
    let answers =
        r#"echo '{"id":1}'; id=1; while read line; do id=$((id+1)); echo "{\"id\":$id,\"unsupported\":true}"; done"#;
    let script = format!("{HELLO}; read line; {answers}");
    let (code, text) = run(&script);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("none of the chosen cases applies to this client"), "{text}");
}

#[test]
fn a_program_that_does_not_exist_cannot_be_started() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_siospec"));
    let output = command.args(["client", "--", "/there/is/no/such/program"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("the driver cannot be started: /there/is/no/such/program"), "{text}");
}

/// A client without a driver and without a library: it connects, joins, answers pings and echoes, in a few lines.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_a_driver_is_judged_by_its_echoes() {
    for (suffix, code, line) in [("-back", 0, "1 passed"), ("-bakc", 1, "1 failed")] {
        let (seen, text) = visit(suffix).await;
        assert_eq!(seen, Some(code), "{text}");
        assert!(text.contains(line), "{text}");
    }
}

/// Lets a client play one case that adds this to the names of events, and returns how the command ends.
async fn visit(suffix: &str) -> (Option<i32>, String) {
    use futures_util::{SinkExt as _, StreamExt as _};
    use std::io::{BufRead as _, BufReader, Read as _};
    use tokio_tungstenite::tungstenite::Message;

    let mut command = Command::new(env!("CARGO_BIN_EXE_siospec"));
    command.args(["client", "client/heartbeat/early-ping", "--timeout", "1", "--max-time", "30"]);
    command.args(["--listen", "127.0.0.1:0", "--transports", "websocket"]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut desk = String::new();
    output.read_line(&mut desk).unwrap();
    let address = desk.trim().strip_prefix("http://").unwrap().to_owned();
    assert_eq!(get(&address, "/").await.1, "client/heartbeat/early-ping\n");
    assert_eq!(get(&address, "/elsewhere").await.0, 404);
    let play = async {
        while let (200, url) = get(&address, "/next").await {
            let stream = tokio::net::TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
            let url = format!("{}/socket.io/?EIO=4&transport=websocket", url.replace("http", "ws"));
            let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
            let suffix = suffix.to_owned();
            // The next case is asked for while this one is played.
            tokio::spawn(async move {
                while let Some(Ok(Message::Text(text))) = socket.next().await {
                    let answer = match text.as_str() {
                        text if text.starts_with('0') => "40".to_owned(),
                        "2" => "3".to_owned(),
                        text if text.starts_with("42") => text.replacen("\"]", &format!("{suffix}\"]"), 1),
                        _ => continue,
                    };
                    if socket.send(Message::text(answer)).await.is_err() {
                        return;
                    }
                }
            });
        }
    };
    play.await;
    let mut text = String::new();
    output.read_to_string(&mut text).unwrap();
    (child.wait().unwrap().code(), text)
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_for_the_next_case_do_not_wait_without_end() {
    use futures_util::StreamExt as _;
    use std::io::{BufRead as _, BufReader};

    let mut command = Command::new(env!("CARGO_BIN_EXE_siospec"));
    command.args(["client", "client/heartbeat/early-ping", "--max-time", "30", "--listen", "127.0.0.1:0"]);
    command.args(["--transports", "websocket"]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut desk = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut desk).unwrap();
    let address = desk.trim().strip_prefix("http://").unwrap().to_owned();
    let asked = (0..70).map(|_| get(&address, "/next"));
    // One is told the URL of the case, 64 wait, the others are refused at once.
    let mut answers: Vec<_> = asked.collect::<futures_util::stream::FuturesUnordered<_>>().take(3).collect().await;
    child.kill().unwrap();
    child.wait().unwrap();
    answers.retain(|(status, _)| *status == 503);
    assert!(answers.len() >= 2, "{answers:?}");
    assert_eq!(answers[0].1, "64 requests wait already; ask again later\n");
}

/// The status and the body of an answer.
async fn get(address: &str, path: &str) -> (u16, String) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: siospec\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

#[test]
fn the_server_of_a_case_listens_where_it_is_told_to() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let script = format!("{HELLO}; read line; case \"$line\" in *{free}*) exit 9;; esac; exit 8");
    let mut command = Command::new(env!("CARGO_BIN_EXE_siospec"));
    command.args(["client", "client/websocket/idle-packets", "--listen", &free, "--", "sh", "-c", &script]);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("the driver ended: exit status: 9"), "{text}");
}
