//! What a server may offer, and what the user of the command states about it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use toml::de::{DeTable, DeValue};

use crate::contract::Kind;

/// Something that only some servers offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Feature {
    /// The Engine.IO application that sends every message back.
    Echo,
    /// The Socket.IO application of the public suites.
    Contract,
    /// The namespace `/siospec` of the extended contract.
    Extended,
    /// Sessions over HTTP long-polling.
    Polling,
    /// Sessions over a WebSocket.
    Websocket,
    /// The upgrade from polling to a WebSocket.
    Upgrade,
    /// `maxPayload` in the open packet.
    MaxPayload,
    /// Engine.IO 3 in addition to 4.
    Eio3,
    /// JSONP: polling by scripts and forms.
    Jsonp,
    /// CORS for pages of another origin.
    Cors,
    /// Connection state recovery.
    Recovery,
}

impl Feature {
    /// Every feature.
    pub const ALL: [Self; 11] = [
        Self::Echo,
        Self::Contract,
        Self::Extended,
        Self::Polling,
        Self::Websocket,
        Self::Upgrade,
        Self::MaxPayload,
        Self::Eio3,
        Self::Jsonp,
        Self::Cors,
        Self::Recovery,
    ];

    /// The application of a path.
    #[must_use]
    pub const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Engine => Self::Echo,
            Kind::Socket => Self::Contract,
        }
    }

    /// Its name, in options and in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Contract => "contract",
            Self::Extended => "extended",
            Self::Polling => "polling",
            Self::Websocket => "websocket",
            Self::Upgrade => "upgrade",
            Self::MaxPayload => "maxPayload",
            Self::Eio3 => "eio3",
            Self::Jsonp => "jsonp",
            Self::Cors => "cors",
            Self::Recovery => "recovery",
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Feature {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|feature| feature.as_str() == name);
        found.ok_or_else(|| format!("there is no feature of this name; there are {}", list(&Self::ALL)))
    }
}

/// A time of the server that can be stated by the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Time {
    /// When a session that joins no namespace is closed.
    ConnectTimeout,
    /// When the server gives up an upgrade that does not continue.
    UpgradeTimeout,
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Time {
    const ALL: [Self; 2] = [Self::ConnectTimeout, Self::UpgradeTimeout];

    const fn as_str(self) -> &'static str {
        match self {
            Self::ConnectTimeout => "connectTimeout",
            Self::UpgradeTimeout => "upgradeTimeout",
        }
    }
}

/// A statement about a feature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Said {
    /// It is offered.
    Offered {
        /// Where it was stated.
        by: String,
    },
    /// It must not be tried: an option leaves it out.
    Missing {
        /// Where it was stated.
        by: String,
    },
    /// The implementation does not have it, as it declares in a file.
    Unsupported {
        /// Where it was stated.
        by: String,
    },
}

/// What the user of the command states about the server. It overrides what the survey finds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Overrules {
    features: BTreeMap<Feature, Said>,
    /// In milliseconds.
    times: BTreeMap<Time, u64>,
}

impl Overrules {
    /// Adds features that are not offered, from `--without`.
    pub fn without(&mut self, features: &[Feature]) {
        for feature in features {
            self.say(*feature, false, &format!("--without {feature}"));
        }
    }

    /// Adds a statement about a feature, from an option.
    pub fn say(&mut self, feature: Feature, is_offered: bool, by: &str) {
        let by = by.to_owned();
        let said = if is_offered { Said::Offered { by } } else { Said::Missing { by } };
        self.features.insert(feature, said);
    }

    /// Adds what the implementation declares about a feature.
    fn declare(&mut self, feature: Feature, is_offered: bool, by: String) {
        let said = if is_offered { Said::Offered { by } } else { Said::Unsupported { by } };
        self.features.insert(feature, said);
    }

    /// Adds the statements of a file: lines of TOML such as `eio3 = false` or `connectTimeout = 45000`, or those of its table
    /// `[features]` if it has one.
    ///
    /// # Errors
    ///
    /// One sentence with the position in the file.
    pub fn read(&mut self, file: &Path) -> Result<(), String> {
        let source =
            std::fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        self.parse(&file.display().to_string(), &source)
    }

