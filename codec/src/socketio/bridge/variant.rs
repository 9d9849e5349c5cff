//! An enum's variant with contents, which both forms have as an object of one member.

use serde::de::{Deserialize, DeserializeSeed, Deserializer, EnumAccess, VariantAccess, Visitor};

use super::{KeyText, ReadError};

/// Reads the name of a variant.
pub(in crate::socketio) trait ReadVariant<'de> {
    /// What it fails with.
    type Error: ReadError;

    /// Takes the name, up to the contents.
    fn variant_name(&mut self) -> Result<KeyText<'de, Self::Error>, Self::Error>;
}

/// The variant whose name comes next in `R`, and behind it the contents.
pub(in crate::socketio) struct Variant<'r, R>(pub(in crate::socketio) &'r mut R);

impl<'r, 'de, R: ReadVariant<'de>> EnumAccess<'de> for Variant<'r, R>
where
    &'r mut R: Deserializer<'de, Error = R::Error>,
{
    type Error = R::Error;
    type Variant = Self;

    #[inline]
    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), R::Error> {
        let variant = seed.deserialize(self.0.variant_name()?)?;
        Ok((variant, self))
    }
}

impl<'r, 'de, R: ReadVariant<'de>> VariantAccess<'de> for Variant<'r, R>
where
    &'r mut R: Deserializer<'de, Error = R::Error>,
{
    type Error = R::Error;

    fn unit_variant(self) -> Result<(), R::Error> {
        Deserialize::deserialize(self.0)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, R::Error> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, R::Error> {
        self.0.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, R::Error> {
        self.0.deserialize_map(visitor)
    }
}
