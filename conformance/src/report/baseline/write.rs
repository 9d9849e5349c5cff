//! Writes the file of a baseline.

use std::fmt;

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, Value};

use super::{Baseline, Entry};

const HEAD: &str = "# Failures that are expected, for `siospec run --baseline`.\n";

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut document = DocumentMut::new();
        let tables: ArrayOfTables = self.entries.iter().map(table).collect();
        if !tables.is_empty() {
            document.insert("expect", Item::ArrayOfTables(tables));
        }
        write!(f, "{HEAD}{document}")
    }
}

impl Baseline {
    /// The text of its file, made from that of the `old` baseline that it was updated from: comments, the order of entries, and
    /// everything in those that stay is kept. New entries are at the end.
    #[must_use]
    pub fn written_over(&self, old: &Self, text: &str) -> String {
        let Ok(mut document) = text.parse::<DocumentMut>() else { return self.to_string() };
        let new = self.entries.iter().filter(|entry| entry.line == 0).map(table);
        match document.get_mut("expect") {
            None => {
                document.insert("expect", Item::ArrayOfTables(new.collect()));
            }
            Some(Item::ArrayOfTables(tables)) => {
                for (at, old) in old.entries.iter().enumerate().rev() {
                    match (self.entries.iter().find(|entry| entry.line == old.line), tables.get_mut(at)) {
                        (Some(entry), Some(table)) => correct(table, entry),
                        (_, Some(_)) => drop(tables.remove(at)),
                        (_, None) => {}
                    }
                }
                new.for_each(|table| tables.push(table));
            }
            // An array of inline tables: nobody writes that by hand.
            Some(_) => return self.to_string(),
        }
        document.to_string()
    }
}

/// Changes what is different, and leaves comments alone.
fn correct(table: &mut Table, entry: &Entry) {
    for (key, text) in [("case", entry.case.as_str()), ("verdict", entry.verdict.as_str())] {
        let Some(value) = table.get_mut(key).and_then(Item::as_value_mut) else { continue };
        if value.as_str() != Some(text) {
            let decor = value.decor().clone();
            *value = Value::from(text);
            *value.decor_mut() = decor;
        }
    }
}

fn table(entry: &Entry) -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    let until = entry.until.map(|day| day.to_string());
    let keys = [
        ("case", Some(entry.case.as_str())),
        ("verdict", Some(entry.verdict.as_str())),
        ("reason", Some(entry.reason.as_str())),
        ("link", entry.link.as_deref()),
        ("until", until.as_deref()),
    ];
    for (key, value) in keys.into_iter().filter_map(|(key, value)| Some((key, value?))) {
        table.insert(key, Item::Value(Value::from(value)));
    }
    table
}
