//! What serializers of both forms have in common, JSON and MessagePack: which methods there are, and which fail.

/// Methods that fail, for values without parts.
macro_rules! refuse {
    ($failure:expr; $($method:ident($($type:ty),*)),* $(,)?) => {$(
        fn $method(self, $(_: $type),*) -> Result<Self::Ok, Self::Error> {
            Err($failure)
        }
    )*};
}

/// Methods that fail, for values around another.
macro_rules! refuse_contents {
    ($failure:expr; $($method:ident($($type:ty),*)),* $(,)?) => {$(
        fn $method<T: serde::Serialize + ?Sized>(self, $(_: $type,)* _: &T) -> Result<Self::Ok, Self::Error> {
            Err($failure)
        }
    )*};
}

/// Methods that fail, for arrays and objects.
macro_rules! refuse_compounds {
    ($failure:expr; $($method:ident($($type:ty),*) $compound:ident),* $(,)?) => {$(
        fn $method(self, $(_: $type),*) -> Result<Self::$compound, Self::Error> {
            Err($failure)
        }
    )*};
}

/// The traits of an array or object being written, upon its `element`, `field`, `key`, `value` and `close`.
macro_rules! compound {
    ($compound:ident) => {
        $crate::socketio::bridge::serializer::compound! { $compound: element
            SerializeSeq serialize_element(),
            SerializeTuple serialize_element(),
            SerializeTupleStruct serialize_field(),
            SerializeTupleVariant serialize_field(),
        }
        $crate::socketio::bridge::serializer::compound! { $compound: field
            SerializeStruct serialize_field(key: &'static str),
            SerializeStructVariant serialize_field(key: &'static str),
        }

        impl serde::ser::SerializeMap for $compound<'_, '_> {
            type Ok = ();
            type Error = Failure;

            fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failure> {
                self.key(key)
            }

            fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
                self.value(value)
            }

            fn end(self) -> Result<(), Failure> {
                self.close();
                Ok(())
            }
        }
    };
    ($compound:ident: $put:ident $($trait:ident $method:ident($($key:ident: $type:ty)?),)*) => {$(
        impl serde::ser::$trait for $compound<'_, '_> {
            type Ok = ();
            type Error = Failure;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, $($key: $type,)? value: &T) -> Result<(), Failure> {
                self.$put($($key,)? value)
            }

            #[inline]
            fn end(self) -> Result<(), Failure> {
                self.close();
                Ok(())
            }
        }
    )*};
}

/// The types of a serializer that writes arrays and objects as `$compound`.
macro_rules! writes {
    ($compound:ty) => {
        type Ok = ();
        type Error = Failure;
        type SerializeSeq = $compound;
        type SerializeTuple = $compound;
        type SerializeTupleStruct = $compound;
        type SerializeTupleVariant = $compound;
        type SerializeMap = $compound;
        type SerializeStruct = $compound;
        type SerializeStructVariant = $compound;
    };
}

/// Numbers, each widened to what the form can write.
macro_rules! numbers {
    ($out:ident; $($method:ident: $type:ty => $write:ident as $wide:ty),* $(,)?) => {$(
        #[inline]
        fn $method(self, value: $type) -> Result<(), Failure> {
            $write(self.$out, <$wide>::from(value));
            Ok(())
        }
    )*};
}

/// Values that are written as another: options, characters, and variants without contents.
macro_rules! transparent {
    () => {
        fn serialize_char(self, value: char) -> Result<(), Failure> {
            self.serialize_str(value.encode_utf8(&mut [0; 4]))
        }

        fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Failure> {
            value.serialize(self)
        }

        fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Failure> {
            self.serialize_str(variant)
        }
    };
}

