//! Who a broadcast is for, and what it is.

use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::script::{Script, root, with_members};
use crate::engineio::{self, Encoded, Sid};
use crate::frame::Frame;
use crate::machine::{Machine as _, Output};
use crate::socketio::server::hub::{Config, Hub, MemberId, Transmit};
use crate::socketio::{self, Args, Connection, EmitError, Namespace};
use crate::text::Text;
use crate::time::Timestamp;

/// Ann is in red, Bob in red and blue, Cid in blue, Dan in none.
fn four() -> Script {
    let script = with_members(&["ann", "bob", "cid", "dan"]);
    let rooms = [("cid", "blue"), ("bob", "blue"), ("bob", "red"), ("ann", "red")];
    rooms.iter().fold(script, |script, (sid, room)| script.join(sid, room).whatever())
}

//= SRV-ROOM-05
//= SRV-ROOM-06
//= SRV-ROOM-07
#[test]
fn selections_in_the_order_of_joining() {
    four()
        .expect_selected(&root(), &["ann", "bob", "cid", "dan"])
        .expect_selected(&root().to("red"), &["ann", "bob"])
        .expect_selected(&root().to("blue").to("red"), &["ann", "bob", "cid"])
        .expect_selected(&root().to("blue").to("blue"), &["bob", "cid"])
        .expect_selected(&root().to("nowhere"), &[])
        .expect_selected(&root().to("nowhere").to("dan"), &["dan"])
        .expect_selected(&root().except("red"), &["cid", "dan"])
        .expect_selected(&root().except("red").except("blue"), &["dan"])
        .expect_selected(&root().to("blue").except("red"), &["cid"])
        .expect_selected(&root().to("bob").except("red"), &[])
        .expect_selected(&root().except("nowhere"), &["ann", "bob", "cid", "dan"])
        .broadcast(&root().to("blue").to("red"))
        .expect(&[r#"ann< 42["x"]"#, r#"bob< 42["x"]"#, r#"cid< 42["x"]"#]);
}

//= SRV-ROOM-08
#[test]
fn the_sender_is_left_out_if_the_program_says_so() {
    four()
        .broadcast(&root().to("red").except("ann"))
        .expect(&[r#"bob< 42["x"]"#])
        .broadcast(&root().to("red"))
        .expect(&[r#"ann< 42["x"]"#, r#"bob< 42["x"]"#]);
}

//= SRV-BC-01
//= SRV-BC-02
#[test]
fn flags() {
    assert!(root().local().is_local());
    assert!(!root().volatile().is_local());
    four().broadcast(&root().to("dan").volatile().local()).expect(&[r#"dan<? 42["x"]"#]);
}

//= SIO5-EVT-02
#[test]
fn reserved_names_are_not_broadcast() {
    four()
        .cannot(EmitError::ReservedName, |hub, now| hub.broadcast(now, &root(), "connect", Args::empty()).map(|_| ()))
        .cannot(EmitError::ReservedName, |hub, now| {
            hub.broadcast_with_ack(now, &root(), "disconnecting", Args::empty(), Duration::from_secs(1)).map(|_| ())
        })
        .expect_deadline(None);
}

#[test]
fn a_broadcast_with_attachments_is_written_once() {
    let args = Args::builder().binary(Bytes::from_static(&[1, 2])).build().unwrap();
    let mut hub = Hub::new(Config::default());
    for sid in ["ann", "bob"] {
        hub.add(&Namespace::root(), &Sid::as_given(sid));
    }
    while hub.poll_output().is_some() {}
    assert_eq!(hub.broadcast(Timestamp::ZERO, &root(), "b", &args), Ok(2));
    let mut next = || {
        let Some(Output::Transmit(Transmit::Deliver { broadcast, .. })) = hub.poll_output() else { panic!("nothing") };
        let frames: Vec<_> = broadcast.messages().frames().collect();
        let [Frame::Text(text), Frame::Binary(bytes)] = &frames[..] else { panic!("{frames:?}") };
        assert_eq!(text, r#"451-["b",{"_placeholder":true,"num":0}]"#);
        (text.as_bytes().as_ptr(), bytes.as_ptr())
    };
    assert_eq!(next(), next());
}

/// A client that was let in, and its member.
fn client(hub: &mut Hub, seed: u8) -> (MemberId, Connection) {
    let mut connection = Connection::new(socketio::Config::default());
    connection.handle(Timestamp::ZERO, engineio::Event::Opened);
    connection.handle(Timestamp::ZERO, engineio::Event::Message(Frame::from("0")));
    let sid = Sid::from_entropy([seed; 15]);
    connection.accept(&Namespace::root(), &sid).unwrap();
    let member = hub.add(&Namespace::root(), &sid);
    while connection.poll_output().is_some() || hub.poll_output().is_some() {}
    (member, connection)
}

//= SRV-ROOM-11
#[test]
fn broadcasts_and_emits_in_sequence() {
    let mut hub = Hub::new(Config::default());
    let (member, mut connection) = client(&mut hub, 1);
    let none = Args::empty();
    connection.emit(&Namespace::root(), "1", &none).unwrap();
    for name in ["2", "3"] {
        hub.broadcast(Timestamp::ZERO, &root(), name, &none).unwrap();
    }
    while let Some(Output::Transmit(Transmit::Deliver { member: to, broadcast })) = hub.poll_output() {
        assert_eq!(to, member);
        connection.deliver(Timestamp::ZERO, &broadcast).unwrap();
    }
    connection.emit(&Namespace::root(), "4", &none).unwrap();
    let sent: Vec<_> = core::iter::from_fn(|| connection.poll_output()).collect();
    let event = |name: &str| {
        let text = Text::from(format!(r#"42["{name}"]"#));
        Output::Transmit(socketio::Transmit::Send(Encoded::packet(text, &[])))
    };
    assert_eq!(sent, ["1", "2", "3", "4"].map(event));
}

#[cfg(feature = "msgpack")]
#[test]
fn a_hub_of_the_msgpack_parser() {
    let config = Config::default().with_parser(socketio::Parser::MsgPack);
    let script = super::script::hub_with(config).add("/", "ann").whatever().says(&root(), "e", "[true]");
    let bytes = Bytes::from_static(b"\x83\xa4type\x02\xa4data\x92\xa1e\xc3\xa3nsp\xa1/");
    script.expect(&[&format!("ann< {bytes:?}")]);
}
