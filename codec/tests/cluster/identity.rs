//! What is written is read as it was, by each adapter.

use bytes::Bytes;
use proptest::prelude::*;
use sio_codec::cluster::streams::{Entry, Outgoing};
use sio_codec::cluster::{Envelope, Event, Message, Options, Packet, Sender, classic, sharded, streams};
use sio_codec::socketio::{Namespace, Value};
use sio_support::bus::messages::{answers, node, old, old_answers, plain, rich, spoken};
use sio_support::cases;

fn envelope(sender: Sender, message: Message) -> Envelope {
    Envelope { sender, namespace: Namespace::root(), message }
}

/// A broadcast of something binary, which makes the whole MessagePack where that is a matter of choice.
fn binary_broadcast() -> impl Strategy<Value = Message> {
    prop::collection::vec(rich(), 0..4).prop_map(|mut args| {
        args.push(Value::Binary(Bytes::from_static(b"\0")));
        Message::Broadcast { packet: Packet::from(Event::new("binary", args)), options: Options::everyone() }
    })
}

proptest! {
    #![proptest_config(cases::at_least(256))]

    #[test]
    fn of_the_classic_adapter(sender in node(), message in prop_oneof![spoken(plain(), rich(), false), old()]) {
        let codec = classic::Codec::new(classic::Config::default(), Namespace::root());
        let sent = codec.publish(&sender, &message).unwrap();
        let read = codec.decode(codec.route(&sent.channel).unwrap(), sent.payload).unwrap();
        prop_assert_eq!(read, envelope(sender, message));
    }

    #[test]
    fn of_the_classic_emitter(message in spoken(plain(), rich(), false)) {
        let codec = classic::Codec::new(classic::Config::default(), Namespace::root());
        let Ok(sent) = codec.publish(&Sender::Emitter, &message) else {
            prop_assert!(message.request().is_some());
            return Ok(());
        };
        let read = codec.decode(codec.route(&sent.channel).unwrap(), sent.payload).unwrap();
        prop_assert_eq!(read, envelope(Sender::Emitter, message));
    }

    #[test]
    fn of_the_classic_adapters_answers(message in prop_oneof![answers(plain(), rich()), old_answers()]) {
        let codec = classic::Codec::new(classic::Config::default(), Namespace::root());
        let sent = codec.respond(&Sender::Unnamed, &message).unwrap();
        let read = codec.decode(codec.route(&sent.channel).unwrap(), sent.payload).unwrap();
        prop_assert_eq!(read, envelope(Sender::Unnamed, message));
    }

    #[test]
    fn of_the_sharded_adapter(
        sender in node(),
        message in prop_oneof![4 => spoken(plain(), plain(), true), 1 => binary_broadcast()],
        answer in answers(plain(), plain()),
    ) {
        let codec = sharded::Codec::new(sharded::Config::default(), Namespace::root());
        let sent = codec.publish(&sender, &message).unwrap();
        prop_assert_eq!(codec.decode(sent.payload).unwrap(), envelope(sender.clone(), message));
        let sent = codec.respond(&sender, &sender, &answer).unwrap();
        prop_assert_eq!(codec.decode(sent.payload).unwrap(), envelope(sender, answer));
    }

    #[test]
    fn of_the_streams_adapter(
        // What an emitter says is in the stream, which is JSON unless something is binary.
        (sender, message) in prop_oneof![
            4 => (node(), prop_oneof![4 => spoken(rich(), plain(), true), 1 => binary_broadcast()]),
            1 => (Just(Sender::Emitter), spoken(plain(), plain(), true)),
        ],
        answer in answers(rich(), rich()),
    ) {
        let codec = streams::Codec::new(streams::Config::default(), Namespace::root());
        match codec.publish(&sender, &message) {
            Ok(Outgoing::Publish(sent)) => {
                prop_assert_eq!(codec.decode(sent.payload).unwrap(), envelope(sender.clone(), message));
            }
            Ok(Outgoing::Add { entry, .. }) => {
                // As XREAD returns it.
                let fields = entry.fields().map(|(name, value)| (name, value.clone()));
                prop_assert_eq!(codec.decode_entry(Entry::new(fields)).unwrap(), envelope(sender.clone(), message));
            }
            refused => prop_assert!(sender == Sender::Emitter && message.request().is_some(), "{refused:?}"),
        }
        let sent = codec.respond(&sender, &sender, &answer).unwrap();
        prop_assert_eq!(codec.decode(sent.payload).unwrap(), envelope(sender, answer));
    }
}
