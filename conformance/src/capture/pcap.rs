//! Recordings of packets: pcap and pcapng files, of HTTP without TLS.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::log::{MOST, size};
use super::packets::{self, Ending, Part, Segment};
use super::recording::Lack;
use super::sighting::{Sighting, What};
use super::stream::{Piece, Stream};
use super::tap::Tap;
use crate::trace::Side;

/// How many things that are missing are named.
const LACKS: usize = 100;

/// Why a file cannot be read as a recording of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PcapError {
    /// It is neither pcap nor pcapng.
    Form,
    /// None of its connections, of which there are this many, carries a request of Engine.IO.
    NoEngine(usize),
}

impl fmt::Display for PcapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => f.write_str("it is neither a pcap nor a pcapng file"),
            Self::NoEngine(connections) => write!(
                f,
                "none of its {connections} TCP connections has a request of Engine.IO in plain HTTP, with EIO= in its query"
            ),
        }
    }
}

impl std::error::Error for PcapError {}

/// What a recording of packets shows, in the order of time.
#[derive(Debug)]
pub struct Wire {
    /// What passed, from the first packet on.
    pub sightings: Vec<Sighting>,
    /// What was not recorded.
    pub lacks: Vec<Lack>,
}

/// Whether a file begins as pcap and pcapng files do.
#[must_use]
pub fn is_pcap(file: &[u8]) -> bool {
    const MAGIC: [u32; 3] = [0xa1b2_c3d4, 0xa1b2_3c4d, 0x0a0d_0d0a];
    let first = file.first_chunk().map(|first| u32::from_le_bytes(*first));
    first.is_some_and(|first| MAGIC.contains(&first) || MAGIC.contains(&first.swap_bytes()))
}

/// What a pcap or pcapng file shows of Engine.IO in plain HTTP.
///
/// The segments of TCP may be out of order, repeated, cut at a snap length, or missing.
///
/// # Errors
///
/// [`PcapError`] if the file is not a recording of packets, or has nothing of Engine.IO.
///
/// ```
/// use siospec::capture::{PcapError, pcap};
///
/// assert_eq!(pcap(b"{}").unwrap_err(), PcapError::Form);
/// ```
pub fn pcap(file: &[u8]) -> Result<Wire, PcapError> {
    let mut connections = Connections { room: MOST, ..Connections::default() };
    let ending = packets::segments(file, |segment| connections.see(segment)).map_err(|_| PcapError::Form)?;
    connections.finish();
    let Connections { mut sightings, mut lacks, numbers, .. } = connections;
    let is_engine = |sighting: &Sighting| match &sighting.what {
        What::Request { target, .. } | What::Open { target, .. } => target.contains("EIO="),
        _ => false,
    };
    let engine: BTreeSet<_> = sightings.iter().filter(|seen| is_engine(seen)).map(|seen| seen.exchange).collect();
    if engine.is_empty() {
        return Err(PcapError::NoEngine(numbers as usize));
    }
    // Pages and scripts are recorded as well.
    sightings.retain(|sighting| {
        let is_own = engine.contains(&sighting.exchange);
        if let (What::Unreadable(_, why), false) = (&sighting.what, is_own)
            && engine.iter().any(|exchange| exchange.connection == sighting.exchange.connection)
        {
            lacks.push(Lack::Part(why.clone()));
        }
        is_own
    });
    let mut said = BTreeSet::new();
    lacks.retain(|lack| said.insert(lack.clone()));
    if let Ending::Cut(packets) = ending {
        lacks
            .push(Lack::End(format!("what follows the {packets} packets that are whole: the file ends in the middle")));
    }
    sightings.sort_by_key(|sighting| sighting.at);
    Ok(Wire { sightings, lacks })
}

/// All connections of a file.
#[derive(Debug, Default)]
struct Connections {
    open: BTreeMap<(SocketAddr, SocketAddr), Connection>,
    numbers: u32,
    start: Option<Duration>,
    sightings: Vec<Sighting>,
    /// How many bytes may still be kept.
    room: usize,
    lacks: Vec<Lack>,
}

