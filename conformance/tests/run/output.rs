//! Standard output that is closed or full.

use std::fs::File;
use std::process::{Command, Stdio};

use crate::proxy::{Fate, Proxy};
use crate::suite::{Suite, Told, echo};

const COMMANDS: [(&[&str], i32); 4] =
    [(&["list"], 0), (&["decode", "42[\"a\",]"], 1), (&["run", "--quiet", "eio4/handshake"], 0), (&["serve"], 0)];

fn told(args: &[&str], stdout: Stdio) -> Told {
    let child = Command::new(env!("CARGO_BIN_EXE_siospec")).args(args).stdout(stdout).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap();
    // The reader goes away before anything is written.
    drop(child.stdout.take());
    Told::from(child.wait_with_output().unwrap())
}

#[test]
fn a_closed_output_ends_a_command_quietly_with_its_verdict() {
    for (args, code) in COMMANDS {
        let told = told(args, Stdio::piped());
        assert_eq!((told.code, told.stderr.as_str()), (code, ""), "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    for (args, code) in [(COMMANDS[0].0, 1), COMMANDS[1], COMMANDS[2]] {
        let told = told(args, full());
        let sentence = "siospec: standard output cannot be written: No space left on device (os error 28)\n";
        assert_eq!((told.code, told.stderr.as_str()), (code, sentence), "{args:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_conversation_can_be_shown() {
    let server = Proxy::start(|request| if request.contains("4lost") { Fate::Swallowed } else { Fate::Served }).await;
    let suite = Suite::new(&[("a/kept", echo("kept")), ("b/lost", echo("lost")), ("c/lost", echo("lost"))]);
    let told = suite.run(&server.url, &["-v"]).await;
    assert!(!told.shows("PASS") && !told.shows("body 4kept"), "{}", told.all());
    assert_eq!(told.stdout.matches("body 4lost").count(), 1, "the second fails in the same way: {}", told.all());
    let told = suite.run(&server.url, &["-vv"]).await;
    assert!(told.shows("PASS  a/kept  must") && told.shows("body 4kept"), "{}", told.all());
    assert_eq!(told.stdout.matches("body 4lost").count(), 2, "{}", told.all());
}
