//! The page of recordings.

use std::collections::BTreeMap;

use serde::Serialize;

use super::data::{Line, Requirement, mark, requirement, sender};
use crate::replay::plural;
use crate::report::recordings::{self, Recordings, Session, Violation};
use crate::report::results::Sender;
use crate::requirements::catalogue;

/// Everything that the scripts read.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Data<'a> {
    /// What an address calls a page.
    key: &'static str,
    items: Vec<Item<'a>>,
    requirements: BTreeMap<String, Requirement>,
}

/// One session.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    /// Its number on the page, from 1.
    id: String,
    title: String,
    recording: &'a str,
    tone: &'static str,
    violations: Vec<Flag<'a>>,
    fulfilled: Vec<(&'a str, &'static str, usize)>,
    unseen: &'a [String],
    conversation: Vec<Line>,
    /// How lines are read whose text does not show it, by number.
    readings: BTreeMap<usize, &'a str>,
}

/// A violation: the requirement, the side, what is wrong, what shows it, and the line.
#[derive(Debug, Serialize)]
struct Flag<'a>(&'a str, &'static str, &'a str, &'a str, Option<usize>);

/// At most this many lines of a session are drawn from its beginning; those around violations always are.
const MAX_LINES: usize = 1000;

/// How many lines are drawn around a violation.
const AROUND: usize = 10;

/// A line of the list.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) recording: &'a str,
    pub(super) tone: &'static str,
    pub(super) words: String,
    pub(super) broken: Vec<&'a str>,
    pub(super) lines: usize,
}

impl Row<'_> {
    pub(super) fn haystack(&self) -> String {
        format!("{} {} {}", self.title, self.recording, self.broken.join(" ")).to_lowercase()
    }
}

pub(super) fn rows(recordings: &Recordings) -> Vec<Row<'_>> {
    let row = |(number, (recording, session))| Row {
        id: usize::to_string(&number),
        title: title(session),
        recording,
        tone: tone(session),
        words: match session.violations.len() {
            0 => "nothing broken".to_owned(),
            1 => "1 violation".to_owned(),
            many => format!("{many} violations"),
        },
        broken: broken(session),
        lines: session.conversation.len(),
    };
    (1..).zip(sessions(recordings)).map(row).collect()
}

fn sessions(recordings: &Recordings) -> impl Iterator<Item = (&str, &Session)> {
    recordings.recordings.iter().flat_map(|one| one.sessions.iter().map(|session| (one.name.as_str(), session)))
}

/// The requirements that were broken, each once.
fn broken(session: &Session) -> Vec<&str> {
    let mut broken: Vec<_> = session.violations.iter().map(|violation| violation.requirement.as_str()).collect();
    broken.sort_unstable();
    broken.dedup();
    broken
}

fn title(session: &Session) -> String {
    session.sid.as_ref().map_or_else(|| "of no session".to_owned(), |sid| format!("session {sid}"))
}

fn tone(session: &Session) -> &'static str {
    if !session.violations.is_empty() {
        "bad"
    } else if session.fulfilled.is_empty() {
        "idle"
    } else {
        "good"
    }
}

const fn side(sender: Sender) -> &'static str {
    match sender {
        Sender::Client => "client",
        Sender::Server => "server",
    }
}

impl<'a> Data<'a> {
    pub(super) fn of(recordings: &'a Recordings) -> Self {
        let mut requirements = BTreeMap::new();
        for (_, session) in sessions(recordings) {
            let broken = session.violations.iter().map(|violation| &violation.requirement);
            for id in broken.chain(session.fulfilled.iter().map(|fulfilled| &fulfilled.requirement)) {
                if let Some(known) = catalogue().get(id) {
                    requirements.entry(id.clone()).or_insert_with(|| {
                        requirement(id, known.text.clone(), known.weight().as_str().to_owned(), known.basis.clone())
                    });
                }
            }
        }
        let items = (1..).zip(sessions(recordings)).map(|(number, (name, session))| item(number, name, session));
        Self { key: "session", items: items.collect(), requirements }
    }
}

fn item<'a>(number: usize, recording: &'a str, session: &'a Session) -> Item<'a> {
    let flagged: Vec<usize> = session.violations.iter().filter_map(|violation| violation.line).collect();
    let is_drawn = |at: usize| at < MAX_LINES || flagged.iter().any(|flag| flag.abs_diff(at) <= AROUND);
    let (mut conversation, mut readings, mut places) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    let mut hidden: usize = 0;
    for (at, line) in session.conversation.iter().enumerate() {
        if !is_drawn(at) {
            hidden += 1;
            continue;
        }
        if hidden > 0 {
            conversation.push(remark(hidden));
            hidden = 0;
        }
        places.insert(at, conversation.len());
        if let Some(reading) = &line.reading {
            readings.insert(conversation.len(), reading.as_str());
        }
        conversation.push(drawn(line));
    }
    if hidden > 0 {
        conversation.push(remark(hidden));
    }
    let flag = |violation: &'a Violation| {
        let line = violation.line.and_then(|line| places.get(&line).copied());
        Flag(&violation.requirement, side(violation.side), &violation.fault, &violation.evidence, line)
    };
    Item {
        id: number.to_string(),
        title: title(session),
        recording,
        tone: tone(session),
        violations: session.violations.iter().map(flag).collect(),
        fulfilled: session.fulfilled.iter().map(|one| (one.requirement.as_str(), side(one.side), one.times)).collect(),
        unseen: &session.unseen,
        conversation,
        readings,
    }
}

fn drawn(line: &recordings::Line) -> Line {
    Line(line.at_ms, line.channel.clone(), sender(line.sender), line.text.clone(), mark(line.mark))
}

fn remark(hidden: usize) -> Line {
    Line(None, String::new(), "", format!("({} not drawn)", plural(hidden, "line")), "")
}
