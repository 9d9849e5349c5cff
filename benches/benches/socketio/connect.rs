//! Row m: a client's CONNECT, and the server's answer.

use std::hint::black_box;

use sio_benches::settings::{Criterion, Group};
use sio_benches::typed::{Auth, AuthRef};
use sio_benches::{CONNECTED_TEXT, M, M_TEXT, admin};
use sio_codec::engineio::Sid;
use sio_codec::socketio::{Decoder, KindRef, Packet, PacketKind, PacketRef, Protocol};
use sio_codec::{Frame, Limits};

#[cfg(feature = "peers")]
use crate::peers;
use crate::{group, hand_on};

pub(super) fn both(criterion: &mut Criterion) {
    group(criterion, M, "decode", M_TEXT.len(), decode);
    group(criterion, M, "encode", CONNECTED_TEXT.len(), encode);
}

fn decode(group: &mut Group<'_>) {
    let limits = Limits::default();
    let payload = |text| match PacketRef::parse(text, Protocol::V5, &limits).ok()?.kind() {
        KindRef::Connect { payload } => payload,
        _ => None,
    };
    group.bench_function("ours, namespace only", |b| b.iter(|| payload(black_box(M_TEXT))));
    group.bench_function("ours, &str to borrowed", |b| {
        b.iter(|| serde_json::from_str::<AuthRef<'_>>(payload(black_box(M_TEXT))?).ok());
    });
    group.bench_function("ours, &str to owned", |b| {
        b.iter(|| serde_json::from_str::<Auth>(payload(black_box(M_TEXT))?).ok());
    });
    let message = Frame::Text(M_TEXT.into());
    let mut decoder = Decoder::new(&limits);
    let mut machines = || match decoder.push(black_box(&message).clone()).ok()??.kind {
        PacketKind::Connect { payload: Some(auth) } => auth.decode::<Auth>().ok().map(hand_on),
        _ => None,
    };
    assert!(machines().is_some(), "{M}");
    group.bench_function("ours, owned", |b| b.iter(&mut machines));
    #[cfg(feature = "peers")]
    peers::decode_connect(group);
}

fn encode(group: &mut Group<'_>) {
    let admin = admin();
    let Some(sid) = Sid::from_wire("oSO0OpakMV_3jnilAAAA") else { return };
    let packet = || Packet::connected(Protocol::V5, black_box(&admin).clone(), black_box(&sid));
    let mut text = String::with_capacity(CONNECTED_TEXT.len());
    let mut into_a_buffer = || {
        text.clear();
        let written = packet().encode_into(&mut text);
        black_box(&text);
        written.is_ok()
    };
    assert!(into_a_buffer(), "{M}");
    group.bench_function("ours, into a buffer", |b| b.iter(&mut into_a_buffer));
    assert_eq!(text, CONNECTED_TEXT);
    group.bench_function("ours, owned", |b| b.iter(|| packet().encode()));
    #[cfg(feature = "peers")]
    peers::encode_connect(group);
}
