//! Raw bytes on a TCP connection.

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{Mailbox, Target, plain};
use crate::replay::{Happening, Id, Seen};

/// The longest first line of an answer, in bytes.
const MAX_LINE: usize = 1024;

/// Sends bytes and reads until the server ends the connection, which is reported as `Err`. The status of an answer is
/// reported before.
pub(super) async fn exchange(target: Target, bytes: Bytes, mailbox: Mailbox, id: Id) -> Result<(), String> {
    let mut stream = target.connect().await?.stream;
    let text = furnish(&target, &String::from_utf8_lossy(&bytes));
    stream.write_all(text.as_bytes()).await.map_err(|error| plain(&error))?;
    stream.flush().await.map_err(|error| plain(&error))?;
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

/// Replaces the placeholders of host and path, and adds the header fields and the query of the access.
fn furnish(target: &Target, text: &str) -> String {
    let target_line = text.split_once("{path}?").and_then(|(before, after)| Some((before, after.split_once(' ')?)));
    let text = match target_line {
        Some((before, (query, after))) => format!("{before}{} {after}", target.uri(query)),
        None => text.to_owned(),
    };
    let text = text.replace("{path}", target.path());
    let has_cookie = text.lines().any(|line| line.to_ascii_lowercase().starts_with("cookie:"));
    let headers = target.headers(Vec::new()).into_iter().filter(|(name, _)| !(has_cookie && name == "Cookie"));
    let lines: String = headers.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    text.replace("Host: {host}\r\n", &lines).replace("{host}", target.authority())
}

/// The state of the first line of an answer.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    Beginning(Vec<u8>),
    /// It was read, or cannot be read.
    Over,
}

impl Default for Line {
    fn default() -> Self {
        Self::Beginning(Vec::new())
    }
}

impl Line {
    /// Adds bytes that arrived; returns the status when the line is complete.
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
    use crate::party::network::Access;

    #[test]
    fn what_lets_in_stands_where_the_server_is_named() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let access = Access {
            query: vec![pair("token", "1")],
            headers: vec![pair("X-Key", "2")],
            cookies: vec!["a=3".to_owned()],
            ..Access::default()
        };
        let target = Target::with("http://h:1", "/p", &access).unwrap();
        let head = "GET {path}?EIO=4 HTTP/1.1\r\nHost: {host}\r\n\r\n{path}";
        assert_eq!(
            furnish(&target, head),
            "GET /p/?EIO=4&token=1 HTTP/1.1\r\nHost: h:1\r\nX-Key: 2\r\nCookie: a=3\r\n\r\n/p/"
        );
        let own = "GET /x HTTP/1.1\r\nHost: {host}\r\ncookie: b=4\r\n\r\n";
        assert_eq!(furnish(&target, own), "GET /x HTTP/1.1\r\nHost: h:1\r\nX-Key: 2\r\ncookie: b=4\r\n\r\n");
        let plain = Target::new("http://h:1", "/p").unwrap();
        assert_eq!(furnish(&plain, "{host}{path}"), "h:1/p/");
    }

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
