//! `siospec check`, and the options that override what is found.

use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use siospec::contract::Eio3;
use siospec::survey::Survey;

use crate::embedded;
use crate::front::{Front, Way, answer};

pub(crate) async fn siospec(args: &[&str]) -> Output {
    let args: Vec<String> = args.iter().map(ToString::to_string).collect();
    let run = move || Command::new(env!("CARGO_BIN_EXE_siospec")).args(args).output().unwrap();
    tokio::task::spawn_blocking(run).await.unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_is_one_screen_or_json() {
    let server = embedded(Eio3::Refused).await;
    let output = siospec(&["check", &server.url()]).await;
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{}", stderr(&output));
    assert!(text.lines().count() < 24 && text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(text.contains("echoes every message   the contract's (auth, message-back)"), "{text}");
    let output = siospec(&["check", &server.url(), "--json"]).await;
    let survey: Survey = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(survey.server, server.url());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_of_what_is_not_served_is_exit_code_3() {
    let front = Front::answering(answer("404 Not Found", "", "nothing here"));
    let output = siospec(&["check", &front.url()]).await;
    assert_eq!((output.status.code(), stdout(&output)), (Some(3), String::new()));
    assert!(stderr(&output).contains("status 404 (\"nothing here\")"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_no_case_is_about_is_not_asked() {
    let server = embedded(Eio3::Refused).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let front = Front::before(&server.url(), move |head| {
        counter.fetch_add(usize::from(head.contains("/engine.io/")), Ordering::Relaxed);
        Way::On(head)
    });
    for args in [&["sio5/connect/answered"][..], &["--without", "echo", "eio4/handshake/websocket"]] {
        let url = front.url();
        let args: Vec<&str> = ["run", &url].into_iter().chain(args.iter().copied()).collect();
        let output = siospec(&args).await;
        assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
        assert!(stdout(&output).contains("1 passed"), "{}", stdout(&output));
        assert_eq!(asked.load(Ordering::Relaxed), 0, "{args:?}");
    }
    assert!(front.requests.load(Ordering::Relaxed) > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_counts_for_more_than_what_is_found() {
    let folder = std::env::temp_dir().join(format!("siospec-features-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("server.toml");
    let path = file.to_str().unwrap();
    std::fs::write(&file, "websocket = false\n").unwrap();
    let server = embedded(Eio3::Refused).await;
    let url = server.url();
    let output = siospec(&["run", &url, "--features", path, "eio4/handshake"]).await;
    let text = stdout(&output);
    let unsupported = text.lines().find(|line| line.starts_with("unsupported "));
    let why = format!(" cases: {path} says websocket = false");
    assert!(unsupported.is_some_and(|line| line.ends_with(&why)), "{text}{}", stderr(&output));
    let output = siospec(&["run", &url, "--without", "polling", "eio4/handshake"]).await;
    assert!(stdout(&output).contains("do not apply: --without polling"), "{}", stdout(&output));

    std::fs::write(&file, "webscoket = false\n").unwrap();
    let output = siospec(&["run", &url, "--features", path]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).starts_with(&format!("siospec: {path}:1: there is no \"webscoket\"; ")),
        "{}",
        stderr(&output)
    );
    let output = siospec(&["run", &url, "--features", "/no/such/file"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stderr(&output), "siospec: cannot read /no/such/file: No such file or directory (os error 2)\n");
    let output = siospec(&["run", &url, "--without", "webscoket"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("there is no feature of this name; there are echo, contract"),
        "{}",
        stderr(&output)
    );
    std::fs::remove_dir_all(&folder).unwrap();
}
