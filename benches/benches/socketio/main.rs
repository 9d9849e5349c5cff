//! Rows g to n: packets of Socket.IO, as JSON and as `MessagePack`, read into types and written from them.

use bytes::Bytes;
use criterion::{Throughput, criterion_group, criterion_main};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sio_benches::settings::{self, Criterion};
use sio_benches::{
    G, G_TEXT, H, H_TEXT, I, Item, J, K1, K10, L, L_TEXT, M, M_TEXT, NG, NI, NK1, NK10, admin, attachments, document,
    event, msgpack,
};
use sio_codec::engineio::Sid;
use sio_codec::socketio::{
    AckId, Args, Decoder, KindRef, Namespace, Outgoing, Packet, PacketKind, PacketRef, Parser, Protocol,
};
use sio_codec::{Frame, Limits, Text};
use std::collections::BTreeMap;
use std::hint::black_box;

#[cfg(feature = "peers")]
mod peers;

fn small(criterion: &mut Criterion) {
    let (root, admin) = (Namespace::root(), admin());
    decode::<(String,)>(criterion, G, G_TEXT, &[]);
    encode(criterion, G, Outgoing::event(&root, "message"), &("hello",), &[]);
    decode::<(u64,)>(criterion, H, H_TEXT, &[]);
    let id = AckId::new(12).unwrap_or(AckId::MAX);
    encode(criterion, H, Outgoing::event(&admin, "project:delete").with_ack(id), &(123,), &[]);
    decode::<(String, bool)>(criterion, L, L_TEXT, &[]);
    encode(criterion, L, Outgoing::acknowledgement(&root, id), &("ok", true), &[]);
}

fn documents(criterion: &mut Criterion) {
    let root = Namespace::root();
    for (row, size) in [(I, 1024), (J, 65_536)] {
        let args = (document(size),);
        let (text, _) = event("document", &args);
        decode::<(Vec<Item>,)>(criterion, row, &text, &[]);
        encode(criterion, row, Outgoing::event(&root, "document"), &args, &[]);
    }
}

fn binaries(criterion: &mut Criterion) {
    let root = Namespace::root();
    for (row, values) in [K1, K10].into_iter().zip(attachments()) {
        let (text, attachments) = event("upload", &(&values,));
        decode_binaries(criterion, row, &text, &attachments);
        encode(criterion, row, Outgoing::event(&root, "upload"), &(&values,), &values);
    }
}

/// Borrowed and owned: reads the name, and the arguments as a type that owns its content.
fn decode<T: DeserializeOwned>(criterion: &mut Criterion, row: &str, text: &str, attachments: &[Bytes]) {
    let limits = Limits::default();
    let mut group = criterion.benchmark_group(format!("{row}/decode"));
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("ours, &str", |b| {
        b.iter(|| {
            let packet = PacketRef::parse(black_box(text), Protocol::V5, &limits).ok()?;
            match packet.kind() {
                KindRef::Event { name, args, .. } => {
                    black_box(name);
                    args.decode::<T>(attachments).ok()
                }
                KindRef::Ack { args, .. } => args.decode::<T>(attachments).ok(),
                _ => None,
            }
        });
    });
    let messages = frames(text, attachments);
    let mut decoder = Decoder::new(&limits);
    group.bench_function("ours, owned", |b| b.iter(|| read::<T>(&mut decoder, black_box(&messages))));
    assert!(read::<T>(&mut decoder, &messages).is_some(), "{row}");
    #[cfg(feature = "peers")]
    peers::decode::<T>(&mut group, text, attachments);
    group.finish();
}

/// Attachments are borrowed, or handles to them are cloned; a type that owns its bytes must copy them.
fn decode_binaries(criterion: &mut Criterion, row: &str, text: &str, attachments: &[Bytes]) {
    let limits = Limits::default();
    let mut group = criterion.benchmark_group(format!("{row}/decode"));
    group.throughput(Throughput::Bytes(attachments.iter().map(Bytes::len).sum::<usize>() as u64));
    group.bench_function("ours, &str", |b| {
        b.iter(|| {
            let packet = PacketRef::parse(black_box(text), Protocol::V5, &limits).ok()?;
            let KindRef::Event { args, .. } = packet.kind() else { return None };
            args.decode::<(Vec<&[u8]>,)>(black_box(attachments)).ok()
        });
    });
    let messages = frames(text, attachments);
    let mut decoder = Decoder::new(&limits);
    group.bench_function("ours, owned", |b| {
        b.iter(|| {
            let args = args(&mut decoder, black_box(&messages))?;
            handles(&args)
        });
    });
    #[cfg(feature = "peers")]
    peers::decode::<(Vec<Bytes>,)>(&mut group, text, attachments);
    group.finish();
}

fn handles(args: &Args) -> Option<Vec<Bytes>> {
    let (parts,) = args.decode::<(Vec<&[u8]>,)>().ok()?;
    parts.into_iter().map(|part| args.handle(part)).collect()
}

fn frames(text: &str, attachments: &[Bytes]) -> Vec<Frame> {
    let text = Frame::Text(Text::from(text.to_owned()));
    [text].into_iter().chain(attachments.iter().cloned().map(Frame::Binary)).collect()
}

fn read<T: DeserializeOwned>(decoder: &mut Decoder, messages: &[Frame]) -> Option<T> {
    args(decoder, messages)?.decode().ok()
}

