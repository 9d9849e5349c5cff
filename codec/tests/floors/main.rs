//! The floors of the crate: which folder may import from which.
//!
//! The pages of `socketio`, `engineio` and `cluster` have a list under the heading "Floors", which is a diagram and a rule at
//! once: each line names a folder, or a file that stands alone, and behind the arrow what it may import from; behind three
//! spaces may stand what it is. The lists are complete, and every arrow points down.

#![allow(clippy::panic, clippy::unwrap_used, reason = "tests say what they expect by panicking")]

mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use self::source::{Module, Tree};

#[test]
fn socketio_imports_only_from_the_floors_below() {
    assert_eq!(faults_of_page(&CODEC, "socketio"), [""; 0]);
}

#[test]
fn engineio_imports_only_from_the_floors_below() {
    assert_eq!(faults_of_page(&CODEC, "engineio"), [""; 0]);
}

#[test]
fn cluster_imports_only_from_the_floors_below() {
    assert_eq!(faults_of_page(&CODEC, "cluster"), [""; 0]);
}

#[test]
fn files_import_each_other_in_a_ring_only_inside_one_folder() {
    assert_eq!(rings(&CODEC), [""; 0]);
}

#[test]
fn an_arrow_that_is_not_in_the_list_names_both_files() {
    let page = "//! # Floors\n//!\n//! ```text\n//! top    → middle\n//! middle → ground\n//! ground →\n//! ```\nmod top; mod middle; mod ground;";
    let top = "use super::middle::Middle;\n#[cfg(test)]\nmod tests { use super::super::ground::Ground; }";
    let tree = |ground| {
        Tree::of([
            ("lib.rs", "mod house;"),
            ("house/mod.rs", page),
            ("house/top.rs", top),
            ("house/middle/mod.rs", "pub use self::inner::Middle; mod inner;"),
            ("house/middle/inner.rs", "use crate::house::ground::Ground; pub struct Middle(Ground);"),
            ("house/ground.rs", ground),
        ])
    };
    assert_eq!(faults_of_page(&tree("// use super::top::Top;"), "house"), [""; 0]);
    assert_eq!(rings(&tree("")), [""; 0]);
    for ground in [
        "use super::top::Top;",
        "fn f() { g(super::top::h()) }",
        "macro_rules! m { () => { $crate::house::top::m!() } }",
    ] {
        let faults = faults_of_page(&tree(ground), "house");
        let expected =
            "house/ground.rs imports from house/top.rs: the page of `house` has no arrow from `ground` to `top`";
        assert_eq!(faults, [expected], "{ground}");
        let files = "house/ground.rs, house/middle/inner.rs, house/top.rs";
        assert_eq!(rings(&tree(ground)), [format!("{files} import each other in a ring, and are not in one folder")]);
    }
}

#[test]
fn the_list_is_complete_and_points_down() {
    let page = |list: &str| format!("//! # Floors\n//!\n//! ```text\n{list}//! ```\nmod a; mod b;");
    let faults = |list: &str| {
        let page = page(list);
        faults_of_page(
            &Tree::of([("lib.rs", ""), ("h/mod.rs", &*page), ("h/a.rs", "use super::b::B;"), ("h/b.rs", "")]),
            "h",
        )
    };
    assert_eq!(faults("//! a → b\n//! b →\n"), [""; 0]);
    assert_eq!(faults("//! b →\n//! a → b\n"), ["the page of `h` has an arrow up, from `a` to `b`"]);
    assert_eq!(faults("//! a → b\n"), ["the page of `h` does not list `b`"]);
    assert_eq!(faults("//! a → b\n//! b →\n//! c →\n"), ["the page of `h` lists `c`, which does not exist"]);
    assert_eq!(faults("//! a → b c\n//! b →\n//! c →\n").len(), 2);
    assert_eq!(faults(""), ["the page of `h` has no list under the heading \"Floors\""]);
}

