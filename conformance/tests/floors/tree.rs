//! The files of a crate, and their imports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::source::{Import, Names, Source};

/// A module's path below the crate: `replay::wire` is `["replay", "wire"]`, and the crate itself is empty.
pub(crate) type Module = Vec<String>;

/// A crate as a tree of files.
#[derive(Debug)]
pub(crate) struct Tree(BTreeMap<Module, File>);

#[derive(Debug)]
pub(crate) struct File {
    /// Its path below the crate's folder.
    pub(crate) path: String,
    pub(crate) text: String,
    source: Source,
}

impl Tree {
    /// Reads a crate from its root file.
    pub(crate) fn read(root: &Path) -> Self {
        let folder = root.parent().unwrap();
        Self::load(|path| std::fs::read_to_string(folder.join(path)).ok(), root.file_name().unwrap().to_str().unwrap())
    }

    /// Follows the `mod` lines from a root; `read` returns the text of a file.
    pub(crate) fn load(read: impl Fn(&str) -> Option<String>, root: &str) -> Self {
        let mut files = BTreeMap::new();
        let mut waiting = vec![(Module::new(), root.to_owned())];
        while let Some((module, path)) = waiting.pop() {
            let text = read(&path).unwrap();
            let source = Source::read(&text);
            for name in &source.children {
                let child = [module.as_slice(), std::slice::from_ref(name)].concat();
                let base = child.join("/");
                let paths = [format!("{base}.rs"), format!("{base}/mod.rs")];
                let path = paths.into_iter().find(|path| read(path).is_some());
                waiting.push((child, path.expect("each module has a file")));
            }
            files.insert(module, File { path, text, source });
        }
        Self(files)
    }

    pub(crate) fn file(&self, module: &[String]) -> &File {
        &self.0[module]
    }

    /// The direct children of a module.
    pub(crate) fn children(&self, of: &[String]) -> BTreeSet<String> {
        self.file(of).source.children.iter().cloned().collect()
    }

    /// All arrows: a module, and one that it imports or names. A re-export of the module's own parts is not an arrow,
    /// and an import of a re-export is an arrow to the part.
    pub(crate) fn arrows(&self) -> BTreeSet<(Module, Module)> {
        let mut arrows = BTreeSet::new();
        for (from, file) in &self.0 {
            let imports = file.source.imports.iter().map(|import| (&import.path, import.is_public));
            let paths = file.source.paths.iter().map(|path| (path, false));
            for (path, is_public) in imports.chain(paths) {
                let Some(to) = self.resolve(from, path) else { continue };
                let is_facade = is_public && to.starts_with(from);
                if to != *from && !is_facade {
                    arrows.insert((from.clone(), to));
                }
            }
        }
        arrows
    }

    /// The module of the file that a path leads to; `None` if it leads to another crate, or to a name in the file
    /// itself.
    fn resolve(&self, from: &[String], path: &Names) -> Option<Module> {
        let (mut module, mut rest) = match path.first()?.as_str() {
            "crate" => (Module::new(), &path[1..]),
            "self" => (from.to_vec(), &path[1..]),
            "super" => (from.split_last()?.1.to_vec(), &path[1..]),
            first if self.children(from).contains(first) => (from.to_vec(), &path[..]),
            _ => return None,
        };
        while let [name, behind @ ..] = rest {
            if name == "super" {
                module.pop();
            } else if self.children(&module).contains(name) {
                module.push(name.clone());
            } else {
                break;
            }
            rest = behind;
        }
        let Some(name) = rest.first() else { return Some(module) };
        // Private imports are visible only from below.
        let is_seen = |import: &&Import| import.is_public || (from != module && from.starts_with(&module));
        let mut imports = self.file(&module).source.imports.iter().filter(is_seen);
        let import = imports.find(|import| import.name == *name && import.path != *path);
        Some(import.and_then(|import| self.resolve(&module, &import.path)).unwrap_or(module))
    }

    /// Files with submodules that are not named `mod.rs`.
    pub(crate) fn unconventional(&self) -> Vec<String> {
        let has_parts = |file: &&File| !file.source.children.is_empty();
        let is_root = |path: &str| path == "lib.rs" || path.ends_with("mod.rs");
        let files = self.0.values().filter(has_parts).filter(|file| !is_root(&file.path));
        files.map(|file| format!("{} has submodules, so it should be a mod.rs in their folder", file.path)).collect()
    }
}
