//! Any text as a trace: no panic. What was read is written, and read again as the same.

use siospec::trace::Trace;

/// The input is a file.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn run(data: &[u8]) {
    let Ok(source) = core::str::from_utf8(data) else { return };
    match Trace::parse("a.trace", source) {
        Ok(trace) => returns(&trace),
        // The line stands behind the name.
        Err(error) => assert!(error.to_string().starts_with("a.trace:"), "{error}"),
    }
}

/// Checks that a trace is read as it was written.
pub(super) fn returns(trace: &Trace) {
    let written = trace.to_string();
    match Trace::parse("written.trace", &written) {
        Ok(again) => assert_eq!(&again, trace, "{written}"),
        Err(error) => panic!("{error}\n{written}"),
    }
}
