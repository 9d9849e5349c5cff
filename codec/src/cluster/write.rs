//! Writing the parts that messages of all adapters have, each in the order of the reference.

use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, SerializeStruct as _, Serializer};

use super::event::{Event, Packet};
use super::options::{Flags, Options};
use super::room::RoomKey;
use super::socket::SocketDescriptor;

/// Which options are written, and in which order.
#[derive(Clone, Copy, Debug)]
pub(super) enum Layout {
    /// Rooms and exceptions: what the classic adapter writes for anything but broadcasts.
    Bare,
    /// With the flags at the end, as servers do.
    Server,
    /// With the flags in the middle, as emitters do.
    Emitter,
}

pub(super) struct WrittenOptions<'m> {
    pub(super) options: &'m Options,
    pub(super) layout: Layout,
}

impl Serialize for WrittenOptions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (options, flags) = (self.options, WrittenFlags(&self.options.flags));
        let count = if matches!(self.layout, Layout::Bare) { 2 } else { 3 };
        let mut members = serializer.serialize_struct("opts", count)?;
        members.serialize_field("rooms", &Rooms(&options.rooms))?;
        if let Layout::Emitter = self.layout {
            members.serialize_field("flags", &flags)?;
        }
        members.serialize_field("except", &Rooms(&options.except))?;
        if let Layout::Server = self.layout {
            members.serialize_field("flags", &flags)?;
        }
        members.end()
    }
}

struct WrittenFlags<'m>(&'m Flags);

impl Serialize for WrittenFlags<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Flags { expect_single_response, volatile, compress, timeout } = *self.0;
        let mut members = serializer.serialize_map(None)?;
        if expect_single_response {
            members.serialize_entry("expectSingleResponse", &true)?;
        }
        if volatile {
            members.serialize_entry("volatile", &true)?;
        }
        if let Some(compress) = compress {
            members.serialize_entry("compress", &compress)?;
        }
        if let Some(timeout) = timeout {
            members.serialize_entry("timeout", &u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX))?;
        }
        members.end()
    }
}

pub(super) struct Rooms<'m>(pub(super) &'m [RoomKey]);

impl Serialize for Rooms<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(WrittenRoom))
    }
}

pub(super) struct WrittenRoom<'m>(pub(super) &'m RoomKey);

impl Serialize for WrittenRoom<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            RoomKey::Name(room) => serializer.serialize_str(room.as_str()),
            RoomKey::Number(number) => serializer.serialize_i64(*number),
            RoomKey::Other(value) => value.serialize(serializer),
        }
    }
}

pub(super) struct WrittenPacket<'m> {
    pub(super) packet: &'m Packet,
    /// The classic adapter and the emitters write it, the others do not.
    pub(super) namespace: Option<&'m str>,
}

impl Serialize for WrittenPacket<'_> {
    //= CLU-BC-04
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        // An event, even if something in it is binary.
        members.serialize_entry("type", &2)?;
        members.serialize_entry("data", &WrittenEvent(&self.packet.event))?;
        if let Some(namespace) = self.namespace {
            members.serialize_entry("nsp", namespace)?;
        }
        if let Some(id) = self.packet.ack {
            members.serialize_entry("id", &id.signed())?;
        }
        members.end()
    }
}

pub(super) struct WrittenEvent<'m>(pub(super) &'m Event);

impl Serialize for WrittenEvent<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Event { name, args } = self.0;
        let mut values = serializer.serialize_seq(Some(args.len().saturating_add(1)))?;
        values.serialize_element(name.as_str())?;
        for value in args {
            values.serialize_element(value)?;
        }
        values.end()
    }
}

pub(super) struct Sockets<'m>(pub(super) &'m [SocketDescriptor]);

impl Serialize for Sockets<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(WrittenSocket))
    }
}

struct WrittenSocket<'m>(&'m SocketDescriptor);

impl Serialize for WrittenSocket<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let SocketDescriptor { id, handshake, rooms, data } = self.0;
        let mut members = serializer.serialize_struct("socket", 4)?;
        members.serialize_field("id", id.as_str())?;
        members.serialize_field("handshake", handshake)?;
        members.serialize_field("rooms", &Rooms(rooms))?;
        members.serialize_field("data", data)?;
        members.end()
    }
}
