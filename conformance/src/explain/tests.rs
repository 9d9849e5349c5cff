use super::*;
use crate::capture::{Exchange, Log, Sighting, What, har};
use crate::trace::Side;

fn words(revision: Revision, frames: &[&str]) -> String {
    match explain(revision, Parser::Json, frames.iter().map(|source| frame(source).unwrap())) {
        Explained::Sound(words) | Explained::Faulty(words) => words,
    }
}

//= EIO3-PLD-02
#[test]
fn bodies_of_engine_io_3_are_taken_apart() {
    insta::assert_snapshot!(words(Revision::V3, &["21:42[\"message\",\"hello\"]2:40", "1:6"]), @r#"
    1  polling body, 28 bytes, 2 packets
    1.1  text, 21 bytes: 42["message","hello"]
       engine.io  message
       socket.io  EVENT / "message"
          arguments  ["hello"]
    1.2  text, 2 bytes: 40
       engine.io  message
       socket.io  CONNECT / with nothing
    2  polling body, 3 bytes, 1 packet
    2.1  text, 1 byte: 6
       engine.io  noop
    "#);
}

//= EIO3-BIN-01
#[test]
fn binary_bodies_are_taken_apart_and_unread_packets_are_counted() {
    insta::assert_snapshot!(words(Revision::V3, &["0x0102ff04aa0002ff37790001ff32", "2"]), @r#"
    1  binary polling body, 14 bytes, 3 packets
    1.1  binary, 2 bytes: 0x04aa
       engine.io  message
       socket.io  attachment that no packet announced at byte 0
    packets of this body that are not explained, since a receiver stops at the fault: 2
    frames that are not explained, since a receiver stops at the fault: 1
    "#);
}

#[test]
fn bodies_of_the_other_revision_are_recognised() {
    assert!(words(Revision::V4, &["2:402:41"]).contains("which --eio 3 reads"));
    assert!(words(Revision::V3, &["3:402:41"]).contains("its lengths do not end where it ends"));
    assert!(!words(Revision::V4, &["2probe", "42[\"1:2\"]"]).contains("--eio 3"));
}

//= EIO3-JSONP-01
#[test]
fn scripts_and_forms_of_jsonp_are_taken_apart() {
    insta::assert_snapshot!(
        words(Revision::V4, &[r#"___eio[0]("42[\"a\"]\u001e42[\"b\"]");"#, "d=42%5B%22%C3%A9%22%5D"]), @r#"
    1  answer of JSONP, 38 bytes, 2 packets
    1.1  text, 7 bytes: 42["a"]
       engine.io  message
       socket.io  EVENT / "a"
          arguments  []
    1.2  text, 7 bytes: 42["b"]
       engine.io  message
       socket.io  EVENT / "b"
          arguments  []
    2  request of JSONP, 22 bytes, 1 packet
    2.1  text, 8 bytes: 42["é"]
       engine.io  message
       socket.io  EVENT / "é"
          arguments  []
    "#);
}

#[test]
fn nothing_of_a_frame_is_left_out() {
    insta::assert_snapshot!(
        words(Revision::V4, &[
            r#"0{"sid":"ab","upgrades":["websocket","x"],"pingInterval":25000,"pingTimeout":20000.5,"maxPayload":1e6,"motd":"hi"}"#,
            "40/\u{a0},",
            "6:::x",
            "5::/chat:{\"name\":\"x\"}",
            "451-[\"up\",{\"_placeholder\":true,\"num\":0}]",
        ]), @r#"
    1  text, 114 bytes: 0{"sid":"ab","upgrades":["websocket","x"],"pingInterval":25000,"pingTimeout":20000.5,"maxPayload":1e6,"motd":"hi"}
       engine.io  open: sid ab, ping every 25s, pong within 20.001s, at most 1000000 bytes a payload
          motd "hi"
          upgrades ["websocket","x"]
    2  text, 6 bytes: 40/ ,
       engine.io  message
       socket.io  CONNECT "/\u{a0}" with nothing
    3  text, 5 bytes: 6:::x
       in Socket.IO 0.9, which knows no Engine.IO, this is: ack, data x
       engine.io  noop
          ignored, since such a packet has no data: :::x
    4  text, 21 bytes: 5::/chat:{"name":"x"}
       in Socket.IO 0.9, which knows no Engine.IO, this is: event, endpoint /chat, data {"name":"x"}
       engine.io  upgrade: the client moves to this transport
          ignored, since such a packet has no data: ::/chat:{"name":"x"}
    5  text, 40 bytes: 451-["up",{"_placeholder":true,"num":0}]
       engine.io  message
       socket.io  more attachments are announced than have arrived
    the attachments of the last packet are missing
       socket.io  EVENT / "up"
          arguments  [{"_placeholder":true,"num":0}]
          not all of its attachments are there
    "#);
}

#[test]
fn packets_of_msgpack_are_explained() {
    let packet = frame("0x83a47479706502a46461746192a178c403010203a36e7370a12f").unwrap();
    let Explained::Sound(words) = explain(Revision::V4, Parser::MsgPack, [packet]) else { panic!("a fault") };
    insta::assert_snapshot!(words, @r#"
    1  binary, 26 bytes: 0x83a47479706502a46461746192a178c403010203a36e7370a12f
       engine.io  message
       socket.io  EVENT / "x"
          arguments  [{"_placeholder":true,"num":0}]
          attachment 0: 3 bytes: 0x010203
    "#);
}

/// A recording with these entries.
fn recorded(entries: &str) -> String {
    let file = format!(r#"{{"log":{{"version":"1.2","entries":[{entries}]}}}}"#);
    explained(har(file.as_bytes()).unwrap())
}

/// All sessions, and what belongs to none.
fn explained(sightings: Vec<Sighting>) -> String {
    let mut log = Log::default();
    sightings.into_iter().for_each(|sighting| log.see(sighting));
    let sessions = log.conversations();
    let sessions = sessions.iter().map(|conversation| session(Parser::Json, conversation).into_words() + "\n");
    sessions.collect::<String>() + &rest(Parser::Json, &log).into_words()
}

#[test]
fn a_recorded_websocket_is_explained_message_by_message() {
    let words = recorded(
        r#"{"startedDateTime":"2026-11-27T11:29:23.500+00:00","time":2,
            "request":{"method":"GET","url":"ws://a/socket.io/?EIO=4&transport=websocket"},"response":{"status":101},
            "_webSocketMessages":[
                {"type":"receive","time":1795778963.6,"opcode":1,
                 "data":"0{\"sid\":\"a\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}"},
                {"type":"send","time":1795778963.7,"opcode":1,"data":"40"},
                {"type":"receive","time":1795778963.8,"opcode":1,"data":"40{\"sid\":\"b\"}"},
                {"type":"send","time":1795778963.9,"opcode":2,"data":"AQI="},
                {"type":"send","time":1795778964.0,"opcode":1,"data":"41"}]}"#,
    );
    insta::assert_snapshot!(words, @r#"
    session a
        0.000 s  ws   C ->  open /socket.io/?EIO=4&transport=websocket
        0.000 s  ws   <- S  opened
        0.100 s  ws   <- S  text, 88 bytes: 0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}
       engine.io  open: sid a, ping every 25s, pong within 20s, at most 1000000 bytes a payload
          upgrades []
        0.200 s  ws   C ->  text, 2 bytes: 40
       engine.io  message
       socket.io  CONNECT / with nothing
        0.300 s  ws   <- S  text, 13 bytes: 40{"sid":"b"}
       engine.io  message
       socket.io  CONNECT / with {"sid":"b"}
        0.400 s  ws   C ->  binary, 2 bytes: 0x0102
       engine.io  message
       socket.io  attachment that no packet announced at byte 0
        0.500 s  ws   C ->  text, 2 bytes: 41
       engine.io  message
       socket.io  DISCONNECT /
    "#);
}

/// The exchanges of polling come in the order in which they ended, with a binary body as characters, and without an answer.
//= EIO3-BIN-01
#[test]
fn recorded_polling_is_put_in_order() {
    let words = recorded(
        r#"{"startedDateTime":"2026-11-27T11:29:24Z","time":5,"request":{"method":"POST",
             "url":"http://a/socket.io/?EIO=3&transport=polling&sid=A",
             "postData":{"mimeType":"application/octet-stream","text":"\u0000\u0002\u00ff42\u0001\u0003\u00ff\u0004\u00e9\u0002"}},
             "response":{"status":200,"content":{"mimeType":"text/html","text":"ok"}}},
           {"startedDateTime":"2026-11-27T11:29:23.123456Z","time":-1,"request":{"method":"GET",
             "url":"http://a/socket.io/?EIO=3&transport=polling"},
             "response":{"status":200,"content":{"mimeType":"text/plain","encoding":"base64",
             "text":"NTk6MHsic2lkIjoiQSIsInVwZ3JhZGVzIjpbXSwicGluZ0ludGVydmFsIjoxLCJwaW5nVGltZW91dCI6MX0yOjQw"}}},
           {"startedDateTime":"2026-11-27T11:29:25Z","time":5,"request":{"method":"GET",
             "url":"http://a/socket.io/?EIO=3&transport=polling&sid=A"},"response":{"status":0,"content":{}}},
           {"startedDateTime":"2026-11-27T11:29:25Z","time":5,"request":{"method":"GET",
             "url":"http://a/socket.io/?EIO=9&transport=polling"},"response":{"status":400,"content":{"text":"no"}}},
           {"startedDateTime":"2026-11-27T11:29:20Z","time":5,"request":{"method":"GET",
             "url":"http://a/page.html"},"response":{"status":200,"content":{"text":"a page"}}}"#,
    );
    insta::assert_snapshot!(words, @r#"
    session A
        0.000 s  GET  C ->  /socket.io/?EIO=3&transport=polling
        0.000 s  GET  <- S  text, 59 bytes: 0{"sid":"A","upgrades":[],"pingInterval":1,"pingTimeout":1}
       engine.io  open: sid A, ping every 1ms, pong within 1ms
          upgrades []
        0.000 s  GET  <- S  text, 2 bytes: 40
       engine.io  message
       socket.io  CONNECT / with nothing
        0.877 s  POST C ->  /socket.io/?EIO=3&transport=polling&sid=A
        0.877 s  POST C ->  text, 2 bytes: 42
       engine.io  message
       socket.io  payload does not fit the packet type at byte 1
          2
           ^
        0.877 s  POST C ->  binary, 3 bytes: 0x04e902
       engine.io  message
       socket.io  attachment that no packet announced at byte 0
        0.882 s  HTTP <- S  200 ok
        1.877 s  GET  C ->  /socket.io/?EIO=3&transport=polling&sid=A

    of no session
        1.877 s  GET  C ->  /socket.io/?EIO=9&transport=polling
        1.882 s  HTTP <- S  400 no
    the recording has no WebSocket; some tools leave them out
    "#);
}

/// Servers answer a POST with what they like, and a body that cannot be read is no reason to leave its request out.
#[test]
fn what_is_recorded_beside_the_packets_is_shown_too() {
    let words = recorded(
        r#"{"startedDateTime":"2026-11-27T11:29:24Z","time":5,"request":{"method":"POST",
             "url":"http://a/socket.io/?EIO=4&transport=polling&sid=A","postData":{"text":"40"}},
             "response":{"status":200,"content":{"text":"6 bytes taken"}}},
           {"startedDateTime":"2026-11-27T11:29:25Z","time":5,"request":{"method":"GET",
             "url":"http://a/socket.io/?EIO=4&transport=polling&sid=A"},
             "response":{"status":200,"content":{"encoding":"base64","text":"?"}}}"#,
    );
    insta::assert_snapshot!(words, @r#"
    session A
        0.000 s  POST C ->  /socket.io/?EIO=4&transport=polling&sid=A
        0.000 s  POST C ->  text, 2 bytes: 40
       engine.io  message
       socket.io  CONNECT / with nothing
        0.005 s  HTTP <- S  200 6 bytes taken
        1.000 s  GET  C ->  /socket.io/?EIO=4&transport=polling&sid=A
        1.005 s  HTTP <- S  200   (its base64 cannot be read: Invalid symbol 63, offset 0.)

    the recording has no WebSocket; some tools leave them out
    "#);
}

/// Messages of the server on a WebSocket.
fn on_websocket(said: Vec<What>) -> String {
    let exchange = Exchange { connection: 0, request: 0 };
    let target = "/socket.io/?EIO=4&transport=websocket&sid=A".to_owned();
    let open = What::Open { target, agent: None };
    let sighting = |what| Sighting { at: std::time::Duration::ZERO, exchange, what };
    explained([open].into_iter().chain(said).map(sighting).collect())
}

#[test]
fn a_packet_whose_attachment_was_cut_is_shown_and_so_is_the_next_one() {
    let text = |text: &str| What::Text(Side::Server, text.to_owned());
    let cut = What::Unreadable(Side::Server, "a message of which 9 bytes were not recorded".to_owned());
    let words = on_websocket(vec![text(r#"451-["file",{"_placeholder":true,"num":0}]"#), cut, text(r#"42["next"]"#)]);
    insta::assert_snapshot!(words, @r#"
    session A
        0.000 s  ws   C ->  open /socket.io/?EIO=4&transport=websocket&sid=A
        0.000 s  ws   <- S  text, 42 bytes: 451-["file",{"_placeholder":true,"num":0}]
       engine.io  message
       socket.io  more attachments are announced than have arrived
        0.000 s       <- S  a message of which 9 bytes were not recorded
       socket.io  EVENT / "file"
          arguments  [{"_placeholder":true,"num":0}]
          the recording does not have the contents of all attachments
        0.000 s  ws   <- S  text, 10 bytes: 42["next"]
       engine.io  message
       socket.io  EVENT / "next"
          arguments  []
    "#);
}

#[test]
fn a_packet_in_place_of_an_attachment_is_shown_and_so_is_the_one_before() {
    let text = |text: &str| What::Text(Side::Server, text.to_owned());
    let words = on_websocket(vec![
        text(r#"451-["file",{"_placeholder":true,"num":0}]"#),
        text(r#"42["next"]"#),
        text(r#"452-["pair",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#),
        What::Binary(Side::Server, vec![1]),
    ]);
    insta::assert_snapshot!(words, @r#"
    session A
        0.000 s  ws   C ->  open /socket.io/?EIO=4&transport=websocket&sid=A
        0.000 s  ws   <- S  text, 42 bytes: 451-["file",{"_placeholder":true,"num":0}]
       engine.io  message
       socket.io  more attachments are announced than have arrived
        0.000 s  ws   <- S  text, 10 bytes: 42["next"]
       engine.io  message
       socket.io  text while attachments are missing at byte 0
          2["next"]
          ^
       the packet before:
       socket.io  EVENT / "file"
          arguments  [{"_placeholder":true,"num":0}]
          not all of its attachments are there
       this packet, if nothing was missing:
       socket.io  EVENT / "next"
          arguments  []
        0.000 s  ws   <- S  text, 72 bytes: 452-["pair",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]
       engine.io  message
       socket.io  more attachments are announced than have arrived
        0.000 s  ws   <- S  binary, 1 byte: 0x01
       engine.io  message
       socket.io  more attachments are announced than have arrived
    the attachments of the last packet are missing
       socket.io  EVENT / "pair"
          arguments  [{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]
          not all of its attachments are there
    "#);
}

#[test]
fn what_is_no_recording_is_refused() {
    let refusal = |file: &str| har(file.as_bytes()).unwrap_err().to_string();
    assert_eq!(refusal("[]"), "it is JSON, but not a HAR file: line 1, column 2");
    assert_eq!(refusal("{\"log\":\n{"), "it ends in the middle of a HAR file: line 2, column 1");
    assert_eq!(refusal("42[1]"), "it is JSON, but not a HAR file: line 1, column 2");
    assert_eq!(refusal("0{"), "it is JSON, but not a HAR file: line 1, column 1");
    let undated = r#"{"log":{"entries":[{"startedDateTime":"today","request":{"method":"GET","url":"/"},"response":{"status":0}}]}}"#;
    assert_eq!(refusal(undated), "it is JSON, but not a HAR file: line 1, column 45");
    assert_eq!(refusal("<html>"), "it is not JSON, and so not a HAR file: line 1, column 1");
    assert_eq!(
        refusal(r#"{"log":{"entries":[]}}"#),
        "none of its 0 entries is a request of Engine.IO, which has EIO= in its query"
    );
}
