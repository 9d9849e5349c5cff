//! A deserializer that puts attachments back where placeholders stand.
//!
//! It knows from the [`skeleton`](super::scan::skeleton) which arrays and objects lead to a
//! placeholder and walks only those itself. Every other value, large or small, goes to `serde_json`
//! as it stands, so that numbers, strings, enums, maps and options read as they always do.

use core::fmt;

use bytes::Bytes;
use serde::de::{
    self, Deserialize as _, DeserializeSeed, Deserializer, EnumAccess, IgnoredAny, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use serde_json::de::StrRead;

use super::cursor::Cursor;
use super::error::Fault;
use super::key::Key;
use super::scan::Node;

/// A value does not fit the type it is read into. The detail is not kept: formatting it would cost
/// more than reading most packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Misfit;

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("value of another type")
    }
}

impl core::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl From<serde_json::Error> for Misfit {
    fn from(_: serde_json::Error) -> Self {
        Self
    }
}

impl From<Fault> for Misfit {
    fn from(_: Fault) -> Self {
        Self
    }
}

/// Reads values one after the other; a `&mut Reader` is the deserializer of the next.
pub(super) struct Reader<'de, 'n> {
    text: &'de str,
    cursor: Cursor<'de>,
    /// The nodes not yet passed.
    nodes: &'n [Node],
    attachments: &'de [Bytes],
}

/// The next value.
enum Found<'de> {
    /// Without any placeholder; what `serde_json` takes of it is to be [settled](Reader::settle).
    Plain(serde_json::Deserializer<StrRead<'de>>),
    /// A placeholder's bytes; not taken.
    Attachment(&'de Bytes, Node),
    /// An array that holds a placeholder; not taken.
    Array(Node),
    /// An object that holds a placeholder; not taken.
    Object(Node),
}

impl<'de, 'n> Reader<'de, 'n> {
    /// Reads from `at` on.
    pub(super) const fn new(text: &'de str, at: usize, nodes: &'n [Node], attachments: &'de [Bytes]) -> Self {
        Self { text, cursor: Cursor::new(text.as_bytes(), at), nodes, attachments }
    }

    /// How far it came.
    pub(super) const fn at(&self) -> usize {
        self.cursor.at()
    }

    /// Moves to the next element; `false` at the closing bracket.
    #[inline]
    pub(super) fn advance(&mut self, closing: u8, first: bool) -> Result<bool, Misfit> {
        if self.cursor.peek()? == closing {
            return Ok(false);
        }
        if !first {
            self.cursor.expect(b',')?;
        }
        Ok(true)
    }

    #[inline]
    fn find(&mut self) -> Result<Found<'de>, Misfit> {
        let bracket = self.cursor.peek()?;
        let start = self.cursor.at();
        while let Some((node, rest)) = self.nodes.split_first() {
            if node.start > start {
                break;
            }
            if node.start < start {
                self.nodes = rest;
                continue;
            }
            return match (node.attachment, bracket) {
                (Some(num), _) => {
                    let bytes = self.attachments.get(num).ok_or(Misfit)?;
                    Ok(Found::Attachment(bytes, *node))
                }
                (None, b'[') => Ok(Found::Array(*node)),
                (None, _) => Ok(Found::Object(*node)),
            };
        }
        let rest = self.text.get(start..).ok_or(Misfit)?;
        Ok(Found::Plain(serde_json::Deserializer::from_str(rest)))
    }

    /// Continues behind the plain value that was just read.
    #[inline]
    fn settle<T>(
        &mut self,
        json: serde_json::Deserializer<StrRead<'de>>,
        value: Result<T, serde_json::Error>,
    ) -> Result<T, Misfit> {
        let value = value?;
        // The only way to ask `serde_json` how far it came; nothing is iterated.
        let taken = json.into_iter::<IgnoredAny>().byte_offset();
        self.cursor.jump(self.cursor.at().saturating_add(taken));
        Ok(value)
    }

    //= SIO5-ATT-18
    fn bytes<V: Visitor<'de>>(&mut self, bytes: &'de Bytes, node: Node, visitor: V) -> Result<V::Value, Misfit> {
        self.cursor.jump(node.end);
        visitor.visit_borrowed_bytes(bytes)
    }

    fn sequence<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Misfit> {
        self.cursor.expect(b'[')?;
        let value = visitor.visit_seq(Elements::new(self))?;
        self.cursor.expect(b']')?;
        Ok(value)
    }

    fn variant<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Misfit> {
        self.cursor.expect(b'{')?;
        let value = visitor.visit_enum(Variant(self))?;
        self.cursor.expect(b'}')?;
        Ok(value)
    }

    fn mapping<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Misfit> {
        self.cursor.expect(b'{')?;
        let value = visitor.visit_map(Elements::new(self))?;
        self.cursor.expect(b'}')?;
        Ok(value)
    }
}

