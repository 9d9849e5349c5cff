//! Clients that lose their connection and come back to a server of the cluster.

mod faults;

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use super::bus::Cluster;
use super::{SECOND, UNKNOWN, everyone};
use crate::cluster::node::{Adapter, Event, Input, QuestionId};
use crate::cluster::streams::{self, Entry, EntryId};
use crate::engineio::{CloseReason, Encoded, Sid};
use crate::frame::Frame;
use crate::machine::Machine as _;
use crate::socketio::hub::{MemberId, Recovered, Target};
use crate::socketio::{DisconnectReason, EmitError, Json, Namespace, Object, Value};

const LOST: DisconnectReason = DisconnectReason::Engine(CloseReason::TransportClose);

pub(super) fn recovering() -> Adapter {
    Adapter::Streams(streams::Config::default().with_recovery(120 * SECOND))
}

fn cluster() -> Cluster {
    Cluster::new(&recovering(), 2)
}

/// A client that may come back.
fn client(cluster: &mut Cluster, server: usize, seed: u8) -> (MemberId, Sid, Sid) {
    let [sid, pid] = [seed, seed + 100].map(|seed| Sid::from_entropy([seed; 15]));
    let member = cluster.nodes[server].node.add_recoverable(&Namespace::root(), &sid, &pid, Object::default());
    cluster.run();
    (member, sid, pid)
}

fn say(cluster: &mut Cluster, server: usize, name: &str) {
    let now = cluster.now;
    cluster.nodes[server].node.broadcast(now, &everyone(), name, ()).unwrap();
    cluster.run();
}

/// The client's last offset, from what it was delivered.
fn offset(cluster: &mut Cluster, server: usize, member: MemberId) -> String {
    let delivered = cluster.delivered(server).remove(&member).unwrap();
    delivered.last().unwrap().rsplit('"').nth(1).unwrap().into()
}

fn lose(cluster: &mut Cluster, server: usize, member: MemberId) {
    let now = cluster.now;
    cluster.nodes[server].node.remove(now, member, LOST);
    cluster.run();
}

