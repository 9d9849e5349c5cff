//! Pings and pongs, and when they come.

use std::time::Duration;

use sio_codec::engineio::Packet;

use super::book::{Book, Lane, Place};
use super::opening::Opening;
use crate::capture::Clock;
use crate::trace::{Revision, Side};

/// A ping that comes earlier by less than this is not too early: the network and the recording delay packets unevenly.
const JITTER: Duration = Duration::from_millis(150);

/// A poll that is answered faster may have found its packets waiting, which says nothing of when they were sent.
pub(super) const HELD: Duration = Duration::from_millis(20);

/// A ping takes less than this to arrive, and its pong to come back.
const TRAVEL: Duration = Duration::from_millis(500);

/// The heartbeat of one session.
#[derive(Debug, Default)]
pub(super) struct Heartbeat {
    /// Since when the interval to the next ping counts, if that is known.
    since: Option<Since>,
    /// The ping that waits for its pong.
    pending: Option<Place>,
    /// The first ping, if it came too early, and how early. The specification gives the interval of pings and not the time of
    /// the first one, so it is a fault only of a server whose next ping is too early as well.
    hasty: Option<(Place, String)>,
    /// When the server first said something although a ping was due.
    talking: Option<Duration>,
}

#[derive(Clone, Copy, Debug)]
enum Since {
    Open(Duration),
    Ping(Duration),
}

impl Heartbeat {
    pub(super) fn opened(&mut self, opening: &Opening) {
        self.since = Some(Since::Open(opening.at));
    }

    /// Hears a packet. `held` is how long the poll was open that brought it.
    pub(super) fn hear(
        &mut self,
        book: &mut Book,
        opening: &Opening,
        place: &Place,
        packet: &Packet,
        held: Option<Duration>,
    ) {
        match (book.revision, place.side, packet) {
            (_, _, Packet::Ping(data) | Packet::Pong(data))
                if matches!(place.lane, Lane::Candidate | Lane::Unknown) && data.as_str() == "probe" => {}
            (Revision::Four, Side::Server, Packet::Ping(_)) => {
                self.pace(book, opening, place);
                self.unanswered(book, opening, place);
                self.talking = None;
                self.since = held.is_none_or(|held| held >= HELD).then_some(Since::Ping(place.at));
                self.pending = Some(place.clone());
            }
            //= EIO4-HB-15
            (Revision::Four, Side::Client, Packet::Ping(_)) => {
                book.violated("EIO4-HB-15", place, "the client sends a ping; in Engine.IO 4 the server does");
            }
            //= EIO4-HB-02
            (Revision::Four, Side::Client, Packet::Pong(_)) => self.answered(book, "EIO4-HB-02", Side::Client),
            (Revision::Three, Side::Client, Packet::Ping(_)) => self.pending = Some(place.clone()),
            //= EIO3-HB-03
            (Revision::Three, Side::Server, Packet::Ping(_)) => {
                book.violated("EIO3-HB-03", place, "the server sends a ping; in Engine.IO 3 the client does");
            }
            //= EIO3-HB-02
            (Revision::Three, Side::Server, Packet::Pong(_)) => self.answered(book, "EIO3-HB-02", Side::Server),
            _ => {}
        }
    }

    /// The server sends another ping, although the pong for the last one is overdue and the client has said nothing since.
    //= EIO4-HB-04
    fn unanswered(&self, book: &mut Book, opening: &Opening, place: &Place) {
        let (Some(ping), Some(timeout)) = (&self.pending, opening.timeout) else { return };
        let passed = place.at.saturating_sub(ping.at);
        if passed > timeout.saturating_add(TRAVEL) && book.is_whole(Side::Client) {
            let fault = format!("no pong came for {passed:.1?}; pingTimeout is {timeout:?}, and the session goes on");
            book.violated("EIO4-HB-04", place, fault);
        }
    }

    fn answered(&mut self, book: &mut Book, requirement: &'static str, side: Side) {
        if self.pending.take().is_some() {
            book.fulfilled(requirement, side);
        }
    }

