//! The classic adapter and its emitter, message by message.

use sio_codec::cluster::classic::{Codec, Config, Responses, Route};
use sio_codec::cluster::{
    EncodeError, Event, Message, Options, Packet, Publish, RequestId, RoomKey, Sender, Subscription, Uid,
};
use sio_codec::engineio::Sid;
use sio_codec::socketio::{Namespace, Value};
use sio_support::bus::{boot, commands, load};

fn codec(namespace: &str) -> Codec {
    Codec::new(Config::default(), Namespace::new(namespace).unwrap())
}

/// The codec of the namespace that a channel is of.
fn codec_of(channel: &str) -> Codec {
    codec(channel.split('#').nth(1).unwrap())
}

/// Every message that was captured says the same when it is written again: same channel, same bytes.
#[test]
fn what_was_captured_is_read_and_written_again() {
    let mut seen = 0;
    for command in commands(&load("classic")) {
        let Some((channel, payload)) = command.published() else { continue };
        let codec = codec_of(channel);
        let route = codec.route(channel).unwrap_or_else(|| panic!("{command:?}"));
        let envelope = codec.decode(route, payload.clone()).unwrap_or_else(|error| panic!("{error}: {command:?}"));
        assert_eq!(envelope.sender == Sender::Emitter, command.from == "E", "{command:?}");
        let written = match route {
            Route::Response => codec.respond(&Sender::Unnamed, &envelope.message),
            _ => codec.publish(&envelope.sender, &envelope.message),
        };
        let sent = Publish { channel: channel.to_owned().into(), payload };
        assert_eq!(written.as_ref(), Ok(&sent), "{command:?}");
        seen += 1;
    }
    assert_eq!(seen, 76);
}

/// The messages of old versions, which 8.x still takes, in either form.
#[test]
fn what_old_versions_ask_is_read() {
    let socket = Sid::from_wire("ITMJ07TmOu6kY5ACAAAA").unwrap();
    let request = |id: &str| RequestId::from_wire(id).unwrap();
    let (join, leave) = (request("req2"), request("req3"));
    let room = RoomKey::from("legacyRoom");
    for (step, message) in [
        ("legacy-sockets", Message::SocketIds { request: request("req0"), rooms: vec![RoomKey::from("room2")] }),
        ("legacy-sockets-norooms", Message::SocketIds { request: request("req0b"), rooms: vec![] }),
        ("legacy-allrooms-msgpack", Message::AllRooms { request: request("req1") }),
        ("legacy-remote-join", Message::JoinOne { request: join, socket: socket.clone(), room: room.clone() }),
        ("legacy-remote-leave", Message::LeaveOne { request: leave, socket, room }),
        // Nil is as good as absent; the reference asks for an answer that nobody waits for.
        ("null-requestid-sse", Message::ServerSideEmit { event: Event::new("evt2", [Value::from("nullreq")]) }),
        (
            "fetch-extra-flags",
            Message::FetchSockets { request: request("req5"), options: Options::everyone().to("room1") },
        ),
    ] {
        let file = load("classic");
        let sample = file["samples"].as_array().unwrap().iter().find(|sample| sample["step"] == step).unwrap();
        let payload = sample["request"].to_string().into_bytes();
        let envelope = codec("/").decode(Route::Request, payload.into()).unwrap();
        assert_eq!((envelope.sender, envelope.message), (Sender::Node(Uid::from_wire("zzzzzz").unwrap()), message));
    }
    let map = [&b"\x83\xa3uid\xa6zzzzzz\xa9requestId\xa4req1\xa4type\x01"[..]].concat();
    let message = codec("/").decode(Route::Request, map.into()).unwrap().message;
    assert_eq!(message, Message::AllRooms { request: request("req1") });
}

#[test]
fn subscriptions_are_those_of_the_reference_in_its_order() {
    let file = load("classic");
    for (node, names) in [("A", ["root", "chat"]), ("B", ["root", "chat"])] {
        let mut expected = boot(&file).into_iter().filter(|command| command.from == node);
        for (name, namespace) in names.into_iter().zip(["/", "/chat"]) {
            let uid = Uid::from_wire(file["uids"][node][name].as_str().unwrap()).unwrap();
            for subscription in codec(namespace).subscriptions(&uid) {
                assert_eq!(words("", &subscription), expected.next().unwrap().words);
            }
        }
        assert!(expected.next().is_none());
    }
    let mut closing = commands(&file).into_iter().filter(|command| command.step == "close");
    for (name, namespace) in [("root", "/"), ("chat", "/chat")] {
        let uid = Uid::from_wire(file["uids"]["A"][name].as_str().unwrap()).unwrap();
        for subscription in codec(namespace).unsubscriptions(&uid) {
            assert_eq!(words("un", &subscription), closing.next().unwrap().words);
        }
    }
    assert!(closing.next().is_none());
    assert_eq!(*codec("/chat").counted_channel(), "socket.io-request#/chat#");
}

