//! Reading a whole list of arguments into a type of the program's.
//!
//! The rules of a call, not of a JSON array: arguments beyond those asked for are ignored, and an
//! absent one reads as `null`. [`Root`] lays them over the [`JsonReader`] of single values.

use alloc::boxed::Box;

use serde::de::value::UnitDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IntoDeserializer as _, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use bytes::Bytes;

use super::error::{ArgsError, Mismatch};
use crate::socketio::bridge::{Explained, Misfit, ReadItems};
use crate::socketio::json::check;
use crate::socketio::json::de::{JsonError, JsonReader};
use crate::socketio::json::placeholders::{self, Node};
#[cfg(feature = "msgpack")]
use crate::socketio::msgpack::{Items, tokens::Tokens};

/// Reads the arguments that begin at `items_at` in `text`, which holds a valid JSON array from `start` to its end.
pub(super) fn read<'de, T: Deserialize<'de>>(
    text: &'de str,
    start: usize,
    items_at: usize,
    attachments: &'de [Bytes],
) -> Result<T, ArgsError> {
    //= SIO5-ATT-14
    if attachments.is_empty() {
        let list = List { text, items_at, nodes: &[], attachments: &[] };
        return list.read(false, |progress| list.fault::<T>(progress));
    }
    let nodes = &placeholders::skeleton(text.as_bytes(), start, attachments.len())?;
    let list = List { text, items_at, nodes, attachments };
    list.read(false, |progress| list.fault::<T>(progress))
}

/// Reads the arguments that begin at `items_at`, in text that was not checked.
pub(crate) fn read_unchecked<'de, T: Deserialize<'de>>(
    text: &'de str,
    start: usize,
    items_at: usize,
    attachments: &'de [Bytes],
) -> Result<T, ArgsError> {
    let checked = || check::validate(text.as_bytes().get(start..).unwrap_or_default());
    if !attachments.is_empty() {
        checked()?;
        return read(text, start, items_at, attachments);
    }
    // What reads well needs no second look. What does not is not JSON, or fits another type.
    let list = List { text, items_at, nodes: &[], attachments: &[] };
    list.read(true, |progress| checked().map_or_else(ArgsError::from, |()| list.fault::<T>(progress)))
}

/// Reads the one value that a valid text is.
//= SIO5-PKT-21
//= SIO5-PKT-24
pub(crate) fn read_value<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, ArgsError> {
    T::deserialize(&mut JsonReader::of_value(text)).map_err(|Misfit| {
        let mut reader = JsonReader::of_value(text);
        let result = T::deserialize(&mut reader);
        mismatch(0, reader.at(), result)
    })
}

/// Reads the one value that a MessagePack message is, which was validated.
#[cfg(feature = "msgpack")]
pub(crate) fn read_msgpack_value<'de, T: Deserialize<'de>>(value: &'de [u8]) -> Result<T, ArgsError> {
    let value = Tokens::new(value);
    T::deserialize(&mut Items::new(value)).map_err(|Misfit| {
        let mut reader = Items::new(value);
        let result = T::deserialize(&mut reader);
        mismatch(0, reader.at(), result)
    })
}

/// Reads the arguments of a MessagePack packet, which were validated.
#[cfg(feature = "msgpack")]
pub(super) fn read_msgpack<'de, T: Deserialize<'de>>(items: &'de [u8]) -> Result<T, ArgsError> {
    let (items, mut progress) = (Tokens::new(items), Progress::default());
    let root = Root { reader: &mut Items::new(items), progress: &mut progress };
    T::deserialize(root).map_err(|Misfit| msgpack_fault::<T>(items, progress))
}

/// Reads the arguments of a MessagePack packet, of which nobody has seen whether their strings are UTF-8.
#[cfg(feature = "msgpack")]
#[inline]
pub(crate) fn read_msgpack_unchecked<'de, T: Deserialize<'de>>(items: Tokens<'de>) -> Result<T, ArgsError> {
    let (mut reader, mut progress) = (Items::new(items), Progress::default());
    let root = Root { reader: &mut reader, progress: &mut progress };
    // What reads well is checked by that, and what no type asked for is still to be read.
    match T::deserialize(root) {
        Ok(value) if reader.skip_all().is_ok() => Ok(value),
        Ok(_) | Err(Misfit) => {
            Err(items.skip_all().map_or_else(ArgsError::from, |()| msgpack_fault::<T>(items, progress)))
        }
    }
}

/// What is to be said about a `T` that could not be read.
#[cfg(feature = "msgpack")]
#[cold]
#[inline(never)]
fn msgpack_fault<'de, T: Deserialize<'de>>(items: Tokens<'de>, progress: Progress) -> ArgsError {
    progress.fault(|again| {
        let mut reader = Items::new(items);
        let result = T::deserialize(Root { reader: &mut reader, progress: again });
        (reader.at().saturating_sub(items.at()), result.map(drop))
    })
}

/// Arguments as JSON text, and where their placeholders are. Passed by value, so that nothing is written down for a fault that
/// does not happen.
#[derive(Clone, Copy)]
struct List<'de, 'n> {
    text: &'de str,
    items_at: usize,
    nodes: &'n [Node],
    attachments: &'de [Bytes],
}

