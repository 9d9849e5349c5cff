//! Every command of the pages: its arguments are right, and it does what it says if it needs nothing but itself.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

use clap::Parser as _;
use serde_json::Value;
use siospec::command::Cli;

use crate::folder::Folder;
use crate::page::{ALL, MANUAL, PROJECT, Page, commands};
use crate::served::Served;
use crate::shell::shell;

/// A case that is played instead of all of them.
const CASE: &str = "eio4/errors/unknown-transport";

/// The commands of a page that begin with `siospec`, with their words.
fn siospec(page: Page) -> impl Iterator<Item = (&'static str, Vec<String>)> {
    let typed = commands(page.text).filter(|line| line.starts_with("siospec "));
    typed.map(|line| {
        let words = shlex::split(line).unwrap();
        (line, words.into_iter().take_while(|word| ![">", "|", "&"].contains(&word.as_str())).collect())
    })
}

/// What can be done with a command where there is no npm, no network and no program of the reader's.
#[derive(PartialEq, Eq)]
enum Kind {
    /// It needs one of them.
    Parsed,
    /// It waits for clients.
    Waits,
    /// It ends by itself.
    Ends,
}

impl Kind {
    fn of(words: &[String]) -> Self {
        let has = |wanted: &str| words.iter().any(|word| word == wanted);
        match words[1].as_str() {
            // The program behind it is started.
            "run" | "client" | "codec" | "replay" if has("--") => Self::Parsed,
            // Other servers are in a cluster with it.
            "run" if has("--peer") => Self::Parsed,
            // Not every machine has IPv6.
            "serve" if has("[::1]") => Self::Parsed,
            "serve" | "proxy" => Self::Waits,
            "client" | "record" if has("--listen") => Self::Waits,
            _ => Self::Ends,
        }
    }
}

#[test]
fn the_arguments_of_every_command_are_right() {
    let mut count = 0;
    for page in ALL {
        for (line, words) in siospec(page) {
            let error = Cli::try_parse_from(&words).err().filter(clap::Error::use_stderr);
            assert!(error.is_none(), "{}: {line}\n{}", page.name, error.unwrap());
            count += 1;
        }
    }
    assert!(count > 50, "{count} commands were found");
}

#[test]
fn commands_that_need_nothing_else_end_well() {
    let served = Served::start(&["--port", "0"]);
    for page in [PROJECT, MANUAL] {
        let folder = stage(page, "ends");
        for (line, words) in siospec(page).filter(|(_, words)| Kind::of(words) == Kind::Ends) {
            let line = short(line, &words).replace("http://127.0.0.1:3000", &served.url);
            let output = shell(&folder.0, &line).output().unwrap();
            let said = [output.stdout, output.stderr].concat();
            assert_eq!(output.status.code(), Some(0), "{}: {line}\n{}", page.name, String::from_utf8_lossy(&said));
        }
    }
}

#[test]
fn commands_that_wait_for_clients_say_where() {
    for page in [PROJECT, MANUAL] {
        let folder = stage(page, "waits");
        for (line, _) in siospec(page).filter(|(_, words)| Kind::of(words) == Kind::Waits) {
            let free = line.replace("--port 3000", "--port 0");
            let line =
                ["127.0.0.1:8080", "127.0.0.1:9001"].iter().fold(free, |line, at| line.replace(at, "127.0.0.1:0"));
            // `exec`, so that the shell's process is the command's.
            let mut child = shell(&folder.0, &format!("exec {line}")).stdout(Stdio::piped()).spawn().unwrap();
            let mut said = String::new();
            let read = BufReader::new(child.stdout.take().unwrap()).read_line(&mut said);
            child.kill().unwrap();
            child.wait().unwrap();
            assert!(read.is_ok() && said.contains("127.0.0.1:"), "{}: {line}: {said}", page.name);
        }
    }
}

/// The same command, playing one case.
fn short(line: &str, words: &[String]) -> String {
    let line = line.split(" #").next().unwrap().split(" |").next().unwrap().trim_end();
    let plays_all = words[1] == "run" && !words.iter().any(|word| word == "--traces");
    if !plays_all {
        return line.to_owned();
    }
    // Whatever it selects, without waiting for all of it.
    let line = line.replace(" eio4/upgrade", "").replace(" sio5 '!", " eio4/errors '!");
    format!("{line} {CASE}")
}

/// A folder with the files that the commands of a page read.
fn stage(page: Page, name: &str) -> Folder {
    let folder = Folder::new(&format!("{name}-{}", page.name.replace('/', "-")));
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let copy = |from: &str, to: &str| {
        let to = folder.0.join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(fixtures.join(from), to).unwrap();
    };
    folder.write("recording.har", &one_session(include_str!("../../../fixtures/recordings/chat.har")));
    copy("recordings/chat.har", "sessions.har");
    copy("recordings/chat.pcap", "recording.pcap");
    copy("recordings/chat.panel.txt", "messages.txt");
    let case = format!("traces/{CASE}.trace");
    copy(&case, "bug.trace");
    copy(&case, "my-traces/case.trace");
    copy(&case, &format!("fixtures/{case}"));
    for name in ["node_modules/socket.io-client/dist/socket.io.js", ".local/share/bash-completion/completions/siospec"]
    {
        fs::create_dir_all(folder.0.join(name).parent().unwrap()).unwrap();
        folder.write(name, "");
    }
    for name in ["before.json", "after.json", "socketioxide.json", "python-socketio.json"] {
        let report = format!("json={name}");
        assert!(folder.output(["run", CASE, "--report", &report]).status.success());
    }
    folder
}

/// A recording without its other sessions.
fn one_session(recording: &str) -> String {
    let mut archive: Value = serde_json::from_str(recording).unwrap();
    let entries = archive["log"]["entries"].as_array_mut().unwrap();
    let sid = entries.iter().find_map(|entry| {
        let (_, sid) = entry["request"]["url"].as_str().unwrap().split_once("sid=")?;
        Some(sid.split('&').next().unwrap().to_owned())
    });
    let sid = sid.unwrap();
    // The handshake has it in its answer, the others in their URLs.
    entries.retain(|entry| entry.to_string().contains(&sid));
    archive.to_string()
}