static CODEC: LazyLock<Tree> = LazyLock::new(|| Tree::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")));

/// What is wrong with the list on a page, and with the imports of the files below it.
fn faults_of_page(tree: &Tree, page: &str) -> Vec<String> {
    let root = vec![page.to_owned()];
    let list = list(tree.text(&root));
    if list.is_empty() {
        return vec![format!("the page of `{page}` has no list under the heading \"Floors\"")];
    }
    let floor = |module: &Module| {
        module.strip_prefix(&root[..]).map(|rest| rest.first().map_or("mod.rs", String::as_str).to_owned())
    };
    let there: BTreeSet<String> = tree.modules().filter_map(floor).filter(|floor| floor != "mod.rs").collect();
    let listed: Vec<&str> = list.iter().map(|(name, _)| name.as_str()).collect();
    let mut faults = Vec::new();
    for name in there.iter().filter(|name| !listed.contains(&name.as_str())) {
        faults.push(format!("the page of `{page}` does not list `{name}`"));
    }
    for name in listed.iter().filter(|name| !there.contains(**name)) {
        faults.push(format!("the page of `{page}` lists `{name}`, which does not exist"));
    }
    for (at, (from, below)) in list.iter().enumerate() {
        for to in below.iter().filter(|to| listed[..=at].contains(&to.as_str())) {
            faults.push(format!("the page of `{page}` has an arrow up, from `{from}` to `{to}`"));
        }
    }
    let mut used = BTreeSet::new();
    for (file, other) in tree.arrows() {
        let (Some(from), Some(to)) = (floor(file), floor(other)) else { continue };
        if from == to || from == "mod.rs" {
            continue;
        }
        let allowed = list.iter().any(|(name, below)| *name == from && below.contains(&to));
        if !allowed {
            let (file, other) = (tree.path(file), tree.path(other));
            faults.push(format!(
                "{file} imports from {other}: the page of `{page}` has no arrow from `{from}` to `{to}`"
            ));
        }
        used.insert((from, to));
    }
    for (from, below) in &list {
        for to in below.iter().filter(|to| !used.contains(&(from.clone(), (*to).clone()))) {
            faults.push(format!("the page of `{page}` has an arrow from `{from}` to `{to}`, which no file needs"));
        }
    }
    faults
}

/// The list under the heading "Floors": names, and the names behind their arrows.
fn list(page: &str) -> Vec<(String, Vec<String>)> {
    let lines = page.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
    let block = lines.skip_while(|line| *line != "# Floors").skip_while(|line| *line != "```text").skip(1);
    block
        .take_while(|line| *line != "```")
        .filter_map(|line| {
            let (name, below) = line.split_once('→')?;
            let below = below.split("   ").next()?.split_whitespace();
            Some((name.trim().to_owned(), below.map(str::to_owned).collect()))
        })
        .collect()
}

/// The rings of files that are not all inside one folder of a page.
fn rings(tree: &Tree) -> Vec<String> {
    let mut below: BTreeMap<&Module, BTreeSet<&Module>> = BTreeMap::new();
    for (file, other) in tree.arrows() {
        below.entry(file).or_default().insert(other);
    }
    let reach = |from: &Module| {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&Module> = below.get(from).into_iter().flatten().copied().collect();
        while let Some(module) = next.pop() {
            if seen.insert(module) {
                next.extend(below.get(module).into_iter().flatten());
            }
        }
        seen
    };
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = tree.modules().map(|module| (module, reach(module))).collect();
    let mut rings = BTreeSet::new();
    for (module, others) in &reached {
        let ring: BTreeSet<&Module> = others.iter().copied().filter(|other| reached[other].contains(module)).collect();
        let apart = ring.iter().any(|one| one.first_chunk::<2>() != module.first_chunk::<2>() || one.len() < 2);
        if apart {
            rings.insert(ring.into_iter().map(|module| tree.path(module)).collect::<Vec<_>>());
        }
    }
    rings
        .into_iter()
        .map(|ring| format!("{} import each other in a ring, and are not in one folder", ring.join(", ")))
        .collect()
}
