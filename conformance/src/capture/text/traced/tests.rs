//! Traces as recordings.

use std::time::Duration;

use super::read;
use crate::capture::{Body, Clock, Lack, Recording, What};
use crate::trace::Side;

/// A trace with these needs and lines.
fn played(needs: &str, lines: &str) -> Recording {
    read(&format!("title     A trace\ncovers    EIO4-HS-01\nlevel     must\nneeds     {needs}\n\n{lines}")).unwrap()
}

/// What the lines show, each in a few words.
fn shown(needs: &str, lines: &str) -> Vec<String> {
    let words = |what: &What| match what {
        What::Request { method, target, body, .. } => format!("{method} {target} {body:?}"),
        What::Answer { status, body, .. } => format!("{status} {body:?}"),
        What::Open { target, .. } => format!("open {target}"),
        What::Opened => "opened".to_owned(),
        What::Text(side, text) => format!("{} {text}", side.as_str()),
        What::Binary(side, bytes) => format!("{} {bytes:?}", side.as_str()),
        What::Close(side, code) => format!("{} close {code:?}", side.as_str()),
        What::End(side) => format!("{} end", side.as_str()),
        What::Unreadable(side, why) | What::Hidden(side, why) => format!("{} {why}", side.as_str()),
        What::Joined(_) => "joined".to_owned(),
    };
    played(needs, lines).sightings.iter().map(|sighting| words(&sighting.what)).collect()
}