fn ask(cluster: &mut Cluster, server: usize, pid: &Sid, offset: &str) -> Option<QuestionId> {
    let auth = Json::new(format!(r#"{{"pid":"{pid}","offset":"{offset}"}}"#).into()).unwrap();
    let now = cluster.now;
    cluster.nodes[server].node.recover(now, &Namespace::root(), Some(&auth), Object::default())
}

/// Asks, and waits for what comes of it.
fn come(cluster: &mut Cluster, server: usize, pid: &Sid, offset: &str) -> Option<Recovered> {
    let question = ask(cluster, server, pid, offset).unwrap();
    cluster.run();
    ended(cluster, server, question)
}

fn ended(cluster: &mut Cluster, server: usize, question: QuestionId) -> Option<Recovered> {
    let mut events = cluster.events(server);
    let Some(Event::Recovery { question: of, recovered }) = events.pop() else { panic!("{events:?}") };
    assert_eq!((of, events), (question, vec![]));
    recovered
}

fn texts(missed: &[Encoded]) -> Vec<String> {
    let text = |messages: &Encoded| match messages.frames().next() {
        Some(Frame::Text(text)) => text.as_str().into(),
        other => panic!("{other:?}"),
    };
    missed.iter().map(text).collect()
}

#[test]
//= SIO5-CSR-03
//= SIO5-CSR-05
//= CLU-CSR-02
fn a_client_finds_its_place_on_another_server() {
    let mut cluster = cluster();
    let (member, sid, pid) = client(&mut cluster, 0, 1);
    cluster.nodes[0].node.join(member, "red").unwrap();
    cluster.nodes[0].node.attach(member, Value::from("data"));
    say(&mut cluster, 1, "first");
    let offset = offset(&mut cluster, 0, member);
    assert_eq!(offset, "1-1");
    lose(&mut cluster, 0, member);

    // Said by both, while nobody is there.
    let now = cluster.now;
    let red = everyone().to("red");
    for (server, target, name) in [
        (0, red.clone(), "from the one"),
        (1, everyone().except("red"), "not for red"),
        (1, everyone().to("blue"), "for blue"),
        (1, everyone().volatile(), "for who is there"),
        (0, everyone().local(), "here"),
        (1, everyone().to(&sid), "from the other"),
    ] {
        cluster.nodes[server].node.broadcast(now, &target, name, ()).unwrap();
        cluster.run();
    }
    let back = come(&mut cluster, 1, &pid, &offset).unwrap();
    assert_eq!((&back.sid, &back.pid), (&sid, &pid));
    assert_eq!(texts(&back.missed), [r#"42["from the one","1-2"]"#, r#"42["from the other","1-6"]"#]);
    let node = &cluster.nodes[1].node;
    assert_eq!(node.hub().rooms_of(back.member).map(|room| room.as_str()).collect::<Vec<_>>(), [sid.as_str(), "red"]);
    assert_eq!(node.data_of(back.member), Some(&Value::from("data")));

    // From now on it gets everything as a member, and may come back again, but not to where it was before.
    say(&mut cluster, 0, "afterwards");
    let later = self::offset(&mut cluster, 1, back.member);
    assert_eq!(come(&mut cluster, 0, &pid, &offset), None);
    lose(&mut cluster, 1, back.member);
    assert_eq!(texts(&come(&mut cluster, 0, &pid, &later).unwrap().missed), [""; 0]);
}

#[test]
fn all_servers_deliver_in_the_order_of_the_stream() {
    let mut cluster = cluster();
    let members = [client(&mut cluster, 0, 1).0, client(&mut cluster, 1, 2).0];
    let now = cluster.now;
    // Both speak before either has read anything. How many get it here is known at once.
    for (server, name) in [(0, "a"), (1, "b"), (0, "c"), (1, "d")] {
        assert_eq!(cluster.nodes[server].node.broadcast(now, &everyone(), name, (1,)), Ok(1));
    }
    assert_eq!(cluster.nodes[0].node.broadcast(now, &everyone(), "connect", ()), Err(EmitError::ReservedName));
    cluster.run();
    let expected = [r#"42["a",1,"1-1"]"#, r#"42["c",1,"1-2"]"#, r#"42["b",1,"1-3"]"#, r#"42["d",1,"1-4"]"#];
    for (server, member) in members.into_iter().enumerate() {
        assert_eq!(cluster.delivered(server)[&member], expected);
        assert!(cluster.nodes[server].node.is_idle());
    }
    // What is for an answer, volatile or local carries none.
    cluster.nodes[0].node.broadcast_with_ack(now, &everyone(), "q", (), SECOND).unwrap();
    cluster.nodes[0].node.broadcast(now, &everyone().volatile(), "v", ()).unwrap();
    cluster.nodes[0].node.broadcast(now, &everyone().local(), "l", ()).unwrap();
    cluster.run();
    assert_eq!(cluster.delivered(0)[&members[0]], [r#"421["q"]"#, r#"42["v"]"#, r#"42["l"]"#]);
    assert_eq!(cluster.delivered(1)[&members[1]], [r#"421["q"]"#, r#"42["v"]"#]);
}

/// Reads that come between the questions of a client that comes back: each event it gets once.
#[test]
//= SIO5-CSR-05: deliver each missed packet exactly once
//= CLU-CSR-01
fn nothing_is_lost_or_told_twice_between_missing_and_getting() {
    for (reads_before, own) in [(0, false), (1, false), (2, false), (0, true), (1, true), (2, true)] {
        let mut cluster = cluster();
        let (member, _, pid) = client(&mut cluster, 0, 1);
        say(&mut cluster, 0, "hi");
        let at = offset(&mut cluster, 0, member);
        lose(&mut cluster, 0, member);
        // The server that it comes back to is behind: some is in the stream that it has not read.
        cluster.hold_reads = true;
        for name in ["a", "b"] {
            say(&mut cluster, usize::from(own), name);
        }
        cluster.read_some(1, reads_before);
        let question = ask(&mut cluster, 1, &pid, &at).unwrap();
        cluster.run();
        let back = ended(&mut cluster, 1, question).unwrap();
        cluster.hold_reads = false;
        cluster.read_some(1, usize::MAX);
        say(&mut cluster, 0, "c");
        let mut got = texts(&back.missed);
        got.extend(cluster.delivered(1).remove(&back.member).unwrap());
        assert_eq!(got, [r#"42["a","1-2"]"#, r#"42["b","1-3"]"#, r#"42["c","1-4"]"#], "{reads_before} {own}");
    }
}

#[test]
fn a_server_first_reads_what_the_client_has_got_elsewhere() {
    let mut cluster = cluster();
    let (member, sid, pid) = client(&mut cluster, 0, 1);
    cluster.hold_reads = true;
    say(&mut cluster, 0, "a");
    say(&mut cluster, 0, "b");
    // Only the server that the client leaves has read it.
    cluster.read_some(0, 1);
    let at = offset(&mut cluster, 0, member);
    lose(&mut cluster, 0, member);
    let question = ask(&mut cluster, 1, &pid, &at).unwrap();
    cluster.run();
    assert_eq!(cluster.events(1), []);
    cluster.read_some(1, 1);
    let back = ended(&mut cluster, 1, question).unwrap();
    assert_eq!((&back.sid, texts(&back.missed)), (&sid, vec![]));
    cluster.read_some(1, 1);
    assert_eq!(cluster.delivered(1)[&back.member], [r#"42["b","1-2"]"#]);
    // A place that no server will ever have read is waited for only so long.
    lose(&mut cluster, 1, back.member);
    let question = ask(&mut cluster, 0, &pid, "99-0").unwrap();
    cluster.run();
    cluster.pass(5 * SECOND);
    assert_eq!(ended(&mut cluster, 0, question), None);
    cluster.read_some(0, usize::MAX);
    assert!(cluster.nodes.iter().all(|server| server.node.is_idle()));
}

#[test]
fn a_namespace_may_be_new_to_the_server() {
    let mut cluster = cluster();
    let chat = Namespace::new("/chat").unwrap();
    let [sid, pid] = [1, 2].map(|seed| Sid::from_entropy([seed; 15]));
    let member = cluster.nodes[0].node.add_recoverable(&chat, &sid, &pid, Object::default());
    let everyone = Target::everyone(&chat);
    let now = cluster.now;
    // Said by one that does not have it.
    assert_eq!(cluster.nodes[1].node.broadcast(now, &everyone, "a", ()), Ok(0));
    cluster.run();
    let at = cluster.delivered(0)[&member][0].rsplit('"').nth(1).map(String::from).unwrap();
    lose(&mut cluster, 0, member);
    cluster.nodes[1].node.broadcast(now, &everyone, "b", ()).unwrap();
    cluster.run();
    let auth = Json::new(format!(r#"{{"pid":"{pid}","offset":"{at}"}}"#).into()).unwrap();
    let question = cluster.nodes[1].node.recover(now, &chat, Some(&auth), Object::default()).unwrap();
    cluster.run();
    let back = ended(&mut cluster, 1, question).unwrap();
    assert_eq!(texts(&back.missed), [r#"42/chat,["b","1-2"]"#]);
    cluster.nodes[0].node.broadcast(now, &everyone, "c", ()).unwrap();
    cluster.run();
    assert_eq!(cluster.delivered(1)[&back.member], [r#"42/chat,["c","1-3"]"#]);
}

#[test]
fn packets_of_other_servers_are_taken_as_they_are() {
    let mut cluster = cluster();
    let (member, _, pid) = client(&mut cluster, 0, 1);
    let now = cluster.now;
    let tell = |cluster: &mut Cluster, data: &'static str| {
        let fields = [("uid", "1111111111111111"), ("nsp", "/"), ("type", "3"), ("data", data)];
        let at = EntryId { milliseconds: 1, sequence: cluster.entries.len() as u64 + 1 };
        cluster.entries.push((at, Entry::new(fields)));
        cluster.read_some(0, usize::MAX);
    };
    tell(&mut cluster, r#"{"packet":{"type":2,"data":["plain"]},"opts":{"rooms":[],"except":[],"flags":{}}}"#);
    tell(&mut cluster, r#"{"packet":{"type":2,"data":["asks"],"id":7},"opts":{"rooms":[],"except":[],"flags":{}}}"#);
    tell(
        &mut cluster,
        r#"{"packet":{"type":2,"data":["v"]},"opts":{"rooms":[],"except":[],"flags":{"volatile":true}}}"#,
    );
    let got = cluster.delivered(0).remove(&member).unwrap();
    assert_eq!(got, [r#"42["plain","1-1"]"#, r#"42["asks"]"#, r#"42["v"]"#]);
    lose(&mut cluster, 0, member);
    cluster.nodes[0].node.handle(now, Input::Done(UNKNOWN));
    assert_eq!(texts(&come(&mut cluster, 1, &pid, "1-1").unwrap().missed), [r#"42["asks","1-2"]"#]);
}

#[test]
fn a_place_is_stored_as_by_a_server_of_the_reference() {
    let mut cluster = cluster();
    let [sid, pid] = ["WCSuvQvKHmpx00suAAAA", "j1of5bZzaPTfmww-AAAB"].map(|id| Sid::from_wire(id).unwrap());
    let node = &mut cluster.nodes[0].node;
    let member = node.add_recoverable(&Namespace::root(), &sid, &pid, Object::default());
    node.join(member, "room1").unwrap();
    node.attach(member, Value::Object([("node".into(), Value::from("7711"))].into_iter().collect()));
    cluster.run();
    lose(&mut cluster, 0, member);
    let (key, (value, until)) = cluster.keys.pop_first().unwrap();
    // From the samples of `fixtures/cluster/streams.json`.
    let sample = "hKNzaWS0V0NTdXZRdktIbXB4MDBzdUFBQUGjcGlktGoxb2Y1Ylp6YVBUZm13dy1BQUFCpXJvb21zkrRXQ1N1dlF2S0htcHgwMHN1QUFBQaVyb29tMaRkYXRhgaRub2RlpDc3MTE=";
    assert_eq!((key.as_str(), &value[..]), ("sio:session:j1of5bZzaPTfmww-AAAB", sample.as_bytes()));
    assert_eq!(until.saturating_since(cluster.now), Duration::from_millis(120_000));
}

#[test]
fn without_recovery_nothing_of_it_happens() {
    let mut cluster = Cluster::new(&Adapter::Streams(streams::Config::default()), 2);
    let (member, _, pid) = client(&mut cluster, 0, 1);
    say(&mut cluster, 0, "hi");
    say(&mut cluster, 1, "hi");
    assert_eq!(cluster.delivered(0)[&member], [r#"42["hi"]"#; 2]);
    lose(&mut cluster, 0, member);
    assert_eq!((cluster.keys.len(), ask(&mut cluster, 1, &pid, "1-1")), (0, None));
}
