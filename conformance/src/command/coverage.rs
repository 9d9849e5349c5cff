//! `siospec coverage`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Args;

use super::selection::Source;
use super::{Failure, NO_RUN, out};
use crate::coverage::{Coverage, chapter};
use crate::requirements::{Requirement, catalogue};
use crate::values::DEFAULT_SEED;

#[derive(Debug, Args)]
#[command(after_help = NO_RUN)]
pub(super) struct Coverages {
    #[command(flatten)]
    source: Source,
}

/// The requirements of one chapter.
#[derive(Debug, Default)]
struct Chapter {
    covered: usize,
    hidden: Vec<(&'static Requirement, &'static str)>,
    uncovered: Vec<&'static Requirement>,
}

impl Coverages {
    pub(super) fn execute(self) -> Result<ExitCode, Failure> {
        let cases = self.source.cases(&[], DEFAULT_SEED)?;
        let mut chapters: BTreeMap<&str, Chapter> = BTreeMap::new();
        for requirement in catalogue().values() {
            let chapter = chapters.entry(chapter(requirement)).or_default();
            match Coverage::of(requirement, &cases) {
                Coverage::Covered(_) => chapter.covered += 1,
                Coverage::Hidden(why) => chapter.hidden.push((requirement, why)),
                Coverage::Uncovered => chapter.uncovered.push(requirement),
            }
        }
        Ok(out::write(&report(&chapters)).code())
    }
}

fn report(chapters: &BTreeMap<&str, Chapter>) -> String {
    let row = |name: &str, covered: usize, hidden: usize, uncovered: usize| {
        let all = covered + hidden + uncovered;
        format!("{name:12}  {all:12}  {covered:7}  {hidden:14}  {uncovered:9}\n")
    };
    let mut text = "chapter       requirements  covered  not observable  uncovered\n".to_owned();
    for (name, Chapter { covered, hidden, uncovered }) in chapters {
        text += &row(name, *covered, hidden.len(), uncovered.len());
    }
    let sum = |count: fn(&Chapter) -> usize| chapters.values().map(count).sum();
    text += &row(
        "all",
        sum(|chapter| chapter.covered),
        sum(|chapter| chapter.hidden.len()),
        sum(|chapter| chapter.uncovered.len()),
    );
    text += "\nnot observable:\n";
    for (Requirement { id, level, .. }, why) in chapters.values().flat_map(|chapter| &chapter.hidden) {
        text += &format!("  {id:14}  {level:6}  {why}\n");
    }
    text += "\nuncovered:\n";
    for Requirement { id, level, text: sentence, .. } in chapters.values().flat_map(|chapter| &chapter.uncovered) {
        text += &format!("  {id:14}  {level:6}  {sentence}\n");
    }
    text
}
