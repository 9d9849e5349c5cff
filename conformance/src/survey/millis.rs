//! Durations as numbers of milliseconds, the unit of the protocol and of its servers.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    number(*duration).serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let millis = f64::deserialize(deserializer)?;
    Duration::try_from_secs_f64(millis / 1000.0).map_err(serde::de::Error::custom)
}

/// An integer for whole milliseconds, and otherwise a decimal number with microseconds.
fn number(duration: Duration) -> serde_json::Number {
    let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    match serde_json::Number::from_f64(micros as f64 / 1000.0) {
        Some(fraction) if !micros.is_multiple_of(1000) => fraction,
        _ => (micros / 1000).into(),
    }
}

/// The same for an optional duration.
pub(super) mod optional {
    use super::{Deserialize as _, Deserializer, Duration, Serialize as _, Serializer};

    pub(in crate::survey) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        duration.map(super::number).serialize(serializer)
    }

    pub(in crate::survey) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        let millis = Option::<f64>::deserialize(deserializer)?;
        let duration = millis.map(|millis| Duration::try_from_secs_f64(millis / 1000.0));
        duration.transpose().map_err(serde::de::Error::custom)
    }
}
