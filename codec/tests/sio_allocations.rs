//! How often the hot paths of Socket.IO allocate.

use bytes::Bytes;
use sio_codec::socketio::{
    AckId, Args, Binary, Decoder, KindRef, Namespace, Outgoing, Packet, PacketKind, PacketRef, Protocol, Value,
};
use sio_codec::{Frame, Limits, Text};
use sio_support::allocator::{self, Counting, count};

#[global_allocator]
static ALLOCATOR: &Counting = allocator::COUNTING;

fn main() {
    for size in [1, 100, 10_000] {
        heads_and_names(size);
        packets(size);
        a_broadcast(size);
    }
    typed_arguments();
    checking();
    writing();
    attachments();
    message_pack();
}

fn heads_and_names(size: usize) {
    let text = format!(r#"2/chat,7["message",{}]"#, serde_json::to_string(&vec!["text"; size]).expect("JSON"));
    let limits = Limits::default();
    let read = || {
        let packet = PacketRef::parse(&text, Protocol::V5, &limits).expect("an event");
        let KindRef::Event { name, args, .. } = packet.kind() else { unreachable!() };
        assert_eq!((packet.namespace(), &*name, args.attachments()), ("/chat", "message", 0));
        packet.validate(&limits)
    };
    assert_eq!(count(read), 0, "{size}");
}

fn packets(size: usize) {
    let text = format!(r#"2["message",{}]"#, serde_json::to_string(&vec!["text"; size]).expect("JSON"));
    let mut decoder = Decoder::new(&Limits::default());
    let frame = Frame::Text(Text::from(text));
    // The name is the second handle to the buffer, which costs the block that counts them, at most once.
    let mut packet = None;
    assert!(count(|| packet = decoder.push(frame.clone()).expect("an event")) <= 1, "{size}");
    assert_eq!(count(|| decoder.push(frame.clone())), 0, "{size}");
    assert_eq!(count(|| packet.clone()), 0, "{size}");
}

fn typed_arguments() {
    let args = Args::encode(&("kitchen", 21.5, [1, 2, 3], Some(true))).expect("a sequence");
    assert_eq!(count(|| args.decode::<(&str, f64, [u8; 3], Option<bool>)>()), 0);
    assert_eq!(count(|| args.decode::<(&str, f64, [u8; 3], bool, Option<u8>)>()), 0, "an absent one costs nothing");
    let allocations = count(|| args.decode::<(bool,)>());
    assert!(allocations <= 4, "{allocations} for the words about a value of another type");
    let values =
        Args::from_values(&[Value::from("a"), Value::from(1_i64)]).expect("values").values().map(|list| list.len());
    assert_eq!(values, Ok(2));
}

fn checking() {
    let deep = format!("2[\"e\",{}{}]", "[".repeat(100), "]".repeat(100));
    let limits = Limits::default();
    assert_eq!(count(|| PacketRef::parse(&deep, Protocol::V5, &limits).map(|packet| packet.validate(&limits))), 0);
    for fault in ["7", "2[]", r#"2["a",]"#, r#"2["a",1x]"#, "511-[]", "", r#"2["disconnect"]"#] {
        assert_eq!(count(|| PacketRef::parse(fault, Protocol::V5, &limits).and_then(|it| it.validate(&limits))), 0);
    }
}

fn writing() {
    let (root, chat) = (Namespace::root(), Namespace::new("/chat").expect("a name"));
    let (mut text, mut attachments) = (String::with_capacity(1000), Vec::with_capacity(4));
    let write = |text: &mut String, attachments: &mut Vec<Bytes>| {
        Outgoing::event(&root, "message").encode_into(text, attachments, &("hello",))?;
        Outgoing::event(&chat, "project:delete").encode_into(
            text,
            attachments,
            &(123, 1.5, [None, Some("q\"uote")]),
        )?;
        Outgoing::acknowledgement(&chat, AckId::MAX).encode_into(text, attachments, &(true,))
    };
    assert_eq!(count(|| write(&mut text, &mut attachments)), 0);
    assert!(text.ends_with("9007199254740991[true]"));

    // The text, and the block that counts its handles.
    assert!(count(|| Outgoing::event(&root, "message").encode(&("hello",))) <= 2);
    let kind = PacketKind::Event { name: "message".into(), args: Args::encode(&(1,)).expect("a sequence"), ack: None };
    let packet = Packet { namespace: root.clone(), kind };
    text.clear();
    assert_eq!(count(|| packet.encode_into(&mut text)), 0);
    // The text fills its buffer, which is shared as it is.
    assert_eq!(count(|| packet.encode()), 1);
}

/// One buffer for any number of receivers, however large.
fn a_broadcast(size: usize) {
    let photos = vec![Binary(Bytes::from(vec![7; size])); 3];
    let packet =
        Outgoing::event(&Namespace::root(), "photos").encode(&(vec!["text"; size], photos)).expect("a sequence");
    let first = packet.clone();
    let mut receivers = Vec::with_capacity(1000);
    assert_eq!(count(|| receivers.extend(std::iter::repeat_n(&packet, 1000).cloned())), 0, "{size}");
    assert_eq!(count(|| receivers.iter().flat_map(|packet| packet.frames()).count()), 0, "{size}");
    assert_eq!(first, packet);
}

fn attachments() {
    let photos: Vec<Bytes> = (0..10).map(|number| Bytes::from(vec![number; 10_000])).collect();
    let first: Vec<Bytes> = photos.clone();
    let root = Namespace::root();
    let (mut text, mut lifted) = (String::with_capacity(1000), Vec::with_capacity(10));
    let typed: Vec<Binary> = photos.iter().cloned().map(Binary).collect();
    // The number of attachments is put in front once it is known.
    let write = || Outgoing::event(&root, "e").sharing(&photos).encode_into(&mut text, &mut lifted, &typed);
    assert!(count(write) <= 2);
    assert_eq!(lifted, photos);
    for (one, other) in lifted.iter().zip(&photos) {
        assert_eq!(one.as_ptr(), other.as_ptr());
    }

    let mut decoder = Decoder::new(&Limits::default());
    let header = Frame::Text(Text::from(text));
    let again = header.clone();
    let mut packet = None;
    let receive = || {
        decoder.push(header).expect("a header");
        for photo in &first {
            packet = decoder.push(Frame::Binary(photo.clone())).expect("an attachment");
        }
    };
    assert!(count(receive) <= 3, "the list, its shared form, and a block that counts handles");
    let Some(PacketKind::Event { args, .. }) = packet.map(|packet| packet.kind) else { unreachable!() };
    assert!(count(|| args.decode::<[&[u8]; 10]>()) <= 1, "the way to the attachments");
    assert_eq!(args.attachments()[9].as_ptr(), photos[9].as_ptr());
    drop(again);
}

fn message_pack() {
    use sio_codec::socketio::{MsgPackKindRef, MsgPackPacketRef, Parser};
    let root = Namespace::root();
    let mut message = Vec::with_capacity(1000);
    let args = ("hello", 123, 1.5, [1, 2, 3], Some("text"));
    assert_eq!(count(|| Outgoing::event(&root, "message").encode_msgpack_into(&mut message, &args)), 0);
    let mut decoder = Decoder::new(&Limits::default()).with_parser(Parser::MsgPack);
    let view = || {
        let packet = MsgPackPacketRef::parse(&message, Protocol::V5, &Limits::default()).expect("an event");
        let MsgPackKindRef::Event { name, args: read, .. } = packet.kind() else { unreachable!() };
        assert_eq!((packet.namespace(), &*name, read.decode().as_ref()), ("/", "message", Ok(&args)));
        packet.validate()
    };
    assert_eq!(count(view), 0);
    let message = Bytes::from(message);
    let first = message.clone();
    let mut packet = None;
    assert_eq!(count(|| packet = decoder.push(Frame::Binary(message)).expect("an event")), 0);
    let Some(PacketKind::Event { args: read, .. }) = packet.map(|packet| packet.kind) else { unreachable!() };
    assert_eq!(count(|| assert_eq!(read.decode().as_ref(), Ok(&args))), 0);
    drop(first);
}
