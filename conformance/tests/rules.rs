//! Checks the rules that the cases test.

use siospec::cases;
use siospec::requirements::catalogue;
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
