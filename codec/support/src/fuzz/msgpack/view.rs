//! The view of a packet takes and refuses what the decoder does, and shows the same.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::Deserialize;
use serde::de::IgnoredAny;
use sio_codec::Limits;
use sio_codec::socketio::{
    Args, ArgsError, Binary, Date, DecodeError, DecodeErrorKind, MsgPackArgsRef, MsgPackKindRef, MsgPackPacketRef,
    Packet, PacketKind, Protocol, Value,
};

pub(super) fn agrees(message: &[u8], limits: &Limits, decoded: &Result<Packet, DecodeError>) {
    if decoded.as_ref().is_err_and(|fault| fault.kind == DecodeErrorKind::TooLong) {
        return;
    }
    let view = MsgPackPacketRef::parse(message, Protocol::V5, limits);
    let checked = view.clone().and_then(|view| view.validate());
    assert_eq!(checked.err(), decoded.as_ref().err().copied());
    let Ok(view) = view else { return };
    match decoded {
        Ok(packet) => shows(&view, packet, limits),
        Err(fault) => refuses(&view, *fault),
    }
}

fn shows(view: &MsgPackPacketRef<'_>, packet: &Packet, limits: &Limits) {
    assert_eq!(view.namespace(), packet.namespace.as_str());
    // Compared as text, because NaN is not equal to itself.
    assert_eq!(format!("{:?}", view.to_packet(limits)), format!("{:?}", Ok::<_, DecodeError>(packet)));
    match (view.kind(), &packet.kind) {
        (MsgPackKindRef::Connect { payload }, PacketKind::Connect { payload: owned }) => {
            assert_eq!(payload.is_some(), owned.is_some());
        }
        (MsgPackKindRef::Disconnect, PacketKind::Disconnect)
        | (MsgPackKindRef::ConnectError { .. }, PacketKind::ConnectError { payload: Some(_) }) => {}
        (MsgPackKindRef::Event { name, args, ack }, PacketKind::Event { name: owned, args: all, ack: id }) => {
            assert_eq!((&*name, ack), (owned.as_str(), *id));
            reads(args, all);
        }
        (MsgPackKindRef::Ack { id, args }, PacketKind::Ack { id: owned, args: all }) => {
            assert_eq!(id, *owned);
            reads(args, all);
        }
        (view, packet) => panic!("{view:?} is not {packet:?}"),
    }
}

fn reads(view: MsgPackArgsRef<'_>, owned: &Args) {
    assert_eq!((view.items(), view.to_args().as_ref()), (owned.items_bytes(), Ok(owned)));
    as_the_other::<Vec<Value>>(view, owned);
    as_the_other::<()>(view, owned);
    as_the_other::<(Option<&[u8]>, BTreeMap<u8, Binary>)>(view, owned);
    as_the_other::<(&str, i64, f64, Vec<Option<bool>>, (char, ()), Date)>(view, owned);
}

fn as_the_other<'a, T: Deserialize<'a> + Debug>(view: MsgPackArgsRef<'a>, owned: &'a Args) {
    assert_eq!(format!("{:?}", view.decode::<T>()), format!("{:?}", owned.decode::<T>()));
}

/// What a view has in its head although the decoder refuses the packet, a program must not get to the end of.
fn refuses(view: &MsgPackPacketRef<'_>, fault: DecodeError) {
    if let MsgPackKindRef::Event { args, .. } | MsgPackKindRef::Ack { args, .. } = view.kind() {
        let fault = ArgsError::InvalidMsgPack { offset: fault.offset };
        assert_eq!(args.decode::<()>(), Err(fault.clone()));
        assert_eq!(args.decode::<(&str, u8)>(), Err(fault.clone()));
        assert_eq!(args.decode::<Vec<IgnoredAny>>().err(), Some(fault.clone()));
        assert_eq!(args.decode::<Vec<Value>>().err(), Some(fault.clone()));
        assert_eq!(args.to_args(), Err(fault));
    }
}