    fn parse(&mut self, name: &str, source: &str) -> Result<(), String> {
        let fault = |at: usize, words: &str| {
            let line = source.get(..at).unwrap_or_default().matches('\n').count() + 1;
            format!("{name}:{line}: {words}")
        };
        let table = DeTable::parse(source)
            .map_err(|error| fault(error.span().map_or(0, |span| span.start), error.message().trim_end()))?;
        let inner = table.get_ref().get("features").and_then(|value| value.get_ref().as_table());
        for (key, value) in inner.unwrap_or_else(|| table.get_ref()) {
            let key_at = key.span().start;
            let key = key.get_ref().as_ref();
            let shown = source.get(value.span()).unwrap_or_default();
            let feature = Feature::ALL.into_iter().find(|feature| feature.as_str() == key);
            let time = Time::ALL.into_iter().find(|time| time.as_str() == key);
            match (feature, time, value.get_ref()) {
                (Some(feature), _, DeValue::Boolean(offered)) => {
                    self.declare(feature, *offered, format!("{name} says {key} = {offered}"));
                }
                (Some(_), ..) => {
                    return Err(fault(key_at, &format!("{key} is {shown}, and can be true or false")));
                }
                (None, Some(time), value) => {
                    let millis = value.as_integer().and_then(|millis| millis.as_str().parse().ok());
                    let words = || fault(key_at, &format!("{key} is {shown}, and can be a number of milliseconds"));
                    self.times.insert(time, millis.ok_or_else(words)?);
                }
                (None, None, _) => {
                    let times = Time::ALL.map(Time::as_str).join(", ");
                    let words =
                        format!("there is no {key:?}; what can be said is {}, and {times}", list(&Feature::ALL));
                    return Err(fault(key_at, &words));
                }
            }
        }
        Ok(())
    }

    /// The statement about a feature, if there is one.
    #[must_use]
    pub fn about(&self, feature: Feature) -> Option<&Said> {
        self.features.get(&feature)
    }

    /// Where it was stated that a feature is missing.
    #[must_use]
    pub fn missing(&self, feature: Feature) -> Option<&str> {
        match self.about(feature)? {
            Said::Missing { by } | Said::Unsupported { by } => Some(by),
            Said::Offered { .. } => None,
        }
    }

    /// A time of the server, if it was stated.
    #[must_use]
    pub fn time(&self, time: Time) -> Option<Duration> {
        self.times.get(&time).copied().map(Duration::from_millis)
    }

    /// All statements, in a few words each.
    pub fn words(&self) -> impl Iterator<Item = String> {
        let features = self.features.values().map(|said| match said {
            Said::Offered { by } | Said::Missing { by } | Said::Unsupported { by } => by.clone(),
        });
        features.chain(self.times.iter().map(|(time, millis)| format!("{} = {millis}", time.as_str())))
    }
}

fn list(features: &[Feature]) -> String {
    features.iter().map(|feature| feature.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(source: &str) -> Result<Overrules, String> {
        let mut overrules = Overrules::default();
        overrules.parse("server.toml", source).map(|()| overrules)
    }

    #[test]
    fn a_file_says_what_is_offered_and_what_is_not() {
        let overrules = parse("# ours\necho = false\nrecovery = true\nconnectTimeout = 45_000\n").unwrap_or_default();
        assert_eq!(overrules.missing(Feature::Echo), Some("server.toml says echo = false"));
        assert!(matches!(overrules.about(Feature::Echo), Some(Said::Unsupported { .. })));
        assert!(matches!(overrules.about(Feature::Recovery), Some(Said::Offered { .. })));
        assert_eq!(overrules.about(Feature::Polling), None);
        assert_eq!(overrules.time(Time::ConnectTimeout), Some(Duration::from_secs(45)));
    }

    #[test]
    fn what_cannot_be_said_is_one_sentence() {
        for (source, sentence) in [
            (
                "ech = true\n",
                "server.toml:1: there is no \"ech\"; what can be said is echo, contract, extended, polling, websocket, \
                 upgrade, maxPayload, eio3, jsonp, cors, recovery, and connectTimeout, upgradeTimeout",
            ),
            ("echo = 1\n", "server.toml:1: echo is 1, and can be true or false"),
            ("connectTimeout = -1\n", "server.toml:1: connectTimeout is -1, and can be a number of milliseconds"),
            (
                "connectTimeout = \"1s\"\n",
                "server.toml:1: connectTimeout is \"1s\", and can be a number of milliseconds",
            ),
        ] {
            assert_eq!(parse(source).err().as_deref(), Some(sentence));
        }
        assert!(parse("echo = true\neio3 =\n").is_err_and(|error| error.starts_with("server.toml:2: ")));
    }

    #[test]
    fn names_of_features_are_read_back() {
        for feature in Feature::ALL {
            assert_eq!(feature.as_str().parse(), Ok(feature));
        }
    }
}
