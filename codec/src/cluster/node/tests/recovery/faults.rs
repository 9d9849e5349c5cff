//! What goes wrong: with the bus, or with what a client asks for.

use alloc::format;
use alloc::vec::Vec;

use super::super::bus::Cluster;
use super::super::{SECOND, everyone};
use super::{ask, client, cluster, come, ended, lose, offset, recovering, say};
use crate::cluster::node::{Command, Config, Event, Input, Node, Rejection, Transmit};
use crate::cluster::streams::{Entry, EntryId};
use crate::engineio::Sid;
use crate::machine::{Machine as _, Output};
use crate::socketio::{DisconnectReason, Json, Namespace, Object};

#[test]
fn without_the_bus_its_own_get_it_without_an_offset() {
    let mut cluster = cluster();
    let (member, ..) = client(&mut cluster, 0, 1);
    cluster.is_down = true;
    say(&mut cluster, 0, "a");
    say(&mut cluster, 0, "b");
    let unsent = Event::Unsent { namespace: Namespace::root(), message: "Broadcast" };
    assert_eq!(cluster.events(0), [unsent.clone(), unsent.clone()]);
    assert_eq!(cluster.delivered(0)[&member], [r#"42["a"]"#, r#"42["b"]"#]);
    // Nobody answers at all.
    cluster.is_down = false;
    let now = cluster.now;
    let node = &mut cluster.nodes[0].node;
    node.broadcast(now, &everyone(), "c", ()).unwrap();
    assert_eq!(node.next_deadline(), Some(now.saturating_add(5 * SECOND)));
    node.handle_timeout(now.saturating_add(5 * SECOND));
    // It was added after all: it comes back, and is not delivered again.
    cluster.pass(5 * SECOND);
    assert_eq!(cluster.delivered(0)[&member], [r#"42["c"]"#]);
    assert_eq!(cluster.entries.len(), 1);
    // A place that is not stored.
    cluster.is_down = true;
    lose(&mut cluster, 0, member);
    assert_eq!(cluster.events(0), [Event::Unsent { namespace: Namespace::root(), message: "Session" }]);
}

#[test]
fn what_waits_to_be_read_back_has_a_bound() {
    let mut cluster = Cluster::with(&recovering(), 1, |config| config.with_max_bus_bytes(1000));
    let (member, ..) = client(&mut cluster, 0, 1);
    let (now, text) = (cluster.now, "x".repeat(300));
    let node = &mut cluster.nodes[0].node;
    // The third has no room on the bus: the others are delivered before it.
    for number in 1..=3 {
        node.broadcast(now, &everyone(), "long", (number, &text)).unwrap();
    }
    cluster.run();
    let delivered = cluster.delivered(0).remove(&member).unwrap();
    let numbers: Vec<_> = delivered.iter().map(|text| &text[10..12]).collect();
    assert_eq!(numbers, ["1,", "2,", "3,"]);
    assert!(delivered.iter().all(|text| text.ends_with("x\"]")), "without offsets");
    assert!(cluster.nodes[0].node.is_idle());
}

#[test]
//= SIO5-CSR-04
fn who_cannot_be_helped_is_new() {
    let mut cluster = cluster();
    let place = |cluster: &mut Cluster, seed: u8| {
        let (member, _, pid) = client(cluster, 0, seed);
        say(cluster, 0, "hi");
        let offset = offset(cluster, 0, member);
        (member, pid, offset)
    };
    // It never was, or it does not ask.
    let (_, pid, at) = place(&mut cluster, 1);
    assert_eq!(come(&mut cluster, 1, &pid, &at), None);
    for offset in ["", "1", "1-", "-1", "hello", "1-1-1", "+1-1", "99999999999999999999-0"] {
        assert_eq!(ask(&mut cluster, 1, &pid, offset), None);
    }
    let now = cluster.now;
    for auth in ["{}", "[]", "1", r#"{"pid":"x"}"#, r#"{"pid":1,"offset":"1-1"}"#, r#"{"pid":"","offset":"1-1"}"#] {
        let auth = Json::new(auth.into()).unwrap();
        assert_eq!(cluster.nodes[0].node.recover(now, &Namespace::root(), Some(&auth), Object::default()), None);
    }
    assert_eq!(cluster.nodes[0].node.recover(now, &Namespace::root(), None, Object::default()), None);
    // It left, or was away too long.
    let (member, pid, at) = place(&mut cluster, 2);
    cluster.nodes[0].node.remove(now, member, DisconnectReason::ClientNamespace);
    cluster.run();
    assert_eq!((cluster.keys.len(), come(&mut cluster, 1, &pid, &at)), (0, None));
    let (member, pid, at) = place(&mut cluster, 3);
    lose(&mut cluster, 0, member);
    cluster.pass(120 * SECOND);
    assert_eq!(come(&mut cluster, 1, &pid, &at), None);
    // The entry of its offset is gone; the place is used up all the same.
    let (member, pid, at) = place(&mut cluster, 4);
    lose(&mut cluster, 0, member);
    let gone = core::mem::take(&mut cluster.entries);
    assert_eq!((come(&mut cluster, 1, &pid, &at), cluster.keys.len()), (None, 0));
    cluster.entries = gone;
    // It is another namespace's.
    let (member, pid, at) = place(&mut cluster, 5);
    lose(&mut cluster, 0, member);
    let fields = [("uid", "1111111111111111"), ("nsp", "/other"), ("type", "3"), ("data", "{}")];
    *cluster.entries.last_mut().unwrap() = (EntryId::parse(&at).unwrap(), Entry::new(fields));
    assert_eq!(come(&mut cluster, 1, &pid, &at), None);
    // What is stored is nonsense, or somebody else's.
    let (member, pid, at) = place(&mut cluster, 6);
    lose(&mut cluster, 0, member);
    let (key, (value, until)) = cluster.keys.pop_first().unwrap();
    cluster.keys.insert(key.clone(), ("!".into(), until));
    ask(&mut cluster, 1, &pid, &at).unwrap();
    cluster.run();
    let events = cluster.events(1);
    assert!(
        matches!(
            &events[..],
            [Event::Recovery { recovered: None, .. }, Event::Rejected { fault: Rejection::Unreadable(_), .. }]
        ),
        "{events:?}"
    );
    let other = Sid::from_entropy([77; 15]);
    cluster.keys.insert(format!("sio:session:{other}").into(), (value, until));
    assert_eq!(come(&mut cluster, 1, &other, &at), None);
    for server in &cluster.nodes {
        assert!(server.node.is_idle());
    }
}

#[test]
fn a_question_to_redis_ends() {
    let mut cluster = cluster();
    let (member, _, pid) = client(&mut cluster, 0, 1);
    say(&mut cluster, 0, "hi");
    let at = offset(&mut cluster, 0, member);
    lose(&mut cluster, 0, member);
    // Redis is away.
    cluster.is_down = true;
    assert_eq!(come(&mut cluster, 1, &pid, &at), None);
    // It does not answer.
    cluster.is_down = false;
    let question = ask(&mut cluster, 1, &pid, &at).unwrap();
    let now = cluster.now.saturating_add(5 * SECOND);
    let node = &mut cluster.nodes[1].node;
    assert_eq!(node.next_deadline(), Some(now));
    node.handle_timeout(now);
    cluster.now = now;
    cluster.run();
    assert_eq!(ended(&mut cluster, 1, question), None);
    assert!(cluster.nodes[1].node.is_idle());
    // As many as wait already are enough.
    let mut node = Node::new(Config::new(recovering(), [1; 16]).with_max_requests(1));
    let auth = Json::new(format!(r#"{{"pid":"{pid}","offset":"{at}"}}"#).into()).unwrap();
    let asked = [0; 2].map(|_| node.recover(now, &Namespace::root(), Some(&auth), Object::default()).is_some());
    assert_eq!(asked, [true, false]);
}

#[test]
fn what_it_missed_has_a_bound() {
    for (bytes, says, is_back) in [(64 << 20, 1000, true), (1 << 10, 1000, false), (1 << 10, 5, true)] {
        let mut cluster = Cluster::with(&recovering(), 2, |config| config.with_max_answer_bytes(bytes));
        let (member, _, pid) = client(&mut cluster, 0, 1);
        say(&mut cluster, 0, "hi");
        let at = offset(&mut cluster, 0, member);
        lose(&mut cluster, 0, member);
        for _ in 0..says {
            say(&mut cluster, 0, "more");
        }
        let back = come(&mut cluster, 1, &pid, &at);
        assert_eq!(back.map(|back| back.missed.len()), is_back.then_some(says));
        assert!(cluster.nodes[1].node.is_idle());
    }
}

#[test]
fn who_comes_while_nobody_knows_what_is_in_the_stream_is_new() {
    let mut cluster = cluster();
    let (member, _, pid) = client(&mut cluster, 0, 1);
    say(&mut cluster, 0, "hi");
    let at = offset(&mut cluster, 0, member);
    lose(&mut cluster, 0, member);
    let now = cluster.now;
    cluster.nodes[1].node.broadcast(now, &everyone(), "lost?", ()).unwrap();
    let question = ask(&mut cluster, 1, &pid, &at).unwrap();
    let mut outputs = core::iter::from_fn(|| cluster.nodes[1].node.poll_output());
    let id = outputs.find_map(|output| match output {
        Output::Transmit(Transmit::Bus(Command::Append { id, .. })) => Some(id),
        _ => None,
    });
    cluster.nodes[1].node.handle(now, Input::Failed(id.unwrap()));
    let recovery = Event::Recovery { question, recovered: None };
    assert_eq!(cluster.nodes[1].node.poll_output(), Some(Output::Event(recovery)));
    // Neither is one that comes before the end of the stream was found worth the wait for it.
    let mut node = Node::new(Config::new(recovering(), [9; 16]));
    let auth = Json::new(format!(r#"{{"pid":"{pid}","offset":"{at}"}}"#).into()).unwrap();
    let question = node.recover(now, &Namespace::root(), Some(&auth), Object::default()).unwrap();
    assert_eq!(node.broadcast(now, &everyone(), "early", ()), Ok(0));
    assert_eq!(node.poll_output(), Some(Output::Event(Event::Recovery { question, recovered: None })));
}
