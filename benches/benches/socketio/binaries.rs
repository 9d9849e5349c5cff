//! Row k: events with attachments.

use std::hint::black_box;

use bytes::Bytes;
use sio_benches::settings::{Criterion, Group};
use sio_benches::{K1, K10, attachments, event};
use sio_codec::socketio::{Args, Decoder, Namespace, Outgoing};
use sio_codec::{Frame, Limits, Text};

#[cfg(feature = "peers")]
use crate::peers;
use crate::texts::{args, args_ref, encode};
use crate::{group, hand_on};

pub(super) fn all(criterion: &mut Criterion) {
    let root = Namespace::root();
    for (row, values) in [K1, K10].into_iter().zip(attachments()) {
        let (text, attachments) = event("upload", &(&values,));
        let size = attachments.iter().map(Bytes::len).sum();
        group(criterion, row, "decode", size, |group| decode(group, &text, &attachments));
        group(criterion, row, "encode", text.len(), |group| {
            encode(group, row, Outgoing::event(&root, "upload"), &(&values,), &values);
        });
    }
}

/// Attachments are borrowed, or handles to them are cloned; a type that owns its bytes must copy them.
fn decode(group: &mut Group<'_>, text: &str, attachments: &[Bytes]) {
    let limits = Limits::default();
    group.bench_function("ours, &str to slices", |b| {
        b.iter(|| {
            let args = args_ref(black_box(text), &limits)?;
            args.decode::<(Vec<&[u8]>,)>(black_box(attachments)).ok().map(hand_on)
        });
    });
    let head = Frame::Text(Text::from(text.to_owned()));
    let messages: Vec<_> = [head].into_iter().chain(attachments.iter().cloned().map(Frame::Binary)).collect();
    let mut decoder = Decoder::new(&limits);
    group.bench_function("ours, owned", |b| {
        b.iter(|| handles(&args(&mut decoder, black_box(&messages).iter().cloned())?).map(hand_on));
    });
    #[cfg(feature = "peers")]
    peers::decode_handles(group, text, attachments);
}

pub(super) fn handles(args: &Args) -> Option<Vec<Bytes>> {
    let (parts,) = args.decode::<(Vec<&[u8]>,)>().ok()?;
    parts.into_iter().map(|part| args.handle(part)).collect()
}
