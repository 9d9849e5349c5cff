//! `siospec diff`, on reports of runs against the embedded server.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder that is deleted at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("siospec-diff-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn siospec(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_siospec")).args(arguments).output().unwrap()
}

fn diff(old: &Path, new: &Path, options: &[&str]) -> (Option<i32>, String, String) {
    let files = [old.to_str().unwrap(), new.to_str().unwrap()];
    let output = siospec(&[&["diff"], &files[..], options].concat());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// The report of a run of one case.
fn report() -> String {
    let output = siospec(&["run", "eio4/errors/unknown-transport", "--report", "json=-"]);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_fault_that_was_introduced_gives_exit_code_6_on_request() {
    let folder = Folder::new("introduced");
    let whole = report();
    let broken = whole.replace(r#""verdict": "passed""#, r#""verdict": "failed""#);
    let broken = broken.replace(r#""failsRun": false"#, r#""failsRun": true"#);
    assert_ne!(whole, broken, "{whole}");
    let (old, new) = (folder.file("old", &whole), folder.file("new", &broken));
    let (code, page, _) = diff(&old, &new, &["--exit-code"]);
    assert!(code == Some(6) && page.contains("passed, now failed"), "{code:?} {page}");
    assert_eq!(diff(&old, &new, &[]).0, Some(0));
    assert_eq!(diff(&old, &old, &["--exit-code"]).0, Some(0));
    let (code, page, _) = diff(&new, &old, &["--exit-code", "--markdown"]);
    assert!(code == Some(0) && page.contains("\n### fixed\n\n| case |"), "{code:?} {page}");
    let lost = folder.file("lost", &whole.replace(r#""judgement": "passed""#, r#""judgement": "gone""#));
    assert_eq!(diff(&old, &lost, &["--exit-code"]).0, Some(3));
}

#[test]
fn what_is_no_report_is_told_in_one_sentence() {
    let folder = Folder::new("foreign");
    let whole = report();
    let good = folder.file("good", &whole);
    let newer = whole.replacen(r#""format": 1"#, r#""format": 2"#, 1);
    let cut = &whole[..whole.len() / 2];
    let without_cases = r#"{"format": 1}"#;
    let faults = [
        ("cut", cut, "it is not JSON (EOF while parsing"),
        ("newer", newer.as_str(), "its format is 2, and this siospec reads 1; use a newer siospec"),
        ("foreign", "[1]", "it has no key \"format\""),
        ("word", r#"{"format": "x"}"#, "its key \"format\" is not 1"),
        ("hollow", without_cases, "missing field"),
        ("lines", r#"{"event":"run"}{}"#, "it is one of jsonl=FILE"),
    ];
    for (name, text, expected) in faults {
        let file = folder.file(name, text);
        let (code, page, sentence) = diff(&good, &file, &[]);
        assert_eq!((code, page.as_str()), (Some(2), ""), "{name}");
        let begins = sentence.starts_with(&format!("siospec: {} is no report of ", file.display()));
        assert!(begins && sentence.contains(expected) && sentence.lines().count() == 1, "{name}: {sentence}");
    }
    let (code, _, sentence) = diff(&folder.0.join("missing"), &good, &[]);
    assert!(code == Some(2) && sentence.contains("missing cannot be read: "), "{code:?} {sentence}");
    let (code, _, sentence) = diff(&good, &good, &["--renamed", "a"]);
    assert!(code == Some(2) && sentence.contains("it is not of the form OLD=NEW"), "{code:?} {sentence}");
}
