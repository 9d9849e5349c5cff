//! Names that collide, words that come late or too often, and programs that forget.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::bus::Cluster;
use super::{adapters, everyone};
use crate::cluster::id::{RequestId, Sender, Uid};
use crate::cluster::message::Message;
use crate::cluster::node::{Adapter, Channel, Command, CommandId, Config, Event, Input, Node, Rejection, Transmit};
use crate::cluster::options::{Flags, Options};
use crate::cluster::room::RoomKey;
use crate::cluster::streams::{Entry, EntryId};
use crate::cluster::{self, Packet, classic, sharded, streams};
use crate::engineio::Sid;
use crate::machine::{Machine as _, Output};
use crate::socketio::hub::Target;
use crate::socketio::{DisconnectReason, Namespace, Object};
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::ZERO;

fn sharded() -> Adapter {
    Adapter::Sharded(sharded::Config::default())
}

fn streams() -> Adapter {
    Adapter::Streams(streams::Config::default())
}

fn sid(seed: u8) -> Sid {
    Sid::from_entropy([seed; 15])
}

/// What another server says by the classic adapter, on the channel for requests.
fn request(cluster: &mut Cluster, message: &Message) {
    let codec = classic::Codec::new(classic::Config::default(), Namespace::root());
    let sent = codec.publish(&Sender::Node(Uid::short([9; 6])), message).unwrap();
    cluster.publish(&Channel::Plain(sent.channel.as_str().into()), &sent.payload);
    cluster.run();
}

#[test]
fn a_namespace_that_is_back_before_it_was_missed_is_listened_to() {
    for adapter in &adapters() {
        let mut cluster = Cluster::new(adapter, 2);
        let chat = Namespace::new("/chat").unwrap();
        let node = &mut cluster.nodes[0].node;
        let first = node.add(&chat, &sid(1), Object::default());
        node.remove(NOW, first, DisconnectReason::ClientNamespace);
        node.add(&chat, &sid(2), Object::default());
        cluster.run();
        cluster.nodes[1].node.broadcast(NOW, &Target::everyone(&chat), "hi", ()).unwrap();
        cluster.run();
        assert_eq!(cluster.delivered(0).len(), 1);
    }
}

#[test]
fn a_room_with_the_name_of_its_server_does_not_make_it_deaf() {
    let mut cluster = Cluster::new(&sharded(), 2);
    let (member, _) = cluster.client(0, 10);
    let name = cluster.nodes[0].node.uid.clone();
    cluster.nodes[0].node.join(member, name.as_str()).unwrap();
    cluster.run();
    cluster.nodes[0].node.leave(member, name.as_str()).unwrap();
    cluster.run();
    cluster.nodes[0].node.fetch(NOW, &everyone()).unwrap();
    cluster.run();
    let events = cluster.events(0);
    assert!(matches!(&events[..], [Event::Answered { missing, .. }] if missing.is_nobody()), "{events:?}");
}

/// The room `b` of the namespace `/a`, and the namespace `/a#b`, have one channel.
#[test]
fn a_room_and_a_namespace_may_share_a_channel() {
    let mut cluster = Cluster::new(&sharded(), 2);
    let [short, long] = ["/a", "/a#b"].map(|name| Namespace::new(name).unwrap());
    let node = &mut cluster.nodes[0].node;
    let (in_room, in_namespace) =
        (node.add(&short, &sid(1), Object::default()), node.add(&long, &sid(2), Object::default()));
    node.join(in_room, "b").unwrap();
    cluster.run();
    let (to_room, to_namespace) = (Target::everyone(&short).to("b"), Target::everyone(&long));
    for target in [&to_room, &to_namespace] {
        cluster.nodes[1].node.broadcast(NOW, target, "hi", ()).unwrap();
    }
    cluster.run();
    assert_eq!(cluster.delivered(0).into_keys().collect::<Vec<_>>(), [in_room, in_namespace]);
    // The room is listened to when the namespace is gone.
    cluster.nodes[0].node.remove(NOW, in_namespace, DisconnectReason::ClientNamespace);
    cluster.run();
    cluster.nodes[1].node.broadcast(NOW, &to_room, "hi", ()).unwrap();
    cluster.run();
    assert_eq!(cluster.delivered(0).into_keys().collect::<Vec<_>>(), [in_room]);
}

