//! Failures that happen only sometimes.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::proxy::{Fate, Proxy};
use crate::suite::{Suite, echo};

/// A proxy that answers all POSTs, but loses the packets of every `every`-th one.
async fn forgetful(every: u32) -> Proxy {
    let posts = AtomicU32::new(0);
    Proxy::start(move |request| {
        let is_case = request.starts_with("POST") && request.contains("4case");
        let is_lost = is_case && posts.fetch_add(1, Ordering::SeqCst) % every == every - 1;
        if is_lost { Fate::Swallowed } else { Fate::Served }
    })
    .await
}

fn twenty_cases() -> Suite {
    let traces: Vec<(String, String)> =
        (0..20).map(|number| (format!("echo/{number:02}"), echo(&format!("case{number}")))).collect();
    let traces: Vec<(&str, String)> = traces.iter().map(|(id, source)| (id.as_str(), source.clone())).collect();
    Suite::new(&traces)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_fails_and_then_passes_is_flaky_and_fails_the_run() {
    let server = forgetful(20).await;
    let told = twenty_cases().run(&server.url, &["--jobs", "1"]).await;
    assert_eq!(told.code, 1, "{}", told.all());
    assert!(told.shows("FLAKY  echo/19  must"), "{}", told.all());
    assert!(told.shows("it was played again, alone, and passed; this is the first conversation"), "{}", told.all());
    assert!(told.shows("19 passed, 1 flaky"), "{}", told.all());
    // The conversation is that of the failure.
    assert!(told.shows("body 4case19 ---") && told.shows("after"), "{}", told.all());
    assert!(!told.shows("among others") && !told.shows("FAIL"), "{}", told.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flaky_case_may_be_allowed() {
    let server = forgetful(20).await;
    let told = twenty_cases().run(&server.url, &["--allow-flaky"]).await;
    assert_eq!(told.code, 0, "{}", told.all());
    assert!(told.shows("FLAKY") && told.shows("1 flaky"), "{}", told.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_fails_twice_fails() {
    let server = Proxy::start(|request| if request.contains("4lost") { Fate::Swallowed } else { Fate::Served }).await;
    let suite = Suite::new(&[("a/kept", echo("kept")), ("a/lost", echo("lost"))]);
    let told = suite.run(&server.url, &[]).await;
    assert_eq!(told.code, 1, "{}", told.all());
    assert!(told.shows("FAIL  a/lost  must"), "{}", told.all());
    assert!(told.shows("it was played again, alone, and failed again"), "{}", told.all());
    assert!(told.shows("1 passed, 1 failed (1 must)"), "{}", told.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn second_looks_are_bounded_and_what_gets_none_is_said() {
    let server = Proxy::start(|request| if request.contains("4case") { Fate::Swallowed } else { Fate::Served }).await;
    let since = std::time::Instant::now();
    let told = twenty_cases().run(&server.url, &["--jobs", "20"]).await;
    assert_eq!(told.code, 1, "{}", told.all());
    // If this machine sends a pong too late, some of them are inconclusive.
    assert!(told.shows("0 passed, "), "{}", told.all());
    assert!(told.shows("there was no time for a second look at"), "{}", told.all());
    assert!(since.elapsed().as_secs() < 20, "it took {:?}", since.elapsed());
}
