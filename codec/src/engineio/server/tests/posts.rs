//! The recorded POSTs: a GET waits, a POST arrives.
//!
//! Each scenario has one POST. A second one while the first is not answered is tested in `polling.rs`.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use bytes::Bytes;
use serde_json::{Value, json};

use super::script::{config, polling_as};
use crate::engineio::server::{Action, BodyFormat, Route, Router, Transmit};
use crate::engineio::{Event, RequestHead, Revision};
use crate::frame::Frame;
use crate::machine::Output;
use crate::vectors::{self, hex, text, unhex};

/// What became of a POST and of the GET that waited.
#[derive(Clone, Debug, PartialEq)]
struct Outcome {
    status: u64,
    response: String,
    /// The body of the GET's answer; `None` while it waits.
    get: Option<String>,
    messages: Vec<Value>,
    closed: Option<String>,
}

/// How this server departs from the reference.
enum Decision {
    /// A body that is no payload is answered with 400; all else is as in the reference.
    Status400,
    /// The body is no payload here: 400, nothing of it is delivered, the session ends.
    Refused,
    /// The waiting GET gets this.
    Get(&'static str),
}

/// Every scenario whose outcome differs, and why it may.
const DIFFERENCES: &[(&str, Decision, &[&str])] = &[
    (
        "the specification's status, not the reference's 200: DIV-03, EIO4-POST-05",
        Decision::Status400,
        &["E4S-021", "E4S-022", "E4S-023", "E4S-024", "E4S-025", "E4S-026", "E4S-027"],
    ),
    (
        "the same in revision 3: DIV-03",
        Decision::Status400,
        &[
            "E3S-004", "E3S-015", "E3S-016", "E3S-017", "E3S-018", "E3S-019", "E3S-020", "E3S-021", "E3S-022",
            "E3S-029", "E3S-032", "E3S-033",
        ],
    ),
    ("a ping is answered with its data: DIV-13, EIO3-HB-07", Decision::Get("6:3probe"), &["E3S-009"]),
    (
        "a packet without a known type, and an element that is cut short or marked wrongly, is refused: EIO3-PKT-04, EIO3-BIN-07",
        Decision::Refused,
        &["E3S-023", "E3S-024", "E3S-027", "E3S-028", "E3S-031"],
    ),
    ("base64 outside the standard alphabet is refused: EIO4-PKT-10", Decision::Refused, &["E4S-007", "E4S-008"]),
    ("a body that is not UTF-8 is refused: EIO4-PLD-09", Decision::Refused, &["E4S-029"]),
];

//= shown by rows of a table:
//= EIO3-BIN-03
//= EIO3-BIN-07
//= EIO3-BIN-09
//= EIO3-HB-02
//= EIO3-HB-08
//= EIO3-PKT-04
//= EIO3-PLD-04
//= EIO3-PLD-06
//= EIO3-POLL-01
//= EIO3-POLL-02
//= EIO3-POLL-03
//= EIO4-CL-01
//= EIO4-CL-03
//= EIO4-HB-07
//= EIO4-HB-08
//= EIO4-PKT-10
//= EIO4-PLD-03
//= EIO4-PLD-05
//= EIO4-PLD-09
//= EIO4-POST-01
//= EIO4-POST-05
//= EIO4-POST-07
//= EIO4-POST-08
//= EIO4-POST-09
//= EIO4-POST-10
//= EIO4-POST-11
//= EIO4-POST-13
//= EIO4-WS-17
#[test]
fn recorded_posts() {
    for (revision, scenario) in scenarios() {
        let id = text(&scenario, "id");
        let mut expected = recorded(&scenario);
        match DIFFERENCES.iter().find(|(_, _, ids)| ids.contains(&id)) {
            None => {}
            Some((_, Decision::Status400, _)) => (expected.status, expected.response) = (400, String::new()),
            Some((_, Decision::Refused, _)) => {
                let close = if revision == Revision::V4 { "1" } else { "1:1" };
                expected = Outcome {
                    status: 400,
                    response: String::new(),
                    get: Some(close.into()),
                    messages: Vec::new(),
                    closed: Some("parse error".into()),
                }
            }
            Some((_, Decision::Get(body), _)) => expected.get = Some((*body).into()),
        }
        let mut found = play(revision, format_of(&scenario), body(&scenario["post_body"]));
        if scenario["messages_delivered"].is_number() {
            found.messages = Vec::from([json!(found.messages.len())]);
        }
        assert_eq!(found, expected, "{id}");
    }
}

fn scenarios() -> impl Iterator<Item = (Revision, Value)> {
    let eio3 = vectors::eio3_post_scenarios().into_iter().map(|scenario| (Revision::V3, scenario));
    let eio4 = vectors::eio4_post_scenarios().into_iter().map(|scenario| (Revision::V4, scenario));
    eio3.chain(eio4)
}

fn recorded(scenario: &Value) -> Outcome {
    // A message without data is an empty one here: EIO4-PKT-03.
    let model = |message: &Value| if message.is_null() { json!("") } else { message.clone() };
    let messages = match &scenario["messages_delivered"] {
        Value::Array(messages) => messages.iter().map(model).collect(),
        count => Vec::from([count.clone()]),
    };
    let get = &scenario["pending_get"];
    Outcome {
        status: scenario["post_status"].as_u64().unwrap(),
        response: text(scenario, "post_response").into(),
        get: get.is_object().then(|| text(get, "body").into()),
        messages,
        closed: scenario["session_closed"]["reason"].as_str().map(String::from),
    }
}

/// The format that the router reads out of the scenario's headers.
fn format_of(scenario: &Value) -> BodyFormat {
    let content_type = scenario["post_headers"]["content-type"].as_str();
    let query = "EIO=4&transport=polling&sid=x";
    let head = RequestHead { method: "POST", query, content_type, origin: None, wants_websocket: false };
    match Router::new(config()).unwrap().route(&head) {
        Ok(Route::Session(request)) => match request.action {
            Action::Post(format) => format,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn body(value: &Value) -> Bytes {
    match value["repeat"].as_array() {
        Some(parts) => {
            let (first, character) = (parts[0].as_str().unwrap(), parts[1].as_str().unwrap());
            let times = usize::try_from(parts[2].as_u64().unwrap()).unwrap();
            let body = String::from(first) + &character.repeat(times);
            assert_eq!(value["bytes"], body.len());
            Bytes::from(body)
        }
        None => value["hex"].as_str().map_or_else(|| Bytes::from(text(value, "text").to_string()), unhex),
    }
}

fn play(revision: Revision, format: BodyFormat, body: Bytes) -> Outcome {
    let query = format!("EIO={}&transport=polling", revision.as_str());
    let mut script = polling_as(&query).get(1).post_with(2, format);
    let mut outputs = script.rest();
    let mut script = script.body(2, body);
    outputs.extend(script.rest());

    let mut outcome = Outcome { status: 0, response: String::new(), get: None, messages: Vec::new(), closed: None };
    for output in outputs {
        match output {
            Output::Event(Event::Message(Frame::Text(text))) => outcome.messages.push(json!(text.as_str())),
            Output::Event(Event::Message(Frame::Binary(bytes))) => {
                outcome.messages.push(json!({"$bin": hex(&bytes)}));
            }
            Output::Event(Event::Closed(reason)) => outcome.closed = Some(reason.as_str().into()),
            Output::Transmit(Transmit::Respond { id, response }) => {
                let text = String::from_utf8(response.body.to_vec()).unwrap();
                if id.0 == 1 {
                    outcome.get = Some(text);
                } else {
                    (outcome.status, outcome.response) = (response.status.into(), text);
                }
            }
            other => panic!("{other:?}"),
        }
    }
    outcome
}

#[test]
fn the_table_of_differences_names_scenarios_that_exist() {
    let scenarios: Vec<_> = scenarios().map(|(_, scenario)| scenario).collect();
    for id in DIFFERENCES.iter().flat_map(|(_, _, ids)| *ids) {
        assert!(scenarios.iter().any(|scenario| text(scenario, "id") == *id), "{id}");
    }
}
