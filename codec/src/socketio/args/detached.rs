//! Arguments that are kept.

use bytes::Bytes;

use super::{Args, Form, share};
use crate::text::Text;

/// Bytes of a handle to an attachment, and of what its buffer needs besides its contents.
const PER_ATTACHMENT: usize = 80;

impl Args {
    /// The same arguments in separate buffers. As they came, they are parts of the message that brought them, or of
    /// the whole body of a request, which they keep.
    pub(crate) fn detached(&self) -> Self {
        let form = match &self.form {
            Form::Json { text, start, items_at } => {
                let array = text.as_bytes().get(*start..).unwrap_or_default();
                // The text starts with the bracket, which is one whole character.
                let text = Text::vouched(Bytes::copy_from_slice(array));
                Form::Json { text, start: 0, items_at: items_at.saturating_sub(*start) }
            }
            #[cfg(feature = "msgpack")]
            Form::MsgPack { items, count } => Form::MsgPack { items: Bytes::copy_from_slice(items), count: *count },
        };
        let attachments = self.attachments().iter().map(|bytes| Bytes::copy_from_slice(bytes)).collect();
        Self { form, attachments: share(attachments) }
    }

    /// What [`detached`](Self::detached) takes.
    pub(crate) fn detached_bytes(&self) -> usize {
        let form = match &self.form {
            Form::Json { text, start, .. } => text.len().saturating_sub(*start),
            #[cfg(feature = "msgpack")]
            Form::MsgPack { items, .. } => items.len(),
        };
        let attachments = self.attachments().iter().map(|bytes| bytes.len().saturating_add(PER_ATTACHMENT));
        attachments.fold(form, usize::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn equal_and_apart() {
        let attachments = vec![Bytes::from_static(b"photo")];
        let message = Args::from_json(r#"  ["€",{"_placeholder":true,"num":0}]"#, attachments).unwrap();
        let own = message.detached();
        assert_eq!((own.items(), own.attachments()), (message.items(), message.attachments()));
        assert_ne!(own.attachments()[0].as_ptr(), message.attachments()[0].as_ptr());
        let Form::Json { text, start: 0, items_at: 1 } = &own.form else { panic!("{own:?}") };
        assert_eq!(
            (text.len() + 5 + PER_ATTACHMENT, own.detached_bytes()),
            (message.detached_bytes(), message.detached_bytes())
        );
        assert_eq!(own, message);
        assert_eq!(Args::empty().detached(), Args::empty());
    }

    #[cfg(feature = "msgpack")]
    #[test]
    fn in_the_form_of_messagepack() {
        use crate::socketio::Parser;
        let args = Args::encode_with(Parser::MsgPack, &("a", 1)).unwrap();
        assert_eq!((args.detached(), args.detached_bytes()), (args, 3));
    }
}
