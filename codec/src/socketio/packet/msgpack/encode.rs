//! Packets written as MessagePack.

use alloc::vec::Vec;

use serde::Serialize;

use crate::socketio::ack_id::AckId;
use crate::socketio::args::{Args, ArgsError, Json};
use crate::socketio::msgpack::{ser, write};
use crate::socketio::namespace::Namespace;
use crate::socketio::packet::{Outgoing, Packet, PacketKind};

/// Writes a packet whose arguments, if it has any, are `args` in MessagePack form.
///
/// The keys are in the order in which the reference's client has them.
//= MSG-01
//= MSG-10
pub(in crate::socketio) fn encode(packet: &Packet, args: &Args) -> Vec<u8> {
    let (items, count) = args.msgpack();
    let name = match &packet.kind {
        PacketKind::Event { name, .. } => name.as_str(),
        _ => "",
    };
    let room = items.len().saturating_add(name.len()).saturating_add(packet.namespace.as_bytes().len());
    let mut out = Vec::with_capacity(room.saturating_add(HEAD));
    match &packet.kind {
        PacketKind::Connect { payload } => control(&mut out, 0, payload.as_ref()),
        PacketKind::Disconnect => control(&mut out, 1, None),
        PacketKind::ConnectError { payload: Some(payload) } => control(&mut out, 4, Some(payload)),
        // Here a refusal must say something.
        PacketKind::ConnectError { payload: None } => control(&mut out, 4, Some(&Json::object(&[]))),
        PacketKind::Event { ack, .. } => {
            head(&mut out, 2, *ack);
            write::write_array(&mut out, count.saturating_add(1));
            write::write_string(&mut out, name);
            out.extend_from_slice(items);
            write_id(&mut out, *ack);
        }
        PacketKind::Ack { id, .. } => {
            head(&mut out, 3, *id);
            write::write_array(&mut out, count);
            out.extend_from_slice(items);
            write_id(&mut out, *id);
        }
    }
    write_namespace(&mut out, &packet.namespace);
    out
}

/// Appends an event or acknowledgement, its arguments written straight into the message.
pub(in crate::socketio) fn encode_outgoing<T: Serialize + ?Sized>(
    outgoing: &Outgoing<'_>,
    out: &mut Vec<u8>,
    args: &T,
) -> Result<(), ArgsError> {
    let start = out.len();
    head(out, if outgoing.name.is_some() { 2 } else { 3 }, outgoing.id);
    if let Err(error) = ser::append(out, outgoing.name, args) {
        out.truncate(start);
        return Err(ArgsError::unwritten(error, args));
    }
    write_id(out, outgoing.id);
    write_namespace(out, outgoing.namespace);
    Ok(())
}

fn control(out: &mut Vec<u8>, kind: u8, payload: Option<&Json>) {
    write::write_map(out, if payload.is_some() { 3 } else { 2 });
    write::write_string(out, "type");
    out.push(kind);
    if let Some(payload) = payload {
        write::write_string(out, "data");
        payload.write_msgpack(out);
    }
}

/// Everything up to the array of an event or acknowledgement.
fn head(out: &mut Vec<u8>, kind: u8, id: Option<AckId>) {
    write::write_map(out, if id.is_some() { 4 } else { 3 });
    write::write_string(out, "type");
    out.push(kind);
    write::write_string(out, "data");
}

fn write_id(out: &mut Vec<u8>, id: Option<AckId>) {
    if let Some(id) = id {
        write::write_string(out, "id");
        write::write_integer(out, id.signed());
    }
}

fn write_namespace(out: &mut Vec<u8>, namespace: &Namespace) {
    write::write_string(out, "nsp");
    write::write_string(out, namespace.as_str());
}

/// Enough for the keys and short values.
const HEAD: usize = 40;