#[test]
fn own_words_are_known_to_a_namespace_that_was_gone_in_the_meantime() {
    for adapter in &adapters() {
        let mut cluster = Cluster::new(adapter, 1);
        let chat = Namespace::new("/chat").unwrap();
        let node = &mut cluster.nodes[0].node;
        let member = node.add(&chat, &sid(1), Object::default());
        cluster.run();
        let node = &mut cluster.nodes[0].node;
        node.broadcast(NOW, &Target::everyone(&chat), "hi", ()).unwrap();
        node.remove(NOW, member, DisconnectReason::ClientNamespace);
        while let Some(output) = node.poll_output() {
            let Output::Transmit(Transmit::Bus(command)) = output else { continue };
            cluster.command(0, command);
            break;
        }
        let node = &mut cluster.nodes[0].node;
        while node.poll_output().is_some() {}
        let later = node.add(&chat, &sid(2), Object::default());
        cluster.run();
        assert_eq!(cluster.delivered(0).get(&later), None);
    }
}

#[test]
fn counts_that_are_never_told_are_not_kept() {
    for adapter in &adapters() {
        let mut node = Node::new(Config::new(adapter.clone(), [1; 16]));
        node.declare(&Namespace::root());
        while node.poll_output().is_some() {}
        node.fetch(NOW, &everyone()).unwrap();
        node.server_side_emit_with_ack(NOW, &Namespace::root(), "s", ()).unwrap();
        let count = core::iter::from_fn(|| node.poll_output()).find_map(|output| match output {
            Output::Transmit(Transmit::Bus(Command::Count { id, .. })) => Some(id),
            _ => None,
        });
        while node.poll_output().is_some() {}
        node.handle_timeout(node.next_deadline().unwrap());
        while node.poll_output().is_some() {}
        assert!(node.is_idle(), "{node:?}");
        node.handle(NOW, Input::Counted { id: count.unwrap(), subscribers: 2 });
        assert_eq!(node.poll_output(), None);
    }
}

/// A node of the streams adapter with a member, and what it reads with.
fn reading() -> (Node, CommandId) {
    let mut node = Node::new(Config::new(streams(), [1; 16]));
    node.add(&Namespace::root(), &sid(1), Object::default());
    let tail = core::iter::from_fn(|| node.poll_output()).find_map(|output| match output {
        Output::Transmit(Transmit::Bus(Command::Tail { id, .. })) => Some(id),
        _ => None,
    });
    while node.poll_output().is_some() {}
    node.handle(NOW, Input::Entries { id: tail.unwrap(), entries: vec![] });
    let Some(Output::Transmit(Transmit::Bus(Command::Read { id, .. }))) = node.poll_output() else { panic!("a read") };
    (node, id)
}

#[test]
fn an_entry_that_is_told_twice_at_once_is_the_same() {
    let (mut node, id) = reading();
    let data = r#"{"packet":{"type":2,"data":["hi"]},"opts":{"rooms":[],"except":[],"flags":{}}}"#;
    let entry = Entry::new([("uid", "1111111111111111"), ("nsp", "/"), ("type", "3"), ("data", data)]);
    let at = |sequence| (EntryId { milliseconds: 1, sequence }, entry.clone());
    node.handle(NOW, Input::Entries { id, entries: vec![at(1), at(1), at(2), at(1)] });
    let delivered = core::iter::from_fn(|| node.poll_output());
    let delivered = delivered.filter(|output| matches!(output, Output::Transmit(Transmit::Local(_))));
    assert_eq!(delivered.count(), 2);
}

#[test]
fn a_read_that_ends_as_something_else_is_tried_again() {
    let (mut node, id) = reading();
    node.handle(NOW, Input::Done(id));
    assert_eq!(node.poll_output(), None);
    node.handle_timeout(node.next_deadline().unwrap());
    assert!(matches!(node.poll_output(), Some(Output::Transmit(Transmit::Bus(Command::Read { .. })))));
}

