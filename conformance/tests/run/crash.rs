//! Servers that crash.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::proxy::{Fate, Proxy};
use crate::suite::{Suite, echo, pause};

/// Longer than the run needs to notice.
const RESTART: Duration = Duration::from_millis(400);

fn suite() -> Suite {
    Suite::new(&[
        ("a/before", echo("before")),
        ("b/fatal", echo("fatal")),
        ("c/beside", pause(600)),
        ("d/beside", pause(700)),
        ("e/after", echo("after")),
        ("f/after", echo("later")),
    ])
}

fn is_fatal(request: &str) -> bool {
    request.contains("4fatal")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_case_that_ends_the_server_is_found_and_the_others_are_judged() {
    for jobs in ["4", "1"] {
        let server =
            Proxy::start(|request| if is_fatal(request) { Fate::Fatal(Some(RESTART)) } else { Fate::Served }).await;
        let told = suite().run(&server.url, &["--jobs", jobs]).await;
        assert_eq!(told.code, 1, "{}", told.all());
        assert!(told.shows("CRASH  b/fatal"), "{}", told.all());
        assert!(told.shows("it ends the server: played again, alone, it did so again"), "{}", told.all());
        assert!(told.shows("b/fatal ends it"), "{}", told.all());
        assert!(told.shows("5 passed, 1 ended the server in"), "{}", told.all());
        assert!(!told.shows("FAIL"), "{}", told.all());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_way_back_there_are_suspects_and_no_failure() {
    let server = Proxy::start(|request| if is_fatal(request) { Fate::Fatal(None) } else { Fate::Served }).await;
    let told = suite().run(&server.url, &["--jobs", "3"]).await;
    assert_eq!(told.code, 3, "{}", told.all());
    assert!(!told.shows("FAIL") && !told.shows("CRASH"), "{}", told.all());
    assert!(told.shows("it did not come back, so it is not known which of them ended it: "), "{}", told.all());
    assert!(told.shows("INCONCLUSIVE  b/fatal  the server went away while it was played"), "{}", told.all());
    // Three or two: the fourth case starts if the first is over before the server is.
    assert!(told.shows(" cases were not played: the server was gone"), "{}", told.all());
    assert!(told.shows("the server went away and did not come back"), "{}", told.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_once_fails_the_run_and_accuses_nobody() {
    let deaths = AtomicU32::new(0);
    let server = Proxy::start(move |request| {
        let first = is_fatal(request) && deaths.fetch_add(1, Ordering::SeqCst) == 0;
        if first { Fate::Fatal(Some(RESTART)) } else { Fate::Served }
    })
    .await;
    let told = suite().run(&server.url, &["--jobs", "3"]).await;
    assert_eq!(told.code, 1, "{}", told.all());
    assert!(told.shows("AWAY  the server went away"), "{}", told.all());
    assert!(told.shows("none of them ended it again when it was played alone"), "{}", told.all());
    assert!(told.shows("6 passed in"), "{}", told.all());
}

/// The case that ends the server expects the end of the connection, and so passes.
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_that_no_case_notices_is_seen_all_the_same() {
    let end = "title     The request is refused
covers    EIO4-POST-07
level     must
needs     polling echo

p  C post    EIO=4&transport=polling&sid=unknown
p  C packet  4fatal
p  S end
   C wait 300ms
";
    let server =
        Proxy::start(|request| if is_fatal(request) { Fate::Fatal(Some(RESTART)) } else { Fate::Served }).await;
    let suite = Suite::new(&[("a/refused", end.to_owned()), ("b/other", echo("other"))]);
    let told = suite.run(&server.url, &["--jobs", "1"]).await;
    assert_eq!(told.code, 1, "{}", told.all());
    assert!(told.shows("CRASH  a/refused"), "{}", told.all());
    assert!(told.shows("1 passed, 1 ended the server"), "{}", told.all());
}
