//! The cases: which there are, and which of them a client without a driver can play.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sio_codec::engineio::client::Transports;

use crate::cases::{self, Case};
use crate::party::client::{self, Visiting};

/// The cases of a run.
#[derive(Debug)]
pub(super) struct List {
    cases: Vec<Case>,
    entries: BTreeMap<String, Result<Visiting, String>>,
    driven: String,
}

/// Which of the cases to visit are listed: all, or those for clients with these transports, or of this revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    transports: Option<Transports>,
    eio: Option<u8>,
}

impl Wanted {
    /// # Errors
    ///
    /// Which words there are, in a sentence.
    pub(super) fn new(visitor: &str, eio: Option<&str>) -> Result<Self, String> {
        let transports = match visitor {
            "all" => None,
            "polling" => Some(Transports::PollingOnly),
            "websocket" => Some(Transports::WebSocketOnly),
            "both" => Some(Transports::PollingThenUpgrade),
            _ => return Err(format!("visitor is polling, websocket, both or all, not {visitor:?}")),
        };
        let eio = match eio {
            None => None,
            Some("3") => Some(3),
            Some("4") => Some(4),
            Some(other) => return Err(format!("eio is 3 or 4, not {other:?}")),
        };
        Ok(Self { transports, eio })
    }

    fn includes(self, visiting: Visiting) -> bool {
        self.transports.is_none_or(|transports| transports == visiting.transports)
            && self.eio.is_none_or(|eio| eio == visiting.revision.number())
    }
}

impl List {
    pub(super) fn new(cases: Vec<Case>) -> Self {
        let entries = cases.iter().map(|case| (case.id.clone(), client::visitor(&case.trace)));
        Self { entries: entries.collect(), driven: driven(&cases), cases }
    }

    pub(super) fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// How many cases can be visited.
    pub(super) fn to_visit(&self) -> usize {
        self.entries.values().filter(|entry| entry.is_ok()).count()
    }

    /// The cases that a driver can play, as a JSON array.
    pub(super) fn driven(&self) -> &str {
        &self.driven
    }

    /// The case with this id.
    pub(super) fn find(&self, id: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.id == id)
    }

    /// The client that can play a case without a driver.
    ///
    /// # Errors
    ///
    /// Why none can, in the words that follow "it".
    pub(super) fn visiting(&self, case: &Case) -> Result<Visiting, &str> {
        match self.entries.get(&case.id) {
            Some(Ok(visiting)) => Ok(*visiting),
            Some(Err(why)) => Err(why),
            None => Err("is not among the cases of this run"),
        }
    }

    /// That there is no such case, and which are called almost so.
    pub(super) fn unknown(&self, id: &str) -> String {
        match cases::nearest(&self.cases, id).as_slice() {
            [] => format!("there is no case {id:?} in this run; GET /cases?visitor=all lists those to visit"),
            names => format!("there is no case {id:?} in this run; did you mean {}?", names.join(" or ")),
        }
    }

    /// The cases to visit, as a JSON array.
    pub(super) fn visited(&self, wanted: Wanted) -> String {
        let cases = self.wanted(wanted).map(|(case, visiting)| {
            json!({
                "id": case.id,
                "title": case.trace.header.title.as_str(),
                "level": case.trace.header.level.as_str(),
                "path": path(&case.id),
                "eio": visiting.revision.number(),
                "transports": transports(visiting),
            })
        });
        Value::Array(cases.collect()).to_string()
    }

    /// The ids of the cases to visit, one in each line.
    pub(super) fn ids(&self, wanted: Wanted) -> String {
        self.wanted(wanted).map(|(case, _)| format!("{}\n", case.id)).collect()
    }

    fn wanted(&self, wanted: Wanted) -> impl Iterator<Item = (&Case, Visiting)> {
        let visited = self.cases.iter().filter_map(|case| Some((case, self.visiting(case).ok()?)));
        visited.filter(move |(_, visiting)| wanted.includes(*visiting))
    }
}

/// What the paths of cases begin with.
pub(super) const BEGINNING: &str = "/case/";

/// What is escaped in paths and queries.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.');

/// The path at which clients visit a case.
pub(super) fn path(id: &str) -> String {
    format!("{BEGINNING}{}/", escaped(id))
}

/// A text in a path or a query.
pub(super) fn escaped(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// The transports that a client is to use, in order.
pub(super) const fn transports(visiting: Visiting) -> &'static [&'static str] {
    match visiting.transports {
        Transports::PollingOnly => &["polling"],
        Transports::WebSocketOnly => &["websocket"],
        Transports::WebSocketThenPolling => &["websocket", "polling"],
        _ => &["polling", "websocket"],
    }
}

fn driven(cases: &[Case]) -> String {
    let cases = cases.iter().filter_map(|case| {
        let calls: Vec<Value> =
            client::calls(&case.trace)?.iter().filter_map(|call| serde_json::from_str(call).ok()).collect();
        let header = &case.trace.header;
        Some(json!({
            "id": case.id,
            "title": header.title.as_str(),
            "level": header.level.as_str(),
            "calls": calls,
        }))
    });
    Value::Array(cases.collect()).to_string()
}
