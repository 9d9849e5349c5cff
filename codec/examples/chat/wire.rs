//! What clients say and are told, beside the names of the events.
//!
//! | the client says | with | the answer, if all is well |
//! |---|---|---|
//! | `join` | `{ room }` | `{ room, people, history }` |
//! | `leave` | `{ room }` | `{}` |
//! | `say` | `{ room, text }` | the message: `{ id, room, from, text, at }` |
//! | `who` | `{ room }` | `{ people }` |
//! | `typing` | `{ room, isTyping }` | none |
//!
//! Otherwise the answer is `{ error: { code, message } }`. A client that is refused `/chat` finds the same in `error.data`.
//!
//! A session may join `/chat` and send events 10 times at once, then once a second; `typing` is counted apart. One more is
//! refused with the code `too-fast`, and with `retryAfter`, the milliseconds to wait. After 100 of these in a row the session
//! is closed.
//!
//! | the client is told | with | when |
//! |---|---|---|
//! | `lobby` | `{ people }` | in `/`: how many there are |
//! | `rooms` | `[{ room, people }]` | in `/chat`: it came, or somebody went from a room to another |
//! | `joined` | `{ room, name }` | somebody came into a room that it is in |
//! | `left` | `{ room, name, reason }` | somebody left it, with the words of Socket.IO if the connection ended |
//! | `said` | a message | somebody else said something there |
//! | `typing` | `{ room, name, isTyping }` | somebody else types there, or no longer |

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sio_codec::socketio::ArgsError;

use crate::pace::TooFast;
use crate::words::{Name, RoomName, Words};

/// What a client shows to join `/chat`.
#[derive(Deserialize)]
pub(crate) struct Auth {
    pub(crate) token: String,
}

#[derive(Deserialize)]
pub(crate) struct Where {
    pub(crate) room: RoomName,
}

#[derive(Deserialize)]
pub(crate) struct Say {
    pub(crate) room: RoomName,
    pub(crate) text: Words,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Types {
    pub(crate) room: RoomName,
    pub(crate) is_typing: bool,
}

/// An acknowledgement.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    Joined { room: String, people: Vec<Name>, history: Vec<Message> },
    People { people: Vec<Name> },
    Said(Message),
    Done {},
    Refused { error: Fault },
}

#[derive(Clone, Serialize)]
pub(crate) struct Message {
    pub(crate) id: u64,
    pub(crate) room: String,
    pub(crate) from: Name,
    pub(crate) text: Words,
    /// Milliseconds since 1970.
    pub(crate) at: u64,
}

#[derive(Serialize)]
pub(crate) struct Lobby {
    pub(crate) people: usize,
}

#[derive(Serialize)]
pub(crate) struct RoomEntry {
    pub(crate) room: String,
    pub(crate) people: usize,
}

#[derive(Serialize)]
pub(crate) struct Joined<'a> {
    pub(crate) room: &'a str,
    pub(crate) name: &'a Name,
}

#[derive(Serialize)]
pub(crate) struct Left<'a> {
    pub(crate) room: &'a str,
    pub(crate) name: &'a Name,
    pub(crate) reason: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Typing<'a> {
    pub(crate) room: &'a str,
    pub(crate) name: &'a Name,
    pub(crate) is_typing: bool,
}

/// Why something is refused: a code for programs, and words for people.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Fault {
    code: &'static str,
    pub(crate) message: Cow<'static, str>,
    /// Milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u128>,
}

impl Fault {
    pub(crate) fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), retry_after: None }
    }
}

impl From<TooFast> for Fault {
    fn from(TooFast { retry_after }: TooFast) -> Self {
        // Rounded up, so that who waits as long is not refused again.
        let millis = retry_after.as_millis() + 1;
        Self { retry_after: Some(millis), ..Self::new("too-fast", format!("too fast: try again in {millis} ms")) }
    }
}

impl From<ArgsError> for Fault {
    /// The client sent something else than is documented above, or words that are not taken.
    fn from(error: ArgsError) -> Self {
        match error {
            ArgsError::Mismatch(mismatch) => Self::new("invalid", mismatch.words.into_string()),
            error => Self::new("invalid", error.to_string()),
        }
    }
}
