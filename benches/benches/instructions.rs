//! How many instructions the hottest rows take, for `.ci/run instructions`: a count does not depend on what else the
//! machine does.
//!
//! ```text
//! instructions             the names of the rows
//! instructions ROW         one row, many times; the last time inside `counted`, where callgrind counts
//! instructions --test      each row once
//! ```
//!
//! A process counts one row only, so that rows do not meet each other's heap, and the row has run before it is counted.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sio_benches::machines::{self, Application, Session, Transport};
use sio_benches::typed::{Auth, Id, Update};
use sio_benches::{
    G_TEXT, H_TEXT, I_TEXT, L_TEXT, M_TEXT, admin, attachments, event, msgpack, packets, payload, texts,
    update_as_msgpack,
};
use sio_codec::engineio::payload::{Encoder, Format, Packets};
use sio_codec::engineio::{self, Revision, Sid};
use sio_codec::socketio::{
    AckId, Binary, Decoder, KindRef, MsgPackKindRef, MsgPackPacketRef, Namespace, Outgoing, Packet, PacketKind,
    PacketRef, Parser, Protocol,
};
use sio_codec::{Frame, Limits, Text};
use sio_support::crowd::Crowd;
use std::hint::black_box;
use std::process::ExitCode;

/// The names of the rows, and what each does. With `+Peer` it is a message from one WebSocket to the application and back.
const ROWS: &[(&str, fn())] = &[
    ("a-ping-decode", || engine_decode("2".into())),
    ("b-text-decode", || engine_decode(format!("4{}", texts()[0]))),
    ("b-text-encode", || {
        let message = engineio::Packet::Message(Frame::from(texts()[0].clone()));
        measure(|| black_box(&message).to_frame(Revision::V4));
    }),
    ("e-v4-payload-decode", || payload_decode(Format::V4)),
    ("e-v4-payload-encode", || payload_encode(Format::V4)),
    ("f-v3-payload-decode", || payload_decode(Format::V3Text)),
    ("g-event-decode-borrowed", || decode_borrowed::<(String,)>(G_TEXT)),
    ("g-event-decode", || decode::<(String,)>(Parser::Json, text(G_TEXT))),
    ("g-event-encode", || encode(Parser::Json, "message", &("hello",), &[])),
    ("h-event-decode", || decode::<(u64,)>(Parser::Json, text(H_TEXT))),
    ("i-event-1k-decode", || decode::<(Update,)>(Parser::Json, text(I_TEXT))),
    ("i-event-1k-decode-routed", || decode_routed::<(Update,)>(I_TEXT)),
    ("i-event-1k-encode", || encode_update(Parser::Json)),
    ("k-binary-decode", || {
        let [values, _] = attachments();
        let (head, attachments) = event("upload", &(&values,));
        let all = text(&head).into_iter().chain(attachments.into_iter().map(Frame::Binary));
        decode::<(Vec<Binary>,)>(Parser::Json, all.collect());
    }),
    ("k-binary-encode", || {
        let [values, _] = attachments();
        encode(Parser::Json, "upload", &(&values,), &values);
    }),
    ("l-ack-decode", || decode::<(String, Id)>(Parser::Json, text(L_TEXT))),
    ("l-ack-decode-routed", || decode_routed::<(String, Id)>(L_TEXT)),
    ("l-ack-encode", || {
        let (root, id) = (Namespace::root(), AckId::new(12).unwrap_or(AckId::MAX));
        measure(|| Outgoing::acknowledgement(&root, id).encode(black_box(&("ok", Id { id: 7 }))));
    }),
    ("m-connect-decode", connect_decode),
    ("m-connect-encode", || {
        let (admin, sid) = (admin(), Sid::from_entropy([7; 15]));
        measure(|| Packet::connected(Protocol::V5, black_box(&admin).clone(), &sid).encode());
    }),
    ("n-msgpack-decode-borrowed", || msgpack_decode_borrowed::<(String,)>(&msgpack("message", &("hello",)))),
    ("n-msgpack-decode", || {
        decode::<(String,)>(Parser::MsgPack, vec![Frame::Binary(msgpack("message", &("hello",)))]);
    }),
    ("n-msgpack-1k-decode-borrowed", || msgpack_decode_borrowed::<(Update,)>(&update_as_msgpack())),
    ("n-msgpack-1k-decode", || {
        decode::<(Update,)>(Parser::MsgPack, vec![Frame::Binary(update_as_msgpack())]);
    }),
    ("n-msgpack-1k-encode", || encode_update(Parser::MsgPack)),
    ("g-event+Peer", || echo(5)),
    ("16k-event+Peer", || echo(16 << 10)),
    ("t-recipients", recipients),
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match wanted.first().map(String::as_str) {
        None => ROWS.iter().for_each(|(name, _)| println!("{name}")),
        Some("--test") => ROWS.iter().for_each(|(_, row)| row()),
        Some(wanted) => match ROWS.iter().find(|(name, _)| *name == wanted) {
            Some((_, row)) => row(),
            None => return ExitCode::FAILURE,
        },
    }
    ExitCode::SUCCESS
}

