//! Checks the citations in the sources: every cited requirement exists, every one that the codec implements is tested,
//! and none for servers or clients is missing.
//!
//! A citation is a comment, `//= EIO4-HB-04`, and belongs to the item, branch, statement or link of a chain below it.
//! In a test it says what the test proves; a test is a function under `#[test]`, a module under `#[cfg(test)]` or a
//! file of tests. Elsewhere it says what the code below implements. A case of the suite that covers a requirement also
//! counts as a test, because every case is played against our own machines.
//!
//! - `//= EIO4-HB-04: no pong within pingTimeout` names the relevant part of the requirement. Its words occur in the
//!   catalogue's sentence, in that order.
//! - `//= EIO4-HB-04 exception: reason` records that the requirement is not met here, and why.
//! - One place has at most three citations. A test that runs a table of cases may have more, after a line `//= shown by
//!   rows of a table:`.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use siospec::{cases, requirements};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

/// How many citations one place may have.
const MOST_AT_ONE_PLACE: usize = 3;

/// The folders with citations.
const FOLDERS: [&str; 5] = ["codec/src", "codec/support", "codec/tests", "conformance/src", "conformance/tests"];

/// The line before the citations of a test that runs a table of cases, if they are more than one place may have.
const TABLE: &str = "shown by rows of a table:";

/// The requirements for servers, in every revision of both protocols.
#[test]
fn every_must_of_a_server_is_met() {
    assert_met(&["must"], 'S');
}

/// The requirements and recommendations for clients.
#[test]
fn all_that_binds_a_client_is_met() {
    assert_met(&["must", "should"], 'C');
}

#[track_caller]
fn assert_met(levels: &[&str], role: char) {
    let citations = Citations::all();
    let open: Vec<_> = requirements::catalogue()
        .values()
        .filter(|requirement| levels.contains(&requirement.level.as_str()))
        .filter(|requirement| requirement.binds.contains(role) && !citations.settles(&requirement.id))
        .map(|requirement| format!("{}: {}", requirement.id, requirement.text))
        .collect();
    assert!(open.is_empty(), "neither implemented and tested, nor excepted: {open:#?}");
}

#[test]
fn every_cited_requirement_is_tested() {
    let citations = Citations::all();
    assert!(citations.implemented.len() > 100, "the citations are being read");
    let untested: Vec<_> = citations
        .implemented
        .iter()
        .filter(|(id, _)| !citations.tested.contains(*id) && !citations.excepted.contains(*id))
        .collect();
    assert!(untested.is_empty(), "implemented and never tested: {untested:#?}");
}

#[test]
fn every_citation_is_well_formed_and_in_its_place() {
    let faults = &Citations::all().faults;
    assert!(faults.is_empty(), "{} faults: {faults:#?}", faults.len());
}

#[test]
fn a_citation_belongs_to_what_stands_below_it() {
    let source = "
//= EIO4-HB-04
/// A function.
#[must_use]
fn implemented() {
    //= EIO4-HB-05
    if true {}
}

#[cfg(test)]
fn helper() {}

//= EIO4-HB-06
fn below_what_is_only_for_tests() {}

//= EIO4-HB-07
#[tokio::test]
async fn proved() {
    //= EIO4-HB-08
    assert!(true);
}
";
    let mut citations = Citations::default();
    citations.read_source(Path::new("src/example.rs"), source);
    assert_eq!(citations.faults, [""; 0]);
    assert!(citations.implemented.keys().eq(["EIO4-HB-04", "EIO4-HB-05", "EIO4-HB-06"]));
    assert!(citations.tested.iter().eq(["EIO4-HB-07", "EIO4-HB-08"]));
}

#[test]
fn faults_are_found() {
    let source = "
//= EIO4-HB-99
//= EIO4-HB-04: a word that is not in the catalogue
//= EIO4-HB-04 because
//= EIO4-HB-05
fn crowded() {
    //= EIO4-HB-04
}
";
    let mut citations = Citations::default();
    citations.read_source(Path::new("src/example.rs"), source);
    assert_eq!(
        citations.faults,
        [
            "src/example.rs:2: there is no requirement EIO4-HB-99",
            "src/example.rs:3: EIO4-HB-04 does not say \"a word that is not in the catalogue\"",
            "src/example.rs:4: EIO4-HB-04 has neither `: clause` nor ` exception: reason`",
            "src/example.rs:6: 4 citations at one place",
            "src/example.rs:7: EIO4-HB-04 stands above nothing",
        ]
    );
}

#[derive(Default)]
struct Citations {
    implemented: BTreeMap<String, PathBuf>,
    tested: BTreeSet<String>,
    excepted: BTreeSet<String>,
    faults: Vec<String>,
}

