//! `siospec inspect`, on recordings of the reference and of its mutants.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

use std::path::PathBuf;
use std::process::{Command, Output};

fn recording(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/recordings").join(name)
}

fn inspect(arguments: &[&std::ffi::OsStr]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_siospec")).arg("inspect").args(arguments).output().unwrap()
}

fn words(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn the_reference_is_not_accused() {
    let output = inspect(&[recording("chat.har").as_os_str()]);
    let words = words(&output);
    assert_eq!(output.status.code(), Some(0), "{words}");
    assert!(words.contains("nothing that was recorded breaks a requirement"), "{words}");
    assert!(words.contains("EIO4-UP-03") && words.contains("SIO5-ACK-01") && words.contains("SIO5-ATT-02"), "{words}");
    assert!(words.contains("attachment 0: 3 bytes"), "{words}");
}

#[test]
fn a_defect_is_named_with_side_time_and_packet() {
    let output = inspect(&["--no-timeline".as_ref(), recording("event-before-connect-answer.har").as_os_str()]);
    let words = words(&output);
    assert_eq!(output.status.code(), Some(1), "{words}");
    assert!(words.contains("violated SIO5-CON-08 by the server at 0."), "{words}");
    assert!(words.contains("shown by  42"), "{words}");
    assert!(!words.contains("by the client at"), "{words}");
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_judged() {
    let missing = recording("no-such-file.har");
    let output = inspect(&["--no-timeline".as_ref(), missing.as_os_str(), recording("chat.har").as_os_str()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(words(&output).contains("breaks a requirement"));
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert!(sentence.contains("no-such-file.har cannot be read"), "{sentence}");
    let output = inspect(&[recording("README.md").as_os_str()]);
    assert_eq!(output.status.code(), Some(2));
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert!(sentence.contains("README.md cannot be judged: it has none of the known forms: HAR, "), "{sentence}");
}

#[test]
fn a_session_becomes_a_case() {
    let folder = std::env::temp_dir().join(format!("siospec-inspect-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (file, chat) = (folder.join("chat.trace"), recording("chat.har"));
    let write = |more: &[&str]| {
        let mut arguments = vec!["--no-timeline".as_ref(), "--trace".as_ref(), file.as_os_str(), chat.as_os_str()];
        arguments.extend(more.iter().map(std::ffi::OsStr::new));
        let output = inspect(&arguments);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, sentence) = write(&[]);
    assert_eq!(code, Some(2));
    assert!(sentence.contains("several sessions; name one with --session: O7Y4zSYdWnK5bRQqAAAA, "), "{sentence}");
    let (code, sentence) = write(&["--session", "x"]);
    assert_eq!(code, Some(2));
    assert!(sentence.contains("no session has the sid x"), "{sentence}");
    assert_eq!(write(&["--session", "O7Y4zSYdWnK5bRQqAAAA", "--needs", "contract"]), (Some(0), String::new()));
    let trace = std::fs::read_to_string(&file).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_siospec")).args(["run", "--traces"]).arg(&folder).output().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(trace.contains("ws C text    420[\"message-with-ack\",\"first\"]"), "{trace}");
    assert_eq!(run.status.code(), Some(0), "{}", words(&run));
}

#[test]
fn reports_hold_the_sessions_and_what_was_broken() {
    let har = recording("event-before-connect-answer.har");
    let file = std::env::temp_dir().join(format!("siospec-inspect-{}.html", std::process::id()));
    let both = format!("json=-,html={}", file.display());
    let output = inspect(&[har.as_os_str(), "--report".as_ref(), both.as_ref()]);
    let page = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let all: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let session = &all["recordings"][0]["sessions"][0];
    let violation = &session["violations"][0];
    assert_eq!((&violation["requirement"], &violation["side"]), (&"SIO5-CON-08".into(), &"server".into()), "{all:#}");
    let line = &session["conversation"][violation["line"].as_u64().unwrap() as usize];
    assert_eq!((&line["text"], &line["mark"]), (&r#"packet 42["auth",{}]"#.into(), &"fault".into()), "{all:#}");
    assert!(page.contains("<title>siospec: "), "{page}");

    for (report, sentence) in [
        ("html", "html needs the name of a file, as in html=FILE"),
        ("tap=x", "there is no such report; there are human, html=FILE and json=FILE"),
        ("human=x", "human goes to standard output and takes no file"),
        ("html=no/such/folder", "siospec: the report no/such/folder cannot be written: "),
        ("html=-,json=-", "siospec: two reports cannot both be written to standard output"),
        ("html=-,human", "siospec: html cannot be written to standard output together with human"),
    ] {
        let output = inspect(&[har.as_os_str(), "--report".as_ref(), report.as_ref()]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && output.stdout.is_empty() && told.contains(sentence), "{told}");
    }
}

#[test]
fn every_form_is_recognised_and_judged() {
    for name in ["chat.debug.log", "chat.panel.txt", "chat.curl.txt", "chat.pcap"] {
        let command = env!("CARGO_BIN_EXE_siospec");
        let folder = recording("");
        let output = Command::new(command).args(["inspect", name]).current_dir(folder).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{name}: {}", words(&output));
        insta::assert_snapshot!(name, words(&output));
    }
}

fn temporary(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("siospec-inspect-{}-{name}", std::process::id()))
}

/// What the server says in a trace is what the reference does. What the client says is wrong in many of them on purpose.
#[test]
fn no_trace_of_the_suite_accuses_a_server() {
    let traces = recording("../traces");
    let mut folders = vec![traces];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "trace") {
                files.push(path);
            }
        }
    }
    assert!(files.len() > 1000, "{}", files.len());
    let mut arguments = vec!["--no-timeline".as_ref()];
    arguments.extend(files.iter().map(|file| file.as_os_str()));
    let output = inspect(&arguments);
    let words = words(&output);
    assert_eq!((output.status.code(), output.stderr.len()), (Some(1), 0), "{output:?}");
    let accused: Vec<_> = words.lines().filter(|line| line.starts_with("  violated ")).collect();
    let servers: Vec<_> = accused.iter().filter(|line| line.contains(" by the server at ")).collect();
    assert!(servers.is_empty(), "{servers:#?}");
    for requirement in ["EIO4-UP-02", "EIO4-HB-15", "SIO5-ATT-02", "SIO5-CON-01", "SIO5-PKT-05", "SIO4-CON-03"] {
        let is_shown = accused.iter().any(|line| line.starts_with(&format!("  violated {requirement} by the client")));
        assert!(is_shown, "{requirement}");
    }
}

#[test]
fn a_recording_and_the_case_of_it_are_judged_alike() {
    let (file, har) = (temporary("case.trace"), recording("event-before-connect-answer.har"));
    let violations = |words: String| {
        let lines = words.lines().filter(|line| line.starts_with("  violated ")).map(str::to_owned);
        // A case has no times.
        lines.map(|line| line.split(" at ").next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let session = ["--session", "5DEFiDSP5Uoj61J8AAAA", "--trace"].map(std::ffi::OsStr::new);
    let mut arguments = vec!["--no-timeline".as_ref()];
    arguments.extend(session);
    arguments.extend([file.as_os_str(), har.as_os_str()]);
    let recorded = inspect(&arguments);
    let case = inspect(&["--no-timeline".as_ref(), file.as_os_str()]);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(case.status.code(), Some(1));
    assert_eq!(violations(words(&case)), ["  violated SIO5-CON-08 by the server"]);
    // The recording has another session.
    assert_eq!(violations(words(&case)).first(), violations(words(&recorded)).first());
}

#[test]
fn a_faulty_trace_is_refused_with_its_place() {
    let file = temporary("faulty.trace");
    std::fs::write(&file, "title     A\ncovers    EIO4-HS-01\nlevel     must\n\nws X open\n").unwrap();
    let output = inspect(&[file.as_os_str()]);
    std::fs::remove_file(&file).unwrap();
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    let fault = "cannot be judged: it is a trace, and line 5, column 4: expected a side, C or S, found \"X\"\n";
    assert!(sentence.ends_with(fault), "{sentence}");
}

#[test]
fn a_recording_that_is_too_large_is_not_read() {
    let file = temporary("large.har");
    // The file has no content, only a length.
    std::fs::File::create(&file).unwrap().set_len((256 << 20) + 1).unwrap();
    let output = inspect(&[file.as_os_str()]);
    std::fs::remove_file(&file).unwrap();
    let told = "cannot be read: it is larger than 256 MiB; cut out the part that matters";
    let sentence = format!("siospec: {} {told}\n", file.display());
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(2), sentence));
}

#[test]
fn decode_says_what_a_recording_lacks() {
    let decode = |file: PathBuf| {
        let output = Command::new(env!("CARGO_BIN_EXE_siospec")).arg("decode").arg(file).output().unwrap();
        words(&output)
    };
    let (file, har) = (temporary("lacks.txt"), temporary("lacks.har"));
    std::fs::write(
        &file,
        "↑40\t2\t11:29:22.553\n↓40{\"sid\":\"a\"}\t13\t11:29:22.560\n↓Binary Message\t1.5 kB\t11:29:22.570\n",
    )
    .unwrap();
    let entry = r#"{"startedDateTime":"2026-11-27T11:29:24Z","request":{"method":"GET",
        "url":"http://a/socket.io/?EIO=4&transport=polling&sid=A"},"response":{"status":200,"content":{}}}"#;
    std::fs::write(&har, format!(r#"{{"log":{{"entries":[{entry}]}}}}"#)).unwrap();
    let (rows, polling, curl) = (decode(file.clone()), decode(har.clone()), decode(recording("chat.curl.txt")));
    std::fs::remove_file(file).unwrap();
    std::fs::remove_file(har).unwrap();
    assert!(
        rows.contains("not in the recording: a binary message of 1.5 kB, whose content was not recorded"),
        "{rows}"
    );
    assert!(polling.contains("not in the recording: the bodies of some requests"), "{polling}");
    assert!(polling.ends_with("the recording has no WebSocket; some tools leave them out\n"), "{polling}");
    let times = "not in the recording: the times, so that nothing is said about heartbeats and delays\n\nsession ";
    assert!(curl.starts_with(times), "{curl}");
}

#[test]
fn decode_finds_out_that_a_session_uses_messagepack() {
    let file = temporary("msgpack.trace");
    let lines = "\
title     A
covers    SIO5-CON-01
level     must

ws C open    EIO=4&transport=websocket
ws S text    0{\"sid\":$sid}  more
ws C binary  82a47479706500a36e7370a12f
ws S binary  83a47479706500a46461746181a3736964a178a36e7370a12f
";
    std::fs::write(&file, lines).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_siospec")).arg("decode").arg(&file).output().unwrap();
    std::fs::remove_file(&file).unwrap();
    let words = words(&output);
    assert!(output.status.success() && words.contains("CONNECT / with {\"sid\":\"x\"}"), "{words}");
}
