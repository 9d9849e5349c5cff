//! The command from a user's view: exit codes, sentences, and a server that goes away.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

#[path = "serve/served.rs"]
mod served;

use served::Served;

fn siospec(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_siospec")).args(args).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it was not killed")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn a_url_of_our_own_server_passes() {
    let served = Served::start(&[]);
    let output = siospec(&["run", &served.url, "eio4/handshake", "sio5/connect"]);
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains(" passed"), "{}", stdout(&output));
}

#[test]
fn without_a_url_the_embedded_server_is_judged() {
    let output = siospec(&["run", "eio4/errors"]);
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
}

#[test]
fn the_embedded_server_is_judged_with_messagepack_too() {
    let output = siospec(&["run", "--parser", "msgpack", "msgpack", "--gate", "should"]);
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
    let output = siospec(&["run", "msgpack"]);
    assert!(stdout(&output).contains("takes packets in the default form"), "{}", stdout(&output));
}

#[test]
fn the_list_names_every_case() {
    let output = siospec(&["list", "EIO4-UP-04"]);
    assert_eq!(code(&output), 0);
    assert!(stdout(&output).lines().all(|line| line.starts_with("eio4/") && line.contains("EIO4-UP-04")));
}

#[test]
fn generated_cases_have_a_seed_that_is_told() {
    let output = siospec(&["run", "--seed", "7", "sio5/values/events-websocket"]);
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("generated values are those of --seed 7\n"), "{}", stdout(&output));
    let listed = stdout(&siospec(&["list", "sio5/values/events-websocket"]));
    assert!(listed.ends_with("[SIO5-PKT-01 SIO5-PKT-21 SIO5-EVT-01]  generated\n"), "{listed}");
}

