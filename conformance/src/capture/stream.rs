//! One direction of a TCP connection, put in order.

use std::collections::BTreeMap;
use std::time::Duration;

/// The most bytes that wait for others before them: 4 MiB, which is more than most windows.
const MOST: usize = 4 << 20;

/// The most segments that wait.
const MANY: usize = 4096;

/// What the receiver has acknowledged is taken to be missing when it was not recorded this much later.
const LATE: Duration = Duration::from_secs(1);

/// One direction of a connection. Segments come out of order, twice, cut, or not at all.
#[derive(Debug)]
pub(super) struct Stream {
    /// The sequence number of the byte at `next`.
    sequence: u32,
    /// How many bytes have come out.
    next: u64,
    /// What came too early, by its place.
    held: BTreeMap<u64, Held>,
    bytes: usize,
    /// The place of a byte that the receiver waited for, and when it was first acknowledged beyond `next`.
    acknowledged: Option<(u64, Duration)>,
    end: Option<(u64, Duration)>,
    /// When the last piece came out. What waited comes out with what it waited for.
    latest: Duration,
}

#[derive(Debug)]
struct Held {
    at: Duration,
    bytes: Vec<u8>,
    missing: u32,
}

/// What comes out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Bytes(Duration, Vec<u8>),
    /// This number of bytes was sent and not recorded.
    Missing(Duration, u64),
    /// The side ended the connection.
    End(Duration),
}

impl Stream {
    /// The first byte has this number.
    pub(super) const fn new(sequence: u32) -> Self {
        Self {
            sequence,
            next: 0,
            held: BTreeMap::new(),
            bytes: 0,
            acknowledged: None,
            end: None,
            latest: Duration::ZERO,
        }
    }

    /// A segment of this direction.
    pub(super) fn push(&mut self, at: Duration, sequence: u32, bytes: Vec<u8>, missing: u32) {
        let Some(place) = self.place(sequence) else { return self.push_old(at, sequence, bytes, missing) };
        self.hold(place, Held { at, bytes, missing });
    }

    /// A segment that begins with bytes that have come out already.
    fn push_old(&mut self, at: Duration, sequence: u32, mut bytes: Vec<u8>, missing: u32) {
        let old = self.sequence.wrapping_sub(sequence) as usize;
        if old < bytes.len() {
            bytes.drain(..old);
            self.hold(self.next, Held { at, bytes, missing });
        }
    }

    fn hold(&mut self, place: u64, held: Held) {
        if held.bytes.is_empty() && held.missing == 0 {
            return;
        }
        // Of two segments at one place, the one that has more counts.
        if self.held.get(&place).is_some_and(|other| other.bytes.len() >= held.bytes.len()) {
            return;
        }
        self.bytes = self.bytes.saturating_add(held.bytes.len());
        if let Some(other) = self.held.insert(place, held) {
            self.bytes = self.bytes.saturating_sub(other.bytes.len());
        }
    }

    /// The side sends nothing behind this number.
    pub(super) fn end(&mut self, at: Duration, sequence: u32) {
        let place = self.place(sequence).unwrap_or(self.next);
        self.end.get_or_insert((place, at));
    }

    /// The connection ended here, whatever is missing.
    pub(super) fn cut(&mut self, at: Duration) {
        self.end.get_or_insert((self.next, at));
    }

    /// The other side waits for the byte with this number.
    pub(super) fn acknowledge(&mut self, at: Duration, sequence: u32) {
        let is_beyond = |place: &u64| *place > self.next;
        match (self.place(sequence).filter(is_beyond), self.acknowledged) {
            (Some(place), None) => self.acknowledged = Some((place, at)),
            (_, Some((place, _))) if place <= self.next => self.acknowledged = None,
            _ => {}
        }
    }

    /// The place of a byte that has not come out; `None` for an earlier one.
    fn place(&self, sequence: u32) -> Option<u64> {
        let ahead = sequence.wrapping_sub(self.sequence);
        (ahead < 1 << 31).then(|| self.next.saturating_add(ahead.into()))
    }

    /// The next piece, as of `now`; without a time, nothing more will come.
    pub(super) fn next(&mut self, now: Option<Duration>) -> Option<Piece> {
        let mut piece = self.piece(now)?;
        let (Piece::Bytes(at, _) | Piece::Missing(at, _) | Piece::End(at)) = &mut piece;
        *at = self.latest.max(*at);
        self.latest = *at;
        Some(piece)
    }

