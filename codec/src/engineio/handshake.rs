//! The open packet: what a server tells a client about a new session.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

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
    /// How long the server waits between a pong and the next ping; whole milliseconds on the wire.
    pub ping_interval: Duration,
    /// How long each side waits for the other's half of a heartbeat; whole milliseconds on the wire.
    pub ping_timeout: Duration,
    /// The largest polling body and WebSocket message that the server takes, in bytes. Older servers do not say.
    pub max_payload: Option<usize>,
}

impl Open {
    /// Reads the data of an open packet. Unknown keys and unknown transports are ignored.
    ///
    /// # Errors
    ///
    /// [`PacketErrorKind::Open`] if it is no JSON object, or lacks a usable `sid`, `pingInterval` or `pingTimeout`.
    //= EIO3-HS-03
    pub fn parse(json: &str) -> Result<Self, PacketError> {
        let error = PacketError { kind: PacketErrorKind::Open, offset: 1 };
        let wire: WireIn = serde_json::from_str(json).map_err(|_| error)?;
        Ok(Self {
            sid: Sid::from_wire(&wire.sid).ok_or(error)?,
            upgrades: wire.upgrades.iter().filter_map(|name| Transport::from_query(name)).collect(),
            ping_interval: Duration::from_millis(wire.ping_interval),
            ping_timeout: Duration::from_millis(wire.ping_timeout),
            max_payload: wire.max_payload,
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireIn {
    sid: String,
    #[serde(default)]
    upgrades: Vec<String>,
    ping_interval: u64,
    ping_timeout: u64,
    max_payload: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    //= EIO4-HS-02
    #[test]
    fn unusable_content_is_refused() {
        for json in ["", "{bad", "[]", "{}", r#"{"sid":"","pingInterval":1,"pingTimeout":1}"#] {
            assert_eq!(Open::parse(json).unwrap_err().kind, PacketErrorKind::Open, "{json}");
        }
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
