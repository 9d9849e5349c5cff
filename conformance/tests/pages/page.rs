//! The pages, and what is taken from them.

/// A page in Markdown.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

pub(crate) const PROJECT: Page = Page { name: "README.md", text: include_str!("../../../README.md") };
pub(crate) const CODEC: Page = Page { name: "codec/README.md", text: include_str!("../../../codec/README.md") };
pub(crate) const MANUAL: Page = Page { name: "conformance/README.md", text: include_str!("../../README.md") };

pub(crate) const RULES: Page = Page { name: "CONTRIBUTING.md", text: include_str!("../../../CONTRIBUTING.md") };

/// What a new user reads.
pub(crate) const ALL: [Page; 3] = [PROJECT, CODEC, MANUAL];

impl Page {
    /// The part below a heading, without the parts that follow it.
    pub(crate) fn section(self, heading: &str) -> &'static str {
        let (_, below) = self.text.split_once(&format!("\n## {heading}\n")).unwrap();
        below.split("\n## ").next().unwrap()
    }

    /// The contents of its fences in this language.
    pub(crate) fn snippets(self, language: &str) -> Vec<&'static str> {
        let opening = format!("\n```{language}\n");
        let fences = self.text.split(&opening).skip(1);
        fences.map(|text| text.split_inclusive("\n```\n").next().unwrap().trim_end_matches("```\n")).collect()
    }
}

/// The lines of a text that a reader types into a shell.
pub(crate) fn commands(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter_map(|line| line.strip_prefix("    "))
}
