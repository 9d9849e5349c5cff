//! A conversation that differs from its trace in any one place is not accepted.

use super::answers::Pace;
use super::script::{Act, Assembly, End, Expected, Script, Wish};
use super::{in_memory, reading};
use crate::cases::{self, Origin};
use crate::replay::{Conditions, Verdict};

fn passes(script: &Script) -> bool {
    script.assemblies().iter().all(|assembly| passes_with(script, *assembly))
}

/// Whether a script that should fail passes with one of the machines.
fn slips_through(script: &Script) -> bool {
    script.assemblies().iter().any(|assembly| passes_with(script, *assembly))
}

fn passes_with(script: &Script, assembly: Assembly) -> bool {
    in_memory(script, assembly, Conditions::default()).verdict == Verdict::Passed
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
    let removed = remove_each(|act| matches!(act, Act::Wish(wish) if *wish != Wish::Close));
    assert!(removed > 100, "{removed}");
}

#[test]
fn a_client_that_does_not_close_is_caught() {
    let removed = remove_each(|act| matches!(act, Act::Wish(Wish::Close)));
    assert!(removed > 3, "{removed}");
}

#[test]
fn a_client_that_does_more_than_expected_is_caught() {
    // A GET is always in flight, and a client may send a close packet. A client that connects again after a delay does so
    // when the conversation without that line is already over.
    let removed = remove_each(|act| match act {
        Act::Expect(_, Expected::Post { packets, .. }, _) => *packets != ["1"],
        Act::Expect(_, Expected::Open { .. }, within) => within.is_none(),
        Act::Expect(_, Expected::Text(..) | Expected::Binary(_), _) => true,
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
            End::Unsaid => continue,
        };
        assert!(!slips_through(&script), "{id}");
    }
}
