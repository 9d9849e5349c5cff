//! Rows g to j, and l: events and an acknowledgement.

use std::hint::black_box;

use bytes::Bytes;
use serde::Serialize;
use sio_benches::settings::{Criterion, Group};
use sio_benches::typed::{Answer, Document, Id, Message, Number, Typed, Update};
use sio_benches::{G, G_TEXT, H, H_TEXT, I, I_TEXT, J, J_TEXT, L, L_TEXT, admin};
use sio_codec::socketio::{
    AckId, Args, ArgsRef, Decoder, KindRef, Namespace, Outgoing, Packet, PacketKind, PacketRef, Protocol,
};
use sio_codec::{Frame, Limits, Text};

#[cfg(feature = "peers")]
use crate::peers;
use crate::{group, hand_on};

pub(super) fn small(criterion: &mut Criterion) {
    let (root, admin) = (Namespace::root(), admin());
    let id = AckId::new(12).unwrap_or(AckId::MAX);
    row::<Message, _>(criterion, G, G_TEXT, Outgoing::event(&root, "message"), &("hello",));
    row::<Number, _>(criterion, H, H_TEXT, Outgoing::event(&admin, "project:delete").with_ack(id), &(123,));
    row::<Answer, _>(criterion, L, L_TEXT, Outgoing::acknowledgement(&root, id), &("ok", Id { id: 7 }));
}

pub(super) fn documents(criterion: &mut Criterion) {
    let root = Namespace::root();
    for (name, text, update) in [(I, I_TEXT, Update::short()), (J, J_TEXT, Update::long())] {
        let Some(update) = update else { continue };
        row::<Document, _>(criterion, name, text, Outgoing::event(&root, "update"), &(update,));
    }
}

fn row<T: Typed, S: Serialize>(criterion: &mut Criterion, name: &str, text: &str, outgoing: Outgoing<'_>, args: &S) {
    group(criterion, name, "decode", text.len(), |group| decode::<T>(group, name, text));
    group(criterion, name, "encode", text.len(), |group| encode(group, name, outgoing, args, &[]));
}

/// To the name or the id; to a type that borrows, to one that owns its content, and to that by the form that machines use.
fn decode<T: Typed>(group: &mut Group<'_>, row: &str, text: &str) {
    let limits = Limits::default();
    let route = || args_ref(black_box(text), &limits).is_some();
    group.bench_function("ours, name only", |b| b.iter(route));
    let borrowed = || args_ref(black_box(text), &limits)?.decode::<T::Borrowed<'_>>(&[]).ok().map(hand_on);
    group.bench_function("ours, &str to borrowed", |b| b.iter(borrowed));
    let owned = || args_ref(black_box(text), &limits)?.decode::<T::Owned>(&[]).ok().map(hand_on);
    group.bench_function("ours, &str to owned", |b| b.iter(owned));
    let message = Frame::Text(Text::from(text.to_owned()));
    let mut decoder = Decoder::new(&limits);
    let mut machines = || args_of(&mut decoder, black_box(&message).clone())?.decode::<T::Owned>().ok().map(hand_on);
    assert!(route() && borrowed().is_some() && owned().is_some() && machines().is_some(), "{row}");
    group.bench_function("ours, owned", |b| b.iter(&mut machines));
    let mut unread = || {
        let packet = decoder.route(black_box(&message).clone()).ok()??;
        black_box(packet.kind());
        Some(packet)
    };
    let mut head = || unread().map(hand_on).is_some();
    assert!(head(), "{row}");
    group.bench_function("ours, owned, name only", |b| b.iter(&mut head));
    let mut routed = || unread()?.decode::<T::Owned>().ok().map(hand_on);
    assert!(routed().is_some(), "{row}");
    group.bench_function("ours, routed", |b| b.iter(&mut routed));
    #[cfg(feature = "peers")]
    peers::decode::<T>(group, text);
}

/// The arguments of a packet whose head was read.
#[inline(always)]
pub(super) fn args_ref<'a>(text: &'a str, limits: &Limits) -> Option<ArgsRef<'a>> {
    match PacketRef::parse(text, Protocol::V5, limits).ok()?.kind() {
        KindRef::Event { name, args, .. } => {
            black_box(&name);
            Some(args)
        }
        KindRef::Ack { id, args } => {
            black_box(id);
            Some(args)
        }
        _ => None,
    }
}

/// The arguments of the packet that these messages are.
pub(super) fn args(decoder: &mut Decoder, messages: impl IntoIterator<Item = Frame>) -> Option<Args> {
    let mut packet = None;
    for message in messages {
        packet = decoder.push(message).ok()?;
    }
    arguments(packet?)
}

/// The arguments of the packet that this message is.
#[inline(always)]
pub(super) fn args_of(decoder: &mut Decoder, message: Frame) -> Option<Args> {
    arguments(decoder.push(message).ok()??)
}

#[inline(always)]
fn arguments(packet: Packet) -> Option<Args> {
    match packet.kind {
        PacketKind::Event { name, args, .. } => {
            black_box(&name);
            Some(args)
        }
        PacketKind::Ack { id, args } => {
            black_box(id);
            Some(args)
        }
        _ => None,
    }
}

pub(super) fn encode<T: Serialize>(
    group: &mut Group<'_>,
    row: &str,
    outgoing: Outgoing<'_>,
    args: &T,
    shared: &[Bytes],
) {
    let (mut text, mut attachments) = (String::with_capacity(100_000), Vec::with_capacity(10));
    let mut into_a_buffer = || {
        text.clear();
        attachments.clear();
        let written = outgoing.sharing(shared).encode_into(&mut text, &mut attachments, black_box(args));
        black_box((&text, &attachments));
        written.is_ok()
    };
    assert!(into_a_buffer(), "{row}");
    group.bench_function("ours, into a buffer", |b| b.iter(&mut into_a_buffer));
    group.bench_function("ours, owned", |b| b.iter(|| outgoing.sharing(shared).encode(black_box(args))));
    #[cfg(feature = "peers")]
    peers::encode(group, row, args);
}
