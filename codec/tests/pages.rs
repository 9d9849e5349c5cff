//! The pages of the documentation: each item has an example, or says where one is; none shows a word of this project alone.

#![allow(clippy::panic, clippy::unwrap_used, reason = "tests say what they expect by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A public item of the source, with its page.
struct Item {
    name: String,
    place: String,
    page: String,
}

#[test]
fn each_item_has_an_example_or_says_where_one_is() {
    let items = items();
    let found: BTreeSet<&str> = items.iter().map(|item| &*item.name).collect();
    let unknown: Vec<_> = listed().into_iter().filter(|name| !found.contains(&**name)).collect();
    assert_eq!(unknown, [""; 0], "in the listing, and not in the source");

    let lacking = items.iter().filter(|item| !has_example(&item.page));
    let lacking: Vec<_> = lacking.map(|item| format!("{}: {}", item.place, item.name)).collect();
    assert_eq!(lacking, [""; 0], "neither code nor a link to an example");
}

/// Ids of requirements, divergences and vectors mean nothing to a reader.
#[test]
fn no_page_has_ids() {
    let mut faults = Vec::new();
    for path in sources("rs").into_iter().chain(sources("md")) {
        let is_page = |line: &&str| path.ends_with(".md") || line.starts_with("///") || line.starts_with("//!");
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines().map(str::trim_start).filter(is_page) {
            // What is in a comment of HTML is not shown.
            let shown = line.split("<!--").next().unwrap_or_default();
            let mut words = shown.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
            if words.any(is_id) {
                faults.push(format!("{}: {line}", path.display()));
            }
        }
    }
    assert_eq!(faults, [""; 0]);
}

/// Code that needs the types of other libraries is compiled where those are at hand; the guide shows it as it is there.
#[test]
fn what_the_guide_quotes_is_in_the_examples() {
    let examples = crate_folder().join("../benches/examples");
    let examples = fs::read_dir(examples).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let examples: Vec<Vec<String>> = examples.map(|text| lines(text.lines())).collect();
    let page = fs::read_to_string(crate_folder().join("src/guide/replacing_a_parser.rs")).unwrap();
    let mut blocks = 0;
    let mut rest = page.lines().filter_map(|line| line.strip_prefix("//!"));
    while rest.any(|line| line.trim() == "```ignore") {
        let quote = lines(rest.by_ref().take_while(|line| line.trim() != "```"));
        assert!(examples.iter().any(|text| text.windows(quote.len()).any(|part| part == quote)), "{quote:#?}");
        blocks += 1;
    }
    assert!(blocks > 3, "{blocks}");
}

/// The lines of a piece of code, wherever it is indented to.
fn lines<'a>(code: impl Iterator<Item = &'a str>) -> Vec<String> {
    code.map(|line| line.trim().to_owned()).collect()
}

#[test]
fn ids_are_told_from_words() {
    for id in ["EIO4-HB-04", "SIO5-PKT-06", "DIV-17", "E4P-005", "S5ME-002", "MSG-08"] {
        assert!(is_id(id), "{id}");
    }
    for word in ["UTF-8", "UTF-16", "CESU-8", "U", "RFC", "sha-256", "A-1"] {
        assert!(!is_id(word), "{word}");
    }
}

/// `DIV-17`, `EIO4-HB-04`: capitals, and at the end two or three digits.
fn is_id(word: &str) -> bool {
    let Some((head, number)) = word.rsplit_once('-') else { return false };
    let is_number = matches!(number.len(), 2 | 3) && number.bytes().all(|byte| byte.is_ascii_digit());
    let is_head =
        head.len() > 1 && head.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-');
    is_number && is_head && !matches!(head, "UTF" | "CESU")
}

/// Code, or a link and the word.
fn has_example(page: &str) -> bool {
    page.contains("```\n")
        || page
            .lines()
            .collect::<String>()
            .split(". ")
            .any(|sentence| sentence.contains("example") && (sentence.contains("](") || sentence.contains("[`")))
}

/// The names of the listing, without those of methods, variants and fields.
fn listed() -> BTreeSet<String> {
    let listing = fs::read_to_string(crate_folder().join("public-api.txt")).unwrap();
    let lines = listing.lines().map(|line| line.strip_prefix("#[non_exhaustive] ").unwrap_or(line));
    lines
        .filter_map(|line| {
            let mut words = line.strip_prefix("pub ")?.split_whitespace().filter(|word| *word != "const");
            let (kind, path) = (words.next()?, words.next()?);
            let path = path.split(['(', '<']).next()?.trim_end_matches(':');
            let (above, name) = path.rsplit_once("::")?;
            let owner = above.rsplit("::").next()?;
            let is_item = match kind {
                "struct" | "enum" | "trait" => true,
                "fn" => owner.starts_with(|letter: char| letter.is_ascii_lowercase()),
                _ => false,
            };
            is_item.then(|| name.to_owned())
        })
        .collect()
}

/// The items of the source whose names are in the listing, each with its page.
fn items() -> Vec<Item> {
    let listed = listed();
    let mut items = Vec::new();
    for path in sources("rs") {
        let mut page = String::new();
        for line in fs::read_to_string(&path).unwrap().lines() {
            let words = line.trim_start();
            if let Some(words) = words.strip_prefix("///") {
                page.push_str(words.strip_prefix(' ').unwrap_or(words));
                page.push('\n');
                continue;
            }
            // Attributes and comments may stand between a page and its item, but no empty line.
            if let Some(name) = item(line).filter(|name| listed.contains(*name)) {
                let page = core::mem::take(&mut page);
                items.push(Item { name: name.to_owned(), place: path.display().to_string(), page });
            } else if words.is_empty() {
                page.clear();
            }
        }
    }
    items
}

/// The name of the item that a line declares. Functions that are indented are methods; a type can be inside a macro.
fn item(line: &str) -> Option<&str> {
    let declaration = line.trim_start().strip_prefix("pub ")?;
    let (kind, rest) = declaration.strip_prefix("const ").unwrap_or(declaration).split_once(' ')?;
    let is_item = match kind {
        "struct" | "enum" | "trait" => true,
        "fn" => line.starts_with("pub"),
        _ => false,
    };
    let name = rest.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next()?;
    is_item.then_some(name)
}

/// The files of the crate with this extension; those of tests are left out.
fn sources(extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![crate_folder().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != "tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) && !path.ends_with("tests.rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