/// Methods that read a value without placeholders, and what else the arms say.
macro_rules! read {
    (
        $reader:ident, $visitor:ident, $arms:tt
        $($method:ident($($name:ident: $type:ty),*)),* $(,)?
    ) => {$(
        #[inline]
        fn $method<V>($reader, $($name: $type,)* $visitor: V) -> Result<V::Value, Misfit>
        where
            V: Visitor<'de>,
        {
            match $reader.find()? {
                Found::Plain(mut json) => {
                    let value = json.$method($($name,)* $visitor);
                    $reader.settle(json, value)
                }
                other => read!(@ other $arms),
            }
        }
    )*};
    (@ $found:ident { $($arms:tt)* }) => { match $found { $($arms)* } };
}

impl<'de> Deserializer<'de> for &mut Reader<'de, '_> {
    type Error = Misfit;

    read! { self, visitor, { _ => Err(Misfit) }
        deserialize_bool(), deserialize_char(), deserialize_str(), deserialize_string(),
        deserialize_i8(), deserialize_i16(), deserialize_i32(), deserialize_i64(),
        deserialize_i128(), deserialize_u8(), deserialize_u16(), deserialize_u32(),
        deserialize_u64(), deserialize_u128(), deserialize_f32(), deserialize_f64(),
        deserialize_unit(), deserialize_unit_struct(name: &'static str), deserialize_identifier(),
    }

    read! { self, visitor, {
            Found::Attachment(bytes, node) => self.bytes(bytes, node, visitor),
            _ => Err(Misfit),
        }
        deserialize_bytes(), deserialize_byte_buf(),
    }

    read! { self, visitor, {
            Found::Attachment(bytes, node) => self.bytes(bytes, node, visitor),
            Found::Array(_) => self.sequence(visitor),
            _ => self.mapping(visitor),
        }
        deserialize_any(),
    }

    read! { self, visitor, {
            Found::Array(_) => self.sequence(visitor),
            _ => Err(Misfit),
        }
        deserialize_seq(),
        deserialize_tuple(len: usize),
        deserialize_tuple_struct(name: &'static str, len: usize),
    }

    read! { self, visitor, {
            Found::Object(_) => self.mapping(visitor),
            _ => Err(Misfit),
        }
        deserialize_map(),
    }

    read! { self, visitor, {
            // As `serde_json` does: a list of the fields in their order.
            Found::Array(_) => self.sequence(visitor),
            Found::Object(_) => self.mapping(visitor),
            _ => Err(Misfit),
        }
        deserialize_struct(name: &'static str, fields: &'static [&'static str]),
    }

    read! { self, visitor, { _ => visitor.visit_some(self) }
        deserialize_option(),
    }

    read! { self, visitor, { _ => visitor.visit_newtype_struct(self) }
        deserialize_newtype_struct(name: &'static str),
    }

    read! { self, visitor, {
            Found::Object(_) => self.variant(visitor),
            _ => Err(Misfit),
        }
        deserialize_enum(name: &'static str, variants: &'static [&'static str]),
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.find()? {
            Found::Plain(mut json) => {
                let value = IgnoredAny::deserialize(&mut json);
                self.settle(json, value)?;
            }
            Found::Attachment(_, node) | Found::Array(node) | Found::Object(node) => {
                self.cursor.jump(node.end);
            }
        }
        visitor.visit_unit()
    }
}

/// The elements of an array or the members of an object.
struct Elements<'r, 'de, 'n> {
    reader: &'r mut Reader<'de, 'n>,
    first: bool,
}

impl<'r, 'de, 'n> Elements<'r, 'de, 'n> {
    const fn new(reader: &'r mut Reader<'de, 'n>) -> Self {
        Self { reader, first: true }
    }

    /// Moves to the next element; `false` at the closing bracket.
    fn advance(&mut self, closing: u8) -> Result<bool, Misfit> {
        let first = core::mem::replace(&mut self.first, false);
        self.reader.advance(closing, first)
    }
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de, '_> {
    type Error = Misfit;

    fn next_element_seed<T>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit>
    where
        T: DeserializeSeed<'de>,
    {
        if self.advance(b']')? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for Elements<'_, 'de, '_> {
    type Error = Misfit;

    fn next_key_seed<K>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit>
    where
        K: DeserializeSeed<'de>,
    {
        if !self.advance(b'}')? {
            return Ok(None);
        }
        let key = self.reader.cursor.string()?;
        seed.deserialize(Key::new(key.quoted)).map(Some)
    }

    fn next_value_seed<T>(&mut self, seed: T) -> Result<T::Value, Misfit>
    where
        T: DeserializeSeed<'de>,
    {
        self.reader.cursor.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

/// An enum's variant with contents: the one member of an object.
struct Variant<'r, 'de, 'n>(&'r mut Reader<'de, 'n>);

impl<'de> EnumAccess<'de> for Variant<'_, 'de, '_> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<T>(self, seed: T) -> Result<(T::Value, Self), Misfit>
    where
        T: DeserializeSeed<'de>,
    {
        self.0.cursor.peek()?;
        let name = self.0.cursor.string()?;
        let variant = seed.deserialize(Key::new(name.quoted))?;
        self.0.cursor.expect(b':')?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de, '_> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        de::Deserialize::deserialize(self.0)
    }

    fn newtype_variant_seed<T>(self, seed: T) -> Result<T::Value, Misfit>
    where
        T: DeserializeSeed<'de>,
    {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.0.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Misfit> {
        self.0.deserialize_struct("", fields, visitor)
    }
}