impl<'de> List<'de, '_> {
    //= SIO5-PKT-21
    //= SIO5-PKT-24
    #[inline(always)]
    fn read<T: Deserialize<'de>>(
        self,
        to_the_end: bool,
        fault: impl FnOnce(Progress) -> ArgsError,
    ) -> Result<T, ArgsError> {
        let mut reader = JsonReader::new(self.text, self.items_at, self.nodes, self.attachments);
        let mut progress = Progress::default();
        let root = Root { reader: &mut reader, progress: &mut progress };
        let Ok::<_, Misfit>(value) = T::deserialize(root) else { return Err(fault(progress)) };
        if to_the_end && check::end_of_array(self.text.as_bytes(), reader.at(), progress.argument == 0).is_err() {
            return Err(fault(progress));
        }
        Ok(value)
    }

    /// What is to be said about a `T` that could not be read.
    #[cold]
    #[inline(never)]
    fn fault<T: Deserialize<'de>>(self, progress: Progress) -> ArgsError {
        progress.fault(|again| {
            let mut reader = JsonReader::new(self.text, self.items_at, self.nodes, self.attachments);
            let result = T::deserialize(Root { reader: &mut reader, progress: again });
            let first = check::space(self.text.as_bytes(), self.items_at);
            (reader.at().saturating_sub(first), result.map(drop))
        })
    }
}

impl<'de, E: JsonError> ReadItems<'de> for JsonReader<'de, '_, E> {
    type Error = E;

    #[inline]
    fn advance(&mut self, first: bool) -> Result<bool, E> {
        self.advance(b']', first)
    }

    #[inline]
    fn item<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, E> {
        seed.deserialize(self)
    }
}

/// How far reading came; what there is to say when it fails.
#[derive(Clone, Copy, Default)]
struct Progress {
    /// Arguments read so far.
    argument: usize,
    /// Whether the one being read was not sent.
    absent: bool,
    /// Whether something else than a sequence was asked for.
    refused: bool,
}

impl Progress {
    /// What is wrong. A mismatch is explained by reading `again`, which gives the place up to which it came.
    #[cold]
    fn fault(self, again: impl FnOnce(&mut Self) -> (usize, Result<(), Explained>)) -> ArgsError {
        let argument = self.argument;
        match self {
            Self { refused: true, .. } => ArgsError::NotASequence,
            Self { absent: true, .. } => ArgsError::Missing { argument },
            _ => {
                let (offset, result) = again(&mut Self::default());
                mismatch(argument, offset, result)
            }
        }
    }
}

/// An argument that does not fit, and what reading it for a second time gave.
pub(super) fn mismatch<T>(argument: usize, offset: usize, result: Result<T, Explained>) -> ArgsError {
    let words = match result {
        Err(Explained(words)) => words,
        // A type that has changed its mind, or takes for another what it was shown in order to say what it expects.
        Ok(_) => Box::from("value of another type"),
    };
    ArgsError::Mismatch(Box::new(Mismatch { argument, offset, words }))
}

/// The list of arguments; gives itself to sequences only.
struct Root<'r, R> {
    reader: &'r mut R,
    progress: &'r mut Progress,
}

impl<R> Root<'_, R> {
    fn call<'de, V: Visitor<'de>>(self, visitor: V, at_least: usize) -> Result<V::Value, R::Error>
    where
        R: ReadItems<'de>,
    {
        let Self { reader, progress } = self;
        visitor.visit_seq(Arguments { reader, at_least, progress })
    }

    fn refuse<'de, T>(self) -> Result<T, R::Error>
    where
        R: ReadItems<'de>,
    {
        self.progress.refused = true;
        Err(R::Error::custom("not a sequence"))
    }
}

macro_rules! refuse {
    ($($method:ident($($type:ty),*)),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, $(_: $type,)* _: V) -> Result<V::Value, R::Error> {
            self.refuse()
        }
    )*};
}

impl<'de, R: ReadItems<'de>> Deserializer<'de> for Root<'_, R> {
    type Error = R::Error;

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

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, R::Error> {
        self.call(visitor, 0)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, R::Error> {
        self.call(visitor, 0)
    }

    #[inline]
    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, R::Error> {
        self.call(visitor, len)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, R::Error> {
        self.call(visitor, len)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, R::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, R::Error> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, R::Error> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, R::Error> {
        visitor.visit_unit()
    }
}

/// The arguments, followed by as many absent ones as it takes to have `at_least` of them.
struct Arguments<'r, R> {
    reader: &'r mut R,
    at_least: usize,
    progress: &'r mut Progress,
}

impl<'de, R: ReadItems<'de>> SeqAccess<'de> for Arguments<'_, R> {
    type Error = R::Error;

    #[inline]
    fn next_element_seed<T>(&mut self, seed: T) -> Result<Option<T::Value>, R::Error>
    where
        T: DeserializeSeed<'de>,
    {
        let value = if self.reader.advance(self.progress.argument == 0)? {
            self.reader.item(seed)?
        } else if self.progress.argument < self.at_least {
            self.progress.absent = true;
            let absent: UnitDeserializer<R::Error> = ().into_deserializer();
            let value = seed.deserialize(Absent(absent))?;
            self.progress.absent = false;
            value
        } else {
            return Ok(None);
        };
        self.progress.argument = self.progress.argument.saturating_add(1);
        Ok(Some(value))
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
