//! Clients without a driver, which ask for the URLs of their cases.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio_tungstenite::tungstenite::Message;

use super::http::get;

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
