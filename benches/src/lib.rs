//! Packet throughput; run `cargo bench`.
