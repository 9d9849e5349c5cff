//! Defects of the end of a session.

use sio_codec::engineio::client::Transmit;

use super::super::super::script::Wish;
use super::super::mutant::Mutant;
use crate::mutants::payload::{text_of, unless};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("close-packet-is-ignored", &["EIO4-CL-02"], "A close packet on polling is ignored.")
        .on_received(|_, packet| unless(packet, |text| text == CLOSE)),
    Mutant::new("polls-after-the-close-packet", &["EIO4-CL-02"], "One more GET follows a close packet.").on_received(
        |past, packet| {
            if text_of(&packet) == CLOSE
                && let Some(query) = past.poll_query.clone()
            {
                let id = past.forge();
                past.ready.push_back(Transmit::Request { id, query, body: None });
            }
            vec![packet]
        },
    ),
    Mutant::new("no-close-packet", &["EIO4-CL-04"], "A client on polling leaves without a close packet.")
        .on_body(|_, packets| packets.into_iter().filter(|packet| text_of(packet) != CLOSE).collect()),
    Mutant::new(
        "websocket-stays-open",
        &["EIO4-CL-07", "SIO5-DIS-05"],
        "The WebSocket stays open when its session ends.",
    )
    .on_output(|_, transmit| if let Transmit::WsClose { .. } = transmit { Vec::new() } else { vec![transmit] }),
    Mutant::new(
        "disconnect-is-not-flushed",
        &["EIO4-CL-06", "SIO5-DIS-01"],
        "The WebSocket closes before the last packet.",
    )
    .on_sent(|_, packet| unless(packet, |text| text.starts_with("41"))),
    Mutant::new(
        "what-is-queued-is-lost",
        &["EIO4-CL-06"],
        "Events that were not sent before the application left are lost.",
    )
    .on_call(|past, wish| {
        past.is_marked |= matches!(wish, Wish::Leave(_) | Wish::Close);
        vec![wish]
    })
    .on_sent(|past, packet| {
        let is_late = past.is_marked;
        unless(packet, |text| is_late && text.starts_with('4') && !text.starts_with("41"))
    }),
];

const CLOSE: &str = "1";
