//! The bodies of the fuzz targets of this crate, run over their seeds, over what fuzzing found worth keeping, and over the
//! inputs that broke a law once. And the files of `fuzz/`, for all targets.

#![allow(clippy::panic, reason = "tests say what they expect by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sio_support::fuzz::regressions;
use siospec_support::fuzz::{OWN, all};

#[test]
fn seeds_keep_the_laws() {
    for target in OWN {
        let seeds = target.seeds();
        assert!(seeds.len() > 5, "{}", target.name);
        for seed in seeds {
            // Says which one it was, if the body panics.
            println!("{}: {}", target.name, seed.escape_ascii());
            (target.run)(&seed);
            (target.run)(&seed[..seed.len() / 2]);
        }
    }
}

#[test]
fn what_was_kept_keeps_the_laws() {
    for target in OWN {
        for (name, input) in target.kept() {
            println!("{}/{name}", target.name);
            (target.run)(&input);
        }
    }
}

#[test]
fn every_file_of_the_fuzz_crate_is_about_a_target() {
    let fuzz = regressions::folder().join("..");
    let targets: BTreeSet<String> = all().map(|target| target.name.to_owned()).collect();
    assert_eq!(names(&fuzz.join("fuzz_targets")), targets);
    for folder in ["regressions", "corpora"] {
        let strangers: Vec<_> = names(&fuzz.join(folder)).difference(&targets).cloned().collect();
        assert!(strangers.is_empty(), "{folder}: {strangers:?}");
    }
}

/// The names in a folder, without what stands behind the dot.
fn names(folder: &Path) -> BTreeSet<String> {
    let read = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    read.map(|entry| {
        let name = entry.expect("an entry").file_name();
        Path::new(&name).file_stem().expect("a name").to_string_lossy().into_owned()
    })
    .collect()
}
