//! How long a peer may take, and how much it may send in vain. Nothing here waits for a peer without one of these.

use std::time::Duration;

/// How long a peer may take to accept what is written to it, from the moment that its buffers are full until all of it
/// has left. It is gone then. A session that nobody reads ends sooner, by its own timers.
pub(super) const WRITE: Duration = Duration::from_secs(5);

/// How long the peer of a WebSocket may take to accept our Close frame and to answer it.
pub(super) const FAREWELL: Duration = Duration::from_secs(2);

/// How long input that nobody wants is still taken in, how long a pause may be, and how much it may be.
///
/// A connection that is closed with unread input is reset, and the reset overtakes the answer: the peer, or a proxy in
/// front of it, never sees why it was refused.
pub(super) const LINGER: Duration = Duration::from_secs(5);
pub(super) const LINGER_PAUSE: Duration = Duration::from_secs(1);
pub(super) const LINGER_BYTES: usize = 64 << 20;

/// How many letters may wait for a session, which takes them at once.
pub(super) const MAILBOX: usize = 16;

/// How many bytes a WebSocket asks its stream for, into a buffer that it has for as long as it lives.
///
/// Measured with echoes of 20 bytes and of 16 KiB: of 4, 8 and 16 KiB, all serve the short ones alike, 4 KiB makes the long
/// ones a tenth dearer, and 16 KiB makes nothing cheaper than 8.
pub(super) const WEBSOCKET_READ: usize = 8 << 10;

/// How many of them tungstenite takes at a time, into a buffer of its own.
pub(super) const WEBSOCKET_CHUNK: usize = 1 << 10;

/// How many bytes may be written to a WebSocket before they have to leave.
pub(super) const WEBSOCKET_BATCH: usize = 4 << 10;

/// A message is long if it is longer than this. It does not share its buffers with others, and it needs [room](LONG_MESSAGES)
/// to arrive.
pub(super) const LONG: usize = 32 << 10;

/// How many bytes of long messages may be arriving at a time, over all connections; others wait with their senders.
pub(super) const LONG_MESSAGES: usize = 16 << 20;
