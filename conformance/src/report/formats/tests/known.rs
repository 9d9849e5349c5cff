//! Every report of one fixed run with a baseline.

use time::{Date, Month};

use super::{Format, github, results};
use crate::aliases::Aliases;
use crate::report::baseline::{Baseline, Judge};
use crate::report::results::{Judgement, Results, Verdict};

/// The run of the other tests, judged by entries of a case, a verdict and further lines.
fn judged(results: Results, entries: &[(&str, &str, &str)]) -> Results {
    let tables = entries.iter().map(|(case, verdict, more)| {
        format!("[[expect]]\ncase = \"{case}\"\nverdict = \"{verdict}\"\nreason = \"because of #7\"\n{more}\n\n")
    });
    let baseline = Baseline::parse("b.toml", &tables.collect::<String>()).unwrap();
    let today = Date::from_calendar_date(2026, Month::November, 28).unwrap();
    Judge { file: "ci/b 1.toml".to_owned(), baseline, aliases: Aliases::known(), today }.results(results)
}

const LINK: &str = "link = \"https://example.org/7\"";

pub(super) fn mixed() -> Results {
    let entries = [
        ("eio4/a/below", "fail", ""),
        ("eio4/a/failed", "fail", LINK),
        ("eio4/a/passed", "fail", ""),
        ("eio4/b/flaky", "flaky", "until = \"2026-11-27\""),
        ("sio5/c/gone", "fail", ""),
    ];
    judged(results(), &entries)
}

#[test]
fn each_report_knows_what_is_known() {
    let results = mixed();
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Html) {
        insta::assert_snapshot!(format!("known-{}", format.as_str()), format.text(&results));
    }
    insta::assert_snapshot!("known-github", github::text(&results));
}

#[test]
fn a_run_whose_failures_are_all_known_is_no_failure_in_any_report() {
    let entries = [("eio4/a/failed", "fail", ""), ("eio4/b/flaky", "flaky", "")];
    let mut results = results();
    assert_eq!(judged(results.clone(), &entries).end.judgement, Judgement::Failed, "one is inconclusive");
    results.cases.retain(|case| case.verdict != Verdict::Inconclusive);
    let results = judged(results, &entries);
    assert_eq!((results.end.judgement, results.end.totals.failing), (Judgement::Passed, 0));
    assert_eq!(github::text(&results), "");
    assert!(Format::Junit.text(&results).contains("failures=\"0\" errors=\"0\""), "{}", Format::Junit.text(&results));
    assert!(Format::Badge.text(&results).contains("(2 known)"), "{}", Format::Badge.text(&results));
    assert!(Format::Sarif.text(&results).contains("\"justification\": \"because of #7\""));
}

#[test]
fn a_pass_that_is_not_expected_is_red_where_the_exit_code_is() {
    let results = mixed();
    assert!(Format::Junit.text(&results).contains("type=\"unexpected pass\""));
    assert!(Format::Tap.text(&results).contains("\nok 3 - eio4/a/passed # TODO the baseline expects fail"));
    assert!(github::text(&results).contains("::error title=eio4/a/passed::"));
}

#[test]
fn a_baseline_can_be_taken_away_again() {
    assert_eq!(mixed().without_baseline(), results());
    assert_eq!(results().without_baseline(), results());
}
