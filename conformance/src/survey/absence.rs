//! How a path answers that does not speak Engine.IO 4, and advice for that case.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::open::{Revision, revision};
use super::session::Refused;
use crate::replay::Answer;

/// The largest number of characters of a body that are shown.
const MAX_WORDS: usize = 80;

/// Why nothing is served on a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Absence {
    /// A handshake is answered with this status.
    Status {
        /// The status.
        status: u16,
        /// Where the answer points to, if it is a redirect.
        location: Option<String>,
        /// The first words of its body.
        words: Option<String>,
    },
    /// Clients of Engine.IO 3, which are those of Socket.IO 1 and 2, are served, and no others.
    OnlyEio3,
    /// A handshake is never answered.
    Silent {
        /// How long the survey waited.
        seconds: u64,
    },
    /// The connection ends without an HTTP answer.
    Lost {
        /// The network error, or the protocol that the port speaks instead.
        reason: String,
    },
}

impl Absence {
    /// What a refused handshake shows; `seconds` is how long the survey waited for it.
    pub(super) fn of(refused: &Refused, seconds: u64) -> Self {
        match refused {
            Refused::Answer(answer) if revision(&String::from_utf8_lossy(&answer.body)) == Some(Revision::Three) => {
                Self::OnlyEio3
            }
            Refused::Answer(answer) => Self::Status {
                status: answer.status,
                location: answer.header("location").map(str::to_owned),
                words: words(answer),
            },
            Refused::Lost(reason) => Self::Lost { reason: reason.clone() },
            Refused::Silent => Self::Silent { seconds },
        }
    }

    /// Whether another path answers in the same way.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Status { status, .. }, Self::Status { status: other, .. }) => status == other,
            _ => self == other,
        }
    }

    /// Advice on what to try next, as the end of a sentence.
    #[must_use]
    pub const fn advice(&self) -> Option<&'static str> {
        match self {
            Self::Status { status: 300..=399, .. } => Some("name the place that it points to as the URL"),
            Self::Status { status: 401 | 403 | 407, .. } => {
                Some("it asks who the client is: --header, --cookie and --query can say so")
            }
            Self::Status { status: 429, .. } => {
                Some("it limits how often it may be asked: raise that limit for the run")
            }
            Self::Status { status: 500.., .. } => Some("is the application behind this server running?"),
            Self::OnlyEio3 => Some("only servers of Engine.IO 4, which is Socket.IO 3 and later, can be judged"),
            Self::Status { .. } | Self::Silent { .. } => Some("is the path right (--path, --engine-path)?"),
            Self::Lost { .. } => None,
        }
    }
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { status, location: Some(location), .. } if (300..=399).contains(status) => {
                write!(f, "a handshake is redirected to {location} (status {status})")
            }
            Self::Status { status, words, .. } => {
                write!(f, "a handshake is answered with status {status}")?;
                words.iter().try_for_each(|words| write!(f, " ({words:?})"))
            }
            Self::OnlyEio3 => f.write_str("only Engine.IO 3 is spoken there, the protocol of Socket.IO 1 and 2"),
            Self::Silent { seconds } => write!(f, "a handshake is not answered within {seconds} s"),
            Self::Lost { reason } => write!(f, "a handshake is not answered: {reason}"),
        }
    }
}

/// The Engine.IO error in an answer's body, if there is one.
pub(super) fn error(answer: &Answer) -> Option<serde_json::Value> {
    // The body of a refused WebSocket may still be in chunked encoding.
    let begin = answer.body.iter().position(|byte| *byte == b'{')?;
    let mut values = serde_json::Deserializer::from_slice(answer.body.get(begin..)?).into_iter::<serde_json::Value>();
    values.next()?.ok().filter(|error| error.get("code").is_some())
}

/// The message of an error, or the first words of an answer's body; tags of HTML are removed.
fn words(answer: &Answer) -> Option<String> {
    let error = error(answer);
    let message = error.as_ref().and_then(|error| error.get("message")?.as_str());
    let body = message.map_or_else(|| String::from_utf8_lossy(&answer.body), std::borrow::Cow::Borrowed);
    let mut text = String::new();
    let mut in_tag = false;
    for character in body.chars().take(20 * MAX_WORDS) {
        match character {
            '<' => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                text.push(' ');
            }
            _ if in_tag || character.is_control() && !character.is_whitespace() => {}
            other => text.push(other),
        }
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = text.chars().take(MAX_WORDS).collect();
    let cut = if cut.len() < text.len() { format!("{}…", cut.trim_end()) } else { cut };
    (!cut.is_empty()).then_some(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> Answer {
        Answer { status: 502, headers: Vec::new(), body: bytes::Bytes::copy_from_slice(body.as_bytes()) }
    }

    #[test]
    fn the_message_of_an_error_is_shown_alone() {
        let error = answer("{\"code\":0,\"message\":\"Transport unknown\"}");
        assert_eq!(words(&error).as_deref(), Some("Transport unknown"));
        let chunked = answer("22\r\n{\"code\":3,\"message\":\"Bad request\"}\r\n0\r\n\r\n");
        assert_eq!(words(&chunked).as_deref(), Some("Bad request"));
    }

    #[test]
    fn the_words_of_a_page_are_shown_without_its_tags() {
        let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>Sorry</h1></body></html>";
        assert_eq!(words(&answer(page)).as_deref(), Some("502 Bad Gateway Sorry"));
        assert_eq!(words(&answer("")), None);
        assert_eq!(words(&answer(&"ab ".repeat(40))).map(|words| words.chars().count()), Some(MAX_WORDS + 1));
        assert_eq!(words(&answer(&"<".repeat(5000))), None);
    }
}
