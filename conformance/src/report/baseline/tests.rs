//! Baselines: what they match, how they are read, and how they are updated.

use time::{Date, Month};

use super::{Baseline, Expected, Judge, Match};
use crate::aliases::Aliases;
use crate::report::diff::tests::{case, run};
use crate::report::results::Verdict;

const TODAY: Date = day(2026, Month::November, 28);

const fn day(year: i32, month: Month, day: u8) -> Date {
    match Date::from_calendar_date(year, month, day) {
        Ok(date) => date,
        Err(_) => panic!("no such day"),
    }
}

/// A judge with these entries.
pub(in crate::report) fn judge(text: &str) -> Judge {
    let baseline = Baseline::parse("b.toml", text).unwrap();
    Judge { file: "b.toml".to_owned(), baseline, aliases: Aliases::known(), today: TODAY }
}

fn baseline(verdict: &str, more: &str) -> Baseline {
    let text = format!("[[expect]]\ncase = \"a\"\nverdict = \"{verdict}\"\nreason = \"known\"\n{more}");
    Baseline::parse("b.toml", &text).unwrap()
}

fn found(baseline: &Baseline, verdict: Verdict) -> (Match, usize) {
    let results = run(vec![case("a", verdict, verdict != Verdict::Passed)]);
    let aliases = Aliases::known();
    let checked = baseline.check(&results, &aliases, TODAY);
    (checked.matches[0].2, checked.unexpected.len())
}

#[test]
fn a_failure_as_expected_does_not_fail_the_run() {
    assert_eq!(found(&baseline("fail", ""), Verdict::Failed), (Match::Known, 0));
    assert_eq!(found(&baseline("fail", ""), Verdict::Flaky), (Match::Known, 0));
    assert_eq!(found(&baseline("flaky", ""), Verdict::Passed), (Match::Known, 0));
    assert_eq!(found(&baseline("crash", ""), Verdict::Crash), (Match::Known, 0));
    assert_eq!(found(&baseline("fail", "until = \"2026-11-28\""), Verdict::Failed), (Match::Known, 0));
}

#[test]
fn what_the_entry_does_not_say_fails_the_run() {
    assert_eq!(found(&baseline("fail", ""), Verdict::Crash), (Match::Differs, 1));
    assert_eq!(found(&baseline("flaky", ""), Verdict::Failed), (Match::Differs, 1));
    assert_eq!(found(&baseline("fail", "until = \"2026-11-27\""), Verdict::Failed), (Match::Expired, 1));
    assert_eq!(found(&baseline("fail", ""), Verdict::NotPlayed), (Match::Unseen, 1));
    assert_eq!(found(&baseline("fail", ""), Verdict::Passed), (Match::UnexpectedPass, 0));
}

#[test]
fn an_update_hides_no_crash_and_keeps_reasons() {
    let old = baseline("fail", "link = \"https://example.org/1\"");
    let crashed = run(vec![case("a", Verdict::Crash, true), case("b", Verdict::Crash, true)]);
    let updated = old.updated(&crashed, &Aliases::known(), TODAY, "new");
    assert_eq!(updated, old);
    let failed = run(vec![case("a", Verdict::HeldUp, true), case("b", Verdict::Failed, true)]);
    let updated = old.updated(&failed, &Aliases::known(), TODAY, "new");
    let entries: Vec<_> =
        updated.entries().iter().map(|entry| (entry.case.as_str(), entry.verdict, entry.reason.as_str())).collect();
    assert_eq!(entries, [("a", Expected::HeldUp, "known"), ("b", Expected::Fail, "new")]);
    let passed = run(vec![case("a", Verdict::Passed, false)]);
    assert!(old.updated(&passed, &Aliases::known(), TODAY, "new").entries().is_empty());
}

#[test]
fn what_is_written_is_read_again() {
    let text = "[[expect]]\ncase = \"a\"\nverdict = \"fail\"\nreason = \"\"\"says \"no\"\n\u{e9}\"\"\"\nuntil = \"2027-03-01\"\n";
    let read = Baseline::parse("b.toml", text).unwrap();
    let again = Baseline::parse("b.toml", &read.to_string()).unwrap();
    assert_eq!(
        (&again.entries()[0].reason, again.entries()[0].until),
        (&read.entries()[0].reason, Some(day(2027, Month::March, 1)))
    );
}

