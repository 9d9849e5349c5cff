//! Reads the file: which keys it may have, and what their values become.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::path::Path;

use clap::builder::PossibleValue;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Command, CommandFactory as _};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Cli;

/// Keys that are no options, with the sections that have them.
const WORDS: [(&str, &[&str]); 4] =
    [("url", &["target"]), ("command", &["target"]), ("select", &["run", "client"]), ("driver", &["client"])];

/// Options that no file can have: they say which file it is, or end the command.
const LEFT_OUT: [&str; 4] = ["config", "profile", "help", "version"];

/// The heading of the options that are keys of `[target]`.
const SERVER: &str = "Server";

/// The words of each key.
pub(super) type Settings = BTreeMap<String, Vec<String>>;

/// A file that was read and checked.
#[derive(Debug, Default)]
pub(super) struct File {
    name: String,
    /// The settings of each section, and of each profile as `profile.NAME`.
    sections: BTreeMap<String, Settings>,
    has_features: bool,
}

/// The keys of each section.
pub(super) fn sections(cli: &Command) -> [(&'static str, Vec<String>); 3] {
    ["target", "run", "client"].map(|section| {
        let command = cli.find_subcommand(if section == "target" { "run" } else { section });
        let is_here = |arg: &&Arg| {
            let is_target = arg.get_help_heading() == Some(SERVER);
            section == "client" || is_target == (section == "target")
        };
        let options = command.into_iter().flat_map(Command::get_arguments).filter(is_here);
        let options = options.filter_map(Arg::get_long).filter(|long| !LEFT_OUT.contains(long));
        let words = WORDS.iter().filter(|(_, sections)| sections.contains(&section)).map(|(word, _)| *word);
        (section, words.chain(options).map(str::to_owned).collect())
    })
}

impl File {
    /// Reads all sections, also those of other commands, so that a fault is not found later.
    ///
    /// # Errors
    ///
    /// One sentence with the file, the line and the key.
    pub(super) fn parse(path: &Path, text: &str, cli: &Command) -> Result<Self, String> {
        let reader = Reader { name: path.display().to_string(), text, cli };
        let table = DeTable::parse(text).map_err(|error| {
            reader.fault(error.span().map_or(0, |span| span.start), error.message().trim_end().to_owned())
        })?;
        let mut file = Self { name: reader.name.clone(), ..Self::default() };
        for (key, value) in table.get_ref() {
            let table = value.get_ref().as_table();
            match (key.get_ref().as_ref(), table) {
                ("features", Some(_)) => file.has_features = true,
                ("profile", Some(profiles)) => {
                    for (name, value) in profiles {
                        let section = format!("profile.{}", name.get_ref());
                        let table = value.get_ref().as_table();
                        let table = table.ok_or_else(|| reader.fault(name.span().start, no_table(&section)))?;
                        file.sections.insert(section.clone(), reader.section(&section, table)?);
                    }
                }
                (section @ ("target" | "run" | "client"), Some(table)) => {
                    file.sections.insert(section.to_owned(), reader.section(section, table)?);
                }
                (section @ ("features" | "profile" | "target" | "run" | "client"), None) => {
                    return Err(reader.fault(key.span().start, no_table(section)));
                }
                (other, _) => {
                    let known = ["target", "features", "run", "client", "profile"].map(str::to_owned);
                    return Err(reader.fault(key.span().start, unknown("", other, &known)));
                }
            }
        }
        Ok(file)
    }

    /// What the file says for a command.
    ///
    /// # Errors
    ///
    /// There is no such profile.
    pub(super) fn settings(&self, command: &Command, profile: Option<&str>) -> Result<Settings, String> {
        let profile = profile.map(|profile| format!("profile.{profile}"));
        if let Some(section) = profile.as_ref().filter(|section| !self.sections.contains_key(*section)) {
            let known: Vec<&str> = self.sections.keys().filter_map(|key| key.strip_prefix("profile.")).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(format!("{}: there is no [{section}]; the profiles are: {known}", self.name));
        }
        let sections = ["target", command.get_name()].map(str::to_owned).into_iter().chain(profile);
        let mut settings = Settings::new();
        for section in sections.filter_map(|section| self.sections.get(&section)) {
            settings.extend(section.iter().map(|(key, words)| (key.clone(), words.clone())));
        }
        if self.has_features {
            settings.entry("features".to_owned()).or_insert_with(|| vec![format!("--features={}", self.name)]);
        }
        Ok(settings)
    }
}

struct Reader<'a> {
    name: String,
    text: &'a str,
    cli: &'a Command,
}

