//! What the pages point to.

use std::path::Path;

use crate::page::{ALL, Page, commands};

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
    for page in ALL {
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
