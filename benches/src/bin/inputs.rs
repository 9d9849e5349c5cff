//! Prints the inputs of all rows as JSON, for `compare.js`.

fn main() -> serde_json::Result<()> {
    serde_json::to_writer(std::io::stdout().lock(), &sio_benches::rows())
}
