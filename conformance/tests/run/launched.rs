//! Servers that the command starts itself.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::suite::{Suite, Told, echo, pause};

const SIOSPEC: &str = env!("CARGO_BIN_EXE_siospec");

fn command(suite: &Suite, options: &[&str], server: &[&str]) -> Command {
    let mut command = Command::new(SIOSPEC);
    command.arg("run").arg("--traces").arg(&suite.folder).args(["--without", "contract", "--timeout", "1"]);
    command.args(options).arg("--").args(server);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(suite: &Suite, options: &[&str], server: &[&str]) -> Told {
    Told::from(command(suite, options, server).output().unwrap())
}

fn one() -> Suite {
    Suite::new(&[("a/one", echo("one"))])
}

#[test]
fn a_server_is_started_and_judged() {
    let told = run(&one(), &[], &[SIOSPEC, "serve", "--port", "{port}"]);
    assert_eq!(told.code, 0, "{}", told.all());
    assert!(told.shows("1 passed in"), "{}", told.all());
    assert_eq!(told.stderr, "");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let told = run(&one(), &[], &["no-such-program"]);
    assert_eq!(told.code, 3, "{}", told.all());
    assert!(told.stderr.starts_with("siospec: the server cannot be started: no-such-program: "), "{}", told.all());
}

#[cfg(unix)]
mod unix {
    use super::*;

    /// Whether a process with this id, written to a file, is there.
    fn is_there(file: &Path) -> bool {
        let id = std::fs::read_to_string(file).unwrap();
        let asked = Command::new("kill").args(["-0", id.trim()]).stderr(Stdio::null()).status().unwrap();
        asked.success()
    }

    fn is_gone_soon(file: &Path) -> bool {
        let since = Instant::now();
        while is_there(file) && since.elapsed() < Duration::from_secs(10) {
            std::thread::yield_now();
        }
        !is_there(file)
    }

    /// A shell that starts a process of its own, writes its id to a file, and becomes the server.
    fn with_a_process_of_its_own(file: &Path) -> String {
        format!("sleep 1000 & echo $! > '{}'; exec '{SIOSPEC}' serve --port \"$PORT\"", file.display())
    }

    #[test]
    fn what_the_server_started_is_ended_with_it() {
        let suite = one();
        let file = suite.folder.join("id");
        let told = run(&suite, &["--ready", "http://127.0.0.1:"], &["sh", "-c", &with_a_process_of_its_own(&file)]);
        assert_eq!(told.code, 0, "{}", told.all());
        assert!(is_gone_soon(&file), "a process is left");
    }

    #[test]
    fn a_signal_ends_the_server_too() {
        for signal in ["-TERM", "-INT"] {
            let suite = Suite::new(&[("a/long", pause(14_000))]);
            let file = suite.folder.join("id");
            let child = command(&suite, &[], &["sh", "-c", &with_a_process_of_its_own(&file)]).spawn().unwrap();
            let since = Instant::now();
            while !std::fs::read_to_string(&file).is_ok_and(|id| id.ends_with('\n')) {
                assert!(since.elapsed() < Duration::from_secs(30), "the server does not start");
                std::thread::yield_now();
            }
            assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
            let told = Told::from(child.wait_with_output().unwrap());
            assert_eq!(told.code, 130, "{}", told.all());
            assert!(is_gone_soon(&file), "a process is left");
        }
    }

    #[test]
    fn a_server_that_ends_at_once_is_quoted() {
        let told = run(&one(), &[], &["sh", "-c", "echo no database >&2; exit 7"]);
        assert_eq!(told.code, 3, "{}", told.all());
        assert_eq!(
            told.stderr,
            "siospec: the server ended before it was ready: exit status: 7; it wrote:\n  no database\n"
        );
    }

    #[test]
    fn a_server_that_does_not_become_ready_is_ended() {
        let suite = one();
        let file = suite.folder.join("id");
        let script = format!("echo $$ > '{}'; exec sleep 1000", file.display());
        let told = run(&suite, &["--start-timeout", "1"], &["sh", "-c", &script]);
        assert_eq!(told.code, 3, "{}", told.all());
        let words = ["siospec: the server did not listen on 127.0.0.1:", " within 1 s; it wrote nothing\n"];
        assert!(words.iter().all(|words| told.stderr.contains(words)), "{}", told.all());
        assert!(is_gone_soon(&file), "the server is left");
        let told = run(&suite, &["--start-timeout", "1", "--ready", "go"], &["sh", "-c", &script]);
        assert!(told.stderr.contains("the server did not write \"go\" within 1 s"), "{}", told.all());
    }

    #[test]
    fn a_server_that_ends_during_the_run_is_started_again() {
        let suite = Suite::new(&[("a/long", pause(1500)), ("b/late", echo("late"))]);
        let marker = suite.folder.join("first");
        // The first one ends after a second, the next ones stay.
        let script = format!(
            "if [ -e '{0}' ]; then exec '{SIOSPEC}' serve --port {{port}}; fi; touch '{0}'; '{SIOSPEC}' serve --port {{port}} & \
             sleep 1; kill -9 $!; echo out of memory; exit 9",
            marker.display()
        );
        let told = run(&suite, &["--jobs", "1"], &["sh", "-c", &script]);
        assert_eq!(told.code, 1, "{}", told.all());
        assert!(told.shows("2 passed"), "{}", told.all());
        let ended = "the server ended by itself during the run (1 time); the first time: exit status: 9; it wrote:";
        assert!(told.stderr.contains(ended), "{}", told.all());
        assert!(told.stderr.contains("out of memory"), "{}", told.all());
    }
}
