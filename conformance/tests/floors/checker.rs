//! Compares a tree with its diagrams.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagram::{Allowed, Diagram};
use crate::tree::{Module, Tree};

/// The deviations from the diagram of a module, one sentence each.
pub(crate) fn faults(tree: &Tree, module: &str) -> Vec<String> {
    let base: Module = module.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let page = tree.file(&base);
    let diagram = match Diagram::read(&page.text) {
        Ok(diagram) => diagram,
        Err(fault) => return vec![format!("{}: {fault}", page.path)],
    };
    let mut faults = Vec::new();
    let there = tree.children(&base);
    let drawn: BTreeSet<String> = diagram.order.iter().cloned().collect();
    faults.extend(there.difference(&drawn).map(|part| format!("{}: the diagram lacks {part}", page.path)));
    faults
        .extend(drawn.difference(&there).map(|part| format!("{}: there is no {part}, as the diagram says", page.path)));
    let mut used: BTreeSet<(String, String)> = BTreeSet::new();
    for (from, to) in tree.arrows() {
        let part = |of: &Module| of.strip_prefix(base.as_slice()).and_then(|rest| rest.first()).cloned();
        let (Some(from_part), Some(to_part)) = (part(&from), part(&to).or_else(|| (to == base).then(String::new)))
        else {
            continue;
        };
        if from_part == to_part {
            continue;
        }
        let is_allowed = diagram.allowed.get(&from_part).is_some_and(|allowed| allowed.contains(&to_part));
        if !is_allowed {
            let (from, to) = (&tree.file(&from).path, &tree.file(&to).path);
            let to_part = if to_part.is_empty() { "the module itself" } else { &to_part };
            faults.push(format!(
                "{from} imports {to}, and the diagram in {} has no arrow from {from_part} to {to_part}",
                page.path
            ));
        }
        used.insert((from_part, to_part));
    }
    for (part, allowed) in &diagram.allowed {
        let Allowed::Listed(listed) = allowed else { continue };
        let idle = listed.iter().filter(|to| !used.contains(&(part.clone(), (*to).clone())));
        faults.extend(idle.map(|to| format!("{}: nothing follows the arrow from {part} to {to}", page.path)));
    }
    faults
}

/// Files of different folders that import each other, directly or through others, one sentence each.
pub(crate) fn rings(tree: &Tree) -> Vec<String> {
    let mut below: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (from, to) in tree.arrows() {
        below.entry(from).or_default().insert(to);
    }
    let reaches = |from: &Module, to: &Module| {
        let (mut seen, mut waiting) = (BTreeSet::new(), vec![from]);
        while let Some(module) = waiting.pop() {
            for next in below.get(module).into_iter().flatten() {
                if next == to {
                    return true;
                }
                if seen.insert(next) {
                    waiting.push(next);
                }
            }
        }
        false
    };
    let folder = |module: &Module| match tree.children(module).is_empty() {
        true => module.split_last().map(|(_, folder)| folder.to_vec()).unwrap_or_default(),
        false => module.clone(),
    };
    let mut rings = Vec::new();
    for (from, to) in tree.arrows() {
        if folder(&from) != folder(&to) && reaches(&to, &from) {
            let (from, to) = (&tree.file(&from).path, &tree.file(&to).path);
            rings.push(format!("{from} imports {to}, which imports it in turn, directly or by way of others"));
        }
    }
    rings
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "//! # Floors\n//!\n//! ```text\n//! top     → middle\n//! middle\n//! bottom\n//! ```\n";

    fn tree(files: &[(&str, &str)]) -> Tree {
        let root = format!("{PAGE}mod top;\nmod middle;\nmod bottom;\n");
        let read = |path: &str| match path {
            "lib.rs" => Some(root.clone()),
            path => files.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned()),
        };
        Tree::load(read, "lib.rs")
    }

    #[test]
    fn a_tree_as_in_the_diagram_has_no_faults() {
        let tree = tree(&[
            ("top.rs", "use crate::middle::Thing;\n"),
            ("middle/mod.rs", "mod part;\npub use part::Thing;\n#[cfg(test)]\nuse crate::top::Other;\n"),
            ("middle/part.rs", "use crate::bottom;\n"),
            ("bottom.rs", "// use crate::top\n"),
        ]);
        assert_eq!(faults(&tree, ""), Vec::<String>::new());
        assert_eq!(rings(&tree), Vec::<String>::new());
        assert_eq!(tree.unconventional(), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_that_is_not_in_the_diagram_names_both_files() {
        let tree = tree(&[
            ("top.rs", "fn act() -> crate::bottom::Thing { loop {} }\n"),
            ("middle.rs", ""),
            ("bottom.rs", "use super::middle::{self, Thing};\n"),
        ]);
        let said = [
            "bottom.rs imports middle.rs, and the diagram in lib.rs has no arrow from bottom to middle",
            "top.rs imports bottom.rs, and the diagram in lib.rs has no arrow from top to bottom",
            "lib.rs: nothing follows the arrow from top to middle",
        ];
        assert_eq!(faults(&tree, ""), said);
    }

    #[test]
    fn a_ring_of_files_in_different_folders_is_found() {
        let tree = tree(&[
            ("top.rs", "use crate::middle::Thing;\n"),
            ("middle/mod.rs", "mod part;\npub use part::Thing;\n"),
            ("middle/part.rs", "use crate::bottom::Act;\n"),
            ("bottom.rs", "use crate::middle::Thing;\n"),
        ]);
        assert_eq!(rings(&tree).len(), 2);
        assert_eq!(
            rings(&tree)[0],
            "bottom.rs imports middle/part.rs, which imports it in turn, directly or by way of others"
        );
    }

    #[test]
    fn a_file_beside_its_folder_is_found() {
        let tree = tree(&[("top.rs", ""), ("middle.rs", "mod part;\n"), ("middle/part.rs", ""), ("bottom.rs", "")]);
        let said = ["middle.rs has submodules, so it should be a mod.rs in their folder"];
        assert_eq!(tree.unconventional(), said);
    }

    #[test]
    fn a_diagram_points_down_and_is_complete() {
        let read = |lines: &str| Diagram::read(&format!("//! # Floors\n//! ```text\n{lines}//! ```\n")).unwrap_err();
        assert_eq!(read("//! a → b\n//! c\n//! b → c\n"), "its arrow from b to c does not point down");
        assert_eq!(read("//! a\n//! b a\n"), "a stands in it twice");
        assert_eq!(Diagram::read("//! A page.\n").unwrap_err(), "it has no diagram: there is no heading \"Floors\"");
    }
}
