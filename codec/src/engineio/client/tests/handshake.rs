//! How sessions begin.

use super::script::{OPEN, OPEN_WS, connect, ms, only_polling, only_websocket, polling, s, seconds, websocket};
use crate::engineio::client::{Config, Transports};
use crate::engineio::{CloseReason, Encoded, Event, PacketErrorKind, SendError, Transport, Violation};
use crate::limits::Limits;

//= EIO4-URL-01
//= EIO4-URL-02
//= EIO4-JSONP-03
#[test]
fn every_request_names_revision_transport_and_session() {
    let config = Config::default().with_parameter("token", "a b").with_parameter("x", "1");
    connect(config)
        .expect_request(1, "token=a+b&x=1&EIO=4&transport=polling", None)
        .answer(1, OPEN)
        .expect_event(&Event::Opened)
        .expect_ws_request(2, "token=a+b&x=1&EIO=4&transport=websocket&sid=S")
        .expect_request(3, "token=a+b&x=1&EIO=4&transport=polling&sid=S", None)
        .expect_sid(Some("S"))
        .expect_transport(Some(Transport::Polling));
}

//= EIO4-WS-16
#[test]
fn a_session_opens_on_a_websocket() {
    connect(only_websocket())
        .expect_ws_handshake(1)
        .expect_transport(None)
        .ws_opened(1)
        .expect_nothing()
        .frame(1, OPEN_WS)
        .expect_event(&Event::Opened)
        .expect_sid(Some("S"))
        .expect_transport(Some(Transport::WebSocket));
}

//= EIO4-HS-12
#[test]
fn packets_after_the_open_packet_are_taken_in_order() {
    connect(only_polling())
        .expect_handshake(1)
        .answer(1, &[OPEN, "4a", "2", "4b"].join("\u{1e}"))
        .expect_event(&Event::Opened)
        .expect_message("a")
        .expect_message("b")
        .expect_post(2, "3")
        .expect_get(3);
}

//= EIO4-HS-13
#[test]
fn the_servers_timings_count() {
    let open = r#"0{"sid":"S","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":100}"#;
    connect(only_websocket())
        .expect_ws_handshake(1)
        .later(ms(50))
        .frame(1, open)
        .expect_event(&Event::Opened)
        .expect_deadline(Some(ms(550)))
        .at(ms(549))
        .expect_nothing()
        .at(ms(550))
        .expect_ws_close(1)
        .expect_closed(CloseReason::PingTimeout);
}

//= EIO4-HS-15
#[test]
fn no_upgrade_unless_both_sides_want_it() {
    connect(Config::default()).expect_handshake(1).answer(1, OPEN_WS).expect_event(&Event::Opened).expect_get(2);
    let webtransport = OPEN.replace("websocket", "webtransport");
    connect(Config::default()).expect_handshake(1).answer(1, &webtransport).expect_event(&Event::Opened).expect_get(2);
    polling();
}

