//! A conversation that differs from its trace in any one place is not accepted.

use super::answers::Pace;
use super::script::{Act, Assembly, End, Expected, Script, Wish};
use super::{in_memory, play, reading};
use crate::cases::{self, Origin};
use crate::replay::{Conditions, Verdict};
use crate::trace::Trace;

fn passes(script: &Script) -> bool {
    script.assemblies().iter().all(|assembly| passes_with(script, *assembly))
}

/// Whether a script that should fail passes with one of the machines.
fn slips_through(script: &Script) -> bool {
    script.assemblies().iter().any(|assembly| passes_with(script, *assembly))
}

fn passes_with(script: &Script, assembly: Assembly) -> bool {
    in_memory(script, assembly, Conditions::default(), None).verdict == Verdict::Passed
}

/// The scripts of all cases that apply, without very long and repetitive ones.
fn scripts() -> Vec<(String, Script)> {
    let written = cases::embedded().unwrap().into_iter().filter(|case| case.origin == Origin::Written);
    let cases = written.filter(|case| !case.id.contains("/limits/"));
    let scripts = cases
        .filter_map(|case| Some((case.id, reading::read(&case.trace, &Conditions::default(), Pace::Default).ok()?)));
    scripts.filter(|(_, script)| script.moves.len() < 30).collect()
}

/// Removes each move for which `is_it` holds, one at a time, and returns their number. Each play must fail.
fn remove_each(is_it: impl Fn(&Act) -> bool) -> usize {
    let mut removed = 0;
    for (id, mut script) in scripts() {
        for at in 0..script.moves.len() {
            if is_it(&script.moves[at].act) {
                let missing = script.moves.remove(at);
                assert!(!slips_through(&script), "{id} passes without {missing:?}");
                script.moves.insert(at, missing);
                removed += 1;
            }
        }
        assert!(passes(&script), "{id}");
    }
    removed
}

#[test]
fn a_client_that_keeps_a_message_back_is_caught() {
    // A volatile event may be dropped.
    let is_kept = |wish: &Wish| !matches!(wish, Wish::Close | Wish::EmitVolatile { .. });
    let removed = remove_each(|act| matches!(act, Act::Wish(wish) if is_kept(wish)));
    assert!(removed > 100, "{removed}");
}

#[test]
fn a_client_that_does_not_close_is_caught() {
    let removed = remove_each(|act| matches!(act, Act::Wish(Wish::Close)));
    assert!(removed > 3, "{removed}");
}

#[test]
fn a_client_that_does_more_than_expected_is_caught() {
    // A GET is always in flight, and a client may send a close packet. What a client does after a delay, such as a ping or
    // another session, comes when the conversation without that line is already over.
    let removed = remove_each(|act| match act {
        Act::Expect(_, Expected::Post { packets, .. }, None) => *packets != ["1"],
        Act::Expect(_, Expected::Open { .. } | Expected::Text(..) | Expected::Binary(_), None) => true,
        _ => false,
    });
    assert!(removed > 200, "{removed}");
}

/// What the application receives in a move of the server.
fn told(script: &mut Script, at: usize) -> Option<&mut Vec<String>> {
    match &mut script.moves[at].act {
        Act::Say(say) => say.told.as_mut(),
        _ => None,
    }
}

#[test]
fn an_application_that_is_told_less_or_more_is_caught() {
    let mut altered = 0;
    for (id, mut script) in scripts() {
        for at in 0..script.moves.len() {
            let Some(events) = told(&mut script, at) else { continue };
            events.push("something else".to_owned());
            assert!(!slips_through(&script), "{id}, move {at}");
            let Some(events) = told(&mut script, at) else { continue };
            events.pop();
            if let Some(event) = events.pop() {
                assert!(!slips_through(&script), "{id}, move {at}");
                told(&mut script, at).into_iter().for_each(|events| events.push(event.clone()));
                altered += 1;
            }
        }
    }
    assert!(altered > 200, "{altered}");
}

#[test]
fn a_session_that_ends_or_lives_on_unexpectedly_is_caught() {
    for (id, mut script) in scripts() {
        script.end = match script.end {
            End::Over => End::Lives,
            End::Lives => End::Over,
            End::Left | End::Unsaid => continue,
        };
        assert!(!slips_through(&script), "{id}");
    }
}

/// Clients tell in different orders that they are connected and what came before; messages have one order.
#[test]
fn neighbouring_events_of_different_kinds_come_in_any_order() {
    let connect = r#"{"event":"connect","namespace":"/","sid":"x"}"#;
    let early = |number| format!(r#"{{"event":"message","namespace":"/","name":"early","args":[{number}]}}"#);
    let open = r#"0{"sid":"one","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
    let plays = |events: [&str; 3]| {
        let events: String = events.iter().map(|event| format!("  C event {event}\n")).collect();
        let source = format!(
            "title     Early events\ncovers    SIO5-CON-21\nlevel     should\nneeds     client\n\n  \
             C call {{\"call\":\"open\",\"transports\":[\"websocket\"]}}\n  C call {{\"call\":\"connect\",\"namespace\":\"/\"}}\n\
             w C open EIO=4&transport=websocket\nw S text {open}\nw C text 40\nw S text 42[\"early\",1]\nw S text 42[\"early\",2]\n\
             w S text 40{{\"sid\":\"x\"}}\n{events}"
        );
        play(&Trace::parse("early.trace", &source).unwrap(), Conditions::default()).verdict == Verdict::Passed
    };
    let (first, second) = (early(1), early(2));
    assert!(
        plays([connect, &first, &second]) && plays([&first, connect, &second]) && plays([&first, &second, connect])
    );
    assert!(
        !plays([connect, &second, &first]) && !plays([&second, connect, &first]) && !plays([&first, &first, connect])
    );
}

/// Cases for Engine.IO 3, what is replaced in them, and by what: then our client should no longer pass.
const ALTERED: [(&str, &str, &str); 8] = [
    ("eio3/handshake/base64", r#""base64":true,"#, ""),
    ("eio3/heartbeat/pings", "text    2", "text    3"),
    ("eio3/polling/post-of-text", "text/plain;charset=UTF-8", "application/octet-stream"),
    ("eio3/polling/post-of-bytes", "binary  04010203", "packet  b4AQID"),
    ("eio3/polling/answers-of-both-forms", r#""data":{"\$b64":"AP8="}"#, r#""data":"b4AP8=""#),
    ("eio3/websocket/bytes", "C binary  0400ff", "C binary  00ff"),
    ("sio4/connect/does-not-ask", "w S text    40\n", "w C text    40\nw S text    40\n"),
    ("sio4/connect/with-query", "40/custom?token=1234&uid=abcd,", "40/custom,"),
];

//= shown by rows of a table:
//= EIO3-CLI-01
//= EIO3-CLI-02
//= EIO3-HB-01
//= SIO4-CON-03
//= SIO4-CON-05
#[test]
fn a_client_of_engine_io_3_that_differs_is_caught() {
    let cases = cases::embedded().unwrap();
    for (id, from, to) in ALTERED {
        let case = cases.iter().find(|case| case.id == format!("client/{id}")).unwrap();
        let source = case.trace.to_string();
        let (case, altered) = (case.trace.clone(), source.replace(from, to));
        assert_ne!(altered, source, "{id}");
        let altered = Trace::parse(id, &altered).unwrap();
        let verdict = |trace: &Trace| play(trace, Conditions::default()).verdict;
        assert_eq!(verdict(&case), Verdict::Passed, "{id}");
        assert!(matches!(verdict(&altered), Verdict::Departed(_)), "{id}: {:?}", verdict(&altered));
    }
}
