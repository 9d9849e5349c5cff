//! Reading a whole list of arguments into a type of the program's.
//!
//! The rules of a call, not of a JSON array: arguments beyond those asked for are ignored, and an
//! absent one reads as `null`. [`Root`] lays them over either reader: `serde_json`'s own when there
//! are no attachments, [`Reader`] when there are.

use serde::de::value::UnitDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, IntoDeserializer as _, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use bytes::Bytes;

use super::Lead;
use super::error::ArgsError;
use super::reader::Reader;
use super::scan;

/// Reads the arguments of `array`, a valid JSON array.
pub(super) fn read<'de, T: Deserialize<'de>>(
    array: &'de str,
    lead: Lead,
    attachments: &'de [Bytes],
) -> Result<T, ArgsError> {
    let mut progress = Progress::default();
    //= SIO5-ATT-14
    if attachments.is_empty() {
        return read_plain(array, lead, &mut progress).ok_or_else(|| progress.error());
    }
    let nodes = scan::skeleton(array.as_bytes(), attachments.len())?;
    if nodes.is_empty() {
        return read_plain(array, lead, &mut progress).ok_or_else(|| progress.error());
    }
    let mut reader = Reader::new(array, &nodes, attachments);
    let root = Root { inner: &mut reader, lead, progress: &mut progress };
    T::deserialize(root).map_err(|_| progress.error())
}

//= SIO5-PKT-21
//= SIO5-PKT-24
fn read_plain<'de, T: Deserialize<'de>>(array: &'de str, lead: Lead, progress: &mut Progress) -> Option<T> {
    let mut json = serde_json::Deserializer::from_str(array);
    T::deserialize(Root { inner: &mut json, lead, progress }).ok()
}

/// How far reading came; what there is to say when it fails.
#[derive(Default)]
struct Progress {
    /// Arguments read so far.
    argument: usize,
    /// Whether the one being read was not sent.
    absent: bool,
    /// Whether something else than a sequence was asked for.
    refused: bool,
}

impl Progress {
    const fn error(&self) -> ArgsError {
        let argument = self.argument;
        match self {
            Self { refused: true, .. } => ArgsError::NotASequence,
            Self { absent: true, .. } => ArgsError::Missing { argument },
            _ => ArgsError::Mismatch { argument },
        }
    }
}

/// The list of arguments; gives itself to sequences only.
struct Root<'p, D> {
    inner: D,
    lead: Lead,
    progress: &'p mut Progress,
}

impl<'p, D> Root<'p, D> {
    fn visitor<V>(self, visitor: V, at_least: usize) -> (D, CallVisitor<'p, V>) {
        let Self { inner, lead, progress } = self;
        (inner, CallVisitor { visitor, lead, at_least, progress })
    }

    fn refuse<T, E: Error>(self) -> Result<T, E> {
        self.progress.refused = true;
        Err(E::custom("arguments are a sequence"))
    }
}

macro_rules! refuse {
    ($($method:ident($($type:ty),*)),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, $(_: $type,)* _: V) -> Result<V::Value, D::Error> {
            self.refuse()
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Root<'_, D> {
    type Error = D::Error;

    refuse! {
        deserialize_bool(), deserialize_char(), deserialize_str(), deserialize_string(),
        deserialize_i8(), deserialize_i16(), deserialize_i32(), deserialize_i64(),
        deserialize_i128(), deserialize_u8(), deserialize_u16(), deserialize_u32(),
        deserialize_u64(), deserialize_u128(), deserialize_f32(), deserialize_f64(),
        deserialize_bytes(), deserialize_byte_buf(), deserialize_option(), deserialize_map(),
        deserialize_identifier(),
        deserialize_struct(&'static str, &'static [&'static str]),
        deserialize_enum(&'static str, &'static [&'static str]),
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let (inner, visitor) = self.visitor(visitor, 0);
        inner.deserialize_seq(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, D::Error> {
        let (inner, visitor) = self.visitor(visitor, len);
        inner.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        visitor.visit_unit()
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// Passes a JSON array on as a call's arguments.
struct CallVisitor<'p, V> {
    visitor: V,
    lead: Lead,
    at_least: usize,
    progress: &'p mut Progress,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for CallVisitor<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<V::Value, A::Error> {
        let Self { visitor, lead, at_least, progress } = self;
        if lead == Lead::Named {
            seq.next_element::<IgnoredAny>()?;
        }
        let value = visitor.visit_seq(Arguments { seq: &mut seq, at_least, progress })?;
        // The reader insists on the array's end; a caller in JavaScript may pass what it likes.
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(value)
    }
}

/// The arguments, followed by as many absent ones as it takes to have `at_least` of them.
struct Arguments<'a, 'p, A> {
    seq: &'a mut A,
    at_least: usize,
    progress: &'p mut Progress,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Arguments<'_, '_, A> {
    type Error = A::Error;

    fn next_element_seed<T>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error>
    where
        T: DeserializeSeed<'de>,
    {
        // The seed can be used once, but whether an argument comes is only known by asking for it.
        let mut seed = Some(seed);
        let sent = self.seq.next_element_seed(Once(&mut seed))?;
        let value = match (sent, seed) {
            (None, Some(seed)) if self.progress.argument < self.at_least => {
                self.progress.absent = true;
                let absent: UnitDeserializer<A::Error> = ().into_deserializer();
                let value = seed.deserialize(Absent(absent))?;
                self.progress.absent = false;
                Some(value)
            }
            (sent, _) => sent,
        };
        if value.is_some() {
            self.progress.argument = self.progress.argument.saturating_add(1);
        }
        Ok(value)
    }

    fn size_hint(&self) -> Option<usize> {
        self.seq.size_hint()
    }
}

/// A seed that leaves itself behind when it is not used.
struct Once<'a, T>(&'a mut Option<T>);

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for Once<'_, T> {
    type Value = T::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T::Value, D::Error> {
        match self.0.take() {
            Some(seed) => seed.deserialize(deserializer),
            None => Err(D::Error::custom("one argument asked for twice")),
        }
    }
}

/// An argument that was not sent, JavaScript's `undefined`: reads as `null`.
struct Absent<E>(UnitDeserializer<E>);

impl<'de, E: Error> Deserializer<'de> for Absent<E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        self.0.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        self.0.deserialize_option(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, E> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
