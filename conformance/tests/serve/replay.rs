//! `siospec replay`, against `siospec serve`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::served::Served;

fn recording(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/recordings").join(name)
}

fn replay(files: &[&Path], rest: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_siospec")).arg("replay").args(files).args(rest).output().unwrap()
}

fn words(output: &Output) -> String {
    String::from_utf8([output.stdout.clone(), output.stderr.clone()].concat()).unwrap()
}

#[test]
fn a_recording_of_the_reference_is_played_against_another_server() {
    let server = Served::start(&[]);
    // A case that was made of a recording is played from its file as well.
    let case = std::env::temp_dir().join(format!("siospec-replay-{}.trace", std::process::id()));
    let source = "title     A session\ncovers    EIO4-HS-01\nlevel     reference\nneeds     polling\n\n\
        hs C get     EIO=4&transport=polling\nhs S 200\nhs S packet  0{\"sid\":$sid,\"upgrades\":$_,\
        \"pingInterval\":$interval,\"pingTimeout\":$timeout,\"maxPayload\":$max}\n\
        p1 C post    EIO=4&transport=polling&sid=$sid\np1 C packet  40\np1 S 200\np1 S body    ok\n\
        g1 C get     EIO=4&transport=polling&sid=$sid  until 2 packets\ng1 S 200\ng1 S packet  40{\"sid\":$id}\n\
        g1 S packet  42[\"auth\",{}]\n";
    std::fs::write(&case, source).unwrap();
    let output = replay(&[&recording("chat.har"), &case], &[&server.url]);
    let said = words(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("3 passed"), "{said}");

    let wrong = source.replace("hs S 200", "hs S 404");
    std::fs::write(&case, wrong).unwrap();
    let output = replay(&[&case], &[&server.url]);
    let said = words(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("404"), "{said}");
    let again = format!("siospec replay {} {}", case.display(), server.url);
    let said = words(&replay(&[&case], &[&server.url, "--report", "json=-"]));
    assert!(said.contains(&again), "{said}");
    std::fs::remove_file(&case).unwrap();
}

#[test]
fn what_cannot_be_replayed_is_said_in_one_sentence() {
    let (chat, readme, missing) = (recording("chat.har"), recording("README.md"), recording("missing.har"));
    for (files, rest, sentence) in [
        (vec![missing.as_path()], vec![], "cannot be read"),
        (vec![readme.as_path()], vec![], "cannot be replayed"),
        (vec![chat.as_path(), chat.as_path()], vec![], "a file is named twice"),
        (vec![], vec!["http://127.0.0.1:1"], "there is nothing to play"),
        (vec![], vec![], "FILE"),
    ] {
        let output = replay(&files, &rest);
        let said = words(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(sentence), "{said}");
    }
}
