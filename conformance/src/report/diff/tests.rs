//! Comparisons of small runs.

use super::{Diff, Kind, Unlike, markdown, text};
use crate::aliases::Aliases;
use crate::report::results::{Case, End, FORMAT, Finding, Judgement, Results, Run, Target, Totals, Verdict};

pub(in crate::report) fn case(id: &str, verdict: Verdict, fails_run: bool) -> Case {
    let finding = Finding {
        requirement: Some("EIO4-HB-01".to_owned()),
        sentence: None,
        basis: None,
        level: Some("must".to_owned()),
        line: Some(6),
        expected: "text 2".to_owned(),
        observed: "text 4|\u{1b}[2J`".to_owned(),
        impact: None,
    };
    Case {
        id: id.to_owned(),
        title: "A ping comes".to_owned(),
        level: "must".to_owned(),
        requirements: Vec::new(),
        seen: Vec::new(),
        verdict,
        fails_run,
        baseline: None,
        reason: None,
        duration_ms: None,
        finding: (verdict == Verdict::Failed).then_some(finding),
        reproduce: format!("siospec run {id}"),
        rate: None,
        conversation: Vec::new(),
    }
}

pub(in crate::report) fn run(cases: Vec<Case>) -> Results {
    Results {
        run: Run {
            format: FORMAT,
            siospec: "0.1.0".to_owned(),
            traces: None,
            seed: 7,
            started: "2026-01-02T03:04:05Z".to_owned(),
            gate: "must".to_owned(),
            shuffle: None,
            repeat: None,
            target: Target::Server { url: "http://127.0.0.1:3000".to_owned(), survey: None, summary: Vec::new() },
        },
        end: End {
            judgement: Judgement::Passed,
            reason: None,
            duration_ms: 1,
            totals: Totals::of(&cases),
            baseline: None,
        },
        cases,
    }
}

/// The kind of the change of one case.
fn kind(old: (Verdict, bool), new: (Verdict, bool)) -> Option<Kind> {
    super::kind(&case("a", old.0, old.1), &case("a", new.0, new.1), super::Gates::Same)
}

#[test]
fn what_fails_now_and_did_not_is_introduced() {
    let (passed, failed) = ((Verdict::Passed, false), (Verdict::Failed, true));
    let (below, held_up) = ((Verdict::Failed, false), (Verdict::HeldUp, true));
    for (old, new) in [(passed, failed), (below, failed), (passed, held_up), ((Verdict::NotApplicable, false), failed)]
    {
        assert_eq!(kind(old, new), Some(Kind::Introduced), "{old:?} {new:?}");
    }
    for (old, new) in [(failed, passed), (failed, below), (held_up, passed), ((Verdict::Crash, true), passed)] {
        assert_eq!(kind(old, new), Some(Kind::Fixed), "{old:?} {new:?}");
    }
    for (old, new) in [(passed, passed), (failed, failed), (below, below)] {
        assert_eq!(kind(old, new), None, "{old:?} {new:?}");
    }
}

#[test]
fn a_crash_is_introduced_also_where_the_case_failed() {
    let crash = (Verdict::Crash, true);
    for old in [Verdict::Failed, Verdict::HeldUp, Verdict::Flaky, Verdict::Inconclusive, Verdict::NotPlayed] {
        assert_eq!(kind((old, true), crash), Some(Kind::Introduced), "{old:?}");
    }
    assert_eq!(kind(crash, (Verdict::Failed, true)), Some(Kind::Changed));
    assert_eq!(kind(crash, crash), None);
}

#[test]
fn what_is_not_certain_is_no_fault_that_was_introduced() {
    let unknown = [Verdict::Flaky, Verdict::Inconclusive, Verdict::Panicked, Verdict::DriverFault, Verdict::NotPlayed];
    for verdict in unknown {
        assert_eq!(kind((Verdict::Passed, false), (verdict, true)), Some(Kind::Changed), "{verdict:?}");
        assert_eq!(kind((verdict, true), (Verdict::Failed, true)), Some(Kind::Changed), "{verdict:?}");
        assert_eq!(kind((verdict, true), (Verdict::Passed, false)), Some(Kind::Changed), "{verdict:?}");
    }
}

#[test]
fn a_feature_that_is_declared_missing_is_a_change() {
    let (passed, failed, unsupported) =
        ((Verdict::Passed, false), (Verdict::Failed, true), (Verdict::Unsupported, false));
    for old in [passed, failed, (Verdict::NotApplicable, false)] {
        assert_eq!(kind(old, unsupported), Some(Kind::Changed), "{old:?}");
    }
    assert_eq!(kind(unsupported, failed), Some(Kind::Introduced));
    assert_eq!(kind(unsupported, unsupported), None);
    let (old, new) = (run(vec![case("a", passed.0, false)]), run(vec![case("a", unsupported.0, false)]));
    let diff = Diff::of(&old, &new, &Aliases::known()).unwrap();
    assert!(text(&diff).contains("passed, now unsupported"), "{}", text(&diff));
    assert!(!diff.introduces());
}

