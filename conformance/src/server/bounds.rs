//! How long a peer may take, and how much useless input it may send. Every wait for a peer has one of these bounds.

use std::time::Duration;

/// How long a peer may take to accept what is written to it, from the moment that its buffers are full until everything
/// has been sent. Then the connection ends. A session whose client does not read ends sooner, by its own timers.
pub(super) const WRITE: Duration = Duration::from_secs(5);

/// How long a connection may be without a request: how long the head of the next one may take.
pub(super) const HEAD: Duration = Duration::from_secs(30);

/// How long the peer of a WebSocket may take to accept our Close frame and to answer it.
pub(super) const FAREWELL: Duration = Duration::from_secs(2);

/// How long a server that ends may take to tell Redis what is left to tell.
pub(super) const DEPARTURE: Duration = Duration::from_secs(2);

/// How long unwanted input is still read, how long a pause may be, and how many bytes are read.
///
/// A connection that is closed with unread input is reset. The reset overtakes the answer, so that the peer, or a proxy
/// before it, never learns why it was refused.
pub(super) const LINGER: Duration = Duration::from_secs(5);
pub(super) const LINGER_PAUSE: Duration = Duration::from_secs(1);
pub(super) const LINGER_BYTES: usize = 64 << 20;

/// How many messages of a WebSocket a session handles at once, before it looks for anything else.
pub(super) const MESSAGES_AT_ONCE: usize = 32;

/// How many bytes a WebSocket reads from its stream at once, into a buffer that it keeps.
///
/// Measured with echoes of 20 bytes and of 16 KiB: with 4, 8 and 16 KiB the short ones take the same time. With 4 KiB
/// the long ones take a tenth more time; 16 KiB is no faster than 8.
pub(super) const WEBSOCKET_READ: usize = 8 << 10;

/// How many of these bytes tungstenite reads at once, into its own buffer.
pub(super) const WEBSOCKET_CHUNK: usize = 1 << 10;

/// How many bytes may be written to a WebSocket before they must be sent.
pub(super) const WEBSOCKET_BATCH: usize = 4 << 10;

/// A longer message is a long message. It does not share its buffers with others, and it needs [room](LONG_MESSAGES) to
/// arrive.
pub(super) const LONG: usize = 32 << 10;

/// How many bytes of long messages may be arriving at a time, over all connections; others wait at their senders.
pub(super) const LONG_MESSAGES: usize = 16 << 20;
