//! The cases that are being played at this moment, each on its own thread.

use std::any::Any;
use std::collections::HashMap;
use std::time::Instant;

use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::Place;
use super::play::{Looked, Played, Task, play};
use crate::cases::Case;

/// The cases that are being played. [`next`](Self::next) returns each of them once, even if playing it panics.
#[derive(Debug)]
pub(super) struct Running {
    threads: JoinSet<Played>,
    /// The case that each thread plays, for the report if it panics.
    cases: HashMap<Id, (Case, Place)>,
    cancelled: CancellationToken,
}

impl Running {
    pub(super) fn new() -> Self {
        Self { threads: JoinSet::new(), cases: HashMap::new(), cancelled: CancellationToken::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.threads.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.threads.is_empty()
    }

    /// Starts to play a case.
    pub(super) fn start(&mut self, task: Task) {
        let (case, place, cancelled) = (task.case.clone(), task.place.clone(), self.cancelled.clone());
        self.spawn(case, place, move || play(task, &cancelled));
    }

    fn spawn(&mut self, case: Case, place: Place, act: impl FnOnce() -> Played + Send + 'static) {
        let thread = self.threads.spawn_blocking(act);
        self.cases.insert(thread.id(), (case, place));
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
            match self.threads.join_next_with_id().await? {
                Ok((id, played)) => {
                    self.cases.remove(&id);
                    return Some(played);
                }
                Err(error) => {
                    // Every thread was entered with its case.
                    let Some((case, place)) = self.cases.remove(&error.id()) else { continue };
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
        let mut running = Running::new();
        running.spawn(case("a"), place(), || panic!("a frame of {} bytes", 7));
        running.spawn(case("b"), place(), || panic!("late"));
        running.spawn(case("c"), place(), || std::panic::panic_any(7));
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
