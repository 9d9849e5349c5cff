//! The source files of a crate, and what each imports from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The path of a module, the crate's name left out.
pub(crate) type Module = Vec<String>;

/// The files that are compiled into the crate; those of its tests are left out.
pub(crate) struct Tree {
    files: BTreeMap<Module, File>,
}

#[derive(Default)]
struct File {
    path: String,
    text: String,
    /// Every path that begins with `crate`, `super` or `self`, as seen from the crate's root.
    paths: BTreeSet<Vec<String>>,
    /// Imported names, and where they come from.
    names: BTreeMap<String, Vec<String>>,
}

impl Tree {
    /// Reads the files of a folder, but for those of tests.
    pub(crate) fn read(folder: &Path) -> Self {
        let mut files = Vec::new();
        find(folder, "", &mut files);
        Self::of(files.iter().map(|(path, text)| (path.as_str(), text.as_str())))
    }

    /// Takes files as given: paths and texts.
    pub(crate) fn of<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut tests = BTreeSet::new();
        let mut tree = Self { files: BTreeMap::new() };
        for (path, text) in files {
            let module = module(path);
            let mut file = File { path: path.to_owned(), text: text.to_owned(), ..File::default() };
            let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
            let mut reader = Reader { file: &mut file, module: module.clone(), tests: &mut tests };
            reader.read(tokens);
            tree.files.insert(module, file);
        }
        tree.files.retain(|module, _| !(1..=module.len()).any(|len| tests.contains(&module[..len])));
        tree
    }

    pub(crate) fn modules(&self) -> impl Iterator<Item = &Module> {
        self.files.keys()
    }

    pub(crate) fn text(&self, module: &Module) -> &str {
        self.files.get(module).map_or("", |file| &file.text)
    }

    pub(crate) fn path(&self, module: &Module) -> &str {
        self.files.get(module).map_or("", |file| &file.path)
    }

    /// Each file, with each other file that it imports from.
    pub(crate) fn arrows(&self) -> BTreeSet<(&Module, &Module)> {
        let arrows = self.files.iter().flat_map(|(module, file)| {
            file.paths.iter().filter_map(move |path| Some((module, self.definer(path, 0)?)))
        });
        arrows.filter(|(module, other)| module != other).collect()
    }

    /// The file that defines what a path leads to, whoever hands it on.
    fn definer(&self, path: &[String], steps: usize) -> Option<&Module> {
        let (mut file, _) = self.files.get_key_value(&[][..])?;
        for at in 0..path.len() {
            let inside: Module = path[..=at].to_vec();
            if let Some((module, _)) = self.files.get_key_value(&inside) {
                file = module;
                continue;
            }
            if let Some(from) = self.files[file].names.get(&path[at])
                && file.len() == at
                && steps < 8
            {
                return self.definer(&[&from[..], &path[at.saturating_add(1)..]].concat(), steps.saturating_add(1));
            }
            break;
        }
        Some(file)
    }
}

fn find(folder: &Path, inside: &str, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap().path();
        let name = format!("{inside}{}", entry.file_name().unwrap().to_string_lossy());
        if name.ends_with("/tests") || name.ends_with("/tests.rs") {
            continue;
        }
        if entry.is_dir() {
            find(&entry, &format!("{name}/"), files);
        } else if name.ends_with(".rs") {
            files.push((name, fs::read_to_string(&entry).unwrap()));
        }
    }
}

fn module(path: &str) -> Module {
    let mut module: Module = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod" || last == "lib") {
        module.pop();
    }
    module
}

/// Reads the tokens of one file.
struct Reader<'a> {
    file: &'a mut File,
    module: Module,
    /// The modules that are compiled for tests only.
    tests: &'a mut BTreeSet<Module>,
}

