//! The state that all connections of a server share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sio_codec::Clock;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::bounds;
use super::cors::Cors;
use super::sessions::Sessions;
use crate::contract::Site;

/// The state that all connections share.
#[derive(Debug)]
pub(super) struct App {
    pub(super) site: Site,
    pub(super) cors: Option<Cors>,
    pub(super) clock: Clock,
    ids: AtomicU64,
    pub(super) sessions: Sessions,
    /// Room for long messages, in bytes.
    pub(super) room: Arc<Semaphore>,
    /// Sessions, and WebSockets that are closing.
    pub(super) tasks: TaskTracker,
    pub(super) stop_accepting: CancellationToken,
    /// When cancelled, connections end after the answer in progress.
    pub(super) stop_answering: CancellationToken,
    /// Cancelled when the last connection has ended: no request can come any more.
    pub(super) stop_waiting: CancellationToken,
}

impl App {
    pub(super) fn new(site: Site, cors: Option<Cors>, clock: Clock) -> Self {
        Self {
            site,
            cors,
            clock,
            ids: AtomicU64::new(0),
            sessions: Sessions::new(),
            room: Arc::new(Semaphore::new(bounds::LONG_MESSAGES)),
            tasks: TaskTracker::new(),
            stop_accepting: CancellationToken::new(),
            stop_answering: CancellationToken::new(),
            stop_waiting: CancellationToken::new(),
        }
    }

    pub(super) fn max_payload(&self) -> usize {
        self.site.router().config().limits.max_payload
    }

    /// A number for one request, or for the WebSocket that it becomes.
    pub(super) fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }
}
