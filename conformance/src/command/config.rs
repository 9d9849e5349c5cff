//! `siospec.toml`: options in a file.
//!
//! ```toml
//! [target]                # the options of `siospec run` below "Server", and
//! url = "http://127.0.0.1:3000"
//! command = ["node", "server.js"]
//!
//! [features]              # as in a file of --features
//! jsonp = false
//!
//! [run]                   # the other options of `siospec run`, and
//! select = ["sio5", "!sio5/recovery"]
//! gate = "should"
//!
//! [client]                # the options of `siospec client`, and select and driver
//! driver = ["./my-driver"]
//!
//! [profile.ci]            # any of them, with --profile ci
//! repeat = 3
//! ```
//!
//! The keys are the long names of the options as clap knows them, so there is no second list. Each key becomes the words of
//! its option, which are parsed as if they were on the command line. Options that are there win.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind as Wrong;
use clap::{ArgMatches, Args, Command, CommandFactory as _, FromArgMatches as _};

use super::precedence::merge;
use super::settings::File;
use super::{Cli, Failure};

/// The file that is read if it is in the current folder.
const NAME: &str = "siospec.toml";

/// Which options come from a file.
#[derive(Debug, Args)]
pub(super) struct Configured {
    /// Read options from this file, and not from siospec.toml in the current folder. Options on the command line win
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    config: Option<PathBuf>,
    /// Use the options below [profile.NAME] in the file, too; they win over its others
    #[arg(long, value_name = "NAME", help_heading = "Configuration")]
    profile: Option<String>,
}

/// The command line with the options of the file. Ends the process where clap does: for help, and for bad usage.
pub(super) fn parse(words: Vec<OsString>) -> Result<Cli, Failure> {
    match Cli::command().try_get_matches_from(&words) {
        // The file may have what is missing.
        Err(error) if error.kind() != Wrong::MissingRequiredArgument => error.exit(),
        _ => {}
    }
    let words = match extended(&words)? {
        Some(extended) => extended,
        None => words,
    };
    let matches = Cli::command().get_matches_from(words);
    Cli::from_arg_matches(&matches).map_err(Failure::usage)
}

/// Checks the text of a file, all of its sections.
pub(super) fn check(text: &str) -> Result<(), String> {
    let mut cli = Cli::command();
    cli.build();
    File::parse(Path::new(NAME), text, &cli).map(|_| ())
}

/// The words with those that the file adds; `None` if there is no file.
fn extended(words: &[OsString]) -> Result<Option<Vec<OsString>>, Failure> {
    let mut cli = Cli::command();
    cli.build();
    let Ok(matches) = Cli::command().ignore_errors(true).try_get_matches_from(words) else { return Ok(None) };
    let Some((name, given)) = matches.subcommand() else { return Ok(None) };
    let Some(command) = cli.find_subcommand(name).filter(|command| is_configured(command)) else { return Ok(None) };
    let profile = given.get_one::<String>("profile");
    let Some((path, text)) = source(given, profile)? else { return Ok(None) };
    let file = File::parse(&path, &text, &cli).map_err(Failure::usage)?;
    let settings = file.settings(command, profile.map(String::as_str)).map_err(Failure::usage)?;
    Ok(Some(merge(words, command, given, &settings)))
}

/// The file's name and text.
fn source(given: &ArgMatches, profile: Option<&String>) -> Result<Option<(PathBuf, String)>, Failure> {
    let named = given.get_one::<PathBuf>("config");
    let path = named.map_or_else(|| Path::new(NAME), PathBuf::as_path);
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some((path.to_owned(), text))),
        Err(error) if named.is_none() && error.kind() == ErrorKind::NotFound => match profile {
            None => Ok(None),
            Some(profile) => Err(Failure::usage(format!(
                "there is no profile {profile:?}, because there is no {NAME} in this folder; name the file with --config"
            ))),
        },
        Err(error) => Err(Failure::usage(format!("{} cannot be read: {error}", path.display()))),
    }
}

fn is_configured(command: &Command) -> bool {
    command.get_arguments().any(|arg| arg.get_id() == "config")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::settings;

    /// The keys come from the options, so only those could be missing that are left out on purpose.
    #[test]
    fn every_option_of_a_command_with_a_file_has_a_key() {
        let mut cli = Cli::command();
        cli.build();
        for command in cli.get_subcommands().filter(|command| is_configured(command)) {
            let without: Vec<&str> = command
                .get_arguments()
                .filter_map(clap::Arg::get_long)
                .filter(|long| !settings::sections(&cli).iter().any(|(_, keys)| keys.contains(&(*long).to_owned())))
                .collect();
            // They say which file, choose the form of one output, or end the command.
            let reasons = ["config", "profile", "json", "help"];
            let is_known = |long: &&str| !reasons.contains(long);
            assert_eq!(without.into_iter().find(is_known), None, "{}", command.get_name());
        }
    }
}
