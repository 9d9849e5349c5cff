//! `siospec check`.

use std::process::ExitCode;

use clap::Args;

use super::config::Configured;
use super::offer::Offer;
use super::{Failure, out};

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Check {
    /// The server's URL, `http://host:port`
    url: String,
    #[command(flatten)]
    configured: Configured,
    #[command(flatten)]
    offer: Offer,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

const EXIT_CODES: &str = "\
Exit codes: 0 the server was found, and what it offers was shown; 1 standard output cannot be written; 2 bad usage, or a file that \
cannot be read; 3 the server cannot be reached, or is no Engine.IO 4 server.";

impl Check {
    pub(super) async fn execute(self) -> Result<ExitCode, Failure> {
        let (survey, _) = self.offer.survey(&self.url, None).await?;
        let text = if self.json {
            out::visible_json(&serde_json::to_string_pretty(&survey).map_err(Failure::usage)?) + "\n"
        } else {
            survey.to_string()
        };
        Ok(out::write(&text).code())
    }
}
