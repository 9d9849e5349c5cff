//! Any messages of a cluster, for property tests.

use core::time::Duration;

use proptest::prelude::*;
use sio_codec::Text;
use sio_codec::cluster::{Event, Flags, Message, Options, Packet, RequestId, RoomKey, Sender, SocketDescriptor, Uid};
use sio_codec::engineio::Sid;
use sio_codec::socketio::{AckId, Date, Object, Value};

/// What JavaScript has: 1.0 is 1, and beyond 2^53 there is no exact integer.
const SAFE: i64 = (1 << 53) - 1;

/// Values that JSON carries as they are.
pub fn plain() -> BoxedStrategy<Value> {
    nested(scalar().boxed())
}

/// Values that MessagePack carries as they are; at least what stands in a list.
pub fn rich() -> BoxedStrategy<Value> {
    let binary = prop::collection::vec(any::<u8>(), 0..20).prop_map(|bytes| Value::Binary(bytes.into()));
    let date = (-8_640_000_000_000_000_i64..=8_640_000_000_000_000).prop_map(|date| Value::Date(Date(date)));
    nested(prop_oneof![3 => scalar(), 1 => binary, 1 => date].boxed())
}

/// Who sends.
pub fn node() -> impl Strategy<Value = Sender> {
    any::<[u8; 8]>().prop_map(|entropy| Sender::Node(Uid::hex(entropy)))
}

/// What all adapters have and everyone gets. Where the classic adapter writes JSON, values are `plain`; elsewhere
/// they are `packed`. `full` says whether what is not a broadcast has flags.
pub fn spoken(plain: BoxedStrategy<Value>, packed: BoxedStrategy<Value>, full: bool) -> BoxedStrategy<Message> {
    let selected = move || if full { options().boxed() } else { bare().boxed() };
    prop_oneof![
        (packet(packed.clone()), options()).prop_map(|(packet, options)| Message::Broadcast { packet, options }),
        (request(), packet(packed), options()).prop_map(|(request, packet, options)| Message::BroadcastWithAck {
            request,
            packet,
            options
        }),
        (selected(), rooms()).prop_map(|(options, rooms)| Message::Join { options, rooms }),
        (selected(), rooms()).prop_map(|(options, rooms)| Message::Leave { options, rooms }),
        (selected(), any::<bool>()).prop_map(|(options, close)| Message::Disconnect { options, close }),
        (request(), selected()).prop_map(|(request, options)| Message::FetchSockets { request, options }),
        event(plain.clone()).prop_map(|event| Message::ServerSideEmit { event }),
        (request(), event(plain)).prop_map(|(request, event)| Message::ServerSideEmitWithAck { request, event }),
    ]
    .boxed()
}

/// What only the classic adapter asks.
pub fn old() -> BoxedStrategy<Message> {
    prop_oneof![
        request().prop_map(|request| Message::AllRooms { request }),
        (request(), rooms()).prop_map(|(request, rooms)| Message::SocketIds { request, rooms }),
        (request(), sid(), room()).prop_map(|(request, socket, room)| Message::JoinOne { request, socket, room }),
        (request(), sid(), room()).prop_map(|(request, socket, room)| Message::LeaveOne { request, socket, room }),
        (request(), sid(), any::<bool>()).prop_map(|(request, socket, close)| Message::DisconnectOne {
            request,
            socket,
            close
        }),
    ]
    .boxed()
}

/// Answers that all adapters have; those of clients are `packed`.
pub fn answers(plain: BoxedStrategy<Value>, packed: BoxedStrategy<Value>) -> BoxedStrategy<Message> {
    let sockets = prop::collection::vec(socket(plain.clone()), 0..4);
    prop_oneof![
        (request(), 0..=SAFE.cast_unsigned())
            .prop_map(|(request, count)| Message::BroadcastClientCount { request, count }),
        (request(), packed).prop_map(|(request, answer)| Message::BroadcastAck { request, answer }),
        (request(), sockets).prop_map(|(request, sockets)| Message::FetchSocketsResponse { request, sockets }),
        (request(), plain).prop_map(|(request, answer)| Message::ServerSideEmitResponse { request, answer }),
    ]
    .boxed()
}