    fn piece(&mut self, now: Option<Duration>) -> Option<Piece> {
        while let Some((&place, _)) = self.held.first_key_value() {
            if place > self.next {
                return if self.is_lost(now) { self.lose(place) } else { None };
            }
            let (_, Held { at, mut bytes, missing }) = self.held.pop_first()?;
            self.bytes = self.bytes.saturating_sub(bytes.len());
            let old = usize::try_from(self.next - place).unwrap_or(usize::MAX);
            if old > bytes.len() || (old == bytes.len() && missing == 0) {
                continue;
            }
            bytes.drain(..old);
            let end = self.next.saturating_add(bytes.len() as u64);
            if missing > 0 {
                self.mark(end.saturating_add(missing.into()), at);
            }
            if !bytes.is_empty() {
                self.advance(end);
                return Some(Piece::Bytes(at, bytes));
            }
        }
        let (place, at) = self.end?;
        if place > self.next {
            return if self.is_lost(now) { self.lose(place) } else { None };
        }
        self.end = None;
        Some(Piece::End(at))
    }

    /// Remembers that bytes before this place were cut off.
    fn mark(&mut self, place: u64, at: Duration) {
        self.held.entry(place).or_insert(Held { at, bytes: Vec::new(), missing: 0 });
        self.acknowledged = Some((place, at.saturating_sub(LATE)));
    }

    /// Whether what is missing at `next` will not come any more.
    fn is_lost(&self, now: Option<Duration>) -> bool {
        let Some(now) = now else { return true };
        let is_late = |(place, at): (u64, Duration)| place > self.next && now >= at.saturating_add(LATE);
        self.bytes > MOST || self.held.len() > MANY || self.acknowledged.is_some_and(is_late)
    }

    fn lose(&mut self, place: u64) -> Option<Piece> {
        let at = self.held.first_key_value().map(|(_, held)| held.at).or_else(|| self.end.map(|(_, at)| at))?;
        let missing = place - self.next;
        self.advance(place);
        Some(Piece::Missing(at, missing))
    }

    #[expect(clippy::cast_possible_truncation, reason = "sequence numbers begin again at 0")]
    fn advance(&mut self, place: u64) {
        self.sequence = self.sequence.wrapping_add((place - self.next) as u32);
        self.next = place;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn bytes(seconds: u64, bytes: &[u8]) -> Piece {
        Piece::Bytes(at(seconds), bytes.to_vec())
    }

    /// What comes out as of `now`.
    fn out(stream: &mut Stream, now: Option<Duration>) -> Vec<Piece> {
        std::iter::from_fn(|| stream.next(now)).collect()
    }

    #[test]
    fn segments_are_put_in_order_across_the_end_of_the_numbers() {
        let mut stream = Stream::new(u32::MAX - 1);
        stream.push(at(1), 1, b"de".to_vec(), 0);
        stream.push(at(1), 1, b"de".to_vec(), 0);
        assert_eq!(out(&mut stream, Some(at(1))), []);
        stream.push(at(2), u32::MAX - 1, b"abc".to_vec(), 0);
        assert_eq!(out(&mut stream, Some(at(2))), [bytes(2, b"abc"), bytes(2, b"de")]);
        // Sent once more, with more behind it.
        stream.push(at(3), 1, b"def".to_vec(), 0);
        stream.end(at(4), 4);
        assert_eq!(out(&mut stream, Some(at(4))), [bytes(3, b"f"), Piece::End(at(4))]);
    }

    #[test]
    fn what_was_cut_is_missing() {
        let mut stream = Stream::new(0);
        stream.push(at(1), 0, b"ab".to_vec(), 3);
        stream.push(at(1), 5, b"f".to_vec(), 0);
        let expected = [bytes(1, b"ab"), Piece::Missing(at(1), 3), bytes(1, b"f")];
        assert_eq!(out(&mut stream, Some(at(1))), expected);
    }

    #[test]
    fn what_was_acknowledged_and_not_recorded_is_missing() {
        let mut stream = Stream::new(0);
        stream.push(at(1), 2, b"c".to_vec(), 0);
        stream.acknowledge(at(1), 3);
        assert_eq!(out(&mut stream, Some(at(1))), []);
        assert_eq!(out(&mut stream, Some(at(2))), [Piece::Missing(at(1), 2), bytes(1, b"c")]);
        // At the end of the recording there is nothing to wait for.
        stream.push(at(3), 4, b"e".to_vec(), 0);
        assert_eq!(out(&mut stream, None), [Piece::Missing(at(3), 1), bytes(3, b"e")]);
    }

    #[test]
    fn what_waits_is_limited() {
        let mut stream = Stream::new(0);
        for sequence in 0..=u32::try_from(MANY).unwrap() {
            stream.push(at(0), 10 + 2 * sequence, b"x".to_vec(), 0);
        }
        assert!(matches!(stream.next(Some(at(0))), Some(Piece::Missing(_, 10))));
    }
}
