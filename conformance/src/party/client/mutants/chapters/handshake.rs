//! Defects of the handshake.

use std::time::Duration;

use serde_json::{Value, json};
use sio_codec::Frame;

use super::super::mutant::Mutant;
use super::{is_poll, is_post, with_query, without};
use crate::mutants::payload::{UNDECODABLE, edit, text_of, to_text};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("requests-without-version", &["EIO4-URL-01"], "No request has the parameter `EIO`.")
        .on_output(|_, transmit| with_query(transmit, |query| without(query, "EIO"))),
    Mutant::new("posts-without-transport", &["EIO4-URL-01"], "A POST does not name its transport.").on_output(
        |_, transmit| {
            if is_post(&transmit) { with_query(transmit, |it| without(it, "transport")) } else { vec![transmit] }
        },
    ),
    Mutant::new("polls-without-sid", &["EIO4-URL-02"], "A GET does not name its session.").on_output(|_, transmit| {
        if is_poll(&transmit) { with_query(transmit, |it| without(it, "sid")) } else { vec![transmit] }
    }),
    Mutant::new("posts-without-sid", &["EIO4-URL-02"], "A POST does not name its session.").on_output(|_, transmit| {
        if is_post(&transmit) { with_query(transmit, |it| without(it, "sid")) } else { vec![transmit] }
    }),
    Mutant::new("limit-of-its-own", &["EIO4-HS-13", "EIO4-LIM-01"], "The announced `maxPayload` is not observed.")
        .on_received(|_, packet| announce(packet, "maxPayload", json!(1_000_000))),
    Mutant::new("interval-of-its-own", &["EIO4-HS-13", "EIO4-HB-05"], "The announced `pingInterval` is not used.")
        .on_received(|_, packet| announce(packet, "pingInterval", json!(25_000))),
    Mutant::new("timeout-of-its-own", &["EIO4-HS-13", "EIO4-HB-05"], "The announced `pingTimeout` is not used.")
        .on_received(|_, packet| announce(packet, "pingTimeout", json!(20_000))),
    Mutant::new("max-payload-is-needed", &["EIO4-HS-14"], "An open packet without `maxPayload` ends the session.")
        .on_received(|_, packet| refuse_open(packet, |open| open.get("maxPayload").is_none())),
    Mutant::new("further-keys-are-refused", &["EIO4-HS-14"], "An open packet with an unknown key ends the session.")
        .on_received(|_, packet| refuse_open(packet, |open| open.as_object().is_some_and(|open| open.len() > 5))),
    Mutant::new("upgrade-is-tried-unasked", &["EIO4-HS-15"], "An upgrade is tried that the server does not offer.")
        .on_received(|past, packet| {
            if past.is_from_websocket { vec![packet] } else { announce(packet, "upgrades", json!(["websocket"])) }
        }),
    Mutant::new(
        "open-packet-is-awaited-for-ever",
        &["EIO4-HS-18"],
        "The client waits for the open packet for an hour.",
    )
    .with_settings(|settings| settings.engine.connect_timeout = HOUR),
    Mutant::new("second-open-packet-is-refused", &["EIO4-HS-19"], "A second open packet ends the session.")
        .on_received(|past, packet| {
            let is_second = text_of(&packet).starts_with("0{") && past.is_open;
            if is_second { vec![to_text(UNDECODABLE)] } else { vec![packet] }
        }),
];

const HOUR: Duration = Duration::from_secs(3_600);

/// An open packet with another value of a key.
fn announce(packet: Frame, key: &str, value: Value) -> Vec<Frame> {
    edit(packet, |text| {
        let mut open: Value = serde_json::from_str(text.strip_prefix('0')?).ok()?;
        open[key] = value;
        Some(format!("0{open}"))
    })
}

/// An undecodable packet in place of an open packet that fits.
fn refuse_open(packet: Frame, fits: impl FnOnce(&Value) -> bool) -> Vec<Frame> {
    edit(packet, |text| {
        let open: Value = serde_json::from_str(text.strip_prefix('0')?).ok()?;
        fits(&open).then(|| UNDECODABLE.to_owned())
    })
}