/// Answers that only the classic adapter has.
pub fn old_answers() -> BoxedStrategy<Message> {
    prop_oneof![
        (request(), rooms()).prop_map(|(request, rooms)| Message::AllRoomsResponse { request, rooms }),
        (request(), prop::collection::vec(sid(), 1..4))
            .prop_map(|(request, sockets)| Message::SocketIdsResponse { request, sockets }),
        request().prop_map(|request| Message::Done { request }),
    ]
    .boxed()
}

fn scalar() -> impl Strategy<Value = Value> {
    let fraction = any::<f64>().prop_filter("is whole", |number| number.is_finite() && number.fract() != 0.0);
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-SAFE..=SAFE).prop_map(Value::Integer),
        fraction.prop_map(Value::Float),
        any::<String>().prop_map(|text| Value::String(text.into())),
    ]
}

fn nested(leaf: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    leaf.prop_recursive(3, 12, 4, |inner| {
        let members = prop::collection::vec((any::<String>().prop_map(Text::from), inner.clone()), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::Array),
            members.prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
    .boxed()
}

fn request() -> impl Strategy<Value = RequestId> {
    any::<[u8; 8]>().prop_map(RequestId::hex)
}

fn sid() -> impl Strategy<Value = Sid> {
    any::<[u8; 15]>().prop_map(Sid::from_entropy)
}

fn room() -> impl Strategy<Value = RoomKey> {
    prop_oneof![
        4 => any::<String>().prop_map(RoomKey::from),
        1 => (-SAFE..=SAFE).prop_map(RoomKey::Number),
        1 => any::<bool>().prop_map(|value| RoomKey::Other(Value::Bool(value))),
        1 => Just(RoomKey::Other(Value::Null)),
    ]
}

fn rooms() -> impl Strategy<Value = Vec<RoomKey>> {
    prop::collection::vec(room(), 0..4)
}

fn bare() -> impl Strategy<Value = Options> {
    (rooms(), rooms()).prop_map(|(rooms, except)| {
        let mut options = Options::everyone();
        (options.rooms, options.except) = (rooms, except);
        options
    })
}

fn options() -> impl Strategy<Value = Options> {
    let timeout = prop::option::of(0..=SAFE.cast_unsigned());
    let flags = (any::<bool>(), any::<bool>(), any::<Option<bool>>(), timeout).prop_map(
        |(single, volatile, compress, timeout)| {
            let mut flags = Flags::default();
            (flags.expect_single_response, flags.volatile, flags.compress) = (single, volatile, compress);
            flags.timeout = timeout.map(Duration::from_millis);
            flags
        },
    );
    (bare(), flags).prop_map(|(options, flags)| options.with_flags(flags))
}

fn event(value: BoxedStrategy<Value>) -> impl Strategy<Value = Event> {
    (any::<String>(), prop::collection::vec(value, 0..4)).prop_map(|(name, args)| Event::new(name, args))
}

fn packet(value: BoxedStrategy<Value>) -> impl Strategy<Value = Packet> {
    let ack = prop::option::of(0..=SAFE.cast_unsigned());
    (event(value), ack).prop_map(|(event, ack)| {
        let mut packet = Packet::from(event);
        packet.ack = ack.and_then(AckId::new);
        packet
    })
}

fn socket(value: BoxedStrategy<Value>) -> impl Strategy<Value = SocketDescriptor> {
    let handshake = prop::collection::vec((any::<String>().prop_map(Text::from), value.clone()), 0..4);
    (sid(), handshake, rooms(), value).prop_map(|(id, handshake, rooms, data)| {
        let mut socket = SocketDescriptor::new(&id);
        (socket.handshake, socket.rooms, socket.data) = (handshake.into_iter().collect::<Object>(), rooms, data);
        socket
    })
}
