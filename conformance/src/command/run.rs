//! `siospec run`. Its exit code is decided by `Report::judgement` in `run/report.rs`, and with a baseline by
//! `report/baseline/judge.rs`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::config::Configured;
use super::offer::{Offer, Waiting};
use super::playing::{Playing, within};
use super::reports::{Reports, Telling, Wanted, now};
use super::selection::Servers;
use super::{Failure, Selection, baseline, interrupt, out};
use crate::cases::Case;
use crate::contract::Eio3;
use crate::launch::{Ended, Group, Launch, Ready};
use crate::replay::plural;
use crate::report::baseline::Judge;
use crate::report::results::{self, Again, Context, Results};
use crate::report::{Detail, Progress, Show, Skipped, Summary, ascii, human};
use crate::run::{self, Bounds, CancellationToken, Gate, Outage, Patience, Purpose, Terms, Tolerance};
use crate::server::{Server, Settings};
use crate::trace::Node;
use crate::values::DEFAULT_SEED;

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Run {
    /// The server's URL, `http://host:port`; then case ids, folders of cases, globs, or requirement ids; `!`
    /// before one leaves these cases out
    #[arg(value_name = "URL] [SELECTOR")]
    words: Vec<String>,
    /// A command that starts the server, with its arguments, in which {port} becomes the port, as the variable PORT has
    /// it: that of the URL, or a free one of 127.0.0.1. The server is started again if it ends, and ended with
    /// everything that it started
    #[arg(last = true, value_name = "CMD")]
    command: Vec<String>,
    /// The server that CMD starts is ready when it writes this text; otherwise, when its port accepts connections
    #[arg(long, value_name = "TEXT", requires = "command", help_heading = "Server")]
    ready: Option<String>,
    /// How long the server that CMD starts may take to be ready, 1 to 600
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = timeout, help_heading = "Server")]
    start_timeout: u64,
    /// Another server of the same cluster, which reaches the clients of the first; may be repeated, up to three times. The cases
    /// about several servers are played from each of them to each other
    #[arg(long = "peer", value_name = "URL", help_heading = "Server")]
    peers: Vec<String>,
    #[command(flatten)]
    configured: Configured,
    #[command(flatten)]
    offer: Offer,
    #[command(flatten)]
    waiting: Waiting,
    #[command(flatten)]
    selection: Selection,
    /// The lowest level whose broken rules fail the run; all levels are played and reported
    #[arg(help_heading = "Run", long, value_enum, value_name = "LEVEL", default_value_t)]
    gate: Gate,
    /// Do not fail the run for cases that fail and then pass
    #[arg(help_heading = "Run", long)]
    allow_flaky: bool,
    /// Do not fail the run for cases without a clear result
    #[arg(help_heading = "Run", long)]
    allow_inconclusive: bool,
    /// How many cases run at a time, 1 to 256; 8 unless given, and more for a server that is far away
    #[arg(help_heading = "Run", long, value_name = "N", value_parser = jobs)]
    jobs: Option<usize>,
    /// How long a step may take that has no time limit in its trace, 1 to 600
    #[arg(help_heading = "Run", long, value_name = "SECONDS", default_value_t = Patience::default().step.as_secs(), value_parser = timeout)]
    timeout: u64,
    /// The seed of the values in generated cases
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED, conflicts_with = "traces", help_heading = "Cases")]
    seed: u64,
    #[command(flatten)]
    playing: Playing,
    /// Judge the run by this baseline of expected failures. They do not fail the run; a case that passes although it is
    /// expected to fail gives exit code 4. The cases are played all the same, and every report tells what is known
    #[arg(help_heading = "Run", long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    reports: Wanted,
    /// Write the report for a person in ASCII: other characters are escaped, as in \u{e9}
    #[arg(help_heading = "Output", long)]
    ascii: bool,
    /// Show no progress
    #[arg(help_heading = "Output", long, short)]
    quiet: bool,
    /// Show whole conversations, with all entries; -vv: of every case, also of those that pass
    #[arg(help_heading = "Output", long, short, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Name every case that does not apply, with the reason
    #[arg(help_heading = "Output", long)]
    list_skipped: bool,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    nothing at the gate is broken, at least one case was judged, and none was lost
  1    otherwise
  2    bad usage, or a file that cannot be read
  3    the server cannot be reached or started, is no Engine.IO 4 server, answers nothing, or went away for good; or no case applies to it
  4    only with --baseline: nothing else is wrong, but a case passed that is expected to fail
  130  interrupted (Ctrl-C or SIGTERM), after telling what is known";

impl Run {
    /// The URL and the selectors.
    pub(super) fn words(&self) -> &[String] {
        &self.words
    }

