//! What each page has: styles, scripts, the policy, and the JSON.

use askama::Template;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::head::Head;
use super::matrix::{Row, Tone};
use super::recordings;
use super::totals::Totals;
use crate::replay::is_invisible;
use crate::report::recordings::Recording;

const STYLE: &str = include_str!("../../../templates/page.css");

/// The scripts share one block, so that they can use each other's functions.
const SCRIPT: &str = concat!(
    "\"use strict\";{\n",
    include_str!("../../../templates/elements.js"),
    include_str!("../../../templates/list.js"),
    include_str!("../../../templates/frames.js"),
    include_str!("../../../templates/diagram.js"),
    include_str!("../../../templates/case.js"),
    include_str!("../../../templates/session.js"),
    include_str!("../../../templates/start.js"),
    "}"
);

/// The page of runs.
#[derive(Debug, Template)]
#[template(path = "runs.html")]
pub(super) struct Runs<'a> {
    pub(super) shell: Shell,
    pub(super) heads: Vec<Head>,
    pub(super) totals: [Totals<'a>; 2],
    pub(super) counts: Vec<(Tone, usize)>,
    pub(super) rows: &'a [Row<'a>],
}

/// The page of recordings.
#[derive(Debug, Template)]
#[template(path = "recordings.html")]
pub(super) struct Recorded<'a> {
    pub(super) shell: Shell,
    pub(super) recordings: &'a [Recording],
    pub(super) rows: Vec<recordings::Row<'a>>,
}

/// What the frame of a page needs.
#[derive(Debug)]
pub(super) struct Shell {
    pub(super) style: &'static str,
    pub(super) script: &'static str,
    /// Only this style sheet and these scripts apply, and nothing is loaded.
    pub(super) policy: String,
    /// JSON that can stand in a script element.
    pub(super) data: String,
}

impl Shell {
    pub(super) fn new(data: &impl Serialize) -> Self {
        let policy = format!(
            "default-src 'none'; script-src {}; style-src {}; img-src data:; base-uri 'none'; form-action 'none'",
            hash(SCRIPT),
            hash(STYLE)
        );
        Self { style: STYLE, script: SCRIPT, policy, data: embedded(data) }
    }
}

/// The source of a policy that allows exactly this text.
fn hash(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}

/// JSON without a character that means something to HTML, or that is invisible. Such characters only occur in strings.
pub(super) fn embedded(data: &impl Serialize) -> String {
    use std::fmt::Write as _;
    // The types have nothing that JSON cannot hold.
    let json = serde_json::to_string(data).unwrap_or_default();
    json.chars().fold(String::with_capacity(json.len()), |mut text, character| {
        if matches!(character, '<' | '>' | '&') || is_invisible(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(character);
        }
        text
    })
}
