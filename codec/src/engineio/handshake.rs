//! The open packet: what a server tells a client about a new session.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::error::{PacketError, PacketErrorKind};
use super::packet::Packet;
use super::revision::Transport;
use super::sid::Sid;
use crate::text::Text;

/// The content of the open packet, the first packet of every session.
///
/// ```
/// use sio_codec::engineio::{Open, Packet};
///
/// let json = r#"{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
/// let open = Open::parse(json)?;
/// assert_eq!(open.ping_interval.as_secs(), 25);
/// assert_eq!(open.to_packet(), Packet::Open(json.into()));
/// # Ok::<(), sio_codec::engineio::PacketError>(())
/// ```
//= EIO4-HS-02
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the five keys of the protocol")]
pub struct Open {
    /// The session's id.
    pub sid: Sid,
    /// Transports that the session may move to, in the server's order; empty on a WebSocket.
    pub upgrades: Vec<Transport>,
    /// How long the server waits between a pong and the next ping; whole milliseconds, as we write it.
    pub ping_interval: Duration,
    /// How long each side waits for the other's half of a heartbeat; whole milliseconds, as we write it.
    pub ping_timeout: Duration,
    /// The largest polling body and WebSocket message that the server takes, in bytes. Older servers do not say.
    pub max_payload: Option<usize>,
}

impl Open {
    /// Reads the data of an open packet. Unknown keys and unknown transports are ignored.
    ///
    /// Numbers may be written in any way that JSON has. Times are rounded to milliseconds, and of `maxPayload` a fraction
    /// is dropped, because no part of a byte can be sent.
    ///
    /// # Errors
    ///
    /// [`PacketErrorKind::Open`] if it is no JSON object, and the kind that names the key if `sid`, `pingInterval` or
    /// `pingTimeout` is missing, or one of the five has a value that cannot be used: another type, a negative number, one
    /// beyond 64 bits.
    ///
    /// ```
    /// use sio_codec::engineio::{Open, PacketErrorKind};
    ///
    /// let open = Open::parse(r#"{"sid":"a","pingInterval":2.5e4,"pingTimeout":20000.5}"#)?;
    /// assert_eq!((open.ping_interval.as_millis(), open.ping_timeout.as_millis()), (25_000, 20_001));
    /// let error = Open::parse(r#"{"sid":"a","pingInterval":"25000","pingTimeout":20000}"#).unwrap_err();
    /// assert_eq!(error.kind, PacketErrorKind::OpenPingInterval);
    /// # Ok::<(), sio_codec::engineio::PacketError>(())
    /// ```
    //= EIO3-HS-03: Ignore unknown keys
    //= EIO4-HS-02: the five keys
    //= EIO4-HS-16: an unparsable open packet, or one lacking `sid`
    pub fn parse(json: &str) -> Result<Self, PacketError> {
        let fault = |kind| move || PacketError { kind, offset: 1 };
        let (mut fields, mut reading) = (Fields::default(), PacketErrorKind::Open);
        let mut wire = serde_json::Deserializer::from_str(json);
        let read = Reading { fields: &mut fields, reading: &mut reading }.deserialize(&mut wire);
        if read.and_then(|()| wire.end()).is_err() {
            return Err(fault(reading)());
        }
        Ok(Self {
            sid: fields.sid.ok_or_else(fault(PacketErrorKind::OpenSid))?,
            upgrades: fields.upgrades,
            ping_interval: fields.ping_interval.ok_or_else(fault(PacketErrorKind::OpenPingInterval))?,
            ping_timeout: fields.ping_timeout.ok_or_else(fault(PacketErrorKind::OpenPingTimeout))?,
            max_payload: fields.max_payload,
        })
    }

    /// The open packet, its keys in the reference's order.
    #[must_use]
    pub fn to_packet(&self) -> Packet {
        let upgrades: Vec<_> = self.upgrades.iter().map(|transport| transport.as_str()).collect();
        let wire = WireOut {
            sid: self.sid.as_str(),
            upgrades: &upgrades,
            ping_interval: millis(self.ping_interval),
            ping_timeout: millis(self.ping_timeout),
            max_payload: self.max_payload,
        };
        // Strings and integers only: serializing them cannot fail.
        Packet::Open(Text::from(serde_json::to_string(&wire).unwrap_or_default()))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireOut<'a> {
    sid: &'a str,
    upgrades: &'a [&'a str],
    ping_interval: u64,
    ping_timeout: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_payload: Option<usize>,
}