#[derive(Debug)]
struct Connection {
    client: SocketAddr,
    tap: Tap,
    /// The first byte of the client.
    sequence: u32,
    from_client: Stream,
    /// Nothing before the beginning of the connection, or of an answer.
    from_server: Option<Stream>,
}

impl Connections {
    fn see(&mut self, segment: Segment) {
        self.start.get_or_insert(segment.at);
        let ends = (segment.from.min(segment.to), segment.from.max(segment.to));
        let is_syn = segment.part == Part::Beginning && segment.acknowledged.is_none();
        if is_syn && self.open.get(&ends).is_none_or(|open| open.sequence != segment.sequence.wrapping_add(1)) {
            // The ports are used once more.
            if let Some(before) = self.open.remove(&ends) {
                self.close(before);
            }
            self.begin(ends, &segment, segment.sequence.wrapping_add(1));
            return;
        }
        if !self.open.contains_key(&ends) {
            if segment.payload.is_empty() {
                return;
            }
            let words = format!(
                "what was sent between {} and {} before {:.3} s, in the middle of a connection",
                ends.0,
                ends.1,
                self.since(segment.at).as_secs_f64()
            );
            // Without its beginning, a connection can be read from the next request on.
            if !is_request(&segment.payload) {
                self.lose(Lack::Part(format!("what was sent between {} and {} before a request", ends.0, ends.1)));
                return;
            }
            self.lose(Lack::Part(words));
            self.begin(ends, &segment, segment.sequence);
        }
        if let Some(mut connection) = self.open.remove(&ends) {
            let now = segment.at;
            connection.take(segment);
            let is_blind = self.read(&mut connection, Some(now));
            if is_blind {
                // The next request makes it readable again.
                return;
            }
            self.open.insert(ends, connection);
        }
    }

    fn begin(&mut self, ends: (SocketAddr, SocketAddr), segment: &Segment, sequence: u32) {
        let connection = Connection {
            client: segment.from,
            tap: Tap::new(self.numbers),
            sequence,
            from_client: Stream::new(sequence),
            from_server: None,
        };
        self.numbers = self.numbers.saturating_add(1);
        self.open.insert(ends, connection);
    }

    fn since(&self, at: Duration) -> Duration {
        at.saturating_sub(self.start.unwrap_or_default())
    }

    /// Reads what is in order; returns whether a hole makes the rest unreadable.
    fn read(&mut self, connection: &mut Connection, now: Option<Duration>) -> bool {
        let mut is_blind = false;
        for side in [Side::Server, Side::Client] {
            while let Some(piece) = connection.next(side, now) {
                let seen = match piece {
                    Piece::Bytes(at, bytes) => connection.tap.feed(self.since(at), side, &bytes),
                    Piece::End(at) => connection.tap.end(self.since(at), side),
                    Piece::Missing(at, missing) => {
                        let at = self.since(at);
                        let was_over = connection.tap.is_over();
                        let seen = connection.tap.skip(at, side, missing);
                        if connection.tap.is_over() && !was_over {
                            is_blind = true;
                            let words = format!(
                                "{missing} bytes on the connection of {} before {:.3} s",
                                connection.client,
                                at.as_secs_f64()
                            );
                            self.lose(Lack::Part(words));
                        }
                        seen
                    }
                };
                seen.into_iter().for_each(|sighting| self.keep(sighting));
            }
        }
        is_blind
    }

    fn keep(&mut self, sighting: Sighting) {
        match self.room.checked_sub(size(&sighting.what)) {
            Some(room) => {
                self.room = room;
                self.sightings.push(sighting);
            }
            None if self.room > 0 => {
                self.room = 0;
                self.lacks.push(Lack::End(format!("what follows the first {MOST} bytes of bodies and messages")));
            }
            None => {}
        }
    }

