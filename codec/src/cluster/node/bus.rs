//! The commands that are under way, and the room for more.

use alloc::collections::BTreeMap;

use super::command::CommandId;
use super::event::QuestionId;
use crate::Text;
use crate::socketio::Namespace;

/// What the program was told to do and has not told the end of.
#[derive(Debug)]
pub(super) struct Bus {
    under_way: BTreeMap<CommandId, UnderWay>,
    /// The one of each question among them.
    asked: BTreeMap<QuestionId, CommandId>,
    next: u64,
    bytes: usize,
    max_bytes: usize,
}

#[derive(Debug)]
pub(super) enum UnderWay {
    /// A message. Its bytes have room until it has arrived.
    Message { sent: Sent, bytes: usize },
    /// How many servers are to answer a question.
    Count(QuestionId),
    /// Reading a stream, or looking for its end.
    Read(Text),
    /// The session of a client that comes back.
    Take(QuestionId),
    /// What a client missed.
    Range(QuestionId),
}

/// A message that is on its way.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) namespace: Namespace,
    pub(super) message: &'static str,
    /// The question that it asks.
    pub(super) question: Option<QuestionId>,
}

impl Bus {
    pub(super) const fn new(max_bytes: usize) -> Self {
        Self { under_way: BTreeMap::new(), asked: BTreeMap::new(), next: 1, bytes: 0, max_bytes }
    }

    /// A command for a message of so many bytes, if there is room for it. There is for one, however large.
    pub(super) fn message(&mut self, sent: Sent, bytes: usize) -> Result<CommandId, Sent> {
        if self.bytes > 0 && self.bytes.saturating_add(bytes) > self.max_bytes {
            return Err(sent);
        }
        self.bytes = self.bytes.saturating_add(bytes);
        Ok(self.start(UnderWay::Message { sent, bytes }))
    }

    /// A command that asks Redis something.
    pub(super) fn ask(&mut self, command: UnderWay) -> CommandId {
        let question = command.question();
        let id = self.start(command);
        if let Some(question) = question {
            self.asked.insert(question, id);
        }
        id
    }

    /// A question has ended: however late the end of its command is told, nothing is kept for it.
    pub(super) fn ask_no_more(&mut self, question: QuestionId) {
        if let Some(id) = self.asked.remove(&question) {
            self.under_way.remove(&id);
        }
    }

    fn start(&mut self, command: UnderWay) -> CommandId {
        let id = CommandId(self.next);
        self.next = self.next.saturating_add(1);
        self.under_way.insert(id, command);
        id
    }

    /// A command has ended. One that nobody knows is a mistake of the program's, and nothing.
    pub(super) fn end(&mut self, id: CommandId) -> Option<UnderWay> {
        let ended = self.under_way.remove(&id)?;
        if let UnderWay::Message { bytes, .. } = &ended {
            self.bytes = self.bytes.saturating_sub(*bytes);
        }
        if let Some(question) = ended.question() {
            self.asked.remove(&question);
        }
        Some(ended)
    }

    /// Whether half of the room is taken: what comes from others may ask for more.
    pub(super) const fn is_busy(&self) -> bool {
        self.bytes > self.max_bytes / 2
    }
}

impl UnderWay {
    /// The question that has no other command at the time.
    const fn question(&self) -> Option<QuestionId> {
        match self {
            Self::Count(question) | Self::Take(question) | Self::Range(question) => Some(*question),
            Self::Message { .. } | Self::Read(_) => None,
        }
    }
}

#[cfg(test)]
impl Bus {
    /// Whether nothing is under way but the reading of streams.
    pub(super) fn is_idle(&self) -> bool {
        let reads_alone = self.under_way.values().all(|command| matches!(command, UnderWay::Read(_)));
        reads_alone && self.asked.is_empty() && self.bytes == 0
    }
}
