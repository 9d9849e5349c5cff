//! `siospec completions` and `siospec man`: what shells and `man` need to know about the command.

use std::process::ExitCode;

use clap::{Args, Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;

use super::{Cli, Failure, out};

const EXIT_CODES: &str = "Exit codes: 0 it was printed; 1 standard output cannot be written; 2 bad usage.";

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Manual {
    /// Print the page of this command, such as run; otherwise, the page of siospec, which lists the commands
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

impl Completions {
    #[expect(clippy::unnecessary_wraps, reason = "the form of all commands")]
    pub(super) fn execute(self) -> Result<ExitCode, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "siospec", &mut script);
        Ok(out::write(&String::from_utf8_lossy(&script)).code())
    }
}

impl Manual {
    pub(super) fn execute(self) -> Result<ExitCode, Failure> {
        let mut cli = Cli::command();
        cli.build();
        let command = match &self.command {
            None => &cli,
            Some(name) => cli.find_subcommand(name).ok_or_else(|| unknown(&cli, name))?,
        };
        let mut page = Vec::new();
        Man::new(command.clone()).render(&mut page).map_err(Failure::usage)?;
        Ok(out::write(&String::from_utf8_lossy(&page)).code())
    }
}

fn unknown(cli: &Command, name: &str) -> Failure {
    let names: Vec<&str> = cli.get_subcommands().map(Command::get_name).collect();
    Failure::usage(format!("there is no command {name:?}; there are {}", names.join(", ")))
}