fn words(un: &str, subscription: &Subscription) -> Vec<String> {
    match subscription {
        Subscription::Pattern(pattern) => vec![format!("p{un}subscribe"), pattern.to_string()],
        Subscription::Channels(channels) => {
            core::iter::once(format!("{un}subscribe")).chain(channels.iter().map(ToString::to_string)).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_channel_tells_what_it_is_for() {
    let codec = codec("/");
    for (channel, route) in [
        ("socket.io#/#", Some(Route::Broadcast { room: None })),
        ("socket.io#/#red#", Some(Route::Broadcast { room: Some("red") })),
        ("socket.io#/#a#b#", Some(Route::Broadcast { room: Some("a#b") })),
        ("socket.io#/##", Some(Route::Broadcast { room: Some("") })),
        ("socket.io#/#red", None),
        ("socket.io-request#/#", Some(Route::Request)),
        ("socket.io-request#/#x#", None),
        ("socket.io-response#/#", Some(Route::Response)),
        ("socket.io-response#/#wGUR1v#", Some(Route::Response)),
        ("socket.io#/chat#", None),
        ("other#/#", None),
    ] {
        assert_eq!(codec.route(channel), route, "{channel}");
    }
}

/// The room's channel if and only if there is exactly that one room.
#[test]
fn a_broadcast_goes_to_the_channel_of_its_only_room() {
    let codec = codec("/");
    let channel = |options| {
        let packet = Packet::from(Event::new("x", []));
        codec.publish(&Sender::Emitter, &Message::Broadcast { packet, options }).unwrap().channel
    };
    assert_eq!(channel(Options::everyone()), "socket.io#/#");
    assert_eq!(channel(Options::everyone().to("red").except("blue")), "socket.io#/#red#");
    assert_eq!(channel(Options::everyone().to("red").to("blue")), "socket.io#/#");
    assert_eq!(channel(Options::everyone().to("")), "socket.io#/##");
    let mut options = Options::everyone();
    options.rooms.push(RoomKey::Number(42));
    assert_eq!(channel(options.clone()), "socket.io#/#42#");
    options.rooms = vec![RoomKey::Other(Value::Null)];
    assert_eq!(channel(options), "socket.io#/#", "nobody is in it, and it has no channel");
}

#[test]
fn answers_go_to_who_asked_if_configured_so() {
    let (common, specific) =
        (codec("/"), Codec::new(Config::default().with_responses(Responses::Specific), Namespace::root()));
    let request = RequestId::short([0; 6]);
    let asker = Sender::Node(Uid::short([1; 6]));
    let count = Message::BroadcastClientCount { request: request.clone(), count: 0 };
    assert_eq!(common.respond(&asker, &count).unwrap().channel, "socket.io-response#/#");
    assert_eq!(specific.respond(&asker, &count).unwrap().channel, "socket.io-response#/#BBBBBB#");
    assert_eq!(specific.respond(&Sender::Unnamed, &count).unwrap().channel, "socket.io-response#/#");
    let answer = Message::ServerSideEmitResponse { request, answer: Value::Undefined };
    let sent = specific.respond(&asker, &answer).unwrap();
    assert_eq!(sent.channel, "socket.io-response#/#", "in any case");
    assert_eq!(sent.payload, r#"{"type":6,"requestId":"AAAAAA"}"#, "what is undefined is left out");
}

#[test]
fn what_cannot_be_said_is_refused() {
    let codec = codec("/");
    let packet = Packet::from(Event::new("x", []));
    let broadcast = Message::Broadcast { packet, options: Options::everyone() };
    let done = Message::Done { request: RequestId::short([0; 6]) };
    assert_eq!(codec.publish(&Sender::Unnamed, &broadcast), Err(EncodeError::Unnamed));
    assert_eq!(codec.publish(&Sender::Emitter, &done), Err(EncodeError::Response));
    assert_eq!(codec.publish(&Sender::Emitter, &Message::Heartbeat), Err(EncodeError::Unsupported));
    assert_eq!(codec.respond(&Sender::Emitter, &broadcast), Err(EncodeError::NotAResponse));
    assert_eq!(codec.respond(&Sender::Emitter, &Message::AdapterClose), Err(EncodeError::NotAResponse));
}

/// Other namespaces may share the beginning of a name; the packet says which it is for.
#[test]
fn the_namespace_of_a_broadcast_is_that_of_its_packet() {
    let shorter = codec("/a");
    let packet = Packet::from(Event::new("x", []));
    let message = Message::Broadcast { packet, options: Options::everyone() };
    let sent = codec("/a#b").publish(&Sender::Emitter, &message).unwrap();
    let route = shorter.route(&sent.channel).unwrap();
    assert_eq!(route, Route::Broadcast { room: Some("b") });
    assert_eq!(shorter.decode(route, sent.payload).unwrap().namespace, "/a#b");
    // Without a name it is the main one.
    let bare = [&b"\x93\xa1x\x82\xa4type\x02\xa4data\x91\xa1e\x80"[..]].concat();
    assert_eq!(shorter.decode(route, bare.into()).unwrap().namespace, "/");
}
