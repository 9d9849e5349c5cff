//! Adds the words of a file to those of the command line, which win.

use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use super::settings::Settings;

/// The words of the command line with those of the file.
pub(super) fn merge(words: &[OsString], command: &Command, given: &ArgMatches, settings: &Settings) -> Vec<OsString> {
    let has = |id: &str| command.get_arguments().any(|arg| arg.get_id() == id);
    let is_given = |id: &str| has(id) && given.value_source(id) == Some(ValueSource::CommandLine);
    let positional: Vec<&String> = ["words", "selectors", "url"]
        .into_iter()
        .filter(|id| is_given(id))
        .flat_map(|id| given.get_many::<String>(id).into_iter().flatten())
        .collect();
    let has_url = positional.first().is_some_and(|word| word.contains("://"));
    let has_command = is_given("command") || is_given("driver");
    // A URL or a command on the command line is another server than that of the file.
    let has_server = has_url || has_command;
    let is_wanted = |arg: &Arg| {
        let excludes =
            || command.get_arg_conflicts_with(arg).into_iter().any(|other| is_given(other.get_id().as_str()));
        let is_about_command = arg.get_id() == "ready" && has_url && !has_command;
        !is_given(arg.get_id().as_str()) && !is_about_command && !excludes()
    };
    let options = command.get_arguments().filter(|arg| is_wanted(arg)).filter_map(Arg::get_long);
    let options = options.filter_map(|long| settings.get(long)).flatten();
    let list = |key: &str| settings.get(key).cloned().unwrap_or_default();

    let at = words.iter().position(|word| word == command.get_name()).map_or(words.len(), |at| at + 1);
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len()).max(at);
    let (before, own, rest) = (words.get(..at), words.get(at..end), words.get(end..));
    let mut all: Vec<OsString> = before.unwrap_or_default().to_vec();
    let takes_url = has("words") || has("url");
    if takes_url && !has_server {
        all.extend(list("url").into_iter().map(OsString::from));
    }
    all.extend(options.map(OsString::from));
    all.extend(own.unwrap_or_default().iter().cloned());
    if !has("url") && positional.len() == usize::from(has_url) {
        all.extend(list("select").into_iter().map(OsString::from));
    }
    all.extend(rest.unwrap_or_default().iter().cloned());
    let last = if has("driver") { "driver" } else { "command" };
    let starts = list(last);
    // `client --listen` without a driver on the command line is a client without one.
    let is_wanted = has(last) && !has_server && !(last == "driver" && is_given("listen"));
    if is_wanted && !starts.is_empty() {
        all.push("--".into());
        all.extend(starts.into_iter().map(OsString::from));
    }
    all
}
