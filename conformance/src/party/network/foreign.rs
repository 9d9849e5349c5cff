//! Recognises protocols other than HTTP by the first bytes of the server.

use crate::replay::Answer;

/// The sentence for a port that expects TLS.
pub(super) const TLS: &str = "the port speaks TLS; try https://";

const HTTP: &[u8] = b"HTTP/";

/// The first bytes of protocols whose servers speak first, or answer a GET.
const BEGINNINGS: [(&[u8], &str); 8] = [
    (b"SSH-", "the port speaks SSH"),
    (HTTP, "the port speaks HTTP without TLS; try http://"),
    (b"220 ", "the port speaks SMTP or FTP"),
    (b"220-", "the port speaks SMTP or FTP"),
    (b"+OK", "the port speaks POP3"),
    (b"* OK", "the port speaks IMAP"),
    (b"-ERR", "the port speaks the protocol of Redis"),
    (b"RFB ", "the port speaks VNC"),
];

/// A sentence on first bytes that are not an HTTP answer, or came on a port that speaks TLS; `None` if there are none.
pub(super) fn describe(greeting: &[u8]) -> Option<String> {
    if is_tls(greeting) {
        return Some(TLS.to_owned());
    }
    if is_http2(greeting) {
        return Some("the port speaks HTTP/2 alone, and this protocol needs HTTP/1.1".to_owned());
    }
    if let Some((_, words)) = BEGINNINGS.iter().find(|(beginning, _)| greeting.starts_with(beginning)) {
        return Some((*words).to_owned());
    }
    (!greeting.is_empty()).then(|| format!("the port does not speak HTTP: it says \"{}\"", greeting.escape_ascii()))
}

/// Like [`describe`], for a connection without TLS; `None` also for HTTP and for a beginning of it.
pub(super) fn not_http(greeting: &[u8]) -> Option<String> {
    let len = greeting.len().min(HTTP.len());
    if greeting[..len] == HTTP[..len] { None } else { describe(greeting) }
}

/// Whether this is a TLS record: a handshake or an alert, of SSL 3 or later.
pub(super) fn is_tls(greeting: &[u8]) -> bool {
    matches!(greeting, [0x15 | 0x16, 3, ..])
}

/// Whether this is the SETTINGS frame that an HTTP/2 connection begins with.
fn is_http2(greeting: &[u8]) -> bool {
    matches!(greeting, [_, _, _, 4, 0, 0, 0, 0, 0, ..])
}

/// Whether an answer without TLS says that the port speaks TLS, as nginx, Apache and Go do.
pub(super) fn asks_for_tls(answer: &Answer) -> bool {
    let body = String::from_utf8_lossy(&answer.body);
    let words =
        ["plain HTTP request was sent to HTTPS port", "SSL-enabled server port", "HTTP request to an HTTPS server"];
    answer.status == 400 && words.iter().any(|words| body.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_what_is_spoken() {
        for (greeting, words) in [
            (&b"\x15\x03\x01\x00\x02\x02\x46"[..], TLS),
            (b"SSH-2.0-OpenSSH_9.6\r\n", "the port speaks SSH"),
            (
                b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03",
                "the port speaks HTTP/2 alone, and this protocol needs HTTP/1.1",
            ),
            (b"220 mail.example ESMTP\r\n", "the port speaks SMTP or FTP"),
            (b"-ERR unknown command\r\n", "the port speaks the protocol of Redis"),
            (b"\x01hi\r\n", r#"the port does not speak HTTP: it says "\x01hi\r\n""#),
        ] {
            assert_eq!(describe(greeting).as_deref(), Some(words));
        }
        assert_eq!(describe(b""), None);
        for http in [&b""[..], b"H", b"HTTP", b"HTTP/1.1 200 OK\r\n"] {
            assert_eq!(not_http(http), None);
        }
        assert!(not_http(b"HT\r\n").is_some());
    }
}
