//! What `siospec run` and `siospec client` leave behind, whether or not they are interrupted: the reports, and nothing else.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

const SIOSPEC: &str = env!("CARGO_BIN_EXE_siospec");

/// The reports that are files, each named like its format.
const KINDS: [&str; 8] = ["badge", "html", "json", "jsonl", "junit", "markdown", "sarif", "tap"];

/// How long anything may take. It is far more than it takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_run_leaves_only_its_reports() {
    let site = Site::new("run");
    let (code, text) = site.end(site.run(&["quick"]));
    assert_eq!(code, Some(0), "{text}");
    site.has_reports("passed");
    site.has_nothing_else();
}

#[test]
fn a_run_that_gets_sigint_leaves_only_its_reports() {
    a_run_is_interrupted("-INT");
}

#[test]
fn a_run_that_gets_sigterm_leaves_only_its_reports() {
    a_run_is_interrupted("-TERM");
}

fn a_run_is_interrupted(signal: &str) {
    let site = Site::new(&format!("run{signal}"));
    let run = site.run(&["quick", "slow"]);
    soon("the first case is over", || site.read("reports/jsonl").contains("\"id\":\"quick\""));
    kill(signal, &run.id().to_string());
    let (code, text) = site.end(run);
    assert_eq!(code, Some(130), "{text}");
    site.has_reports("interrupted");
    site.has_nothing_else();
    let results: Value = serde_json::from_str(&site.read("reports/json")).unwrap();
    let totals = &results["totals"];
    assert_eq!((&totals["passed"], &totals["notPlayed"]), (&1.into(), &1.into()), "{results:#}");
}

#[test]
fn a_run_against_a_client_leaves_only_its_reports() {
    let site = Site::new("client");
    let (code, text) = site.end(site.client("exit 9"));
    assert_eq!(code, Some(1), "{text}");
    site.has_reports("failed");
    site.has_nothing_else();
}

#[test]
fn a_run_against_a_client_that_gets_sigint_leaves_only_its_reports() {
    a_run_against_a_client_is_interrupted("-INT");
}

#[test]
fn a_run_against_a_client_that_gets_sigterm_leaves_only_its_reports() {
    a_run_against_a_client_is_interrupted("-TERM");
}

fn a_run_against_a_client_is_interrupted(signal: &str) {
    let site = Site::new(&format!("client{signal}"));
    let run = site.client("touch ../called; exec sleep 1000");
    soon("the driver is called", || site.folder.join("called").exists());
    kill(signal, &run.id().to_string());
    let (code, text) = site.end(run);
    assert_eq!(code, Some(130), "{text}");
    site.has_reports("interrupted");
    site.has_nothing_else();
}

/// A folder for a run: its traces, its reports, its working directory, and its temporary files.
struct Site {
    folder: PathBuf,
}

