//! Clients that want their packets in another form: scripts that poll, and WebSockets without binary frames.

use super::script::{HANDSHAKE, config, open_with, polling_as, websocket_as};
use crate::engineio::server::{Carrier, RequestId};
use crate::engineio::{BinaryForm, Event};

//= EIO4-JSONP-01
//= EIO4-JSONP-02
#[test]
fn scripts_are_answered_with_scripts_and_post_forms() {
    let query = "EIO=4&transport=polling&j=1);alert(2)//";
    let carrier = Carrier::Request(RequestId(HANDSHAKE));
    let mut script = open_with(config(), query, carrier).expect_event(&Event::Opened);
    let (_, response) = script.next_response();
    assert!(response.body.starts_with(br#"___eio[12]("0{\"sid\":"#), "{:?}", response.body);
    script
        .post(1)
        .body(1, "d=4hello")
        .expect_message("hello")
        .expect_respond(1, 200, "ok")
        // A form without a payload says nothing.
        .post(2)
        .body(2, "no=payload")
        .expect_respond(2, 200, "ok")
        .get(3)
        .send(&["a\u{2028}b"])
        .expect_respond(3, 200, r#"___eio[12]("4a\u2028b");"#);
}

//= EIO4-PKT-15
#[test]
fn a_websocket_that_asks_for_base64_gets_text_frames() {
    websocket_as("EIO=4&transport=websocket&b64=1").send_binary(&[1, 2, 3]).expect_send(0, "bAQID");
}

/// What counts is the request that opens the WebSocket, not the handshake.
//= EIO4-PKT-15
#[test]
fn a_candidate_says_for_itself_whether_it_takes_binary() {
    polling_as("EIO=4&transport=polling&b64=1")
        .upgrade(1)
        .expect_accept(1)
        .frame(1, "5")
        .expect_event(&Event::Upgraded)
        .send_binary(&[1, 2, 3])
        .expect_send_binary(1, &[1, 2, 3]);
    polling_as("EIO=4&transport=polling")
        .upgrade_with(1, BinaryForm::Base64)
        .expect_accept(1)
        .frame(1, "5")
        .expect_event(&Event::Upgraded)
        .send_binary(&[1, 2, 3])
        .expect_send(1, "bAQID");
}