impl Reader<'_> {
    fn read(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            let word = word(Some(token));
            match (token, tokens.get(at)) {
                (TokenTree::Punct(hash), Some(TokenTree::Group(attribute)))
                    if hash.as_char() == '#' && is_for_tests(attribute.stream()) =>
                {
                    at = self.skip(&tokens, at.saturating_add(1));
                }
                // What follows in brackets says who sees it: no import.
                (_, Some(TokenTree::Group(seen_by)))
                    if word == "pub" && seen_by.delimiter() == Delimiter::Parenthesis =>
                {
                    at += 1;
                }
                _ if word == "use" => {
                    let end = end(&tokens, at);
                    self.imports(&tokens[at..end]);
                    at = end;
                }
                (_, Some(TokenTree::Ident(name))) if word == "mod" => {
                    if let Some(TokenTree::Group(inside)) = tokens.get(at.saturating_add(1)) {
                        self.module.push(name.to_string());
                        self.read(inside.stream());
                        self.module.pop();
                        at += 2;
                    }
                }
                _ if matches!(&*word, "crate" | "super" | "self") => {
                    let mut path = vec![word];
                    while is_path(&tokens, at) && !self::word(tokens.get(at.saturating_add(2))).is_empty() {
                        path.push(self::word(tokens.get(at.saturating_add(2))));
                        at += 3;
                    }
                    if path.len() > 1 {
                        let path = self.absolute(&path);
                        self.file.paths.extend(path);
                    }
                }
                (TokenTree::Group(inside), _) => self.read(inside.stream()),
                _ => {}
            }
        }
    }

    /// Steps over an item that is there for tests only.
    fn skip(&mut self, tokens: &[TokenTree], from: usize) -> usize {
        let end = end(tokens, from);
        let item = &tokens[from..end.min(tokens.len())];
        if let Some(at) = item.iter().position(|token| word(Some(token)) == "mod") {
            let mut module = self.module.clone();
            module.push(word(item.get(at.saturating_add(1))));
            self.tests.insert(module);
        }
        end
    }

    fn imports(&mut self, tree: &[TokenTree]) {
        let mut leaves = Vec::new();
        flatten(tree, &[], &mut leaves);
        for (path, name) in leaves {
            let Some(path) = self.absolute(&path) else { continue };
            self.file.paths.insert(path.clone());
            self.file.names.insert(name, path);
        }
    }

    /// A path as seen from the crate's root; `None` if it leads into another crate.
    fn absolute(&self, path: &[String]) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        let mut module = match &**first {
            "crate" => Vec::new(),
            "self" | "super" => self.module.clone(),
            // A child of a page, which hands on what the child has.
            _ if self.file.text.contains(&format!("mod {first};")) => [&self.module[..], &path[..1]].concat(),
            _ => return None,
        };
        let mut rest = rest;
        if first == "super" {
            module.pop();
            while let Some(("super", behind)) = rest.split_first().map(|(next, behind)| (&**next, behind)) {
                module.pop();
                rest = behind;
            }
        }
        module.extend(rest.iter().cloned());
        Some(module)
    }
}

/// The paths of an import, each with the name by which it is known from then on.
fn flatten(tree: &[TokenTree], before: &[String], leaves: &mut Vec<(Vec<String>, String)>) {
    for branch in tree.split(|token| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ',')) {
        let mut path = before.to_vec();
        let mut name = None;
        let mut ends = true;
        for (at, token) in branch.iter().enumerate() {
            match token {
                TokenTree::Ident(ident) if ident == "as" => {
                    name = Some(word(branch.get(at.saturating_add(1))));
                    break;
                }
                TokenTree::Ident(ident) if ident == "self" && !path.is_empty() => {}
                TokenTree::Ident(ident) => path.push(ident.to_string()),
                TokenTree::Group(inside) => {
                    let inside: Vec<TokenTree> = inside.stream().into_iter().collect();
                    flatten(&inside, &path, leaves);
                    ends = false;
                }
                _ => {}
            }
        }
        if ends && !path.is_empty() {
            let name = name.or_else(|| path.last().cloned()).unwrap_or_default();
            leaves.push((path, name));
        }
    }
}

/// Behind the item that begins at `from`.
fn end(tokens: &[TokenTree], from: usize) -> usize {
    let is_use = tokens[from..].iter().map(|token| word(Some(token))).find(|word| !matches!(&**word, "" | "pub"));
    let is_use = is_use.is_some_and(|word| word == "use");
    let ends = |token: &TokenTree| match token {
        TokenTree::Punct(semicolon) => semicolon.as_char() == ';',
        TokenTree::Group(block) => block.delimiter() == Delimiter::Brace && !is_use,
        _ => false,
    };
    let item = tokens[from..].iter().position(ends);
    item.map_or(tokens.len(), |len| from.saturating_add(len).saturating_add(1))
}

fn is_for_tests(attribute: TokenStream) -> bool {
    let attribute: String = attribute.to_string().split_whitespace().collect();
    attribute.starts_with("cfg(test") || attribute.starts_with("cfg(all(test")
}

fn is_path(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(colon)) if colon.as_char() == ':');
    is_colon(at) && is_colon(at.saturating_add(1))
}

fn word(token: Option<&TokenTree>) -> String {
    if let Some(TokenTree::Ident(ident)) = token { ident.to_string() } else { String::new() }
}
