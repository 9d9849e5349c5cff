//! Inputs that try to make a decoder do more work than their size justifies.
//!
//! `tests/linear.rs` asserts that none succeeds; `benches/hostile.rs` shows the cost for sizes that double.

mod cluster;
mod engineio;
mod msgpack;
mod socketio;

/// One kind of input, for one decoder.
#[allow(missing_debug_implementations, reason = "it holds functions")]
pub struct Case {
    /// The decoder and the input.
    pub name: &'static str,
    /// Makes an input of about this many bytes.
    pub input: Box<Input>,
    /// Runs the decoder over an input.
    pub run: Box<Run>,
}

type Input = dyn Fn(usize) -> Vec<u8>;
type Run = dyn Fn(&[u8]);

fn case(name: &'static str, input: impl Fn(usize) -> Vec<u8> + 'static, run: impl Fn(&[u8]) + 'static) -> Case {
    Case { name, input: Box::new(input), run: Box::new(run) }
}

/// A beginning, a repeated unit, and an end.
fn repeated(start: &'static str, unit: &'static str, end: &'static str) -> impl Fn(usize) -> Vec<u8> + Copy + 'static {
    move |size| [start.as_bytes(), &unit.as_bytes().repeat(size / unit.len()), end.as_bytes()].concat()
}

/// All cases.
#[must_use]
pub fn all() -> Vec<Case> {
    engineio::all().into_iter().chain(socketio::all()).chain(msgpack::all()).chain(cluster::all()).collect()
}
