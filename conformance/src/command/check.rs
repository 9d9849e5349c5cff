//! `siospec check`.

use std::process::ExitCode;

use clap::Args;

use super::offer::Offer;
use super::{Failure, out};

#[derive(Debug, Args)]
pub(super) struct Check {
    /// The server's URL, `http://host:port`
    url: String,
    #[command(flatten)]
    offer: Offer,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

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
