//! Reports for other programs.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::proxy::{Fate, Proxy};
use crate::suite::{Suite, Told, echo, pause};

/// A file in the folder of the suite, which is deleted with it.
fn file(suite: &Suite, name: &str) -> PathBuf {
    suite.folder.join(name)
}

fn read(suite: &Suite, name: &str) -> String {
    std::fs::read_to_string(file(suite, name)).unwrap()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn several_reports_are_written_at_once() {
    let server = Proxy::start(|request| if request.contains("4lost") { Fate::Swallowed } else { Fate::Served }).await;
    let suite = Suite::new(&[("a/kept", echo("kept")), ("b/lost", echo("lost"))]);
    let kinds = ["json", "jsonl", "junit", "html", "markdown", "sarif", "tap", "badge"];
    let wanted: Vec<String> = kinds.iter().map(|kind| format!("{kind}={}", file(&suite, kind).display())).collect();
    let mut command = suite.command(&server.url, &["--report", "human,github", "--report", &wanted.join(",")]);
    command.env("GITHUB_STEP_SUMMARY", file(&suite, "summary"));
    std::fs::write(file(&suite, "summary"), "before\n").unwrap();
    let told = Told::from(tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap());
    assert_eq!(told.code, 1, "{}", told.all());
    assert!(told.shows("FAIL  b/lost") && told.shows("::error title=b/lost::"), "{}", told.all());

    let all = json(&read(&suite, "json"));
    assert_eq!((&all["judgement"], &all["totals"]["failing"]), (&"failed".into(), &1.into()), "{all:#}");
    assert_eq!(all["cases"][1]["verdict"], "failed", "{all:#}");
    let lines: Vec<Value> = read(&suite, "jsonl").lines().map(json).collect();
    assert_eq!(lines[0]["event"], "run");
    assert_eq!(lines.last().unwrap()["event"], "end");
    let last = lines.iter().rfind(|line| line["id"] == "b/lost").unwrap();
    assert_eq!((&last["verdict"], &last["failsRun"]), (&"failed".into(), &true.into()));
    assert!(read(&suite, "junit").contains("failures=\"1\""));
    assert!(read(&suite, "tap").contains("ok 1 - a/kept\nnot ok 2 - b/lost\n"));
    assert!(read(&suite, "badge").contains("A 1/1, B 0/1"));
    assert_eq!(json(&read(&suite, "sarif"))["runs"][0]["results"][0]["ruleId"], "b/lost");
    assert!(read(&suite, "html").contains("<a href=\"#case=b/lost\">b/lost</a>"));
    assert!(read(&suite, "markdown").starts_with("# siospec: failed\n"));
    assert_eq!(read(&suite, "summary"), format!("before\n{}", read(&suite, "markdown")));

    // The command that the report names plays the case again.
    let reproduce = all["cases"][1]["reproduce"].as_str().unwrap();
    assert!(reproduce.starts_with(&format!("siospec run {} b/lost --traces ", server.url)), "{reproduce}");
    assert!(reproduce.ends_with(" --without contract"), "{reproduce}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_on_standard_output_stands_alone() {
    let server = Proxy::start(|_| Fate::Served).await;
    let suite = Suite::new(&[("a/kept", echo("kept"))]);
    let told = suite.run(&server.url, &["--report", "json=-"]).await;
    assert_eq!((told.code, &json(&told.stdout)["judgement"]), (0, &"passed".into()), "{}", told.all());
    let told = suite.run(&server.url, &["--report", "tap=-,human"]).await;
    assert_eq!((told.code, told.stdout.as_str()), (2, ""));
    let sentence =
        "siospec: tap cannot be written to standard output together with human or github; name a file instead of -\n";
    assert_eq!(told.stderr, sentence);
}

#[test]
fn what_cannot_be_written_is_told_before_the_run() {
    let suite = Suite::new(&[("a/long", pause(14_000))]);
    let nowhere = file(&suite, "no/such/folder");
    let both = format!("json={0},tap={0}", file(&suite, "both").display());
    for (report, sentence) in [
        (
            format!("json={}", nowhere.display()),
            format!("siospec: the report {} cannot be written: ", nowhere.display()),
        ),
        (both, "siospec: two reports cannot both be written to ".to_owned()),
        ("human,human".to_owned(), "siospec: --report names the same report twice\n".to_owned()),
        ("pdf=x".to_owned(), "there is no such report; there are human, github, json, ".to_owned()),
        ("junit".to_owned(), "junit needs the name of a file, as in junit=FILE".to_owned()),
        ("junit=".to_owned(), "junit needs the name of a file, as in junit=FILE".to_owned()),
        ("human=x".to_owned(), "human goes to standard output and takes no file".to_owned()),
    ] {
        let told = Told::from(suite.command("http://127.0.0.1:1", &["--report", &report]).output().unwrap());
        assert_eq!((told.code, told.stdout.as_str()), (2, ""), "{}", told.all());
        assert!(told.stderr.contains(&sentence), "{report}: {}", told.all());
    }
}

#[test]
fn a_run_that_does_not_begin_is_in_the_reports() {
    let suite = Suite::new(&[("a/kept", echo("kept"))]);
    let reports = format!("junit={0}/junit,jsonl={0}/jsonl", suite.folder.display());
    for (url, code) in [("http://127.0.0.1:1", 3), ("http://name:secret@127.0.0.1:1", 2)] {
        let told = Told::from(suite.command(url, &["--report", &reports]).output().unwrap());
        assert_eq!((told.code, told.stdout.as_str()), (code, ""), "{}", told.all());
        let (junit, jsonl) = (read(&suite, "junit"), read(&suite, "jsonl"));
        assert!(junit.contains("errors=\"1\""), "{junit}");
        let lines: Vec<Value> = jsonl.lines().map(json).collect();
        assert_eq!((lines.len(), &lines[1]["judgement"]), (2, &"unreachable".into()), "{jsonl}");
        assert!(!(junit + &jsonl).contains("secret"), "{jsonl}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn reports_are_written_when_the_run_is_interrupted() {
    let server = Proxy::start(|_| Fate::Served).await;
    let suite = Suite::new(&[("a/quick", echo("quick")), ("b/long", pause(14_000))]);
    let reports = format!("json={0}/json,jsonl={0}/jsonl,tap={0}/tap", suite.folder.display());
    let child = suite.command(&server.url, &["--jobs", "1", "--report", &reports]).spawn().unwrap();
    // The lines are written while the run goes on.
    while !std::fs::read_to_string(file(&suite, "jsonl")).is_ok_and(|text| text.contains("a/quick")) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let told = Told::from(tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap());
    assert_eq!((told.code, told.stdout.as_str()), (130, ""), "{}", told.all());
    let all = json(&read(&suite, "json"));
    assert_eq!((&all["judgement"], &all["totals"]["notPlayed"]), (&"interrupted".into(), &1.into()), "{all:#}");
    assert!(read(&suite, "tap").contains("Bail out! the run was interrupted"));
    let lines = read(&suite, "jsonl");
    assert_eq!(json(lines.lines().last().unwrap())["event"], "end");
}

#[test]
fn colours_and_characters_can_be_chosen() {
    let run = |args: &[&str], no_color: bool| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_siospec"));
        command.args(["run", "--quiet", "eio4/handshake", "--without", "websocket"]).args(args).stdin(Stdio::null());
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        if no_color {
            command.env("NO_COLOR", "1");
        }
        Told::from(command.output().unwrap())
    };
    let is_coloured = |told: &Told| told.stdout.contains('\u{1b}');
    assert!(!is_coloured(&run(&[], false)));
    assert!(is_coloured(&run(&["--color", "always"], false)));
    assert!(!is_coloured(&run(&["--color", "auto"], true)));
    assert!(!is_coloured(&run(&["--color", "never"], false)));
    assert!(run(&["--ascii"], false).stdout.is_ascii());
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_become_a_page() {
    let server = Proxy::start(|_| Fate::Served).await;
    let suite = Suite::new(&[("a/kept", echo("kept"))]);
    let reports = format!("json={0}/old.json,jsonl={0}/new.jsonl", suite.folder.display());
    let told = suite.run(&server.url, &["--report", &reports]).await;
    assert_eq!(told.code, 0, "{}", told.all());
    let report = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_siospec"));
        Told::from(command.arg("report").args(arguments).current_dir(&suite.folder).output().unwrap())
    };
    let told = report(&["old.json", "new.jsonl", "--html", "page.html"]);
    assert_eq!((told.code, told.stdout.as_str(), told.stderr.as_str()), (0, "", ""));
    let page = read(&suite, "page.html");
    assert!(page.contains("Conformance of 2 implementations"), "{page}");
    assert!(page.contains("<th scope=\"col\">old</th><th scope=\"col\">new</th>"), "{page}");
    assert_eq!(report(&["old.json", "new.jsonl", "--html", "-"]).stdout, page);

    std::fs::write(file(&suite, "foreign"), "{}").unwrap();
    let kinds = "no report of `siospec run --report json=FILE or jsonl=FILE`";
    let nowhere = "siospec: the page no/such/page cannot be written: ".to_owned();
    for (arguments, sentence) in [
        (["absent", "--html", "x"], "siospec: absent cannot be read: ".to_owned()),
        (["foreign", "--html", "x"], format!("siospec: foreign is {kinds}: it has no key \"format\"\n")),
        (["old.json", "--html", "no/such/page"], nowhere),
    ] {
        let told = report(&arguments);
        assert_eq!((told.code, told.stdout.as_str()), (2, ""), "{}", told.all());
        assert!(told.stderr.starts_with(&sentence), "{}", told.all());
    }
}
