//! What can be emitted: arguments, or a tuple of values.

use serde::Serialize;

use super::text::encode;
use super::{AckId, Outgoing};
use crate::engineio::Encoded;
use crate::socketio::args::{Args, ArgsError, Parser};
use crate::socketio::namespace::Namespace;

/// What can be emitted: [`Args`], or a tuple of values that serialize, each of them one argument; `()` for none.
///
/// A tuple is written as [`Args::encode_with`] does, straight into the packet. What is sent more than once, or is a list
/// whose length is not known, becomes `Args` first. References to either are taken as well.
///
/// ```
/// use sio_codec::engineio::{self, Sid};
/// use sio_codec::socketio::{Args, Config, Connection, Namespace};
/// use sio_codec::{Frame, Machine, Timestamp};
///
/// let (now, root) = (Timestamp::ZERO, Namespace::root());
/// let mut connection = Connection::new(Config::default());
/// connection.handle(now, engineio::Event::Opened);
/// connection.handle(now, engineio::Event::Message(Frame::from("0")));
/// connection.accept(&root, &Sid::from_entropy([7; 15]))?;
/// connection.emit(&root, "add", ("apples", 2))?;
/// connection.emit(&root, "clear", ())?;
/// connection.emit(&root, "list", Args::encode(&vec![1, 2, 3])?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A value alone is not taken, because it could stand for one argument or for several:
///
/// ```compile_fail,E0277
/// # use sio_codec::socketio::{Config, Connection, Namespace};
/// # let mut connection = Connection::new(Config::default());
/// connection.emit(&Namespace::root(), "hello", "world")?;
/// # Ok::<(), sio_codec::socketio::EmitError>(())
/// ```
///
/// Sealed: a type of the program's that serializes as a list is turned into `Args` by [`Args::encode`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of arguments",
    label = "neither `Args` nor a tuple of values that serialize",
    note = "put the arguments into a tuple: `(value,)`"
)]
pub trait ToArgs: sealed::ToPacket {}

impl ToArgs for Args {}

impl<T: ToArgs + ?Sized> ToArgs for &T {}

pub(in crate::socketio) mod sealed {
    use super::{AckId, Args, ArgsError, Encoded, Namespace, Parser};

    pub trait ToPacket {
        /// An event in the form of `parser`.
        fn to_event(
            &self,
            parser: Parser,
            namespace: &Namespace,
            name: &str,
            ack: Option<AckId>,
        ) -> Result<Encoded, ArgsError>;

        /// An acknowledgement in the form of `parser`.
        fn to_acknowledgement(&self, parser: Parser, namespace: &Namespace, id: AckId) -> Result<Encoded, ArgsError>;

        /// Hands out the arguments, in the form of `parser` unless they had another before.
        fn with_args<R>(&self, parser: Parser, act: impl FnOnce(&Args) -> R) -> Result<R, ArgsError>;
    }
}

impl sealed::ToPacket for Args {
    #[inline]
    fn to_event(
        &self,
        parser: Parser,
        namespace: &Namespace,
        name: &str,
        ack: Option<AckId>,
    ) -> Result<Encoded, ArgsError> {
        encode::event(parser, namespace, name, self, ack)
    }

    #[inline]
    fn to_acknowledgement(&self, parser: Parser, namespace: &Namespace, id: AckId) -> Result<Encoded, ArgsError> {
        encode::acknowledgement(parser, namespace, id, self)
    }

    #[inline]
    fn with_args<R>(&self, _: Parser, act: impl FnOnce(&Self) -> R) -> Result<R, ArgsError> {
        Ok(act(self))
    }
}

impl<T: sealed::ToPacket + ?Sized> sealed::ToPacket for &T {
    #[inline]
    fn to_event(
        &self,
        parser: Parser,
        namespace: &Namespace,
        name: &str,
        ack: Option<AckId>,
    ) -> Result<Encoded, ArgsError> {
        (**self).to_event(parser, namespace, name, ack)
    }

    #[inline]
    fn to_acknowledgement(&self, parser: Parser, namespace: &Namespace, id: AckId) -> Result<Encoded, ArgsError> {
        (**self).to_acknowledgement(parser, namespace, id)
    }

    #[inline]
    fn with_args<R>(&self, parser: Parser, act: impl FnOnce(&Args) -> R) -> Result<R, ArgsError> {
        (**self).with_args(parser, act)
    }
}

macro_rules! tuples {
    ($(($($value:ident)*))*) => {$(
        impl<$($value: Serialize),*> ToArgs for ($($value,)*) {}

        impl<$($value: Serialize),*> sealed::ToPacket for ($($value,)*) {
            fn to_event(
                &self,
                parser: Parser,
                namespace: &Namespace,
                name: &str,
                ack: Option<AckId>,
            ) -> Result<Encoded, ArgsError> {
                let event = Outgoing::event(namespace, name);
                ack.map_or(event, |id| event.with_ack(id)).encode_with(parser, self)
            }

            fn to_acknowledgement(
                &self,
                parser: Parser,
                namespace: &Namespace,
                id: AckId,
            ) -> Result<Encoded, ArgsError> {
                Outgoing::acknowledgement(namespace, id).encode_with(parser, self)
            }

            fn with_args<R>(&self, parser: Parser, act: impl FnOnce(&Args) -> R) -> Result<R, ArgsError> {
                Args::encode_with(parser, self).map(|args| act(&args))
            }
        }
    )*};
}

tuples! {
    () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) (A B C D E F G H I)
    (A B C D E F G H I J) (A B C D E F G H I J K) (A B C D E F G H I J K L)
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec;

    use super::sealed::ToPacket as _;
    use super::*;
    use crate::socketio::Binary;

    const PARSERS: &[Parser] = &[
        Parser::Json,
        #[cfg(feature = "msgpack")]
        Parser::MsgPack,
    ];

    fn same<T: ToArgs + Serialize>(tuple: T) {
        let (chat, id) = (Namespace::new("/chat").unwrap(), AckId::new(7).unwrap());
        for parser in PARSERS.iter().copied() {
            let args = Args::encode_with(parser, &tuple).unwrap();
            for ack in [None, Some(id)] {
                let event = args.to_event(parser, &chat, "e", ack).unwrap();
                assert_eq!(tuple.to_event(parser, &chat, "e", ack), Ok(event));
            }
            let answer = args.to_acknowledgement(parser, &chat, id).unwrap();
            assert_eq!(tuple.to_acknowledgement(parser, &chat, id), Ok(answer.clone()));
            assert_eq!((&&tuple).to_acknowledgement(parser, &chat, id), Ok(answer));
            assert_eq!(tuple.with_args(parser, Args::clone), Ok(args));
        }
    }

    //= SIO5-ATT-02: then the binaries in `num` order
    #[test]
    fn a_tuple_is_sent_as_its_arguments() {
        same(());
        same((1,));
        same(("a", Binary::from(vec![1, 2]), Some(true), [1.5, f64::NAN], Binary::from(vec![])));
        same((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, String::from("twelve")));
        same(([(); 0], ()));
    }

    #[test]
    fn what_cannot_be_written_is_an_error() {
        let keys = alloc::collections::BTreeMap::from([([1], 1)]);
        let refused = (&keys,).to_event(Parser::Json, &Namespace::root(), "e", None);
        assert_eq!(refused, Err(ArgsError::unrepresentable("key must be a string")));
        let lookalike = serde_json::json!({"_placeholder": true, "num": 0});
        let refused = (lookalike, Binary::from(vec![1])).with_args(Parser::Json, Args::clone);
        assert_eq!(refused, Err(ArgsError::PlaceholderInData));
    }
}
