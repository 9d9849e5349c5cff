//! The cases that are being played at this moment.

use std::any::Any;
use std::collections::HashMap;
use std::time::Instant;

use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::Place;
use super::crew::Crew;
use super::play::{Looked, Played, Task, play};
use crate::cases::Case;
use crate::party::noise::Noise;

/// The cases that are being played. [`next`](Self::next) returns each of them once, even if playing it panics.
#[derive(Debug)]
pub(super) struct Running<'c> {
    crew: &'c Crew,
    tasks: JoinSet<Played>,
    started: HashMap<Id, Started>,
    cancelled: CancellationToken,
}

/// A case that is being played.
#[derive(Debug)]
struct Started {
    /// For the report, if it panics.
    case: Case,
    place: Place,
    /// The member of the crew that plays it.
    member: usize,
}

impl<'c> Running<'c> {
    pub(super) fn new(crew: &'c Crew) -> Self {
        Self { crew, tasks: JoinSet::new(), started: HashMap::new(), cancelled: CancellationToken::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Starts to play a case.
    pub(super) fn start(&mut self, task: Task) {
        let (case, place, cancelled) = (task.case.clone(), task.place.clone(), self.cancelled.clone());
        self.spawn(case, place, |noise| play(task, noise, cancelled));
    }

    /// Gives a case to the member of the crew that plays the fewest.
    fn spawn<F>(&mut self, case: Case, place: Place, act: impl FnOnce(Noise) -> F)
    where
        F: Future<Output = Played> + Send + 'static,
    {
        let load = |member: usize| self.started.values().filter(|started| started.member == member).count();
        let members = self.crew.members().iter().enumerate();
        let Some((number, member)) = members.min_by_key(|(number, _)| load(*number)) else { return };
        let task = self.tasks.spawn_on(act(member.noise.clone()), &member.runtime);
        self.started.insert(task.id(), Started { case, place, member: number });
    }

    /// Cancels the cases; [`next`](Self::next) still returns each of them.
    pub(super) fn cancel(&self) {
        self.cancelled.cancel();
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.is_cancelled()
    }

    /// Waits for the next case that is over; `None` if none is being played.
    pub(super) async fn next(&mut self) -> Option<Played> {
        loop {
            match self.tasks.join_next_with_id().await? {
                Ok((id, played)) => {
                    self.started.remove(&id);
                    return Some(played);
                }
                Err(error) => {
                    // Every task was entered with its case.
                    let Some(Started { case, place, .. }) = self.started.remove(&error.id()) else { continue };
                    let result = Looked::Panicked(words(error));
                    return Some(Played { case, place, ended: Instant::now(), result, gone: None });
                }
            }
        }
    }
}

/// The message of a panic.
fn words(error: JoinError) -> String {
    let text = |payload: &(dyn Any + Send)| {
        let text = payload.downcast_ref::<&str>().copied();
        text.map(str::to_owned).or_else(|| payload.downcast_ref::<String>().cloned())
    };
    let panic = error.try_into_panic();
    panic.ok().and_then(|payload| text(payload.as_ref())).unwrap_or_else(|| "a panic without words".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::Origin;
    use crate::party::network::Target;
    use crate::replay::Conditions;
    use crate::run::{Conclusion, Standing};
    use crate::trace::Trace;

    fn case(id: &str) -> Case {
        let source = "title     A ping\ncovers    EIO4-HB-01\nlevel     must\n\nws C open    EIO=4\n";
        Case { id: id.to_owned(), trace: Trace::parse("a", source).unwrap(), origin: Origin::Written }
    }

    fn place() -> Place {
        let target = Target::new("http://127.0.0.1:1", "/engine.io/").unwrap();
        Place { target, conditions: Conditions::default() }
    }

    #[tokio::test]
    async fn a_case_that_panics_is_reported_with_its_words() {
        let crew = Crew::start(2);
        let mut running = Running::new(&crew);
        running.spawn(case("a"), place(), |_| async { panic!("a frame of {} bytes", 7) });
        running.spawn(case("b"), place(), |_| async { panic!("late") });
        running.spawn(case("c"), place(), |_| async { std::panic::panic_any(7) });
        let mut told = Vec::new();
        while let Some(played) = running.next().await {
            let finished = played.result.finish(played.case);
            assert_eq!(finished.standing(), Standing::Panicked);
            let Conclusion::Panicked(words) = finished.conclusion else { unreachable!("it panicked") };
            told.push((finished.case.id, words));
        }
        told.sort();
        let expected = [("a", "a frame of 7 bytes"), ("b", "late"), ("c", "a panic without words")];
        assert_eq!(told, expected.map(|(id, words)| (id.to_owned(), words.to_owned())));
        assert!(running.is_empty());
    }
}
