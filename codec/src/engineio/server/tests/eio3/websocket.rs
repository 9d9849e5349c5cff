//! WebSockets, from the start or after an upgrade.

use bytes::Bytes;

use super::super::script::{HANDSHAKE, config, ms, open_with, polling_as, s, websocket_as};
use super::{polling, polling_b64, probed, upgraded, websocket};
use crate::engineio::server::{Carrier, Input, WsId};
use crate::engineio::{BinaryForm, CloseReason, Encoded, Event, PacketErrorKind, Revision, Transport, Violation};
use crate::text::Text;

//= EIO3-HS-02
//= EIO3-HS-08
#[test]
fn the_handshake_is_a_bare_open_packet() {
    let open_packet =
        r#"0{"sid":"BwcHBwcHBwcHBwcHBwcH","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000}"#;
    let config = config().with_allow_eio3(true);
    open_with(config, "EIO=3&transport=websocket", Carrier::WebSocket(WsId(HANDSHAKE)))
        .expect_event(&Event::Opened)
        .expect_send(HANDSHAKE, open_packet);
}

//= EIO3-WS-01
//= EIO3-WS-03
#[test]
fn one_packet_is_one_message() {
    websocket()
        .frame(0, "4a")
        .expect_message("a")
        .binary(0, &[4, 1, 2, 3])
        .expect_binary(&[1, 2, 3])
        .binary(0, &[4])
        .expect_binary(&[])
        .frame(0, "b4AQIDBA==")
        .expect_binary(&[1, 2, 3, 4])
        // No lengths here: it is a ping with data.
        .frame(0, "2:4a")
        .expect_send(0, "3:4a")
        .send(&["a", ""])
        .expect_send(0, "4a")
        .expect_send(0, "4")
        .send_binary(&[1, 2, 3])
        .expect_send_binary(0, &[4, 1, 2, 3]);
}

//= SIO4-ATT-01
#[test]
fn attachments_follow_with_their_type_in_front() {
    let header = r#"51-["e",{"_placeholder":true,"num":0}]"#;
    let group = Encoded::packet(Text::from(alloc::format!("4{header}")), &[Bytes::from_static(&[1, 2])]);
    let sent = alloc::format!("4{header}");
    websocket().send_group(&group).expect_send(0, &sent).expect_send_binary(0, &[4, 1, 2]);
    websocket_as("EIO=3&transport=websocket&b64=1").send_group(&group).expect_send(0, &sent).expect_send(0, "b4AQI=");
    polling_b64().send_group(&group).get(1).expect_respond(1, 200, &alloc::format!("39:{sent}6:b4AQI="));
}

//= EIO3-HS-07
//= EIO3-WS-02
#[test]
fn a_client_that_takes_text_only_gets_base64() {
    websocket_as("EIO=3&transport=websocket&b64=1").send_binary(&[1, 2, 3, 4]).expect_send(0, "b4AQIDBA==");
}

#[test]
fn an_undecodable_message_ends_the_session() {
    for (text, kind) in [
        ("", PacketErrorKind::Empty),
        ("7", PacketErrorKind::UnknownType),
        ("bAQID", PacketErrorKind::UnknownType),
        ("b4!", PacketErrorKind::Base64),
    ] {
        websocket().frame(0, text).expect_ws_close(0).expect_closed(CloseReason::ParseError(kind));
    }
    for (bytes, kind) in [
        (&[][..], PacketErrorKind::Empty),
        (&[2][..], PacketErrorKind::BinaryType),
        (&[9, 1][..], PacketErrorKind::UnknownType),
    ] {
        websocket().binary(0, bytes).expect_ws_close(0).expect_closed(CloseReason::ParseError(kind));
    }
}

#[test]
fn the_limit_counts_the_type_too() {
    websocket()
        .binary(0, &[4; 1_000])
        .expect_binary(&[4; 999])
        .binary(0, &[4; 1_001])
        .expect_ws_close(0)
        .expect_closed(CloseReason::TransportError(Violation::PayloadTooLarge));
}

