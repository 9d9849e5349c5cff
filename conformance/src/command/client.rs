//! `siospec client`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use tokio::runtime::Handle;

use super::agents::Judging;
use super::config::Configured;
use super::playing::Playing;
use super::reports::{Wanted, now};
use super::{Failure, Selection, baseline, interrupt};
use crate::cases::Case;
use crate::clients::{self, Agents, Report, Settings};
use crate::launch::Groups;
use crate::report::results::ClientContext;
use crate::report::{Detail, Skipped, clients as page};
use crate::run::{Bounds, CancellationToken, Course, Gate, Terms};
use crate::values::DEFAULT_SEED;

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Client {
    /// Case ids, folders of cases, globs, or requirement ids; `!` before one leaves these cases out
    #[arg(value_name = "SELECTOR")]
    selectors: Vec<String>,
    /// The command that starts the driver, with its arguments
    #[arg(last = true, required_unless_present = "listen", value_name = "DRIVER")]
    driver: Vec<String>,
    /// Listen here. With a driver, the servers of the cases listen here, one after the other. Without one, programs that
    /// cannot be started connect here: drivers open the WebSocket /driver?agent=NAME, and clients that only echo visit each
    /// case at /case/ID/?agent=NAME
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// How many agents connect, 1 to 64; the command ends when all have reported
    #[arg(long, value_name = "N", requires = "listen", conflicts_with = "driver", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    agents: u16,
    /// The browser build of socket.io-client for the page at `/`: node_modules/socket.io-client/dist/socket.io.js. Without it,
    /// the page asks for a file
    #[arg(long, value_name = "FILE", requires = "listen", conflicts_with = "driver")]
    client: Option<PathBuf>,
    #[command(flatten)]
    configured: Configured,
    #[command(flatten)]
    selection: Selection,
    /// The lowest level whose broken rules fail the run; all levels are played and reported
    #[arg(help_heading = "Run", long, value_enum, value_name = "LEVEL", default_value_t)]
    gate: Gate,
    /// How many drivers run at a time, 1 to 64
    #[arg(help_heading = "Run", long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: u16,
    /// How long a step may take that has no time limit in its trace, 1 to 600
    #[arg(help_heading = "Run", long, value_name = "SECONDS", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    #[command(flatten)]
    playing: Playing,
    /// Judge the run by this baseline of expected failures, as `siospec run` does
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    reports: Wanted,
    /// Show whole conversations, with all entries; -vv: of every case, also of those that pass
    #[arg(help_heading = "Output", long, short, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Name every case that does not apply, with the reason
    #[arg(help_heading = "Output", long)]
    list_skipped: bool,
}

const EXIT_CODES: &str = "\
Exit codes: 0 nothing at the gate is broken, at least one case was judged, and none was lost; 1 otherwise, also if the driver ends, \
hangs or writes garbage; 4 with a baseline: nothing else is wrong, but a case passed that is expected to fail; 2 bad usage, or a trace that cannot be read; 3 no driver can be started, an agent does not come, or no case applies to a client; 130 \
interrupted (Ctrl-C or SIGTERM), after telling what is known.";

impl Client {
    pub(super) fn execute(self, runtime: &Handle) -> Result<ExitCode, Failure> {
        if self.selectors.iter().any(String::is_empty) {
            return Err(Failure::usage("an argument is empty, where a selector of cases is expected"));
        }
        let cases = self.selection.cases(&self.selectors, DEFAULT_SEED)?;
        if cases.is_empty() {
            return Err(Failure::unreachable("there is nothing to judge: no file of that folder ends with .trace"));
        }
        // A fault in it is noticed before the run.
        let judge = self.baseline.as_deref().map(baseline::judge).transpose()?;
        if let Some(judge) = &judge {
            baseline::fit(judge, &self.selection.source.suite(DEFAULT_SEED)?)?;
        }
        let groups = Groups::default();
        let stop = {
            let (_entered, groups) = (runtime.enter(), groups.clone());
            interrupt::stop_or(move || groups.kill())
        };
        let detail = Detail::from_times(self.verbose);
        let skipped = if self.list_skipped { Skipped::Cases } else { Skipped::Reasons };
        let context = ClientContext {
            traces: self.selection.source.traces.as_ref().map(|folder| folder.display().to_string()),
            started: now(),
            gate: self.gate,
            course: self.course(),
            driver: self.driver.clone(),
        };
        if let Some(listen) = self.listen.filter(|_| self.driver.is_empty()) {
            let agents = self.agents(listen)?;
            let judging =
                Judging { agents, context: &context, judge: judge.as_ref(), wanted: &self.reports, detail, skipped };
            return judging.execute(cases, runtime, &stop);
        }
        let reports = self.reports.open()?;
        let report = match self.play(cases, groups, runtime, &stop) {
            Ok(report) => report,
            Err(failure) => {
                reports.finish(&context.without_cases(&failure.message));
                return Err(failure);
            }
        };
        let results = baseline::judged(judge.as_ref(), context.results(&report));
        let text = || page::text(&report, &results, detail, skipped);
        let nothing = "nothing was judged: none of the chosen cases applies to this client";
        Ok(reports.conclude(&results, text, nothing))
    }

    /// Programs that come by themselves.
    fn agents(&self, listen: SocketAddr) -> Result<Agents, Failure> {
        let (step, max_time) = self.times();
        let script = self.client.as_ref().map(|path| {
            let read = std::fs::read(path).map(Bytes::from);
            read.map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))
        });
        let (script, count) = (script.transpose()?, self.agents.into());
        Ok(Agents { listen, script, count, step, max_time, course: self.course() })
    }

    fn course(&self) -> Course {
        self.playing.course(Terms { gate: self.gate, ..Terms::default() })
    }

    /// How long a step may take, and the run.
    fn times(&self) -> (Duration, Duration) {
        (Duration::from_secs(self.timeout), self.playing.max_time(Bounds::default().max_time))
    }

    fn play(
        &self,
        cases: Vec<Case>,
        groups: Groups,
        runtime: &Handle,
        stop: &CancellationToken,
    ) -> Result<Report, Failure> {
        let (step, max_time) = self.times();
        let (driver, jobs) = (self.driver.clone(), self.jobs.into());
        let settings = Settings { driver, groups, listen: self.listen, jobs, step, max_time, course: self.course() };
        clients::run(cases, &settings, runtime, stop).map_err(Failure::unreachable)
    }
}