//= EIO4-HS-16
#[test]
fn an_unusable_open_packet_is_fatal() {
    for (open, kind) in [
        ("0", PacketErrorKind::Open),
        ("0{bad", PacketErrorKind::Open),
        ("0{}", PacketErrorKind::OpenSid),
        (r#"0{"sid":"","pingInterval":1,"pingTimeout":1}"#, PacketErrorKind::OpenSid),
        (r#"0{"sid":"S"}"#, PacketErrorKind::OpenPingInterval),
        (r#"0{"sid":"S","pingInterval":1,"pingTimeout":"1"}"#, PacketErrorKind::OpenPingTimeout),
        (r#"0{"sid":"S","pingInterval":1,"pingTimeout":1,"maxPayload":-1}"#, PacketErrorKind::OpenMaxPayload),
    ] {
        let reason = CloseReason::ParseError(kind);
        connect(only_polling()).expect_handshake(1).answer(1, open).expect_closed(reason);
        connect(only_websocket()).expect_ws_handshake(1).frame(1, open).expect_ws_close(1).expect_closed(reason);
    }
}

#[test]
fn nothing_comes_before_the_open_packet() {
    let reason = CloseReason::TransportError(Violation::NotOpen);
    for packet in ["4a", "2", "6", "3probe"] {
        connect(only_polling()).expect_handshake(1).answer(1, packet).expect_closed(reason);
        connect(only_websocket()).expect_ws_handshake(1).frame(1, packet).expect_ws_close(1).expect_closed(reason);
    }
    let closed = CloseReason::TransportClose;
    connect(only_polling()).expect_handshake(1).answer(1, "1").expect_closed(closed);
    connect(only_websocket()).expect_ws_handshake(1).frame(1, "1").expect_ws_close(1).expect_closed(closed);
    let empty = CloseReason::ParseError(PacketErrorKind::Empty);
    connect(only_polling()).expect_handshake(1).answer(1, "").expect_closed(empty);
}

//= EIO4-HS-18
#[test]
fn a_silent_server_is_given_up() {
    let config = only_polling().with_connect_timeout(seconds(3));
    connect(config)
        .expect_handshake(1)
        .expect_deadline(Some(s(3)))
        .at(s(3))
        .expect_cancel(1)
        .expect_closed(CloseReason::ConnectTimeout)
        .answer(1, OPEN)
        .expect_nothing();
    connect(only_websocket())
        .expect_ws_handshake(1)
        .ws_opened(1)
        .expect_deadline(Some(s(20)))
        .at(s(20))
        .expect_ws_close(1)
        .expect_closed(CloseReason::ConnectTimeout);
}

//= EIO4-HS-19
#[test]
fn a_second_open_packet_is_ignored() {
    let other = OPEN_WS.replace("\"S\"", "\"T\"");
    websocket().frame(1, &other).expect_nothing().expect_sid(Some("S"));
    polling().answer(2, &other).expect_get(3).expect_sid(Some("S"));
}

//= EIO4-ERR-16
#[test]
fn a_refused_handshake_ends_it() {
    let refusal = r#"{"code":5,"message":"Unsupported protocol version"}"#;
    for status in [400, 403, 500, 204, 301] {
        connect(only_polling())
            .expect_handshake(1)
            .answer_with(1, status, refusal)
            .expect_closed(CloseReason::TransportError(Violation::Status(status)));
    }
    let unreachable = CloseReason::TransportError(Violation::NoAnswer);
    connect(only_polling()).expect_handshake(1).fail(1).expect_closed(unreachable);
    connect(only_websocket()).expect_ws_handshake(1).ws_closed(1).expect_closed(unreachable);
}

#[test]
fn polling_is_tried_when_the_websocket_fails() {
    let config = Config::default().with_transports(Transports::WebSocketThenPolling);
    connect(config.clone())
        .expect_ws_handshake(1)
        .later(s(5))
        .ws_closed(1)
        .expect_handshake(2)
        .expect_deadline(Some(s(25)))
        .answer(2, OPEN)
        .expect_event(&Event::Opened)
        .expect_get(3);
    connect(config.clone()).expect_ws_handshake(1).ws_opened(1).ws_closed(1).expect_handshake(2);
    // One that stays silent is as good as lost.
    connect(config.clone())
        .expect_ws_handshake(1)
        .ws_opened(1)
        .at(s(20))
        .expect_ws_close(1)
        .expect_handshake(2)
        .ws_closed(1)
        .expect_nothing()
        .at(s(40))
        .expect_cancel(2)
        .expect_closed(CloseReason::ConnectTimeout);
    // What a server says is not tried again another way.
    connect(config.clone())
        .expect_ws_handshake(1)
        .frame(1, "0{}")
        .expect_ws_close(1)
        .expect_closed(CloseReason::ParseError(PacketErrorKind::OpenSid));
    connect(config)
        .expect_ws_handshake(1)
        .frame(1, OPEN_WS)
        .expect_event(&Event::Opened)
        .ws_closed(1)
        .expect_closed(CloseReason::TransportClose);
}

#[test]
fn nothing_can_be_sent_before_the_session_is_open() {
    connect(only_polling()).expect_handshake(1).cannot_send(&Encoded::text("a"), SendError::NotOpen);
}

#[test]
fn a_new_session_takes_no_old_name() {
    polling()
        .fail(2)
        .expect_closed(CloseReason::TransportError(Violation::NoAnswer))
        .reconnect(only_polling())
        .expect_handshake(3)
        .answer(2, OPEN)
        .expect_nothing()
        .answer(3, OPEN)
        .expect_event(&Event::Opened)
        .expect_get(4);
}

#[test]
fn a_new_session_does_not_go_back_in_time() {
    polling()
        .later(s(30))
        .fail(2)
        .expect_closed(CloseReason::TransportError(Violation::NoAnswer))
        .later(s(10))
        .reconnect(only_polling())
        .expect_handshake(3)
        .expect_deadline(Some(s(50)));
}

#[test]
fn an_answer_above_the_limit_ends_it() {
    let config = only_polling().with_limits(Limits::default().with_max_payload(OPEN.len()));
    connect(config.clone()).expect_handshake(1).answer(1, OPEN).expect_event(&Event::Opened).expect_get(2);
    connect(config)
        .expect_handshake(1)
        .answer(1, &[OPEN, "6"].join("\u{1e}"))
        .expect_closed(CloseReason::TransportError(Violation::PayloadTooLarge));
}