#[test]
fn a_hole_has_one_value_that_fits_its_place() {
    let lines = "\
hs C get   EIO=4&transport=polling
hs S 200
hs S packet  0{\"sid\":$sid,\"upgrades\":$_,\"pingInterval\":$interval,\"pingTimeout\":20,\"maxPayload\":$max}
ws C open  EIO=4&transport=websocket&sid=$sid
ws C text  2probe
ws S text  3probe
ws C text  42$n[\"a\"]
ws S text  43$n[\"$sid\",$sid]
";
    assert_eq!(
        shown("polling websocket", lines),
        [
            "GET /engine.io/?EIO=4&transport=polling \"\"",
            r#"200 "0{\"sid\":\"sid\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20,\"maxPayload\":1000000}""#,
            "open /engine.io/?EIO=4&transport=websocket&sid=sid",
            "opened",
            "C 2probe",
            "S 3probe",
            "C 420[\"a\"]",
            "S 430[\"sid\",\"sid\"]",
        ]
    );
}

#[test]
fn keys_that_a_line_leaves_open_are_there() {
    let lines = "ws C open  EIO=4&transport=websocket\nws S text  0{\"sid\":$_}  more\n";
    let open = r#"S 0{"sid":"any","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
    assert_eq!(shown("websocket", lines)[2], open);
    let fault = "ws C open  EIO=4&transport=websocket\nws S text  0{\"sid\":$_}\n";
    assert_eq!(shown("websocket", fault)[2], r#"S 0{"sid":"any"}"#, "as it stands");
}

#[test]
fn bodies_have_the_form_that_the_query_says() {
    let lines = "\
a C post    EIO=3&transport=polling&sid=x
a C header  Content-Type: application/octet-stream
a C packet  4a
a C binary  0401
a S 200
a S body    ok
b C get     EIO=4&transport=polling&sid=x&j=7
b S 200
b S script  7
b S packet  4b
c C post    EIO=4&transport=polling&sid=x&j=7
c C packet  4c
";
    assert_eq!(
        shown("polling", lines),
        [
            "POST /engine.io/?EIO=3&transport=polling&sid=x 10 bytes",
            "200 \"ok\"",
            "GET /engine.io/?EIO=4&transport=polling&sid=x&j=7 \"\"",
            r#"200 "___eio[7](\"4b\");""#,
            "POST /engine.io/?EIO=4&transport=polling&sid=x&j=7 \"d=4c\"",
        ]
    );
}

/// Which packets an answer carries is a matter of chance. What the client said in between came in between.
#[test]
fn a_poll_that_is_repeated_becomes_as_many_as_are_needed() {
    let lines = "\
g C get     EIO=4&transport=polling&sid=x  until 2 packets
g S 200
g S packet  4a
p C post    EIO=4&transport=polling&sid=x
p C packet  4b
g S packet  4b
";
    let get = "GET /engine.io/?EIO=4&transport=polling&sid=x \"\"";
    let post = "POST /engine.io/?EIO=4&transport=polling&sid=x \"4b\"";
    assert_eq!(shown("polling", lines), [get, "200 \"4a\"", post, get, "200 \"4b\""]);
}

#[test]
fn frames_become_messages() {
    let lines = "\
ws C open   EIO=4&transport=websocket&sid=x
ws C frame  01 34
ws C frame  80 78  fill 200
ws C frame  88 03e8
vs C open   EIO=4&transport=websocket&sid=x
vs C frame  8f 00
us C open   EIO=4&transport=websocket&sid=x
us S closed
";
    let shown = shown("websocket", lines);
    assert_eq!(shown[2], format!("C 4{}", "x".repeat(200)));
    assert_eq!(shown[3], "C close Some(1000)");
    assert!(shown[6].starts_with("C no frames of a WebSocket"), "{shown:?}");
    assert_eq!(shown[8], "S end", "of a WebSocket of which nothing says that it was ever open");
}

#[test]
fn what_a_line_leaves_open_is_said_and_the_rest_is_read() {
    let lines = "\
ws C open   EIO=4&transport=websocket&sid=x
ws S text   4$_
ws S text   4b
r  C raw    GET / HTTP/1.1
p  C get    EIO=4&transport=polling&sid=x
p  S over
   S alive
";
    assert_eq!(shown("websocket", lines)[2..4], ["S line 7 of the trace leaves open what is sent", "S 4b"]);
    let recording = played("websocket", lines);
    assert_eq!(recording.lacks, [Lack::Part("the bytes on a connection of their own, in line 9".to_owned())]);
    let facts: Vec<_> = recording.facts.iter().map(ToString::to_string).collect();
    assert_eq!(facts, ["line 11: p S over", "line 12: S alive"]);
}

#[test]
fn the_server_of_a_test_of_clients_is_not_judged() {
    let lines = "ws C open  EIO=4&transport=websocket\nws S text  x\n";
    assert_eq!(played("websocket", lines).unjudged, None);
    assert_eq!(played("websocket client", lines).unjudged, Some(Side::Server));
}

#[test]
fn there_are_times_if_each_ping_has_one() {
    let lines = |window: &str| {
        format!(
            "ws C open  EIO=4&transport=websocket\nws S text  0{{\"sid\":\"a\",\"pingInterval\":$interval}}\n\
             ws S text  2  @ $interval{window}\nws C text  3\n   C wait  2s\nws S text  4\n"
        )
    };
    let recording = played("websocket", &lines(" -10% +25%"));
    assert_eq!(recording.clock, Clock::default());
    let at: Vec<_> = recording.sightings.iter().map(|sighting| sighting.at).collect();
    let seconds = Duration::from_secs;
    assert_eq!(at, [seconds(0), seconds(0), seconds(0), seconds(25), seconds(25), seconds(27)]);
    assert_eq!(played("websocket", &lines("..")).clock, Clock::Absent);
}

#[test]
fn a_trace_with_a_fault_is_recognised() {
    let lacks = |text: &str| read(text).map(|recording| recording.lacks);
    let fault = "line 5, column 4: expected a side, C or S, found \"X\"";
    assert_eq!(lacks("title A\ncovers EIO4-HS-01\nlevel must\n\nws X open\n"), Some(vec![Lack::End(fault.to_owned())]));
    assert_eq!(lacks("title A\nnot a header\n"), None);
    assert_eq!(lacks("↑2probe\t6\t11:29:22.553\n"), None);
}

#[test]
fn a_trace_of_any_length_has_an_end() {
    let endless = "ws C open  EIO=4&transport=websocket\nws C text  4  repeat 4000000000\nws C close\n";
    let recording = played("websocket", endless);
    assert_eq!(recording.lacks, [Lack::End("what stands from line 7 on: 64 MiB were read".to_owned())]);
    let long = "ws C open  EIO=4&transport=websocket\nws C text  4  fill 70000000\n";
    assert_eq!(played("websocket", long).lacks.len(), 1);
    let body = "p C post  EIO=4&transport=polling&sid=x  length 9\np C part  4he\np S 400\n";
    let sightings = played("polling", body).sightings;
    assert!(matches!(&sightings[0].what, What::Request { body: Body::Unreadable(_), .. }), "{sightings:?}");
}
