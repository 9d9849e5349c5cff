//! Arguments as views into the text they came in.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;
use serde::Deserialize;

use super::parse::{self, Array};
use crate::socketio::args::{self, Args, ArgsError};
use crate::socketio::json::{check, placeholders};
use crate::socketio::packet::DecodeError;
use crate::socketio::value::Value;
use crate::text::Text;

/// Arguments as a view into the packet's text; the borrowed form of [`Args`].
///
/// A [`PacketRef`](crate::socketio::PacketRef) hands it out; the examples of [`decode`](Self::decode) and [`from_json`](Self::from_json) show both ways to one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArgsRef<'a> {
    text: &'a str,
    array: Array,
}

impl<'a> ArgsRef<'a> {
    #[inline(always)]
    pub(in crate::socketio::packet) const fn new(text: &'a str, array: Array) -> Self {
        Self { text, array }
    }

    /// Takes the text of a JSON array, to which this many attachments belong. No more is looked at than where the array
    /// begins: what reads the arguments checks them.
    ///
    /// # Errors
    ///
    /// [`ArgsError::NotASequence`] if the text does not begin as an array.
    ///
    /// ```
    /// use sio_codec::socketio::{ArgsError, ArgsRef};
    ///
    /// let args = ArgsRef::from_json(r#"["lamp",3]"#, 0)?;
    /// assert_eq!(args.decode::<(&str, u8)>(&[])?, ("lamp", 3));
    /// assert_eq!(ArgsRef::from_json("3", 0), Err(ArgsError::NotASequence));
    /// # Ok::<(), ArgsError>(())
    /// ```
    pub fn from_json(array: &'a str, attachments: usize) -> Result<Self, ArgsError> {
        let start = check::space(array.as_bytes(), 0);
        if array.as_bytes().get(start) != Some(&b'[') {
            return Err(ArgsError::NotASequence);
        }
        Ok(Self::new(array, Array { start, items_at: start.saturating_add(1), attachments }))
    }

