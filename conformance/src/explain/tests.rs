use super::*;

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
    2.1  text, 1 bytes: 6
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
