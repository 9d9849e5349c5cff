//! `siospec client` with drivers that do not do their part, and with clients that come by themselves.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]
#![cfg(unix)]

mod agents;
mod http;
mod listening;
mod visits;

use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};

/// What a driver says about itself.
const HELLO: &str = r#"read line; echo '{"hello":1,"name":"test","version":"1","capabilities":["websocket"]}'"#;

/// The exit code and the output of a run of one case with a driver that is a shell script.
fn run(script: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_siospec"));
    command.args(["client", "client/websocket/idle-packets", "--timeout", "1", "--", "sh", "-c", script]);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[test]
fn a_driver_that_does_not_introduce_itself_is_no_driver() {
    let (code, text) = run("exit 7");
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("the driver ended: exit status: 7"), "{text}");
    let (code, text) = run("echo hello; cat >/dev/null");
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("the driver wrote what is no line of the protocol: hello"), "{text}");
    let (code, text) = run(r#"echo '{"hello":2,"name":"a","version":"1","capabilities":[]}'; cat >/dev/null"#);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("version 2 of the protocol, not 1"), "{text}");
}

#[test]
fn cases_of_a_revision_that_the_client_does_not_speak_are_left_out() {
    let hello = HELLO.replace(r#""version""#, r#""eio":[3],"version""#);
    let (code, text) = run(&format!("{hello}; cat >/dev/null"));
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("the client has no Engine.IO 4"), "{text}");
}

#[test]
fn a_driver_that_ends_crashes() {
    let (code, text) = run(&format!("{HELLO}; read line; exit 9"));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("CRASH  client/websocket/idle-packets  should  the driver ended: exit status: 9"), "{text}");
}

#[test]
fn reports_are_written_for_clients_too() {
    let folder = std::env::temp_dir().join(format!("siospec-client-reports-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let report = format!("json={0}/json,junit={0}/junit", folder.display());
    let run = |script: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_siospec"));
        command.args(["client", "client/websocket/idle-packets", "--report", &report, "--", "sh", "-c", script]);
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert_eq!(output.stdout, b"");
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        (output.status.code().unwrap(), read("json"), read("junit"))
    };
    let (code, json, junit) = run(&format!("{HELLO}; read line; exit 9"));
    let results: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, &results["cases"][0]["verdict"]), (1, &"driver-fault".into()), "{json}");
    assert_eq!(results["target"]["name"], "test", "{json}");
    assert_eq!(results["cases"][0]["reason"], "the driver ended: exit status: 9", "{json}");
    assert!(junit.contains("errors=\"1\""), "{junit}");
    let (code, json, junit) = run("exit 7");
    assert_eq!(code, 3);
    assert!(json.contains("\"unreachable\"") && junit.contains("errors=\"1\""), "{json}{junit}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_driver_that_ends_is_shown_once_and_may_end_the_run() {
    let script = format!("{HELLO}; read line; exit 9");
    let folder = std::env::temp_dir().join(format!("siospec-client-course-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    // Options of the file are those of the command line.
    std::fs::write(folder.join("siospec.toml"), "[client]\nrepeat = 3\nshuffle = 7\njobs = 1\nreport = \"json=-\"\n")
        .unwrap();
    let run = |options: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_siospec"));
        command.args(["client", "client/websocket"]).args(options.split_whitespace()).args(["--", "sh", "-c", &script]);
        let output = command.current_dir(&folder).stdin(Stdio::null()).output().unwrap();
        let results: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code().unwrap(), results)
    };
    let (code, results) = run("");
    assert_eq!((code, &results["repeat"], &results["shuffle"]), (1, &3.into(), &7.into()), "{results:#}");
    let faults = results["totals"]["driverFault"].as_u64().unwrap();
    assert!(faults > 1 && results["totals"]["notPlayed"] == 0, "{results:#}");
    let rates = results["cases"].as_array().unwrap().iter().filter(|case| case["verdict"] == "driver-fault");
    let once = serde_json::json!({"passed": 0, "judged": 1});
    assert!(rates.clone().all(|case| case["rate"] == once), "{results:#}");

    let (code, results) = run("--fail-fast --repeat 1");
    let totals = &results["totals"];
    assert_eq!(
        (code, &totals["driverFault"], &totals["notPlayed"]),
        (1, &1.into(), &(faults - 1).into()),
        "{results:#}"
    );
    assert_eq!(results["reason"], "a case failed, and --fail-fast ends the run then");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_driver_that_writes_other_lines_is_told_apart() {
    let (code, text) = run(&format!("{HELLO}; read line; echo what; cat >/dev/null"));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("GARBAGE  client/websocket/idle-packets"), "{text}");
}

#[test]
fn a_driver_that_writes_without_end_is_stopped() {
    let event = r#"{"event":"message","namespace":"/","name":"a","args":[]}"#;
    let answers = r#"{"id":1} {"id":2} {"id":3} {"id":4} {"id":5}"#.replace(' ', "\n");
    let (code, text) = run(&format!("{HELLO}; echo '{answers}'; while true; do echo '{event}'; done"));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("GARBAGE") || text.contains("FAIL"), "{text}");
}

#[test]
fn a_call_that_the_client_does_not_have_is_no_failure() {
    let answers =
        r#"echo '{"id":1}'; id=1; while read line; do id=$((id+1)); echo "{\"id\":$id,\"unsupported\":true}"; done"#;
    let script = format!("{HELLO}; read line; {answers}");
    let (code, text) = run(&script);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("none of the chosen cases applies to this client"), "{text}");
}

#[test]
fn a_program_that_does_not_exist_cannot_be_started() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_siospec"));
    let output = command.args(["client", "--", "/there/is/no/such/program"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("the driver cannot be started: /there/is/no/such/program"), "{text}");
}

#[test]
fn the_server_of_a_case_listens_where_it_is_told_to() {
    // Another program may take the port between its release and the case.
    let told = std::iter::repeat_with(|| {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        listen_on(free)
    });
    let text = told.take(20).find(|text| !text.contains("its case cannot listen on ")).unwrap();
    assert!(text.contains("the driver ended: exit status: 9"), "{text}");
}

#[test]
fn an_address_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let text = listen_on(address);
    assert!(text.contains(&format!("its case cannot listen on {address}: ")), "{text}");
}

/// The output of a run whose cases listen on this address. The driver ends with exit code 9 if that is where it is told to
/// connect.
fn listen_on(address: SocketAddr) -> String {
    let script = format!("{HELLO}; read line; case \"$line\" in *{address}*) exit 9;; esac; exit 8");
    let mut command = Command::new(env!("CARGO_BIN_EXE_siospec"));
    let address = address.to_string();
    command.args(["client", "client/websocket/idle-packets", "--listen", &address, "--", "sh", "-c", &script]);
    let output = command.stdin(Stdio::null()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}
