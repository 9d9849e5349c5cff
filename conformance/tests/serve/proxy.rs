//! `siospec proxy` in its own process.

#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::served::Served;

struct Proxy {
    child: Child,
    output: BufReader<ChildStdout>,
    address: String,
}

/// What a proxy that was ended has said.
struct Said {
    code: Option<i32>,
    output: String,
    errors: String,
}

impl Proxy {
    fn start(to: &str, options: &[&std::ffi::OsStr]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_siospec"))
            .args(["proxy", "--listen", "127.0.0.1:0", "--to", to])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut url = String::new();
        output.read_line(&mut url).unwrap();
        Self { child, output, address: url.trim().trim_start_matches("http://").to_owned() }
    }

    /// The answer to one request, on a connection of its own.
    fn ask(&self, method: &str, query: &str, body: &str) -> String {
        let mut client = TcpStream::connect(&self.address).unwrap();
        let request = format!(
            "{method} /socket.io/?EIO=4&transport=polling{query} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        client.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Reads the output up to a line with these words.
    fn reads(&mut self, words: &str) -> String {
        let mut read = String::new();
        while !read.contains(words) {
            assert_ne!(self.output.read_line(&mut read).unwrap(), 0, "no {words}: {read}");
        }
        read
    }

    fn end(mut self, signal: &str) -> Said {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([format!("-{signal}"), pid]).status().unwrap().success());
        let (mut output, mut errors) = (String::new(), String::new());
        self.output.read_to_string(&mut output).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        Said { code: self.child.wait().unwrap().code(), output, errors }
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("siospec-proxy-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The sid in an answer.
fn sid(answer: &str) -> String {
    let (_, behind) = answer.split_once(r#""sid":""#).unwrap();
    behind.split('"').next().unwrap().to_owned()
}

#[test]
fn a_session_is_shown_while_it_goes_on_and_written_when_it_is_over() {
    let server = Served::start(&[]);
    for signal in ["INT", "TERM"] {
        let folder = folder(signal);
        let (har, trace) = (folder.join("a.har"), folder.join("cases").join("a.trace"));
        let mut proxy =
            Proxy::start(&server.url, &["--har".as_ref(), har.as_ref(), "--trace".as_ref(), trace.as_ref()]);
        for number in 1..=2 {
            let sid = sid(&proxy.ask("GET", "", ""));
            // While the session goes on.
            proxy.reads(&format!("[{number}]    engine.io  open: sid {sid}"));
            let query = format!("&sid={sid}");
            assert!(proxy.ask("POST", &query, "40").ends_with("ok"));
            assert!(proxy.ask("GET", &query, "").contains("40{"));
            if number == 1 {
                // It is over two seconds later.
                assert!(proxy.ask("POST", &query, "1").ends_with("ok"));
                proxy.reads("[1] over: nothing that was seen breaks a requirement");
                let file = std::fs::read_to_string(&har).unwrap();
                assert!(serde_json::from_str::<serde_json::Value>(&file).is_ok(), "it is whole all the time");
            }
        }
        let said = proxy.end(signal);
        assert_eq!((said.code, said.errors.as_str()), (Some(0), ""), "{}", said.output);
        assert!(said.output.contains("[2] not over, but the proxy stops: nothing that was seen"), "{}", said.output);
        assert!(said.output.ends_with("2 sessions, in which nothing that was seen breaks a requirement\n"));
        let inspected =
            Command::new(env!("CARGO_BIN_EXE_siospec")).args(["inspect", "--no-timeline"]).arg(&har).output().unwrap();
        let words = String::from_utf8(inspected.stdout).unwrap();
        assert_eq!(inspected.status.code(), Some(0), "{words}");
        assert!(words.contains("a HAR file, 2 sessions of Engine.IO"), "{words}");
        let first = std::fs::read_to_string(&trace).unwrap();
        assert!(first.contains("p1 C packet  40\n") && first.contains("p2 C packet  1\n"), "{first}");
        assert!(trace.with_file_name("a-2.trace").exists());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

#[test]
fn a_defect_is_told_when_it_is_seen() {
    let server = Served::start(&["--mutant", "open-without-ping-interval"]);
    let mut proxy = Proxy::start(&server.url, &["--no-timeline".as_ref()]);
    proxy.ask("GET", "", "");
    let said = proxy.reads("shown by");
    assert!(said.contains("[1]   violated EIO4-HS-02 by the server at 0."), "{said}");
    let said = proxy.end("INT");
    assert_eq!(said.code, Some(1));
    assert!(said.output.contains("stops: 1 violation"), "{}", said.output);
    assert!(said.output.ends_with("1 session: something is broken in 1, 1 time in all\n"), "{}", said.output);
}

#[test]
fn a_refused_handshake_and_a_server_that_is_gone_are_told() {
    let server = Served::start(&[]);
    let proxy = Proxy::start(&server.url, &[]);
    assert!(proxy.ask("GET", "&EIO=9", "").starts_with("HTTP/1.1 400"));
    drop(server);
    for _ in 0..2 {
        let answer = proxy.ask("GET", "", "");
        assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains("cannot be reached"), "{answer}");
    }
    let said = proxy.end("INT");
    assert_eq!(said.code, Some(0));
    assert!(said.output.contains("[1] of no session"), "{}", said.output);
    assert!(said.output.contains("1 request of Engine.IO that belong to no session\n"), "{}", said.output);
    assert!(said.output.contains("2 requests answered with 502"), "{}", said.output);
    assert_eq!(said.errors.lines().count(), 1, "the same sentence once: {}", said.errors);
}

#[test]
fn bad_usage_is_one_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let port = "127.0.0.1:0";
    for (options, code, words) in [
        (vec!["--listen", port, "--to", "http://h/chat"], 2, "more than a host and a port"),
        (vec!["--listen", port, "--to", "ftp://h"], 2, "the scheme is ftp"),
        (vec!["--listen", port, "--to", "http://me:secret@h"], 2, "has a user's name"),
        (vec!["--listen", port, "--to", "http://h", "--har", "/no/such/folder/a.har"], 2, "cannot be written"),
        (vec!["--listen", port, "--to", "https://h", "--ca", "/no/such/file"], 2, "/no/such/file"),
        (vec!["--listen", &taken, "--to", "http://h"], 3, "cannot listen on"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_siospec")).arg("proxy").args(&options).output().unwrap();
        let sentence = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{options:?}: {sentence}");
        assert!(sentence.contains(words) && sentence.lines().count() == 1, "{options:?}: {sentence}");
        assert!(!sentence.contains("secret"), "{sentence}");
    }
}