impl Site {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("siospec-leftovers-{}-{name}", std::process::id()));
        for part in ["traces", "reports", "work", "tmp"] {
            std::fs::create_dir_all(folder.join(part)).unwrap();
        }
        Self { folder }
    }

    /// A run of these cases against a server that it starts, which starts a process of its own.
    fn run(&self, cases: &[&str]) -> Child {
        for case in cases {
            let wait = if *case == "slow" { "   C wait 14000ms\n" } else { "" };
            let source = format!("{HANDSHAKE}{wait}");
            std::fs::write(self.folder.join(format!("traces/{case}.trace")), source).unwrap();
        }
        let server = format!("{STARTED}; echo $PORT > ../port; exec '{SIOSPEC}' serve --port \"$PORT\"");
        let mut command = self.command("run");
        command.arg("--traces").arg(self.folder.join("traces")).args(["--without", "contract"]);
        self.start(command, &server)
    }

    /// A run of two cases against a client whose driver introduces itself, starts a process of its own, and then does this
    /// when it is called.
    fn client(&self, act: &str) -> Child {
        let hello = r#"read line; echo '{"hello":1,"name":"test","version":"1","capabilities":["websocket"]}'"#;
        let driver = format!("{STARTED}; {hello}; read line; {act}");
        let mut command = self.command("client");
        command.args(["client/websocket/idle-packets", "client/websocket/binary-as-binary"]);
        self.start(command, &driver)
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(SIOSPEC);
        let reports: Vec<String> =
            KINDS.iter().map(|kind| format!("{kind}={}/reports/{kind}", self.folder.display())).collect();
        command.arg(name).args(["--jobs", "1", "--timeout", "1", "--report", &format!("human,{}", reports.join(","))]);
        command.current_dir(self.folder.join("work")).env("TMPDIR", self.folder.join("tmp")).stdin(Stdio::null());
        command
    }

    /// Its output goes to a file, which a process that is left behind does not keep open for the reader.
    fn start(&self, mut command: Command, started: &str) -> Child {
        let output = File::create(self.folder.join("output")).unwrap();
        command.args(["--", "sh", "-c", started]).stdout(output.try_clone().unwrap()).stderr(output);
        command.spawn().unwrap()
    }

    /// Waits for the end of a run; returns its exit code and its output.
    fn end(&self, mut run: Child) -> (Option<i32>, String) {
        let since = Instant::now();
        loop {
            if let Some(status) = run.try_wait().unwrap() {
                return (status.code(), self.read("output"));
            }
            let is_late = since.elapsed() > PATIENCE;
            if is_late {
                run.kill().unwrap();
                run.wait().unwrap();
            }
            assert!(!is_late, "it does not end: {}", self.read("output"));
            pause();
        }
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap_or_default()
    }

    /// Every report is whole, and has this judgement.
    fn has_reports(&self, judgement: &str) {
        let is_whole = judgement != "interrupted";
        assert_eq!(self.files("reports"), KINDS.map(str::to_owned).into());
        let report = |kind: &str| self.read(&format!("reports/{kind}"));
        let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(json(&report("json"))["judgement"], judgement);
        let lines: Vec<Value> = report("jsonl").lines().map(json).collect();
        let end = lines.last().unwrap();
        assert_eq!((&end["event"], &end["judgement"]), (&"end".into(), &judgement.into()));
        assert!(report("html").contains(&format!(">{judgement}</span></h1>")));
        assert!(report("html").trim_end().ends_with("</html>"));
        assert!(report("markdown").starts_with(&format!("# siospec: {judgement}\n")));
        assert_eq!(json(&report("sarif"))["runs"][0]["invocations"][0]["executionSuccessful"], is_whole);
        assert_eq!(report("tap").contains("Bail out! the run was interrupted"), !is_whole);
        assert_eq!(json(&report("badge"))["message"] == "interrupted", !is_whole);
        assert_eq!(report("junit").contains("type=\"interrupted\""), !is_whole);
        let junit = report("junit");
        let mut reader = Reader::from_str(&junit);
        reader.config_mut().check_end_names = true;
        while reader.read_event().unwrap() != Event::Eof {}
    }

    /// No process that was started lives, their port is free, and there are no files.
    fn has_nothing_else(&self) {
        for id in self.read("started").split_whitespace() {
            soon(&format!("the process {id} is gone"), || !is_there(id));
        }
        if let Ok(port) = self.read("port").trim().parse::<u16>() {
            // Another program may have got it for a moment.
            soon("the port is free", || TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok());
        }
        assert_eq!((self.files("work"), self.files("tmp")), (BTreeSet::new(), BTreeSet::new()));
    }

    fn files(&self, folder: &str) -> BTreeSet<String> {
        let files = std::fs::read_dir(self.folder.join(folder)).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // If the test failed, these may still be there.
        for id in self.read("started").split_whitespace().filter(|id| is_there(id)) {
            kill("-KILL", id);
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Starts a process that ignores the end of its parent, and writes the ids of both.
const STARTED: &str = "sleep 1000 & echo $$ $! >> ../started";

const HANDSHAKE: &str = "\
title     A session is opened
covers    EIO4-HS-01
level     must
needs     polling echo

hs C get     EIO=4&transport=polling
hs S 200
hs S packet  0$_
";

fn is_there(id: &str) -> bool {
    Command::new("kill").args(["-0", id]).stderr(Stdio::null()).status().unwrap().success()
}

fn kill(signal: &str, id: &str) {
    let sent = Command::new("kill").args([signal, id]).stderr(Stdio::null()).status().unwrap();
    assert!(sent.success());
}

fn soon(what: &str, is_true: impl Fn() -> bool) {
    let since = Instant::now();
    while !is_true() {
        assert!(since.elapsed() < PATIENCE, "it does not happen that {what}");
        pause();
    }
}

/// Between two looks at something that another process changes.
fn pause() {
    std::thread::sleep(Duration::from_millis(5));
}