/// What was found so far. A key that comes twice counts with its last value.
#[derive(Default)]
struct Fields {
    sid: Option<Sid>,
    upgrades: Vec<Transport>,
    ping_interval: Option<Duration>,
    ping_timeout: Option<Duration>,
    max_payload: Option<usize>,
}

/// The keys that mean something.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Key {
    Sid,
    Upgrades,
    PingInterval,
    PingTimeout,
    MaxPayload,
    #[serde(other)]
    Other,
}

impl Key {
    /// What there is to say if its value cannot be used.
    const fn fault(&self) -> PacketErrorKind {
        match self {
            Self::Sid => PacketErrorKind::OpenSid,
            Self::Upgrades => PacketErrorKind::OpenUpgrades,
            Self::PingInterval => PacketErrorKind::OpenPingInterval,
            Self::PingTimeout => PacketErrorKind::OpenPingTimeout,
            Self::MaxPayload => PacketErrorKind::OpenMaxPayload,
            Self::Other => PacketErrorKind::Open,
        }
    }
}

/// Reads the object, and notes of what a failure would speak: serde's errors do not name the key.
struct Reading<'f> {
    fields: &'f mut Fields,
    reading: &'f mut PacketErrorKind,
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { fields, reading } = self;
        while let Some(key) = map.next_key::<Key>()? {
            *reading = key.fault();
            match key {
                Key::Sid => {
                    let sid = Sid::from_wire(&map.next_value::<String>()?);
                    fields.sid = Some(sid.ok_or_else(|| A::Error::custom("no id"))?);
                }
                Key::Upgrades => {
                    let names: Vec<String> = map.next_value()?;
                    fields.upgrades = names.iter().filter_map(|name| Transport::from_query(name)).collect();
                }
                Key::PingInterval => fields.ping_interval = Some(map.next_value::<Number>()?.milliseconds()),
                Key::PingTimeout => fields.ping_timeout = Some(map.next_value::<Number>()?.milliseconds()),
                Key::MaxPayload => fields.max_payload = map.next_value::<Option<Number>>()?.map(Number::bytes),
                Key::Other => drop(map.next_value::<IgnoredAny>()?),
            }
            *reading = PacketErrorKind::Open;
        }
        Ok(())
    }
}

/// A number that is not negative, of what can be counted.
#[derive(Clone, Copy)]
struct Number {
    whole: u64,
    is_half_or_more_above: bool,
}

impl Number {
    const fn milliseconds(self) -> Duration {
        Duration::from_millis(self.whole.saturating_add(self.is_half_or_more_above as u64))
    }

    /// More than can be addressed is no limit.
    fn bytes(self) -> usize {
        usize::try_from(self.whole).unwrap_or(usize::MAX)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number that is not negative")
    }

    fn visit_u64<E: Error>(self, whole: u64) -> Result<Number, E> {
        Ok(Number { whole, is_half_or_more_above: false })
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the range of what it becomes")]
    #[expect(clippy::cast_precision_loss, reason = "a whole number that was a double before")]
    fn visit_f64<E: Error>(self, number: f64) -> Result<Number, E> {
        if !(0.0..MAX).contains(&number) {
            return Err(E::custom("out of range"));
        }
        let whole = number as u64;
        Ok(Number { whole, is_half_or_more_above: number - whole as f64 >= 0.5 })
    }
}

/// 2^64, the first number beyond 64 bits.
const MAX: f64 = 18_446_744_073_709_551_616.0;

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString as _;

    use super::*;

    fn kind(json: &str) -> PacketErrorKind {
        Open::parse(json).unwrap_err().kind
    }

