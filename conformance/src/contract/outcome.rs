//! What comes of an action in the rooms of a server.

use sio_codec::cluster::node::{Answers, Missing, QuestionId};
use sio_codec::socketio::hub::{Recovered, Transmit};
use sio_codec::socketio::{AckId, Value};

use super::operation;

/// What waits for the answers of clients or servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Question {
    Alone(AckId),
    Clustered(QuestionId),
}

/// What comes of an action.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A session has to do this.
    Local(Transmit),
    Answered {
        question: Question,
        answers: Answers,
        missing: Missing,
    },
    /// A client that asked to be where it was is there, or is new.
    Returned {
        question: QuestionId,
        recovered: Option<Recovered>,
    },
}

/// How a client is told of the answers to its question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Whether somebody is missing, and the answers.
    Ask,
    /// How many members were found.
    Count,
    /// An error or `null`, and the answers.
    Operation,
}

impl Form {
    /// The arguments of the acknowledgement.
    pub(super) fn of(self, answers: Answers, missing: Missing) -> Vec<Value> {
        match (self, answers) {
            (Self::Count, Answers::Sockets(sockets)) => vec![Value::from(sockets.len() as u64)],
            (Self::Ask, answers) => vec![Value::Bool(!missing.is_nobody()), operation::outcome(answers, missing).1],
            (Self::Operation | Self::Count, answers) => {
                let (error, result) = operation::outcome(answers, missing);
                vec![error, result]
            }
        }
    }
}