    /// Whether a ping comes too early: by more than a fifth of the interval. The interval may count from the last ping.
    //= EIO4-HB-01
    //= EIO4-HB-10
    fn pace(&mut self, book: &mut Book, opening: &Opening, place: &Place) {
        let (Some(since), Some(interval), Clock::Ticks(tick)) = (self.since, opening.interval, book.clock) else {
            return;
        };
        let (requirement, from, words) = match since {
            Since::Open(at) => ("EIO4-HB-01", at, "the open packet"),
            Since::Ping(at) => ("EIO4-HB-10", at, "the ping before"),
        };
        let passed = place.at.saturating_sub(from);
        let early = interval.saturating_sub(passed);
        let fault = || format!("the ping comes {passed:.1?} after {words}; pingInterval is {interval:?}");
        match since {
            _ if early <= JITTER.saturating_add(tick) || early <= interval / 5 => {
                book.fulfilled(requirement, Side::Server)
            }
            Since::Open(_) => self.hasty = Some((place.clone(), fault())),
            Since::Ping(_) => {
                if let Some((first, fault)) = self.hasty.take() {
                    book.violated("EIO4-HB-01", &first, fault);
                }
                book.violated(requirement, place, fault());
            }
        }
    }

    /// A side that owes a pong says something else. The logs of libraries do not show each pong, other recordings do. What one side sends on a connection stays in order, so it has not
    /// sent the pong. That counts once half of the time for it is over, and the ping had time to arrive.
    pub(super) fn owed(&mut self, book: &mut Book, opening: &Opening, place: &Place) {
        let (Some(ping), Some(timeout)) = (&self.pending, opening.timeout) else { return };
        let Clock::Ticks(tick) = book.clock else { return };
        let is_unknown = place.lane == Lane::Unknown;
        if is_unknown
            || place.side == ping.side
            || place.at.saturating_sub(ping.at) <= (timeout / 2).max(TRAVEL).saturating_add(tick)
        {
            return;
        }
        let requirement = match book.revision {
            Revision::Three => "EIO3-HB-02",
            Revision::Four => "EIO4-HB-02",
        };
        if book.is_whole(place.side) {
            let passed = place.at.saturating_sub(ping.at);
            book.violated(requirement, place, format!("a ping came {passed:.1?} before, and no pong was sent"));
        }
        self.pending = None;
    }

    /// The server says something where it would say a ping, too.
    pub(super) fn speaks(&mut self, opening: &Opening, at: Duration) {
        let is_due =
            self.passed(opening, at).is_some_and(|(passed, interval)| passed > interval.saturating_add(JITTER));
        if is_due {
            self.talking.get_or_insert(at);
        }
    }

    /// The session goes on, although a ping was due when the server spoke. A recording whose machine slept shows late what
    /// came in time, all at once; so the ping has half of the time that the server gives for a pong.
    //= EIO4-HB-01
    pub(super) fn overdue(&mut self, book: &mut Book, opening: &Opening, place: &Place) {
        let (Some(first), Some(timeout)) = (self.talking, opening.timeout) else { return };
        let Some((passed, interval)) = self.passed(opening, place.at) else { return };
        let is_over = place.at.saturating_sub(first) >= (timeout / 2).max(TRAVEL);
        if is_over && book.revision == Revision::Four && book.is_whole(Side::Server) {
            let place = Place { side: Side::Server, ..place.clone() };
            book.violated("EIO4-HB-01", &place, format!("no ping for {passed:.1?}; pingInterval is {interval:?}"));
            self.since = None;
            self.talking = None;
        }
    }

    /// The time since the interval to the next ping began, and the interval.
    fn passed(&self, opening: &Opening, at: Duration) -> Option<(Duration, Duration)> {
        let (Since::Open(from) | Since::Ping(from)) = self.since?;
        Some((at.saturating_sub(from), opening.interval?))
    }
}
