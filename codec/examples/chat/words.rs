//! What users typed: names, rooms and messages, cleaned and of bounded length. Whatever is one of these types has been.
//!
//! Nothing is escaped here. What is text stays text, and the page shows it as text; a program that stores it, or writes it
//! into a log or a query, has other characters to mind. Names that only look alike are not told apart: that takes the
//! tables of Unicode's report 39.

use serde::{Deserialize, Serialize};
use sio_codec::socketio::hub::Room;

/// The most characters of a name, and of a room's.
const LONGEST_NAME: usize = 24;

/// The most characters of a message.
const LONGEST_MESSAGE: usize = 500;

/// The name of a user.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Name(String);

/// The name of a room.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct RoomName(String);

/// A message.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Words(String);

impl Name {
    /// What two names have in common that a reader takes for one.
    pub(crate) fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// What is in front of the name of each room of ours. Every member is in a room that is named by its id; with a prefix, no
/// user can get into that by its name.
const OURS: &str = "room:";

impl RoomName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The room of the hub.
    pub(crate) fn room(&self) -> Room {
        Room::from(format!("{OURS}{}", self.0))
    }

    /// The name of a room of the hub, if it is one of ours.
    pub(crate) fn of(room: &Room) -> Option<&str> {
        room.as_str().strip_prefix(OURS)
    }
}

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(typed: String) -> Result<Self, String> {
        line("a name", &typed).map(Self)
    }
}

impl TryFrom<String> for RoomName {
    type Error = String;

    fn try_from(typed: String) -> Result<Self, String> {
        line("the name of a room", &typed.to_lowercase()).map(Self)
    }
}

impl TryFrom<String> for Words {
    type Error = String;

    fn try_from(typed: String) -> Result<Self, String> {
        let clean: String = typed.chars().filter(|c| *c == '\n' || is_visible(*c)).collect();
        bounded("a message", clean.trim(), LONGEST_MESSAGE).map(Self)
    }
}

/// One line of letters, digits and a few signs, without white space at its ends or doubled inside.
fn line(what: &str, typed: &str) -> Result<String, String> {
    let words: Vec<_> = typed.split_whitespace().collect();
    let line = words.join(" ");
    match line.chars().find(|c| !c.is_alphanumeric() && !" -_.'’".contains(*c)) {
        Some(_) => Err(format!("{what} has letters, digits, spaces and - _ . ' in it")),
        None => bounded(what, &line, LONGEST_NAME),
    }
}

fn bounded(what: &str, text: &str, most: usize) -> Result<String, String> {
    match text.chars().count() {
        0 => Err(format!("{what} has at least one character")),
        count if count > most => Err(format!("{what} has at most {most} characters, not {count}")),
        _ => Ok(text.to_owned()),
    }
}

/// Not control characters, nor those that turn the direction of text around or take no place: with them, a text can look like
/// another one.
fn is_visible(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_cleaned_or_refused() {
        let name = |typed: &str| Name::try_from(typed.to_owned()).map(|name| name.0).ok();
        assert_eq!(name(" Zoë\t O’Hara\n").as_deref(), Some("Zoë O’Hara"));
        for typed in ["", " ", "<b>", "Ann\u{202e}", "a\0b", &"n".repeat(25)] {
            assert_eq!(name(typed), None, "{typed:?}");
        }
        let words = |typed: &str| Words::try_from(typed.to_owned()).map(|words| words.0).ok();
        assert_eq!(words(" <b>two</b>\n\u{202e}\u{7}lines ").as_deref(), Some("<b>two</b>\nlines"));
        assert_eq!(words("é".repeat(500).as_str()), Some("é".repeat(500)));
        for typed in ["", " \n", "\u{200b}", &"n".repeat(501)] {
            assert_eq!(words(typed), None, "{typed:?}");
        }
        let room = RoomName::try_from("Tea ROOM".to_owned()).unwrap();
        assert_eq!((room.as_str(), RoomName::of(&room.room())), ("tea room", Some("tea room")));
        assert_eq!(RoomName::of(&Room::from("tea room")), None);
    }
}