#[test]
fn a_fault_is_told_with_file_line_and_key() {
    let entry = "[[expect]]\ncase = \"a\"\nverdict = \"fail\"\n";
    let faults = [
        (entry.to_owned(), 1, "missing field `reason`"),
        (format!("{entry}reason = \" \"\n"), 4, "reason is empty"),
        (format!("{entry}reason = \"x\"\nuntil = \"soon\"\n"), 5, "until is \"soon\""),
        (format!("{entry}reason = \"x\"\nunitl = \"soon\"\n"), 5, "unknown field `unitl`"),
        (format!("{entry}reason = \"x\"\n\n{entry}reason = \"x\"\n"), 7, "case \"a\" has an entry already, on line 1"),
        (
            entry.replace("\"fail\"", "\"broken\"") + "reason = \"x\"\n",
            3,
            "verdict is \"broken\", and can be one of fail",
        ),
        (format!("{entry}reason = 7\n"), 4, "invalid type"),
    ];
    for (text, line, message) in faults {
        let fault = Baseline::parse("b.toml", &text).unwrap_err();
        assert_eq!(fault.line, line, "{text}{fault}");
        assert!(fault.message.contains(message), "{text}{fault}");
    }
}

#[test]
fn a_pattern_says_how_many_cases_it_covers() {
    let entry = |covers: &str| format!("[[expect]]\ncase = \"a/*\"\n{covers}verdict = \"fail\"\nreason = \"x\"\n");
    let words = Baseline::parse("b.toml", &entry("")).unwrap_err().to_string();
    assert!(words.starts_with("b.toml:2: case \"a/*\" is a pattern; say how many"), "{words}");
    let suite: Vec<_> = crate::cases::embedded().unwrap();
    let upgrades = suite.iter().filter(|case| case.id.starts_with("eio4/upgrade/")).count();
    let of = |covers: usize| {
        let text = entry(&format!("covers = {covers}\n")).replace("a/*", "eio4/upgrade/*");
        Baseline::parse("b.toml", &text).unwrap()
    };
    assert_eq!(of(upgrades).fit("b.toml", &suite, &Aliases::known()), Ok(Vec::new()));
    let words = of(upgrades + 1).fit("b.toml", &suite, &Aliases::known()).unwrap_err().to_string();
    assert!(
        words.contains(&format!("covers {upgrades} cases of this suite, and covers says {}", upgrades + 1)),
        "{words}"
    );
}

#[test]
fn a_case_that_the_suite_does_not_have_is_named_with_the_nearest_ones() {
    let suite = crate::cases::embedded().unwrap();
    let of = |case: &str| {
        Baseline::parse("b.toml", &format!("[[expect]]\ncase = \"{case}\"\nverdict = \"fail\"\nreason = \"x\"\n"))
            .unwrap()
    };
    let words = of("eio4/errors/unknown-transprt").fit("b.toml", &suite, &Aliases::known()).unwrap_err().to_string();
    assert!(words.starts_with("b.toml:1: ") && words.contains("did you mean eio4/errors/unknown-transport"), "{words}");
    let aliases = Aliases::known().and([("a/old".to_owned(), "eio4/errors/unknown-transport".to_owned())]);
    let notes = of("a/old").fit("b.toml", &suite, &aliases).unwrap();
    assert!(notes[0].contains("\"a/old\" is eio4/errors/unknown-transport now"), "{notes:?}");
}

#[test]
fn a_pattern_of_which_a_case_passed_becomes_entries_for_the_others() {
    let text = "[[expect]]\ncase = \"*\"\ncovers = 3\nverdict = \"fail\"\nreason = \"known\"\nlink = \"l\"\n";
    let old = Baseline::parse("b.toml", text).unwrap();
    let cases = |c: Verdict| {
        run(vec![case("a", Verdict::Failed, true), case("b", Verdict::Crash, true), case("c", c, c != Verdict::Passed)])
    };
    let kept = old.updated(&cases(Verdict::Failed), &Aliases::known(), TODAY, "new");
    assert_eq!(kept, old, "a crash is not covered, and not added");
    let split = old.updated(&cases(Verdict::Passed), &Aliases::known(), TODAY, "new");
    let names: Vec<_> =
        split.entries().iter().map(|entry| (entry.case.as_str(), entry.verdict, &*entry.reason)).collect();
    assert_eq!(names, [("a", Expected::Fail, "known"), ("b", Expected::Fail, "known")]);
    let mut some = cases(Verdict::Passed);
    some.cases.remove(0);
    assert_eq!(old.updated(&some, &Aliases::known(), TODAY, "new"), old, "not all of them were seen");
}