    /// An open packet with these members besides `sid`.
    fn with(members: &str) -> Result<Open, PacketError> {
        Open::parse(&format!(r#"{{"sid":"a",{members}}}"#))
    }

    //= EIO4-HS-16
    #[test]
    fn unusable_content_is_refused() {
        for json in ["", "{bad", "[]", "null", r#"{"sid":"a","pingInterval":1,"pingTimeout":1}x"#, r#"{"x":tru"#] {
            assert_eq!(kind(json), PacketErrorKind::Open, "{json}");
        }
        assert_eq!(Open::parse("{}").unwrap_err().to_string(), "open packet without usable sid at byte 1");
    }

    /// engine.io-client 6.6.8 takes all but the fractions for something else: it adds a string to a number, and what it
    /// cannot wait for it waits for a millisecond.
    //= EIO4-HS-02
    #[test]
    fn a_refusal_names_the_key() {
        for sid in ["{", r#"{"sid":"","#, r#"{"sid":7,"#, r#"{"sid":null,"#] {
            assert_eq!(kind(&format!(r#"{sid}"pingInterval":1,"pingTimeout":1}}"#)), PacketErrorKind::OpenSid, "{sid}");
        }
        for value in
            ["-1", "-0.5", r#""25000""#, "1e400", "-1e400", "18446744073709551616", "null", "true", "[1]", "{}"]
        {
            let refused = |members: &str| with(&members.replace('?', value)).unwrap_err().kind;
            let interval = refused(r#""pingInterval":?,"pingTimeout":1,"maxPayload":1"#);
            assert_eq!(interval, PacketErrorKind::OpenPingInterval, "{value}");
            let timeout = refused(r#""pingInterval":1,"pingTimeout":?,"maxPayload":1"#);
            assert_eq!(timeout, PacketErrorKind::OpenPingTimeout, "{value}");
            if value != "null" {
                let most = refused(r#""pingInterval":1,"pingTimeout":1,"maxPayload":?"#);
                assert_eq!(most, PacketErrorKind::OpenMaxPayload, "{value}");
            }
        }
        assert_eq!(with(r#""pingTimeout":1"#).unwrap_err().kind, PacketErrorKind::OpenPingInterval);
        assert_eq!(with(r#""pingInterval":1"#).unwrap_err().kind, PacketErrorKind::OpenPingTimeout);
        for upgrades in ["null", r#""websocket""#, "[1]"] {
            let refused = with(&format!(r#""upgrades":{upgrades},"pingInterval":1,"pingTimeout":1"#)).unwrap_err();
            assert_eq!(refused.kind, PacketErrorKind::OpenUpgrades, "{upgrades}");
        }
    }

    /// The numbers that engine.io-client 6.6.8 works with.
    //= EIO4-HS-02
    //= EIO4-HS-13
    #[test]
    fn numbers_however_they_are_written() {
        let open = with(r#""upgrades":[],"pingInterval":25000.0,"pingTimeout":2e4,"maxPayload":1e6"#).unwrap();
        assert_eq!((open.ping_interval, open.ping_timeout), (Duration::from_secs(25), Duration::from_secs(20)));
        assert_eq!(open.max_payload, Some(1_000_000));
        for (number, milliseconds, bytes) in [
            ("20000.5", 20_001, 20_000),
            ("20000.4999", 20_000, 20_000),
            ("0.9", 1, 0),
            ("0", 0, 0),
            ("-0", 0, 0),
            ("2.5E4", 25_000, 25_000),
            ("250e-1", 25, 25),
            ("18446744073709551615", u64::MAX, u64::MAX),
        ] {
            let members = r#""pingInterval":?,"pingTimeout":?,"maxPayload":?"#.replace('?', number);
            let open = with(&members).unwrap();
            let time = Duration::from_millis(milliseconds);
            assert_eq!((open.ping_interval, open.ping_timeout), (time, time), "{number}");
            assert_eq!(open.max_payload, Some(usize::try_from(bytes).unwrap_or(usize::MAX)), "{number}");
        }
        let twice = with(r#""pingInterval":1,"pingTimeout":1,"maxPayload":null,"pingInterval":2"#).unwrap();
        assert_eq!((twice.ping_interval, twice.max_payload), (Duration::from_millis(2), None));
    }

    #[test]
    fn unknown_keys_and_transports_are_ignored() {
        let json =
            r#"{"sid":"a","upgrades":["carrier-pigeon","websocket"],"pingInterval":1,"pingTimeout":2,"more":[]}"#;
        let open = Open::parse(json).unwrap();
        assert_eq!(open.upgrades, [Transport::WebSocket]);
        assert_eq!(open.max_payload, None);
    }
}
