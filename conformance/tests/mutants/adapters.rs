//! What servers of a cluster may speak.

use sio_codec::cluster::node::Adapter;
use sio_codec::cluster::{classic, sharded, streams};

/// Each adapter with its name.
pub(crate) fn all() -> [(&'static str, Adapter); 3] {
    [
        ("classic", Adapter::Classic(classic::Config::default())),
        ("sharded", Adapter::Sharded(sharded::Config::default())),
        ("streams", Adapter::Streams(streams::Config::default())),
    ]
}
