//! Runs that end early, and runs without any work.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::proxy::{Fate, Proxy};
use crate::suite::{Suite, Told, echo, pause};

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_run_has_a_bound() {
    let server = Proxy::start(|_| Fate::Served).await;
    let suite = Suite::new(&[("a/quick", echo("quick")), ("b/long", pause(14_000)), ("c/late", echo("late"))]);
    let since = Instant::now();
    let told = suite.run(&server.url, &["--jobs", "1", "--max-time", "4"]).await;
    assert!(since.elapsed() < Duration::from_secs(12), "it took {:?}", since.elapsed());
    assert_eq!(told.code, 1, "{}", told.all());
    assert!(told.shows("LEFT  2 cases were not played: the 4 s of --max-time were over"), "{}", told.all());
    assert!(told.shows("1 passed, 2 not played in"), "{}", told.all());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_tells_what_is_known_and_exits_with_130() {
    let (quick_was_said, long_began) = (AtomicBool::new(false), Arc::new(Notify::new()));
    let begins = Arc::clone(&long_began);
    let server = Proxy::start(move |request| {
        if request.contains("4quick") {
            quick_was_said.store(true, Ordering::SeqCst);
        } else if quick_was_said.load(Ordering::SeqCst) && !request.contains("sid=") {
            begins.notify_one();
        }
        Fate::Served
    })
    .await;
    let suite = Suite::new(&[("a/quick", echo("quick")), ("b/long", pause(14_000)), ("c/late", echo("late"))]);
    let child = suite.command(&server.url, &["--jobs", "1"]).spawn().unwrap();
    long_began.notified().await;
    let since = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let told = Told::from(tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap());
    assert!(since.elapsed() < Duration::from_secs(12), "it took {:?}", since.elapsed());
    assert_eq!(told.code, 130, "{}", told.all());
    assert!(told.shows("LEFT  2 cases were not played: the run was interrupted"), "{}", told.all());
    assert!(told.shows("1 passed, 2 not played in"), "{}", told.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_anything_to_judge_is_no_pass() {
    let server = Proxy::start(|_| Fate::Served).await;
    let told = Suite::new(&[]).run(&server.url, &[]).await;
    let sentence = "siospec: there is nothing to judge: no file of that folder ends with .trace\n";
    assert_eq!((told.code, told.stderr.as_str()), (3, sentence));

    let suite = Suite::new(&[("a/one", echo("one"))]);
    let told = suite.run(&server.url, &["--without", "echo"]).await;
    let sentence = "siospec: nothing was judged: none of the chosen cases applies to this server\n";
    assert_eq!((told.code, told.stderr.as_str()), (3, sentence), "{}", told.all());
    assert!(told.shows("skip  1 case does not apply: "), "{}", told.all());
    assert!(!told.shows("skip  a/one"), "{}", told.all());
    let told = suite.run(&server.url, &["--without", "echo", "--list-skipped"]).await;
    assert!(told.shows("skip  a/one  "), "{}", told.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_out_of_range_are_refused() {
    let suite = Suite::new(&[("a/one", echo("one"))]);
    for (option, value) in [("--jobs", "0"), ("--jobs", "257"), ("--max-time", "0"), ("--max-time", "-1")] {
        let told = suite.run("http://127.0.0.1:1", &[&format!("{option}={value}")]).await;
        assert_eq!(told.code, 2, "{}", told.all());
        assert!(told.stderr.contains("it has to be a whole number from 1 to "), "{}", told.all());
    }
    let told =
        Told::from(Command::new(env!("CARGO_BIN_EXE_siospec")).args(["run", "--timeout", "0"]).output().unwrap());
    assert_eq!(told.code, 2, "{}", told.all());
}

/// Opening a pipe without a writer blocks.
#[cfg(unix)]
#[test]
fn a_pipe_among_the_traces_is_no_trace() {
    let suite = Suite::new(&[("one", echo("one"))]);
    assert!(Command::new("mkfifo").arg(suite.folder.join("x.trace")).status().unwrap().success());
    let output =
        Command::new(env!("CARGO_BIN_EXE_siospec")).arg("list").arg("--traces").arg(&suite.folder).output().unwrap();
    let told = Told::from(output);
    assert_eq!((told.code, told.stdout.lines().count()), (0, 1), "{}", told.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_case_that_fails_the_run_may_end_it() {
    let lost = AtomicBool::new(false);
    let server = Proxy::start(move |request| {
        // The first time, chance is at work.
        let is_chance = request.contains("4doubt") && !lost.swap(true, Ordering::SeqCst);
        if is_chance || request.contains("4lost") { Fate::Swallowed } else { Fate::Served }
    })
    .await;
    let below = echo("lost").replace("level     must", "level     reference").replace("EIO4-PKT-12", "EIO4-ERR-13");
    let suite = Suite::new(&[
        ("a/below", below),
        ("b/kept", echo("kept")),
        ("c/doubt", echo("doubt")),
        ("d/lost", echo("lost")),
        ("e/late", echo("late")),
        ("f/late", echo("later")),
    ]);
    let reports = format!("human,json={0}/json,junit={0}/junit", suite.folder.display());
    let options = ["--jobs", "1", "--fail-fast", "--allow-flaky", "--report", &reports];
    let told = suite.run(&server.url, &options).await;
    assert_eq!(told.code, 1, "{}", told.all());
    let sentence = "LEFT  2 cases were not played: a case failed, and --fail-fast ends the run then";
    assert!(told.shows(sentence) && told.shows("FAIL  d/lost"), "{}", told.all());
    assert!(told.shows("1 passed, 2 failed (1 must, 1 reference), 1 flaky, 2 not played in"), "{}", told.all());
    let json = std::fs::read_to_string(suite.folder.join("json")).unwrap();
    assert!(json.contains("another case failed, and --fail-fast ends the run then"), "{json}");
    assert!(std::fs::read_to_string(suite.folder.join("junit")).unwrap().contains("errors=\"2\""));
    // Nothing is left if it is the last case that fails.
    let suite = Suite::new(&[("a/kept", echo("kept")), ("b/lost", echo("lost"))]);
    let told = suite.run(&server.url, &["--jobs", "1", "--fail-fast"]).await;
    assert!(told.code == 1 && !told.shows("LEFT") && !told.shows("--fail-fast"), "{}", told.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_ends_the_server_may_end_the_run() {
    let back = Some(Duration::from_millis(400));
    let server =
        Proxy::start(move |request| if request.contains("4fatal") { Fate::Fatal(back) } else { Fate::Served }).await;
    let suite = Suite::new(&[("a/kept", echo("kept")), ("b/fatal", echo("fatal")), ("c/late", echo("late"))]);
    let told = suite.run(&server.url, &["--jobs", "1", "--fail-fast"]).await;
    assert_eq!(told.code, 1, "{}", told.all());
    // The case before it is a suspect, too, and is not played again.
    assert!(
        told.shows("CRASH  b/fatal") && told.shows("1 ended the server, ") && told.shows(" not played in"),
        "{}",
        told.all()
    );
}
