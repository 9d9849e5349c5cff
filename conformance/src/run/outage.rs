//! Finds the case that ended the server.
//!
//! ```text
//! the server is away ── the cases that were being played, or had just been, are suspects
//!        │
//!        ├─ it does not come back: nothing is known about the suspects, and the run is over
//!        │
//!        └─ it comes back: the suspects are played again, one at a time
//!               ├─ it goes away again: this case is the culprit; the others go back into the queue
//!               └─ it stays: the suspect is judged by this conversation
//! ```

use std::time::Instant;

use super::bounds::{AFTERMATH, COMEBACK, LAST_WORDS, MAX_OUTAGES};
use super::play::{Looked, Played};
use super::running::Running;
use super::schedule::Schedule;
use super::watch::{answers, comes_back};
use super::{Conclusion, Culprit, Doubt, Ending, Finished, Outage};
use crate::cases::Case;
use crate::replay::Outcome;

impl Schedule<'_> {
    /// All cases that were played when the server went away, and those that ended shortly before it was last `seen`: a
    /// packet may end a server with a delay, after its case has passed.
    pub(super) async fn suspects(&mut self, running: &mut Running<'_>, seen: Instant) -> Vec<Played> {
        let mut suspects = Vec::new();
        let last_words = tokio::time::sleep(LAST_WORDS);
        tokio::pin!(last_words);
        loop {
            tokio::select! {
                played = running.next() => match played {
                    Some(played) => suspects.push(played),
                    None => break,
                },
                () = &mut last_words, if !running.is_cancelled() => running.cancel(),
            }
        }
        suspects.iter().for_each(|played| self.recent.retain(|(_, id)| *id != played.case.id));
        let since = seen.checked_sub(AFTERMATH).unwrap_or(seen);
        self.recent.retain(|(ended, _)| *ended >= since);
        suspects
    }

    /// Finds out which of the suspects ended the server, which was there when it was last `seen`.
    pub(super) async fn investigate(&mut self, suspects: Vec<Played>, reason: String, seen: Instant) {
        let Some(target) = suspects.first().map(|played| played.place.target.clone()) else { return };
        let mut suspects: Vec<Suspect> = suspects.into_iter().map(Suspect::from).collect();
        suspects.extend(self.take_recent());
        let ids = suspects.iter().map(|suspect| suspect.case.id.clone()).collect();
        let mut outage = Outage { reason, suspects: ids, culprit: Culprit::Unknown, span: seen..=seen };
        let mut suspects = suspects.into_iter();
        let too_often = self.outages.len() + 1 >= MAX_OUTAGES;
        let mut is_back = !too_often && comes_back(&target, COMEBACK).await;
        if is_back {
            outage.culprit = Culprit::NotAgain;
        }
        while is_back && self.goes_on() {
            let Some(suspect) = suspects.next() else { break };
            let place = match self.site.place(&suspect.case) {
                Ok(place) => place,
                Err(unfit) => {
                    self.push(Finished::new(suspect.case, unfit.into()));
                    continue;
                }
            };
            self.forget_absences().await;
            let played = self.play_alone(suspect.case.clone(), place).await;
            match self.is_gone_after(&played).await {
                Some(again) => {
                    outage.culprit = Culprit::Found(suspect.case.id.clone());
                    let outcome = played.result.into_outcome();
                    self.push(Finished::new(suspect.case, Conclusion::Crash { outcome, reason: again }));
                    is_back = comes_back(&target, COMEBACK).await;
                    // They are no longer suspects.
                    if is_back {
                        suspects.by_ref().for_each(|suspect| self.waiting.push_front(suspect.case));
                    }
                }
                None => self.file(played),
            }
        }
        if !is_back && self.goes_on() {
            self.ending = Ending::Gone(outage.reason.clone());
        }
        let unknown = suspects.map(|Suspect { case, known }| Finished::new(case, known.conclude()));
        self.finished.extend(unknown);
        if self.goes_on() {
            self.forget_absences().await;
        }
        outage.span = seen..=Instant::now();
        self.outages.push(outage);
    }

    /// Takes back the cases that were filed shortly before.
    fn take_recent(&mut self) -> Vec<Suspect> {
        let recent: Vec<String> = std::mem::take(&mut self.recent).into_iter().map(|(_, id)| id).collect();
        let (taken, kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.finished).into_iter().partition(|finished| recent.contains(&finished.case.id));
        self.finished = kept;
        let suspects = taken.into_iter().map(|Finished { case, conclusion, .. }| match conclusion {
            Conclusion::Once(first) => Suspect { case, known: Known::Conversation(first) },
            Conclusion::Panicked(words) => Suspect { case, known: Known::Panic(words) },
            _ => Suspect { case, known: Known::Nothing },
        });
        suspects.collect()
    }

    /// Waits until the watching task has seen that the server is back.
    async fn forget_absences(&mut self) {
        tokio::time::sleep(AFTERMATH).await;
        self.absences.borrow_and_update();
    }

    /// Whether the server went away while a case was played alone, or right after it; returns the reason.
    async fn is_gone_after(&mut self, played: &Played) -> Option<String> {
        tokio::time::sleep(AFTERMATH).await;
        match played.gone.clone().or_else(|| self.absence()) {
            Some(reason) => Some(reason),
            None => answers(&played.place.target).await.err(),
        }
    }

    /// The reason of an absence since the last call, if there was one.
    pub(super) fn absence(&mut self) -> Option<String> {
        let is_new = self.absences.has_changed().unwrap_or(false);
        let newest = self.absences.borrow_and_update();
        newest.as_ref().filter(|_| is_new).map(|absence| absence.reason.clone())
    }
}

/// A case that may have ended the server.
struct Suspect {
    case: Case,
    known: Known,
}

/// What is known about a suspect before it is played again.
enum Known {
    Nothing,
    Conversation(Outcome),
    /// siospec panicked with this message while playing it.
    Panic(String),
}

impl Known {
    /// The conclusion about a suspect that is not played again.
    fn conclude(self) -> Conclusion {
        let outcome = match self {
            // A bug of siospec is reported whatever the server does.
            Self::Panic(words) => return Conclusion::Panicked(words),
            Self::Conversation(outcome) => Some(outcome),
            Self::Nothing => None,
        };
        Conclusion::Inconclusive { outcome, doubt: Doubt::ServerGone }
    }
}

impl From<Played> for Suspect {
    fn from(Played { case, result, .. }: Played) -> Self {
        let known = match result {
            Looked::Through(outcome, _) => Known::Conversation(*outcome),
            Looked::Panicked(words) => Known::Panic(words),
            Looked::Cancelled | Looked::RanAway(..) => Known::Nothing,
        };
        Self { case, known }
    }
}

impl Looked {
    fn into_outcome(self) -> Option<Outcome> {
        match self {
            Self::Through(outcome, _) => Some(*outcome),
            Self::Cancelled | Self::RanAway(..) | Self::Panicked(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suspect_that_panicked_is_reported_as_panicked() {
        let conclusion = Known::Panic("a frame of 7 bytes".to_owned()).conclude();
        assert!(matches!(conclusion, Conclusion::Panicked(words) if words == "a frame of 7 bytes"));
        let conclusion = Known::Nothing.conclude();
        assert!(matches!(conclusion, Conclusion::Inconclusive { outcome: None, doubt: Doubt::ServerGone }));
    }
}
