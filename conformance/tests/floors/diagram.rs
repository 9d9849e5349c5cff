//! The diagram of a module: which of its parts may import which.

use std::collections::BTreeMap;

/// The heading above the diagram in the documentation.
const HEADING: &str = "//! # Floors";

/// What each part may import, in the order of the diagram.
///
/// A line is `part part → part part`: the parts before the arrow may import those after it. A line without an arrow may
/// import everything on the lines below.
#[derive(Debug)]
pub(crate) struct Diagram {
    pub(crate) order: Vec<String>,
    pub(crate) allowed: BTreeMap<String, Allowed>,
}

#[derive(Clone, Debug)]
pub(crate) enum Allowed {
    /// These, each of which must be imported.
    Listed(Vec<String>),
    /// Everything below.
    Below(Vec<String>),
}

impl Allowed {
    pub(crate) fn contains(&self, part: &str) -> bool {
        let (Self::Listed(parts) | Self::Below(parts)) = self;
        parts.iter().any(|one| one == part)
    }
}

impl Diagram {
    /// Reads the diagram from the documentation of a module.
    ///
    /// # Errors
    ///
    /// What is wrong with the diagram.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let behind = text.split_once(HEADING).ok_or("it has no diagram: there is no heading \"Floors\"")?.1;
        let block = behind.split("```").nth(1).ok_or("it has no diagram below the heading \"Floors\"")?;
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let lines =
            block.lines().skip(1).map(|line| line.trim_start_matches("//!")).filter(|line| !line.trim().is_empty());
        let lines: Vec<(Vec<String>, Option<Vec<String>>)> = lines
            .map(|line| match line.split_once('→') {
                Some((parts, below)) => (words(parts), Some(words(below))),
                None => (words(line), None),
            })
            .collect();
        let order: Vec<String> = lines.iter().flat_map(|(parts, _)| parts.clone()).collect();
        let mut allowed = BTreeMap::new();
        for (at, (parts, listed)) in lines.iter().enumerate() {
            let below: Vec<String> = lines[at + 1..].iter().flat_map(|(parts, _)| parts.clone()).collect();
            for part in parts {
                let allows = match listed {
                    Some(listed) => Allowed::Listed(listed.clone()),
                    None => Allowed::Below(below.clone()),
                };
                if let Some(up) = listed.iter().flatten().find(|one| !below.contains(one)) {
                    return Err(format!("its arrow from {part} to {up} does not point down"));
                }
                if allowed.insert(part.clone(), allows).is_some() {
                    return Err(format!("{part} stands in it twice"));
                }
            }
        }
        Ok(Self { order, allowed })
    }
}
