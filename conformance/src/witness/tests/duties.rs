//! What a server has to refuse, and how addresses, bodies and packets look.

use super::*;

//= EIO4-GET-06
//= EIO4-POST-04
#[test]
fn a_second_request_is_refused() {
    let open = || Tape::new(4).poll(0, 1, OPEN);
    let gets = open().poll(5, 2100, "6").poll(50, 2101, "6");
    assert_eq!(gets.violations(), [("EIO4-GET-05", Client), ("EIO4-GET-06", Server)]);
    let posts = open().request("POST", (5, 2100), ("40", "ok")).request("POST", (50, 2101), ("40/a,", "ok"));
    assert_eq!(posts.violations(), [("EIO4-POST-03", Client), ("EIO4-POST-04", Server)]);
}

//= EIO4-UP-16
#[test]
fn polling_is_refused_after_the_session_has_moved() {
    let moved = || Tape::probed().poll(5, 25, "6").text(30, Client, "5");
    let both = [("EIO4-UP-05", Client), ("EIO4-UP-16", Server)];
    assert_eq!(moved().poll(1500, 1501, "6").violations(), both);
    assert_eq!(moved().post(1500, "40").violations(), both);
    assert_eq!(moved().post(500, "40").violations(), [both[0]], "the WebSocket may be slow");
}

//= EIO4-POST-10
#[test]
fn a_body_that_is_too_long_is_refused() {
    let post = |length: usize| format!("42[\"{}\"]", "x".repeat(length - 6));
    let open = || Tape::new(4).poll(0, 1, OPEN).post(2, "40").poll(3, 4, r#"40{"sid":"S"}"#);
    assert_eq!(open().post(5, &post(100)).violations(), []);
    assert_eq!(open().post(5, &post(101)).violations(), [("EIO4-POST-10", Server)]);
}

//= EIO4-HB-04
#[test]
fn a_session_without_pongs_ends() {
    let silent = Tape::joined().text(1001, Server, "2").text(2002, Server, "2");
    assert_eq!(silent.violations(), [("EIO4-HB-04", Server)]);
    let soon = Tape::joined().text(1001, Server, "2").text(1900, Server, "2");
    assert_eq!(soon.violations(), []);
}

//= EIO4-URL-01
#[test]
fn each_request_names_the_protocol_and_the_transport() {
    for (target, is_right) in [
        ("/socket.io/?EIO=4&transport=polling&sid=E", true),
        ("/socket.io/?transport=polling&sid=E", false),
        ("/socket.io/?EIO=4&sid=E", false),
    ] {
        let target = target.to_owned();
        let request =
            What::Request { method: "GET".to_owned(), target, agent: None, content_type: None, body: Body::empty() };
        let violations = Tape::new(4).poll(0, 1, OPEN).push(5, 9, request).violations();
        assert_eq!(violations.is_empty(), is_right, "{violations:?}");
        assert!(is_right || violations == [("EIO4-URL-01", Client)], "{violations:?}");
    }
}

//= EIO4-GET-03
#[test]
fn a_payload_is_plain_text() {
    for (kind, is_right) in [
        (Some("text/plain; charset=UTF-8"), true),
        (Some("Text/Plain"), true),
        (None, true),
        (Some("x-unknown"), true),
        (Some("application/octet-stream"), false),
        (Some("application/json"), false),
        (Some("text/html; charset=UTF-8"), false),
    ] {
        let request = What::Request {
            method: "GET".to_owned(),
            target: "/socket.io/?EIO=4&transport=polling&sid=E".to_owned(),
            agent: None,
            content_type: None,
            body: Body::empty(),
        };
        let content_type = kind.map(str::to_owned);
        let answer = What::Answer { status: 200, content_type, body: Body::Whole(b"6".to_vec()) };
        let violations = Tape::new(4).poll(0, 1, OPEN).push(5, 9, request).push(6, 9, answer).violations();
        assert_eq!(violations, if is_right { vec![] } else { vec![("EIO4-GET-03", Server)] }, "{kind:?}");
    }
}

//= EIO4-WS-01
//= SIO5-PKT-01
#[test]
fn packets_have_the_one_form_of_an_encoder() {
    for side in [Client, Server] {
        for (text, requirement) in [(r#"42/,["x"]"#, "SIO5-PKT-01"), ("41/a", "SIO5-PKT-01")] {
            let joined = Tape::joined().text(5, Client, "40/a,").text(6, Server, r#"40/a,{"sid":"T"}"#);
            assert_eq!(joined.text(10, side, text).violations(), [(requirement, side)], "{text}");
        }
        let header = r#"451-["f",{"_placeholder":true,"num":0}]"#;
        let begun = || Tape::joined().text(10, side, header);
        assert_eq!(begun().text(11, side, "bAQI=").violations(), [("EIO4-WS-01", side)]);
        assert_eq!(begun().binary(11, side).violations(), []);
    }
    let asked = Tape::new(4).socket(0, "&b64=1").text(1, Server, DIRECT).text(2, Server, "bAQI=");
    assert_eq!(asked.violations(), [], "the client asks for base64");
}
