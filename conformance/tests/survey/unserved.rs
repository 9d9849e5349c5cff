//! Ports and paths without Engine.IO 4, each with its one sentence.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::front::{Front, answer};
use crate::take;

async fn refusal(front: &Front) -> String {
    take(&front.url()).await.unwrap_err().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_status_has_its_sentence() {
    let socket_io = "/socket.io/ is not an Engine.IO 4 server: ";
    let page = "Content-Type: text/html\r\n";
    for (status, fields, body, sentence) in [
        (
            "301 Moved Permanently",
            "Location: https://chat.example.org/\r\n",
            "",
            "a handshake is redirected to https://chat.example.org/ (status 301); name the place that it points to as the URL",
        ),
        (
            "308 Permanent Redirect",
            "Location: /elsewhere\r\n",
            "",
            "a handshake is redirected to /elsewhere (status 308); name the place that it points to as the URL",
        ),
        (
            "401 Unauthorized",
            page,
            "<h1>Who are you?</h1>",
            "a handshake is answered with status 401 (\"Who are you?\"); it asks who the client is: --header, --cookie and \
             --query can say so",
        ),
        (
            "403 Forbidden",
            page,
            "",
            "a handshake is answered with status 403; it asks who the client is: --header, --cookie and --query can say so",
        ),
        (
            "404 Not Found",
            page,
            "<pre>Cannot GET /socket.io/</pre>",
            "a handshake is answered with status 404 (\"Cannot GET /socket.io/\"); is the path right (--path, --engine-path)?",
        ),
        (
            "429 Too Many Requests",
            "",
            "slow down",
            "a handshake is answered with status 429 (\"slow down\"); it limits how often it may be asked: raise that limit for \
             the run",
        ),
        (
            "502 Bad Gateway",
            page,
            "<html><head><title>502 Bad Gateway</title></head></html>",
            "a handshake is answered with status 502 (\"502 Bad Gateway\"); is the application behind this server running?",
        ),
    ] {
        let front = Front::answering(answer(status, fields, body));
        assert_eq!(refusal(&front).await, format!("{}{socket_io}{sentence}", front.url()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_the_third_revision_alone_is_named() {
    let open = r#"85:0{"sid":"T5tRCN0GDOEQL33BAAAF","upgrades":[],"pingInterval":25000,"pingTimeout":5000}2:40"#;
    let front = Front::answering(answer("200 OK", "Content-Type: text/plain\r\n", open));
    let sentence = refusal(&front).await;
    assert!(
        sentence.contains("only Engine.IO 3 is spoken there, the protocol of Socket.IO 1 and 2; only servers"),
        "{sentence}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_speaks_something_else_is_named() {
    let ssh = Front::speaking(|mut stream| drop(stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n")));
    assert!(
        refusal(&ssh).await.ends_with("a handshake is not answered: the port speaks SSH"),
        "{}",
        refusal(&ssh).await
    );
    let mail = Front::speaking(|mut stream| drop(stream.write_all(b"220 mail.example.org ESMTP\r\n")));
    let sentence = refusal(&mail).await;
    assert!(sentence.ends_with("the port speaks SMTP or FTP"), "{sentence}");
    // A TLS server ends a connection that does not begin with a ClientHello.
    let tls = Front::speaking(|mut stream| {
        let mut first = [0; 512];
        if matches!(stream.read(&mut first), Ok(5..)) && first.starts_with(&[0x16, 0x03]) {
            let _ = stream.write_all(&[0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28]);
        }
    });
    let sentence = refusal(&tls).await;
    assert!(sentence.ends_with("the port speaks TLS; try https://"), "{sentence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_silent_is_given_up() {
    let silent = Front::speaking(|mut stream| drop(stream.read_to_end(&mut Vec::new())));
    let sentence = refusal(&silent).await;
    assert!(sentence.contains("a handshake is not answered within 5 s; is the path right"), "{sentence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_where_nobody_listens_is_unreachable() {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let sentence = take(&url).await.unwrap_err().to_string();
    let expected =
        format!("{url} cannot be reached: the connection was refused; is the server running, and the port right?");
    assert_eq!(sentence, expected);
}
