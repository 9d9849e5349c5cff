//! `siospec codec` with adapters that do their part, and with adapters that do not.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]
#![cfg(unix)]

use std::process::{Command, Stdio};

/// One vector, which expects the packet `message` with `hello`.
const VECTOR: &str = "eio4-packet/decode/E4P-012";

/// The exit code and the output of a run of one vector with an adapter that is a shell script.
///
/// `act` is run for each request but those with unknown operations, whose answers are correct. The request's id is `$id`.
fn run(act: &str) -> (i32, String) {
    adapter(&format!(
        r#"read line; echo '{{"op":"hello","v":1,"name":"test","version":"1","caps":["eio4-packet"]}}'
        while read -r line; do
            id=${{line#*:}}; id=${{id%%,*}}
            case "$line" in
                *'"op":"x-'*) echo "{{\"id\":$id,\"unsupported\":true}}" ;;
                *) {act} ;;
            esac
        done"#
    ))
}

fn adapter(script: &str) -> (i32, String) {
    siospec(&[VECTOR, "--timeout", "1", "--", "sh", "-c", script])
}

fn siospec(arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_siospec"));
    let output = command.arg("codec").args(arguments).stdin(Stdio::null()).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[test]
fn our_own_codec_fails_no_vector() {
    let (code, text) = siospec(&["-v", "--", env!("CARGO_BIN_EXE_siospec"), "adapter"]);
    assert_eq!(code, 0, "{text}");
    // The same as in the tests of the codec: an event's name that is a number, and MessagePack with keys in another order.
    let notes: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("note  ")?.split(' ').next()).collect();
    let msgpack = ["002", "004", "007", "008", "009", "010", "011"].map(|id| format!("msgpack/encode/S5ME-{id}"));
    assert_eq!(notes, [&["sio5/encode/S5E-025".to_owned()][..], &msgpack].concat(), "{text}");
    assert!(text.contains("950 passed, 8 other than the reference, which is allowed in "), "{text}");
}