fn args(decoder: &mut Decoder, messages: &[Frame]) -> Option<Args> {
    let mut packet = None;
    for message in messages {
        packet = decoder.push(message.clone()).ok()?;
    }
    match packet?.kind {
        PacketKind::Event { name, args, .. } => {
            black_box(name);
            Some(args)
        }
        PacketKind::Ack { args, .. } => Some(args),
        _ => None,
    }
}

fn encode<T: Serialize>(criterion: &mut Criterion, row: &str, outgoing: Outgoing<'_>, args: &T, shared: &[Bytes]) {
    let mut group = criterion.benchmark_group(format!("{row}/encode"));
    let (mut text, mut attachments) = (String::with_capacity(100_000), Vec::with_capacity(10));
    let written = outgoing.encode_into(&mut text, &mut attachments, args);
    assert!(written.is_ok(), "{row}");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("ours, into a buffer", |b| {
        b.iter(|| {
            text.clear();
            attachments.clear();
            outgoing.sharing(shared).encode_into(&mut text, &mut attachments, black_box(args))
        });
    });
    group.bench_function("ours, owned", |b| b.iter(|| outgoing.sharing(shared).encode(black_box(args))));
    #[cfg(feature = "peers")]
    peers::encode(&mut group, row, args);
    group.finish();
}

fn connect(criterion: &mut Criterion) {
    let limits = Limits::default();
    let mut group = criterion.benchmark_group(format!("{M}/decode"));
    group.bench_function("ours, &str", |b| {
        b.iter(|| {
            let packet = PacketRef::parse(black_box(M_TEXT), Protocol::V5, &limits).ok()?;
            let KindRef::Connect { payload: Some(auth) } = packet.kind() else { return None };
            serde_json::from_str::<BTreeMap<String, String>>(auth).ok()
        });
    });
    let message = Frame::Text(M_TEXT.into());
    let mut decoder = Decoder::new(&limits);
    group.bench_function("ours, owned", |b| {
        b.iter(|| match decoder.push(black_box(&message).clone()).ok()??.kind {
            PacketKind::Connect { payload: Some(auth) } => auth.decode::<BTreeMap<String, String>>().ok(),
            _ => None,
        });
    });
    #[cfg(feature = "peers")]
    peers::decode_connect(&mut group);
    group.finish();

    let mut group = criterion.benchmark_group(format!("{M}/encode"));
    let root = Namespace::root();
    let Some(sid) = Sid::from_wire("oSO0OpakMV_3jnilAAAA") else { return };
    group.bench_function("ours, owned", |b| {
        b.iter(|| Packet::connected(Protocol::V5, black_box(&root).clone(), &sid).encode());
    });
    #[cfg(feature = "peers")]
    peers::encode_connect(&mut group);
    group.finish();
}

fn message_pack(criterion: &mut Criterion) {
    let typed = |args: &Args| args.decode::<(String,)>().is_ok();
    msgpack_row::<_, (String,)>(criterion, NG, "message", &("hello",), typed);
    let typed = |args: &Args| args.decode::<(Vec<Item>,)>().is_ok();
    msgpack_row::<_, (Vec<Item>,)>(criterion, NI, "document", &(document(1024),), typed);
    for (row, values) in [NK1, NK10].into_iter().zip(attachments()) {
        let typed = |args: &Args| handles(args).is_some();
        msgpack_row::<_, (Vec<Bytes>,)>(criterion, row, "upload", &(&values,), typed);
    }
}

#[cfg_attr(not(feature = "peers"), expect(clippy::extra_unused_type_parameters, reason = "what the peers read into"))]
fn msgpack_row<S: Serialize, T: DeserializeOwned>(
    criterion: &mut Criterion,
    row: &str,
    name: &str,
    args: &S,
    typed: impl Fn(&Args) -> bool,
) {
    let message = msgpack(name, args);
    let mut group = criterion.benchmark_group(format!("{row}/decode"));
    group.throughput(Throughput::Bytes(message.len() as u64));
    let messages = [Frame::Binary(message.clone())];
    let limits = Limits::default();
    let mut decoder = Decoder::new(&limits).with_parser(Parser::MsgPack);
    let mut read = || self::args(&mut decoder, black_box(&messages)).is_some_and(|args| typed(&args));
    assert!(read(), "{row}");
    group.bench_function("ours, owned", |b| b.iter(&mut read));
    #[cfg(feature = "peers")]
    peers::decode_msgpack::<T>(&mut group, &message);
    group.finish();

    let mut group = criterion.benchmark_group(format!("{row}/encode"));
    group.throughput(Throughput::Bytes(message.len() as u64));
    let mut buffer = Vec::with_capacity(message.len());
    let root = Namespace::root();
    let outgoing = Outgoing::event(&root, name);
    group.bench_function("ours, into a buffer", |b| {
        b.iter(|| {
            buffer.clear();
            outgoing.encode_msgpack_into(&mut buffer, black_box(args))
        });
    });
    group.bench_function("ours, owned", |b| b.iter(|| outgoing.encode_with(Parser::MsgPack, black_box(args))));
    #[cfg(feature = "peers")]
    peers::encode_msgpack(&mut group, name, args);
    group.finish();
}

criterion_group! {
    name = benches;
    config = settings::rows();
    targets = small, documents, binaries, connect, message_pack
}
criterion_main!(benches);
