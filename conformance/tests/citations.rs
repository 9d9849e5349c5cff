//! The requirement ids in the sources: every one exists, every one that is implemented in the codec is tested, and none
//! that binds a server or a client is missing.
//!
//! A line `//= EIO4-HB-04` stands above the branch that implements the requirement, and above the test that proves it.
//! A case of the suite that covers the requirement counts as a test as well, because every case is played against our
//! own machines. `//= ID exception: reason` records a deviation in place.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use siospec::{cases, requirements};

#[derive(Default)]
struct Citations {
    implemented: BTreeMap<String, PathBuf>,
    tested: BTreeSet<String>,
    excepted: BTreeSet<String>,
    unknown: Vec<String>,
}

impl Citations {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut citations = Self::default();
        for folder in ["codec/src", "codec/tests", "conformance/src", "conformance/tests"] {
            read_folder(&root.join(folder), &mut citations);
        }
        for case in cases::embedded().unwrap() {
            citations.tested.extend(case.trace.header.covers.iter().map(ToString::to_string));
        }
        citations
    }

    /// Whether a requirement is met, or not met for a reason that is given in place.
    fn settles(&self, id: &str) -> bool {
        self.excepted.contains(id) || self.implemented.contains_key(id) && self.tested.contains(id)
    }
}

/// What must hold of a server, in every revision of both protocols.
#[test]
fn every_must_of_a_server_is_met() {
    assert_met(&["must"], 'S');
}

/// What must or should hold of a client.
#[test]
fn all_that_binds_a_client_is_met() {
    assert_met(&["must", "should"], 'C');
}

#[track_caller]
fn assert_met(levels: &[&str], role: char) {
    let citations = Citations::read();
    let open: Vec<_> = requirements::catalogue()
        .values()
        .filter(|requirement| levels.contains(&requirement.level.as_str()))
        .filter(|requirement| requirement.binds.contains(role) && !citations.settles(&requirement.id))
        .map(|requirement| format!("{}: {}", requirement.id, requirement.text))
        .collect();
    assert!(open.is_empty(), "neither implemented and tested, nor excepted: {open:#?}");
}

#[test]
fn every_cited_requirement_exists_and_is_tested() {
    let citations = Citations::read();
    assert!(citations.unknown.is_empty(), "unknown ids: {:#?}", citations.unknown);
    assert!(citations.implemented.len() > 100, "the citations are being read");
    let untested: Vec<_> = citations
        .implemented
        .iter()
        .filter(|(id, _)| !citations.tested.contains(*id) && !citations.excepted.contains(*id))
        .collect();
    assert!(untested.is_empty(), "implemented and never tested: {untested:#?}");
}

fn read_folder(folder: &Path, citations: &mut Citations) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            read_folder(&path, citations);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            read_file(&path, citations);
        }
    }
}

fn read_file(path: &Path, citations: &mut Citations) {
    let source = std::fs::read_to_string(path).unwrap();
    let in_tests = path.components().any(|part| part.as_os_str() == "tests")
        || path.file_name().is_some_and(|name| name == "tests.rs");
    let tests_at = source.find("#[cfg(test)]").unwrap_or(source.len());
    let mut offset = 0;
    for line in source.split_inclusive('\n') {
        let is_test = in_tests || offset > tests_at;
        offset += line.len();
        let Some(citation) = line.trim_start().strip_prefix("//= ") else { continue };
        let (id, remark) = citation.trim().split_once(' ').unwrap_or_else(|| (citation.trim(), ""));
        if !requirements::catalogue().contains_key(id) {
            citations.unknown.push(format!("{}: {id}", path.display()));
        } else if remark.starts_with("exception:") {
            citations.excepted.insert(id.to_owned());
        } else if is_test {
            citations.tested.insert(id.to_owned());
        } else {
            citations.implemented.insert(id.to_owned(), path.to_owned());
        }
    }
}
