//! The streams adapter and its emitter, message by message.

use bytes::Bytes;
use serde_json::Value as Json;
use sio_codec::Limits;
use sio_codec::cluster::streams::{Codec, Config, Entry, EntryId, Outgoing, PubSub, Session};
use sio_codec::cluster::{EncodeError, Event, Message, Options, Packet, Publish, RequestId, Sender, Subscription, Uid};
use sio_codec::engineio::Sid;
use sio_codec::socketio::{Namespace, Value};
use sio_support::bus::{boot, commands, load};

const RUNS: [&str; 2] = ["without connection state recovery", "with connectionStateRecovery: {}"];

fn codec(namespace: &str) -> Codec {
    Codec::new(Config::default(), Namespace::new(namespace).unwrap())
}

fn uid(text: &Json) -> Uid {
    Uid::from_wire(text.as_str().unwrap()).unwrap()
}

/// Every entry and every message that was captured says the same when it is written again, byte for byte.
#[test]
fn what_was_captured_is_read_and_written_again() {
    let (mut entries, mut messages) = (0, 0);
    for command in RUNS.iter().flat_map(|run| commands(&load("streams")["runs"][run])) {
        if let Some((channel, payload)) = command.published() {
            let codec = codec(channel.split('#').nth(1).unwrap());
            let envelope = codec.decode(payload.clone()).unwrap_or_else(|error| panic!("{error}: {command:?}"));
            let written = if envelope.message.is_response() {
                let to = Sender::Node(Uid::from_wire(channel.split('#').nth(2).unwrap()).unwrap());
                codec.respond(&envelope.sender, &to, &envelope.message).map(Outgoing::Publish)
            } else {
                codec.publish(&envelope.sender, &envelope.message)
            };
            let sent = Publish { channel: channel.to_owned().into(), payload };
            assert_eq!(written, Ok(Outgoing::Publish(sent)), "{command:?}");
            messages += 1;
        } else if command.words[0] == "XADD" {
            let fields = command.words[6..].chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone()));
            let entry = Entry::new(fields);
            let codec = codec(entry.namespace().unwrap());
            let envelope = codec.decode_entry(entry).unwrap_or_else(|error| panic!("{error}: {command:?}"));
            assert_eq!(envelope.sender == Sender::Emitter, command.from == "E", "{command:?}");
            let Ok(Outgoing::Add { stream, max_len, entry }) = codec.publish(&envelope.sender, &envelope.message)
            else {
                panic!("{command:?}")
            };
            let fields = entry.fields();
            let fields = fields.flat_map(|(name, value)| [name.to_owned(), String::from_utf8(value.to_vec()).unwrap()]);
            let words = ["XADD", &stream, "MAXLEN", "~", &max_len.to_string(), "*"].map(str::to_owned);
            assert_eq!(words.into_iter().chain(fields).collect::<Vec<_>>(), command.words);
            entries += 1;
        }
    }
    assert_eq!((entries, messages), (25, 17));
}

#[test]
fn subscriptions_are_those_of_the_reference_in_its_order() {
    let run = &load("streams")["runs"][RUNS[0]];
    let mut expected = boot(run).into_iter().filter(|command| command.from == "A" && command.words[0] == "subscribe");
    for (name, namespace) in [("root", "/"), ("chat", "/chat")] {
        let [Subscription::Channels(channels)] = &codec(namespace).subscriptions(&uid(&run["uids"]["A"][name]))[..]
        else {
            panic!("one command")
        };
        let channels: Vec<_> = channels.iter().map(ToString::to_string).collect();
        assert_eq!(channels, expected.next().unwrap().words[1..]);
    }
    assert!(expected.next().is_none());
    let sharded = Codec::new(Config::default().with_pub_sub(PubSub::Sharded), Namespace::root());
    let shards = ["socket.io#/#", "socket.io#/#0000000000000000#"].map(|channel| Subscription::Shard(channel.into()));
    assert_eq!(sharded.subscriptions(&Uid::hex([0; 8])), shards);
}

