//! Properties of all readers of text.

use proptest::prelude::*;

use super::super::form;

/// Lines that the readers know, whole and cut.
const LINES: [&str; 31] = [
    "{\"method\":\"Network.requestWillBeSent\",\"params\":{\"requestId\":\"1\",\"timestamp\":1e300,\"request\":{\"url\":\"EIO=\"}}}",
    "{\"method\":\"Network.webSocketFrameSent\",\"params\":{\"requestId\":\"1\",\"response\":{\"opcode\":2,\"payloadData\":\"A\"}}}",
    "2026-11-27T11:30:25.984Z engine.io-client:socket socket receive: type \"message\", data \"0{}\"",
    "socket.io-parser encoding packet {\"data\":[{\"type\":\"Buffer\",\"data\":[1,2]}]}",
    "socket.io-parser encoded {\"type\":5} as 52-[\"a\"]",
    "  \u{1b}[38;5;27mengine:ws \u{1b}[0mreceived \"2probe\" \u{1b}[38;5;27m+0ms\u{1b}[0m",
    "engine:socket sending packet \"open\" ({\"sid\":\"a\"})",
    "2026-11-27 11:30:22,677 engineio.client INFO Sending packet MESSAGE data 0",
    "Polling connection accepted with {'sid': 'a\\'', 'upgrades': [], 'x': None}",
    "vF9WgYqAnxTQDSTaAAAA: Received packet MESSAGE data <binary>",
    "↑2probe\t6\t11:29:22.553",
    "↓\t42[\"a\",\"b…\t300 B\t2:29:22 PM",
    "→ Binary Message 1.5 kB",
    "$ wscat -c ws://localhost/socket.io/?EIO=4&transport=websocket",
    "Connected (press CTRL+C to quit)",
    "> 452-[\"x\"]",
    "< 0{\"sid\":\"a\"}",
    "$ curl -v -d $'4\\x1e' 'http://localhost/?EIO=4&transport=polling' \\",
    "> GET /?EIO=4&transport=polling HTTP/1.1\r",
    "> Content-Length: 3",
    "< HTTP/1.1 200 OK",
    "< Content-Length: 99999999999999999999",
    "< ",
    "0{\"sid\":\"a\"}\u{1e}2",
    "title     A trace\ncovers    EIO4-HS-01\nlevel     must\n\n",
    "ws C session  websocket /",
    "ws C frame  c1 34  fill $max - 1",
    "ws S text   42/a,$n[\"$_\",$_]  repeat 3  @ $interval -10% +25%",
    "g  C get    EIO=3&transport=polling&sid=$sid&j=0  until 2 packets",
    "g  S 200    application/octet-stream",
    "g  S packet 4$_  more",
];

proptest! {
    #[test]
    fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = form::read(&bytes);
    }

    #[test]
    fn any_text_never_panics(text in "\\PC{0,200}") {
        let _ = form::read(text.as_bytes());
    }

    #[test]
    fn pieces_of_known_lines_never_panic(
        pieces in proptest::collection::vec((0..LINES.len(), 0_usize..80, 0_usize..80, "[\\r\\n\\t ]{0,2}"), 0..20),
    ) {
        let mut text = String::new();
        for (line, begin, end, space) in pieces {
            text.extend(LINES.get(line).into_iter().flat_map(|line| line.chars().skip(begin / 8).take(end)));
            text.push_str(&space);
            text.push('\n');
        }
        let _ = form::read(text.as_bytes());
    }
}

#[test]
fn known_forms_are_named_when_none_fits() {
    let error = form::read(b"Dear reader,\nthis is a letter.\n").unwrap_err().to_string();
    assert!(error.contains("curl -v") && error.contains("HAR") && error.contains("network panel"), "{error}");
    assert!(form::read(b"").unwrap_err().to_string().contains("none of the known forms"));
}

#[test]
fn a_byte_order_mark_and_wide_characters_are_read() {
    let rows = "↑2probe\t6\t11:29:22\r\n↓3probe\t6\t11:29:22\r\n";
    let wide: Vec<u8> = [0xfeff].into_iter().chain(rows.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xef\xbb\xbf", rows.as_bytes()].concat();
    for file in [rows.as_bytes(), &wide, &marked] {
        assert_eq!(form::read(file).unwrap().sightings.len(), 3);
    }
}
