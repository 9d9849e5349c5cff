//! Row n: events in `MessagePack`.

use std::hint::black_box;

use bytes::Bytes;
use serde::Serialize;
use sio_benches::settings::{Criterion, Group};
use sio_benches::typed::{Document, Message, Typed, Update};
use sio_benches::{NG, NI, NK1, NK10, attachments, msgpack};
use sio_codec::socketio::{
    Args, Decoder, MsgPackArgsRef, MsgPackKindRef, MsgPackPacketRef, Namespace, Outgoing, Parser, Protocol,
};
use sio_codec::{Frame, Limits};

use crate::binaries::handles;
#[cfg(feature = "peers")]
use crate::peers;
use crate::texts::args;
use crate::{group, hand_on};

pub(super) fn all(criterion: &mut Criterion) {
    typed::<Message, _>(criterion, NG, "message", &("hello",));
    if let Some(update) = Update::short() {
        typed::<Document, _>(criterion, NI, "update", &(update,));
    }
    for (row, values) in [NK1, NK10].into_iter().zip(attachments()) {
        let args = (&values,);
        let message = msgpack("upload", &args);
        group(criterion, row, "decode", message.len(), |group| {
            group.bench_function("ours, &[u8] to slices", |b| {
                b.iter(|| args_ref(black_box(&message))?.decode::<(Vec<&[u8]>,)>().ok().map(hand_on));
            });
            let slices = |args: &Args| args.decode::<(Vec<&[u8]>,)>().ok().map(hand_on);
            decode(group, "ours, owned to slices", &message, slices);
            decode(group, "ours, owned", &message, |args| handles(args).map(hand_on));
            #[cfg(feature = "peers")]
            peers::decode_msgpack_handles(group, &message);
        });
        encode(criterion, row, "upload", &args, message.len());
    }
}

fn typed<T: Typed, S: Serialize>(criterion: &mut Criterion, row: &str, name: &str, args: &S) {
    let message = msgpack(name, args);
    group(criterion, row, "decode", message.len(), |group| {
        let route = || args_ref(black_box(&message)).is_some();
        group.bench_function("ours, name only", |b| b.iter(route));
        let borrowed = || args_ref(black_box(&message))?.decode::<T::Borrowed<'_>>().ok().map(hand_on);
        group.bench_function("ours, &[u8] to borrowed", |b| b.iter(borrowed));
        let owned = || args_ref(black_box(&message))?.decode::<T::Owned>().ok().map(hand_on);
        group.bench_function("ours, &[u8] to owned", |b| b.iter(owned));
        assert!(route() && borrowed().is_some() && owned().is_some(), "{row}");
        let borrowed = |args: &Args| args.decode::<T::Borrowed<'_>>().ok().map(hand_on);
        decode(group, "ours, owned to borrowed", &message, borrowed);
        decode(group, "ours, owned", &message, |args| args.decode::<T::Owned>().ok().map(hand_on));
        #[cfg(feature = "peers")]
        peers::decode_msgpack::<T>(group, &message);
    });
    encode(criterion, row, name, args, message.len());
}

/// The arguments of a packet whose head was read.
#[inline(always)]
fn args_ref(message: &[u8]) -> Option<MsgPackArgsRef<'_>> {
    match MsgPackPacketRef::parse(message, Protocol::V5, &Limits::default()).ok()?.kind() {
        MsgPackKindRef::Event { name, args, .. } => {
            black_box(&name);
            Some(args)
        }
        _ => None,
    }
}

fn decode(group: &mut Group<'_>, form: &str, message: &Bytes, read: impl Fn(&Args) -> Option<bool>) {
    let message = Frame::Binary(message.clone());
    let mut decoder = Decoder::new(&Limits::default()).with_parser(Parser::MsgPack);
    let mut decode = || read(&args(&mut decoder, [black_box(&message).clone()])?);
    assert!(decode().is_some(), "{form}");
    group.bench_function(form, |b| b.iter(&mut decode));
}

fn encode<S: Serialize>(criterion: &mut Criterion, row: &str, name: &str, args: &S, len: usize) {
    let root = Namespace::root();
    let outgoing = Outgoing::event(&root, name);
    let mut buffer = Vec::with_capacity(len);
    group(criterion, row, "encode", len, |group| {
        group.bench_function("ours, into a buffer", |b| {
            b.iter(|| {
                buffer.clear();
                let written = outgoing.encode_msgpack_into(&mut buffer, black_box(args));
                black_box(&buffer);
                written.is_ok()
            });
        });
        group.bench_function("ours, owned", |b| b.iter(|| outgoing.encode_with(Parser::MsgPack, black_box(args))));
        #[cfg(feature = "peers")]
        peers::encode_msgpack(group, name, args);
    });
}