#[test]
fn another_gate_introduces_nothing() {
    let old = run(vec![case("a", Verdict::Failed, false), case("b", Verdict::Passed, false)]);
    let mut new = run(vec![case("a", Verdict::Failed, true), case("b", Verdict::Failed, false)]);
    new.run.gate = "should".to_owned();
    let diff = Diff::of(&old, &new, &Aliases::known()).unwrap();
    let introduced: Vec<_> = diff.changes(Kind::Introduced).map(|change| change.ids().0.to_owned()).collect();
    assert_eq!((introduced, diff.same()), (vec!["b".to_owned()], 1));
    assert!(text(&diff).contains("note: the gates were different"), "{}", text(&diff));
}

#[test]
fn a_renamed_case_is_the_same_case_in_both_orders() {
    let (old, new) =
        (run(vec![case("a/old", Verdict::Passed, false)]), run(vec![case("a/new", Verdict::Failed, true)]));
    let aliases = Aliases::known().and([("a/old".to_owned(), "a/new".to_owned())]);
    let diff = Diff::of(&old, &new, &aliases).unwrap();
    assert!(text(&diff).contains("introduced:\n  a/new (was a/old): passed, now failed\n"), "{}", text(&diff));
    let back = Diff::of(&new, &old, &aliases).unwrap();
    assert_eq!((back.changes(Kind::Fixed).count(), back.changes(Kind::Vanished).count()), (1, 0));
}

/// A comparison with a change of each kind.
fn each_kind() -> (Results, Results) {
    let old = vec![
        case("a/broken", Verdict::Passed, false),
        case("a/mended", Verdict::Failed, true),
        case("a/same", Verdict::Passed, false),
        case("a/unsteady", Verdict::Passed, false),
        case("b/gone", Verdict::Passed, false),
    ];
    let new = vec![
        case("a/broken", Verdict::Failed, true),
        case("a/mended", Verdict::Passed, false),
        case("a/same", Verdict::Passed, false),
        case("a/unsteady", Verdict::Flaky, true),
        case("c/added", Verdict::Failed, false),
    ];
    (run(old), run(new))
}

#[test]
fn each_kind_of_change_is_told() {
    let (old, new) = each_kind();
    let diff = Diff::of(&old, &new, &Aliases::known()).unwrap();
    let expected = "\
1 introduced, 1 fixed, 1 changed, 1 new, 1 vanished; 1 as before

introduced:
  a/broken: passed, now failed
      must EIO4-HB-01
      expected text 2
      found    text 4|\\u{1b}[2J`
      again    siospec run a/broken

fixed:
  a/mended: failed, now passed

changed:
  a/unsteady: passed, now flaky
      again    siospec run a/unsteady

new:
  c/added: failed below the gate

vanished:
  b/gone: passed
";
    assert_eq!(text(&diff), expected);
}

#[test]
fn a_comment_has_a_table_for_each_kind() {
    let (old, new) = each_kind();
    let page = markdown(&Diff::of(&old, &new, &Aliases::known()).unwrap());
    assert!(page.starts_with("## siospec: faults were introduced\n\n1 introduced, 1 fixed"), "{page}");
    let row = "| `a/broken` | passed, now failed | EIO4-HB-01: expected `text 2`, found `` text 4\\|\\u{1b}[2J` `` |\n";
    assert!(page.contains(row), "{page}");
    assert!(page.contains("<details><summary>1 vanished</summary>\n\n| case |"), "{page}");
    let quiet = markdown(&Diff::of(&old, &old, &Aliases::known()).unwrap());
    assert_eq!(
        quiet,
        "## siospec: no fault was introduced\n\n0 introduced, 0 fixed, 0 changed, 0 new, 0 vanished; 5 as before.\n"
    );
}

#[test]
fn a_long_comment_is_cut() {
    let many = (0..60).map(|number| case(&format!("a/{number:02}"), Verdict::Passed, false)).collect();
    let page = markdown(&Diff::of(&run(many), &run(Vec::new()), &Aliases::known()).unwrap());
    assert!(page.contains("60 vanished") && page.contains("\n10 more are not shown here.\n"), "{page}");
}

#[test]
fn a_run_that_did_not_end_is_told() {
    let (old, mut new) = each_kind();
    new.end.judgement = Judgement::Gone;
    new.end.reason = Some("it went away".to_owned());
    let diff = Diff::of(&old, &new, &Aliases::known()).unwrap();
    assert!(!diff.is_whole());
    let note = "note: the new run did not come to its end: it went away\n";
    assert!(text(&diff).contains(note), "{}", text(&diff));
    // The time of a run can be over before all cases were played.
    let cut = run(vec![case("a", Verdict::NotPlayed, true)]);
    assert!(!Diff::of(&old, &cut, &Aliases::known()).unwrap().is_whole());
}

#[test]
fn another_port_is_no_other_target() {
    let (old, mut new) = each_kind();
    for (url, notes) in [("http://127.0.0.1:41735", 0), ("http://127.0.0.2:3000", 1), ("", 1)] {
        new.run.target = Target::Server { url: url.to_owned(), survey: None, summary: Vec::new() };
        let diff = Diff::of(&old, &new, &Aliases::known()).unwrap();
        assert_eq!(diff.notes().len(), notes, "{url} {:?}", diff.notes());
    }
}

#[test]
fn a_server_is_not_compared_with_a_client() {
    let (old, mut new) = each_kind();
    new.run.target = Target::Client { name: "a".to_owned(), version: "1".to_owned() };
    assert_eq!(Diff::of(&old, &new, &Aliases::known()), Err(Unlike { kinds: ["server", "client"] }));
}
