//! Writes the file of a baseline.

use std::fmt;

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, TableLike, Value};

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
        match document.entry("expect").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new())) {
            Item::ArrayOfTables(tables) => self.edit(old, tables),
            Item::Value(Value::Array(tables)) => self.edit(old, tables),
            // No other value is a list of tables, so it was not read as one.
            Item::Value(_) | Item::Table(_) | Item::None => return self.to_string(),
        }
        document.to_string()
    }

    /// Brings the tables of a file to these entries.
    fn edit(&self, old: &Self, tables: &mut impl Tables) {
        let of = |number: usize| self.entries.iter().filter(move |entry| entry.number == number);
        for old in old.entries.iter().rev() {
            let at = old.number - 1;
            match of(old.number).next() {
                Some(entry) => {
                    if let Some(table) = tables.table(at) {
                        correct(table, entry);
                    }
                }
                None => tables.take_out(at),
            }
        }
        // Of a pattern that became several entries, the first one has its place.
        let others = old.entries.iter().flat_map(|old| of(old.number).skip(1));
        others.chain(of(0)).for_each(|entry| tables.add(table(entry)));
    }
}

/// The two forms of a list of tables: `[[expect]]`, and an array of inline tables.
trait Tables {
    fn table(&mut self, at: usize) -> Option<&mut dyn TableLike>;
    fn take_out(&mut self, at: usize);
    fn add(&mut self, table: Table);
}

impl Tables for ArrayOfTables {
    fn table(&mut self, at: usize) -> Option<&mut dyn TableLike> {
        self.get_mut(at).map(|table| table as &mut dyn TableLike)
    }

    fn take_out(&mut self, at: usize) {
        if at < self.len() {
            self.remove(at);
        }
    }

    fn add(&mut self, table: Table) {
        self.push(table);
    }
}

impl Tables for Array {
    fn table(&mut self, at: usize) -> Option<&mut dyn TableLike> {
        self.get_mut(at)?.as_inline_table_mut().map(|table| table as &mut dyn TableLike)
    }

    fn take_out(&mut self, at: usize) {
        if at < self.len() {
            self.remove(at);
        }
    }

    fn add(&mut self, table: Table) {
        let mut table = table.into_inline_table();
        table.fmt();
        // A comment behind the last comma is about the entry before it.
        let before =
            if self.trailing_comma() { self.trailing().as_str().unwrap_or_default().to_owned() } else { String::new() };
        let prefix = if before.contains('\n') { format!("{before}    ") } else { format!("{before} ") };
        if before.contains('#') {
            self.set_trailing("\n");
        }
        self.push_formatted(Value::from(table).decorated(prefix, ""));
    }
}

/// Changes what is different, and leaves comments alone.
fn correct(table: &mut dyn TableLike, entry: &Entry) {
    for (key, text) in [("case", entry.case.as_str()), ("verdict", entry.verdict.as_str())] {
        let Some(value) = table.get_mut(key).and_then(Item::as_value_mut) else { continue };
        if value.as_str() != Some(text) {
            let decor = value.decor().clone();
            *value = Value::from(text);
            *value.decor_mut() = decor;
        }
    }
    if entry.pattern.is_none() {
        table.remove("covers");
    }
}

fn table(entry: &Entry) -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    let covers = entry.pattern.as_ref().and_then(|pinned| i64::try_from(pinned.covers).ok());
    let until = entry.until.map(|day| day.to_string());
    let keys = [
        ("case", Some(Value::from(entry.case.as_str()))),
        ("covers", covers.map(Value::from)),
        ("verdict", Some(Value::from(entry.verdict.as_str()))),
        ("reason", Some(Value::from(entry.reason.as_str()))),
        ("link", entry.link.as_deref().map(Value::from)),
        ("until", until.map(Value::from)),
    ];
    for (key, value) in keys.into_iter().filter_map(|(key, value)| Some((key, value?))) {
        table.insert(key, Item::Value(value));
    }
    table
}