/// Runs it until the heap has what it takes, and then where it is counted.
fn measure<R>(mut work: impl FnMut() -> R) {
    for _ in 0..WARM_UP {
        black_box(work());
    }
    counted(&mut || drop(black_box(work())));
}

const WARM_UP: usize = 16;

/// What callgrind looks for by this name.
#[inline(never)]
fn counted(work: &mut dyn FnMut()) {
    work();
}

fn text(message: &str) -> Vec<Frame> {
    vec![Frame::Text(Text::from(message.to_owned()))]
}

fn engine_decode(message: String) {
    let frame = Frame::from(message);
    measure(|| engineio::Packet::parse(Revision::V4, black_box(&frame).clone()));
}

fn payload_decode(format: Format) {
    let body = payload(format, &packets(format, 16));
    measure(|| Packets::new(format, black_box(&body).clone()).map(|packets| packets.filter(Result::is_ok).count()));
}

fn payload_encode(format: Format) {
    let packets = packets(format, 16);
    measure(|| {
        let mut payload = Encoder::new(format);
        for packet in black_box(&packets) {
            let _ = payload.push(packet);
        }
        payload.finish()
    });
}

fn decode_borrowed<T: DeserializeOwned>(text: &str) {
    let limits = Limits::default();
    measure(|| {
        let packet = PacketRef::parse(black_box(text), Protocol::V5, &limits).ok()?;
        let KindRef::Event { args, .. } = packet.kind() else { return None };
        args.decode::<T>(&[]).ok()
    });
}

fn msgpack_decode_borrowed<T: DeserializeOwned>(message: &[u8]) {
    let limits = Limits::default();
    let read = || {
        let packet = MsgPackPacketRef::parse(black_box(message), Protocol::V5, &limits).ok()?;
        let MsgPackKindRef::Event { args, .. } = packet.kind() else { return None };
        args.decode::<T>().ok()
    };
    assert!(read().is_some(), "a packet of this type");
    measure(read);
}

fn decode<T: DeserializeOwned>(parser: Parser, messages: Vec<Frame>) {
    let mut decoder = Decoder::new(&Limits::default()).with_parser(parser);
    let mut read = || {
        let mut packet = None;
        for message in black_box(&messages) {
            packet = decoder.push(message.clone()).ok()?;
        }
        match packet?.kind {
            PacketKind::Event { args, .. } | PacketKind::Ack { args, .. } => args.decode::<T>().ok(),
            _ => None,
        }
    };
    assert!(read().is_some(), "a packet of this type");
    measure(read);
}

fn decode_routed<T: DeserializeOwned>(message: &str) {
    let mut decoder = Decoder::new(&Limits::default());
    let frame = Frame::from(message.to_owned());
    let mut read = || {
        let packet = decoder.route(black_box(&frame).clone()).ok()??;
        black_box(packet.kind());
        packet.decode::<T>().ok()
    };
    assert!(read().is_some(), "a packet of this type");
    measure(read);
}

fn encode<T: Serialize>(parser: Parser, name: &str, args: &T, shared: &[Bytes]) {
    let root = Namespace::root();
    let outgoing = Outgoing::event(&root, name).sharing(shared);
    measure(|| outgoing.encode_with(parser, black_box(args)));
}

fn encode_update(parser: Parser) {
    let Some(update) = Update::short() else { return };
    encode(parser, "update", &(update,), &[]);
}

fn connect_decode() {
    let message = Frame::from(M_TEXT.to_owned());
    let mut decoder = Decoder::new(&Limits::default());
    measure(|| match decoder.push(black_box(&message).clone()).ok()??.kind {
        PacketKind::Connect { payload: Some(auth) } => auth.decode::<Auth>().ok(),
        _ => None,
    });
}

/// A server's session receives an event and emits what came with it.
fn echo(bytes: usize) {
    let mut session = Session::open(Transport::WebSocket);
    let message = machines::message(bytes);
    let mut turn = || session.take(&message, Application::Echoes);
    assert_eq!(turn(), 1, "one message back");
    measure(turn);
}

/// An event for a hundred members of a room, as far as each one's WebSocket.
fn recipients() {
    let mut crowd = Crowd::open(100, Transport::WebSocket);
    let mut turn = || machines::broadcast_as_frames(&mut crowd);
    assert_eq!(turn(), 100, "one message each");
    measure(turn);
}
