//! `siospec run`.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::{Failure, Paths, Selection};
use crate::contract::Eio3;
use crate::replay::Conditions;
use crate::report::{self, Progress};
use crate::run::{self, Options, Purpose};
use crate::server::Server;

#[derive(Debug, Args)]
pub(super) struct Run {
    /// The server's URL, `http://host:port`; then case ids, folders of cases, globs, or requirement ids
    #[arg(value_name = "URL] [SELECTOR")]
    words: Vec<String>,
    #[command(flatten)]
    paths: Paths,
    #[command(flatten)]
    selection: Selection,
    /// How many cases run at a time
    #[arg(long, value_name = "N", default_value_t = Options::default().jobs)]
    jobs: usize,
    /// How long a step may take that has no time of its own
    #[arg(long, value_name = "SECONDS", default_value_t = Conditions::default().step.as_secs())]
    timeout: u64,
}

impl Run {
    pub(super) async fn execute(self) -> Result<ExitCode, Failure> {
        let (url, selectors) = super::split(&self.words)?;
        let cases = self.selection.cases(selectors)?;
        // Lives as long as the run.
        let embedded;
        let url = match url {
            Some(url) => url,
            None => {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                let server = Server::start(address, Eio3::Refused).await.map_err(|error| {
                    Failure::unreachable(format!("the embedded server cannot listen on {address}: {error}"))
                })?;
                embedded = server;
                &embedded.url()
            }
        };
        let site = self.paths.survey(url).await?;
        let conditions = Conditions { step: Duration::from_secs(self.timeout.max(1)), ..Conditions::default() };
        let options = Options { jobs: self.jobs, conditions, ..Options::default() };
        let mut progress = Progress::new(cases.len());
        let report = run::run(cases, &site, options, Purpose::Judge, &mut progress).await;
        progress.clear();
        print!("{}", report::human(&report));
        if let Some(broken_off) = report.broken_off {
            return Err(Failure::unreachable(broken_off));
        }
        Ok(if report::required_failures(&report) == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
