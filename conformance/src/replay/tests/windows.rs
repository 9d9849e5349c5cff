//! Windows are extended by the delays of the network and of this machine.

use super::*;

fn far_away(millis: u64) -> Conditions {
    Conditions { round_trip: Duration::from_millis(millis), ..Conditions::default() }
}

#[test]
fn the_end_of_a_window_moves_with_the_round_trip() {
    for (round_trip, after, passes) in [(0, 140, true), (0, 160, false), (400, 940, true), (400, 960, false)] {
        let mut told = Told::opened("ws C text  4hi\nws S text  4hi  @ ..100ms\n", far_away(round_trip));
        told.pass(after);
        told.text(0, "4hi");
        assert_eq!(told.verdict() == &Verdict::Passed, passes, "{round_trip} ms away, after {after} ms");
    }
}

#[test]
fn its_beginning_does_not() {
    let mut told = Told::opened("ws S text  4hi  @ 300ms..\n", far_away(400));
    told.pass(200);
    told.text(0, "4hi");
    assert_eq!(told.fails(), "it came after 200 ms");
}

#[test]
fn a_client_that_waits_gives_what_it_sent_the_time_to_arrive() {
    let mut told = Told::opened("ws C text  4a\n   C wait  100ms\nws C text  4b\nws S quiet  1ms\n", far_away(400));
    told.pass(490);
    assert!(!told.commands.contains(&Command::Text { id: Id(0), text: "4b".to_owned() }));
    told.pass(20);
    assert!(told.commands.contains(&Command::Text { id: Id(0), text: "4b".to_owned() }));
}

#[test]
fn times_that_are_no_integers_are_rounded() {
    let mut told = Told::new("ws C session  websocket\nws S text  4hi  @ $interval..$interval + 50ms\n");
    told.see(0, Seen::Opened);
    told.text(0, r#"0{"sid":"A","upgrades":[],"pingInterval":300.4,"pingTimeout":2e2}"#);
    told.pass(300);
    told.text(0, "4hi");
    told.passes();
}

#[test]
fn a_setup_that_comes_too_early_says_nothing_about_the_server() {
    let mut told = Told::opened("ws S text  2  setup  @ 200ms..400ms\n", Conditions::default());
    told.pass(10);
    told.text(0, "2");
    assert!(matches!(told.verdict(), Verdict::HeldUp(_)), "{:?}", told.verdict());
}

//= EIO4-HB-04
#[test]
fn a_client_that_waits_for_a_timer_of_the_server_answers_in_time() {
    let body = "ws S text  2  @ ..2*$interval\n   C wait  $timeout - 20ms\nws C text  3\nws S quiet  1ms\n";
    let mut told = Told::opened(body, far_away(100));
    told.pass(300);
    told.text(0, "2");
    told.pass(79);
    assert!(!told.commands.contains(&Command::Text { id: Id(0), text: "3".to_owned() }));
    told.pass(2);
    assert!(told.commands.contains(&Command::Text { id: Id(0), text: "3".to_owned() }));
}

#[test]
fn a_conversation_that_takes_longer_than_a_timer_of_the_server_says_nothing() {
    let body = "hs C session  polling\nws C open     EIO=4&transport=websocket&sid=$sid\nws C text     2probe\nws S text     3probe\ng  C get      EIO=4&transport=polling&sid=$sid\ng  S 200      @ ..1s\n";
    for (round_trip, applies) in [(0, true), (400, false)] {
        let conditions = Conditions { upgrade_timeout: Some(Duration::from_secs(1)), ..far_away(round_trip) };
        let mut told = Told::with(body, conditions);
        told.answer(0, 200, r#"0{"sid":"A","upgrades":["websocket"],"pingInterval":5000,"pingTimeout":5000}"#);
        told.pass(round_trip);
        told.see(1, Seen::Opened);
        told.pass(round_trip);
        told.text(1, "3probe");
        told.pass(5000);
        assert_eq!(!matches!(told.verdict(), Verdict::NotApplicable(_)), applies, "{:?}", told.verdict());
    }
}
