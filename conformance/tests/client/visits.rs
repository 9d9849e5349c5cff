//! Clients without a driver, which visit the paths of cases.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::agents::{closed, connect};
use super::http::get;
use super::listening::Listening;

const CASE: &str = "client/heartbeat/early-ping";

/// Opens the WebSocket of a case: without a library, as a client that is written by hand may do it. Otherwise the status.
async fn open(address: &str, case: &str, agent: &str) -> Result<WebSocketStream<TcpStream>, u16> {
    let stream = TcpStream::connect(address).await.unwrap();
    let url = format!("ws://{address}/case/{case}/?agent={agent}&EIO=4&transport=websocket");
    tokio_tungstenite::client_async(url, stream).await.map(|(socket, _)| socket).map_err(|error| match error {
        Error::Http(answer) => answer.status().as_u16(),
        _ => 0,
    })
}

/// Joins, answers pings, and echoes with this at the end of names, until the case is over.
async fn echo(mut socket: WebSocketStream<TcpStream>, suffix: &str) {
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
}

async fn result(address: &str, agent: &str) -> Value {
    let (status, text) = get(address, &format!("/result?agent={agent}&case={CASE}")).await;
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_visits_a_case_is_judged_by_its_echoes() {
    for (suffix, code, verdict, line) in [("-back", 0, "passed", "1 passed"), ("-bakc", 1, "failed", "1 failed")] {
        let mut listening = Listening::start(&[CASE]);
        let address = listening.address.clone();
        let (_, told) = get(&address, &format!("/case/{CASE}?agent=a%20b")).await;
        let told: Value = serde_json::from_str(&told).unwrap();
        // The address that the request names.
        assert_eq!(told["url"], "http://siospec", "{told}");
        let options = &told["options"];
        assert_eq!((&options["path"], &options["query"]["agent"]), (&format!("/case/{CASE}/").into(), &"a b".into()));
        // To ask how does not begin the case.
        assert_eq!(get(&address, "/progress?agent=a%20b").await.0, 404);
        let socket = open(&address, CASE, "a%20b").await.unwrap();
        // The result is asked for while the case is played.
        let (result, ()) = tokio::join!(result(&address, "a%20b"), echo(socket, suffix));
        assert_eq!(result["verdict"], verdict, "{result}");
        if suffix != "-back" {
            assert!(result["finding"]["expected"].as_str().unwrap().contains("message"), "{result}");
        }
        let (_, progress) = get(&address, "/progress?agent=a%20b").await;
        assert!(progress.contains(&format!(r#""verdict":"{verdict}""#)), "{progress}");
        let (_, report) = get(&address, "/report?agent=a%20b").await;
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!(report["cases"][0]["verdict"], verdict, "{report}");
        assert_eq!(report["target"]["name"], "a client that echoes (a b)", "{report}");
        let (seen, text) = listening.end();
        assert_eq!(seen, code, "{text}");
        assert!(text.contains(line), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cases_to_visit_are_listed_for_transports() {
    let listening = Listening::start(&["client"]);
    let list = async |word: &str| {
        let (status, text) = get(&listening.address, &format!("/cases?visitor={word}")).await;
        assert_eq!(status, 200, "{text}");
        serde_json::from_str::<Vec<Value>>(&text).unwrap()
    };
    let mut counted = 0;
    for (word, transports) in
        [("polling", vec!["polling"]), ("websocket", vec!["websocket"]), ("both", vec!["polling", "websocket"])]
    {
        let transports = Value::from(transports);
        let cases = list(word).await;
        assert!(!cases.is_empty(), "{word}");
        assert!(cases.iter().all(|case| case["transports"] == transports), "{word}: {cases:?}");
        counted += cases.len();
    }
    assert_eq!(list("all").await.len(), counted);
    let of_three = list("all&eio=3").await;
    assert!(!of_three.is_empty() && of_three.iter().all(|case| case["eio"] == 3), "{of_three:?}");
    assert_eq!(list("all&eio=4").await.len(), counted - of_three.len());
    assert_eq!(get(&listening.address, "/cases?visitor=all&eio=5").await.1, "eio is 3 or 4, not \"5\"\n");
    let (status, text) = get(&listening.address, "/cases?visitor=any").await;
    assert_eq!((status, &*text), (400, "visitor is polling, websocket, both or all, not \"any\"\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_visit_is_told_why() {
    let mut listening = Listening::start(&["client/heartbeat", "client/reconnection/delays-double"]);
    let address = listening.address.clone();
    let start = "?agent=me&EIO=4&transport=websocket";
    for (path, status, words) in [
        ("/case/client/heartbeat/early-pong?agent=me".to_owned(), 404, "did you mean client/heartbeat/early-ping"),
        (format!("/case/{CASE}"), 400, "the agent has no name: add ?agent=NAME"),
        (format!("/case/{CASE}{start}"), 404, "the path of a client ends with a slash"),
        (format!("/case/{CASE}/?agent=me&EIO=3&transport=websocket"), 409, "this case is for clients of Engine.IO 4"),
        (format!("/case/{CASE}/?agent=me&EIO=4&transport=polling"), 409, "with other transports: websocket"),
        (format!("/case/{CASE}/{start}&sid=a"), 404, "this case is over, or was not begun"),
        (format!("/case/{CASE}/{start}&again=1"), 409, "was not played yet"),
        (format!("/result?case={CASE}"), 400, "the agent has no name: add ?agent=NAME"),
        ("/result?agent=me".to_owned(), 400, "the case is missing: add &case=ID"),
        ("/result?agent=me&case=other".to_owned(), 404, "there is no case \"other\""),
        (format!("/result?agent=me&case={CASE}"), 404, "there is no agent me"),
    ] {
        let (seen, text) = get(&address, &path).await;
        assert_eq!(seen, status, "{path}: {text}");
        assert!(text.contains(words), "{path}: {text}");
    }
    let (status, cannot) = get(&address, "/case/client/reconnection/delays-double?agent=me").await;
    assert_eq!(status, 409, "{cannot}");
    assert!(cannot.contains("cannot be visited: it needs a driver, because it sets options"), "{cannot}");
    let socket = open(&address, CASE, "me").await.unwrap();
    // While it plays one case, it cannot play another.
    let (status, second) = get(&address, &format!("/case/client/heartbeat/late-ping/{start}")).await;
    assert_eq!(status, 409, "{second}");
    assert!(second.contains(&format!("the agent is playing {CASE}")), "{second}");
    let (status, other) = get(&address, &format!("/case/{CASE}/?agent=you&EIO=4&transport=websocket")).await;
    assert_eq!(status, 409, "{other}");
    assert!(other.contains("the run is for one agent, which is me; --agents 2 allows two"), "{other}");
    let driver = closed(&mut connect(&address, "?agent=me").await).await.1;
    assert_eq!(driver, "the agent me visits cases without a driver; choose another name");
    // A client that goes away does not hold the case.
    drop(socket);
    assert_eq!(result(&address, "me").await["verdict"], "failed");
    assert_eq!(open(&address, CASE, "me").await.unwrap_err(), 409);
    let (_, played) = get(&address, &format!("/case/{CASE}/{start}")).await;
    assert!(played.contains("was played already, and failed; add again=1"), "{played}");
    let socket = open(&address, CASE, "me&again=1").await.unwrap();
    let (again, ()) = tokio::join!(result(&address, "me"), echo(socket, "-back"));
    assert_eq!(again["verdict"], "flaky", "{again}");
    let (_, twice) = get(&address, &format!("/case/{CASE}/{start}&again=1")).await;
    assert!(twice.contains("was played twice already: flaky"), "{twice}");
    get(&address, "/report?agent=me").await;
    let (status, over) = get(&address, "/result?agent=me&case=client/heartbeat/late-ping").await;
    assert_eq!(status, 409, "{over}");
    assert!(over.contains("the run of the agent me is over"), "{over}");
    let (code, text) = listening.end();
    // The other cases for WebSocket were not played.
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("not played: the client ended its run before"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_visits_cases_in_a_run_with_a_course() {
    for options in [&["--repeat", "3"][..], &["--shuffle", "7"], &["--fail-fast"]] {
        let listening = Listening::start(&[&[CASE][..], options].concat());
        let address = &listening.address;
        let (status, why) = get(address, &format!("/case/{CASE}/?agent=me&EIO=4&transport=websocket")).await;
        assert_eq!(status, 409, "{options:?}: {why}");
        assert!(why.contains("start siospec without --repeat, --shuffle and --fail-fast"), "{options:?}: {why}");
        // It is no agent, so that another one may come.
        assert_eq!(get(address, "/progress?agent=me").await.0, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_agents_visit_cases_at_a_time() {
    let mut listening = Listening::start(&[CASE, "--agents", "3"]);
    let address = listening.address.clone();
    let visit = async |agent: &str, path: &str| {
        let socket = open(&address, &format!("{CASE}{path}"), agent).await.unwrap();
        let (result, ()) = tokio::join!(result(&address, agent), echo(socket, "-back"));
        assert_eq!(result["verdict"], "passed", "{result}");
        assert_eq!(get(&address, &format!("/report?agent={agent}")).await.0, 200);
    };
    tokio::join!(visit("one", ""), visit("two", ""), visit("three", "/socket.io"));
    let (code, text) = listening.end();
    assert_eq!(code, 0, "{text}");
}
