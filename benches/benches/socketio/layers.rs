//! Row s, both layers at once; and row t, what one more recipient of a broadcast costs, after the packet is written.

use std::hint::black_box;

use sio_benches::settings::{Criterion, Group};
use sio_benches::typed::{Document, Message, Typed};
use sio_benches::{G_TEXT, I_TEXT, J_TEXT, SG, SI, TG, TI, TJ};
use sio_codec::engineio::{self, Encoded, Revision};
use sio_codec::socketio::Decoder;
use sio_codec::{Frame, FrameRef, Limits};

#[cfg(feature = "peers")]
use crate::peers;
use crate::texts::{args_of, args_ref};
use crate::{group, hand_on};

pub(super) fn decode(criterion: &mut Criterion) {
    group(criterion, SG, "decode", G_TEXT.len() + 1, |group| both::<Message>(group, &format!("4{G_TEXT}")));
    group(criterion, SI, "decode", I_TEXT.len() + 1, |group| both::<Document>(group, &format!("4{I_TEXT}")));
}

fn both<T: Typed>(group: &mut Group<'_>, text: &str) {
    let limits = Limits::default();
    let borrowed = || match engineio::PacketRef::parse(Revision::V4, black_box(text)) {
        Ok(engineio::PacketRef::Message(FrameRef::Text(text))) => {
            args_ref(text, &limits)?.decode::<T::Borrowed<'_>>(&[]).ok().map(hand_on)
        }
        _ => None,
    };
    let frame = Frame::from(text.to_owned());
    let mut decoder = Decoder::new(&limits);
    let mut owned = || match engineio::Packet::parse(Revision::V4, black_box(&frame).clone()) {
        Ok(engineio::Packet::Message(message)) => {
            args_of(&mut decoder, message)?.decode::<T::Owned>().ok().map(hand_on)
        }
        _ => None,
    };
    assert!(borrowed().is_some() && owned().is_some(), "{text}");
    group.bench_function("ours, &str to borrowed", |b| b.iter(borrowed));
    group.bench_function("ours, owned", |b| b.iter(&mut owned));
    #[cfg(feature = "peers")]
    peers::decode_layers::<T>(group, text);
}

pub(super) fn recipients(criterion: &mut Criterion) {
    for (row, text) in [(TG, G_TEXT), (TI, I_TEXT), (TJ, J_TEXT)] {
        group(criterion, row, "encode", text.len(), |group| {
            let broadcast = Encoded::text(text);
            group.bench_function("ours, owned", |b| {
                b.iter(|| black_box(&broadcast).frames().for_each(|frame| drop(black_box(frame))));
            });
            #[cfg(feature = "peers")]
            peers::one_more_recipient(group, text);
        });
    }
}
