//! The kinds of generated cases: what is exchanged, and over which transport.

use std::collections::BTreeSet;

use crate::trace::{Level, Need, Requirement, Sentence};

/// What the exchanges of a case have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Events with three arguments.
    Events,
    /// Events with three arguments that are acknowledged.
    Acks,
    /// Events with 0 to 20 arguments, some of them acknowledged.
    Arguments,
    /// Events with three arguments and attachments in them.
    Binary,
    /// Events with three arguments and attachments in them that are acknowledged.
    BinaryAcks,
    /// Events with long texts.
    LongTexts,
    /// Events with long attachments.
    LongBinary,
    /// Text messages of Engine.IO.
    EngineTexts,
    /// Binary messages of Engine.IO.
    EngineBinary,
    /// Long messages of Engine.IO.
    EngineLong,
}

/// How the messages travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// Over a WebSocket from the start.
    Websocket,
    /// Over the WebSocket that a polling session was upgraded to.
    Upgraded,
    /// Over HTTP long-polling.
    Polling,
}

/// How many arguments the events of a family may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arity {
    /// A fixed number: some contract applications accept only three.
    Fixed,
    /// Any number.
    Free,
}

impl Family {
    pub(super) const ALL: [Self; 10] = [
        Self::Events,
        Self::Acks,
        Self::Arguments,
        Self::Binary,
        Self::BinaryAcks,
        Self::LongTexts,
        Self::LongBinary,
        Self::EngineTexts,
        Self::EngineBinary,
        Self::EngineLong,
    ];

    /// The id of the case.
    pub(super) fn id(self, way: Way) -> String {
        let name = match self {
            Self::Events => "events",
            Self::Acks => "acks",
            Self::Arguments => "arguments",
            Self::Binary | Self::EngineBinary => "binary",
            Self::BinaryAcks => "binary-acks",
            Self::LongTexts => "long-texts",
            Self::LongBinary => "long-binary",
            Self::EngineTexts => "texts",
            Self::EngineLong => "long",
        };
        format!("{}/values/{name}-{}", if self.is_engine() { "eio4" } else { "sio5" }, way.name())
    }

    pub(super) fn title(self, way: Way) -> Sentence {
        let what = match self {
            Self::Events => "Values of every kind come back in events",
            Self::Acks => "Values of every kind come back in acknowledgements",
            Self::Arguments => "Events and acknowledgements have any number of arguments",
            Self::Binary => "Attachments come back in events",
            Self::BinaryAcks => "Attachments come back in acknowledgements",
            Self::LongTexts => "Long texts come back in events and acknowledgements",
            Self::LongBinary => "Long attachments come back in events and acknowledgements",
            Self::EngineTexts => "Texts of every kind come back",
            Self::EngineBinary => "Binary messages of every kind come back",
            Self::EngineLong => "Long messages come back",
        };
        let over = match way {
            Way::Polling => "over polling",
            Way::Websocket => "over WebSocket",
            Way::Upgraded => "after an upgrade",
        };
        Sentence::new(format!("{what} {over}")).expect("it is a line of text")
    }

    /// The requirements; the first is the one that a wrong value breaks.
    pub(super) fn covers(self, way: Way) -> Vec<Requirement> {
        let ids: &[&str] = match (self, way) {
            (Self::Events | Self::LongTexts, _) => &["SIO5-PKT-01", "SIO5-PKT-21", "SIO5-EVT-01"],
            (Self::Acks, _) => &["SIO5-PKT-01", "SIO5-PKT-21", "SIO5-ACK-01"],
            (Self::Arguments, _) => &["SIO5-EVT-01", "SIO5-ACK-01"],
            (Self::Binary | Self::LongBinary, _) => &["SIO5-ATT-01", "SIO5-ATT-02", "SIO5-ATT-03", "SIO5-ATT-18"],
            (Self::BinaryAcks, _) => &["SIO5-ATT-01", "SIO5-ATT-02", "SIO5-ATT-03", "SIO5-ATT-18", "SIO5-ACK-12"],
            (Self::EngineTexts, _) => &["EIO4-PKT-12", "EIO4-PKT-01", "EIO4-PKT-11"],
            (Self::EngineBinary, Way::Polling) => &["EIO4-PKT-12", "EIO4-PLD-02", "EIO4-PKT-08", "EIO4-PKT-14"],
            (Self::EngineBinary, _) => &["EIO4-PKT-12", "EIO4-PKT-07", "EIO4-WS-01", "EIO4-WS-05"],
            (Self::EngineLong, Way::Polling) => &["EIO4-PKT-12", "EIO4-PLD-02"],
            (Self::EngineLong, _) => &["EIO4-PKT-12", "EIO4-WS-01"],
        };
        ids.iter().map(|id| Requirement::new(*id).expect("it is an id")).collect()
    }

    pub(super) const fn level(self) -> Level {
        match self {
            Self::Arguments => Level::Reference,
            _ => Level::Must,
        }
    }

    pub(super) fn needs(self, way: Way) -> BTreeSet<Need> {
        let application = if self.is_engine() { Need::Echo } else { Need::Contract };
        let transports: &[Need] = match way {
            Way::Polling => &[Need::Polling],
            Way::Websocket => &[Need::Websocket],
            Way::Upgraded => &[Need::Polling, Need::Websocket, Need::Upgrade],
        };
        transports.iter().cloned().chain([application]).collect()
    }

    pub(super) const fn arity(self) -> Arity {
        match self {
            Self::Arguments => Arity::Free,
            _ => Arity::Fixed,
        }
    }

    pub(super) const fn is_engine(self) -> bool {
        matches!(self, Self::EngineTexts | Self::EngineBinary | Self::EngineLong)
    }
}

impl Way {
    pub(super) const ALL: [Self; 3] = [Self::Polling, Self::Websocket, Self::Upgraded];

    const fn name(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::Websocket => "websocket",
            Self::Upgraded => "upgraded",
        }
    }
}
