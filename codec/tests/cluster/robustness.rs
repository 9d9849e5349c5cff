//! What servers of Node.js end at is told, and does nothing else.

use std::collections::BTreeSet;

use bytes::Bytes;
use sio_codec::cluster::node::{Adapter, Channel, Command, CommandId, Config, Event, Input, Node, Rejection, Transmit};
use sio_codec::cluster::streams::{Entry, EntryId};
use sio_codec::cluster::{classic, sharded, streams};
use sio_codec::engineio::Sid;
use sio_codec::socketio::{Namespace, Object};
use sio_codec::{Machine as _, Output, Timestamp};
use sio_support::bus::load;

const BROADCASTS: &str = "socket.io#/#";
const REQUESTS: &str = "socket.io-request#/#";
const RESPONSES: &str = "socket.io-response#/#";

/// The vectors of `fixtures/cluster/robustness.json`: the adapter, what is wrong, where it stands, and the message.
const VECTORS: [(&str, &str, &str, &[u8]); 20] = [
    ("classic", "missing data", BROADCASTS, b"\x93\xa1x\x82\xa4type\x02\xa3nsp\xa1/\x83\xa5rooms\x90\xa6except\x90\xa5flags\x80"),
    ("classic", "opts missing (2-element array)", BROADCASTS, b"\x92\xa1x\x83\xa4type\x02\xa4data\x91\xa1e\xa3nsp\xa1/"),
    ("classic", "map instead of array", BROADCASTS, b"\x81\xa3uid\xa1x"),
    ("classic", "JSON text on broadcast channel", BROADCASTS, b"{\"uid\":\"x\"}"),
    (
        "classic",
        "trailing byte",
        BROADCASTS,
        b"\x93\xa1x\x83\xa4type\x02\xa4data\x91\xa1e\xa3nsp\xa1/\x83\xa5rooms\x90\xa6except\x90\xa5flags\x80\xc0",
    ),
    ("classic", "empty payload", BROADCASTS, b""),
    ("classic", "fetch request without opts", REQUESTS, br#"{"uid":"x","requestId":"r","type":5}"#),
    ("classic", "type 7 without packet", REQUESTS, b"\x84\xa3uid\xa1x\xa9requestId\xa1r\xa4type\x07\xa4opts\x82\xa5rooms\x90\xa6except\x90"),
    ("classic", "serverSideEmit without data", REQUESTS, br#"{"uid":"x","type":6}"#),
    ("classic", "response nil", RESPONSES, b"\xc0"),
    (
        "classic",
        "rooms is a string",
        BROADCASTS,
        b"\x93\xa1x\x83\xa4type\x02\xa4data\x91\xa1e\xa3nsp\xa1/\x83\xa5rooms\xa3red\xa6except\x90\xa5flags\x80",
    ),
    (
        "classic",
        "rooms is a map",
        BROADCASTS,
        b"\x93\xa1x\x83\xa4type\x02\xa4data\x91\xa1e\xa3nsp\xa1/\x83\xa5rooms\x81\xa1a\x01\xa6except\x90\xa5flags\x80",
    ),
    ("sharded", "bcast without opts", BROADCASTS, br#"{"type":3,"data":{"packet":{"type":2,"data":["e"]}},"uid":"x","nsp":"/"}"#),
    ("sharded", "bcast without data", BROADCASTS, br#"{"type":3,"uid":"x","nsp":"/"}"#),
    ("sharded", "fetch no opts", BROADCASTS, br#"{"type":7,"data":{"requestId":"r"},"uid":"x","nsp":"/"}"#),
    (
        "sharded",
        "join rooms string",
        BROADCASTS,
        br#"{"type":4,"data":{"opts":{"rooms":[],"except":[],"flags":{}},"rooms":"red"},"uid":"x","nsp":"/"}"#,
    ),
    (
        "sharded",
        "response unknown id",
        BROADCASTS,
        br#"{"type":8,"data":{"requestId":"unknown","sockets":[]},"uid":"x","nsp":"/"}"#,
    ),
    ("sharded", "response without data", BROADCASTS, br#"{"type":8,"uid":"x","nsp":"/"}"#),
    (
        "streams",
        "pubsub bcast-ack no opts",
        BROADCASTS,
        b"\x84\xa4type\x03\xa4data\x82\xa6packet\x82\xa4type\x02\xa4data\x91\xa1e\xa9requestId\xa1r\xa3uid\xa1x\xa3nsp\xa1/",
    ),
    (
        "streams",
        "pubsub JSON instead of msgpack",
        BROADCASTS,
        br#"{"type":9,"data":{"packet":["e"]},"uid":"x","nsp":"/"}"#,
    ),
];

/// A server with a member, and the read of its stream if it has one.
fn server(adapter: &str) -> (Node, Option<CommandId>) {
    let adapter = match adapter {
        "classic" => Adapter::Classic(classic::Config::default()),
        "sharded" => Adapter::Sharded(sharded::Config::default()),
        _ => Adapter::Streams(streams::Config::default()),
    };
    let mut node = Node::new(Config::new(adapter, [7; 16]));
    node.add(&Namespace::root(), &Sid::from_entropy([1; 15]), Object::default());
    let mut read = None;
    while let Some(output) = node.poll_output() {
        match output {
            Output::Transmit(Transmit::Bus(Command::Tail { id, .. })) => {
                node.handle(Timestamp::ZERO, Input::Entries { id, entries: vec![] });
            }
            Output::Transmit(Transmit::Bus(Command::Read { id, .. })) => read = Some(id),
            _ => {}
        }
    }
    (node, read)
}

/// What comes of a message on a channel.
fn hear(node: &mut Node, subscription: &Channel, message: &'static [u8]) -> Vec<Output<Transmit, Event>> {
    let (subscription, channel) = (subscription.clone(), subscription.name().trim_end_matches('*').to_owned());
    node.handle(Timestamp::ZERO, Input::Message { subscription, channel, message: Bytes::from_static(message) });
    std::iter::from_fn(|| node.poll_output()).collect()
}

fn is_rejection(output: &Output<Transmit, Event>) -> bool {
    matches!(output, Output::Event(Event::Rejected { fault: Rejection::Unreadable(_), .. }))
}

#[test]
fn the_vectors_are_those_that_were_tried() {
    let tried = load("robustness");
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let tried = tried["vectors"].as_array().unwrap().iter();
    let tried: BTreeSet<_> = tried.map(|vector| (text(&vector["adapter"]), text(&vector["vector"]))).collect();
    let here = VECTORS.map(|(adapter, name, ..)| (adapter.to_owned(), name.to_owned()));
    assert_eq!(BTreeSet::from(here), tried);
}

#[test]
fn what_ends_a_server_of_node_js_is_told_and_nothing_else() {
    for (adapter, name, place, message) in VECTORS {
        let (mut node, _) = server(adapter);
        let subscription = node.subscriptions().find(|channel| channel.name().trim_end_matches('*') == place).cloned();
        let outputs = hear(&mut node, &subscription.unwrap(), message);
        // An answer that nobody waits for is nothing.
        let expected = usize::from(name != "response unknown id");
        assert_eq!(outputs.len(), expected, "{name}: {outputs:?}");
        assert!(outputs.iter().all(is_rejection), "{name}: {outputs:?}");
        assert_eq!(node.next_deadline(), None, "{name}");
    }
}

#[test]
fn nor_is_anything_done_on_another_channel_or_adapter() {
    for adapter in ["classic", "sharded", "streams"] {
        for (of, name, place, message) in VECTORS {
            let (mut node, _) = server(adapter);
            for subscription in node.subscriptions().cloned().collect::<Vec<_>>() {
                let outputs = hear(&mut node, &subscription, message);
                // What is unreadable JSON there is said where JSON may stand, and the other way round.
                let is_said = (of, name) == ("streams", "pubsub JSON instead of msgpack") && adapter == "sharded";
                assert!(outputs.len() <= 1, "{name} on {subscription:?}: {outputs:?}");
                assert!(
                    is_said || outputs.iter().all(is_rejection),
                    "{name} of {place} on {subscription:?}: {outputs:?}"
                );
            }
        }
    }
}

/// A server of Node.js reads the first entry over and over.
#[test]
fn an_entry_that_cannot_be_read_is_told_and_passed_over() {
    let (mut node, read) = server("streams");
    let entry = |data: &str| {
        Entry::new([("uid", "x"), ("nsp", "/"), ("type", "3"), ("data", data)].map(|(n, v)| (n, v.to_owned())))
    };
    let good = r#"{"packet":{"type":2,"data":["hi"]},"opts":{"rooms":[],"except":[],"flags":{}}}"#;
    let faults = ["{}", "", "[", "{", "gqZ", "null"];
    let entries = faults.iter().chain([&good]).enumerate();
    let entries = entries.map(|(sequence, data)| (EntryId { milliseconds: 1, sequence: sequence as u64 }, entry(data)));
    let last = EntryId { milliseconds: 1, sequence: faults.len() as u64 };
    node.handle(Timestamp::ZERO, Input::Entries { id: read.unwrap(), entries: entries.collect() });
    let outputs: Vec<_> = std::iter::from_fn(|| node.poll_output()).collect();
    assert_eq!(outputs.iter().filter(|output| is_rejection(output)).count(), faults.len());
    let Some(Output::Transmit(Transmit::Bus(Command::Read { after, .. }))) = outputs.last() else {
        panic!("{outputs:?}")
    };
    assert_eq!((*after, outputs.len()), (last, faults.len() + 2));
}
