//! A conversation that differs from its trace in any one place is not accepted.

use super::reading;
use super::script::{Act, Assembly, Expected, Script, Wish};
use super::world::World;
use crate::cases::{self, Origin};
use crate::replay::Conditions;

fn passes(script: &Script) -> bool {
    script.assemblies().iter().all(|assembly| passes_with(script, *assembly))
}

/// Whether a script that should fail passes with one of the machines.
fn slips_through(script: &Script) -> bool {
    script.assemblies().iter().any(|assembly| passes_with(script, *assembly))
}

fn passes_with(script: &Script, assembly: Assembly) -> bool {
    World::new(script, assembly, Conditions::default()).play(script).is_ok()
}

/// The scripts of all cases that apply, without very long and repetitive ones.
fn scripts() -> Vec<(String, Script)> {
    let written = cases::embedded().unwrap().into_iter().filter(|case| case.origin == Origin::Written);
    let cases = written.filter(|case| !case.id.contains("/limits/"));
    let scripts = cases.filter_map(|case| Some((case.id, reading::read(&case.trace, &Conditions::default()).ok()?)));
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
    // A GET is always in flight, and a client may send a close packet.
    let removed = remove_each(|act| match act {
        Act::Expect(_, Expected::Post { packets, .. }) => *packets != ["1"],
        Act::Expect(_, Expected::Open { .. } | Expected::Text(..) | Expected::Binary(_)) => true,
        _ => false,
    });
    assert!(removed > 200, "{removed}");
}

#[test]
fn an_application_that_is_told_less_or_more_is_caught() {
    let mut altered = 0;
    for (id, mut script) in scripts() {
        for at in 0..script.moves.len() {
            let Act::Say(say) = &mut script.moves[at].act else { continue };
            say.told.push("something else".to_owned());
            assert!(!slips_through(&script), "{id}, move {at}");
            let Act::Say(say) = &mut script.moves[at].act else { continue };
            say.told.pop();
            if let Some(told) = say.told.pop() {
                assert!(!slips_through(&script), "{id}, move {at}");
                let Act::Say(say) = &mut script.moves[at].act else { continue };
                say.told.push(told);
                altered += 1;
            }
        }
    }
    assert!(altered > 200, "{altered}");
}

#[test]
fn a_session_that_ends_or_lives_on_unexpectedly_is_caught() {
    for (id, mut script) in scripts() {
        script.ends = !script.ends;
        assert!(!slips_through(&script), "{id}");
    }
}
