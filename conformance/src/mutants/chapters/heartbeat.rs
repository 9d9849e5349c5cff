//! Defects of the heartbeat.

use super::super::mutant::Mutant;
use super::super::payload::{UNDECODABLE, edit, refuse, text_of, to_text, unless};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("no-ping", &["EIO4-HB-01", "EIO4-HB-11"], "No ping is sent.").on_sent(|past, packet| {
        if text_of(&packet) == PING {
            past.pretend(PONG);
        }
        unless(packet, |text| text == PING)
    }),
    Mutant::new("no-ping-on-polling", &["EIO4-HB-11"], "No ping is sent on polling.").on_sent(|past, packet| {
        let is_lost = past.is_polling() && text_of(&packet) == PING;
        if is_lost {
            past.pretend(PONG);
        }
        unless(packet, |_| is_lost)
    }),
    Mutant::new("ping-with-data", &["EIO4-HB-01"], "A ping has data.")
        .on_sent(|_, packet| edit(packet, |text| (text == PING).then(|| "2data".to_owned()))),
    Mutant::new("ping-twice", &["EIO4-HB-10"], "Every ping is sent twice.")
        .on_sent(|_, packet| if text_of(&packet) == PING { vec![packet.clone(), packet] } else { vec![packet] }),
    Mutant::new("ping-with-a-noop", &["EIO4-HB-10", "EIO4-WS-17"], "After every ping a pong is sent.")
        .on_sent(|_, packet| if text_of(&packet) == PING { vec![packet, to_text(PONG)] } else { vec![packet] }),
    Mutant::new(
        "ping-later-than-announced",
        &["EIO4-HB-01", "EIO4-HB-10"],
        "A ping comes after three times the announced interval.",
    )
    .with_settings(|settings| settings.engine.ping_interval *= 3),
    Mutant::new(
        "ping-sooner-than-announced",
        &["EIO4-HB-01", "EIO4-HB-10"],
        "A ping comes after a tenth of the announced interval.",
    )
    .with_settings(|settings| settings.engine.ping_interval /= 10),
    Mutant::new("ping-once", &["EIO4-HB-10"], "Only the first ping of a session is sent.").on_sent(|past, packet| {
        let is_lost = text_of(&packet) == PING && !past.first();
        if is_lost {
            past.pretend(PONG);
        }
        unless(packet, |_| is_lost)
    }),
    Mutant::new("silence-is-tolerated", &["EIO4-HB-04", "EIO4-HB-12"], "A client that answers no ping stays.").on_sent(
        |past, packet| {
            if text_of(&packet) == PING {
                past.pretend(PONG);
            }
            vec![packet]
        },
    ),
    Mutant::new("silence-is-tolerated-on-polling", &["EIO4-HB-12"], "A client on polling that answers no ping stays.")
        .on_sent(|past, packet| {
            if past.is_polling() && text_of(&packet) == PING {
                past.pretend(PONG);
            }
            vec![packet]
        }),
    Mutant::new("timeout-sooner-than-announced", &["EIO4-HB-04"], "A pong must come in a tenth of the announced time.")
        .with_settings(|settings| settings.engine.ping_timeout /= 10),
    Mutant::new("timeout-later-than-announced", &["EIO4-HB-04"], "A pong may take ten times the announced time.")
        .with_settings(|settings| settings.engine.ping_timeout *= 10),
    Mutant::new("pong-with-data-closes", &["EIO4-HB-08", "EIO4-PKT-13"], "A pong with data ends the session.")
        .on_received(|_, packet| refuse(packet, |text| text.starts_with(PONG) && text.len() > 1)),
    Mutant::new(
        "pong-with-data-is-none",
        &["EIO4-HB-08", "EIO4-PKT-13"],
        "A pong with data is ignored, so that the session times out.",
    )
    .on_received(|_, packet| unless(packet, |text| text.starts_with(PONG) && text.len() > 1)),
    Mutant::new(
        "unasked-pong-closes",
        &["EIO4-HB-09", "EIO4-WS-17"],
        "A pong that no ping asked for ends the session.",
    )
    .on_received(|past, packet| refuse(packet, |text| text.starts_with(PONG) && !past.pinged)),
    Mutant::new(
        "unasked-pong-is-answered",
        &["EIO4-HB-09", "EIO4-WS-17"],
        "A pong that no ping asked for is answered with a ping.",
    )
    .on_received(|past, packet| {
        if text_of(&packet).starts_with(PONG) && !past.pinged {
            past.say(PING);
        }
        vec![packet]
    }),
    Mutant::new("client-ping-is-ignored", &["EIO4-HB-07"], "A ping of the client is ignored.")
        .on_received(|past, packet| unless(packet, |text| text.starts_with(PING) && !past.is_upgrading())),
    Mutant::new("client-ping-is-answered", &["EIO4-HB-07"], "A ping of the client is answered, as in revision 3.")
        .on_received(|past, packet| {
            let is_ping = text_of(&packet).starts_with(PING) && !past.is_upgrading();
            if is_ping {
                past.say(PONG);
            }
            unless(packet, |_| is_ping)
        }),
    Mutant::new("client-probe-is-answered", &["EIO4-HB-07"], "A probe on a WebSocket that is established is answered.")
        .on_received(|past, packet| {
            let is_probe = text_of(&packet) == "2probe" && !past.is_polling();
            if is_probe {
                past.say("3probe");
            }
            unless(packet, |_| is_probe)
        }),
    Mutant::new("get-survives-the-timeout", &["EIO4-HB-12"], "A GET that is pending at the ping timeout is not ended.")
        .on_output(|past, output| {
            use sio_codec::engineio::server::Transmit;
            let is_farewell = matches!(&output, Transmit::Respond { response, .. } if response.body == "1");
            if is_farewell && past.pinged { Vec::new() } else { vec![output] }
        }),
    Mutant::new("no-ping-after-an-upgrade", &["EIO4-HB-13"], "An upgraded session gets no pings.")
        .on_output(|past, output| {
            use sio_codec::engineio::server::Transmit;
            if matches!(output, Transmit::WsAccept { .. }) {
                past.tally = 1;
            }
            vec![output]
        })
        .on_sent(|past, packet| {
            let is_lost = past.tally == 1 && !past.is_polling() && text_of(&packet) == PING;
            if is_lost {
                past.pretend(PONG);
            }
            unless(packet, |_| is_lost)
        }),
    Mutant::new("pong-closes", &["EIO4-HB-01", "EIO4-HB-08", "EIO4-HB-10"], "The second pong ends the session.")
        .on_received(|past, packet| {
            let is_second = text_of(&packet).starts_with(PONG) && !past.first();
            if is_second { vec![to_text(UNDECODABLE)] } else { vec![packet] }
        }),
];

const PING: &str = "2";
const PONG: &str = "3";