impl Reader<'_> {
    fn fault(&self, at: usize, message: String) -> String {
        let line = self.text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        format!("{}:{line}: {message}", self.name)
    }

    fn section(&self, section: &str, table: &DeTable<'_>) -> Result<Settings, String> {
        let sections = sections(self.cli);
        let mut settings = Settings::new();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let homes: Vec<&str> =
                sections.iter().filter(|(_, keys)| keys.iter().any(|key| key == name)).map(|(home, _)| *home).collect();
            let is_profile = section.starts_with("profile.");
            if homes.is_empty() || !(is_profile || homes.contains(&section)) {
                let known = sections.iter().filter(|(home, _)| is_profile || *home == section);
                let known: Vec<String> = known.flat_map(|(_, keys)| keys.clone()).collect();
                let words = match homes.first() {
                    Some(home) => format!("{section}.{name} belongs in [{home}]"),
                    None => unknown(&format!("{section}."), name, &known),
                };
                return Err(self.fault(key.span().start, words));
            }
            let command =
                if homes.iter().any(|home| *home != "client") && section != "client" { "run" } else { "client" };
            let words = self.words(command, name, value).map_err(|words| {
                let shown = self.text.get(value.span()).unwrap_or_default();
                self.fault(value.span().start, format!("{section}.{name} is {shown}: {words}"))
            })?;
            settings.insert(name.to_owned(), words);
        }
        Ok(settings)
    }

    /// The words on the command line for a key.
    fn words(&self, command: &str, key: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, String> {
        if key == "url" {
            return Ok(vec![text(value.get_ref()).ok_or("it has to be a text")?]);
        }
        if WORDS.iter().any(|(word, _)| *word == key) {
            let all = value.get_ref().as_array().and_then(|all| all.iter().map(|one| text(one.get_ref())).collect());
            return all.ok_or_else(|| "it has to be a list of texts".to_owned());
        }
        let arg = self
            .cli
            .find_subcommand(command)
            .and_then(|command| command.get_arguments().find(|arg| arg.get_long() == Some(key)));
        let Some(arg) = arg else { return Err("it is no option of this command".to_owned()) };
        let words = option(arg, key, value.get_ref())?;
        check(command, arg, &words)?;
        Ok(words)
    }
}

/// The words of an option with this value.
fn option(arg: &Arg, key: &str, value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let one = |value: &DeValue<'_>| scalar(value).map(|text| format!("--{key}={text}"));
    match (arg.get_action(), value) {
        (ArgAction::SetTrue, DeValue::Boolean(is_on)) => Ok(if *is_on { vec![format!("--{key}")] } else { Vec::new() }),
        (ArgAction::SetTrue, _) => Err("it has to be true or false".to_owned()),
        (ArgAction::Count, value) => {
            let times = scalar(value).and_then(|times| times.parse::<u8>().ok()).filter(|times| *times <= 9);
            let times = times.ok_or("it has to be a whole number from 0 to 9")?;
            Ok(vec![format!("--{key}"); times.into()])
        }
        (ArgAction::Append, DeValue::Array(all)) => {
            let all: Option<Vec<String>> = all.iter().map(|value| one(value.get_ref())).collect();
            all.ok_or_else(|| "it has to be a list of texts or numbers".to_owned())
        }
        (_, value) => Ok(vec![one(value).ok_or("it has to be a text or a number")?]),
    }
}

/// Parses an option alone, to find out whether its value can be used.
fn check(command: &str, arg: &Arg, words: &[String]) -> Result<(), String> {
    let line = ["siospec", command].map(str::to_owned).into_iter().chain(words.iter().cloned());
    let Err(error) = Cli::command().try_get_matches_from(line) else { return Ok(()) };
    // What it needs or excludes is seen when all options are there.
    if matches!(error.kind(), ErrorKind::MissingRequiredArgument | ErrorKind::ArgumentConflict) {
        return Ok(());
    }
    let possible: Vec<String> =
        arg.get_possible_values().iter().map(PossibleValue::get_name).map(str::to_owned).collect();
    Err(match error.source() {
        Some(source) => source.to_string(),
        None if !possible.is_empty() => format!("it has to be one of {}", possible.join(", ")),
        None => error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    })
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix()).ok().map(|it| it.to_string()),
        value => text(value),
    }
}

fn text(value: &DeValue<'_>) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn no_table(section: &str) -> String {
    format!("{section} is no table; write [{section}]")
}

/// A sentence about a key that is not known, with the one that is most like it.
fn unknown(section: &str, key: &str, known: &[String]) -> String {
    let like = |known: &&String| (strsim::jaro_winkler(known, key) * 1000.0) as u32;
    match known.iter().max_by_key(like).filter(|nearest| like(nearest) >= 700) {
        Some(nearest) => format!("there is no {section}{key}; did you mean {nearest}?"),
        None => format!("there is no {section}{key}; there are {}", known.join(", ")),
    }
}
