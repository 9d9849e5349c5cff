//! Cases that are played several times.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::proxy::{Fate, Proxy};
use crate::suite::{Suite, echo, pause};

/// A server that loses each third packet `sometimes`, and each packet `lost`.
async fn careless() -> Proxy {
    let times = AtomicU32::new(0);
    Proxy::start(move |request| {
        let is_lost = request.contains("4lost")
            || (request.contains("4sometimes") && times.fetch_add(1, Ordering::SeqCst).is_multiple_of(3));
        if is_lost { Fate::Swallowed } else { Fate::Served }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_passes_only_sometimes_is_flaky_and_its_rate_is_told() {
    let server = careless().await;
    let suite = Suite::new(&[("a/kept", echo("kept")), ("b/sometimes", echo("sometimes")), ("c/lost", echo("lost"))]);
    let kinds = ["json", "jsonl", "junit", "markdown"];
    let wanted: Vec<String> =
        kinds.iter().map(|kind| format!("{kind}={}", suite.folder.join(kind).display())).collect();
    let report = format!("human,{}", wanted.join(","));
    let told = suite.run(&server.url, &["--jobs", "1", "--repeat", "5", "--report", &report]).await;
    assert_eq!(told.code, 1, "{}", told.all());
    // It fails first in the rounds 1, 3 and 5, and passes when it is played again in them.
    assert!(told.shows("FLAKY  b/sometimes  must"), "{}", told.all());
    assert!(told.shows("it passed 2 of 5 times; this is a conversation that failed"), "{}", told.all());
    assert!(told.shows("it passed 0 of 5 times; this is a conversation that failed"), "{}", told.all());
    assert!(told.shows("each case was played 5 times\n"), "{}", told.all());
    assert!(told.shows("1 passed, 1 failed (1 must), 1 flaky in"), "{}", told.all());

    let read = |kind: &str| std::fs::read_to_string(suite.folder.join(kind)).unwrap();
    let all: Value = serde_json::from_str(&read("json")).unwrap();
    assert_eq!(all["repeat"], 5, "{all:#}");
    let rates: Vec<_> = all["cases"].as_array().unwrap().iter().map(|case| case["rate"].to_string()).collect();
    let rate = |passed| format!("{{\"judged\":5,\"passed\":{passed}}}");
    assert_eq!(rates, [rate(5), rate(2), rate(0)], "{all:#}");
    assert_eq!(all["cases"][1]["reason"], "passed 2 of 5 times");
    let lines = read("jsonl");
    let last = lines.lines().rfind(|line| line.contains("b/sometimes")).unwrap();
    assert!(last.contains("\"rate\":{\"passed\":2,\"judged\":5}"), "{last}");
    assert!(read("junit").contains("passed 2 of 5 times"), "{}", read("junit"));
    let markdown = read("markdown");
    assert!(
        markdown.contains("Each case was played 5 times.") && markdown.contains("passed 2 of 5 times"),
        "{markdown}"
    );

    let told = suite.run(&server.url, &["a/kept", "b/sometimes", "--repeat", "4", "--allow-flaky"]).await;
    assert!(told.code == 0 && told.shows("1 passed, 1 flaky"), "{}", told.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_ends_the_server_is_not_repeated() {
    let back = Some(Duration::from_millis(400));
    let server =
        Proxy::start(move |request| if request.contains("4fatal") { Fate::Fatal(back) } else { Fate::Served }).await;
    let suite = Suite::new(&[("a/kept", echo("kept")), ("b/fatal", echo("fatal"))]);
    let told = suite.run(&server.url, &["--jobs", "1", "--repeat", "30"]).await;
    assert_eq!(told.code, 1, "{}", told.all());
    assert!(told.shows("CRASH  b/fatal") && told.shows("1 passed, 1 ended the server in"), "{}", told.all());
    assert_eq!(told.stdout.matches("the server went away").count(), 1, "{}", told.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_that_is_not_played_is_no_pass() {
    let server = Proxy::start(|_| Fate::Served).await;
    let suite = Suite::new(&[("a/kept", echo("kept")), ("b/long", pause(1500))]);
    let told = suite.run(&server.url, &["--jobs", "1", "--repeat", "3", "--max-time", "2"]).await;
    assert_eq!(told.code, 1, "{}", told.all());
    assert!(told.shows("LEFT  2 cases were not played 3 times: the 2 s of --max-time were over"), "{}", told.all());
    assert!(told.shows("0 passed, 2 not played in"), "{}", told.all());
    for times in ["0", "1001", "x"] {
        let told = suite.run(&server.url, &[&format!("--repeat={times}")]).await;
        assert!(told.code == 2 && told.stderr.contains("a whole number from 1 to 1000"), "{}", told.all());
    }
}
