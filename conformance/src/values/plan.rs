//! A generated case before it is written as a trace.

use fastrand::Rng;

use super::conversation::Conversation;
use super::exchange::Exchange;
use super::family::{Family, Way};
use super::generate;
use crate::trace::{Header, Need, Sentence, Trace};

/// Which case is generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The seed of the run.
    pub seed: u64,
    /// What is exchanged.
    pub family: Family,
    /// How it travels.
    pub way: Way,
}

impl Generated {
    /// The id of the case: `sio5/values/events-websocket`.
    #[must_use]
    pub fn id(&self) -> String {
        self.family.id(self.way)
    }

    /// Generates its content, which is always the same.
    #[must_use]
    pub fn plan(&self) -> Plan {
        Plan::generate(self.seed, self.family, self.way)
    }
}

/// The content of a generated case. The same seed gives the same plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The seed of the run.
    pub seed: u64,
    /// What is exchanged.
    pub family: Family,
    /// How it travels.
    pub way: Way,
    /// What is sent and comes back, in order.
    pub exchanges: Vec<Exchange>,
    /// Whether that is everything that was generated.
    pub extent: Extent,
}

/// How much of a generated case is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// What is left after shrinking.
    Shrunk,
}

/// Larger messages are declared in the header of the trace, so that a server with a lower limit is not tested with
/// them.
const REMARKABLE: usize = 512;

impl Plan {
    /// Generates a case.
    pub(super) fn generate(seed: u64, family: Family, way: Way) -> Self {
        // Each case has its own seed, so that no two of them carry the same values.
        let own =
            family.id(way).bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let exchanges = generate::exchanges(family, way, Rng::with_seed(own));
        Self { seed, family, way, exchanges, extent: Extent::Whole }
    }

    /// The id of the case: `sio5/values/events-websocket`.
    #[must_use]
    pub fn id(&self) -> String {
        self.family.id(self.way)
    }

    /// The conversation, which can be saved and played like any other.
    #[must_use]
    pub fn trace(&self) -> Trace {
        let conversation = self.conversation();
        let header = self.header(conversation.largest());
        conversation.trace(header)
    }

    /// The same case with only these exchanges.
    pub(super) fn with(&self, exchanges: Vec<Exchange>) -> Self {
        Self { exchanges, extent: Extent::Shrunk, ..*self }
    }

    /// The exchange that a line of the trace belongs to.
    pub(super) fn exchange_at(&self, line: u32) -> Option<usize> {
        let conversation = self.conversation();
        conversation.owner(&self.header(conversation.largest()), line)
    }

    fn conversation(&self) -> Conversation {
        Conversation::new(self.family, self.way, &self.exchanges)
    }

    fn header(&self, largest: usize) -> Header {
        let Self { seed, family, way, .. } = self;
        let mut needs = family.needs(*way);
        if largest > REMARKABLE {
            needs.insert(Need::Payload(u64::try_from(largest).unwrap_or(u64::MAX)));
        }
        let note = match self.extent {
            Extent::Whole => format!("Generated from seed {seed}."),
            Extent::Shrunk => format!("Shrunk from {}, generated from seed {seed}.", family.id(*way)),
        };
        let arity = "Servers whose contract application takes exactly three arguments fail here.";
        let notes = [Some(note), (*family == Family::Arguments).then(|| arity.to_owned())];
        Header {
            title: family.title(*way),
            covers: family.covers(*way),
            level: family.level(),
            needs,
            seen: Vec::new(),
            since: None,
            recorded: None,
            notes: notes.into_iter().flatten().filter_map(Sentence::new).collect(),
        }
    }
}