    /// Takes the first argument for the name of an event, and gives it with the others: the payload of an event is the array
    /// of both. Whether the name is reserved is not looked at.
    ///
    /// # Errors
    ///
    /// [`InvalidPayload`](crate::socketio::DecodeErrorKind::InvalidPayload) if the first argument is neither a string nor a
    /// number, [`InvalidJson`](crate::socketio::DecodeErrorKind::InvalidJson) if it is not followed by a comma or the end.
    ///
    /// ```
    /// use sio_codec::socketio::ArgsRef;
    ///
    /// let (name, args) = ArgsRef::from_json(r#"["move",1,2]"#, 0)?.split_name()?;
    /// assert_eq!((&*name, args.decode::<(u8, u8)>(&[])?), ("move", (1, 2)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn split_name(&self) -> Result<(Cow<'a, str>, Self), DecodeError> {
        let (name, items_at) = parse::event(self.text.as_bytes(), self.array.items_at)?;
        Ok((name.resolve(self.text), Self::new(self.text, Array { items_at, ..self.array })))
    }

    /// The arguments as JSON text, separated by commas, without the array's brackets; `""` if there are none.
    #[must_use]
    pub fn items(&self) -> &'a str {
        self.text.get(args::items_range(self.text.as_bytes(), self.array.items_at)).unwrap_or_default()
    }

    /// How many attachments belong to the arguments.
    #[must_use]
    pub const fn attachments(&self) -> usize {
        self.array.attachments
    }

    /// Reads the arguments as [`Args::decode`] does, and with its rules, borrowing from the text and
    /// from the attachments.
    ///
    /// # Errors
    ///
    /// As for [`Args::decode`]; and, since the text may be unchecked, [`ArgsError::InvalidJson`],
    /// [`ArgsError::TooDeep`] and [`ArgsError::AttachmentMissing`].
    ///
    /// ```
    /// use bytes::Bytes;
    /// use sio_codec::Limits;
    /// use sio_codec::socketio::{KindRef, PacketRef, Protocol};
    ///
    /// let text = r#"51-["photo","a.png",{"_placeholder":true,"num":0}]"#;
    /// let packet = PacketRef::parse(text, Protocol::V5, &Limits::default())?;
    /// assert_eq!(packet.attachments(), 1, "collect them first");
    /// let attachments = [Bytes::from_static(b"\x89PNG")];
    /// let KindRef::Event { args, .. } = packet.kind() else { unreachable!() };
    /// let (name, photo): (&str, &[u8]) = args.decode(&attachments).unwrap();
    /// assert_eq!((name, photo), ("a.png", &b"\x89PNG"[..]));
    /// # Ok::<(), sio_codec::socketio::DecodeError>(())
    /// ```
    pub fn decode<T: Deserialize<'a>>(&self, attachments: &'a [Bytes]) -> Result<T, ArgsError> {
        // An object of a placeholder's shape is data where no attachment was announced.
        let attachments = if self.array.attachments == 0 { &[] } else { attachments };
        args::read_unchecked(self.text, self.array.start, self.array.items_at, attachments)
    }
    /// Reads the arguments as values of any shape. The text is copied once; strings share the copy, and binary values the
    /// attachments.
    ///
    /// # Errors
    ///
    /// [`ArgsError::InvalidJson`], [`ArgsError::TooDeep`] and [`ArgsError::AttachmentMissing`].
    ///
    /// ```
    /// use sio_codec::socketio::{ArgsRef, Value};
    ///
    /// let args = ArgsRef::from_json(r#"["a",{"b":null}]"#, 0)?;
    /// assert_eq!(args.values(&[])?[1].get("b"), Some(&Value::Null));
    /// # Ok::<(), sio_codec::socketio::ArgsError>(())
    /// ```
    pub fn values(&self, attachments: &[Bytes]) -> Result<Vec<Value>, ArgsError> {
        self.to_args(attachments.to_vec())?.values()
    }

    /// Arguments that own their text, which is copied and checked.
    ///
    /// # Errors
    ///
    /// As for [`values`](Self::values).
    ///
    /// ```
    /// use sio_codec::socketio::{Args, ArgsRef};
    ///
    /// let args = ArgsRef::from_json("[1,2]", 0)?.to_args(vec![])?;
    /// assert_eq!(args, Args::encode(&(1, 2))?);
    /// # Ok::<(), sio_codec::socketio::ArgsError>(())
    /// ```
    pub fn to_args(&self, attachments: Vec<Bytes>) -> Result<Args, ArgsError> {
        let Array { start, items_at, attachments: announced } = self.array;
        let array = self.text.get(start..).unwrap_or_default();
        check::validate(array.as_bytes())?;
        let attachments = if announced == 0 { Vec::new() } else { attachments };
        let in_order = attachments.is_empty() || placeholders::check(array.as_bytes(), attachments.len())?;
        let text = Text::from(String::from(array));
        Ok(Args::from_wire(text, 0, items_at.saturating_sub(start), in_order, attachments))
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::limits::Limits;
    use crate::socketio::packet::{DecodeErrorKind, KindRef, PacketRef, Protocol};

    const PLACEHOLDERS: &str = r#"["e",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#;

    fn attachments() -> [Bytes; 2] {
        [Bytes::from_static(b"zero"), Bytes::from_static(b"one")]
    }

    #[test]
    fn text_that_is_there_reads_as_a_packet_does() {
        let text = alloc::format!("52-{PLACEHOLDERS}");
        let packet = PacketRef::parse(&text, Protocol::V5, &Limits::default()).unwrap();
        let KindRef::Event { name, args, .. } = packet.kind() else { panic!("{packet:?}") };
        let (other_name, other) = ArgsRef::from_json(PLACEHOLDERS, 2).unwrap().split_name().unwrap();
        assert_eq!((name, args.items()), (other_name, other.items()));
        let attachments = attachments();
        let expected: (&[u8], &[u8]) = (b"one", b"zero");
        assert_eq!(args.decode::<(&[u8], &[u8])>(&attachments).unwrap(), expected);
        assert_eq!(other.decode::<(&[u8], &[u8])>(&attachments).unwrap(), expected);
        let values = [Value::from(attachments[1].clone()), Value::from(attachments[0].clone())];
        assert_eq!(args.values(&attachments).unwrap(), values);
        let owned = other.to_args(attachments.to_vec()).unwrap();
        assert_eq!(owned, args.to_args(attachments.to_vec()).unwrap());
        assert_eq!((owned.values().unwrap(), owned.attachments()), (values.to_vec(), &attachments_in_order()[..]));
    }

    fn attachments_in_order() -> [Bytes; 2] {
        let [zero, one] = attachments();
        [one, zero]
    }

    #[test]
    fn what_was_not_looked_at_is_checked_when_it_is_read() {
        for (text, fault) in [
            ("[1,]", ArgsError::InvalidJson { offset: 3 }),
            (" [1] 2", ArgsError::InvalidJson { offset: 4 }),
            ("[", ArgsError::InvalidJson { offset: 1 }),
        ] {
            let args = ArgsRef::from_json(text, 0).unwrap();
            assert_eq!(args.values(&[]), Err(fault.clone()), "{text}");
            assert_eq!(args.to_args(vec![]), Err(fault), "{text}");
        }
        let missing = ArgsRef::from_json(PLACEHOLDERS, 2).unwrap().to_args(attachments()[..1].to_vec());
        assert_eq!(missing, Err(ArgsError::AttachmentMissing { offset: 5 }));
        for text in ["", " ", "{}", "1"] {
            assert_eq!(ArgsRef::from_json(text, 0), Err(ArgsError::NotASequence), "{text}");
        }
    }

    #[test]
    fn a_name_is_a_string_or_a_number() {
        let split = |text| ArgsRef::from_json(text, 0).unwrap().split_name();
        let named = |text| split(text).map(|(name, args)| (String::from(name), String::from(args.items())));
        assert_eq!(named(r#" [ "e" , 1 ]"#), Ok(("e".into(), "1".into())));
        assert_eq!(named(r#"["\u0065"]"#), Ok(("e".into(), "".into())));
        assert_eq!(named("[1.0,2]"), Ok(("1".into(), "2".into())));
        assert_eq!(named(r#"["connect"]"#), Ok(("connect".into(), "".into())));
        for (text, kind, offset) in [
            ("[]", DecodeErrorKind::InvalidPayload, 1),
            ("[null]", DecodeErrorKind::InvalidPayload, 1),
            (r#"["e"1]"#, DecodeErrorKind::InvalidJson, 4),
        ] {
            assert_eq!(named(text), Err(DecodeError { kind, offset }), "{text}");
        }
    }
}
