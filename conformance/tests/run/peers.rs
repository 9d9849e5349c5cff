//! Cases about several servers.

use std::time::Duration;

use crate::proxy::{Fate, Proxy};
use crate::suite::{Suite, echo};

/// Longer than the run needs to notice.
const RESTART: Duration = Duration::from_millis(400);

/// A case about a second server, which sends a message back.
fn on_the_second(message: &str) -> String {
    let (head, body) = echo(message).split_once("\n\n").map(|(head, body)| (head.to_owned(), body.to_owned())).unwrap();
    let placed = body.lines().map(|line| {
        let connects = [" C get ", " C post "].iter().any(|verb| line.contains(verb));
        if connects { format!("{line}  on 2\n") } else { format!("{line}\n") }
    });
    format!("{head}\n\n{}", placed.collect::<String>())
}

fn suite() -> Suite {
    Suite::new(&[("one/good", echo("good")), ("two/bad", on_the_second("bad")), ("two/good", on_the_second("good"))])
}

async fn sound() -> Proxy {
    Proxy::start(|_| Fate::Served).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_about_two_servers_is_played_from_each_to_each_other() {
    let (first, second) = (sound().await, Proxy::start(swallows).await);
    let told = suite().run(&first.url, &["--peer", &second.url]).await;
    assert_eq!(told.code, 1, "{}", told.all());
    assert!(told.shows("4 passed, 1 failed (1 must)"), "{}", told.all());
    // Only what goes to the second server is lost there.
    assert!(told.shows("FAIL  two/bad@1-2  must"), "{}", told.all());
    assert!(told.shows("in       two/bad.trace, line "), "{}", told.all());
    let third = sound().await;
    let options = ["two", "--peer", &second.url, "--peer", &third.url];
    let told = suite().run(&first.url, &options).await;
    assert!(told.shows("10 passed, 2 failed (2 must)"), "{}", told.all());
    for direction in ["1-2", "3-2"] {
        assert!(told.shows(&format!("FAIL  two/bad@{direction}  must")), "{}", told.all());
    }
    let told = suite().run(&first.url, &["two/bad@2-1", "--peer", &second.url]).await;
    assert_eq!(told.code, 0, "{}", told.all());
}

fn swallows(request: &str) -> Fate {
    if request.contains("4bad") { Fate::Swallowed } else { Fate::Served }
}

/// A server that a message with this text ends, and that is back after this time.
async fn mortal(text: &'static str, back: Option<Duration>) -> Proxy {
    Proxy::start(move |request| if request.contains(text) { Fate::Fatal(back) } else { Fate::Served }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_case_that_ends_another_server_is_found() {
    let (first, second) = (sound().await, mortal("4bad", Some(RESTART)).await);
    let told = suite().run(&first.url, &["--peer", &second.url]).await;
    assert_eq!(told.code, 1, "{}", told.all());
    assert!(told.shows("CRASH  two/bad@1-2"), "{}", told.all());
    assert!(told.shows(&format!("the server went away ({}/", second.url)), "{}", told.all());
    assert!(told.shows("4 passed, 1 ended the server in"), "{}", told.all());
}

/// The case expects no answer, and so passes.
#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_another_server_is_seen_although_no_case_notices_it() {
    let (first, second) = (sound().await, mortal("4bad", Some(RESTART)).await);
    let refused = "title     The request is refused
covers    EIO4-POST-07
level     must
needs     polling echo

hs C get     EIO=4&transport=polling
hs S 200
p  C post    EIO=4&transport=polling&sid=unknown  on 2
p  C packet  4bad
p  S end
   C wait 300ms
";
    let suite = Suite::new(&[("two/refused", refused.to_owned()), ("two/good", on_the_second("good"))]);
    let told = suite.run(&first.url, &["--peer", &second.url]).await;
    assert_eq!(told.code, 1, "{}", told.all());
    assert!(told.shows("CRASH  two/refused@1-2"), "{}", told.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_server_that_does_not_come_back_ends_the_run() {
    let (first, second) = (sound().await, mortal("4bad", None).await);
    let told = suite().run(&first.url, &["--peer", &second.url]).await;
    assert_eq!(told.code, 3, "{}", told.all());
    assert!(told.shows(&format!("the server went away and did not come back ({}/", second.url)), "{}", told.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_second_server_the_case_is_no_part_of_the_run() {
    let server = sound().await;
    let told = suite().run(&server.url, &[]).await;
    assert_eq!(told.code, 0, "{}", told.all());
    assert!(told.shows("1 passed in "), "{}", told.all());
    let told = suite().run(&server.url, &["two"]).await;
    assert_eq!(told.code, 2, "{}", told.all());
    assert!(told.stderr.contains("--peer names another one"), "{}", told.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn peers_need_a_first_server_and_are_few() {
    let server = sound().await;
    let told = suite().run(&server.url, &["--peer", "a", "--peer", "b", "--peer", "c", "--peer", "d"]).await;
    assert_eq!((told.code, told.stderr.contains("at most 4 servers")), (2, true), "{}", told.all());
    let told = suite().run("two", &["--peer", &server.url]).await;
    assert_eq!((told.code, told.stderr.contains("whose first server is the URL")), (2, true), "{}", told.all());
}

/// A server that has no cluster is not judged by these cases.
#[tokio::test(flavor = "multi_thread")]
async fn an_operation_that_a_server_lacks_leaves_cases_out() {
    let (first, second) = (sound().await, sound().await);
    let source = on_the_second("good").replace("needs     polling echo", "needs     polling contract operation emit");
    let suite = Suite::new(&[("two/good", source)]);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_siospec"));
    command.args(["run", &first.url, "--peer", &second.url, "--list-skipped", "--traces"]).arg(&suite.folder);
    let told = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert_eq!(told.status.code(), Some(3), "{told:?}");
    let stdout = String::from_utf8(told.stdout).unwrap();
    assert!(stdout.contains("does not offer the operation emit of a cluster"), "{stdout}");
}
