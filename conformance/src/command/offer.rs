//! The options that state what a server offers, and the survey of the server.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use futures_util::future;
use sio_codec::socketio::Parser;

use super::Failure;
use super::place::Place;
use crate::cases::Case;
use crate::contract::Kind;
use crate::run::{Patience, Site};
use crate::survey::{Ask, Feature, Overrules, Questions, Survey};
use crate::trace::Node;

/// Where the server is, and statements that override what the survey finds.
#[derive(Debug, Args)]
#[command(next_help_heading = "Server")]
pub(super) struct Offer {
    #[command(flatten)]
    place: Place,
    /// The application that the server runs on the path of Socket.IO, whatever is found there; unless given, it is found out
    #[arg(long, value_enum, value_name = "CONTRACT")]
    contract: Option<Contract>,
    /// Leave out the cases that need this: echo, contract, extended, polling, websocket, upgrade, maxPayload, eio3, jsonp, cors or recovery;
    /// may be repeated
    #[arg(long, value_name = "FEATURE")]
    without: Vec<Feature>,
    /// Read from a file what the server offers, in lines of TOML such as `eio3 = false`; this overrides what is found
    #[arg(long, value_name = "FILE")]
    features: Option<PathBuf>,
}

/// The application that a server is said to run.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Contract {
    /// That of the public compliance suites; the cases of the extended contract are left out
    Official,
    /// The same with the namespace /siospec: rooms, broadcasts, middlewares
    Extended,
    /// None of ours: only cases are played that need no application, also none of Engine.IO
    None,
}

impl Contract {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Extended => "extended",
            Self::None => "none",
        }
    }

    fn overrule(self, overrules: &mut Overrules) {
        let by = format!("--contract {}", self.as_str());
        let said: &[(Feature, bool)] = match self {
            Self::Official => &[(Feature::Contract, true), (Feature::Extended, false)],
            Self::Extended => &[(Feature::Contract, true), (Feature::Extended, true)],
            Self::None => &[(Feature::Echo, false), (Feature::Contract, false)],
        };
        said.iter().for_each(|(feature, is_offered)| overrules.say(*feature, *is_offered, &by));
    }
}

impl Offer {
    /// Plays cases that were recorded on this path where they belong: on the path of Socket.IO, unless they need the echo
    /// application.
    pub(super) fn recorded(&mut self, cases: &[Case], path: Option<String>) {
        if !cases.iter().any(|case| case.kind() == Some(Kind::Engine)) {
            self.without.push(Feature::Echo);
        }
        if let Some(path) = path {
            self.place.recorded(path);
        }
    }

    /// The form of the server's packets.
    pub(super) const fn parser(&self) -> Parser {
        self.place.parser()
    }

    /// The options again, for a command that plays a case again, without those that may hold a secret.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = self.place.words();
        if let Some(contract) = self.contract {
            words.extend(["--contract".to_owned(), contract.as_str().to_owned()]);
        }
        for feature in &self.without {
            words.extend(["--without".to_owned(), feature.as_str().to_owned()]);
        }
        if let Some(file) = &self.features {
            words.extend(["--features".to_owned(), file.display().to_string()]);
        }
        words
    }

    fn overrules(&self) -> Result<Overrules, Failure> {
        let mut overrules = Overrules::default();
        if let Some(contract) = self.contract {
            contract.overrule(&mut overrules);
        }
        if let Some(file) = &self.features {
            overrules.read(file).map_err(Failure::usage)?;
        }
        overrules.without(&self.without);
        Ok(overrules)
    }

    /// Finds out what these cases need to know about the server, or everything if `cases` is `None`.
    pub(super) async fn survey(&self, url: &str, cases: Option<&[Case]>) -> Result<(Survey, Questions), Failure> {
        let overrules = self.overrules()?;
        let (engine, socket) = self.place.targets(url)?;
        let engine_is_needed = cases.is_none_or(|cases| cases.iter().any(|case| case.kind() != Some(Kind::Socket)));
        let of_engine = match overrules.missing(Feature::Echo) {
            Some(by) => Ask::Nothing { why: by.to_owned() },
            None if engine_is_needed => Ask::Everything,
            None => Ask::Nothing { why: "no selected case is about it".to_owned() },
        };
        let contract_is_needed = cases.is_none_or(|cases| cases.iter().any(|case| case.kind() == Some(Kind::Socket)));
        let of_socket = match overrules.missing(Feature::Contract) {
            Some(by) => Ask::AllButApplication { why: by.to_owned() },
            None if contract_is_needed => Ask::Everything,
            None => Ask::AllButApplication { why: "no selected case is about it".to_owned() },
        };
        let questions = Questions { engine: (engine, of_engine), socket: (socket, of_socket) };
        let survey = Survey::take(&questions, overrules).await.map_err(Failure::unreachable)?;
        Ok((survey, questions))
    }

    /// Surveys the server, and the others of its cluster, before cases are played against them.
    pub(super) async fn cluster(
        &self,
        url: &str,
        peers: &[String],
        cases: &[Case],
        patience: Patience,
    ) -> Result<Site, Failure> {
        let site = self.site(url, cases, patience).await?;
        let about_several: Vec<_> =
            cases.iter().filter(|case| case.trace.last_node() != Node::FIRST).cloned().collect();
        if about_several.is_empty() {
            return Ok(site);
        }
        let surveyed = peers.iter().map(|peer| async {
            let other = self.site(peer, &about_several, patience).await?;
            let operations = other.operations().await;
            Ok(other.in_cluster(operations, Vec::new()))
        });
        let (operations, others) = tokio::join!(site.operations(), future::try_join_all(surveyed));
        Ok(site.in_cluster(operations, others?))
    }

    /// Surveys the server before cases are played against it.
    pub(super) async fn site(&self, url: &str, cases: &[Case], patience: Patience) -> Result<Site, Failure> {
        let (survey, questions) = self.survey(url, Some(cases)).await?;
        for kind in [Kind::Engine, Kind::Socket] {
            if cases.iter().any(|case| case.kind() == Some(kind)) {
                survey.answers(kind).map_err(Failure::unreachable)?;
            }
        }
        Ok(Site::new(survey, &questions.engine.0, &questions.socket.0, patience))
    }
}

/// How long a run waits for things that only time brings.
#[derive(Debug, Args)]
pub(super) struct Waiting {
    /// Leave out cases that would wait longer than this for pings and silences
    #[arg(help_heading = "Run", long, value_name = "SECONDS", default_value_t = Patience::default().max_wait.as_secs())]
    max_wait: u64,
}

impl Waiting {
    pub(super) const fn max_wait(&self) -> Duration {
        Duration::from_secs(self.max_wait)
    }
}
