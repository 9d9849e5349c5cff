//! What requests need to be accepted: query, headers and cookies.

use std::sync::{Arc, Mutex};

use siospec::party::network::{Access, Target};

use crate::hostile::{Hostile, accept_key, accept_websocket_of, answer, read_head};
use crate::play::{assert_passed, play};

/// A server that records the heads of its requests, sets a cookie with every answer, and opens every WebSocket.
fn keeps_heads() -> (Hostile, Arc<Mutex<Vec<String>>>) {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    let server = Hostile::start(move |mut stream| {
        let head = read_head(&mut stream);
        let count = kept.lock().unwrap().len();
        kept.lock().unwrap().push(head.clone());
        if accept_key(&head).is_some() {
            accept_websocket_of(&mut stream, &head, &format!("Set-Cookie: node={count}; Path=/; HttpOnly\r\n"));
            answer(&mut stream, b"\x88\x02\x03\xe8");
        } else {
            answer(
                &mut stream,
                format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: node={count}; Path=/\r\n\
                     Set-Cookie: other=1; Domain=elsewhere.example\r\n\r\n"
                ),
            );
        }
    });
    (server, heads)
}

fn cookie(head: &str) -> Option<&str> {
    head.lines().find_map(|line| line.strip_prefix("Cookie: "))
}

const LINES: &str = "\
a  C get     EIO=4&transport=polling
a  S 200
b  C get     EIO=4&transport=polling
b  S 200
ws C open    EIO=4&transport=websocket
ws S closed  1000
c  C get     EIO=4&transport=polling
c  C header  Cookie: own=1
c  S 200
r  C raw     GET {path}?EIO=4 HTTP/1.1\\r\\nHost: {host}\\r\\nConnection: close\\r\\n\\r\\n
r  S over
";

#[tokio::test]
async fn cookies_are_sent_back_within_a_conversation_and_a_case_may_send_its_own() {
    let (server, heads) = keeps_heads();
    let target = Target::new(&server.url, "/engine.io/").unwrap();
    assert_passed(&play(&target, LINES).await);
    let heads = heads.lock().unwrap();
    let cookies: Vec<_> = heads.iter().map(|head| cookie(head)).collect();
    assert_eq!(cookies, [None, Some("node=0"), Some("node=1"), Some("own=1"), Some("node=3")]);
}

#[tokio::test]
async fn what_the_survey_was_given_is_the_beginning_of_every_conversation() {
    let (server, heads) = keeps_heads();
    let target = Target::new(&server.url, "/engine.io/").unwrap();
    target.ask("EIO=4&transport=polling").await.unwrap();
    for _ in 0..2 {
        assert_passed(&play(&target, "a  C get     EIO=4&transport=polling\na  S 200\n").await);
    }
    let heads = heads.lock().unwrap();
    let cookies: Vec<_> = heads.iter().map(|head| cookie(head)).collect();
    assert_eq!(cookies, [None, Some("node=0"), Some("node=0")]);
}

#[tokio::test]
async fn query_headers_and_cookies_go_along_with_every_request() {
    let (server, heads) = keeps_heads();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let access = Access {
        query: vec![pair("token", "a b")],
        headers: vec![pair("Authorization", "Bearer x"), pair("Host", "other.example")],
        cookies: vec!["key=9".to_owned()],
        ..Access::default()
    };
    let target = Target::with(&server.url, "/engine.io/", &access).unwrap();
    assert_passed(&play(&target, LINES).await);
    target.round_trip().await.unwrap();
    let heads = heads.lock().unwrap();
    for (at, head) in heads.iter().enumerate() {
        assert!(head.lines().next().unwrap().contains("&token=a+b HTTP/1.1"), "{head}");
        assert!(head.contains("Authorization: Bearer x\r\n"), "{head}");
        assert!(head.contains("Host: other.example\r\n"), "{head}");
        assert_eq!(head.matches("Host: ").count(), 1, "{head}");
        let expected = if at == 3 { "own=1" } else { "key=9" };
        assert!(cookie(head).unwrap().contains(expected), "{head}");
    }
}
