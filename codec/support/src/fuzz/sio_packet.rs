//! Any sequence of messages as Socket.IO: no panic. Owned and borrowed, lazy and eager forms agree. A decoded packet
//! can be encoded and decoded again, in every form.

use bytes::Bytes;
use sio_codec::socketio::DecodeErrorKind::{IllegalPlaceholder, InvalidPayload, UnknownType};
use sio_codec::socketio::{
    Args, DecodeError, Decoder, KindRef, Packet, PacketKind, PacketRef, Protocol, Unread, UnreadKind, Value,
};
use sio_codec::{Frame, Limits, Text};

/// The input is messages separated by 0xff, which no text contains. The first is text, and so are others that start
/// with 0xfe.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn run(data: &[u8]) {
    for protocol in [Protocol::V4, Protocol::V5] {
        let mut decoder = Decoder::new(&limits()).with_protocol(protocol);
        let mut router = decoder.clone();
        for (index, part) in data.split(|byte| *byte == 0xff).enumerate() {
            let text = if index == 0 { Some(part) } else { part.strip_prefix(&[0xfe]) };
            let frame = match text.map(|text| Text::try_from(Bytes::copy_from_slice(text))) {
                None => Frame::Binary(Bytes::copy_from_slice(part)),
                Some(Ok(text)) => Frame::Text(text),
                Some(Err(_)) => return,
            };
            if let Some(Ok(text)) = text.map(core::str::from_utf8) {
                check_view(protocol, text);
            }
            let (is_text, len) = (matches!(frame, Frame::Text(_)), frame.len());
            let routed = router.route(frame.clone());
            let pushed = decoder.push(frame);
            check_routed(routed, &pushed);
            match pushed {
                Ok(Some(packet)) => check(protocol, &packet),
                Ok(None) => {}
                // The text is judged when the last attachment arrives.
                Err(error) => {
                    assert!(!is_text || error.offset <= len, "{error}");
                    if protocol == Protocol::V5 || error.kind != UnknownType {
                        break;
                    }
                }
            }
        }
    }
}

fn limits() -> Limits {
    Limits::default().with_max_payload(1 << 16).with_max_attachments(3).with_max_namespace_len(20)
}

/// Checks that a packet whose head was read becomes what the decoder makes of it at once, and that a fault in the rest is
/// found by whoever reads it.
fn check_routed(routed: Result<Option<Unread>, DecodeError>, pushed: &Result<Option<Packet>, DecodeError>) {
    match (routed, pushed) {
        (Ok(None), Ok(None)) => {}
        (Err(routed), Err(pushed)) => assert_eq!(routed, *pushed),
        (Ok(Some(routed)), Ok(Some(pushed))) => {
            assert_eq!(routed.namespace(), pushed.namespace.as_str());
            match (routed.kind(), &pushed.kind) {
                (UnreadKind::Event { name, ack }, PacketKind::Event { name: owned, args, ack: id }) => {
                    assert_eq!((&*name, ack), (owned.as_str(), *id));
                    assert_eq!(routed.decode::<Vec<Value>>(), args.decode());
                }
                (UnreadKind::Ack { id }, PacketKind::Ack { id: owned, args }) => {
                    assert_eq!(id, *owned);
                    assert_eq!(routed.decode::<Vec<Value>>(), args.decode());
                }
                (UnreadKind::Connect, PacketKind::Connect { .. })
                | (UnreadKind::Disconnect, PacketKind::Disconnect)
                | (UnreadKind::ConnectError, PacketKind::ConnectError { .. }) => {}
                (routed, pushed) => panic!("{routed:?} is not {pushed:?}"),
            }
            assert_eq!(routed.into_packet(&limits()).as_ref(), Ok(pushed));
        }
        (Ok(Some(routed)), Err(fault)) => {
            if matches!(routed.kind(), UnreadKind::Event { .. } | UnreadKind::Ack { .. }) {
                assert!(routed.decode::<Vec<Value>>().is_err(), "{fault}");
            }
            assert_eq!(routed.into_packet(&limits()).as_ref(), Err(fault));
        }
        (routed, pushed) => panic!("{routed:?}, but {pushed:?}"),
    }
}

/// Checks that a view agrees with the decoder.
fn check_view(protocol: Protocol, text: &str) {
    if text.len() > limits().max_payload {
        return;
    }
    let view = PacketRef::parse(text, protocol, &limits());
    let checked = view.clone().and_then(|view| view.validate(&limits()));
    let frame = Frame::Text(Text::from(String::from(text)));
    let packet = match (checked, Decoder::new(&limits()).with_protocol(protocol).push(frame)) {
        (Ok(()), Ok(Some(packet))) => packet,
        (Ok(()), Ok(None)) => return assert!(view.is_ok_and(|view| view.attachments() > 0)),
        (Err(fault), Err(error)) => return assert_eq!(fault, error),
        (Err(fault), Ok(None)) => return assert!(matches!(fault.kind, IllegalPlaceholder | InvalidPayload), "{fault}"),
        (view, decoded) => panic!("{view:?}, but {decoded:?}"),
    };
    let Ok(view) = view else { return };
    assert_eq!(view.namespace(), packet.namespace.as_str());
    match (view.kind(), &packet.kind) {
        (KindRef::Connect { payload }, PacketKind::Connect { payload: owned })
        | (KindRef::ConnectError { payload }, PacketKind::ConnectError { payload: owned }) => {
            assert_eq!(payload, owned.as_ref().map(|json| json.as_str()));
        }
        (KindRef::Disconnect, PacketKind::Disconnect) => {}
        (KindRef::Event { name, args, ack }, PacketKind::Event { name: owned, args: all, ack: id }) => {
            assert_eq!((&*name, args.items(), ack), (owned.as_str(), all.items(), *id));
            assert_eq!(args.decode::<Vec<Value>>(&[]), all.decode());
        }
        (KindRef::Ack { id, args }, PacketKind::Ack { id: owned, args: all }) => {
            assert_eq!((Some(id), args.items()), (*owned, all.items()));
            assert_eq!(args.decode::<Vec<Value>>(&[]), all.decode());
        }
        (view, packet) => panic!("{view:?} is not {packet:?}"),
    }
}

fn check(protocol: Protocol, packet: &Packet) {
    let mut decoder = Decoder::new(&limits()).with_protocol(protocol);
    let mut decoded = None;
    for (index, frame) in packet.encode().frames().enumerate() {
        // The text starts with the type of its Engine.IO packet.
        let frame = match frame {
            Frame::Text(text) if index == 0 => Frame::Text(text.slice(1..text.len()).expect("4")),
            frame => frame,
        };
        decoded = decoder.push(frame).expect("written by ourselves");
    }
    assert_eq!(decoded.as_ref(), Some(packet));
    if let PacketKind::Event { args, .. } | PacketKind::Ack { args, .. } = &packet.kind {
        check_args(args);
    }
}

/// Checks that values can be read, and have the same meaning when they are written again.
fn check_args(args: &Args) {
    let values = args.values().expect("what was decoded has values");
    if let Ok(again) = Args::from_values(&values) {
        assert_eq!(again.attachments(), args.attachments());
        // Only infinite numbers are written differently.
        let lossy = format!("{values:?}").contains("inf");
        assert!(lossy || again.values().as_ref() == Ok(&values));
    }
}
