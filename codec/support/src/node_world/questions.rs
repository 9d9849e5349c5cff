//! Questions: each ends once, in time, and its numbers add up.

use std::time::Duration;

use sio_codec::Timestamp;
use sio_codec::cluster::node::{Answers, Missing, QuestionId};

use super::Per;

/// As the nodes are configured.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(super) struct Asked(Per<QuestionId, Question>);

struct Question {
    deadline: Timestamp,
    kind: Kind,
    has_ended: bool,
}

enum Kind {
    /// With how many there are here.
    Clients(usize),
    Sockets(usize),
    Rooms,
    Servers,
}

impl Asked {
    pub(super) fn clients(&mut self, server: usize, id: QuestionId, deadline: Timestamp, own: usize) {
        self.ask(server, id, deadline, Kind::Clients(own));
    }

    pub(super) fn sockets(&mut self, server: usize, id: QuestionId, now: Timestamp, own: usize) {
        self.ask(server, id, now.saturating_add(REQUEST_TIMEOUT), Kind::Sockets(own));
    }

    pub(super) fn rooms(&mut self, server: usize, id: QuestionId, now: Timestamp) {
        self.ask(server, id, now.saturating_add(REQUEST_TIMEOUT), Kind::Rooms);
    }

    pub(super) fn servers(&mut self, server: usize, id: QuestionId, now: Timestamp) {
        self.ask(server, id, now.saturating_add(REQUEST_TIMEOUT), Kind::Servers);
    }

    fn ask(&mut self, server: usize, id: QuestionId, deadline: Timestamp, kind: Kind) {
        let before = self.0.insert((server, id), Question { deadline, kind, has_ended: false });
        assert!(before.is_none(), "{id:?} was given twice");
    }

    /// `others` is the highest number of other servers that was told.
    pub(super) fn ended(
        &mut self,
        now: Timestamp,
        id: (usize, QuestionId),
        answers: &Answers,
        missing: Missing,
        others: usize,
    ) {
        let question = self.0.get_mut(&id).unwrap();
        assert!(!question.has_ended, "{id:?} has ended twice");
        question.has_ended = true;
        assert!(missing.servers.is_none_or(|servers| servers <= others), "{missing:?} of {others}");
        let is_early = now < question.deadline;
        match (&question.kind, answers) {
            (Kind::Clients(own), Answers::Clients(answers)) => {
                assert!(answers.len() + missing.clients >= *own, "{answers:?} {missing:?} of {own}");
            }
            (Kind::Sockets(own), Answers::Sockets(sockets)) => assert!(sockets.len() >= *own),
            (Kind::Rooms, Answers::Rooms(_)) => {}
            (Kind::Servers, Answers::Servers(answers)) => {
                // Nobody is counted twice: who has answered and who is missing are all.
                let all = missing.servers.map_or(0, |servers| answers.len() + servers);
                assert!(all <= others.max(answers.len()), "{answers:?} {missing:?} of {others}");
                assert!(!is_early || missing.servers != Some(0) || answers.len() <= others.max(3));
            }
            other => panic!("{:?}", other.1),
        }
    }

    pub(super) fn none_is_overdue(&self, server: usize, now: Timestamp) {
        for ((of, id), question) in &self.0 {
            assert!(*of != server || question.has_ended || question.deadline > now, "{id:?} is overdue");
        }
    }

    pub(super) fn all_have_ended(&self) {
        for (id, question) in &self.0 {
            assert!(question.has_ended, "{id:?}");
        }
    }
}
