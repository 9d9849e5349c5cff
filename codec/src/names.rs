//! Short names of errors.

/// Gives an enum of errors the function `name`. Every variant has to be listed.
macro_rules! names {
    ($type:ident: $($variant:ident)+) => {
        impl $type {
            /// The name of the variant, for logs and metrics. It stays as it is when the words of the error change.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$variant { .. } => stringify!($variant)),+ }
            }
        }
    };
}

pub(crate) use names;

#[cfg(test)]
mod tests {
    use crate::engineio::{self, HttpError, PacketErrorKind, SendError};
    use crate::socketio::{self, ArgsError, DecodeErrorKind, EmitError, InvalidNamespace, Namespace};

    #[test]
    fn names_are_those_of_the_variants() {
        assert_eq!(PacketErrorKind::OpenSid.name(), "OpenSid");
        assert_eq!(engineio::Violation::Status(502).name(), "Status");
        assert_eq!(HttpError::ALL.iter().map(HttpError::name).next_back(), Some("UnsupportedMethod"));
        assert_eq!(DecodeErrorKind::TooManyAttachments { announced: 11 }.name(), "TooManyAttachments");
        assert_eq!(socketio::Violation::Unsendable(SendError::Closed).name(), "Unsendable");
        assert_eq!(EmitError::Args(ArgsError::NotASequence).name(), "Args");
        assert_eq!(Namespace::new(",").as_ref().map_err(InvalidNamespace::name), Err("Comma"));
    }
}
