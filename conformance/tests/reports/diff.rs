//! `siospec diff`, on reports of runs against the embedded server.

use std::path::Path;

use crate::folder::Folder;

fn diff(folder: &Folder, old: &Path, new: &Path, options: &[&str]) -> (Option<i32>, String, String) {
    let files = [old.to_str().unwrap(), new.to_str().unwrap()];
    let output = folder.output([&["diff"], &files[..], options].concat());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// The report of a run of one case.
fn report(folder: &Folder) -> String {
    let output = folder.output(["run", "eio4/errors/unknown-transport", "--report", "json=-"]);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_fault_that_was_introduced_gives_exit_code_6_on_request() {
    let folder = Folder::new("introduced");
    let whole = report(&folder);
    let broken = whole.replace(r#""verdict": "passed""#, r#""verdict": "failed""#);
    let broken = broken.replace(r#""failsRun": false"#, r#""failsRun": true"#);
    assert_ne!(whole, broken, "{whole}");
    let (old, new) = (folder.write("old", &whole), folder.write("new", &broken));
    let (code, page, _) = diff(&folder, &old, &new, &["--exit-code"]);
    assert!(code == Some(6) && page.contains("passed, now failed"), "{code:?} {page}");
    assert_eq!(diff(&folder, &old, &new, &[]).0, Some(0));
    assert_eq!(diff(&folder, &old, &old, &["--exit-code"]).0, Some(0));
    let (code, page, _) = diff(&folder, &new, &old, &["--exit-code", "--markdown"]);
    assert!(code == Some(0) && page.contains("\n### fixed\n\n| case |"), "{code:?} {page}");
    let lost = folder.write("lost", &whole.replace(r#""judgement": "passed""#, r#""judgement": "gone""#));
    assert_eq!(diff(&folder, &old, &lost, &["--exit-code"]).0, Some(3));
}

#[test]
fn what_is_no_report_is_told_in_one_sentence() {
    let folder = Folder::new("foreign");
    let whole = report(&folder);
    let good = folder.write("good", &whole);
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
        let file = folder.write(name, text);
        let (code, page, sentence) = diff(&folder, &good, &file, &[]);
        assert_eq!((code, page.as_str()), (Some(2), ""), "{name}");
        let begins = sentence.starts_with(&format!("siospec: {} is no report of ", file.display()));
        assert!(begins && sentence.contains(expected) && sentence.lines().count() == 1, "{name}: {sentence}");
    }
    let (code, _, sentence) = diff(&folder, &folder.0.join("missing"), &good, &[]);
    assert!(code == Some(2) && sentence.contains("missing cannot be read: "), "{code:?} {sentence}");
    let (code, _, sentence) = diff(&folder, &good, &good, &["--renamed", "a"]);
    assert!(code == Some(2) && sentence.contains("it is not of the form OLD=NEW"), "{code:?} {sentence}");
}

/// What a file declares missing, and what an option leaves out, are two verdicts.
#[test]
fn what_is_declared_missing_now_is_a_change() {
    let folder = Folder::new("declared");
    let ids = "eio4/upgrade/probe eio4/errors/unknown-transport";
    folder.write("server.toml", "upgrade = false\n");
    let run = |options: &str, report: &str| {
        let (code, said) = folder.siospec(format!("run {ids} --quiet --report human,json={report} {options}").trim());
        assert_eq!(code, 0, "{said}");
        said
    };
    run("", "old.json");
    let said = run("--features server.toml", "new.json");
    assert!(said.contains("unsupported  1 case: server.toml says upgrade = false\n"), "{said}");
    assert!(said.contains("1 passed, 1 unsupported in "), "{said}");
    let said = run("--without upgrade", "without.json");
    assert!(said.contains("1 passed, 1 not applicable in "), "{said}");
    let (code, said) = folder.siospec("diff old.json new.json --exit-code");
    assert!(code == 0 && said.contains("passed, now unsupported"), "{code} {said}");
    let (_, said) = folder.siospec("diff without.json new.json");
    assert!(said.contains("not applicable, now unsupported"), "{said}");
}
