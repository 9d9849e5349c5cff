//! Servers and proxies that make a run give unexpected results, each with its note.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use siospec::contract::{Eio3, Kind};
use siospec::survey::{Application, Offered, Survey, Trap};
use tokio_tungstenite::tungstenite::Message;

use crate::front::{Front, Way, answer};
use crate::{embedded, sockets, take, take_at};

/// The text of the one trap that a survey is expected to find.
fn only_note(survey: &Survey) -> String {
    let notes: Vec<String> = survey.notes().collect();
    assert_eq!(notes.len(), 1, "{notes:?}");
    notes.into_iter().next().unwrap()
}

/// Replaces a text by one of the same length, so that lengths before it stay correct.
fn replacing(from: &'static str, to: &'static str) -> impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync {
    assert_eq!(from.len(), to.len());
    move |mut bytes| {
        while let Some(at) = bytes.windows(from.len()).position(|window| window == from.as_bytes()) {
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
        bytes
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interval_announced_as_0() {
    let server = embedded(Eio3::Refused).await;
    let front = Front::editing(&server.url(), Way::On, replacing("\"pingInterval\":300", "\"pingInterval\":0  "));
    let survey = take(&front.url()).await.unwrap();
    assert!(only_note(&survey).starts_with("pingInterval is announced as 0: does the server count in whole seconds"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_heartbeat() {
    let server = embedded(Eio3::Refused).await;
    let front = Front::editing(&server.url(), Way::On, replacing("\"pingInterval\":300,", "\"pingInterval\":9e4,"));
    let survey = take(&front.url()).await.unwrap();
    let note = only_note(&survey);
    assert!(note.starts_with("pings come every 90 s") && note.contains("--max-wait SECONDS includes them"), "{note}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_drops_the_headers_of_a_websocket() {
    let server = embedded(Eio3::Refused).await;
    let front = Front::before(&server.url(), |head| {
        let kept = head.lines().filter(|line| {
            let line = line.to_ascii_lowercase();
            !line.starts_with("upgrade:") && !line.starts_with("connection:")
        });
        Way::On(kept.collect::<Vec<_>>().join("\r\n") + "\r\n")
    });
    let survey = take(&front.url()).await.unwrap();
    assert!(
        matches!(&sockets(&survey).websocket, Offered::Obstructed(how) if how == "refused with status 400: Bad request")
    );
    assert_eq!(sockets(&survey).application, Application::Contract);
    assert!(only_note(&survey).contains("does a proxy in front leave out the headers Upgrade and Connection?"));
}

/// Two servers behind one port. Requests go to the one that the cookie names. Without a cookie, handshakes go to the
/// first server and everything else to the second, so that no request finds its session by chance.
#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_are_found_by_a_cookie() {
    let (first, second) = (embedded(Eio3::Refused).await, embedded(Eio3::Refused).await);
    let set = |node: usize| {
        move |bytes: Vec<u8>| match bytes.strip_prefix(b"HTTP/1.1 200 OK\r\n") {
            Some(rest) => [format!("HTTP/1.1 200 OK\r\nSet-Cookie: node={node}\r\n").as_bytes(), rest].concat(),
            None => bytes,
        }
    };
    let nodes = [Front::editing(&first.url(), Way::On, set(0)), Front::editing(&second.url(), Way::On, set(1))];
    let balancer = Front::balancing(nodes.each_ref().map(Front::url), move |head| match head.find("node=") {
        Some(at) => usize::from(head[at..].starts_with("node=1")),
        None => usize::from(head.contains("&sid=")),
    });
    let survey = take(&balancer.url()).await.unwrap();
    assert_eq!(sockets(&survey).cookies, ["node"]);
    assert_eq!(sockets(&survey).application, Application::Contract);
    let note = only_note(&survey);
    assert!(note.starts_with("sessions are found by a cookie (node)"), "{note}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_are_not_found_again() {
    let server = embedded(Eio3::Refused).await;
    let front = Front::before(&server.url(), |head| match head.contains("&sid=") {
        true => Way::Answer(answer("400 Bad Request", "", r#"{"code":1,"message":"Session ID unknown"}"#)),
        false => Way::On(head),
    });
    let survey = take(&front.url()).await.unwrap();
    assert!(sockets(&survey).traps.contains(&Trap::LostSession { status: 400 }), "{survey:?}");
    assert_eq!(sockets(&survey).application, Application::Contract, "over a WebSocket nothing is lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_is_served_with_a_slash_or_without() {
    let server = embedded(Eio3::Refused).await;
    let front = Front::before(&server.url(), |head| match head.split_once(" /chat/?") {
        Some((method, rest)) => Way::On(format!("{method} /socket.io/?{rest}")),
        None => Way::Answer(answer("404 Not Found", "", "")),
    });
    let survey = take_at(&front.url(), "/chat").await.unwrap();
    assert_eq!((survey.socket.path(), survey.notes().count()), ("/chat/", 0));
    let front = Front::before(&server.url(), |head| match head.split_once(" /chat?") {
        Some((method, rest)) => Way::On(format!("{method} /socket.io/?{rest}")),
        None => Way::Answer(answer("404 Not Found", "", "")),
    });
    let survey = take_at(&front.url(), "/chat").await.unwrap();
    assert_eq!(survey.socket.path(), "/chat");
    assert_eq!(only_note(&survey), "/chat: /chat/ itself is not served: the slash at the end makes the difference");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_too_far_away() {
    let server = embedded(Eio3::Refused).await;
    let front = Front::editing(&server.url(), Way::On, |bytes| {
        std::thread::sleep(Duration::from_millis(250));
        bytes
    });
    let survey = take(&front.url()).await.unwrap();
    assert!(survey.distance.round_trip >= Duration::from_millis(250), "{:?}", survey.distance);
    let note = survey.notes().next().unwrap();
    assert!(
        note.starts_with("no client can stay connected from here") && note.ends_with("raise pingTimeout"),
        "{note}"
    );
}

/// A session that is closed because a pong was late does not show the connect timeout.
//= EIO4-HB-04
#[tokio::test(flavor = "multi_thread")]
async fn a_pong_that_is_late_spoils_no_measure() {
    let server = embedded(Eio3::Refused).await;
    let front = Front::editing(&server.url(), Way::On, |bytes| {
        // Pings on a WebSocket, or in the body of an answer.
        if bytes == [0x81, 0x01, b'2'] || bytes.ends_with(b"\r\n\r\n2") {
            std::thread::sleep(Duration::from_millis(300));
        }
        bytes
    });
    let survey = take(&front.url()).await.unwrap();
    assert_eq!((sockets(&survey).connect_timeout, sockets(&survey).upgrade_timeout), (None, None), "{survey:?}");
    assert_eq!(sockets(&survey).application, Application::Contract);
}

/// A WebSocket server that answers messages by a script; `None` stands for the beginning, and gives a greeting.
async fn scripted(script: fn(Option<Message>) -> Vec<Message>) -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                // A request by polling ends here.
                let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
                let open = r#"0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100}"#;
                let mut out = vec![Message::text(open)];
                out.extend(script(None));
                loop {
                    for message in out {
                        if socket.send(message).await.is_err() {
                            return;
                        }
                    }
                    let Some(Ok(message)) = socket.next().await else { return };
                    out = script(Some(message));
                }
            });
        }
    });
    url
}

//= SIO5-CON-08
#[tokio::test(flavor = "multi_thread")]
async fn an_event_before_the_answer_to_connect() {
    let url = scripted(|message| match message {
        Some(Message::Text(text)) if text.as_str() == "40" => {
            vec![Message::text(r#"42["auth",{}]"#), Message::text(r#"40{"sid":"b","pid":"c"}"#)]
        }
        _ => Vec::new(),
    });
    let survey = take(&url.await).await.unwrap();
    assert_eq!(sockets(&survey).application, Application::Contract);
    assert!(sockets(&survey).recovery);
    assert!(survey.notes().any(|note| note.contains("an event arrives before the answer to CONNECT")));
}

#[tokio::test(flavor = "multi_thread")]
async fn packets_in_messagepack() {
    let url = scripted(|message| match message {
        Some(Message::Text(text)) if text.starts_with('4') => vec![Message::Close(None)],
        Some(Message::Binary(_)) => vec![Message::binary(b"\x82\xa4type\x00\xa3nsp\xa1/".as_slice())],
        _ => Vec::new(),
    });
    let survey = take(&url.await).await.unwrap();
    assert_eq!(sockets(&survey).application, Application::MessagePack);
    assert!(survey.notes().any(|note| note.contains("--parser msgpack")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_is_another_or_lets_nobody_in() {
    let other = scripted(|message| match message {
        Some(Message::Text(text)) if text.as_str() == "40" => {
            vec![Message::text(r#"40{"sid":"b"}"#), Message::text(r#"42["welcome",1]"#)]
        }
        _ => Vec::new(),
    });
    assert_eq!(sockets(&take(&other.await).await.unwrap()).application, Application::OtherSocketIo);
    let closed = scripted(|message| match message {
        Some(Message::Text(text)) if text.as_str() == "40" => vec![Message::text(r#"44{"message":"no token"}"#)],
        _ => Vec::new(),
    });
    let survey = take(&closed.await).await.unwrap();
    assert_eq!(sockets(&survey).application, Application::JoinRefused("no token".to_owned()));
}

/// Hardly any case would apply, so the run would pass.
#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_says_nothing() {
    let survey = take(&scripted(|_| Vec::new()).await).await.unwrap();
    assert_eq!(sockets(&survey).application, Application::Silent);
    assert!(survey.notes().any(|note| note.ends_with("/socket.io/: CONNECT is not answered")));
    let sentence = survey.answers(Kind::Socket).unwrap_err().to_string();
    assert!(sentence.contains("/socket.io/ does not answer CONNECT; is the application running?"), "{sentence}");
    let sentence = survey.answers(Kind::Engine).unwrap_err().to_string();
    assert!(sentence.contains("/engine.io/ answers no message; is the echo application running?"), "{sentence}");
}