    /// The same run with these cases, which were recorded on this path, instead of selected ones.
    pub(super) fn of(mut self, url: Option<String>, cases: Vec<Case>, path: Option<String>) -> Self {
        self.offer.recorded(&cases, path);
        self.words = url.into_iter().collect();
        self.selection.source.given = cases;
        self
    }

    pub(super) async fn execute(mut self) -> Result<ExitCode, Failure> {
        self.selection.source.servers = Servers::Of(self.servers()?);
        let (url, selectors) = super::split(&self.words)?;
        let cases = self.selection.cases(selectors, self.seed)?;
        if cases.is_empty() {
            return Err(Failure::unreachable("there is nothing to judge: no file of that folder ends with .trace"));
        }
        // A fault in it is noticed before the run.
        let judge = self.baseline.as_deref().map(baseline::judge).transpose()?;
        if let Some(judge) = &judge {
            baseline::fit(judge, &self.selection.source.suite(self.seed)?)?;
        }
        let group = Group::default();
        let stop = interrupt::stop_or({
            let group = group.clone();
            move || group.kill()
        });
        let reports = self.reports.open()?;
        let context = self.context(url);
        let mut round = Round { options: &self, url, cases, stop, group, reports, context, judge };
        let played = round.play().await;
        let Round { reports, context, .. } = round;
        match &played {
            Ok(results) => {
                if reports.human && results.end.baseline.is_some() {
                    let _ = out::write(&format!("\n{}", baseline::page(results)));
                }
                reports.finish(results);
            }
            Err(failure) => {
                reports.finish(&context.without_cases(results::Judgement::Unreachable, &failure.message));
            }
        }
        played.map(|results| ExitCode::from(results.end.judgement.code()))
    }

    /// How many servers there are.
    fn servers(&self) -> Result<u8, Failure> {
        let (url, _) = super::split(&self.words)?;
        if url.is_none() && !self.peers.is_empty() {
            return Err(Failure::usage("--peer names another server of a cluster, whose first server is the URL"));
        }
        let servers = u8::try_from(1 + self.peers.len()).ok().filter(|servers| *servers <= Node::MOST);
        servers.ok_or_else(|| Failure::usage(format!("a cluster is played with at most {} servers", Node::MOST)))
    }

    /// The options again, for a command that plays a case again.
    fn options(&self) -> Vec<String> {
        let peers = self.peers.iter().flat_map(|peer| ["--peer".to_owned(), without_password(peer)]);
        self.offer.words().into_iter().chain(peers).collect()
    }

    fn context(&self, url: Option<&String>) -> Context {
        let url = url.map(|url| without_password(url));
        Context {
            url: url.clone().unwrap_or_default(),
            traces: self.selection.source.traces.as_ref().map(|folder| folder.display().to_string()),
            seed: self.seed,
            started: now(),
            terms: self.terms(),
            course: self.playing.course(self.terms()),
            again: Again { url, options: self.options(), command: self.command.clone() },
        }
    }

    fn bounds(&self, round_trip: Duration) -> Bounds {
        let bounds = Bounds::at(round_trip);
        Bounds {
            jobs: self.jobs.unwrap_or(bounds.jobs),
            max_time: self.playing.max_time(bounds.max_time),
            max_wait: self.waiting.max_wait(),
            ..bounds
        }
    }

    const fn terms(&self) -> Terms {
        const fn tolerance(is_allowed: bool) -> Tolerance {
            if is_allowed { Tolerance::Allowed } else { Tolerance::Refused }
        }
        Terms { gate: self.gate, flaky: tolerance(self.allow_flaky), inconclusive: tolerance(self.allow_inconclusive) }
    }
}

/// One run, with what it needs from its beginning to its end.
struct Round<'a> {
    options: &'a Run,
    url: Option<&'a String>,
    cases: Vec<Case>,
    stop: CancellationToken,
    /// The processes of a server that is started for the run.
    group: Group,
    reports: Reports,
    context: Context,
    judge: Option<Judge>,
}

