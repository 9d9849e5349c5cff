//! The end of what a server writes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// How many bytes are kept.
const KEPT: usize = 4096;

/// The last 4 KiB of standard output and standard error together.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail(Arc<Mutex<VecDeque<u8>>>);

impl Tail {
    /// The text, from the beginning of a line if it was cut.
    pub(super) fn text(&self) -> String {
        let bytes: Vec<u8> = self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let text = match text.split_once('\n') {
            Some((_, whole)) if bytes.len() == KEPT => whole,
            _ => &text,
        };
        text.trim_end().to_owned()
    }

    /// Forgets what a process wrote that has ended.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn push(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(bytes);
        let surplus = kept.len().saturating_sub(KEPT);
        kept.drain(..surplus);
    }

    /// Reads a stream to its end.
    pub(super) async fn follow(self, mut stream: impl AsyncRead + Unpin) {
        let mut chunk = [0; KEPT];
        while let Ok(read @ 1..) = stream.read(&mut chunk).await {
            self.push(chunk.get(..read).unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_is_kept_and_it_begins_with_a_line() {
        let tail = Tail::default();
        tail.push(b"short\n");
        assert_eq!(tail.text(), "short");
        tail.push(&b"0123456\n".repeat(KEPT));
        assert!(tail.text().starts_with("0123456\n0123456\n"));
        assert_eq!(tail.text().len(), KEPT - 9);
        tail.clear();
        assert_eq!(tail.text(), "");
    }
}
