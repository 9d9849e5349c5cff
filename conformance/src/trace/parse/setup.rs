//! The opening of a session.

use nom::Parser;
use nom::combinator::{cut, map_opt};
use nom::multi::many0;
use nom::sequence::{pair, preceded};

use super::error::{Fault, Parsed, expect, whole};
use super::lexer::{keyword, name, spaces1, word};
use super::line::Head;
use super::note::{comment, node};
use crate::trace::header::{Revision, Transport};
use crate::trace::names::{Name, Word};
use crate::trace::setup::Setup;

/// The verb of a setup.
pub(super) const VERB: &str = "session";

/// The note for a session of Engine.IO 3.
const EIO3: &str = "eio3";

const PAYLOAD: &str = "polling or websocket, and the namespaces to join, as in session websocket / /custom";

/// `channel C session TRANSPORT [NAMESPACE...]  [eio3]  [as NAME]  [on N]  [# comment]`
pub(super) fn setup<'a>(head: Head<'a>, tail: &'a str, segments: &[&'a str], number: u32) -> Result<Setup, Fault<'a>> {
    let Some(channel) = head.channel else {
        return Err(Fault::new(head.start, "a channel, since session happens on one"));
    };
    let (payload, notes) = segments.split_first().ok_or_else(|| Fault::new(tail, PAYLOAD))?;
    let (transport, namespaces) =
        whole(payload, PAYLOAD, |payload| pair(transport, many0(preceded(spaces1, cut(namespace)))).parse(payload))?;
    let (mut revision, mut suffix, mut server, mut remark) = (None, None, None, None);
    for note in notes {
        let is_free = if note.starts_with('#') {
            remark.replace(comment(note)?).is_none()
        } else if *note == EIO3 {
            revision.replace(Revision::Three).is_none()
        } else if note.starts_with("on ") {
            server.replace(whole(note, "the end of the number", node)?).is_none()
        } else {
            let read = |note| preceded(keyword("as"), cut(name)).parse(note);
            let read = whole(note, "the end of the name", |note| {
                expect("eio3, as NAME, on N or # comment", read).parse(note)
            })?;
            suffix.replace(read).is_none()
        };
        if !is_free {
            return Err(Fault::new(note, "no second note of its kind"));
        }
    }
    let revision = revision.unwrap_or_default();
    Setup::new(number, channel, (revision, transport), namespaces, suffix, remark)
        .map(|setup| setup.on(server.unwrap_or_default()))
        .ok_or_else(|| Fault::new(payload, PAYLOAD))
}

fn transport(input: &str) -> Parsed<'_, Transport> {
    let find = |word: &str| match word {
        "polling" => Some(Transport::Polling),
        "websocket" => Some(Transport::Websocket),
        _ => None,
    };
    expect(PAYLOAD, map_opt(word, find)).parse(input)
}

fn namespace(input: &str) -> Parsed<'_, Word> {
    let read = |word: &str| Word::read(word).filter(|word| word.as_str().starts_with('/'));
    expect("a namespace, which begins with a slash", map_opt(word, read)).parse(input)
}
