//! Reports for programs that check them against a schema.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;

use super::{Format, known, results, unplayed};
use crate::report::results::{Case, Results};

/// What servers can send: control characters, the end of a CDATA section, characters that XML forbids, half a pair of
/// surrogates as JSON and as bytes that are no UTF-8.
const NASTY: &str = "\u{0}\u{1}\u{8}\u{b}\u{c}\u{1b}[31m\r\n\t]]><![CDATA[&amp;<!--\u{7f}\u{85}\u{2028}\u{fffe}\u{ffff}\u{1fffe} \
                     \\ud800 \u{fffd}\u{202e}\u{e0041}\"'";

/// The same run with nasty text wherever a server's text can stand.
fn nasty(results: Results) -> Results {
    let shown = crate::replay::visible(NASTY);
    let cases = results.cases.into_iter().map(|case| Case {
        title: shown.clone(),
        reason: case.reason.map(|_| shown.clone()),
        finding: case.finding.map(|found| {
            let (expected, observed) = (shown.clone(), shown.clone());
            crate::report::results::Finding { expected, observed, ..found }
        }),
        conversation: case
            .conversation
            .into_iter()
            .map(|line| crate::report::results::Line { text: shown.clone(), ..line })
            .collect(),
        ..case
    });
    Results { cases: cases.collect(), ..results }
}

fn all() -> Vec<Results> {
    let [unreachable, interrupted] = unplayed();
    vec![results(), nasty(results()), known::mixed(), nasty(known::mixed()), unreachable, interrupted]
}

#[test]
fn sarif_is_valid() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/sarif-2.1.0.json");
    // A pattern in it has a bracket that is closed and never opened, which strict readers refuse.
    let text = std::fs::read_to_string(path).unwrap().replace("{2}]?$", "{2}\\\\]?$");
    let schema: Value = serde_json::from_str(&text).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for results in all() {
        let log: Value = serde_json::from_str(&Format::Sarif.text(&results)).unwrap();
        let faults: Vec<String> =
            schema.iter_errors(&log).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{faults:#?}");
    }
    assert!(!schema.is_valid(&serde_json::json!({"version": "2.1.0", "runs": [{}]})));
}

#[test]
fn junit_is_valid() {
    for results in all() {
        let text = Format::Junit.text(&results);
        let faults = faults(&text);
        assert!(faults.is_empty(), "{faults:#?}\n{text}");
    }
}

#[test]
fn junit_that_is_not_valid_is_noticed() {
    let suite = |inner: &str| {
        format!("<testsuites><testsuite name='a' tests='1' failures='0' errors='0'>{inner}</testsuite></testsuites>")
    };
    assert_eq!(faults(&suite("<testcase name='b'/>")), Vec::<String>::new());
    for inner in [
        "<testcase/>",
        "<testcase name='b'><properties/></testcase>",
        "<testcase name='b' skipped='1'/>",
        "<testcase name='b' time='1s'/>",
        "<testcase name='b'>text</testcase>",
        "<testcase name='b'><failure/><skipped/></testcase>",
        "<case/>",
    ] {
        assert_eq!(faults(&suite(inner)).len(), 1, "{inner}");
    }
}

/// What an element may hold, by the schemas of the Jenkins plugins junit and xunit (`junit-10.xsd`, which is also that of
/// Maven Surefire for a file of several suites): elements, required and optional attributes, and whether it may hold text.
type Rule = (&'static [&'static str], &'static [&'static str], &'static [&'static str], bool);

fn rule(element: &str) -> Option<Rule> {
    Some(match element {
        "" => (&["testsuites"], &[], &[], false),
        "testsuites" => (&["testsuite"], &[], &["name", "time", "tests", "failures", "errors"], false),
        "testsuite" => (
            &["testsuite", "properties", "testcase", "system-out", "system-err"],
            &["name", "tests", "failures", "errors"],
            &["time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url", "group"],
            false,
        ),
        "properties" => (&["property"], &[], &[], false),
        "property" => (&[], &["name", "value"], &[], false),
        "testcase" => (
            &["skipped", "error", "failure", "system-out", "system-err"],
            &["name"],
            &["time", "classname", "group"],
            false,
        ),
        "skipped" | "error" | "failure" => (&[], &[], &["type", "message"], true),
        "system-out" | "system-err" => (&[], &[], &[], true),
        _ => return None,
    })
}

/// Where a text is not JUnit XML.
fn faults(text: &str) -> Vec<String> {
    let mut faults: Vec<String> = text.chars().filter(|c| !is_xml(*c)).map(|c| format!("{c:?}")).collect();
    let mut reader = Reader::from_str(text);
    let mut open: Vec<(String, Vec<String>)> = vec![(String::new(), Vec::new())];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                faults.extend(enter(&start, &mut open));
                open.push((name(&start), Vec::new()));
            }
            Event::Empty(start) => faults.extend(enter(&start, &mut open)),
            Event::End(_) => faults.extend(open.pop().and_then(|(name, children)| leave(&name, &children))),
            Event::Text(words) => {
                let is_blank = words.iter().all(u8::is_ascii_whitespace);
                let (name, _) = open.last().unwrap();
                if !is_blank && !rule(name).is_some_and(|(.., may_hold_text)| may_hold_text) {
                    faults.push(format!("text in {name}"));
                }
            }
            Event::Eof => return faults,
            Event::CData(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => {
                faults.push("not written".to_owned())
            }
            Event::Decl(_) | Event::GeneralRef(_) => {}
        }
    }
}

/// The faults of an element's name, place and attributes.
fn enter(start: &BytesStart<'_>, open: &mut [(String, Vec<String>)]) -> Vec<String> {
    let name = name(start);
    let (parent, siblings) = open.last_mut().unwrap();
    siblings.push(name.clone());
    let Some((_, required, optional, _)) = rule(&name) else { return vec![format!("{name} is no element")] };
    let mut faults = Vec::new();
    if !rule(parent).is_some_and(|(children, ..)| children.contains(&name.as_str())) {
        faults.push(format!("{name} in {parent}"));
    }
    let attributes: BTreeMap<String, String> = start
        .attributes()
        .map(|attribute| attribute.unwrap())
        .map(|attribute| {
            let name = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
            (name, String::from_utf8(attribute.value.to_vec()).unwrap())
        })
        .collect();
    let is_known = |key: &String| required.contains(&key.as_str()) || optional.contains(&key.as_str());
    faults.extend(attributes.keys().filter(|key| !is_known(key)).map(|key| format!("{key} of {name}")));
    faults
        .extend(required.iter().filter(|key| !attributes.contains_key(**key)).map(|key| format!("no {key} of {name}")));
    let is_number = |text: &String| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let numbers = ["time", "tests", "failures", "errors", "skipped"];
    let wrong = attributes.iter().filter(|(key, value)| numbers.contains(&key.as_str()) && !is_number(value));
    faults.extend(wrong.filter(|(key, _)| is_known(key)).map(|(key, value)| format!("{key}={value} of {name}")));
    faults
}

/// A case has one result at most.
fn leave(name: &str, children: &[String]) -> Option<String> {
    let results = children.iter().filter(|child| ["skipped", "error", "failure"].contains(&child.as_str())).count();
    (name == "testcase" && results > 1).then(|| "a case with several results".to_owned())
}

fn name(start: &BytesStart<'_>) -> String {
    String::from_utf8(start.name().as_ref().to_vec()).unwrap()
}

/// The characters of XML 1.0.
const fn is_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