/// Sums of the reference: 47, 46457863, 1438238848, and a negative one.
#[test]
fn a_namespace_has_its_stream() {
    let config = |count: u16| Config::default().with_stream_count(count.try_into().unwrap());
    for (namespace, count, stream) in [
        ("/", 1, "socket.io"),
        ("/", 3, "socket.io-2"),
        ("/chat", 3, "socket.io-1"),
        ("/admin", 3, "socket.io-1"),
        ("/notifications", 3, "socket.io--2"),
        ("/chat", 1000, "socket.io-863"),
        ("/admin", 1000, "socket.io-848"),
    ] {
        let codec = Codec::new(config(count), Namespace::new(namespace).unwrap());
        assert_eq!(*codec.stream(), stream, "{namespace}");
        assert!(config(count).streams().any(|read| read == stream), "{namespace}");
    }
    assert!(config(1).streams().eq(["socket.io"]));
}

#[test]
fn a_session_is_stored_as_by_the_reference() {
    let stored = commands(&load("streams")["runs"][RUNS[1]]).into_iter().find(|command| command.words[0] == "SET");
    let words = stored.unwrap().words;
    let session = Session::decode(words[2].as_bytes(), &Limits::default()).unwrap();
    assert_eq!((session.sid.as_str(), session.rooms.len()), ("WCSuvQvKHmpx00suAAAA", 2));
    assert_eq!(session.data.get("node"), Some(&Value::from("7711")));
    assert_eq!(session.encode(), words[2]);
    assert_eq!(codec("/").session_key(&session.pid), words[1].as_str());
    assert!(Session::decode(b"!", &Limits::default()).is_err());
    assert_eq!(Session::new(&session.sid, &session.pid).rooms.len(), 1);
    assert_eq!(Sid::from_wire("j1of5bZzaPTfmww-AAAB"), Some(session.pid));
}

#[test]
fn an_offset_is_two_numbers() {
    let id = EntryId { milliseconds: 1_795_237_680_214, sequence: 0 };
    assert_eq!((EntryId::parse("1795237680214-0"), id.to_string()), (Some(id), "1795237680214-0".into()));
    for text in ["", "-", "1", "1-", "-1", "1-2-3", "+1-2", "1-+2", " 1-2", "1-2 ", "$", "99999999999999999999-0"] {
        assert_eq!(EntryId::parse(text), None, "{text}");
    }
    let last = EntryId { milliseconds: 1, sequence: u64::MAX };
    assert_eq!((id.next().sequence, last.next()), (1, EntryId { milliseconds: 2, sequence: 0 }));
}

/// With `onlyPlaintext`, what is binary becomes what Node's buffers are in JSON.
#[test]
fn entries_are_plain_text_if_configured_so() {
    let message = Message::Broadcast {
        packet: Packet::from(Event::new("x", [Value::Binary(Bytes::from_static(&[1, 2]))])),
        options: Options::everyone(),
    };
    let plain = Codec::new(Config::default().with_only_plaintext(true), Namespace::root());
    let Ok(Outgoing::Add { entry, .. }) = plain.publish(&Sender::Emitter, &message) else { panic!("no entry") };
    let data = entry.fields().find(|(name, _)| *name == "data").unwrap().1;
    assert_eq!(
        data,
        r#"{"packet":{"type":2,"data":["x",{"type":"Buffer","data":[1,2]}],"nsp":"/"},"opts":{"rooms":[],"flags":{},"except":[]}}"#
    );
}

#[test]
fn what_cannot_be_said_is_refused() {
    let (codec, me, request) = (codec("/"), Sender::Node(Uid::hex([0; 8])), RequestId::hex([0; 8]));
    let fetch = Message::FetchSockets { request: request.clone(), options: Options::everyone() };
    let leave = Message::Leave { options: Options::everyone(), rooms: vec![] };
    assert_eq!(codec.publish(&me, &Message::Done { request: request.clone() }), Err(EncodeError::Response));
    assert_eq!(codec.publish(&Sender::Unnamed, &fetch), Err(EncodeError::Unnamed));
    assert_eq!(codec.publish(&Sender::Unnamed, &leave), Err(EncodeError::Unnamed));
    assert_eq!(codec.publish(&Sender::Emitter, &fetch), Err(EncodeError::Unsupported));
    assert_eq!(codec.publish(&me, &Message::AllRooms { request }), Err(EncodeError::Unsupported));
    assert_eq!(codec.respond(&me, &me, &fetch), Err(EncodeError::NotAResponse));
}
