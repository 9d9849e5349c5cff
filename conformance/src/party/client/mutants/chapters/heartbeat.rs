//! Defects of the heartbeat.

use std::time::Duration;

use sio_codec::engineio::client::Transmit;

use super::super::mutant::Mutant;
use super::super::past::Line;
use crate::mutants::payload::{edit, text_of, to_text, unless};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("no-pong", &["EIO4-HB-02"], "No ping is answered.")
        .on_sent(|_, packet| unless(packet, |text| text == PONG)),
    Mutant::new("no-pong-on-polling", &["EIO4-HB-02"], "No ping is answered on polling.").on_sent(|past, packet| {
        let is_polling = past.is_polling();
        unless(packet, |text| text == PONG && is_polling)
    }),
    Mutant::new("one-pong", &["EIO4-HB-02"], "Only the first ping is answered.")
        .on_sent(|past, packet| if text_of(&packet) == PONG && !past.first() { Vec::new() } else { vec![packet] }),
    Mutant::new("pong-before-connect-is-missing", &["EIO4-HB-02"], "No ping is answered before a namespace is joined.")
        .on_sent(|past, packet| {
            let is_early = past.joined.is_empty();
            unless(packet, |text| text == PONG && is_early)
        }),
    Mutant::new("pong-twice", &["EIO4-HB-02"], "Every ping is answered twice.")
        .on_sent(|_, packet| if text_of(&packet) == PONG { vec![packet.clone(), packet] } else { vec![packet] }),
    Mutant::new("pong-has-data", &["EIO4-HB-03"], "A ping with data is answered with other data.")
        .on_received(|past, packet| {
            past.is_marked = text_of(&packet).starts_with(PING) && text_of(&packet) != PING;
            vec![packet]
        })
        .on_sent(|past, packet| {
            let is_marked = past.is_marked;
            edit(packet, |text| (text == PONG && is_marked).then(|| "3x".to_owned()))
        }),
    Mutant::new("pings-are-answered-with-pings", &["EIO4-HB-15", "EIO4-HB-02"], "A ping is answered with a ping.")
        .on_sent(|_, packet| edit(packet, |text| (text == PONG).then(|| PING.to_owned()))),
    Mutant::new("pings-too", &["EIO4-HB-15"], "The client pings after each pong.")
        .on_sent(|_, packet| if text_of(&packet) == PONG { vec![packet, to_text(PING)] } else { vec![packet] }),
    Mutant::new("messages-extend-the-timeout", &["EIO4-HB-06"], "Messages count as pings.")
        .on_received(|past, packet| {
            if text_of(&packet).starts_with('4') {
                past.tally += 1;
                return vec![to_text(PING), packet];
            }
            vec![packet]
        })
        .on_sent(|past, packet| {
            if text_of(&packet) == PONG && past.tally > 0 {
                past.tally -= 1;
                return Vec::new();
            }
            vec![packet]
        }),
    Mutant::new("pings-extend-nothing", &["EIO4-HB-05"], "Only the open packet starts the time for a ping.")
        .on_received(|past, packet| {
            if text_of(&packet) == PING && matches!(past.line, Line::WebSocket(_)) {
                past.say(PONG);
                return Vec::new();
            }
            vec![packet]
        }),
    Mutant::new("pong-after-ten-seconds", &["EIO4-HB-02"], "A ping is answered after ten seconds.").on_output(
        |past, transmit| match &transmit {
            Transmit::WsSend { frame, .. } if text_of(frame) == PONG => {
                past.delay(Duration::from_secs(10), transmit);
                Vec::new()
            }
            _ => vec![transmit],
        },
    ),
    Mutant::new("silence-is-tolerated-on-polling", &["EIO4-HB-05"], "On polling, a server may be silent for ever.")
        .on_received(|past, packet| {
            let is_polled = past.sessions == 0 && past.line == Line::Down;
            edit(packet, |text| {
                (text.starts_with("0{") && is_polled)
                    .then(|| text.replace(r#""pingTimeout":"#, r#""pingTimeout":999999"#))
            })
        }),
];

const PING: &str = "2";
const PONG: &str = "3";