#[test]
fn selectors_choose_vectors() {
    let ours = ["--", env!("CARGO_BIN_EXE_siospec"), "adapter"];
    let (code, text) = siospec(&[&["sio5", "!sio5/decode"], &ours[..]].concat());
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("29 passed, 1 other than"), "28 vectors and 2 checks: {text}");
    let (code, text) = siospec(&[&["sio6"], &ours[..]].concat());
    assert_eq!(code, 2, "{text}");
    assert!(text.contains(r#"no case is called "sio6" or covers it; did you mean sio4 or sio5?"#), "{text}");
}

#[test]
fn answers_are_compared_with_what_was_recorded() {
    let (code, text) =
        run(r#"echo "{\"id\":$id,\"ok\":true,\"packets\":[{\"type\":\"message\",\"data\":\"hello\"}]}""#);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("3 passed in"), "{text}");
    let (code, text) =
        run(r#"echo "{\"id\":$id,\"ok\":true,\"packets\":[{\"type\":\"message\",\"data\":\"hullo\"}]}""#);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains(&format!("FAIL  {VECTOR}")), "{text}");
    assert!(
        text.contains(
            r#"expected {"type":"message","data":"hello"}, and it decoded {"type":"message","data":"hullo"}"#
        )
    );
    let (code, text) = run(r#"echo "{\"id\":$id,\"ok\":false,\"detail\":\"no\"}""#);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("valid input was rejected: no"), "{text}");
}

/// Answers everything with a rejection, which breaks rules of the levels must and reference, and is right for invalid input.
const REJECTS: &str = r#"echo "{\"id\":$id,\"ok\":false}""#;

fn rejecting(options: &[&str]) -> (i32, String) {
    let script = format!(
        r#"read line; echo '{{"op":"hello","v":1,"name":"test","version":"1","caps":["eio4-packet"]}}'
        while read -r line; do
            id=${{line#*:}}; id=${{id%%,*}}
            case "$line" in *'"op":"x-'*) echo "{{\"id\":$id,\"unsupported\":true}}" ;; *) {REJECTS} ;; esac
        done"#
    );
    siospec(&[options, &["--", "sh", "-c", &script]].concat())
}

#[test]
fn the_gate_decides_which_broken_rules_fail_the_run() {
    // In a WebSocket message, base64 is for the reference's sake alone.
    let reference = "eio4-packet/decode/E4P-030";
    let (code, text) = rejecting(&[reference]);
    assert!(code == 0 && text.contains(&format!("FAIL  {reference}  reference EIO4-PKT-15  ")), "{text}");
    assert!(text.contains("2 passed, 1 failed (1 reference) in ") && text.contains("which is must: 0\n"), "{text}");
    let (code, text) = rejecting(&[reference, "--gate", "reference"]);
    assert!(code == 1 && text.contains("at the gate, which is reference: 1\n"), "{text}");
    let (code, text) = rejecting(&[VECTOR, reference]);
    assert!(code == 1 && text.contains("2 failed (1 must, 1 reference) in "), "{text}");
    // Vectors know their requirements.
    let (code, text) = rejecting(&["EIO4-PKT-05"]);
    assert!(code == 0 && text.contains("3 passed in "), "{text}");
}

#[test]
fn a_codec_is_judged_by_a_baseline() {
    let folder = std::env::temp_dir().join(format!("siospec-codec-baseline-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = |name: &str| folder.join(name).display().to_string();
    let (json, baseline) = (path("json"), path("b.toml"));
    let baseline_command = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_siospec")).arg("baseline").args(words).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let (code, text) = rejecting(&[VECTOR, "--report", &format!("human,json={json},junit={}", path("junit"))]);
    assert_eq!(code, 1, "{text}");
    let report: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
    assert_eq!(report["target"], serde_json::json!({"kind": "codec", "name": "test", "version": "1"}));
    let case = &report["cases"][2];
    assert_eq!(
        (&case["id"], &case["level"], &case["requirements"][0]),
        (&VECTOR.into(), &"must".into(), &"EIO4-PKT-01".into())
    );
    assert!(case["reproduce"].as_str().unwrap().starts_with(&format!("siospec codec {VECTOR} -- sh -c ")), "{case}");
    assert!(std::fs::read_to_string(path("junit")).unwrap().contains("valid input was rejected"));

    let (code, text) = baseline_command(&["init", &baseline, &json, "--reason", "later"]);
    assert!(code == 0 && text.contains(&format!("as expected: {VECTOR} (later)")), "{text}");
    let (code, text) = rejecting(&[VECTOR, "--baseline", &baseline]);
    assert!(code == 0 && text.contains(&format!("KNOWN  {VECTOR}")) && text.contains("1 known to fail"), "{text}");
    assert!(!text.contains("FAIL"), "{text}");
    let passed = ["--baseline", &baseline, "--", env!("CARGO_BIN_EXE_siospec"), "adapter"];
    let (code, text) = siospec(&[&[VECTOR, "--report", &format!("json={json}")], &passed[..]].concat());
    assert_eq!((code, text.as_str()), (4, ""));
    assert_eq!(baseline_command(&["verify", &baseline, &json]).0, 4);
    let (code, text) = siospec(&[&["sio5/encode"], &passed[..]].concat());
    assert!(code == 0 && text.contains(&format!("not judged in this run: {VECTOR}")), "{text}");
    assert_eq!(baseline_command(&["update", &baseline, &json, "--reason", "new"]).0, 0);
    assert!(!std::fs::read_to_string(&baseline).unwrap().contains("[[expect]]"));

    std::fs::write(
        &baseline,
        "[[expect]]\ncase = \"eio4-packet/decode/E4P-0012\"\nverdict = \"fail\"\nreason = \"x\"\n",
    )
    .unwrap();
    let (code, text) = rejecting(&[VECTOR, "--baseline", &baseline]);
    assert!(
        code == 2 && text.contains("b.toml:1: ") && text.contains("did you mean eio4-packet/decode/E4P-0"),
        "{text}"
    );
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_adapter_that_fails_has_a_report_and_diff_takes_no_baseline() {
    let json = std::env::temp_dir().join(format!("siospec-codec-none-{}", std::process::id())).display().to_string();
    let (code, text) = siospec(&["--report", &format!("json={json}"), "--", "/there/is/no/such/program"]);
    assert!(code == 3 && std::fs::read_to_string(&json).unwrap().contains("\"unreachable\""), "{text}");
    std::fs::remove_file(json).unwrap();
    let (code, text) = siospec(&["--diff", "--baseline", "b.toml", "--", "true"]);
    assert!(code == 2 && text.contains("cannot be used with"), "{text}");
}

#[test]
fn crash_hang_garbage_and_wrong_order_are_told_apart() {
    for (act, line) in [
        ("exit 9", "CRASH  eio4-packet/decode/E4P-012\n      the adapter ended: exit status: 9"),
        ("sleep 30", "HANG  eio4-packet/decode/E4P-012\n      the adapter did not answer within 1 s"),
        (
            "echo what",
            "GARBAGE  eio4-packet/decode/E4P-012\n      the adapter wrote what is no line of the protocol: what",
        ),
        (
            r#"echo '{"id":1,"unsupported":true}'"#,
            "ORDER  eio4-packet/decode/E4P-012\n      the adapter answered request 1, where",
        ),
        (r#"echo "{\"id\":$id,\"ok\":true}""#, "GARBAGE  "),
    ] {
        let (code, text) = run(act);
        assert_eq!(code, 1, "{text}");
        assert!(text.contains(line), "{act}: {text}");
        assert!(text.contains("2 passed, 1 with a fault of the adapter in"), "{act}: {text}");
    }
}

#[test]
fn an_adapter_is_started_again_after_a_crash() {
    let script = r#"case "$line" in *hello*) exit 9 ;; *) echo "{\"id\":$id,\"ok\":false}" ;; esac"#;
    let script = format!(
        r#"read line; echo '{{"op":"hello","v":1,"name":"test","version":"1","caps":["eio4-packet"]}}'
        while read -r line; do
            id=${{line#*:}}; id=${{id%%,*}}
            case "$line" in *'"op":"x-'*) echo "{{\"id\":$id,\"unsupported\":true}}" ;; *) {script} ;; esac
        done"#
    );
    // The second is invalid, so that a rejection is right.
    let (code, text) = siospec(&[VECTOR, "eio4-packet/decode/E4P-051", "--", "sh", "-c", &script]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("3 passed, 1 with a fault of the adapter in"), "{text}");
}

#[test]
fn unknown_operations_must_be_unsupported() {
    let answers = r#"while read -r line; do id=${line#*:}; id=${id%%,*}; echo "{\"id\":$id,\"ok\":false}"; done"#;
    let hello = r#"read line; echo '{"op":"hello","v":1,"name":"test","version":"1","caps":["eio4-packet"]}'"#;
    let (code, text) = adapter(&format!("{hello}; {answers}"));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("FAIL  protocol/unknown-operation"), "{text}");
}

#[test]
fn an_adapter_that_does_not_introduce_itself_is_none() {
    let (code, text) = adapter("exit 7");
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("the adapter ended: exit status: 7"), "{text}");
    let (code, text) = adapter(r#"echo '{"op":"hello","v":2,"name":"a","version":"1","caps":[]}'; cat >/dev/null"#);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("version 2 of the protocol, not 1"), "{text}");
    let (code, text) = siospec(&["--", "/there/is/no/such/program"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("the adapter cannot be started: /there/is/no/such/program"), "{text}");
}

#[test]
fn a_codec_without_a_format_is_not_judged() {
    let (code, text) = run(r#"echo "{\"id\":$id,\"unsupported\":true}""#);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("none of the chosen vectors applies to this codec"), "{text}");
}

#[test]
fn a_codec_does_not_differ_from_itself() {
    let ours = [env!("CARGO_BIN_EXE_siospec"), "adapter"];
    let (code, text) = siospec(&[&["--diff", "--", ours[0], ours[1], "--"], &ours[..]].concat());
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("2850 compared, 0 read differently"), "{text}");
    let (code, text) = siospec(&["--diff", "--", ours[0], ours[1], "--"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("a command is missing"), "{text}");
}

#[test]
fn differences_are_made_smaller() {
    let script = r#"read line; echo '{"op":"hello","v":1,"name":"test","version":"1","caps":["eio4-packet"]}'
        while read -r line; do id=${line#*:}; id=${id%%,*}; echo "{\"id\":$id,\"ok\":false}"; done"#;
    let (code, text) = siospec(&["--diff", "--generated", "0", VECTOR, "--", "sh", "-c", script]);
    assert_eq!(code, 1, "{text}");
    let expected = r#"DIFF  eio4-packet
      input   [{"text":"4"}]
      first   rejects it
      second  reads {"type":"message"}

1 compared, 1 read differently, 1 after they were made smaller"#;
    assert!(text.contains(expected), "{text}");
}

#[test]
fn schemas_name_every_format() {
    for name in ["request", "answer"] {
        let (code, text) = siospec(&["--schema", name]);
        assert_eq!(code, 0, "{text}");
        let _: serde_json::Value = serde_json::from_str(&text).unwrap();
        for format in siospec::adapter::Format::ALL {
            assert!(text.contains(format.as_str()), "{format}: {text}");
        }
    }
}
