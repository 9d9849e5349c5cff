//! Decides when each case runs, and when the run ends early.

use std::collections::{BTreeMap, VecDeque};
use std::future::pending;
use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

use super::bounds::{AFTERMATH, LAST_WORDS, SECOND_LOOK_TIME, SECOND_LOOKS};
use super::crew::Crew;
use super::order::Parts;
use super::play::{Looked, Played, Task};
use super::running::Running;
use super::second::{Looks, fault, is_doubtful};
use super::watch::{Absence, Absences};
use super::{
    Bounds, Conclusion, Culprit, Ending, Finished, Left, Listener, Outage, Place, Purpose, Report, SecondLooks, Site,
};
use crate::cases::Case;
use crate::replay::{Outcome, Recording};

/// How often the listener's `tick` is called.
const TICK: Duration = Duration::from_secs(1);

/// The state of a run.
pub(super) struct Schedule<'a> {
    pub(super) site: &'a Site,
    bounds: &'a Bounds,
    purpose: Purpose,
    crew: &'a Crew,
    pub(super) absences: Absences,
    stop: CancellationToken,
    deadline: tokio::time::Instant,
    pub(super) listener: &'a mut dyn Listener,
    pub(super) waiting: VecDeque<Case>,
    pub(super) finished: Vec<Finished>,
    /// The cases that ended a moment ago, by id.
    pub(super) recent: VecDeque<(Instant, String)>,
    pub(super) outages: Vec<Outage>,
    second_looks: SecondLooks,
    /// How many of them were taken in earlier rounds.
    looks_before: usize,
    pub(super) ending: Ending,
}

/// What a run depends on, except its cases.
pub(super) struct Setting<'a> {
    pub(super) site: &'a Site,
    pub(super) bounds: &'a Bounds,
    pub(super) purpose: Purpose,
    pub(super) crew: &'a Crew,
    pub(super) absences: Absences,
    pub(super) stop: CancellationToken,
}

impl<'a> Schedule<'a> {
    pub(super) fn new(setting: Setting<'a>, listener: &'a mut dyn Listener) -> Self {
        let Setting { site, bounds, purpose, crew, absences, stop } = setting;
        Self {
            site,
            bounds,
            purpose,
            crew,
            absences,
            stop,
            deadline: tokio::time::Instant::now() + bounds.max_time,
            listener,
            waiting: VecDeque::new(),
            finished: Vec::new(),
            recent: VecDeque::new(),
            outages: Vec::new(),
            second_looks: SecondLooks::default(),
            looks_before: 0,
            ending: Ending::Complete,
        }
    }

    /// Plays all cases, and those again that fail.
    pub(super) async fn play_all(&mut self, Parts { crowds, others, clusters, timing }: Parts) {
        self.play(crowds, 1).await;
        self.play(others, self.bounds.jobs).await;
        self.play(clusters, 1).await;
        self.play(timing, self.bounds.timing_jobs.min(self.bounds.jobs)).await;
        self.look_again().await;
    }

    /// Takes the results, before the cases are played once more.
    pub(super) fn end_round(&mut self) -> Vec<Finished> {
        self.recent.clear();
        self.looks_before = self.second_looks.taken;
        std::mem::take(&mut self.finished)
    }

