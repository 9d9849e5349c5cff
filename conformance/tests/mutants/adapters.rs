//! What servers of a cluster may speak.

use std::time::Duration;

use sio_codec::cluster::node::Adapter;
use sio_codec::cluster::{classic, sharded, streams};
use siospec::cases::Case;
use siospec::trace::Need;

/// Each adapter with its name, of those which offer what a case needs.
pub(crate) fn fit_for(case: &Case) -> Vec<(&'static str, Adapter)> {
    let streams = streams::Config::default();
    if case.trace.header.needs.contains(&Need::Recovery) {
        return vec![("streams", Adapter::Streams(streams.with_recovery(Duration::from_secs(120))))];
    }
    vec![
        ("classic", Adapter::Classic(classic::Config::default())),
        ("sharded", Adapter::Sharded(sharded::Config::default())),
        ("streams", Adapter::Streams(streams)),
    ]
}
