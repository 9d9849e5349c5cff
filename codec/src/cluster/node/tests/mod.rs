//! Servers over a bus without Redis.

mod bus;
mod hostile;
mod recovery;

use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use self::bus::{Cluster, UNKNOWN};
use super::{Adapter, Answers, AskError, Channel, Event, Input, Missing, Rejection};
use crate::cluster::sharded::Mode;
use crate::cluster::{classic, sharded, streams};
use crate::machine::Machine as _;
use crate::socketio::hub::Target;
use crate::socketio::{AckId, Args, EmitError, Namespace, Value};

const SECOND: Duration = Duration::from_secs(1);

fn classic() -> Adapter {
    Adapter::Classic(classic::Config::default())
}

fn adapters() -> [Adapter; 4] {
    let sharded = |mode| Adapter::Sharded(sharded::Config::default().with_mode(mode));
    let streams = Adapter::Streams(streams::Config::default());
    [classic(), sharded(Mode::Dynamic), sharded(Mode::DynamicPrivate), streams]
}

fn everyone() -> Target {
    Target::everyone(&Namespace::root())
}

#[test]
//= SRV-BC-01
fn a_broadcast_reaches_everyone_once() {
    for adapter in &adapters() {
        let mut cluster = Cluster::new(adapter, 3);
        let members: Vec<_> = (0..3).map(|server| cluster.client(server, 10 + server as u8).0).collect();
        let now = cluster.now;
        assert_eq!(cluster.nodes[0].node.broadcast(now, &everyone(), "hi", (1,)), Ok(1));
        cluster.run();
        for (server, member) in members.into_iter().enumerate() {
            assert_eq!(cluster.delivered(server), [(member, vec![r#"42["hi",1]"#.into()])].into());
            assert_eq!(cluster.events(server), []);
        }
        // Nothing of a local one is on the bus.
        let published = cluster.published.len();
        assert_eq!(cluster.nodes[1].node.broadcast(now, &everyone().local(), "here", ()), Ok(1));
        cluster.run();
        assert_eq!(
            (cluster.published.len(), cluster.delivered(0).len(), cluster.delivered(1).len()),
            (published, 0, 1)
        );
    }
}

#[test]
fn rooms_and_exceptions_hold_on_all_servers() {
    for adapter in &adapters() {
        let mut cluster = Cluster::new(adapter, 2);
        let (a, a_sid) = cluster.client(0, 10);
        let (b, b_sid) = cluster.client(1, 11);
        let (c, _) = cluster.client(1, 12);
        let now = cluster.now;
        // Joined from the other server, by the room of its id.
        cluster.nodes[0].node.join_all(now, &everyone().to(&b_sid), "red");
        cluster.run();
        assert!(cluster.nodes[1].node.hub().rooms_of(b).any(|room| room.as_str() == "red"));
        cluster.nodes[0].node.broadcast(now, &everyone().to("red"), "to red", ()).unwrap();
        cluster.run();
        assert_eq!(cluster.delivered(1).into_keys().collect::<Vec<_>>(), [b]);
        // To one room alone, on a channel of its own.
        match (adapter, &cluster.published.last().unwrap().0) {
            (Adapter::Streams(_), channel) => assert_eq!(channel.name(), "socket.io"),
            (_, channel) => assert_eq!(channel.name(), "socket.io#/#red#"),
        }
        cluster.nodes[1].node.broadcast(now, &everyone().except("red").except(&a_sid), "rest", ()).unwrap();
        cluster.run();
        assert_eq!((cluster.delivered(0).len(), cluster.delivered(1).into_keys().collect::<Vec<_>>()), (0, vec![c]));
        cluster.nodes[0].node.leave_all(now, &everyone(), "red");
        cluster.nodes[1].node.disconnect_all(now, &everyone().to(&a_sid), true);
        cluster.run();
        assert!(!cluster.nodes[1].node.hub().rooms_of(b).any(|room| room.as_str() == "red"));
        assert_eq!(cluster.nodes[0].disconnected, [(a, true)]);
    }
}

#[test]
fn what_is_asked_of_all_is_answered_by_all() {
    for adapter in &adapters() {
        let mut cluster = Cluster::new(adapter, 3);
        let (_, first) = cluster.client(0, 10);
        let (second, second_sid) = cluster.client(1, 11);
        assert!(cluster.nodes[1].node.attach(second, Value::from("data")));
        let now = cluster.now;
        let question = cluster.nodes[0].node.fetch(now, &everyone()).unwrap();
        cluster.run();
        let events = cluster.events(0);
        let [Event::Answered { question: answered, answers: Answers::Sockets(sockets), missing }] = &events[..] else {
            panic!("{events:?}")
        };
        assert_eq!((*answered, missing.is_nobody()), (question, true));
        assert_eq!(sockets.iter().map(|socket| socket.id.clone()).collect::<Vec<_>>(), [first, second_sid]);
        assert_eq!(sockets[1].data, Value::from("data"));

        if !matches!(adapter, Adapter::Classic(_)) {
            assert_eq!(cluster.nodes[2].node.all_rooms(now, &Namespace::root()), Err(AskError::Unsupported));
            continue;
        }
        let question = cluster.nodes[2].node.all_rooms(now, &Namespace::root()).unwrap();
        cluster.run();
        let events = cluster.events(2);
        let [Event::Answered { question: answered, answers: Answers::Rooms(rooms), .. }] = &events[..] else {
            panic!("{events:?}")
        };
        assert_eq!((*answered, rooms.len()), (question, 2));
    }
}

#[test]
//= SRV-BC-03
fn clients_of_all_servers_acknowledge() {
    for adapter in &adapters() {
        let mut cluster = Cluster::new(adapter, 2);
        let (here, _) = cluster.client(0, 10);
        let (there, _) = cluster.client(1, 11);
        let now = cluster.now;
        let question = cluster.nodes[0].node.broadcast_with_ack(now, &everyone(), "q", (), SECOND).unwrap();
        cluster.run();
        let [own, other] = [0, 1].map(|server| cluster.delivered(server).into_values().next().unwrap()[0].clone());
        assert_eq!((own.as_str(), other.as_str()), (r#"421["q"]"#, r#"421["q"]"#));
        let answer = |text: &'static str| Args::from_json(text, vec![]).unwrap();
        // The other server's counts once, however often it is given.
        for _ in 0..2 {
            cluster.nodes[1].node.acknowledge(now, there, AckId::new(1).unwrap(), &answer(r#"["there",2]"#));
        }
        cluster.run();
        assert_eq!(cluster.events(0), []);
        cluster.nodes[0].node.acknowledge(now, here, AckId::new(1).unwrap(), &answer(r#"["here"]"#));
        cluster.run();
        let answers = Answers::Clients(vec![Value::from("here"), Value::from("there")]);
        let missing = Missing { servers: Some(0), clients: 0 };
        assert_eq!(cluster.events(0), [Event::Answered { question, answers, missing }]);
        assert_eq!(cluster.events(1), []);
        assert_eq!((cluster.nodes[0].node.next_deadline(), cluster.nodes[1].node.next_deadline()), (None, None));
    }
}

#[test]
//= SRV-BC-04
fn who_does_not_answer_in_time_is_missing() {
    for adapter in &adapters() {
        let mut cluster = Cluster::new(adapter, 3);
        let (here, _) = cluster.client(0, 10);
        cluster.client(1, 11);
        cluster.nodes[2].is_frozen = true;
        let now = cluster.now;
        let question = cluster.nodes[0].node.broadcast_with_ack(now, &everyone(), "q", (), SECOND).unwrap();
        cluster.run();
        cluster.nodes[0].node.acknowledge(now, here, AckId::new(1).unwrap(), &Args::empty());
        cluster.pass(SECOND);
        let answers = Answers::Clients(vec![Value::Undefined]);
        let missing = Missing { servers: Some(1), clients: 1 };
        assert_eq!(cluster.events(0), [Event::Answered { question, answers, missing }]);
        // A fetch as well.
        let question = cluster.nodes[0].node.fetch(cluster.now, &everyone()).unwrap();
        cluster.run();
        assert_eq!(cluster.events(0), []);
        cluster.pass(5 * SECOND);
        let events = cluster.events(0);
        let [Event::Answered { question: answered, answers: Answers::Sockets(sockets), missing }] = &events[..] else {
            panic!("{events:?}")
        };
        assert_eq!((*answered, sockets.len(), *missing), (question, 2, Missing { servers: Some(1), clients: 0 }));
        for server in &cluster.nodes[..2] {
            assert_eq!(server.node.next_deadline(), None);
        }
    }
}

#[test]
fn servers_talk_to_each_other() {
    for adapter in &adapters() {
        let mut cluster = Cluster::new(adapter, 3);
        let (now, root) = (cluster.now, Namespace::root());
        cluster.nodes[0].node.server_side_emit(now, &root, "reload", (1,)).unwrap();
        cluster.run();
        assert_eq!(cluster.events(0), []);
        for server in [1, 2] {
            let events = cluster.events(server);
            let [Event::ServerSide { event, reply: None, .. }] = &events[..] else { panic!("{events:?}") };
            assert_eq!((event.name.as_str(), &event.args[..]), ("reload", &[Value::Integer(1)][..]));
        }
        let question = cluster.nodes[0].node.server_side_emit_with_ack(now, &root, "count", ()).unwrap();
        cluster.run();
        let mut replies = Vec::new();
        for server in [1, 2] {
            let events = cluster.events(server);
            let [Event::ServerSide { reply: Some(reply), .. }] = &events[..] else { panic!("{events:?}") };
            replies.push((server, *reply));
        }
        for (server, reply) in replies {
            assert!(cluster.nodes[server].node.answer(now, reply, Value::from(server as i64)));
            assert!(!cluster.nodes[server].node.answer(now, reply, Value::Null), "once");
        }
        cluster.run();
        let answers = Answers::Servers(vec![Value::Integer(1), Value::Integer(2)]);
        let missing = Missing { servers: Some(0), clients: 0 };
        assert_eq!(cluster.events(0), [Event::Answered { question, answers, missing }]);
        // Alone there is nobody to ask, and nothing is published.
        let mut alone = Cluster::new(adapter, 1);
        let question = alone.nodes[0].node.server_side_emit_with_ack(now, &root, "count", ()).unwrap();
        alone.run();
        assert_eq!(alone.events(0), [Event::Answered { question, answers: Answers::Servers(vec![]), missing }]);
        assert_eq!(alone.published, []);
        for name in ["connect", "connection", "new_namespace"] {
            assert_eq!(alone.nodes[0].node.server_side_emit(now, &root, name, ()), Err(EmitError::ReservedName));
        }
    }
}

#[test]
fn without_the_bus_a_server_serves_its_own() {
    for adapter in &adapters() {
        let mut cluster = Cluster::new(adapter, 2);
        let (member, _) = cluster.client(0, 10);
        cluster.is_down = true;
        let (now, root) = (cluster.now, Namespace::root());
        cluster.nodes[0].node.broadcast(now, &everyone(), "hi", ()).unwrap();
        cluster.run();
        assert_eq!(cluster.delivered(0).into_keys().collect::<Vec<_>>(), [member]);
        assert_eq!(cluster.events(0), [Event::Unsent { namespace: root, message: "Broadcast" }]);
        // A question ends at once, with what there is here.
        let question = cluster.nodes[0].node.fetch(now, &everyone()).unwrap();
        cluster.run();
        let events = cluster.events(0);
        let [Event::Answered { question: answered, answers: Answers::Sockets(sockets), missing }] = &events[..] else {
            panic!("{events:?}")
        };
        assert_eq!((*answered, sockets.len(), *missing), (question, 1, Missing { servers: None, clients: 0 }));
        // And a broadcast with acknowledgements when its own clients have answered.
        let question = cluster.nodes[0].node.broadcast_with_ack(now, &everyone(), "q", (), SECOND).unwrap();
        cluster.run();
        assert_eq!(cluster.events(0), []);
        cluster.nodes[0].node.acknowledge(now, member, AckId::new(1).unwrap(), &Args::empty());
        cluster.run();
        let answers = Answers::Clients(vec![Value::Undefined]);
        let missing = Missing { servers: None, clients: 0 };
        assert_eq!(cluster.events(0), [Event::Answered { question, answers, missing }]);
        // What it listens to can be told again.
        assert!(cluster.nodes[0].node.subscriptions().count() >= 2);
        cluster.is_down = false;
        cluster.nodes[1].node.broadcast(now, &everyone(), "back", ()).unwrap();
        cluster.run();
        assert_eq!(cluster.delivered(0).len(), 1);
    }
}

#[test]
fn the_bus_has_a_bound() {
    let mut cluster = Cluster::with(&classic(), 1, |config| config.with_max_bus_bytes(1000));
    let (now, text) = (cluster.now, "x".repeat(600));
    let node = &mut cluster.nodes[0].node;
    // Nothing is known to have arrived yet.
    for _ in 0..2 {
        node.broadcast(now, &everyone(), "long", (&text,)).unwrap();
    }
    assert!(!node.wants_input());
    cluster.run();
    let unsent = Event::Unsent { namespace: Namespace::root(), message: "Broadcast" };
    assert_eq!((cluster.events(0), cluster.published.len()), (vec![unsent], 1));
    assert!(cluster.nodes[0].node.wants_input());
    // One is sent in any case.
    cluster.nodes[0].node.broadcast(now, &everyone(), "longer", (text.repeat(2),)).unwrap();
    cluster.run();
    assert_eq!((cluster.events(0), cluster.published.len()), (vec![], 2));
}

#[test]
fn what_is_no_message_is_told_and_nothing_else() {
    let mut cluster = Cluster::new(&classic(), 1);
    cluster.client(0, 10);
    let broadcasts = Channel::Plain("socket.io#/#".into());
    let requests = Channel::Plain("socket.io-request#/#".into());
    for (channel, message) in
        [(&broadcasts, &b"\xc1"[..]), (&broadcasts, b"{}"), (&requests, b"{\"type\":"), (&requests, b"")]
    {
        cluster.publish(channel, &Bytes::copy_from_slice(message));
        cluster.run();
        let events = cluster.events(0);
        assert!(
            matches!(&events[..], [Event::Rejected { fault: Rejection::Unreadable(_), .. }]),
            "{message:?} {events:?}"
        );
    }
    assert_eq!((cluster.delivered(0).len(), cluster.published.len()), (0, 4));
    let now = cluster.now;
    for input in [Input::Done(UNKNOWN), Input::Failed(UNKNOWN), Input::Counted { id: UNKNOWN, subscribers: 9 }] {
        cluster.nodes[0].node.handle(now, input);
    }
    cluster.run();
    assert_eq!(cluster.events(0), []);
}

#[test]
fn namespaces_come_and_go_on_the_bus() {
    for adapter in &adapters() {
        let mut cluster = Cluster::new(adapter, 2);
        let chat = Namespace::new("/chat").unwrap();
        let before = cluster.nodes[0].node.subscriptions().count();
        let sid = crate::engineio::Sid::from_entropy([1; 15]);
        let member = cluster.nodes[0].node.add(&chat, &sid, crate::socketio::Object::default());
        cluster.run();
        let own_room = usize::from(matches!(adapter, Adapter::Sharded(config) if config.mode == Mode::DynamicPrivate));
        assert_eq!(cluster.nodes[0].node.subscriptions().count(), 2 * before + own_room);
        // From a server that does not have it.
        let now = cluster.now;
        cluster.nodes[1].node.broadcast(now, &Target::everyone(&chat), "hi", ()).unwrap();
        cluster.run();
        assert_eq!(cluster.delivered(0).len(), 1);
        let question = cluster.nodes[1].node.fetch(now, &Target::everyone(&chat)).unwrap();
        cluster.run();
        let missing = Missing { servers: None, clients: 0 };
        assert_eq!(cluster.events(1), [Event::Answered { question, answers: Answers::Sockets(vec![]), missing }]);
        cluster.nodes[0].node.remove(now, member, crate::socketio::DisconnectReason::ClientNamespace);
        cluster.run();
        assert_eq!(cluster.nodes[0].node.subscriptions().count(), before);
    }
}
