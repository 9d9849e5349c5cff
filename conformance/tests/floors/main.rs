//! Checks that modules import only what the diagrams in the documentation allow.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod checker;
mod diagram;
mod source;
mod tree;

use std::path::Path;

use tree::Tree;

fn crate_of_this_test() -> Tree {
    Tree::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"))
}

#[test]
fn modules_import_only_what_the_diagram_allows() {
    let faults = checker::faults(&crate_of_this_test(), "");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn files_of_replay_import_only_what_the_diagram_allows() {
    let faults = checker::faults(&crate_of_this_test(), "replay");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn files_that_import_each_other_share_a_folder() {
    let rings = checker::rings(&crate_of_this_test());
    assert!(rings.is_empty(), "{}", rings.join("\n"));
}

#[test]
fn a_module_with_submodules_is_a_folder() {
    let faults = crate_of_this_test().unconventional();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
