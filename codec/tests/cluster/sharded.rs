//! The sharded adapter, message by message, in each of its modes.

use serde_json::Value as Json;
use sio_codec::cluster::sharded::{Codec, Config, Mode};
use sio_codec::cluster::{EncodeError, Event, Message, Options, Packet, Publish, RequestId, Sender, Subscription, Uid};
use sio_codec::engineio::Sid;
use sio_codec::socketio::hub::Room;
use sio_codec::socketio::{Namespace, Value};
use sio_support::bus::{boot, commands, load};

const MODES: [(&str, Mode); 3] =
    [("static", Mode::Static), ("dynamic", Mode::Dynamic), ("dynamic-private", Mode::DynamicPrivate)];

fn codec(mode: Mode, namespace: &str) -> Codec {
    Codec::new(Config::default().with_mode(mode), Namespace::new(namespace).unwrap())
}

fn uid(text: &Json) -> Uid {
    Uid::from_wire(text.as_str().unwrap()).unwrap()
}

/// Every message that was captured says the same when it is written again: same channel, same bytes.
#[test]
fn what_was_captured_is_read_and_written_again() {
    let mut seen = 0;
    for (name, mode) in MODES {
        let run = &load("sharded")["modes"][name];
        for command in commands(run) {
            let Some((channel, payload)) = command.published() else { continue };
            let codec = codec(mode, channel.split('#').nth(1).unwrap());
            let envelope = codec.decode(payload.clone()).unwrap_or_else(|error| panic!("{error}: {command:?}"));
            assert_eq!(envelope.namespace, *channel.split('#').nth(1).unwrap());
            let written = if envelope.message.is_response() {
                let to = Sender::Node(Uid::from_wire(channel.split('#').nth(2).unwrap()).unwrap());
                codec.respond(&envelope.sender, &to, &envelope.message)
            } else {
                codec.publish(&envelope.sender, &envelope.message)
            };
            let sent = Publish { channel: channel.to_owned().into(), payload };
            assert_eq!(written.as_ref(), Ok(&sent), "{command:?}");
            seen += 1;
        }
    }
    assert_eq!(seen, 49);
}

#[test]
fn subscriptions_are_those_of_the_reference_in_its_order() {
    let word = |subscription: Subscription| match subscription {
        Subscription::Shard(channel) => channel.to_string(),
        other => panic!("{other:?}"),
    };
    for (name, mode) in MODES {
        let run = &load("sharded")["modes"][name];
        let mut expected = boot(run).into_iter().filter(|command| command.from == "A");
        let mut closing = commands(run).into_iter().filter(|command| command.step == "close");
        for (name, namespace) in [("root", "/"), ("chat", "/chat")] {
            for subscription in codec(mode, namespace).subscriptions(&uid(&run["uids"]["A"][name])) {
                let channel = word(subscription);
                assert_eq!(expected.next().unwrap().words, ["ssubscribe", &channel]);
                assert_eq!(closing.next().unwrap().words, ["sunsubscribe", &channel]);
            }
        }
        assert!(expected.next().is_none() && closing.next().is_none());

        // On A, the one socket, and the room that it enters.
        let id = Sid::from_wire(run["socket_ids"]["c1"].as_str().unwrap()).unwrap();
        let codec = codec(mode, "/");
        let subscriptions = [codec.socket_subscription(&id), codec.room_subscription(&Room::from("room1"))];
        let entered = run["connect_and_join"].as_array().unwrap().iter().filter(|command| command["from_node"] == "A");
        let entered: Vec<_> = entered.map(|command| command["command"][1].as_str().unwrap().to_owned()).collect();
        assert_eq!(subscriptions.into_iter().flatten().map(word).collect::<Vec<_>>(), entered);
    }
}

