//! Defects at the end of a membership: by the server, and as other clients hear of it.

use serde_json::json;
use sio_codec::Frame;
use sio_codec::engineio::server::Transmit;

use super::super::json::{arguments, edit_data, edit_whom};
use super::super::mutant::Mutant;
use super::super::payload::{text_of, to_text, unless};
use super::super::socketio::is;
use super::broadcasts::reported;

pub(super) const ALL: &[Mutant] = &[
    Mutant::new(
        "expelled-is-not-told",
        &["SRV-ROOM-13", "SIO5-DIS-04"],
        "A client is disconnected without a DISCONNECT.",
    )
    .on_sent(|_, packet| unless(packet, |text| is(text, |packet| packet.kind == '1'))),
    Mutant::new("expelled-stays", &["SRV-ROOM-13"], "A client that is disconnected stays in the namespace.")
        .on_received(|_, packet| {
            edit_whom(packet, &["expel"], |whom| {
                whom.insert("to".to_owned(), json!(["nobody"]));
                true
            })
        }),
    Mutant::new("expelled-are-all", &["SRV-ROOM-13"], "All clients are disconnected instead of the selected ones.")
        .on_received(|_, packet| edit_whom(packet, &["expel"], |whom| whom.remove("to").is_some())),
    Mutant::new(
        "expelled-is-closed",
        &["SRV-ROOM-13"],
        "Disconnecting a client from a namespace closes its connection.",
    )
    .on_received(|_, packet| close(packet, true)),
    Mutant::new("expelled-is-not-closed", &["SIO5-DIS-04"], "A connection that is to be closed stays open.")
        .on_received(|_, packet| close(packet, false)),
    Mutant::new("closing-names-one-namespace", &["SIO5-DIS-04"], "Before a connection closes, one DISCONNECT is sent.")
        .on_sent(|past, packet| {
            let is_disconnect = is(text_of(&packet), |packet| packet.kind == '1');
            if is_disconnect && !past.first() { Vec::new() } else { vec![packet] }
        }),
    Mutant::new("expelled-cannot-come-back", &["SIO5-DIS-07"], "A client that was disconnected cannot join again.")
        .on_sent(|past, packet| {
            if is(text_of(&packet), |packet| packet.kind == '1') {
                past.tally = 1;
            }
            unless(packet, |text| past.tally == 1 && is(text, |packet| packet.kind == '0'))
        }),
    Mutant::new("shut-down-disconnects", &["SIO5-DIS-08"], "A server that shuts down sends DISCONNECT.").on_received(
        |_, packet| {
            let text = text_of(&packet).replace(r#"["shut-down"]"#, r#"["close"]"#);
            if matches!(packet, Frame::Text(_)) { vec![to_text(text)] } else { vec![packet] }
        },
    ),
    Mutant::new("shut-down-leaves-the-get", &["SIO5-DIS-08", "EIO4-CL-06"], "A server that shuts down keeps its GETs.")
        .on_received(|past, packet| {
            past.tally = u32::from(past.tally == 1 || text_of(&packet).contains("shut-down"));
            vec![packet]
        })
        .on_output(|past, output| match output {
            Transmit::Respond { ref response, .. } if past.tally == 1 && response.body.ends_with(b"1") => Vec::new(),
            output => vec![output],
        }),
    Mutant::new("leaving-is-not-reported", &["SRV-DISC-01"], "disconnecting is not reported.")
        .on_sent(|_, packet| unless(packet, |text| text.contains(r#"["leaving","#))),
    Mutant::new("left-is-not-reported", &["SRV-DISC-01"], "disconnect is not reported.")
        .on_sent(|_, packet| unless(packet, |text| text.contains(r#"["left","#))),
    Mutant::new("leaving-is-reported-twice", &["SRV-DISC-01"], "disconnecting is reported twice.").on_sent(
        |_, packet| {
            if text_of(&packet).contains(r#"["leaving","#) { vec![packet.clone(), packet] } else { vec![packet] }
        },
    ),
    Mutant::new("left-before-leaving", &["SRV-DISC-01"], "disconnect is reported before disconnecting.").on_sent(
        |past, packet| {
            if text_of(&packet).contains(r#"["leaving","#) {
                past.kept.push(packet);
                return Vec::new();
            }
            let held = if text_of(&packet).contains(r#"["left","#) { past.kept.pop() } else { None };
            [packet].into_iter().chain(held).collect()
        },
    ),
    Mutant::new("reason-is-always-the-transport", &["SRV-DISC-01"], "Every client ends by transport close.")
        .on_sent(|_, packet| reason(packet, |_| true, "transport close")),
    Mutant::new("timeout-is-a-transport-error", &["SRV-DISC-01"], "A client without a pong ends by transport error.")
        .on_sent(|_, packet| reason(packet, |reason| reason == "ping timeout", "transport error")),
    Mutant::new(
        "invalid-packet-is-a-transport-close",
        &["SRV-DISC-01"],
        "An undecodable packet ends by transport close.",
    )
    .on_sent(|_, packet| reason(packet, |reason| reason == "forced close", "transport close")),
    Mutant::new("expelled-leaves-by-itself", &["SRV-DISC-01"], "A client that is disconnected seems to have left.")
        .on_sent(|_, packet| {
            reason(packet, |reason| reason == "server namespace disconnect", "client namespace disconnect")
        }),
    Mutant::new("lost-connection-is-not-reported", &["SIO5-DIS-09", "SRV-DISC-01"], "A lost client is not reported.")
        .on_sent(|_, packet| {
            unless(packet, |text| text.contains(r#"["leaving","transport"#) || text.contains(r#"["left","transport"#))
        }),
];

/// Gives an `expel` another argument `close`.
fn close(packet: Frame, close: bool) -> Vec<Frame> {
    edit_data(packet, |_, data| {
        let Some(whom) = arguments(data, &["expel"]).and_then(|arguments| arguments.first().cloned()) else {
            return false;
        };
        *data = json!(["expel", whom, close]);
        true
    })
}

/// Gives the reports about a client another reason.
fn reason(packet: Frame, fits: fn(&str) -> bool, other: &str) -> Vec<Frame> {
    edit_data(packet, |_, data| {
        let Some(reason) = reported(data, &["leaving", "left"]) else { return false };
        let is_other = reason.as_str().is_some_and(fits);
        if is_other {
            *reason = json!(other);
        }
        is_other
    })
}
