//! Reads the bodies of requests up to the limit, and then drops the rest within bounds.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::sync::Semaphore;

use super::bounds;
use super::linger::linger;

/// Why a body cannot be used.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is longer than the limit. The rest was not read.
    TooLarge,
    /// The client went away before its end.
    Lost,
}

/// Reads a body of at most `limit` bytes. A long one waits until there is room for it.
//= EIO4-LIM-04
pub(super) async fn read(body: &mut Incoming, limit: usize, room: &Semaphore) -> Result<Bytes, Fault> {
    if body.size_hint().lower() > limit as u64 {
        return Err(Fault::TooLarge);
    }
    let len = body.size_hint().upper().map_or(limit, |len| limit.min(usize::try_from(len).unwrap_or(limit)));
    let mut bytes = BytesMut::new();
    let mut taken = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Fault::Lost)?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > limit {
            return Err(Fault::TooLarge);
        }
        if bytes.len() + data.len() > bounds::LONG && taken.is_none() {
            let all = u32::try_from(len.min(bounds::LONG_MESSAGES)).unwrap_or(u32::MAX);
            taken = room.acquire_many(all).await.ok();
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}

/// Reads and drops the rest of a body while its answer is sent; the connection stays usable.
pub(super) fn drop_rest(body: Incoming) {
    if !body.is_end_stream() {
        tokio::spawn(linger(body.into_data_stream()));
    }
}
