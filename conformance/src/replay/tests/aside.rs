//! What a server may send in addition to the lines of a trace.

use super::*;

//= EIO4-CL-08
#[test]
fn a_close_packet_before_a_websocket_closes_is_no_answer() {
    let mut told = Told::opened("ws C text  8\nws S closed\n", Conditions::default());
    told.text(0, "1");
    told.see(0, Seen::Closed(None));
    told.passes();
}

#[test]
fn a_close_packet_alone_closes_nothing() {
    let mut told = Told::opened("ws C text  8\nws S closed\n", Conditions::default());
    told.text(0, "1");
    told.pass(5000);
    assert_eq!(told.fails(), "nothing arrived after 3000 ms");
}

#[test]
fn a_close_packet_that_a_trace_speaks_of_is_part_of_it() {
    let mut told = Told::opened("ws C text  8\nws S text  1\nws S closed\n", Conditions::default());
    told.see(0, Seen::Closed(None));
    assert_eq!(told.fails(), "closed");
}

//= EIO4-WS-18
#[test]
fn a_noop_on_a_websocket_is_passed_over() {
    let mut told = Told::opened("ws C text  4hi\nws S text  4hi\n", Conditions::default());
    told.text(0, "6");
    told.text(0, "4hi");
    told.passes();
}

#[test]
fn a_ping_is_answered_and_passed_over() {
    let mut told = Told::opened("ws C text  4hi\nws S text  4hi\n", Conditions::default());
    told.text(0, "2");
    told.text(0, "4hi");
    told.passes();
    assert!(told.commands.contains(&Command::Text { id: Id(0), text: "3".to_owned() }));
}

//= EIO4-POST-06
#[test]
fn the_body_of_an_accepted_post_may_be_anything() {
    for body in ["ok", "OK", "", "<html>"] {
        let mut told = Told::new("p C post  EIO=4&transport=polling&sid=A\np C packet  3\np S 200\n");
        told.answer(0, 200, body);
        told.passes();
    }
}

//= SIO5-CSR-02
#[test]
fn events_may_have_an_offset_where_recovery_is_offered() {
    let body = "ws C session  websocket /\nws C text  42[\"message\",1]\nws S text  42[\"message-back\",1]  exact\n";
    for (connected, passes) in [(r#"40{"sid":"B","pid":"P"}"#, true), (r#"40{"sid":"B"}"#, false)] {
        let mut told = Told::new(body);
        told.see(0, Seen::Opened);
        told.text(0, OPEN);
        told.text(0, connected);
        told.text(0, r#"42["auth",{},"Q8SVnkg"]"#);
        told.text(0, r#"42["message-back",1,"Q8SVnkh"]"#);
        if passes {
            told.passes();
        } else {
            assert!(told.fails().starts_with("text 42"), "{}", told.fails());
        }
    }
}

//= SIO5-CSR-01
#[test]
fn the_answer_to_a_connect_may_say_more_than_the_id() {
    let body = "ws C text  40/a,\nws S text  40/a,{\"sid\":$id}\n";
    for (connected, passes) in [
        (r#"40/a,{"sid":"B","pid":"P"}"#, true),
        (r#"40/a,{"sid":"B"}"#, true),
        (r#"40/a,{"more":1,"sid":"B"}"#, true),
        (r#"40/a,{"pid":"P"}"#, false),
    ] {
        let mut told = Told::opened(body, Conditions::default());
        told.text(0, connected);
        if passes {
            told.passes();
        } else {
            assert!(told.fails().starts_with("text 40/a,"), "{}", told.fails());
        }
    }
}

//= SIO5-CON-04
#[test]
fn the_refusal_of_a_connect_may_have_data_besides() {
    let body = "ws C text  40/a,\nws S text  44/a,{\"message\":\"No\"}\n";
    for (refused, passes) in [
        (r#"44/a,{"message":"No","data":{"code":7}}"#, true),
        (r#"44/a,{"message":"No","more":1}"#, false),
        (r#"44/a,{"data":{"code":7}}"#, false),
    ] {
        let mut told = Told::opened(body, Conditions::default());
        told.text(0, refused);
        if passes {
            told.passes();
        } else {
            assert!(told.fails().starts_with("text 44/a,"), "{}", told.fails());
        }
    }
}

//= EIO4-HS-12
#[test]
fn a_ping_that_comes_with_the_open_packet_is_answered() {
    let mut told = Told::new("hs C session  polling\n");
    told.answer(0, 200, &format!("{OPEN}\u{1e}2"));
    told.passes();
    assert_eq!(told.queries().last(), Some(&"EIO=4&transport=polling&sid=A"));
}

#[test]
fn an_acknowledgement_has_no_offset() {
    let body = "ws C session  websocket /\nws C text  421[\"message-with-ack\",1]\nws S text  431[1]\n";
    let mut told = Told::new(body);
    told.see(0, Seen::Opened);
    told.text(0, OPEN);
    told.text(0, r#"40{"sid":"B","pid":"P"}"#);
    told.text(0, r#"42["auth",{},"Q8SVnkg"]"#);
    told.text(0, r#"431[1,"Q8SVnkh"]"#);
    told.fails();
}

#[test]
fn a_poll_that_brings_nothing_but_noops_is_repeated_at_a_clients_pace() {
    let mut told = Told::new("g C get  EIO=4&transport=polling&sid=A  until 1000 packets\ng S 200\n");
    told.answer(0, 200, "6");
    for polls in 1..=20 {
        assert_eq!(told.queries().len(), polls);
        told.pass(100);
        told.answer(u32::try_from(polls).unwrap(), 200, "6");
    }
}

//= EIO4-HS-11
#[test]
fn a_ping_that_comes_along_with_the_open_packet_is_answered_and_passed_over() {
    let body = "hs C session  polling\ng C get  EIO=4&transport=polling&sid=$sid\ng S 200\ng S packet  2\n";
    let mut told = Told::new(body);
    told.answer(0, 200, &format!("{OPEN}\u{1e}2"));
    let sid = "EIO=4&transport=polling&sid=A";
    assert_eq!(told.queries(), ["EIO=4&transport=polling", sid, sid]);
    told.answer(2, 200, "2");
    told.passes();
}

//= EIO4-UP-04
#[test]
fn a_noop_is_none_of_the_packets_that_are_polled_for() {
    let body = "g C get     EIO=4&transport=polling&sid=A  until 1 packets\ng S 200\ng S packet  4hi\n";
    let mut told = Told::new(body);
    told.answer(0, 200, "6");
    told.pass(100);
    told.answer(1, 200, "4hi");
    told.passes();
}

//= EIO4-WS-02
#[test]
fn a_ping_amid_a_message_is_answered_behind_it() {
    let body = "ws C frame  01 34\n   C wait   50ms\nws C frame  80 61\nws S text   4a\n";
    let mut told = Told::opened(body, Conditions::default());
    told.text(0, "2");
    let pong = Command::Text { id: Id(0), text: "3".to_owned() };
    assert!(!told.commands.contains(&pong));
    told.pass(50);
    assert_eq!(told.commands.last(), Some(&pong));
    told.text(0, "4a");
    told.passes();
}
