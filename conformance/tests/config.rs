//! Options in `siospec.toml`.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

#[path = "serve/served.rs"]
mod served;

use served::Served;

/// A folder with a file, which exists as long as the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, text: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("siospec-config-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), text).unwrap();
        Self(folder)
    }

    fn siospec(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_siospec")).args(args).current_dir(&self.0).output().unwrap()
    }

    /// The report of a run.
    fn run(&self, args: &[&str]) -> Value {
        let output = self.siospec(&[&["run"], args].concat());
        let told = String::from_utf8_lossy(&output.stdout);
        serde_json::from_str(&told).map_err(|_| format!("{told}{}", stderr(&output))).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn ids(report: &Value) -> Vec<&str> {
    report["cases"].as_array().unwrap().iter().map(|case| case["id"].as_str().unwrap()).collect()
}

#[test]
fn a_file_has_the_options_and_those_on_the_command_line_win() {
    let served = Served::start(&[]);
    let text = format!(
        "[target]\nurl = {:?}\nwithout = [\"jsonp\", \"cors\"]\n\n[features]\neio3 = false\n\n[run]\nselect = [\"eio4/errors\", \
         \"!eio4/errors/cors\"]\ngate = \"should\"\nreport = [\"json=-\"]\nquiet = true\nseed = 0x07\n\n[profile.ci]\nrepeat = \
         2\ngate = \"reference\"\nquiet = false\n",
        served.url
    )
    .replace(", \"!eio4/errors/cors\"", "");
    let folder = Folder::new("siospec.toml", &text);
    let report = folder.run(&[]);
    assert!(ids(&report).iter().all(|id| id.starts_with("eio4/errors/")), "{report:#}");
    assert_eq!((&report["gate"], &report["seed"], report.get("repeat")), (&"should".into(), &7.into(), None));
    assert_eq!(report["target"]["url"], served.url.as_str());
    assert!(report["cases"][0]["reproduce"].as_str().unwrap().contains("--features siospec.toml"), "{report:#}");

    let report = folder.run(&["eio4/handshake/websocket", "--gate", "must", "--profile", "ci"]);
    assert_eq!(ids(&report), ["eio4/handshake/websocket"]);
    assert_eq!((&report["gate"], &report["repeat"]), (&"must".into(), &2.into()));
    assert_eq!(folder.run(&["--profile", "ci"])["gate"], "reference");

    // A URL on the command line is another server.
    let output = folder.siospec(&["run", "http://127.0.0.1:1"]);
    assert!(output.status.code() == Some(3) && stderr(&output).contains("http://127.0.0.1:1 cannot be reached"));
    let output = folder.siospec(&["check"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    // Other commands do not read it.
    assert_eq!(folder.siospec(&["list", "eio4/errors"]).status.code(), Some(0));
}

#[test]
fn a_file_can_have_another_name_and_start_the_server() {
    let program = env!("CARGO_BIN_EXE_siospec");
    let text = format!(
        "[target]\ncommand = [{program:?}, \"serve\", \"--port\", \"{{port}}\"]\nready = \"http\"\n\n[run]\nselect = \
         [\"eio4/handshake/websocket\"]\nreport = \"json=-\"\n\n[client]\ndriver = [\"/no/such/driver\"]\n"
    );
    let folder = Folder::new("mine.toml", &text);
    let report = folder.run(&["--config", "mine.toml"]);
    assert_eq!((&report["judgement"], ids(&report)), (&"passed".into(), vec!["eio4/handshake/websocket"]));
    let output = folder.siospec(&["client", "--config", "mine.toml"]);
    assert!(output.status.code() == Some(3) && stderr(&output).contains("/no/such/driver"), "{}", stderr(&output));
    // A command on the command line is another server.
    let output = folder.siospec(&["run", "--config", "mine.toml", "--", "/no/such/server"]);
    assert!(output.status.code() == Some(3) && stderr(&output).contains("/no/such/server"), "{}", stderr(&output));
    let output = folder.siospec(&["run", "--config", "mine.toml", "--help"]);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_fault_in_a_file_is_one_sentence_with_file_line_and_key() {
    for (text, sentence) in [
        ("[run]\ngaet = \"must\"\n", "siospec.toml:2: there is no run.gaet; did you mean gate?"),
        (
            "[run]\n\ngate = \"most\"\n",
            "siospec.toml:3: run.gate is \"most\": it has to be one of must, should, reference",
        ),
        ("[run]\njobs = 0\n", "siospec.toml:2: run.jobs is 0: it has to be a whole number from 1 to 256"),
        ("[run]\njobs = [1]\n", "siospec.toml:2: run.jobs is [1]: it has to be a text or a number"),
        ("[run]\nallow-flaky = 1\n", "siospec.toml:2: run.allow-flaky is 1: it has to be true or false"),
        ("[run]\nverbose = true\n", "siospec.toml:2: run.verbose is true: it has to be a whole number from 0 to 9"),
        (
            "[run]\nreport = [\"pdf=x\"]\n",
            "siospec.toml:2: run.report is [\"pdf=x\"]: there is no such report; there are human, ",
        ),
        ("[run]\nselect = \"eio4\"\n", "siospec.toml:2: run.select is \"eio4\": it has to be a list of texts"),
        ("[run]\npath = \"/chat\"\n", "siospec.toml:2: run.path belongs in [target]"),
        ("[target]\nurl = 3000\n", "siospec.toml:2: target.url is 3000: it has to be a text"),
        ("[client]\ndriver = [1]\n", "siospec.toml:2: client.driver is [1]: it has to be a list of texts"),
        ("[trget]\nurl = \"x\"\n", "siospec.toml:1: there is no trget; did you mean target?"),
        ("run = 1\n", "siospec.toml:1: run is no table; write [run]"),
        ("[profile]\nci = 1\n", "siospec.toml:2: profile.ci is no table; write [profile.ci]"),
        ("[profile.ci]\nrepaet = 1\n", "siospec.toml:2: there is no profile.ci.repaet; did you mean repeat?"),
        ("[run]\ngate = must\n", "siospec.toml:2: "),
        ("[features]\nech = true\n", "siospec.toml:2: there is no \"ech\"; what can be said is echo, "),
    ] {
        let folder = Folder::new("siospec.toml", text);
        let output = folder.siospec(&["run", "eio4/handshake/websocket"]);
        let told = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{text}: {told}");
        assert!(told.starts_with(&format!("siospec: {sentence}")) && told.lines().count() == 1, "{text}: {told}");
    }
    let folder = Folder::new("siospec.toml", "[profile.ci]\nrepeat = 2\n");
    for (args, sentence) in [
        (&["--profile", "cd"][..], "siospec.toml: there is no [profile.cd]; the profiles are: ci\n"),
        (&["--config", "none.toml"], "none.toml cannot be read: No such file or directory (os error 2)\n"),
    ] {
        let output = folder.siospec(&[&["run"], args].concat());
        assert_eq!((output.status.code(), stderr(&output)), (Some(2), format!("siospec: {sentence}")));
    }
    let output = Folder::new("other", "").siospec(&["run", "--profile", "ci"]);
    let sentence = "siospec: there is no profile \"ci\", because there is no siospec.toml in this folder; name the file with --config\n";
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(2), sentence));
}