#[test]
fn an_update_keeps_comments_and_order() {
    let text = "# ours\n\n# about b\n[[expect]]\nreason = 'it is late' # really\ncase = \"b\"\nverdict = \"fail\" # was\n\
                \n# about a\n[[expect]]\ncase = \"a\"\nverdict = \"fail\"\nreason = \"x\"\n\n# the end\n";
    let old = Baseline::parse("b.toml", text).unwrap();
    let results = run(vec![
        case("a", Verdict::Passed, false),
        case("b", Verdict::HeldUp, true),
        case("c", Verdict::Failed, true),
    ]);
    let new = old.updated(&results, &Aliases::known(), TODAY, "new").written_over(&old, text);
    let expected = "# ours\n\n# about b\n[[expect]]\nreason = 'it is late' # really\ncase = \"b\"\nverdict = \"held-up\" # was\n\
                    \n[[expect]]\ncase = \"c\"\nverdict = \"fail\"\nreason = \"new\"\n\n# the end\n";
    assert_eq!(new, expected);
    let same = run(vec![case("a", Verdict::Failed, true), case("b", Verdict::Failed, true)]);
    assert_eq!(old.updated(&same, &Aliases::known(), TODAY, "new").written_over(&old, text), text);
}

#[test]
fn what_an_entry_covers_is_written() {
    let text = "[[expect]]\ncase = \"a/*\"\ncovers = 3\nverdict = \"fail\"\nreason = \"known\"\n";
    let read = Baseline::parse("b.toml", text).unwrap();
    assert!(read.to_string().ends_with(text), "{read}");
    let again = Baseline::parse("b.toml", &read.to_string()).unwrap();
    assert_eq!(again.entries()[0].pattern, read.entries()[0].pattern);
}

/// Also two entries on one line are told apart.
#[test]
fn an_update_keeps_what_is_in_an_array_of_inline_tables() {
    let text = "# ours\nexpect = [\n    # about a\n    \
                {case = \"a/*\", covers = 2, verdict = \"fail\", reason = 'x'}, # why\n    # about b and c\n    \
                {case = \"b\", verdict = \"fail\", reason = \"y\"}, {case = \"c\", verdict = \"fail\", reason = \"z\"}, # last\n]\n";
    let old = Baseline::parse("b.toml", text).unwrap();
    let results = run(vec![
        case("a/1", Verdict::Failed, true),
        case("a/2", Verdict::Failed, true),
        case("b", Verdict::Passed, false),
        case("c", Verdict::HeldUp, true),
        case("d", Verdict::Failed, true),
    ]);
    let new = old.updated(&results, &Aliases::known(), TODAY, "new").written_over(&old, text);
    let expected = "# ours\nexpect = [\n    # about a\n    \
                    {case = \"a/*\", covers = 2, verdict = \"fail\", reason = 'x'}, \
                    {case = \"c\", verdict = \"held-up\", reason = \"z\"}, # last\n    \
                    { case = \"d\", verdict = \"fail\", reason = \"new\" },\n]\n";
    assert_eq!(new, expected);
    assert!(Baseline::parse("b.toml", &new).is_ok());
    let same = run(vec![case("b", Verdict::Failed, true)]);
    assert_eq!(old.updated(&same, &Aliases::known(), TODAY, "new").written_over(&old, text), text);
}

#[test]
fn entries_that_a_pattern_becomes_have_its_place_and_its_comments() {
    let text = "# about all\n[[expect]]\ncase = \"*\"\ncovers = 3 # all\nverdict = \"fail\"\nreason = \"known\" # really\n\
                \n# about z\n[[expect]]\ncase = \"z\"\nverdict = \"fail\"\nreason = \"x\"\n";
    let old = Baseline::parse("b.toml", text).unwrap();
    let results = run(vec![
        case("a", Verdict::Failed, true),
        case("b", Verdict::Failed, true),
        case("c", Verdict::Passed, false),
        case("z", Verdict::Failed, true),
    ]);
    let new = old.updated(&results, &Aliases::known(), TODAY, "new").written_over(&old, text);
    let expected = "# about all\n[[expect]]\ncase = \"a\"\nverdict = \"fail\"\nreason = \"known\" # really\n\
                    \n# about z\n[[expect]]\ncase = \"z\"\nverdict = \"fail\"\nreason = \"x\"\n\
                    \n[[expect]]\ncase = \"b\"\nverdict = \"fail\"\nreason = \"known\"\n";
    assert_eq!(new, expected);
}
