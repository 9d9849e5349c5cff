//! Reads the payload of each verb.

use nom::Parser;
use nom::bytes::complete::{tag, take_while, take_while_m_n};
use nom::character::complete::char;
use nom::combinator::{cut, map, map_opt, opt};
use nom::multi::{many0, separated_list1};
use nom::sequence::{pair, preceded, terminated};

use super::error::{Fault, Parsed, expect, settle, whole};
use super::expr::expr;
use super::lexer::{named, number, spaces, spaces1, word};
use super::line::Head;
use super::note::Collected;
use super::pattern;
use crate::trace::expr::Expr;
use crate::trace::names::{FieldName, Name, is_field_char};
use crate::trace::pattern::Pattern;
use crate::trace::step::{
    Action, Answer, Client, Content, Data, Field, Frame, Method, Request, Server, Session, Side, Statuses,
};

/// What an error says is expected in place of a verb.
pub(super) const fn expected(side: Side) -> &'static str {
    match side {
        Side::Client => {
            "a verb of the client: get, post, put, delete, patch, options, head, header, packet, body, bytes, part, \
             abort, open, text, binary, frame, close, raw, wait, call, event or session"
        }
        Side::Server => {
            "a verb of the server: a status, header, script, packet, body, end, over, text, binary, pong, closed, refused, \
             quiet, gone or alive"
        }
    }
}

/// The action of a line, from its parts.
pub(super) fn action<'a>(head: Head<'a>, payload: &'a str, notes: &mut Collected<'a>) -> Result<Action, Fault<'a>> {
    let needs_channel = !is_session(head.side, head.verb);
    match head.channel {
        Some(channel) if head.side == Side::Client && needs_channel => {
            Ok(Action::Client(channel, client(head.verb_start, head.verb, payload, notes)?))
        }
        Some(channel) if needs_channel || head.verb == "quiet" => {
            Ok(Action::Server(channel, server(head.verb_start, head.verb, payload, notes)?))
        }
        Some(_) => Err(Fault::new(head.start, format!("no channel before {}, which concerns the session", head.verb))),
        None if needs_channel => {
            // most likely the verb does not exist
            match head.side {
                Side::Client => client(head.verb_start, head.verb, payload, notes).map(drop)?,
                Side::Server => server(head.verb_start, head.verb, payload, notes).map(drop)?,
            }
            Err(Fault::new(head.start, format!("a channel, since {} happens on one", head.verb)))
        }
        None => session(head.verb, payload, notes).map(Action::Session),
    }
}

fn is_session(side: Side, verb: &str) -> bool {
    match side {
        Side::Client => matches!(verb, "wait" | "call" | "event"),
        Side::Server => matches!(verb, "gone" | "alive" | "quiet"),
    }
}

fn session<'a>(verb: &str, payload: &'a str, notes: &mut Collected<'a>) -> Result<Session, Fault<'a>> {
    Ok(match verb {
        "wait" => Session::Wait(duration(payload)?),
        "gone" => Session::Gone(required(payload, "the id of a session")?),
        "quiet" => Session::Quiet(duration(payload)?),
        "call" => Session::Call(required(payload, "a call of the driver protocol")?),
        "event" => {
            required(payload, "an event of the driver protocol")?;
            Session::Event(content(payload, notes)?)
        }
        _ => none(payload).map(|()| Session::Alive)?,
    })
}

fn client<'a>(at: &'a str, verb: &str, payload: &'a str, notes: &mut Collected<'a>) -> Result<Client, Fault<'a>> {
    if let Some(method) = Method::ALL.into_iter().find(|method| method.as_str() == verb) {
        let query = pattern::payload(payload)?;
        return Ok(Client::Request(Request { method, query, extent: notes.take_extent() }));
    }
    Ok(match verb {
        "header" => Client::Header(field(payload)?),
        "packet" => Client::Packet(content(payload, notes)?),
        "body" => Client::Body(content(payload, notes)?),
        "bytes" => Client::Bytes(data(payload, notes)?),
        "part" => Client::Part(content(payload, notes)?),
        "abort" => none(payload).map(|()| Client::Abort)?,
        "open" => Client::Open(pattern::payload(payload)?),
        "text" => Client::Text(content(payload, notes)?),
        "binary" => Client::Binary(data(payload, notes)?),
        "frame" => Client::Frame(frame(payload, notes)?),
        "close" => Client::Close(code(payload)?),
        "raw" => Client::Raw(content(payload, notes)?),
        _ => return Err(Fault::new(at, expected(Side::Client))),
    })
}