    fn lose(&mut self, lack: Lack) {
        if self.lacks.len() < LACKS && self.lacks.last() != Some(&lack) {
            self.lacks.push(lack);
        }
    }

    fn close(&mut self, mut connection: Connection) {
        self.read(&mut connection, None);
    }

    fn finish(&mut self) {
        std::mem::take(&mut self.open).into_values().for_each(|connection| self.close(connection));
    }
}

impl Connection {
    /// Takes a segment into the stream of its direction.
    fn take(&mut self, segment: Segment) {
        let Segment { at, from, sequence, acknowledged, part, payload, missing, .. } = segment;
        let is_client = from == self.client;
        let other = if is_client { self.from_server.as_mut() } else { Some(&mut self.from_client) };
        if let (Some(other), Some(acknowledged)) = (other, acknowledged) {
            other.acknowledge(at, acknowledged);
        }
        let first = if part == Part::Beginning { sequence.wrapping_add(1) } else { sequence };
        if !is_client && self.from_server.is_none() && (part == Part::Beginning || payload.starts_with(b"HTTP/1.")) {
            self.from_server = Some(Stream::new(first));
        }
        let Some(stream) = (if is_client { Some(&mut self.from_client) } else { self.from_server.as_mut() }) else {
            return;
        };
        let length = u32::try_from(payload.len()).unwrap_or(u32::MAX).saturating_add(missing);
        let end = first.wrapping_add(length);
        stream.push(at, first, payload, missing);
        if part == Part::End {
            stream.end(at, end);
        }
        if part == Part::Reset {
            self.from_client.cut(at);
            self.from_server.iter_mut().for_each(|stream| stream.cut(at));
        }
    }

    fn next(&mut self, side: Side, now: Option<Duration>) -> Option<Piece> {
        match side {
            Side::Client => self.from_client.next(now),
            Side::Server => self.from_server.as_mut()?.next(now),
        }
    }
}

