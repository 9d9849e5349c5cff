//! The data and the page of a small recording.

use serde_json::Value;

use super::{Recording, Recordings, session};
use crate::capture::{self, Clock, Log};
use crate::report::page;
use crate::report::results::Mark;
use crate::witness::judge;

/// A session on a WebSocket, whose server sends an event before it answers CONNECT. The event could end a script.
const HAR: &str = r#"{"log":{"entries":[{
  "startedDateTime":"2026-11-27T11:29:23.000Z",
  "request":{"method":"GET","url":"ws://localhost/socket.io/?EIO=4&transport=websocket"},
  "response":{"status":101},
  "_webSocketMessages":[
    {"type":"receive","time":1795778963.1,"opcode":1,"data":"0{\"sid\":\"A\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}"},
    {"type":"send","time":1795778963.2,"opcode":1,"data":"40"},
    {"type":"receive","time":1795778963.3,"opcode":1,"data":"42[\"</script>\u2028\u007f\"]"},
    {"type":"receive","time":1795778963.4,"opcode":1,"data":"40{\"sid\":\"B\"}"},
    {"type":"receive","time":1795778988.1,"opcode":1,"data":"2"},
    {"type":"send","time":1795778988.2,"opcode":1,"data":"3"}
  ]}]}}"#;

fn recordings() -> Recordings {
    let read = capture::read(HAR.as_bytes()).unwrap();
    let mut log = Log::with_clock(read.clock);
    read.sightings.into_iter().for_each(|sighting| log.see(sighting));
    let mut recording = Recording::new("chat.har", read.form);
    recording.remarks.push("a remark".to_owned());
    recording.sessions =
        log.conversations().iter().map(|conversation| session(conversation, &judge(conversation))).collect();
    Recordings::of(vec![recording])
}

#[test]
fn the_report_of_a_recording() {
    let recordings = recordings();
    insta::assert_snapshot!("json", recordings.json());
    let page = page::recordings(&recordings);
    let (_, rest) = page.split_once("<body").unwrap();
    let (body, rest) = rest.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    insta::assert_snapshot!("body", body);
    let data: Value = serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap();
    insta::assert_snapshot!("data", format!("{data:#}"));
    assert_eq!(page.matches("</script>").count(), 2);
}

#[test]
fn a_violation_stands_at_the_line_that_shows_it() {
    let recordings = recordings();
    let session = &recordings.recordings[0].sessions[0];
    let [violation] = session.violations.as_slice() else { panic!("{:#?}", session.violations) };
    assert_eq!(violation.requirement, "SIO5-CON-08");
    let line = &session.conversation[violation.line.unwrap()];
    assert!(line.text.starts_with("text 42"), "{line:#?}");
    assert_eq!(line.mark, Mark::Fault);
    assert_eq!(session.conversation.iter().filter(|line| line.mark == Mark::Fault).count(), 1);
}

#[test]
fn a_recording_without_times_has_none() {
    let read = capture::read(HAR.as_bytes()).unwrap();
    let mut log = Log::with_clock(Clock::Absent);
    read.sightings.into_iter().for_each(|sighting| log.see(sighting));
    let conversation = &log.conversations()[0];
    let session = session(conversation, &judge(conversation));
    assert!(session.conversation.iter().all(|line| line.at_ms.is_none()), "{session:#?}");
}

#[test]
fn a_long_session_is_drawn_around_its_violations() {
    let mut recordings = recordings();
    let session = &mut recordings.recordings[0].sessions[0];
    let line = session.conversation[1].clone();
    let at = session.violations[0].line.unwrap();
    session.conversation.splice(1..1, std::iter::repeat_n(line, 5000));
    session.violations[0].line = Some(at + 5000);
    let page = page::recordings(&recordings);
    assert!(page.contains("lines not drawn)") && page.len() < 300_000, "{}", page.len());
    let reports = recordings.json();
    assert_eq!(serde_json::from_str::<Recordings>(&reports).unwrap(), recordings);
}

/// The published schema, which is made from the types. `INSTA_UPDATE=always` writes it.
#[test]
fn json_reports_have_the_published_schema() {
    let schema = schemars::schema_for!(Recordings).to_value();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/recordings.json");
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, format!("{schema:#}\n")).unwrap();
    }
    let published: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(schema, published, "recordings.json is not that of the types");
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.validate(&serde_json::from_str(&recordings().json()).unwrap()).unwrap();
    assert!(!validator.is_valid(&serde_json::json!({"format": 1})));
}
