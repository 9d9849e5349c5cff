//! What the pages point to.

use std::path::Path;

use crate::page::{ALL, Page, RULES, commands};

/// The folder of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The targets of the links that stay in the repository, without the headings that they name.
fn links(page: Page) -> impl Iterator<Item = &'static str> {
    let targets = page.text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
    let within = targets.filter(|target| !target.contains("://"));
    within.map(|target| target.split('#').next().unwrap()).filter(|target| !target.is_empty())
}

/// The headings as a link names them.
fn anchors(page: Page) -> Vec<String> {
    let headings = page.text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-").replace('.', "")).collect()
}

#[test]
fn every_link_into_the_repository_leads_somewhere() {
    for page in ALL.into_iter().chain([RULES]) {
        let folder = root().join(page.name).parent().unwrap().to_owned();
        for link in links(page) {
            assert!(folder.join(link).exists(), "{}: {link}", page.name);
        }
    }
}

#[test]
fn every_heading_that_a_page_links_to_is_there() {
    for page in ALL {
        for rest in page.text.split("](").skip(1) {
            let target = rest.split(')').next().unwrap();
            let Some((path, anchor)) = target.split_once('#') else { continue };
            let named = if path.is_empty() { Some(page) } else { ALL.into_iter().find(|other| other.name == path) };
            assert!(named.is_some_and(|named| anchors(named).contains(&anchor.to_owned())), "{}: {target}", page.name);
        }
    }
}

#[test]
fn every_file_that_a_command_names_is_there() {
    for page in ALL {
        for line in commands(page.text) {
            for word in line.split_whitespace().filter(|word| word.starts_with("fixtures/")) {
                assert!(root().join(word).exists(), "{}: {line}", page.name);
            }
        }
    }
}

/// The tables that say in which file something happens.
#[test]
fn every_file_that_contributors_are_shown_is_there() {
    for folder in ["codec", "conformance"] {
        let (_, below) = RULES.text.split_once(&format!("\nIn `{folder}/src/`:\n\n")).unwrap();
        let table = below.split("\n\n").next().unwrap();
        let quoted = table.split('`').skip(1).step_by(2);
        let mut count = 0;
        for path in quoted.filter(|path| path.ends_with(".rs") || path.contains('/')) {
            let places = [root().join(folder).join("src"), root().join(folder), root().to_owned()];
            let is_beside = Path::new(path).components().count() == 1;
            assert!(is_beside || places.iter().any(|place| place.join(path).exists()), "{folder}: {path}");
            count += 1;
        }
        assert!(count > 10, "{folder}: {count}");
    }
}

/// These need the network: only the names are compared.
#[test]
fn what_is_installed_is_this_package() {
    let from = format!(" --git {}", env!("CARGO_PKG_REPOSITORY"));
    for page in ALL {
        for line in commands(page.text).filter(|line| line.starts_with("cargo install ")) {
            let line = line.replace(&from, "");
            assert_eq!(line, concat!("cargo install --locked ", env!("CARGO_PKG_NAME")), "{}", page.name);
        }
    }
}