impl Citations {
    /// The citations of the whole project, read once.
    fn all() -> &'static Self {
        static ALL: LazyLock<Citations> = LazyLock::new(|| {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
            let mut citations = Citations::default();
            for folder in FOLDERS {
                citations.read_folder(&root, Path::new(folder));
            }
            for case in cases::embedded().unwrap() {
                citations.tested.extend(case.trace.header.covers.iter().map(ToString::to_string));
            }
            citations
        });
        &ALL
    }

    fn read_folder(&mut self, root: &Path, folder: &Path) {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else { return };
        for entry in entries.map(Result::unwrap) {
            let path = folder.join(entry.file_name());
            if entry.path().is_dir() {
                self.read_folder(root, &path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                self.read_source(&path, &std::fs::read_to_string(entry.path()).unwrap());
            }
        }
    }

    fn read_source(&mut self, path: &Path, source: &str) {
        let syntax = match Syntax::of(source) {
            Ok(syntax) => syntax,
            Err(error) => return self.faults.push(format!("{}: {error}", path.display())),
        };
        let is_test_file = is_test_file(path);
        let lines: Vec<&str> = source.lines().collect();
        let mut places: BTreeMap<usize, Place> = BTreeMap::new();
        for (index, line) in lines.iter().enumerate() {
            let Some(words) = line.trim_start().strip_prefix("//= ") else { continue };
            let number = index + 1;
            if syntax.texts.contains(&number) {
                continue;
            }
            let line_below = syntax.place_below(number, &lines);
            let is_test = is_test_file || syntax.is_test(line_below);
            let place = places.entry(line_below).or_default();
            if words.trim() == TABLE {
                place.is_table = is_test;
                continue;
            }
            place.citations += 1;
            let citation = match Citation::parse(words) {
                Ok(_) if !syntax.starts.contains(&line_below) => Err(format!("{words} stands above nothing")),
                parsed => parsed,
            };
            match citation {
                Err(fault) => self.faults.push(format!("{}:{number}: {fault}", path.display())),
                Ok(Citation { id, remark: Remark::Exception }) => _ = self.excepted.insert(id.to_owned()),
                Ok(Citation { id, .. }) if is_test => _ = self.tested.insert(id.to_owned()),
                Ok(Citation { id, .. }) => _ = self.implemented.insert(id.to_owned(), path.to_owned()),
            }
        }
        for (line, Place { citations, is_table }) in places {
            let fault = match (is_table, citations > MOST_AT_ONE_PLACE) {
                (false, true) => format!("{citations} citations at one place"),
                (true, false) => format!("{citations} citations need no `{TABLE}`"),
                (false, false) | (true, true) => continue,
            };
            self.faults.push(format!("{}:{line}: {fault}", path.display()));
        }
        self.faults.sort();
    }

    /// Whether a requirement is met, or a citation gives the reason why not.
    fn settles(&self, id: &str) -> bool {
        self.excepted.contains(id) || self.implemented.contains_key(id) && self.tested.contains(id)
    }
}

/// Whether a file has only tests and their helpers.
fn is_test_file(path: &Path) -> bool {
    path.components().any(|part| ["tests", "tests.rs", "support"].iter().any(|name| part.as_os_str() == *name))
}

/// The line below some citations.
#[derive(Default)]
struct Place {
    citations: usize,
    /// Whether it is a test that runs a table.
    is_table: bool,
}

/// The text after `//= `.
struct Citation<'s> {
    id: &'s str,
    remark: Remark,
}

enum Remark {
    /// None, or a clause of the requirement's sentence.
    Clause,
    /// The requirement is not met.
    Exception,
}

impl<'s> Citation<'s> {
    fn parse(words: &'s str) -> Result<Self, String> {
        let words = words.trim();
        let (id, rest) = words.split_at(words.find([':', ' ']).unwrap_or(words.len()));
        let requirement = requirements::catalogue().get(id).ok_or_else(|| format!("there is no requirement {id}"))?;
        let remark = match (rest, rest.strip_prefix(": "), rest.strip_prefix(" exception: ")) {
            ("", ..) => Remark::Clause,
            (_, Some(clause), _) if says(&requirement.text, clause) => Remark::Clause,
            (_, Some(clause), _) => return Err(format!("{id} does not say {clause:?}")),
            (_, _, Some(_)) => Remark::Exception,
            _ => return Err(format!("{id} has neither `: clause` nor ` exception: reason`")),
        };
        Ok(Self { id, remark })
    }
}

/// Whether the words of a clause occur in a sentence, in that order.
fn says(sentence: &str, clause: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let sentence = words(sentence);
    let mut rest = sentence.iter();
    words(clause).iter().all(|word| rest.any(|candidate| candidate == word))
}