//= EIO3-UP-01
#[test]
fn a_probe_and_an_upgrade() {
    polling()
        .upgrade(1)
        .expect_accept(1)
        .get(1)
        .frame(1, "2probe")
        .expect_send(1, "3probe")
        .at(ms(99))
        .expect_nothing()
        .at(ms(100))
        .expect_respond(1, 200, "1:6")
        .send(&["a"])
        .send_binary(&[9])
        .frame(1, "5")
        .expect_event(&Event::Upgraded)
        .expect_send(1, "4a")
        .expect_send_binary(1, &[4, 9])
        .expect_transport(Transport::WebSocket)
        .get(2)
        .expect_refusal(2, 3, "Bad request");
}

//= EIO3-UP-01
#[test]
fn a_get_in_the_way_of_the_upgrade_is_ended() {
    probed().get(1).frame(1, "5").expect_respond(1, 200, "1:6").expect_event(&Event::Upgraded);
    polling_as("EIO=3&transport=polling&j=0")
        .upgrade(1)
        .expect_accept(1)
        .get(1)
        .frame(1, "5")
        .expect_respond(1, 200, r#"___eio[0]("1:6");"#)
        .expect_event(&Event::Upgraded)
        .send_binary(&[1])
        .expect_send_binary(1, &[4, 1]);
}

/// What counts is the request that opens the transport, and until the upgrade that is the handshake.
//= EIO3-HS-07
//= EIO3-WS-02
#[test]
fn each_transport_has_its_own_form_of_binary_messages() {
    polling_b64()
        .upgrade(1)
        .expect_accept(1)
        .frame(1, "2probe")
        .expect_send(1, "3probe")
        .send_binary(&[1, 2, 3])
        .get(1)
        .expect_respond(1, 200, "6:b4AQID")
        .frame(1, "5")
        .expect_event(&Event::Upgraded)
        .send_binary(&[1, 2, 3])
        .expect_send_binary(1, &[4, 1, 2, 3]);
    polling()
        .upgrade_with(1, BinaryForm::Base64)
        .expect_accept(1)
        .send_binary(&[1, 2, 3])
        .get(1)
        .expect_respond_binary(1, b"\x01\x04\xff\x04\x01\x02\x03")
        .frame(1, "5")
        .expect_event(&Event::Upgraded)
        .send_binary(&[1, 2, 3])
        .expect_send(1, "b4AQID");
}

//= EIO3-UP-01
#[test]
fn a_candidate_that_fails_leaves_the_session_on_polling() {
    for text in ["2", "4x", "1", "6", "zz", "bAQID"] {
        let script = polling().upgrade(1).expect_accept(1).frame(1, text).expect_ws_close(1);
        script.get(1).send(&["a"]).expect_respond(1, 200, "2:4a");
    }
    probed().binary(1, &[5]).expect_ws_close(1);
    probed().at(s(10)).expect_ws_close(1).get(1).send(&["a"]).expect_respond(1, 200, "2:4a");
}

//= EIO4-UP-21
#[test]
fn a_candidate_of_another_revision_is_refused() {
    for revision in [None, Some(Revision::V4)] {
        polling()
            .input(Input::Upgrade { ws: WsId(1), revision, binary: BinaryForm::Native })
            .expect_refuse(1, "Bad request");
    }
}

#[test]
fn either_side_closes() {
    upgraded().close().expect_ws_close(1).expect_closed(CloseReason::ForcedClose);
    upgraded().frame(1, "1").expect_ws_close(1).expect_closed(CloseReason::TransportClose);
    websocket().ws_closed(0).expect_closed(CloseReason::TransportClose);
    probed().get(1).close().expect_respond(1, 200, "1:1").expect_ws_close(1).expect_closed(CloseReason::ForcedClose);
}