    /// Plays cases, up to `jobs` at a time.
    async fn play(&mut self, cases: Vec<Case>, jobs: usize) {
        self.waiting = cases.into();
        let mut running = Running::new(self.crew);
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            while self.goes_on() && !self.has_failed() && running.len() < jobs {
                let Some(case) = self.waiting.pop_front() else { break };
                self.start(case, &mut running);
            }
            if running.is_empty() && self.goes_on() && self.has_failed() {
                self.end_if_a_failure_stands().await;
                continue;
            }
            if running.is_empty() {
                break;
            }
            let goes_on = self.goes_on();
            tokio::select! {
                biased;
                ending = interruption(&self.stop, self.deadline), if goes_on => {
                    self.ending = ending;
                    running.cancel();
                }
                absence = newest(&mut self.absences), if goes_on => {
                    let suspects = self.suspects(&mut running, absence.seen).await;
                    running = Running::new(self.crew);
                    self.investigate(suspects, absence.reason, absence.seen).await;
                }
                Some(mut played) = running.next() => match played.gone.take() {
                    Some(reason) if goes_on => {
                        // The watch looks more often than this.
                        let seen = played.ended.checked_sub(LAST_WORDS).unwrap_or(played.ended);
                        let mut suspects = vec![played];
                        suspects.extend(self.suspects(&mut running, Instant::now()).await);
                        running = Running::new(self.crew);
                        self.investigate(suspects, reason, seen).await;
                    }
                    _ => self.file(played),
                },
                _ = tick.tick() => self.listener.tick(),
            }
        }
        for case in std::mem::take(&mut self.waiting) {
            self.leave(case);
        }
    }

    /// Plays failed cases again, one at a time.
    async fn look_again(&mut self) {
        self.look_again_at_those(|_| true).await;
        // These were suspected of ending the server, and cleared.
        let cleared = std::mem::take(&mut self.waiting).into();
        self.play(cleared, 1).await;
    }

    /// Whether something fails the run, and is to end it.
    fn has_failed(&self) -> bool {
        self.purpose.course().fail_fast.is_some_and(|terms| {
            self.outages.iter().any(|outage| outage.culprit == Culprit::NotAgain)
                || self.finished.iter().any(|finished| terms.is_red(finished.standing()))
        })
    }

    /// Plays the cases again that are to end the run, since chance may be the cause, and ends it if one of them fails still.
    async fn end_if_a_failure_stands(&mut self) {
        let Some(terms) = self.purpose.course().fail_fast else { return };
        self.look_again_at_those(|finished| terms.is_red(finished.standing())).await;
        if self.goes_on() && self.has_failed() {
            self.ending = Ending::Failed;
        }
    }

    async fn look_again_at_those(&mut self, are_wanted: impl Fn(&Finished) -> bool) {
        let mut candidates = Vec::new();
        for finished in std::mem::take(&mut self.finished) {
            let is_wanted = are_wanted(&finished);
            match finished {
                Finished { case, conclusion: Conclusion::Once(first), recording, .. }
                    if is_wanted && is_suspicious(&first, recording.as_ref()) =>
                {
                    candidates.push((case, first, recording));
                }
                finished => self.finished.push(finished),
            }
        }
        candidates.sort_by_key(|(_, first, _)| urgency(first));
        let start = Instant::now();
        for (case, first, recording) in candidates {
            let is_over =
                self.second_looks.taken - self.looks_before >= SECOND_LOOKS || start.elapsed() >= SECOND_LOOK_TIME;
            if is_over || !self.goes_on() {
                self.second_looks.without.push(case.id.clone());
                let conclusion = Looks::start(first).conclude();
                self.finished.push(Finished { recording, ..Finished::new(case, conclusion) });
                continue;
            }
            self.second_looks.taken += 1;
            self.look_again_at(case, first).await;
        }
    }

    async fn look_again_at(&mut self, case: Case, first: Outcome) {
        let mut looks = Looks::start(first);
        while let Ok(place) = self.site.place(&case)
            && looks.is_open()
            && self.goes_on()
        {
            let seen = Instant::now();
            let played = self.play_alone(case.clone(), place).await;
            if let Some(reason) = played.gone.clone().or_else(|| self.absence()) {
                return self.investigate(vec![played], reason, seen).await;
            }
            match played {
                // The newest recording counts.
                Played { result: result @ Looked::Through(_, Some(_)), .. } => {
                    return self.finished.push(result.finish(case));
                }
                Played { result: Looked::Through(outcome, None), .. } => looks = looks.add(*outcome),
                Played { result: Looked::Cancelled, .. } => break,
                Played { result: result @ (Looked::RanAway(..) | Looked::Panicked(_)), .. } => {
                    return self.finished.push(result.finish(case));
                }
            }
        }
        self.finished.push(Finished::new(case, looks.conclude()));
    }

    /// Plays a case while no other case runs.
    pub(super) async fn play_alone(&mut self, case: Case, place: Place) -> Played {
        let mut running = Running::new(self.crew);
        self.spawn(case, place, &mut running);
        loop {
            tokio::select! {
                biased;
                ending = interruption(&self.stop, self.deadline), if self.goes_on() => {
                    self.ending = ending;
                    running.cancel();
                }
                Some(played) = running.next() => return played,
            }
        }
    }

    /// Starts a case, or files why it cannot be played.
    fn start(&mut self, case: Case, running: &mut Running<'_>) {
        self.listener.started(&case);
        match self.site.place(&case) {
            Ok(place) => self.spawn(case, place, running),
            Err(unfit) => self.push(Finished::new(case, unfit.into())),
        }
    }

    fn spawn(&self, case: Case, place: Place, running: &mut Running<'_>) {
        running.start(Task { limit: self.bounds.of(&case, &place.conditions), case, place, purpose: self.purpose });
    }

    /// Files the result of a case.
    pub(super) fn file(&mut self, Played { case, ended, result, .. }: Played) {
        match result {
            Looked::Cancelled => self.leave(case),
            result => {
                self.recent.push_back((ended, case.id.clone()));
                while self.recent.front().is_some_and(|(at, _)| at.elapsed() > 10 * AFTERMATH) {
                    self.recent.pop_front();
                }
                self.push(result.finish(case));
            }
        }
    }

    /// Files a case that will not be played any more.
    pub(super) fn leave(&mut self, case: Case) {
        let left = match &self.ending {
            Ending::Interrupted => Left::Interrupted,
            Ending::Gone(_) => Left::ServerGone,
            Ending::Failed => Left::AfterFailure,
            Ending::OutOfTime | Ending::Complete => Left::OutOfTime,
        };
        // A case that does not apply would not have been played anyway.
        let conclusion = self.site.place(&case).map_or_else(Conclusion::from, |_| Conclusion::Left(left));
        self.finished.push(Finished::new(case, conclusion));
    }

    pub(super) fn push(&mut self, finished: Finished) {
        self.listener.finished(&finished);
        self.finished.push(finished);
    }

    pub(super) fn goes_on(&self) -> bool {
        self.ending == Ending::Complete
    }

    pub(super) fn into_report(mut self) -> Report {
        self.finished.sort_by(|a, b| a.case.id.cmp(&b.case.id));
        self.second_looks.without.sort();
        self.second_looks.without.dedup();
        let is_left = |finished: &Finished| matches!(finished.conclusion, Conclusion::Left(_));
        // The last case failed.
        if self.ending == Ending::Failed && !self.finished.iter().any(is_left) {
            self.ending = Ending::Complete;
        }
        Report {
            finished: self.finished,
            course: self.purpose.course(),
            survey: self.site.survey.clone(),
            ending: self.ending,
            outages: self.outages,
            second_looks: self.second_looks,
            minimals: BTreeMap::new(),
            duration: Duration::ZERO,
            max_time: self.bounds.max_time,
        }
    }
}

/// Returns when the run must end early.
async fn interruption(stop: &CancellationToken, deadline: tokio::time::Instant) -> Ending {
    tokio::select! {
        () = stop.cancelled() => Ending::Interrupted,
        () = sleep_until(deadline) => Ending::OutOfTime,
    }
}

/// Returns when the server goes away.
async fn newest(absences: &mut Absences) -> Absence {
    if absences.changed().await.is_ok()
        && let Some(absence) = absences.borrow_and_update().clone()
    {
        return absence;
    }
    // The watching task is over.
    pending().await
}

/// Whether the result of a case may be due to chance.
fn is_suspicious(outcome: &Outcome, recording: Option<&Recording>) -> bool {
    recording.is_some_and(Recording::changes) || fault(outcome).is_some()
}

/// The order in which cases are played again, in case time runs out: first those whose judgement depends on it, then
/// those with the heaviest fault, then the quickest.
fn urgency(first: &Outcome) -> (bool, Option<u8>, Duration) {
    (!is_doubtful(first), first.verdict.level().map(crate::trace::Level::rank), first.duration)
}