#[test]
fn bad_usage_is_one_clear_sentence_and_exit_code_2() {
    let folder = std::env::temp_dir().join(format!("siospec-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("bad.trace"), "title x\ncovers EIO4-HB-01\nlevel must\n\nws X open\n").unwrap();
    let broken = folder.to_str().unwrap();
    for (args, sentence) in [
        (
            &["run", "localhost:3000"][..],
            "\"localhost:3000\" is not a server's URL: it is not of the form http://host:port",
        ),
        (
            &["run", "ftp://localhost"],
            "\"ftp://localhost\" is not a server's URL: the scheme is ftp, and only http, https, ws and wss are spoken",
        ),
        (
            &["run", "http://127.0.0.1:1/chat"],
            "\"http://127.0.0.1:1/chat\" is not a server's URL: it has the path /chat, which belongs in --path or --engine-path",
        ),
        (
            &["run", "http://127.0.0.1:99999"],
            "\"http://127.0.0.1:99999\" is not a server's URL: its port is 99999, and ports go from 1 to 65535",
        ),
        (
            &["run", "http://h:1?token=abc"],
            "\"http://h:1?token=abc\" is not a server's URL: it has the query token=abc, which belongs in --query, one \
             parameter each",
        ),
        (
            &["run", "http://me:secret@h"],
            "the server's URL cannot be used: it has a user's name, which belongs in --header: 'Authorization: Basic ' and \
             name:password in base64",
        ),
        (&["run", ""], "an argument is empty, where the server's URL or a selector of cases is expected"),
        (&["run", "http://h", "--path", ""], "--path \"\": the path is empty; the root is written /"),
        (
            &["run", "http://h", "--engine-path", "/a b"],
            "--engine-path \"/a b\": this is not a path of a URL: a query belongs in --query, and a space is %20",
        ),
        (
            &["run", "https://h", "--ca", "/no/such/file"],
            "cannot use the certificates in /no/such/file: No such file or directory (os error 2)",
        ),
        (&["run", "no/such/case"], "no case is called \"no/such/case\" or covers it; `siospec list` shows all of them"),
        (
            &["list", "--traces", "/no/such/folder"],
            "cannot read /no/such/folder: No such file or directory (os error 2)",
        ),
        (&["record", "http://127.0.0.1:1"], "recording writes traces: name their folder with --traces DIR"),
    ] {
        let output = siospec(args);
        assert_eq!((code(&output), stderr(&output)), (2, format!("siospec: {sentence}\n")), "{args:?}");
    }
    let output = siospec(&["run", "--traces", broken]);
    let sentence = format!("siospec: {broken}/bad.trace:5:4: expected a side, C or S, found \"X\"\n");
    assert_eq!((code(&output), stderr(&output)), (2, sentence));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_closed_port_is_one_clear_sentence_and_exit_code_3() {
    // The port was free a moment ago, and nothing listens on it now.
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let output = siospec(&["run", &format!("http://127.0.0.1:{port}")]);
    let sentence = format!(
        "siospec: http://127.0.0.1:{port} cannot be reached: the connection was refused; is the server running, \
         and the port right?\n"
    );
    assert_eq!((code(&output), stderr(&output)), (3, sentence));
}

#[test]
fn a_server_without_the_protocol_is_one_clear_sentence_and_exit_code_3() {
    let served = Served::start(&[]);
    let output = siospec(&["run", &served.url, "--path", "/nothing/", "--engine-path", "/here/"]);
    let sentence = format!(
        "siospec: {}/nothing/ is not an Engine.IO 4 server: a handshake is answered with status 404 (\"nothing here; the paths \
         are /engine.io/ and /socket.io/\"); is the path right (--path, --engine-path)?\n",
        served.url
    );
    assert_eq!((code(&output), stderr(&output)), (3, sentence));
}

#[test]
fn a_path_that_is_not_served_is_said_to_be_left_out() {
    let served = Served::start(&[]);
    let output = siospec(&["run", &served.url, "--engine-path", "/nothing/", "eio4/handshake", "eio4/polling"]);
    assert_eq!(code(&output), 0, "{}", stdout(&output));
    assert!(stdout(&output).contains("do not apply: /nothing/ is not served"), "{}", stdout(&output));
}

#[test]
fn a_server_that_goes_away_ends_the_run() {
    let mut served = Served::start(&[]);
    let mut run = Command::new(env!("CARGO_BIN_EXE_siospec"))
        .args(["run", &served.url, "--jobs", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Its first line of progress appears before the end: with one job, the suite takes many seconds.
    let mut progress = BufReader::new(run.stderr.take().unwrap());
    progress.read_line(&mut String::new()).unwrap();
    served.child.kill().unwrap();
    served.child.wait().unwrap();
    let since = Instant::now();
    let rest = std::thread::spawn(move || std::io::read_to_string(progress));
    let output = run.wait_with_output().unwrap();
    assert!(since.elapsed() < Duration::from_secs(60), "it took {:?}", since.elapsed());
    assert_eq!(code(&output), 3, "{}{}", stdout(&output), rest.join().unwrap().unwrap());
    assert!(stdout(&output).contains("the server went away and did not come back"), "{}", stdout(&output));
    assert!(!stdout(&output).contains("FAIL"), "{}", stdout(&output));
}

#[test]
fn a_mutant_fails_the_case_about_its_defect_and_others_pass() {
    let served = Served::start(&["--mutant", "probe-not-answered"]);
    let output = siospec(&["run", &served.url, "eio4/upgrade/probe", "eio4/handshake/websocket"]);
    assert_eq!(code(&output), 1, "{}", stdout(&output));
    assert!(stdout(&output).contains("FAIL  eio4/upgrade/probe"), "{}", stdout(&output));
    assert!(!stdout(&output).contains("FAIL  eio4/handshake"), "{}", stdout(&output));
}

#[test]
fn the_mutants_are_listed_with_what_they_break() {
    let output = siospec(&["serve", "--mutants"]);
    assert_eq!(code(&output), 0);
    assert!(stdout(&output).lines().count() >= 120);
    assert!(
        stdout(&output).lines().any(|line| line.starts_with("no-ping ") && line.ends_with("[EIO4-HB-01 EIO4-HB-11]"))
    );
}

#[test]
fn a_mutant_or_requirement_that_does_not_exist_is_one_clear_sentence() {
    for (args, sentence) in [
        (
            &["serve", "--mutant", "perfect"][..],
            "no mutant is called \"perfect\"; `siospec serve --mutants` shows the names of all of them",
        ),
        (
            &["explain", "EIO4-XY-01"],
            "no requirement is called \"EIO4-XY-01\"; the ids are of the form EIO4-HB-04, and `siospec coverage` shows \
             their chapters",
        ),
    ] {
        let output = siospec(args);
        assert_eq!((code(&output), stderr(&output)), (2, format!("siospec: {sentence}\n")), "{args:?}");
    }
}

#[test]
fn a_requirement_is_explained() {
    insta::assert_snapshot!(stdout(&siospec(&["explain", "EIO4-HB-04"])), @r#"
    EIO4-HB-04: Close when no pong arrives within `pingTimeout` of the ping.

    level       should (for servers), judged as should
    basis       the text of the specification
    observed    close at interval+timeout
    cases       eio4/heartbeat/late-pong  A pong that comes late but within pingTimeout keeps the session open
                eio4/heartbeat/timeout-polling  A polling session whose client does not answer a ping is closed, and its GET is ended
                eio4/heartbeat/timeout-upgraded  An upgraded session whose client does not answer a ping is closed
                eio4/heartbeat/timeout-websocket  A WebSocket whose client does not answer a ping is closed after pingTimeout, not earlier
                sio5/disconnect/reported-ping-timeout  When a client does not answer a ping, the server reports a ping timeout
    seen in     go-socket.io#627
    "#);
    let nobody_sees_it = stdout(&siospec(&["explain", "eio4-cl-11"]));
    assert!(nobody_sees_it.contains("\ncases       none: "), "{nobody_sees_it}");
}

#[test]
fn the_coverage_counts_every_requirement() {
    let output = stdout(&siospec(&["coverage"]));
    let all = output.lines().find(|line| line.starts_with("all ")).unwrap();
    let numbers: Vec<usize> = all.split_whitespace().skip(1).map(|number| number.parse().unwrap()).collect();
    assert_eq!(numbers[0], 443);
    assert_eq!(numbers[1..].iter().sum::<usize>(), 443);
}

#[test]
fn frames_are_explained_up_to_the_first_fault() {
    let output =
        siospec(&["decode", r#"451-/up,7["upload",{"_placeholder":true,"num":0}]"#, "0x0102", r#"42["a",]"#, "2"]);
    assert_eq!(code(&output), 1);
    insta::assert_snapshot!(stdout(&output), @r#"
    1  text, 49 bytes: 451-/up,7["upload",{"_placeholder":true,"num":0}]
       engine.io  message
       socket.io  more attachments are announced than have arrived
    2  binary, 2 bytes: 0x0102
       engine.io  message
       socket.io  EVENT /up "upload", to be acknowledged as 7
          arguments  [{"_placeholder":true,"num":0}]
          attachment 0: 2 bytes: 0x0102
    3  text, 8 bytes: 42["a",]
       engine.io  message
       socket.io  invalid JSON at byte 6
          2["a",]
                ^
    frames that are not explained, since a receiver stops at the fault: 1
    "#);
    assert_eq!(
        stderr(&siospec(&["decode", "0x1"])),
        "siospec: \"0x1\" is not a binary frame: pairs of hexadecimal digits must follow 0x\n"
    );
    let missing = siospec(&["decode", "no-such-file.har"]);
    assert_eq!(code(&missing), 2);
    assert!(stderr(&missing).starts_with("siospec: no-such-file.har cannot be read: "), "{}", stderr(&missing));
}

#[test]
fn cases_are_selected_by_level_and_by_basis() {
    let ids = |args: &[&str]| {
        let output = siospec(&[&["list"], args].concat());
        assert_eq!(code(&output), 0, "{args:?}: {}", stderr(&output));
        stdout(&output).lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let (all, heavy) = (ids(&["eio4"]), ids(&["eio4", "--level", "must,security"]));
    assert!(heavy.len() < all.len());
    assert!(heavy.iter().all(|line| line.contains("  must  ") || line.contains("  security  ")), "{heavy:?}");
    let (text, reference) = (ids(&["eio4", "--basis", "specification"]), ids(&["eio4", "--basis", "reference"]));
    assert_eq!(text.len() + reference.len(), all.len());
    assert!(text.iter().any(|line| line.starts_with("eio4/upgrade/probe ")), "{text:?}");
    assert!(!text.iter().any(|line| line.contains("  reference  ")), "{text:?}");

    let output = siospec(&["run", "eio4/upgrade/probe", "--level", "security"]);
    let sentence = "siospec: none of the selected cases has what --level and --basis ask for; `siospec list` shows the level of each\n";
    assert_eq!((code(&output), stderr(&output).as_str()), (2, sentence));
    let output = siospec(&["run", "--level", "most"]);
    assert!(code(&output) == 2 && stderr(&output).contains("the levels are must, should, reference, security"));
    let output = siospec(&["run", "eio4/upgrade/probe", "eio4/errors", "--level", "must", "--report", "json=-"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(!stdout(&output).contains("\"level\": \"should\""), "{}", stdout(&output));
}

#[test]
fn what_a_server_is_said_to_run_decides_which_cases_apply() {
    let served = Served::start(&[]);
    let run = |contract| {
        siospec(&[
            "run",
            &served.url,
            "eio4/handshake",
            "sio5/connect/ack-first-closes",
            "sio5/rooms",
            "--contract",
            contract,
        ])
    };
    let none = run("none");
    assert_eq!(code(&none), 0, "{}", stdout(&none));
    assert!(stdout(&none).contains("do not apply: --contract none"), "{}", stdout(&none));
    let official = run("official");
    assert_eq!(code(&official), 0, "{}", stdout(&official));
    assert!(stdout(&official).contains("do not apply: --contract official"), "{}", stdout(&official));
    assert_eq!(code(&run("extended")), 0);
    // A server without the application fails, and is not taken for one that need not have it.
    let of_echo = ["run", &served.url, "--path", "/engine.io/", "sio5/connect/auth-reaches-the-application"];
    let output = siospec(&[&of_echo[..], &["--contract", "official", "--gate", "should"]].concat());
    assert_eq!(code(&output), 1, "{}{}", stdout(&output), stderr(&output));
    let output = siospec(&of_echo);
    assert_eq!(code(&output), 3, "{}{}", stdout(&output), stderr(&output));
}

#[test]
fn shells_and_the_manual_know_the_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = siospec(&["completions", shell]);
        assert_eq!(code(&output), 0, "{shell}");
        assert!(stdout(&output).contains("fail-fast") && stdout(&output).contains("baseline"), "{shell}");
    }
    let output = siospec(&["completions", "tcsh"]);
    assert!(code(&output) == 2 && stderr(&output).contains("possible values: bash, elvish, fish, powershell, zsh"));

    let page = stdout(&siospec(&["man"]));
    assert!(page.contains(".TH siospec 1") && page.contains("siospec\\-run(1)"), "{page}");
    let page = stdout(&siospec(&["man", "run"]));
    assert!(page.contains(".TH siospec-run 1") && page.contains("\\-\\-fail\\-fast"), "{page}");
    let output = siospec(&["man", "rnu"]);
    assert!(code(&output) == 2 && stderr(&output).starts_with("siospec: there is no command \"rnu\"; there are run, "));
}

/// The script is read by the shell that it is for.
#[test]
fn bash_reads_its_completions() {
    let folder = std::env::temp_dir().join(format!("siospec-completions-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let script = folder.join("siospec.bash");
    std::fs::write(&script, siospec(&["completions", "bash"]).stdout).unwrap();
    let told = Command::new("bash")
        .arg("-c")
        .arg("source \"$0\"; COMP_WORDS=(siospec run --fail); COMP_CWORD=2; _siospec siospec --fail run; echo ${COMPREPLY[@]}")
        .arg(&script)
        .output();
    std::fs::remove_dir_all(&folder).unwrap();
    // Where there is no bash, there is nobody to read it.
    if let Ok(told) = told {
        assert_eq!(stdout(&told), "--fail-fast\n", "{}", stderr(&told));
    }
}

/// What is given wrongly is told before a server is asked: the URL is that of no server.
#[test]
fn what_cannot_be_used_is_told_before_the_run() {
    let url = "http://127.0.0.1:1";
    for (args, sentence) in [
        (
            &["eio4/upgrad/probe"][..],
            "no case is called \"eio4/upgrad/probe\" or covers it; did you mean eio4/upgrade/probe",
        ),
        (&["!eio4/limts"], "no case is called \"eio4/limts\" or covers it; did you mean eio4/limits"),
        (&["EIO4-HB-99"], "no case is called \"EIO4-HB-99\" or covers it; did you mean EIO4-HB-"),
        (&["--baseline", "/no/such/file"], "/no/such/file cannot be read: No such file or directory"),
        (&["--features", "/no/such/file"], "cannot read /no/such/file: No such file or directory"),
        (&["--report", "json=/no/such/folder/x"], "the report /no/such/folder/x cannot be written: No such file"),
        (&["--config", "/no/such/file"], "/no/such/file cannot be read: No such file or directory"),
    ] {
        let output = siospec(&[&["run", url], args].concat());
        let told = stderr(&output);
        assert_eq!((code(&output), told.lines().count()), (2, 1), "{args:?}: {told}");
        assert!(told.starts_with(&format!("siospec: {sentence}")), "{args:?}: {told}");
    }
}
