//! The types that rows g to m and s are read into, each in a form that owns its content and in one that borrows it.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sio_codec::Limits;
use sio_codec::socketio::{KindRef, PacketRef, Protocol};

use crate::{I_TEXT, J_TEXT};

/// What an application reads the arguments of a row into.
pub trait Typed {
    /// The form that a handler may keep.
    type Owned: DeserializeOwned;
    /// The form that lives as long as the message.
    type Borrowed<'de>: Deserialize<'de>;
}

macro_rules! typed {
    ($($(#[$doc:meta])+ $name:ident = $owned:ty, $borrowed:ty;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}

        impl Typed for $name {
            type Owned = $owned;
            type Borrowed<'de> = $borrowed;
        }
    )+};
}

typed! {
    /// Row g.
    Message = (String,), (&'de str,);
    /// Row h, where nothing can be borrowed.
    Number = (u64,), (u64,);
    /// Rows i and j.
    Document = (Update,), (UpdateRef<'de>,);
    /// Row l.
    Answer = (String, Id), (&'de str, Id);
}

/// The argument of rows i and j: news of a chat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Update {
    /// Where they were written.
    pub room: String,
    /// The messages.
    pub items: Vec<Item>,
}

impl Update {
    /// What row i says; absent if its file is not of this type.
    #[must_use]
    pub fn short() -> Option<Self> {
        Self::of(I_TEXT)
    }

    /// What row j says; absent if its file is not of this type.
    #[must_use]
    pub fn long() -> Option<Self> {
        Self::of(J_TEXT)
    }

    fn of(text: &str) -> Option<Self> {
        // Every fraction is read as the nearest double, so that it is written as in the file; serde_json has that as a feature.
        let packet = PacketRef::parse(text, Protocol::V5, &Limits::default()).ok()?;
        let KindRef::Event { args, .. } = packet.kind() else { return None };
        let (update,) = args.decode(&[]).ok()?;
        Some(update)
    }
}

/// One message of a chat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Its number.
    pub id: u64,
    /// Who wrote it.
    pub user: String,
    /// Some words; some have line breaks and quotation marks, which JSON escapes, and some are not ASCII.
    pub text: String,
    /// When, in milliseconds.
    pub ts: u64,
    /// A fraction.
    pub score: f64,
    /// Up to two words.
    pub tags: Vec<String>,
    /// A flag.
    pub seen: bool,
    /// The number of another message.
    pub reply_to: Option<u64>,
}

/// An [`Update`] that borrows all texts without escapes.
#[derive(Debug, Deserialize)]
pub struct UpdateRef<'a> {
    /// As in [`Update`].
    #[serde(borrow)]
    pub room: Cow<'a, str>,
    /// As in [`Update`].
    #[serde(borrow)]
    pub items: Vec<ItemRef<'a>>,
}

/// An [`Item`] that borrows all texts without escapes.
#[derive(Debug, Deserialize)]
pub struct ItemRef<'a> {
    /// As in [`Item`].
    pub id: u64,
    /// As in [`Item`].
    #[serde(borrow)]
    pub user: Cow<'a, str>,
    /// As in [`Item`].
    #[serde(borrow)]
    pub text: Cow<'a, str>,
    /// As in [`Item`].
    pub ts: u64,
    /// As in [`Item`].
    pub score: f64,
    /// As in [`Item`].
    #[serde(borrow)]
    pub tags: Vec<Word<'a>>,
    /// As in [`Item`].
    pub seen: bool,
    /// As in [`Item`].
    pub reply_to: Option<u64>,
}

/// A text in a list, which serde would copy without this type.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Word<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// The answer of row l.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Id {
    /// A small number.
    pub id: u64,
}

/// What the client of row m says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Auth {
    /// A secret of 64 letters.
    pub token: String,
}

/// An [`Auth`] that borrows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct AuthRef<'a> {
    /// As in [`Auth`].
    pub token: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event;

    #[test]
    fn documents_are_written_as_they_were_read() {
        for (update, text) in [(Update::short(), I_TEXT), (Update::long(), J_TEXT)] {
            assert_eq!(update.map(|update| event("update", &(update,)).0).as_deref(), Some(text));
        }
    }
}
