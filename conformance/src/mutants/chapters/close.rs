//! Defects at the end of a session.

use sio_codec::engineio::server::Transmit;

use super::super::mutant::Mutant;
use super::super::past::{Cause, Line};
use super::super::payload::{edit, text_of, to_text, unless};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("close-packet-is-ignored", &["EIO4-CL-01"], "A close packet in a POST is ignored.")
        .on_received(|past, packet| unless(packet, |text| past.is_polling() && text == "1")),
    Mutant::new("close-packet-leaves-the-get", &["EIO4-CL-01"], "A GET that is pending when the client closes is not ended.")
        .on_received(|past, packet| {
            if text_of(&packet) == "1" {
                past.tally = 1;
            }
            vec![packet]
        })
        .on_output(|past, output| {
            let is_get = matches!(&output, Transmit::Respond { id, .. } if past.parked == Some(*id));
            if is_get && past.tally == 1 { Vec::new() } else { vec![output] }
        }),
    Mutant::new("close-packet-is-not-answered", &["EIO4-CL-01"], "A POST with a close packet is refused.")
        .on_received(|past, packet| {
            if text_of(&packet) == "1" {
                past.tally = 1;
            }
            vec![packet]
        })
        .on_output(|past, mut output| {
            if let Transmit::Respond { id, response } = &mut output
                && past.posting == Some(*id)
                && past.tally == 1
            {
                response.status = 400;
            }
            vec![output]
        }),
    Mutant::new("server-closes-with-a-noop", &["EIO4-CL-03"], "A server that closes a polling session ends its GET with a noop.")
        .on_sent(|_, packet| edit(packet, |text| (text == "1").then(|| "6".to_owned()))),
    Mutant::new("server-closes-in-silence", &["EIO4-CL-03"], "A server that closes a polling session does not end its GET.").on_output(|past, output| {
        let is_farewell = matches!(&output, Transmit::Respond { response, .. } if response.body.ends_with(b"1") && response.body.len() <= 3);
        if is_farewell && past.cause == Cause::Body { Vec::new() } else { vec![output] }
    }),
    Mutant::new("close-before-the-queue", &["EIO4-CL-06"], "The close packet of the server comes before the messages.").on_payload(|_, packets| {
        let (close, others): (Vec<_>, Vec<_>) = packets.into_iter().partition(|packet| text_of(packet) == "1");
        close.into_iter().chain(others).collect()
    }),
    Mutant::new("websocket-outlives-its-session", &["EIO4-CL-07", "EIO4-WS-04"], "A WebSocket whose session ends is not closed.").on_output(|past, output| {
        let is_open = matches!(&output, Transmit::WsClose { ws } if past.line == Line::WebSocket(*ws));
        if is_open { Vec::new() } else { vec![output] }
    }),
    Mutant::new("session-closes-twice", &["EIO4-CL-03"], "The close packet of the server is sent twice.")
        .on_payload(|_, packets| {
            let closes = packets.last().is_some_and(|packet| text_of(packet) == "1");
            packets.into_iter().chain(closes.then(|| to_text("1"))).collect()
        }),
];
