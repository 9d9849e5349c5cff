//! The TCP segments of a file of packets.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use pcap_parser::data::{PacketData, get_packetdata};
use pcap_parser::pcapng::Block;
use pcap_parser::traits::PcapNGPacketBlock;
use pcap_parser::{Linktype, PcapBlockOwned, PcapError, create_reader};

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
const TCP: u8 = 6;

/// A packet of TCP.
#[derive(Debug)]
pub(super) struct Segment {
    /// Since 1970.
    pub(super) at: Duration,
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) sequence: u32,
    /// The next byte that the sender waits for.
    pub(super) acknowledged: Option<u32>,
    pub(super) part: Part,
    pub(super) payload: Vec<u8>,
    /// How many bytes behind `payload` were sent and not recorded.
    pub(super) missing: u32,
}

/// Where in the stream a segment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Beginning,
    Middle,
    /// It ends the stream, with FIN.
    End,
    /// It ends both streams at once, with RST.
    Reset,
}

/// How the file ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Whole,
    /// In the middle of a packet, or with bytes that are none. This number of packets is whole.
    Cut(usize),
}

/// It is no file of packets.
#[derive(Debug)]
pub(super) struct NoPackets;

/// The interface that recorded a packet.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link: Linktype,
    /// Ticks per second.
    resolution: u64,
    offset: i64,
}

/// Calls `see` with each segment, in the order of the file.
pub(super) fn segments(file: &[u8], mut see: impl FnMut(Segment)) -> Result<Ending, NoPackets> {
    // A block has to fit in, and none is longer than the file.
    let mut reader = create_reader(file.len().clamp(64, 64 << 20), file).map_err(|_| NoPackets)?;
    let (mut interfaces, mut packets) = (Vec::new(), 0_usize);
    loop {
        match reader.next() {
            Ok((length, block)) => {
                read(&block, &mut interfaces, &mut packets).into_iter().for_each(&mut see);
                reader.consume(length);
                continue;
            }
            Err(PcapError::Eof) => return Ok(Ending::Whole),
            Err(PcapError::Incomplete(_)) => {}
            Err(_) => return Ok(Ending::Cut(packets)),
        }
        if reader.reader_exhausted() || reader.refill().is_err() {
            return Ok(Ending::Cut(packets));
        }
    }
}

/// The segment of a block, if it has one.
fn read(block: &PcapBlockOwned<'_>, interfaces: &mut Vec<Interface>, packets: &mut usize) -> Option<Segment> {
    let (data, interface, at) = match block {
        PcapBlockOwned::LegacyHeader(header) => {
            let resolution = if header.is_nanosecond_precision() { 1_000_000_000 } else { 1_000_000 };
            *interfaces = vec![Interface { link: header.network, resolution, offset: 0 }];
            return None;
        }
        PcapBlockOwned::Legacy(packet) => {
            let interface = interfaces.first()?;
            let fraction = ticks(u64::from(packet.ts_usec), interface.resolution);
            (packet.data, interface, Duration::from_secs(packet.ts_sec.into()).saturating_add(fraction))
        }
        PcapBlockOwned::NG(Block::SectionHeader(_)) => {
            interfaces.clear();
            return None;
        }
        PcapBlockOwned::NG(Block::InterfaceDescription(description)) => {
            let resolution = description.ts_resolution().filter(|ticks| *ticks > 0).unwrap_or(1_000_000);
            interfaces.push(Interface { link: description.linktype, resolution, offset: description.if_tsoffset });
            return None;
        }
        PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
            let interface = interfaces.get(usize::try_from(packet.if_id).ok()?)?;
            let time = ticks((u64::from(packet.ts_high) << 32) | u64::from(packet.ts_low), interface.resolution);
            let offset = Duration::from_secs(interface.offset.unsigned_abs());
            let at = if interface.offset < 0 { time.saturating_sub(offset) } else { time.saturating_add(offset) };
            (packet.packet_data(), interface, at)
        }
        // A simple packet has no time, and so cannot be put in an order with others.
        PcapBlockOwned::NG(_) => return None,
    };
    *packets = packets.saturating_add(1);
    match get_packetdata(data, interface.link, data.len())? {
        PacketData::L2(frame) => ethernet(at, frame),
        PacketData::L3(kind, packet) => internet(at, kind, packet),
        PacketData::L4(..) | PacketData::Unsupported(_) => None,
    }
}

fn ticks(count: u64, resolution: u64) -> Duration {
    let nanos = u128::from(count % resolution) * 1_000_000_000 / u128::from(resolution);
    Duration::new(count / resolution, u32::try_from(nanos).unwrap_or_default())
}

fn ethernet(at: Duration, frame: &[u8]) -> Option<Segment> {
    /// The tags of virtual networks.
    const TAGS: [u16; 2] = [0x8100, 0x88a8];
    let mut rest = frame.get(12..)?;
    loop {
        let (kind, packet) = (word(rest, 0)?, rest.get(2..)?);
        if !TAGS.contains(&kind) {
            return internet(at, kind, packet);
        }
        rest = packet.get(2..)?;
    }
}

/// The total length in the packet counts: the frame can be cut, or be filled up behind it.
fn internet(at: Duration, kind: u16, packet: &[u8]) -> Option<Segment> {
    match kind {
        IPV4 => {
            let head = usize::from(packet.first()? & 0x0f) * 4;
            let is_fragment = word(packet, 6)? & 0x3fff != 0;
            if *packet.get(9)? != TCP || is_fragment {
                return None;
            }
            let address = |at: usize| Some(IpAddr::from(*packet.get(at..)?.first_chunk::<4>()?));
            // A network card that cuts segments itself leaves the length at 0.
            let length = match usize::from(word(packet, 2)?) {
                0 => packet.len(),
                length => length,
            };
            transport(at, address(12)?, address(16)?, packet.get(head..)?, length.checked_sub(head)?)
        }
        IPV6 => {
            if *packet.get(6)? != TCP {
                return None;
            }
            let address = |at: usize| Some(IpAddr::from(*packet.get(at..)?.first_chunk::<16>()?));
            let content = packet.get(40..)?;
            let length = match usize::from(word(packet, 4)?) {
                0 => content.len(),
                length => length,
            };
            transport(at, address(8)?, address(24)?, content, length)
        }
        _ => None,
    }
}

fn transport(at: Duration, from: IpAddr, to: IpAddr, segment: &[u8], length: usize) -> Option<Segment> {
    let segment = segment.get(..length).unwrap_or(segment);
    let number = |at: usize| Some(u32::from_be_bytes(*segment.get(at..)?.first_chunk()?));
    let head = usize::from(segment.get(12)? >> 4) * 4;
    let flags = *segment.get(13)?;
    // The options of the head can be cut off as well.
    let payload = segment.get(head..).unwrap_or_default().to_vec();
    let missing = u32::try_from(length.checked_sub(head)?.saturating_sub(payload.len())).ok()?;
    let is = |flag: u8| flags & flag != 0;
    let part = match () {
        () if is(0x04) => Part::Reset,
        () if is(0x02) => Part::Beginning,
        () if is(0x01) => Part::End,
        () => Part::Middle,
    };
    Some(Segment {
        at,
        from: SocketAddr::new(from, word(segment, 0)?),
        to: SocketAddr::new(to, word(segment, 2)?),
        sequence: number(4)?,
        acknowledged: if is(0x10) { number(8) } else { None },
        part,
        payload,
        missing,
    })
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}
