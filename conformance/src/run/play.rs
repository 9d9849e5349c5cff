//! Plays one case.

use std::time::{Duration, Instant};

use sio_codec::Clock;
use tokio_util::sync::CancellationToken;

use super::site::Place;
use super::watch::answers;
use super::{Conclusion, Doubt, Finished, Purpose};
use crate::cases::Case;
use crate::party::network;
use crate::party::noise::Noise;
use crate::replay::{Difference, Evidence, Outcome, Recording, Replay, Timeline, Verdict};

/// A case that was played.
#[derive(Debug)]
pub(super) struct Played {
    pub(super) case: Case,
    pub(super) place: Place,
    pub(super) ended: Instant,
    pub(super) result: Looked,
    /// The network error, if the server no longer answers.
    pub(super) gone: Option<String>,
}

/// The result of playing a case once.
#[derive(Debug)]
pub(super) enum Looked {
    /// It was played to its end.
    Through(Box<Outcome>, Option<Box<Recording>>),
    /// It was cancelled.
    Cancelled,
    /// It exceeded its time limit; with the conversation up to then.
    RanAway(Duration, Timeline),
    /// siospec panicked, with this message.
    Panicked(String),
}

impl Looked {
    /// The result if the case is not played again.
    pub(super) fn finish(self, case: Case) -> Finished {
        let (conclusion, recording) = match self {
            Self::Through(outcome, recording) => (Conclusion::Once(*outcome), recording.map(|recording| *recording)),
            Self::Cancelled => (Conclusion::Inconclusive { outcome: None, doubt: Doubt::ServerGone }, None),
            Self::RanAway(limit, timeline) => {
                (Conclusion::Inconclusive { outcome: None, doubt: Doubt::RanAway { limit, timeline } }, None)
            }
            Self::Panicked(words) => (Conclusion::Panicked(words), None),
        };
        Finished { recording, ..Finished::new(case, conclusion) }
    }
}

/// A case to play, and what is needed to play it.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) case: Case,
    pub(super) place: Place,
    pub(super) purpose: Purpose,
    pub(super) limit: Duration,
}

/// Plays a case to its end on a thread with this noise.
pub(super) async fn play(task: Task, noise: Noise, cancelled: CancellationToken) -> Played {
    let (result, gone) = look(&task, &noise, &cancelled).await;
    Played { case: task.case, place: task.place, ended: Instant::now(), result, gone }
}

async fn look(task: &Task, noise: &Noise, cancelled: &CancellationToken) -> (Looked, Option<String>) {
    let Task { case, place, purpose, limit } = task;
    let clock = Clock::start();
    let replay = match purpose {
        Purpose::Judge(_) => Replay::judge(&case.trace, clock.now(), place.conditions),
        Purpose::Record => Replay::record(&case.trace, clock.now(), place.conditions),
    };
    let played = tokio::select! {
        biased;
        () = cancelled.cancelled() => return (Looked::Cancelled, None),
        played = network::play_within(*limit, replay, clock, &place.target, noise) => played,
    };
    let (outcome, recording) = match played {
        Ok(played) => played,
        Err(timeline) => return (Looked::RanAway(*limit, timeline), None),
    };
    let gone = if notices_an_end(&outcome.verdict) {
        tokio::select! {
            answered = answers(&place.target) => answered.err(),
            () = cancelled.cancelled() => None,
        }
    } else {
        None
    };
    (Looked::Through(outcome, recording.map(Box::new)), gone)
}

/// Whether the verdict could be explained by a server that went away or does not answer.
fn notices_an_end(verdict: &Verdict) -> bool {
    let ends = |difference: &Difference| matches!(difference.evidence, Evidence::Ended | Evidence::Missing);
    match verdict {
        Verdict::HeldUp(_) => true,
        Verdict::Departed(all) => all.iter().any(ends),
        Verdict::Passed | Verdict::NotApplicable(_) | Verdict::Unsupported(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::Origin;
    use crate::party::network::Target;
    use crate::replay::Conditions;
    use crate::run::Course;
    use crate::trace::Trace;

    /// The server accepts connections and sends nothing, and the replay waits without a limit.
    #[tokio::test]
    async fn a_case_that_does_not_end_is_ended() {
        let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", silent.local_addr().unwrap());
        let source = "title     A poll\ncovers    EIO4-HS-01\nlevel     must\n\nhs C get     EIO=4\nhs S 200\n";
        let case = Case { id: "a".to_owned(), trace: Trace::parse("a", source).unwrap(), origin: Origin::Written };
        let conditions = Conditions { step: Duration::from_secs(60), ..Conditions::default() };
        let limit = Duration::from_millis(50);
        let task = Task {
            case,
            place: Place { target: Target::new(&url, "/engine.io/").unwrap(), conditions },
            purpose: Purpose::Judge(Course::default()),
            limit,
        };
        let cancelled = CancellationToken::new();
        cancelled.cancel();
        assert!(matches!(play(task.clone(), Noise::default(), cancelled).await.result, Looked::Cancelled));
        let played = play(task, Noise::default(), CancellationToken::new()).await;
        assert!(matches!(played.result, Looked::RanAway(it, _) if it == limit), "{played:?}");
        let finished = played.result.finish(played.case);
        let Conclusion::Inconclusive { doubt: Doubt::RanAway { timeline, .. }, .. } = finished.conclusion else {
            panic!("{finished:?}")
        };
        assert_eq!(timeline.entries.first().map(|entry| entry.text.as_str()), Some("get EIO=4"));
    }
}
