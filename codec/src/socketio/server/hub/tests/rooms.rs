//! Rooms: who is in which.

use alloc::vec::Vec;

use super::script::{hub, hub_with, namespace, root, with_members};
use crate::engineio::Sid;
use crate::limits::Limits;
use crate::socketio::server::hub::{Config, MemberId, Room, RoomError, Target};

//= SRV-ROOM-02
//= SRV-ROOM-04
//= SRV-ROOM-12
#[test]
fn a_room_is_there_while_somebody_is_in_it() {
    hub()
        .add("/", "ann")
        .expect(&["+/#ann", "/#ann+ann"])
        .join("ann", "red")
        .expect(&["+/#red", "/#red+ann"])
        .add("/", "bob")
        .expect(&["+/#bob", "/#bob+bob"])
        .join("bob", "red")
        .expect(&["/#red+bob"])
        .join("bob", "red")
        .expect_nothing()
        .leave("ann", "red")
        .expect(&["/#red-ann"])
        .leave("ann", "red")
        .leave("ann", "nowhere")
        .expect_nothing()
        .leave("bob", "red")
        .expect(&["/#red-bob", "-/#red"])
        .join("bob", "red")
        .expect(&["+/#red", "/#red+bob"]);
}

//= SRV-ROOM-01
#[test]
fn rooms_are_per_namespace() {
    let a = Target::everyone(&namespace("/a"));
    let script = with_members(&["ann"]).join("ann", "red").whatever().add("/a", "bob").whatever();
    script
        .join("bob", "red")
        .expect(&["+/a#red", "/a#red+bob"])
        .broadcast(&root().to("red"))
        .expect(&[r#"ann< 42["x"]"#])
        .broadcast(&a.clone().to("red"))
        .expect(&[r#"bob< 42/a,["x"]"#])
        .broadcast(&a.to("ann"))
        .expect_nothing()
        .does(|hub, _| {
            assert_eq!(hub.rooms(&namespace("/a")).map(Room::as_str).collect::<Vec<_>>(), ["bob", "red"]);
            assert_eq!(hub.namespace_of(MemberId(1)), Some(&namespace("/a")));
            assert_eq!(hub.sid_of(MemberId(1)).map(Sid::as_str), Some("bob"));
            assert_eq!(hub.sid_of(MemberId(7)), None);
        });
}

//= SRV-ROOM-03
#[test]
fn who_goes_leaves_its_rooms() {
    let script = with_members(&["ann", "bob"]).join("ann", "red").whatever().join("bob", "red").whatever();
    script
        .expect_rooms_of("ann", &["ann", "red"])
        .remove("ann")
        .expect(&["/#ann-ann", "-/#ann", "/#red-ann"])
        .expect_rooms_of("ann", &[])
        .broadcast(&root())
        .expect(&[r#"bob< 42["x"]"#])
        .remove("ann")
        .expect_nothing()
        .remove("bob")
        .expect(&["/#bob-bob", "-/#bob", "/#red-bob", "-/#red"]);
}

//= SRV-ROOM-13
#[test]
fn verbs_for_many() {
    let red = root().to("red");
    with_members(&["ann", "bob", "cid"])
        .does(|hub, _| assert_eq!(hub.join_all(&root().except("bob"), "red"), 0))
        .expect(&["+/#red", "/#red+ann", "/#red+cid"])
        .expect_selected(&red, &["ann", "cid"])
        .does(|hub, _| hub.disconnect_all(&red, false))
        .expect(&["ann!", "cid!"])
        .expect_selected(&red, &["ann", "cid"])
        .does(|hub, _| hub.disconnect_all(&root().to("bob"), true))
        .expect(&["bob!!"])
        .does(|hub, _| hub.leave_all(&root(), "red"))
        .expect(&["/#red-ann", "/#red-cid", "-/#red"])
        .expect_selected(&red, &[]);
}

//= SRV-LIM-01
#[test]
fn rooms_are_counted() {
    let config = Config::default().with_limits(Limits::default().with_max_rooms_per_member(2));
    hub_with(config)
        .add("/", "ann")
        .whatever()
        .join("ann", "red")
        .whatever()
        .does(|hub, _| {
            assert_eq!(hub.join(MemberId(0), "blue"), Err(RoomError::TooManyRooms));
            assert_eq!(hub.join(MemberId(0), "red"), Ok(()), "it is there already");
            assert_eq!(hub.join(MemberId(9), "red"), Err(RoomError::UnknownMember));
            assert_eq!(hub.leave(MemberId(9), "red"), Err(RoomError::UnknownMember));
            assert_eq!(hub.join_all(&root(), "blue"), 1);
        })
        .expect_nothing()
        .leave("ann", "ann")
        .expect(&["/#ann-ann", "-/#ann"])
        .join("ann", "blue")
        .expect(&["+/#blue", "/#blue+ann"]);
}
