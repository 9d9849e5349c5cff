//! The help of every command.

use clap::{Command, CommandFactory as _};
use siospec::command::Cli;

/// The commands with their names in full, such as `siospec baseline init`.
fn commands(command: &mut Command, shown: &mut Vec<(String, String)>) {
    let text = format!("{}\n======\n\n{}", command.render_help(), command.render_long_help());
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name()).replace(' ', "-");
    // Lines end where their words do.
    let text = text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    shown.push((name, text));
    let below = command.get_subcommands_mut().filter(|command| command.get_name() != "help" && !command.is_hide_set());
    below.for_each(|command| commands(command, shown));
}

fn all() -> Vec<(String, String)> {
    let mut cli = Cli::command().version("0.0.0");
    cli.build();
    let mut shown = Vec::new();
    commands(&mut cli, &mut shown);
    shown
}

/// The short and the long help.
#[test]
fn every_help_is_as_it_was_read() {
    for (name, text) in all() {
        insta::assert_snapshot!(name, text);
    }
}

#[test]
fn every_command_says_what_its_exit_codes_mean() {
    for (name, text) in all() {
        let is_below_baseline = name.starts_with("siospec-baseline-");
        assert!(is_below_baseline || text.contains("Exit codes"), "{name}:\n{text}");
    }
}

#[test]
fn no_option_is_without_words() {
    fn check(command: &Command) {
        let hidden = |arg: &&clap::Arg| arg.get_help().is_none() && !arg.is_hide_set();
        let silent: Vec<_> = command.get_arguments().filter(hidden).map(clap::Arg::get_id).collect();
        assert!(silent.is_empty(), "{}: {silent:?}", command.get_name());
        assert!(command.get_about().is_some(), "{}", command.get_name());
        command.get_subcommands().for_each(check);
    }
    check(&Cli::command());
}