/// The serializer of a member's key: besides what the form writes, what passes through, and what cannot be a key.
macro_rules! key {
    () => {
        type Ok = ();
        type Error = Failure;
        type SerializeSeq = serde::ser::Impossible<(), Failure>;
        type SerializeTuple = serde::ser::Impossible<(), Failure>;
        type SerializeTupleStruct = serde::ser::Impossible<(), Failure>;
        type SerializeTupleVariant = serde::ser::Impossible<(), Failure>;
        type SerializeMap = serde::ser::Impossible<(), Failure>;
        type SerializeStruct = serde::ser::Impossible<(), Failure>;
        type SerializeStructVariant = serde::ser::Impossible<(), Failure>;

        $crate::socketio::bridge::serializer::transparent!();

        fn serialize_bool(self, value: bool) -> Result<(), Failure> {
            self.serialize_str(if value { "true" } else { "false" })
        }

        fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Failure> {
            value.serialize(self)
        }

        $crate::socketio::bridge::serializer::refuse! { Failure::Unrepresentable;
            serialize_bytes(&[u8]), serialize_none(), serialize_unit(), serialize_unit_struct(&'static str),
        }

        $crate::socketio::bridge::serializer::refuse_contents! { Failure::Unrepresentable;
            serialize_newtype_variant(&'static str, u32, &'static str),
        }

        $crate::socketio::bridge::serializer::refuse_compounds! { Failure::Unrepresentable;
            serialize_seq(Option<usize>) SerializeSeq,
            serialize_tuple(usize) SerializeTuple,
            serialize_tuple_struct(&'static str, usize) SerializeTupleStruct,
            serialize_tuple_variant(&'static str, u32, &'static str, usize) SerializeTupleVariant,
            serialize_map(Option<usize>) SerializeMap,
            serialize_struct(&'static str, usize) SerializeStruct,
            serialize_struct_variant(&'static str, u32, &'static str, usize) SerializeStructVariant,
        }
    };
}

/// The serializer of a whole list of arguments, upon its `open`: sequences and `()`, and nothing else.
///
/// Deciding this in the serializer, rather than by looking at the output, keeps `()` (no arguments) apart from `None`
/// (not a list).
macro_rules! list {
    ($list:ident, $compound:ident) => {
        impl<'a, 'w> serde::ser::Serializer for $list<'a, 'w> {
            type Ok = ();
            type Error = Failure;
            type SerializeSeq = $compound<'a, 'w>;
            type SerializeTuple = $compound<'a, 'w>;
            type SerializeTupleStruct = $compound<'a, 'w>;
            type SerializeTupleVariant = serde::ser::Impossible<(), Failure>;
            type SerializeMap = serde::ser::Impossible<(), Failure>;
            type SerializeStruct = serde::ser::Impossible<(), Failure>;
            type SerializeStructVariant = serde::ser::Impossible<(), Failure>;

            $crate::socketio::bridge::serializer::refuse! { Failure::NotASequence;
                serialize_bool(bool), serialize_char(char), serialize_str(&str), serialize_bytes(&[u8]),
                serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64),
                serialize_i128(i128), serialize_u8(u8), serialize_u16(u16), serialize_u32(u32),
                serialize_u64(u64), serialize_u128(u128), serialize_f32(f32), serialize_f64(f64),
                serialize_none(), serialize_unit_variant(&'static str, u32, &'static str),
            }

            $crate::socketio::bridge::serializer::refuse_contents! { Failure::NotASequence;
                serialize_some(), serialize_newtype_variant(&'static str, u32, &'static str),
            }

            $crate::socketio::bridge::serializer::refuse_compounds! { Failure::NotASequence;
                serialize_tuple_variant(&'static str, u32, &'static str, usize) SerializeTupleVariant,
                serialize_map(Option<usize>) SerializeMap,
                serialize_struct(&'static str, usize) SerializeStruct,
                serialize_struct_variant(&'static str, u32, &'static str, usize) SerializeStructVariant,
            }

            fn serialize_unit(self) -> Result<(), Failure> {
                self.open(0)?.close();
                Ok(())
            }

            fn serialize_unit_struct(self, _: &'static str) -> Result<(), Failure> {
                self.serialize_unit()
            }

            fn serialize_newtype_struct<T: Serialize + ?Sized>(
                self,
                _: &'static str,
                value: &T,
            ) -> Result<(), Failure> {
                value.serialize(self)
            }

            #[inline]
            fn serialize_seq(self, len: Option<usize>) -> Result<$compound<'a, 'w>, Failure> {
                self.open(len.unwrap_or_default())
            }

            #[inline]
            fn serialize_tuple(self, len: usize) -> Result<$compound<'a, 'w>, Failure> {
                self.open(len)
            }

            #[inline]
            fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<$compound<'a, 'w>, Failure> {
                self.open(len)
            }

            fn collect_str<T: core::fmt::Display + ?Sized>(self, _: &T) -> Result<(), Failure> {
                Err(Failure::NotASequence)
            }
        }
    };
}

pub(crate) use {compound, key, list, numbers, refuse, refuse_compounds, refuse_contents, transparent, writes};
