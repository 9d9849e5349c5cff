//! A session that the server's own timers end must not count as the result that a trace tests.

use super::*;

#[test]
fn a_websocket_that_the_connect_timeout_closes_was_not_closed_for_what_was_sent() {
    let body = "ws C text  8\nws S closed\n";
    let source = format!(
        "title     A test\ncovers    EIO4-WS-01\nlevel     must\n\nws C open  EIO=4&transport=websocket\nws S text  0$_\n{body}"
    );
    let mut told = Told::of(&source, socket_path());
    told.see(0, Seen::Opened);
    told.text(0, OPEN);
    for _ in 0..3 {
        told.pass(300);
        told.text(0, "2");
    }
    told.pass(110);
    told.see(0, Seen::Closed(None));
    assert_eq!(told.fails(), "it ended after 1010 ms, when the connect timeout ends any session");
}

/// A session that was refused a namespace, and asks for another one after `wait` milliseconds.
fn refused_and_asking_after(wait: u64) -> Told {
    let source = "title     A test\ncovers    SIO5-CON-04\nlevel     must\n\nws C session  websocket\nws C text  40/a,\n\
                  ws S text  44/a,$_\nws C text  40\nws S text  40$_\n";
    let mut told = Told::of(source, socket_path());
    told.see(0, Seen::Opened);
    told.text(0, OPEN);
    for _ in 0..wait / 300 {
        told.pass(300);
        told.text(0, "2");
    }
    told.pass(wait % 300);
    told.text(0, r#"44/a,{"message":"Invalid namespace"}"#);
    told
}

//= SIO5-CON-13: within the connect timeout
#[test]
fn a_session_that_was_refused_a_namespace_may_end_by_the_connect_timeout() {
    let mut told = refused_and_asking_after(950);
    told.pass(45);
    told.see(0, Seen::Closed(None));
    assert!(matches!(told.verdict(), Verdict::HeldUp(_)), "{:?}", told.verdict());
}

#[test]
fn a_session_that_asked_in_time_does_not_end_by_the_connect_timeout() {
    let mut told = refused_and_asking_after(100);
    for _ in 0..3 {
        told.pass(290);
        told.text(0, "2");
    }
    told.pass(30);
    told.see(0, Seen::Closed(None));
    assert_eq!(told.fails(), "closed");
}

#[test]
fn a_trace_about_engineio_joins_a_namespace_where_it_has_to() {
    let mut told = Told::opened("ws C text  8\nws S closed\n", socket_path());
    assert!(told.commands.contains(&Command::Text { id: Id(0), text: "40".to_owned() }));
    told.text(0, r#"40{"sid":"B"}"#);
    // Any application may send any event.
    told.text(0, r#"42["hello"]"#);
    for _ in 0..4 {
        told.pass(300);
        told.text(0, "2");
    }
    told.see(0, Seen::Closed(None));
    told.passes();
}

#[test]
fn a_trace_about_engineio_that_needs_the_application_hears_it() {
    let source = "title     A test\ncovers    EIO4-WS-06\nlevel     should\nneeds     contract\n\nws C session  websocket /\nws S closed\n";
    let mut told = Told::of(source, socket_path());
    told.see(0, Seen::Opened);
    told.text(0, OPEN);
    told.text(0, r#"40{"sid":"B"}"#);
    told.text(0, r#"42["auth",{}]"#);
    told.see(0, Seen::Closed(None));
    told.passes();
}

//= EIO4-HB-04
#[test]
fn a_session_that_the_ping_timeout_ends_was_not_ended_for_what_was_sent() {
    let body = "g C session   polling\np C post      EIO=4&transport=polling&sid=$sid\np C packet    8\np S 200\n   C wait     600ms\n   S gone     $sid\n";
    let mut told = Told::new(body);
    told.answer(0, 200, OPEN);
    told.answer(1, 200, "ok");
    told.pass(600);
    told.answer(2, 400, "");
    assert_eq!(told.fails(), "it was gone 600 ms after the last sign of life, when the ping timeout ends any session");
}

#[test]
fn a_session_that_was_seen_to_end_before_may_be_asked_for_later() {
    let mut told =
        Told::opened("ws C text  8\nws S closed\n   C wait  600ms\n   S gone  $sid\n", Conditions::default());
    told.see(0, Seen::Closed(None));
    told.pass(600);
    told.answer(1, 400, "");
    told.passes();
}

#[test]
fn a_trace_about_the_ping_timeout_may_end_by_it() {
    let body = "ws S text    2  @ ..2*$interval\nws S closed  @ $timeout..2*$timeout + 250ms\n   S gone    $sid\n";
    let mut told = Told::opened(body, Conditions::default());
    told.pass(300);
    told.text(0, "2");
    told.pass(200);
    told.see(0, Seen::Closed(None));
    told.answer(1, 400, "");
    told.passes();
}

#[test]
fn a_trace_about_the_connect_timeout_knows_how_long_it_is() {
    let source = "title     A test\ncovers    SIO5-CON-13\nlevel     must\n\nws C session  websocket\nws S closed   @ $connect - 100ms..$connect + 250ms\n";
    let mut told = Told::of(source, socket_path());
    told.see(0, Seen::Opened);
    told.text(0, OPEN);
    for _ in 0..3 {
        told.pass(300);
        told.text(0, "2");
    }
    told.pass(100);
    told.see(0, Seen::Closed(None));
    told.passes();
}

#[test]
fn a_step_that_is_optional_is_not_waited_for_until_a_timer_runs_out() {
    let mut told =
        Told::opened("ws C text  5\nws S text  6  should\nws C text  4hi\nws S text  4hi\n", Conditions::default());
    told.pass(250);
    assert!(told.commands.contains(&Command::Text { id: Id(0), text: "4hi".to_owned() }));
}

//= EIO4-UP-12
#[test]
fn a_trace_that_covers_the_rule_of_a_timer_is_about_it() {
    let conditions = Conditions { upgrade_timeout: Some(Duration::from_secs(1)), ..Conditions::default() };
    for (covers, passes) in [("EIO4-UP-12", true), ("EIO4-UP-10", false)] {
        let source = format!(
            "title     A test\ncovers    {covers}\nlevel     should\n\nws C open  EIO=4&transport=websocket&sid=A\n\
             ws C text  2probe\nws S closed  @ ..12500ms\n"
        );
        let mut told = Told::of(&source, conditions);
        told.see(0, Seen::Opened);
        told.pass(1000);
        told.see(0, Seen::Closed(None));
        assert_eq!(told.verdict() == &Verdict::Passed, passes, "{:?}", told.verdict());
    }
}

//= EIO4-HB-04
#[test]
fn a_pong_that_came_too_late_says_nothing_about_what_follows() {
    let body = "hs C session  polling\ng C get  EIO=4&transport=polling&sid=$sid\n   C wait  550ms\n\
                p C post  EIO=4&transport=polling&sid=$sid\np C packet  4hi\np S 200\n";
    for (pong, is_held_up) in [(200, false), (400, true)] {
        let mut told = Told::new(body);
        told.answer(0, 200, OPEN);
        told.pass(300);
        told.answer(1, 200, "2");
        told.answer(2, pong, "");
        told.pass(250);
        told.answer(4, 400, "");
        assert_eq!(matches!(told.verdict(), Verdict::HeldUp(_)), is_held_up, "{:?}", told.verdict());
    }
}

#[test]
fn a_websocket_that_stays_silent_until_a_timer_ends_it_is_no_case_of_old_age() {
    let mut told = Told::opened("ws S text  2  setup\nws C text  4hi\nws S text  4hi\n", Conditions::default());
    told.pass(300);
    told.text(0, "2");
    told.pass(200);
    told.see(0, Seen::Closed(None));
    assert_eq!(told.fails(), "closed");
}

/// A ping used up the GET shortly before the reference's next check for GETs to end.
//= EIO4-UP-04
#[test]
fn a_get_that_a_ping_answered_has_a_turn_of_the_server_to_be_ended_in() {
    let source = "title     A test\ncovers    EIO4-UP-04\nlevel     must\n\nhs C session  polling\n\
                  ws C open  EIO=4&transport=websocket&sid=$sid\nws C text  2probe\nws S text  3probe\n\
                  g C get  EIO=4&transport=polling&sid=$sid\ng S 200  @ ..1000ms\ng S packet  6\n";
    let measured = Some(Duration::from_millis(300));
    for (ping, upgrade_timeout, is_held_up) in [(199, measured, true), (20, measured, false), (20, None, true)] {
        let mut told = Told::of(source, Conditions { upgrade_timeout, ..Conditions::default() });
        told.answer(0, 200, OPEN);
        told.see(1, Seen::Opened);
        told.text(1, "3probe");
        told.pass(ping);
        told.answer(2, 200, "2");
        told.pass(300 - ping);
        told.see(1, Seen::Closed(None));
        told.pass(1500);
        assert_eq!(matches!(told.verdict(), Verdict::HeldUp(_)), is_held_up, "{:?}", told.verdict());
    }
}

//= EIO4-CL-01
#[test]
fn a_get_that_a_ping_answered_while_the_client_closed_says_nothing() {
    let body = "hs C session  polling\ng C get  EIO=4&transport=polling&sid=$sid\n   C wait  100ms\n\
                p C post  EIO=4&transport=polling&sid=$sid\np C packet  1\np S 200\ng S 200\n";
    let far = Duration::from_millis(60);
    for (ping, round_trip) in [(Some(101), Duration::ZERO), (Some(101), far), (Some(99), Duration::ZERO), (None, far)] {
        let mut told = Told::with(body, Conditions { round_trip, ..Conditions::default() });
        told.answer(0, 200, OPEN);
        let mut refused = 1;
        if ping == Some(99) {
            told.pass(99);
            told.answer(1, 200, "2");
            // The next GET, and the pong.
            told.answer(2, 200, "ok");
            refused = 3;
        }
        told.pass(200);
        if ping == Some(101) {
            told.answer(1, 200, "2");
            refused = 3;
        }
        told.answer(if ping == Some(99) { 4 } else { 2 }, 200, "ok");
        told.answer(refused, 400, "");
        let verdict = told.verdict();
        match (ping, round_trip == far) {
            (Some(101), true) => assert!(matches!(verdict, Verdict::NotApplicable(_)), "{verdict:?}"),
            (Some(101), false) => assert!(matches!(verdict, Verdict::HeldUp(_)), "{verdict:?}"),
            _ => assert!(matches!(verdict, Verdict::Departed(_)), "{verdict:?}"),
        }
    }
}

//= EIO4-GET-06
#[test]
fn a_get_that_a_ping_answered_changes_places_with_a_second_one() {
    let body = "hs C session  polling\ng C get  EIO=4&transport=polling&sid=$sid\n   C wait  250ms\n\
                h C get  EIO=4&transport=polling&sid=$sid\nh S 400\n";
    for (has_crossed, is_held_up) in [(true, true), (false, false)] {
        let mut told = Told::new(body);
        told.answer(0, 200, OPEN);
        told.pass(250);
        if has_crossed {
            told.answer(1, 200, "2");
        }
        told.answer(2, 200, "1");
        assert_eq!(matches!(told.verdict(), Verdict::HeldUp(_)), is_held_up, "{:?}", told.verdict());
    }
}

//= EIO4-HB-04
#[test]
fn a_server_whose_first_ping_is_early_ends_a_silent_session_early() {
    let body = "hs C session  polling\n   C wait  250ms\ng C get  EIO=4&transport=polling&sid=$sid\ng S 200\n";
    for (first_ping, is_held_up) in [(Some(Duration::ZERO), true), (None, false)] {
        let mut told = Told::with(body, Conditions { first_ping, ..Conditions::default() });
        told.answer(0, 200, OPEN);
        told.pass(250);
        told.answer(1, 400, "");
        assert_eq!(matches!(told.verdict(), Verdict::HeldUp(_)), is_held_up, "{:?}", told.verdict());
    }
}

/// A pong can be sent in the millisecond in which the session was opened.
//= EIO4-HB-04
#[test]
fn a_ping_that_comes_with_the_open_packet_and_is_answered_at_once_was_answered() {
    let body = "hs C session  polling\n   C wait  250ms\n   S gone  $sid\n";
    let mut told = Told::with(body, Conditions { first_ping: Some(Duration::ZERO), ..Conditions::default() });
    told.answer(0, 200, &format!("{OPEN}\u{1e}2"));
    told.answer(1, 200, "ok");
    told.pass(250);
    told.answer(2, 400, r#"{"code":1,"message":"Session ID unknown"}"#);
    told.passes();
}

//= EIO4-UP-12
#[test]
fn an_upgrade_that_was_completed_too_late_for_a_far_server_says_nothing() {
    let body = "hs C session  polling\nws C open  EIO=4&transport=websocket&sid=$sid\nws C text  2probe\n\
                ws S text  3probe\nws C text  5\nws C text  4hi\nws S text  4hi\n";
    let upgrade_timeout = Some(Duration::from_millis(300));
    for (closed_after, does_apply) in [(100, false), (260, true)] {
        let round_trip = Duration::from_millis(200);
        let mut told = Told::with(body, Conditions { upgrade_timeout, round_trip, ..Conditions::default() });
        told.answer(0, 200, &OPEN.replace("300", "1000"));
        told.see(1, Seen::Opened);
        told.pass(200);
        told.text(1, "3probe");
        told.pass(closed_after);
        told.see(1, Seen::Closed(None));
        assert_eq!(matches!(told.verdict(), Verdict::Departed(_)), does_apply, "{:?}", told.verdict());
    }
}

//= EIO4-HB-04
#[test]
fn a_session_that_is_refused_when_its_time_is_over_was_alive_when_it_was_asked_for() {
    let body = "g C session   polling\np C post      EIO=4&transport=polling&sid=$sid\np C packet    8\np S 200\n   C wait     400ms\n   S gone     $sid\n";
    let mut told = Told::new(body);
    told.answer(0, 200, OPEN);
    told.answer(1, 200, "ok");
    told.pass(400);
    // The GET that asks waits, and is refused when the ping timeout ends the session.
    told.pass(110);
    told.answer(2, 400, "");
    assert_eq!(told.fails(), "it was gone 510 ms after the last sign of life, when the ping timeout ends any session");
}

//= EIO4-HB-04
#[test]
fn the_first_ping_shows_the_interval_that_is_announced_as_0() {
    let first_ping = Some(Duration::from_millis(300));
    let mut told = Told::with(
        "ws C session  websocket\nws C text  8\nws S closed\n",
        Conditions { first_ping, ..Conditions::default() },
    );
    told.see(0, Seen::Opened);
    told.text(0, &OPEN.replace("\"pingInterval\":300", "\"pingInterval\":0"));
    told.pass(300);
    told.text(0, "2");
    told.pass(505);
    told.see(0, Seen::Closed(None));
    assert!(told.fails().contains("when the ping timeout ends any session"));
}

//= EIO4-CL-06
#[test]
fn a_get_that_goes_on_for_more_packets_crosses_no_ping() {
    let body = "hs C session  polling\nq C post  EIO=4&transport=polling&sid=$sid\nq C packet  4zz\nq S over\n\
                g C get  EIO=4&transport=polling&sid=$sid  until 2 packets\ng S 200\ng S packet  4a\ng S packet  1\n";
    for (first, is_held_up) in [("6\u{1e}1", false), ("2\u{1e}1", true)] {
        let mut told = Told::new(body);
        told.answer(0, 200, OPEN);
        told.answer(1, 200, "ok");
        told.answer(2, 200, first);
        told.answer(if is_held_up { 4 } else { 3 }, 400, "");
        assert_eq!(matches!(told.verdict(), Verdict::HeldUp(_)), is_held_up, "{:?}", told.verdict());
    }
}

/// Pings may take the answers of its GETs, but the first of those was there long enough.
//= EIO4-UP-04
#[test]
fn a_server_that_ends_no_get_until_the_upgrade_times_out_is_late() {
    let upgrade_timeout = Some(Duration::from_secs(1));
    let source = "title     A test\ncovers    EIO4-UP-04\nlevel     must\n\nhs C session  polling\n\
                  ws C open  EIO=4&transport=websocket&sid=$sid\nws C text  2probe\nws S text  3probe\n\
                  g C get  EIO=4&transport=polling&sid=$sid\ng S 200  @ ..1000ms\ng S packet  6\n";
    let mut told = Told::of(source, Conditions { upgrade_timeout, ..Conditions::default() });
    told.answer(0, 200, OPEN);
    told.see(1, Seen::Opened);
    told.text(1, "3probe");
    let mut get = 2;
    for _ in 0..3 {
        told.pass(300);
        told.answer(get, 200, "2");
        // The pong, and the GET that goes on.
        told.answer(get + 1, 200, "ok");
        get += 2;
    }
    told.pass(100);
    told.see(1, Seen::Closed(None));
    told.pass(1000);
    assert!(matches!(told.verdict(), Verdict::Departed(_)), "{:?}", told.verdict());
}