/// The relevant syntax of a source file. Lines count from 1.
#[derive(Default)]
struct Syntax {
    /// The lines on which something begins that can have a citation.
    starts: BTreeSet<usize>,
    /// The lines of attributes and documentation.
    attributes: BTreeSet<usize>,
    /// The lines of literals that span several lines.
    texts: BTreeSet<usize>,
    /// The first and last line of each test.
    tests: Vec<(usize, usize)>,
}

impl Syntax {
    fn of(source: &str) -> syn::Result<Self> {
        let mut syntax = Self::default();
        syntax.visit_file(&syn::parse_file(source)?);
        Ok(syntax)
    }

    /// The line below a citation that is neither blank, nor a comment, nor an attribute.
    fn place_below(&self, citation: usize, lines: &[&str]) -> usize {
        let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
        (citation + 1..=lines.len())
            .find(|number| !self.attributes.contains(number) && lines.get(number - 1).is_some_and(is_code))
            .unwrap_or(citation)
    }

    fn is_test(&self, line: usize) -> bool {
        self.tests.iter().any(|(first, last)| (*first..=*last).contains(&line))
    }

    /// Records the line after the attributes of a node.
    fn note_start(&mut self, node: &impl ToTokens) {
        let mut lines = node.to_token_stream().into_iter().map(|token| token.span().start().line);
        self.starts.extend(lines.find(|line| !self.attributes.contains(line)));
    }

    /// The syntax of a macro's arguments is not known: each token may begin something.
    fn note_tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            self.starts.insert(token.span().start().line);
            match token {
                TokenTree::Group(group) => self.note_tokens(group.stream()),
                TokenTree::Literal(literal) => self.note_text(literal.span()),
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }

    fn note_text(&mut self, literal: Span) {
        self.texts.extend(literal.start().line + 1..=literal.end().line);
    }
}

fn is_test_attribute(attribute: &syn::Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|name| name.ident == "test") || is_only_for_tests(attribute)
}

/// Whether it is `#[cfg(test)]`.
fn is_only_for_tests(attribute: &syn::Attribute) -> bool {
    attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
}

impl<'ast> Visit<'ast> for Syntax {
    fn visit_item(&mut self, node: &'ast syn::Item) {
        visit::visit_item(self, node);
        self.note_start(node);
    }

    fn visit_item_fn(&mut self, node: &'ast syn::ItemFn) {
        visit::visit_item_fn(self, node);
        if node.attrs.iter().any(is_test_attribute) {
            self.tests.push((node.span().start().line, node.span().end().line));
        }
    }

    fn visit_item_mod(&mut self, node: &'ast syn::ItemMod) {
        visit::visit_item_mod(self, node);
        if node.attrs.iter().any(is_only_for_tests) {
            self.tests.push((node.span().start().line, node.span().end().line));
        }
    }

    fn visit_impl_item(&mut self, node: &'ast syn::ImplItem) {
        visit::visit_impl_item(self, node);
        self.note_start(node);
    }

    fn visit_trait_item(&mut self, node: &'ast syn::TraitItem) {
        visit::visit_trait_item(self, node);
        self.note_start(node);
    }

    fn visit_stmt(&mut self, node: &'ast syn::Stmt) {
        visit::visit_stmt(self, node);
        self.note_start(node);
    }

    /// One link of a chain, such as a step of a scenario.
    fn visit_expr_method_call(&mut self, node: &'ast syn::ExprMethodCall) {
        visit::visit_expr_method_call(self, node);
        self.starts.insert(node.dot_token.span().start().line);
    }

    fn visit_arm(&mut self, node: &'ast syn::Arm) {
        visit::visit_arm(self, node);
        self.note_start(node);
    }

    fn visit_variant(&mut self, node: &'ast syn::Variant) {
        visit::visit_variant(self, node);
        self.note_start(node);
    }

    fn visit_field(&mut self, node: &'ast syn::Field) {
        visit::visit_field(self, node);
        self.note_start(node);
    }

    fn visit_field_value(&mut self, node: &'ast syn::FieldValue) {
        visit::visit_field_value(self, node);
        self.note_start(node);
    }

    fn visit_macro(&mut self, node: &'ast syn::Macro) {
        self.note_tokens(node.tokens.clone());
    }

    fn visit_lit(&mut self, node: &'ast syn::Lit) {
        self.note_text(node.span());
    }

    fn visit_attribute(&mut self, node: &'ast syn::Attribute) {
        let span = node.span();
        self.attributes.extend(span.start().line..=span.end().line);
    }
}
