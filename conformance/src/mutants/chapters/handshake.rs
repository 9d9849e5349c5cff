//! Defects of the handshake: the open packet, session ids, and the requests that open a session.

use sio_codec::Frame;
use sio_codec::engineio::HttpError;

use super::super::mutant::Mutant;
use super::super::payload::{edit, text_of, to_text};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("open-without-max-payload", &["EIO4-HS-02"], "The open packet has no maxPayload.")
        .on_sent(|_, packet| open(packet, r#","maxPayload":1000000"#, "")),
    Mutant::new("open-without-ping-interval", &["EIO4-HS-02"], "The open packet has no pingInterval.")
        .on_sent(|_, packet| open(packet, r#""pingInterval":300,"#, "")),
    Mutant::new("open-interval-is-a-string", &["EIO4-HS-02"], "The pingInterval of the open packet is a string.")
        .on_sent(|_, packet| open(packet, r#""pingInterval":300"#, r#""pingInterval":"300""#)),
    Mutant::new(
        "open-timeout-in-seconds",
        &["EIO4-HS-02"],
        "The pingTimeout of the open packet is a fraction of a second as a string.",
    )
    .on_sent(|_, packet| open(packet, r#""pingTimeout":200"#, r#""pingTimeout":"0.2s""#)),
    Mutant::new(
        "open-upgrades-is-a-string",
        &["EIO4-HS-02", "EIO4-HS-04"],
        "The upgrades of a polling session are one string.",
    )
    .on_sent(|_, packet| open(packet, r#"["websocket"]"#, r#""websocket""#)),
    Mutant::new(
        "open-upgrades-is-null",
        &["EIO4-HS-02", "EIO4-HS-05"],
        "The upgrades of a WebSocket session are null.",
    )
    .on_sent(|past, packet| if past.is_polling() { vec![packet] } else { open(packet, "[]", "null") }),
    Mutant::new("open-has-a-sixth-key", &["EIO4-HS-02"], "The open packet also tells the revision.")
        .on_sent(|_, packet| open(packet, r#"{"sid""#, r#"{"EIO":4,"sid""#)),
    Mutant::new("open-after-a-noop", &["EIO4-HS-01", "EIO4-HS-06"], "A noop is sent before the open packet.").on_sent(
        |_, packet| {
            let noop = text_of(&packet).starts_with('0').then(|| to_text("6"));
            noop.into_iter().chain([packet]).collect()
        },
    ),
    Mutant::new(
        "open-waits-for-the-client",
        &["EIO4-HS-06"],
        "On a WebSocket the open packet is sent after the client's first packet.",
    )
    .on_sent(|past, packet| {
        if past.is_polling() || !text_of(&packet).starts_with('0') {
            return vec![packet];
        }
        past.kept.push(packet);
        Vec::new()
    })
    .on_received(|past, packet| {
        for open in std::mem::take(&mut past.kept) {
            past.say(text_of(&open));
        }
        vec![packet]
    }),
    Mutant::new("upgrades-hidden", &["EIO4-HS-04"], "A polling session is told that it cannot be upgraded.")
        .on_sent(|_, packet| open(packet, r#"["websocket"]"#, "[]")),
    Mutant::new("upgrades-on-a-websocket", &["EIO4-HS-05"], "A WebSocket session is told that it can be upgraded.")
        .on_sent(|past, packet| if past.is_polling() { vec![packet] } else { open(packet, "[]", r#"["websocket"]"#) }),
    Mutant::new("sids-are-equal", &["EIO4-HS-03"], "All sessions have the same sid.")
        .with_sid(|_| "AAAAAAAAAAAAAAAAAAAA".to_owned()),
    Mutant::new("sids-are-counted", &["EIO4-HS-03"], "The sids are 0, 1, 2 and so on.")
        .with_sid(|before| before.to_string()),
    Mutant::new(
        "socket-id-is-the-sid",
        &["EIO4-HS-17", "SIO5-CON-03"],
        "The Socket.IO id of the main namespace is the sid.",
    )
    .on_sent(|past, packet| {
        edit(packet, |text| text.starts_with("40{").then(|| format!(r#"40{{"sid":"{}"}}"#, past.sid)))
    }),
    Mutant::new(
        "empty-sid-is-unknown",
        &["EIO4-URL-03"],
        "A request with an empty sid is refused as one of an unknown session.",
    )
    .on_request(|request| if request.parameter("sid") == Some("") { Err(HttpError::UnknownSid) } else { Ok(()) }),
    Mutant::new("unknown-parameters-are-refused", &["EIO4-URL-04"], "A request with an unknown parameter is refused.")
        .on_request(|request| {
            let known = ["EIO", "transport", "sid", "t", "b64", "j"];
            let fits = request.parameters().all(|(name, _)| known.contains(&name));
            if fits { Ok(()) } else { Err(HttpError::Mismatch) }
        }),
    Mutant::new(
        "unknown-parameters-are-refused-on-websockets",
        &["EIO4-URL-04"],
        "A WebSocket with an unknown parameter is refused.",
    )
    .on_request(|request| {
        let known = ["EIO", "transport", "sid", "t", "b64", "j"];
        let fits = !request.wants_websocket || request.parameters().all(|(name, _)| known.contains(&name));
        if fits { Ok(()) } else { Err(HttpError::Mismatch) }
    }),
    Mutant::new("cache-buster-is-a-number", &["EIO4-URL-05"], "A request whose `t` is not a number is refused.")
        .on_request(|request| {
            let fits = request.parameter("t").is_none_or(|t| t.bytes().all(|byte| byte.is_ascii_digit()));
            if fits { Ok(()) } else { Err(HttpError::Mismatch) }
        }),
    Mutant::new("transport-in-any-case", &["EIO4-URL-07"], "The name of a transport may be written in any case.")
        .on_request(|request| {
            if let Some(transport) = request.parameter("transport").map(str::to_ascii_lowercase) {
                request.set("transport", &transport);
            }
            Ok(())
        }),
    Mutant::new(
        "inherited-sids-are-none",
        &["EIO4-URL-08"],
        "A sid that JavaScript objects inherit is read as no sid.",
    )
    .on_request(|request| {
        if request.parameter("sid").is_some_and(|sid| INHERITED.contains(&sid)) {
            request.remove("sid");
        }
        Ok(())
    }),
    Mutant::new("any-method-opens", &["EIO4-HS-07", "EIO4-ERR-03"], "A request of any method opens a session.")
        .on_request(|request| {
            if !request.has_sid() {
                "GET".clone_into(&mut request.method);
            }
            Ok(())
        }),
    Mutant::new("post-opens", &["EIO4-HS-07", "EIO4-ERR-03"], "A POST without a sid opens a session.").on_request(
        |request| {
            if !request.has_sid() && request.method == "POST" {
                "GET".clone_into(&mut request.method);
            }
            Ok(())
        },
    ),
    Mutant::new("missing-version-is-4", &["EIO4-HS-08", "EIO4-ERR-06"], "A handshake without EIO is served.")
        .on_request(|request| {
            if !request.has_sid() && request.parameter("EIO").is_none() {
                request.set("EIO", "4");
            }
            Ok(())
        }),
    Mutant::new("any-version-is-4", &["EIO4-HS-08", "EIO4-ERR-06"], "A handshake with another EIO is served.")
        .on_request(|request| {
            if !request.has_sid() && request.parameter("EIO").is_some() {
                request.set("EIO", "4");
            }
            Ok(())
        }),
    Mutant::new(
        "missing-transport-is-polling",
        &["EIO4-HS-09", "EIO4-ERR-01"],
        "A request without a transport is served.",
    )
    .on_request(|request| {
        if request.parameter("transport").is_none() {
            request.set("transport", "polling");
        }
        Ok(())
    }),
    Mutant::new(
        "unknown-transport-is-polling",
        &["EIO4-HS-09", "EIO4-ERR-01"],
        "A request with an unknown transport is served as polling.",
    )
    .on_request(|request| {
        if request
            .parameter("transport")
            .is_some_and(|transport| !["polling", "websocket", "webtransport"].contains(&transport))
        {
            request.set("transport", "polling");
        }
        Ok(())
    }),
    Mutant::new(
        "webtransport-is-polling",
        &["EIO4-WT-09"],
        "A request with transport=webtransport is served as polling.",
    )
    .on_request(|request| {
        if request.parameter("transport") == Some("webtransport") {
            request.set("transport", "polling");
        }
        Ok(())
    }),
    Mutant::new(
        "plain-get-for-a-websocket",
        &["EIO4-HS-10", "EIO4-ERR-04"],
        "A plain GET with transport=websocket opens a polling session.",
    )
    .on_request(|request| {
        if !request.has_sid() && !request.wants_websocket && request.parameter("transport") == Some("websocket") {
            request.set("transport", "polling");
        }
        Ok(())
    }),
    Mutant::new("open-after-a-message", &["EIO4-HS-01"], "The first body of a polling session begins with a message.")
        .on_payload(|past, mut packets| {
            if past.first() {
                packets.insert(0, to_text("4"));
            }
            packets
        }),
];

/// Names that every JavaScript object has.
const INHERITED: [&str; 5] = ["__proto__", "constructor", "hasOwnProperty", "toString", "valueOf"];

fn open(packet: Frame, from: &str, to: &str) -> Vec<Frame> {
    edit(packet, |text| text.starts_with("0{").then(|| text.replace(from, to)))
}