/// Anybody may be in the room that has the name of a socket.
#[test]
fn one_socket_is_disconnected_alone() {
    let mut cluster = Cluster::new(&super::classic(), 1);
    let (meant, id) = cluster.client(0, 10);
    let (other, _) = cluster.client(0, 11);
    cluster.nodes[0].node.join(other, &id).unwrap();
    cluster.run();
    let request_id = RequestId::short([1; 6]);
    request(&mut cluster, &Message::DisconnectOne { request: request_id, socket: id, close: true });
    assert_eq!(cluster.nodes[0].disconnected, [(meant, true)]);
}

#[test]
fn a_room_that_is_named_often_is_one() {
    let mut cluster = Cluster::new(&super::classic(), 1);
    for seed in 0..200 {
        let (member, _) = cluster.client(0, seed);
        cluster.nodes[0].node.join(member, "red").unwrap();
    }
    cluster.run();
    let often: Vec<RoomKey> = (0..10_000).map(|_| RoomKey::from("red")).collect();
    let mut options = Options::everyone();
    (options.rooms, options.except) = (often.clone(), vec![]);
    // Two million members, if each name counts.
    assert_eq!(super::super::receive::target(&Namespace::root(), &options).unwrap().rooms().len(), 1);
    request(&mut cluster, &Message::Leave { options, rooms: often });
    assert_eq!(cluster.nodes[0].node.hub().rooms(&Namespace::root()).count(), 200);
}

/// A member that may be in no more rooms is not asked for each of them.
#[test]
fn members_are_let_into_as_many_rooms_as_they_may_be_in() {
    let mut cluster = Cluster::new(&super::classic(), 1);
    let (member, _) = cluster.client(0, 1);
    let rooms = (0..9_000).map(|number| RoomKey::from(format!("{number}"))).collect();
    request(&mut cluster, &Message::Join { options: Options::everyone(), rooms });
    assert_eq!(cluster.nodes[0].node.hub().rooms_of(member).count(), 1_024);
    // Once, and not once for each room.
    let events = cluster.events(0);
    assert!(matches!(&events[..], [Event::Rejected { fault: Rejection::TooManyRooms, .. }]), "{events:?}");
    let own = cluster.nodes[0].node.join_all(cluster.now, &everyone(), "one more");
    assert_eq!(own, 1);
    request(&mut cluster, &Message::Leave { options: Options::everyone(), rooms: vec![RoomKey::from("0")] });
    assert_eq!(cluster.nodes[0].node.hub().rooms_of(member).count(), 1_023);
}

/// Questions of others wait beside the server's own, as many, and not in their place.
#[test]
fn questions_of_others_do_not_keep_a_server_from_its_own() {
    let mut cluster = Cluster::with(&super::classic(), 1, |config| config.with_max_requests(1_500));
    cluster.client(0, 10);
    let flags = Flags::default().with_timeout(Duration::MAX);
    for number in 0..1_600_u32 {
        let [a, b, ..] = number.to_le_bytes();
        let message = Message::BroadcastWithAck {
            request: RequestId::from_wire(&format!("{a}-{b}")).unwrap(),
            packet: Packet::from(cluster::Event::new("q", [])),
            options: Options::everyone().with_flags(flags),
        };
        request(&mut cluster, &message);
    }
    assert_eq!(
        (cluster.delivered(0).into_values().map(|all| all.len()).sum::<usize>(), cluster.events(0).len()),
        (1_500, 100)
    );
    cluster.nodes[0].node.broadcast_with_ack(NOW, &everyone(), "q", (), Duration::MAX).unwrap();
    // Nobody waits for longer than ten minutes.
    cluster.pass(Duration::from_secs(600));
    assert_eq!(cluster.nodes[0].node.asked.len(), 0);
}

#[test]
fn an_empty_message_is_told() {
    for adapter in &adapters() {
        let mut cluster = Cluster::new(adapter, 1);
        for channel in cluster.nodes[0].node.subscriptions().cloned().collect::<Vec<_>>() {
            let plain = channel.name().trim_end_matches('*').into();
            let input = Input::Message { subscription: channel, channel: plain, message: Bytes::new() };
            cluster.nodes[0].node.handle(NOW, input);
            cluster.run();
            assert_eq!(cluster.events(0).len(), 1);
        }
    }
}
