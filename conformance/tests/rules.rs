//! Checks the rules that the cases test.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

use std::collections::BTreeSet;

use siospec::cases::{self, Case, Origin};
use siospec::requirements::{Requirement, catalogue};
use siospec::trace::{Action, Client, Level, Need, Server, Step};

/// A case must not weigh more than the first rule that it covers, unless a violation can be exploited.
#[test]
fn no_case_weighs_more_than_its_rule() {
    for case in cases::embedded().unwrap() {
        let header = &case.trace.header;
        let first = header.covers.first().unwrap();
        let weight = catalogue()[first.as_str()].weight();
        let is_fair = header.level == Level::Security || header.level.rank() >= weight.rank();
        assert!(is_fair, "{} is a {}, and {first} is a {}", case.id, header.level.as_str(), weight.as_str());
    }
}

#[test]
fn every_rule_that_a_line_names_exists() {
    for case in cases::embedded().unwrap() {
        for rule in case.trace.steps().filter_map(|step| step.notes.rule.as_ref()) {
            assert!(catalogue().contains_key(rule.as_str()), "{} names {rule}", case.id);
        }
    }
}

#[test]
fn every_demand_has_a_case_or_a_reason_why_not() {
    let (covered, of_clients) = (covered(|_| true), covered(|case| case.trace.header.needs.contains(&Need::Client)));
    let open: Vec<_> = catalogue()
        .values()
        .filter(|requirement| is_demand(requirement) && requirement.unobserved.is_none())
        // What binds only clients is shown by cases that test clients.
        .filter(|Requirement { id, binds, .. }| !if binds == "C" { &of_clients } else { &covered }.contains(id))
        .map(|requirement| (requirement.id.as_str(), requirement.text.as_str()))
        .collect();
    assert!(open.is_empty(), "neither covered by a case, nor excused by `unobserved`: {open:#?}");
}

#[test]
fn what_a_case_shows_needs_no_excuse() {
    let covered = covered(|_| true);
    let excused = catalogue().values().filter(|requirement| requirement.unobserved.is_some());
    let wrong: Vec<_> = excused.map(|requirement| &requirement.id).filter(|id| covered.contains(*id)).collect();
    assert!(wrong.is_empty(), "covered by a case, and said to be unobserved: {wrong:?}");
}

fn covered(by: impl Fn(&Case) -> bool) -> BTreeSet<String> {
    let written = cases::embedded().unwrap().into_iter().filter(|case| case.origin == Origin::Written && by(case));
    written.flat_map(|case| case.trace.header.covers).map(|id| id.to_string()).collect()
}

/// A demand or recommendation; what one may do needs no case.
fn is_demand(requirement: &Requirement) -> bool {
    requirement.level != "may"
}

/// A server need not announce a limit. If it does not, cases that depend on the limit do not apply.
#[test]
fn cases_that_use_the_limit_need_it() {
    for case in cases::embedded().unwrap() {
        let needs = &case.trace.header.needs;
        let uses = case.trace.steps().any(|step| sends(step).any(|text| text.contains("$max")));
        assert!(!uses || needs.contains(&Need::MaxPayload), "{} uses $max and does not need maxPayload", case.id);
    }
}

/// The texts that need known values before a line can be played, or its length computed.
fn sends(step: &Step) -> impl Iterator<Item = String> {
    let text = match &step.action {
        Action::Client(
            _,
            Client::Text(_) | Client::Binary(_) | Client::Packet(_) | Client::Body(_) | Client::Bytes(_),
        )
        | Action::Client(_, Client::Request(_))
        | Action::Server(_, Server::Binary(_)) => Some(step.to_string()),
        _ => None,
    };
    text.into_iter()
}