fn server<'a>(at: &'a str, verb: &'a str, payload: &'a str, notes: &mut Collected<'a>) -> Result<Server, Fault<'a>> {
    if verb.starts_with(|c: char| c.is_ascii_digit()) {
        let statuses = whole(verb, STATUSES, statuses)?;
        return answer(statuses, payload).map(Server::Status);
    }
    Ok(match verb {
        "header" => Server::Header(field(payload)?),
        "script" => Server::Script(pattern::payload(payload)?),
        "packet" => Server::Packet(content(payload, notes)?),
        "body" => Server::Body(content(payload, notes)?),
        "end" => none(payload).map(|()| Server::End)?,
        "over" => none(payload).map(|()| Server::Over)?,
        "text" => Server::Text(content(payload, notes)?),
        "binary" => Server::Binary(data(payload, notes)?),
        "pong" => Server::Pong(data(payload, notes)?),
        "closed" => Server::Closed(codes(payload)?),
        "refused" => {
            let (content_type, accepted) = settle(terminated(leading_statuses, spaces).parse(payload), payload)?;
            answer(accepted, content_type).map(Server::Refused)?
        }
        "quiet" => Server::Quiet(duration(payload)?),
        _ => return Err(Fault::new(at, expected(Side::Server))),
    })
}

const STATUSES: &str = "a status of three digits, or several such as 400|500";

fn statuses(input: &str) -> Parsed<'_, Statuses> {
    expect(STATUSES, map_opt(separated_list1(char('|'), cut(expect(STATUSES, number::<u16>))), Statuses::new))
        .parse(input)
}

/// A word that consists of statuses.
fn leading_statuses(input: &str) -> Parsed<'_, Statuses> {
    let read = |word| whole(word, STATUSES, statuses).ok();
    expect(STATUSES, map_opt(word, read)).parse(input)
}

fn answer(statuses: Statuses, content_type: &str) -> Result<Answer, Fault<'_>> {
    let content_type = if content_type.is_empty() { None } else { Some(named(content_type)?) };
    Ok(Answer { statuses, content_type })
}

fn content<'a>(payload: &'a str, notes: &mut Collected<'a>) -> Result<Content, Fault<'a>> {
    let pattern = pattern::payload(payload)?;
    Ok(Content { pattern, comparison: notes.take_comparison(), fill: notes.take_fill() })
}

fn data<'a>(payload: &'a str, notes: &mut Collected<'a>) -> Result<Data, Fault<'a>> {
    let bytes = whole(payload, HEX, |payload| many0(byte).parse(payload))?;
    Ok(Data { bytes, fill: notes.take_fill() })
}

/// `HH [HEX]`, and notes
fn frame<'a>(payload: &'a str, notes: &mut Collected<'a>) -> Result<Frame, Fault<'a>> {
    const HEAD: &str = "the first byte of a frame as two hexadecimal digits, and its payload as more of them";
    let body = map(opt(preceded(spaces1, many0(byte))), Option::unwrap_or_default);
    let mut frame = pair(expect(HEAD, byte), body);
    let (head, bytes) = whole(payload, HEX, |payload| frame.parse(payload))?;
    Ok(Frame { head, payload: Data { bytes, fill: notes.take_fill() }, cut: notes.take_cut() })
}

const HEX: &str = "bytes as pairs of hexadecimal digits";

fn byte(input: &str) -> Parsed<'_, u8> {
    let digits = take_while_m_n(2, 2, |c: char| c.is_ascii_hexdigit());
    map_opt(digits, |pair| u8::from_str_radix(pair, 16).ok()).parse(input)
}

fn field(payload: &str) -> Result<Field, Fault<'_>> {
    let name = terminated(map_opt(take_while(is_field_char), FieldName::read), tag(":"));
    let (value, name) = settle(expect(FieldName::EXPECTED, name).parse(payload), payload)?;
    let (value, _) = settle(spaces.parse(value), value)?;
    Ok(Field { name, value: pattern::payload(value)? })
}

fn code(payload: &str) -> Result<Option<u16>, Fault<'_>> {
    const CODE: &str = "a close code such as 1000";
    if payload.is_empty() {
        return Ok(None);
    }
    whole(payload, CODE, |payload| expect(CODE, number).parse(payload)).map(Some)
}

fn codes(payload: &str) -> Result<Vec<u16>, Fault<'_>> {
    const CODES: &str = "close codes such as 1000 or 1000|1005";
    if payload.is_empty() {
        return Ok(Vec::new());
    }
    whole(payload, CODES, |payload| separated_list1(char('|'), cut(expect(CODES, number))).parse(payload))
}

fn duration(payload: &str) -> Result<Expr, Fault<'_>> {
    whole(payload, "the end of the duration", |payload| expect("a duration such as 500ms", expr).parse(payload))
}

fn required<'a>(payload: &'a str, expected: &'static str) -> Result<Pattern, Fault<'a>> {
    if payload.is_empty() { Err(Fault::new(payload, expected)) } else { pattern::payload(payload) }
}

fn none(payload: &str) -> Result<(), Fault<'_>> {
    if payload.is_empty() { Ok(()) } else { Err(Fault::new(payload, "a note or the end of the line")) }
}