/// Whether these bytes begin a request.
fn is_request(bytes: &[u8]) -> bool {
    const METHODS: [&[u8]; 4] = [b"GET /", b"POST /", b"OPTIONS /", b"HEAD /"];
    METHODS.iter().any(|method| bytes.starts_with(method))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: ([u8; 4], u16) = ([127, 0, 0, 1], 50_000);
    const SERVER: ([u8; 4], u16) = ([127, 0, 0, 1], 3000);
    const UPGRADE: &[u8] =
        b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    const SWITCHING: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

    /// A file of packets with one connection.
    struct File {
        bytes: Vec<u8>,
        seconds: u32,
        /// The next number of the client and of the server.
        next: (u32, u32),
    }

    impl File {
        fn new() -> Self {
            // Raw IP, microseconds, little endian.
            let mut bytes = 0xa1b2_c3d4_u32.to_le_bytes().to_vec();
            bytes.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0]);
            Self { bytes, seconds: 0, next: (1, 1) }
        }

        fn opened() -> Self {
            let mut file = Self::new();
            file.packet(Side::Client, 0, 0x02, b"", usize::MAX);
            file.packet(Side::Server, 0, 0x12, b"", usize::MAX);
            file
        }

        /// A packet of which `most` bytes of payload are recorded.
        fn packet(&mut self, side: Side, sequence: u32, flags: u8, payload: &[u8], most: usize) {
            let (from, to) = if side == Side::Client { (CLIENT, SERVER) } else { (SERVER, CLIENT) };
            let length = u16::try_from(40 + payload.len()).unwrap();
            let mut packet = vec![0x45, 0];
            packet.extend(length.to_be_bytes());
            packet.extend([0, 0, 0x40, 0, 64, TCP, 0, 0]);
            packet.extend(from.0.iter().chain(&to.0));
            packet.extend(from.1.to_be_bytes().iter().chain(&to.1.to_be_bytes()));
            packet.extend(sequence.to_be_bytes());
            packet.extend([0, 0, 0, 0, 0x50, flags, 0, 0, 0, 0, 0, 0]);
            packet.extend(&payload[..most.min(payload.len())]);
            for field in [self.seconds, 0, u32::try_from(packet.len()).unwrap(), u32::from(length)] {
                self.bytes.extend(field.to_le_bytes());
            }
            self.bytes.extend(packet);
            self.seconds += 1;
        }

        /// The next bytes of a side.
        fn say(&mut self, side: Side, payload: &[u8]) {
            self.say_cut(side, payload, usize::MAX);
        }

        fn say_cut(&mut self, side: Side, payload: &[u8], most: usize) {
            let next = if side == Side::Client { &mut self.next.0 } else { &mut self.next.1 };
            let sequence = *next;
            *next += u32::try_from(payload.len()).unwrap();
            self.packet(side, sequence, 0, payload, most);
        }

        fn read(&self) -> (Vec<What>, Vec<Lack>) {
            let Wire { sightings, lacks } = pcap(&self.bytes).unwrap();
            (sightings.into_iter().map(|sighting| sighting.what).collect(), lacks)
        }
    }

    const TCP: u8 = 6;

    fn text(text: &str) -> What {
        What::Text(Side::Server, text.to_owned())
    }

    #[test]
    fn a_cut_message_is_skipped_and_the_next_is_read() {
        let mut file = File::opened();
        file.say(Side::Client, UPGRADE);
        file.say(Side::Server, SWITCHING);
        file.say_cut(Side::Server, b"\x82\x05hello", 4);
        file.say(Side::Server, b"\x81\x012");
        let (seen, lacks) = file.read();
        let cut = What::Unreadable(Side::Server, "a message of which 3 bytes were not recorded".to_owned());
        assert_eq!(seen[1..], [What::Opened, cut, text("2")]);
        assert_eq!(lacks, []);
    }

    #[test]
    fn a_file_that_ends_in_a_packet_is_read_to_there() {
        let mut file = File::opened();
        file.say(Side::Client, UPGRADE);
        file.say(Side::Server, SWITCHING);
        file.bytes.truncate(file.bytes.len() - 3);
        let (seen, lacks) = file.read();
        assert_eq!(seen.len(), 1);
        assert!(matches!(&lacks[..], [Lack::End(words)] if words.contains("the 3 packets")), "{lacks:?}");
    }

    #[test]
    fn a_connection_that_began_before_is_read_from_its_next_request() {
        let mut file = File::new();
        file.say(Side::Server, b"the rest of an answer");
        file.say(Side::Client, b"GET /socket.io/?EIO=4&transport=polling&sid=A HTTP/1.1\r\n\r\n");
        file.say(Side::Server, b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n6");
        let (seen, lacks) = file.read();
        assert!(matches!(&seen[..], [What::Request { .. }, What::Answer { status: 200, .. }]), "{seen:?}");
        assert!(matches!(&lacks[..], [Lack::Part(_), Lack::Part(_)]), "{lacks:?}");
    }

    #[test]
    fn compressed_messages_are_read() {
        let mut file = File::opened();
        file.say(Side::Client, UPGRADE);
        let agreed = b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
        file.say(Side::Server, agreed);
        // The examples of RFC 7692, section 7.2.3: the second has the first as its window.
        file.say(Side::Server, &[0xc1, 0x07, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
        file.say(Side::Server, &[0xc1, 0x05, 0xf2, 0x00, 0x11, 0x00, 0x00]);
        assert_eq!(file.read().0[2..], [text("Hello"), text("Hello")]);
    }

    #[test]
    fn what_is_no_recording_of_engine_io_is_said() {
        assert_eq!(pcap(&File::opened().bytes).unwrap_err(), PcapError::NoEngine(1));
        assert_eq!(pcap(b"\xd4\xc3\xb2\xa1").unwrap_err(), PcapError::Form);
        assert!(is_pcap(&File::new().bytes) && !is_pcap(b"{\"log\":{}}"));
    }
}
