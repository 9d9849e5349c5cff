//! The cases that an agent visits: each has its turn, one at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::clients::sequence::MAX_SECOND_LOOKS;

/// The cases that one agent visits.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// The case that is being played.
    open: Option<Open>,
    played: BTreeMap<String, Done>,
}

#[derive(Debug)]
struct Open {
    case: String,
    place: Place,
}

/// Where the server of a case is.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// It is being opened.
    Pending,
    /// At this path.
    At(Arc<str>),
}

/// A case that was played.
#[derive(Debug)]
struct Done {
    last: Look,
    verdict: &'static str,
    /// As JSON.
    result: Arc<str>,
}

/// Which time a case is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    First,
    /// A failed case is played once more.
    Second,
}

impl Turns {
    /// Where the server of a case is, if it is being played.
    pub(super) fn place(&self, case: &str) -> Option<Place> {
        self.open.as_ref().filter(|open| open.case == case).map(|open| open.place.clone())
    }

    /// The result of a case, if it was played and is not being played again.
    pub(super) fn result(&self, case: &str) -> Option<Arc<str>> {
        self.played.get(case).filter(|_| self.place(case).is_none()).map(|done| Arc::clone(&done.result))
    }

    /// Whether a case can be played now.
    ///
    /// # Errors
    ///
    /// Why not, in a sentence.
    pub(super) fn check(&self, case: &str, look: Look) -> Result<(), String> {
        if let Some(open) = &self.open {
            return Err(format!("the agent is playing {}; GET /result answers when that is over", open.case));
        }
        match (look, self.played.get(case)) {
            (Look::First, None) => Ok(()),
            (Look::Second, None) => Err(format!("{case} was not played yet: leave again out of the query")),
            (_, Some(Done { verdict: verdict @ ("passed" | "not-applicable" | "unsupported"), .. })) => {
                Err(format!("{case} was played already: {verdict}"))
            }
            (_, Some(Done { last: Look::Second, verdict, .. })) => {
                Err(format!("{case} was played twice already: {verdict}"))
            }
            (Look::First, Some(_)) => {
                Err(format!("{case} was played already, and failed; add again=1 to the query to play it once more"))
            }
            (Look::Second, Some(_)) if self.second_looks() >= MAX_SECOND_LOOKS => {
                Err(format!("{MAX_SECOND_LOOKS} cases were played twice already, and no more can be"))
            }
            (Look::Second, Some(_)) => Ok(()),
        }
    }

    /// The server of a case is wanted.
    pub(super) fn open(&mut self, case: &str) {
        self.open = Some(Open { case: case.to_owned(), place: Place::Pending });
    }

    /// It is at this path.
    pub(super) fn begin(&mut self, path: &str) {
        if let Some(open) = &mut self.open {
            open.place = Place::At(path.into());
        }
    }

    /// The case was played.
    pub(super) fn finish(&mut self, verdict: &'static str, result: &str) {
        if let Some(Open { case, .. }) = self.open.take() {
            let last = if self.played.contains_key(&case) { Look::Second } else { Look::First };
            self.played.insert(case, Done { last, verdict, result: result.into() });
        }
    }

    /// No case is played any more.
    pub(super) fn close(&mut self) {
        self.open = None;
    }

    fn second_looks(&self) -> usize {
        self.played.values().filter(|done| done.last == Look::Second).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(turns: &mut Turns, case: &str, verdict: &'static str) {
        turns.open(case);
        turns.begin("/play/1/");
        turns.finish(verdict, verdict);
    }

    #[test]
    fn a_case_that_is_played_again_has_no_result_meanwhile() {
        let mut turns = Turns::default();
        play(&mut turns, "a", "failed");
        assert_eq!(turns.result("a").as_deref(), Some("failed"));
        assert_eq!(turns.check("a", Look::Second), Ok(()));
        turns.open("a");
        assert_eq!(turns.result("a"), None);
        assert!(turns.check("b", Look::First).unwrap_err().contains("is playing a"));
        // The run is over before its server is there.
        turns.close();
        assert_eq!(turns.result("a").as_deref(), Some("failed"));
    }

    #[test]
    fn second_looks_are_bounded() {
        let mut turns = Turns::default();
        for number in 0..MAX_SECOND_LOOKS {
            let case = number.to_string();
            play(&mut turns, &case, "failed");
            assert_eq!(turns.check(&case, Look::Second), Ok(()));
            play(&mut turns, &case, "failed");
        }
        play(&mut turns, "last", "failed");
        assert_eq!(turns.check("other", Look::First), Ok(()));
        let why = turns.check("last", Look::Second).unwrap_err();
        assert_eq!(why, "40 cases were played twice already, and no more can be");
    }
}
