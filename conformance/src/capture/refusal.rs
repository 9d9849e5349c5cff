//! The answers that a relay gives instead of the server.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The longest head of a request that is read before it is answered.
const HEAD: usize = 64 << 10;

/// The longest time for that.
const PATIENCE: Duration = Duration::from_secs(5);

/// Reads a request, as far as a client needs for reading the answer, and answers it with status 502.
pub(super) async fn answer(client: &mut TcpStream, reason: &str) {
    let mut head = Vec::new();
    let refuse = async {
        while !head.windows(4).any(|four| four == b"\r\n\r\n") && head.len() < HEAD {
            if client.read_buf(&mut head).await? == 0 {
                break;
            }
        }
        client.write_all(&text(reason)).await?;
        client.shutdown().await?;
        // A connection that is closed with unread bytes is reset, and the client may lose the answer.
        tokio::io::copy(client, &mut tokio::io::sink()).await
    };
    // The client left, or takes too long.
    let _ = tokio::time::timeout(PATIENCE, refuse).await;
}

/// An answer with status 502 that says why.
pub(super) fn text(reason: &str) -> Vec<u8> {
    let body = format!("siospec: {reason}\n");
    let head = format!(
        "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\
         Access-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n",
        body.len()
    );
    (head + &body).into_bytes()
}

/// Whether a connection begins with a request of Engine.IO.
pub(super) fn is_engine(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
    line.windows(4).any(|four| four == b"EIO=")
}

/// Why an answer that begins like this is not passed on: it sends the client to another address.
pub(super) fn redirect(bytes: &[u8]) -> Option<String> {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut answer = httparse::Response::new(&mut fields);
    // A head that is cut shows its first fields all the same.
    let _ = answer.parse(bytes);
    let status = answer.code.filter(|status| matches!(status, 301 | 302 | 303 | 307 | 308))?;
    let location = answer.headers.iter().find(|field| field.name.eq_ignore_ascii_case("location"));
    let location = location.map_or_else(String::new, |field| format!(" to {}", String::from_utf8_lossy(field.value)));
    Some(format!("the server redirects{location} (status {status}); name the address where it serves with --to"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_redirects_are_redirects() {
        let moved = b"HTTP/1.1 308 Permanent Redirect\r\nLocation: https://a.example/\r\n\r\n";
        assert!(redirect(moved).unwrap().contains(" to https://a.example/ (status 308)"));
        assert!(redirect(b"HTTP/1.1 302 Found\r\nServer: x\r\nLoca").unwrap().contains("redirects (status 302)"));
        for other in [&b"HTTP/1.1 304 Not Modified\r\n\r\n"[..], b"HTTP/1.1 200 OK\r\n\r\n", b"SSH-2.0", b"HTT"] {
            assert_eq!(redirect(other), None);
        }
    }

    #[test]
    fn a_request_of_engine_io_is_known_by_its_first_line() {
        assert!(is_engine(b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n\r\n"));
        assert!(!is_engine(b"GET / HTTP/1.1\r\nReferer: /?EIO=4\r\n\r\n"));
    }
}