/// JSON, unless something binary is where the reference looks for it.
#[test]
fn what_is_binary_makes_the_whole_messagepack() {
    let codec = codec(Mode::Dynamic, "/");
    let (me, request) = (Sender::Node(Uid::hex([0; 8])), RequestId::hex([0; 8]));
    let nested = Value::from(vec![Value::Object([("x".into(), Value::Binary(vec![1].into()))].into_iter().collect())]);
    let event = Event::new("x", [nested.clone()]);
    let first = |message: &Message| match message.is_response() {
        true => codec.respond(&me, &me, message).unwrap().payload[0],
        false => codec.publish(&me, message).unwrap().payload[0],
    };
    let (packet, options) = (Packet::from(event.clone()), Options::everyone());
    for binary in [
        Message::Broadcast { packet: packet.clone(), options: options.clone() },
        Message::BroadcastWithAck { request: request.clone(), packet, options: options.clone() },
        Message::ServerSideEmit { event },
        Message::ServerSideEmitResponse { request: request.clone(), answer: nested.clone() },
        Message::BroadcastAck { request: request.clone(), answer: nested },
    ] {
        assert_eq!(first(&binary), 0x84, "{binary:?}");
    }
    let answer = Value::Array(vec![Value::Undefined, Value::from(f64::NAN)]);
    let plain = Message::BroadcastAck { request: request.clone(), answer };
    assert_eq!(
        codec.respond(&me, &me, &plain).unwrap().payload,
        r#"{"type":12,"data":{"requestId":"0000000000000000","packet":[null,null]},"uid":"0000000000000000","nsp":"/"}"#
    );
    let undefined = Message::ServerSideEmitResponse { request, answer: Value::Undefined };
    assert_eq!(
        codec.respond(&me, &Sender::Unnamed, &undefined).unwrap(),
        Publish {
            channel: "socket.io#/#".into(),
            payload: r#"{"type":10,"data":{"requestId":"0000000000000000"},"uid":"0000000000000000","nsp":"/"}"#.into(),
        }
    );
}

/// Whoever does not know the mode is heard on the main channel, where everyone listens.
#[test]
fn an_emitter_speaks_to_all() {
    let packet = Packet::from(Event::new("x", []));
    let message = Message::Broadcast { packet, options: Options::everyone().to("red") };
    assert_eq!(codec(Mode::Dynamic, "/").publish(&Sender::Emitter, &message).unwrap().channel, "socket.io#/#");
}

#[test]
fn what_cannot_be_said_is_refused() {
    let (codec, me, request) = (codec(Mode::Dynamic, "/"), Sender::Node(Uid::hex([0; 8])), RequestId::hex([0; 8]));
    let count = Message::BroadcastClientCount { request: request.clone(), count: 0 };
    let fetch = Message::FetchSockets { request: request.clone(), options: Options::everyone() };
    assert_eq!(codec.publish(&me, &count), Err(EncodeError::Response));
    assert_eq!(codec.publish(&Sender::Unnamed, &fetch), Err(EncodeError::Unnamed));
    assert_eq!(codec.publish(&Sender::Emitter, &fetch), Err(EncodeError::Unsupported));
    assert_eq!(codec.publish(&me, &Message::AllRooms { request: request.clone() }), Err(EncodeError::Unsupported));
    assert_eq!(codec.respond(&me, &me, &Message::Done { request }), Err(EncodeError::Unsupported));
    assert_eq!(codec.respond(&me, &me, &fetch), Err(EncodeError::NotAResponse));
}

/// The envelope is also that of the adapters that beat; their additional members mean nothing here.
#[test]
fn messages_of_adapters_with_heartbeats_are_read() {
    let file = load("heartbeats");
    let codec = codec(Mode::Dynamic, "/");
    let read = |sent: &Json| codec.decode(sent["message"].to_string().into_bytes().into()).unwrap();
    let mut names: Vec<_> = file["messages"].as_array().unwrap().iter().map(|sent| read(sent).message.name()).collect();
    names.dedup();
    assert_eq!(
        names,
        [
            "InitialHeartbeat",
            "Heartbeat",
            "FetchSockets",
            "FetchSocketsResponse",
            "BroadcastWithAck",
            "BroadcastClientCount",
            "Heartbeat",
            "FetchSockets",
            "Heartbeat",
            "AdapterClose"
        ]
    );
}
