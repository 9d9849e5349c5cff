//! Bytes on a TCP connection, as they are.

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{Mailbox, Target, plain};
use crate::replay::{Happening, Id, Seen};

/// The first line of an answer may be so long, in bytes.
const MAX_LINE: usize = 1024;

/// Sends bytes and reads until the server ends the connection, which is the `Err`. The status of its answer is reported on
/// the way.
pub(super) async fn exchange(target: Target, bytes: Bytes, mailbox: Mailbox, id: Id) -> Result<(), String> {
    let mut stream = target.connect().await?;
    let text = String::from_utf8_lossy(&bytes).replace("{host}", &target.authority());
    let text = text.replace("{path}", target.path());
    stream.write_all(text.as_bytes()).await.map_err(|error| plain(&error))?;
    let mut line = Line::default();
    let mut piece = [0; 1024];
    loop {
        let read = stream.read(&mut piece).await.map_err(|error| plain(&error))?;
        if let Some(status) = line.take(&piece[..read]) {
            let _ = mailbox.send(Happening { id, seen: Seen::Head(status) }).await;
        }
        if read == 0 {
            return Err("the connection ended".to_owned());
        }
    }
}

/// The first line of an answer, as far as it has arrived.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    Beginning(Vec<u8>),
    /// It was read, or is none that could be.
    Over,
}

impl Default for Line {
    fn default() -> Self {
        Self::Beginning(Vec::new())
    }
}

impl Line {
    /// Takes in what has arrived; the status, once the line is there.
    fn take(&mut self, piece: &[u8]) -> Option<u16> {
        let Self::Beginning(line) = self else { return None };
        line.extend_from_slice(piece);
        let end = line.iter().position(|&byte| byte == b'\n');
        if end.is_none() && line.len() <= MAX_LINE {
            return None;
        }
        let status = end.and_then(|end| status(&line[..end]));
        *self = Self::Over;
        status
    }
}

/// The status in `HTTP/1.1 400 Bad Request`.
fn status(line: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(line).ok()?.strip_prefix("HTTP/1.")?;
    line.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_read_once_however_the_line_arrives() {
        let answer = b"HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\n\r\nHTTP/1.1 200 OK\r\n";
        for size in 1..answer.len() {
            let mut line = Line::default();
            let statuses: Vec<_> = answer.chunks(size).filter_map(|piece| line.take(piece)).collect();
            assert_eq!(statuses, [426], "{size}");
        }
    }

    #[test]
    fn what_is_no_http_has_no_status_and_is_not_kept() {
        let mut line = Line::default();
        assert_eq!(line.take(b"SSH-2.0-OpenSSH_9.6\r\n"), None);
        assert_eq!(line, Line::Over);
        let mut line = Line::default();
        assert_eq!(line.take(&[b'x'; 2 * MAX_LINE]), None);
        assert_eq!(line, Line::Over);
    }
}
