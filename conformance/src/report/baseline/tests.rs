//! Baselines: what they match, how they are read, and how they are updated.

use time::{Date, Month};

use super::{Baseline, Expected, Match};
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