impl Round<'_> {
    async fn play(&mut self) -> Result<Results, Failure> {
        if !self.options.command.is_empty() {
            return self.launched().await;
        }
        if let Some(url) = self.url {
            return self.judge(url).await.map(|(results, _)| results);
        }
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let settings = Settings::from(Eio3::Refused).with_parser(self.options.offer.parser());
        let embedded = Server::start(address, settings).await.map_err(|error| {
            Failure::unreachable(format!("the embedded server cannot listen on {address}: {error}"))
        })?;
        self.judge(&embedded.url()).await.map(|(results, _)| results)
    }

    /// Judges a server that is started for it. A server that ends by itself fails the run, whatever the cases say, unless
    /// a case ended it.
    async fn launched(&mut self) -> Result<Results, Failure> {
        let launch = Launch {
            command: self.options.command.clone(),
            url: self.url.cloned(),
            ready: self.options.ready.clone().map_or(Ready::Listening, Ready::Says),
            patience: Duration::from_secs(self.options.start_timeout),
        };
        let launched = tokio::select! {
            launched = launch.start(&self.group) => launched.map_err(Failure::unreachable)?,
            () = self.stop.cancelled() => {
                self.group.kill();
                return Ok(interrupted(&self.context));
            }
        };
        let judged = self.judge(launched.url()).await;
        let ends = launched.end().await;
        let (mut results, outages) = judged.inspect_err(|_| complain_of(&ends.iter().collect::<Vec<_>>()))?;
        let unexplained = unexplained(&ends, &outages);
        let told = if unexplained.is_empty() { ends.iter().collect() } else { unexplained.clone() };
        complain_of(&told);
        if results.end.judgement.is_whole()
            && let Some(sentence) = sentence(&unexplained)
        {
            results.end.judgement = results::Judgement::Failed;
            results.end.reason = Some(sentence);
        }
        Ok(results)
    }

    async fn judge(&mut self, url: &str) -> Result<(Results, Vec<Outage>), Failure> {
        let Self { options, stop, reports, context, judge, .. } = self;
        let cases = std::mem::take(&mut self.cases);
        let patience = Patience { step: Duration::from_secs(options.timeout), max_wait: options.waiting.max_wait() };
        let site = tokio::select! {
            site = options.offer.cluster(url, &options.peers, &cases, patience) => site?,
            () = stop.cancelled() => return Ok((interrupted(context), Vec::new())),
        };
        let bounds = options.bounds(site.survey.distance.round_trip);
        reports.begin(&context.run(Some(&site.survey)));
        let human = reports.human;
        let progress = Progress::new(
            cases.len() * options.playing.times(),
            if options.quiet { Show::Nothing } else { Show::Standard },
        );
        let mut telling = Telling { progress, reports, context, judge: judge.as_ref() };
        let report = run::run(cases, &site, &bounds, Purpose::Judge(context.course), stop.clone(), &mut telling).await;
        telling.progress.clear();
        let results = baseline::judged(judge.as_ref(), context.results(&report));
        if human {
            let summary = Summary::new(&report, context.terms, &results);
            let detail = Detail::from_times(options.verbose);
            let skipped = if options.list_skipped { Skipped::Cases } else { Skipped::Reasons };
            let text = human::text(&summary, detail, skipped);
            // The exit code reports the verdict, even if standard output is closed.
            let _ = out::write(&if options.ascii { ascii(&text) } else { text });
        }
        if results.end.judgement == results::Judgement::Nothing {
            out::complain("nothing was judged: none of the chosen cases applies to this server");
        }
        Ok((results, report.outages))
    }
}

/// The ends that no case is known to have caused. A baseline can expect the others.
fn unexplained<'a>(ends: &'a [Ended], outages: &[Outage]) -> Vec<&'a Ended> {
    ends.iter().filter(|end| !outages.iter().any(|outage| outage.explains(end.at))).collect()
}

/// The sentence about the times that a server ended by itself.
fn sentence(ends: &[&Ended]) -> Option<String> {
    let first = ends.first()?;
    let times = plural(ends.len(), "time");
    Some(format!("the server ended by itself during the run ({times}); the first time: {first}"))
}

fn complain_of(ends: &[&Ended]) {
    if let Some(sentence) = sentence(ends) {
        out::complain(&sentence);
    }
}

/// A run that was interrupted before its first case.
fn interrupted(context: &Context) -> Results {
    context.without_cases(results::Judgement::Interrupted, "the run was interrupted before its first case")
}

/// The URL for a report, which must not hold a password.
fn without_password(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() || !parsed.username().is_empty() => {
            // A URL with a password can also be without one.
            let _ = parsed.set_password(None).and_then(|()| parsed.set_username(""));
            parsed.into()
        }
        _ => url.to_owned(),
    }
}

fn jobs(value: &str) -> Result<usize, String> {
    let jobs = within(value, 1..=256)?;
    usize::try_from(jobs).map_err(|error| error.to_string())
}

fn timeout(value: &str) -> Result<u64, String> {
    within(value, 1..=600)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::run::Culprit;

    #[test]
    fn an_end_that_is_not_that_of_a_crash_is_not_explained_by_one() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let ends = [1, 5, 6, 9].map(|second| Ended { status: second.to_string(), last: String::new(), at: at(second) });
        let outage = |culprit, from, to| Outage {
            reason: "refused".to_owned(),
            suspects: Vec::new(),
            culprit,
            span: at(from)..=at(to),
        };
        let outages = [outage(Culprit::Found("a".to_owned()), 4, 7), outage(Culprit::NotAgain, 8, 10)];
        let left: Vec<&str> = unexplained(&ends, &outages).into_iter().map(|end| end.status.as_str()).collect();
        assert_eq!(left, ["1", "9"]);
    }
}
