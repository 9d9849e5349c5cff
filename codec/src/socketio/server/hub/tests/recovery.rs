//! Clients that lose their connection and come back.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::script::{Script, frames, hub, hub_with, root, s};
use crate::engineio::{CloseReason, PacketErrorKind};
use crate::socketio::server::hub::{Config, Recovered, Recovery};
use crate::socketio::{DecodeErrorKind, DisconnectReason, Violation};

const LOST: DisconnectReason = DisconnectReason::Engine(CloseReason::TransportClose);

/// Offsets of a hub with this seed begin with `AAAAAAAA`.
const RECOVERY: Recovery = Recovery::new([0; 6]);

/// What Ann says who has seen the first event.
const AUTH: &str = r#"{"pid":"ann-pid","offset":"AAAAAAAA.0"}"#;

fn remembering(recovery: Recovery) -> Script {
    hub_with(Config::default().with_recovery(recovery))
}

/// Ann is in red and has seen one event.
fn ann(recovery: Recovery) -> Script {
    remembering(recovery)
        .add_recoverable("/", "ann")
        .whatever()
        .join("ann", "red")
        .whatever()
        .says(&root(), "e", "[1]")
        .expect(&[r#"ann< 42["e",1,"AAAAAAAA.0"]"#])
}

fn missed(recovered: Option<Recovered>) -> Option<Vec<String>> {
    recovered.map(|recovered| recovered.missed.iter().map(frames).collect())
}

//= SIO5-CSR-03
//= SIO5-CSR-05
#[test]
fn who_comes_back_gets_what_it_missed() {
    let (mut back, mut twice) = (None, None);
    let script = ann(RECOVERY)
        .lose("ann", LOST)
        .expect(&["/#ann-ann", "-/#ann", "/#red-ann", "-/#red"])
        .expect_deadline(Some(s(120)))
        .says(&root(), "missed", "[2]")
        .says(&root().to("blue"), "not for ann", "[]")
        .says(&root().except("red"), "not for red", "[]")
        .says(&root().to("red").to("blue"), "missed3", "[]")
        .says(&root().volatile(), "volatile", "[]")
        .expect_nothing()
        .recover("/", AUTH, &mut back)
        .expect(&["+/#ann", "/#ann+ann", "+/#red", "/#red+ann"])
        .expect_rooms_of("ann", &["ann", "red"])
        .expect_deadline(None);
    let recovered = back.clone().unwrap();
    assert_eq!((recovered.member, recovered.sid.as_str()), (script.id("ann"), "ann"));
    assert_eq!(recovered.pid.as_str(), "ann-pid");
    let expected = [r#"42["missed",2,"AAAAAAAA.1"]"#, r#"42["missed3","AAAAAAAA.4"]"#].map(String::from);
    assert_eq!(missed(back), Some(expected.to_vec()));
    script.recover("/", AUTH, &mut twice).expect_nothing();
    assert_eq!(twice, None, "it is here");
}

//= SIO5-CSR-03
#[test]
fn only_what_can_be_recovered_has_an_offset() {
    remembering(RECOVERY)
        .add("/", "ann")
        .whatever()
        .says(&root().volatile(), "e", "[]")
        .expect(&[r#"ann<? 42["e"]"#])
        .ask(&root(), 1, 1)
        .expect(&[r#"ann< 421["ask"]"#])
        .answer("ann", 1, "[]")
        .expect(&["1: ann=[]"])
        .says(&root(), "e", "[]")
        .expect(&[r#"ann< 42["e","AAAAAAAA.0"]"#])
        .says(&root().to("nobody"), "e", r#"[{"a":1}]"#)
        .says(&root(), "e", "[ 1 ]")
        .expect(&[r#"ann< 42["e",1,"AAAAAAAA.2"]"#]);
    hub().add("/", "ann").whatever().says(&root(), "e", "[]").expect(&[r#"ann< 42["e"]"#]);
}

//= SIO5-CSR-04
#[test]
fn a_claim_that_does_not_hold() {
    for auth in [
        r#"{"pid":"bob-pid","offset":"AAAAAAAA.0"}"#,
        r#"{"pid":"ann-pid","offset":"AAAAAAAA.1"}"#,
        r#"{"pid":"ann-pid","offset":"AAAAAAAA.00"}"#,
        r#"{"pid":"ann-pid","offset":"AAAAAAAA.+0"}"#,
        r#"{"pid":"ann-pid","offset":"BBBBBBBB.0"}"#,
        r#"{"pid":"ann-pid","offset":".0"}"#,
        r#"{"pid":"ann-pid","offset":"anything"}"#,
        r#"{"pid":"ann-pid","offset":0}"#,
        r#"{"pid":["ann-pid"],"offset":"AAAAAAAA.0"}"#,
        r#"{"pid":"ann-pid"}"#,
        "{}",
    ] {
        let mut back = None;
        let script = ann(RECOVERY).lose("ann", LOST).whatever().recover("/", auth, &mut back).expect_nothing();
        assert_eq!(back, None, "{auth}");
        let script = script.recover("/a", AUTH, &mut back).expect_nothing();
        assert_eq!(back, None, "another namespace");
        script.recover("/", AUTH, &mut back).whatever();
        assert_eq!(missed(back), Some(Vec::new()), "false claims do no harm");
    }
    let mut back = None;
    hub().add_recoverable("/", "ann").whatever().lose("ann", LOST).whatever().recover("/", AUTH, &mut back);
    assert_eq!(back, None, "the hub remembers nothing");
}

//= SIO5-CSR-08
#[test]
fn who_meant_to_go_cannot_come_back() {
    let reasons = [
        (DisconnectReason::ClientNamespace, false),
        (DisconnectReason::ServerNamespace, false),
        (DisconnectReason::Engine(CloseReason::ParseError(PacketErrorKind::Empty)), false),
        (DisconnectReason::Engine(CloseReason::TransportClose), true),
        (DisconnectReason::Engine(CloseReason::PingTimeout), true),
        (DisconnectReason::Engine(CloseReason::ForcedClose), true),
        (DisconnectReason::InvalidPacket(DecodeErrorKind::InvalidJson), true),
        (DisconnectReason::Violation(Violation::NotJoined), true),
    ];
    for (reason, returns) in reasons {
        let mut back = None;
        ann(RECOVERY).lose("ann", reason).whatever().recover("/", AUTH, &mut back).whatever();
        assert_eq!(back.is_some(), returns, "{reason}");
    }
}

//= SIO5-CSR-08
#[test]
fn who_is_away_too_long_cannot_come_back() {
    let recovery = || RECOVERY.with_max_disconnection(Duration::from_secs(10));
    let mut back = None;
    let away = || ann(recovery()).lose("ann", LOST).whatever();
    away().at(s(9)).recover("/", AUTH, &mut back).whatever();
    assert!(back.is_some());
    away().at(s(10)).expect(&["forgotten ann"]).expect_deadline(None).recover("/", AUTH, &mut back).expect_nothing();
    assert_eq!(back, None);
}

/// What is no longer in the log cannot be sent, and who may have missed it starts anew.
//= SRV-LIM-01
//= SIO5-CSR-04
#[test]
fn the_log_is_bounded() {
    // Each packet is `42["x","AAAAAAAA.1"]`, 20 bytes.
    for recovery in [RECOVERY.with_max_packets(2), RECOVERY.with_max_bytes(59)] {
        let mut script = ann(recovery).lose("ann", LOST).whatever().broadcast(&root()).broadcast(&root());
        for (offset, returns) in [(0, false), (3, false), (1, true)] {
            let mut back = None;
            let auth = format!(r#"{{"pid":"ann-pid","offset":"AAAAAAAA.{offset}"}}"#);
            script = script.recover("/", &auth, &mut back).whatever();
            let expected = returns.then(|| Vec::from([String::from(r#"42["x","AAAAAAAA.2"]"#)]));
            assert_eq!(missed(back), expected, "{offset}");
        }
    }
    let mut back = None;
    let recovery = RECOVERY.with_max_disconnection(Duration::from_secs(10));
    let script = ann(recovery).at(s(11)).broadcast(&root()).whatever();
    script.lose("ann", LOST).whatever().recover("/", AUTH, &mut back).whatever();
    assert_eq!(back, None, "older than anybody may be away");
}

//= SRV-LIM-01
#[test]
fn those_who_are_away_are_counted() {
    ann(RECOVERY.with_max_sessions(1))
        .add_recoverable("/", "bob")
        .whatever()
        .lose("ann", LOST)
        .whatever()
        .lose("bob", LOST)
        .expect(&["/#bob-bob", "-/#bob", "forgotten ann"])
        .at(s(120))
        .expect(&["forgotten bob"]);
}

#[cfg(feature = "msgpack")]
#[test]
fn offsets_of_the_msgpack_parser() {
    use crate::socketio::{Args, Parser};
    let args = Args::encode_with(Parser::MsgPack, &(true,)).unwrap();
    let bytes = bytes::Bytes::from_static(b"\x83\xa4type\x02\xa4data\x93\xa1e\xc3\xaaAAAAAAAA.0\xa3nsp\xa1/");
    hub_with(Config::default().with_recovery(RECOVERY).with_parser(Parser::MsgPack))
        .add("/", "ann")
        .whatever()
        .does(|hub, now| assert_eq!(hub.broadcast(now, &root(), "e", &args), Ok(1)))
        .expect(&[&format!("ann< {bytes:?}")]);
}
