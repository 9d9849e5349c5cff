//! Writes the file of a baseline.

use std::fmt;

use toml::Value;

use super::Baseline;

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("# Failures that are expected, for `siospec run --baseline`.\n")?;
        for entry in &self.entries {
            let until = entry.until.map(|day| day.to_string());
            let keys = [
                ("case", Some(entry.case.as_str())),
                ("verdict", Some(entry.verdict.as_str())),
                ("reason", Some(entry.reason.as_str())),
                ("link", entry.link.as_deref()),
                ("until", until.as_deref()),
            ];
            f.write_str("\n[[expect]]\n")?;
            for (key, value) in keys.into_iter().filter_map(|(key, value)| Some((key, value?))) {
                writeln!(f, "{key} = {}", Value::from(value))?;
            }
        }
        Ok(())
    }
}
