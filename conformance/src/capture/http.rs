//! The messages of HTTP/1.1, read from one direction of a connection.

use httparse::{Status, parse_chunk_size};

use super::sighting::Body;
use crate::coding::{self, Fault};

/// The longest head that is read; servers refuse longer ones.
const HEAD: usize = 64 << 10;

/// The longest body that is kept.
const BODY: usize = 64 << 20;

/// The most header fields of a head.
const FIELDS: usize = 128;

/// One direction of a connection.
#[derive(Debug, Default)]
pub(super) struct Reader {
    unread: Vec<u8>,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Head,
    Body(Head, Extent, Kept),
}

/// The first line of a message, and its header fields.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) start: Start,
    fields: Vec<(String, String)>,
}

#[derive(Debug)]
pub(super) enum Start {
    Request { method: String, target: String },
    Answer { status: u16 },
}

/// Which start line is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Request,
    /// An answer to a HEAD request has no body.
    Answer {
        to_head: bool,
    },
}

/// How far a body goes.
#[derive(Debug)]
enum Extent {
    /// This number of bytes is left.
    Sized(u64),
    /// A chunk of this number of bytes, with the line end behind it, is left.
    Chunk(u64),
    /// The size of a chunk comes next.
    ChunkSize,
    /// The fields behind the last chunk are left.
    Trailer,
    /// To the end of the connection.
    Rest,
}

/// A body as far as it was read.
#[derive(Debug)]
struct Kept(Body);

/// Bytes that are no HTTP.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoHttp(pub(super) String);

impl Reader {
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.unread.extend_from_slice(bytes);
    }

    /// The next whole message, with its body.
    pub(super) fn next(&mut self, kind: Kind) -> Result<Option<(Head, Body)>, NoHttp> {
        loop {
            match std::mem::take(&mut self.state) {
                State::Head => {
                    let Some(head) = self.head(kind)? else { return Ok(None) };
                    if head.is_interim() {
                        continue;
                    }
                    match head.extent(kind)? {
                        Extent::Sized(0) => return Ok(Some((head, Body::empty()))),
                        extent => self.state = State::Body(head, extent, Kept(Body::empty())),
                    }
                }
                State::Body(head, extent, mut kept) => match self.body(extent, &mut kept)? {
                    Some(extent) => {
                        self.state = State::Body(head, extent, kept);
                        return Ok(None);
                    }
                    None => {
                        let body = kept.decoded(&head);
                        return Ok(Some((head, body)));
                    }
                },
            }
        }
    }

    /// Goes on behind bytes that were not recorded; `false` if they are not all of one body.
    pub(super) fn skip(&mut self, missing: u64) -> bool {
        let State::Body(_, extent, kept) = &mut self.state else { return false };
        match extent {
            Extent::Sized(left) if *left >= missing => *left -= missing,
            // The line end behind the chunk has to be there.
            Extent::Chunk(left) if left.saturating_sub(2) >= missing => *left -= missing,
            Extent::Rest => {}
            Extent::Sized(_) | Extent::Chunk(_) | Extent::ChunkSize | Extent::Trailer => return false,
        }
        kept.0 = Body::Unreadable(format!("a body of which {missing} bytes were not recorded"));
        true
    }

    /// The end of the connection: the message that ends with it, or a part of one.
    pub(super) fn end(&mut self) -> Option<(Head, Body)> {
        match std::mem::take(&mut self.state) {
            State::Body(head, Extent::Rest, kept) => {
                let body = kept.decoded(&head);
                Some((head, body))
            }
            State::Body(head, ..) => Some((head, Body::Unreadable("a body that was cut".to_owned()))),
            State::Head => None,
        }
    }

    /// What was not read, when the connection goes over to another protocol.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.unread)
    }

    fn head(&mut self, kind: Kind) -> Result<Option<Head>, NoHttp> {
        let (head, length) = match parse(&self.unread, kind).map_err(|error| NoHttp(format!("no HTTP: {error}")))? {
            Status::Complete(found) => found,
            Status::Partial if self.unread.len() > HEAD => {
                return Err(NoHttp(format!("a head of more than {HEAD} bytes")));
            }
            Status::Partial => return Ok(None),
        };
        self.unread.drain(..length);
        Ok(Some(head))
    }

    /// Reads on in a body; what is left of it, or `None` at its end.
    fn body(&mut self, mut extent: Extent, kept: &mut Kept) -> Result<Option<Extent>, NoHttp> {
        loop {
            extent = match extent {
                Extent::Sized(left) => match left - self.keep(left, kept) {
                    0 => return Ok(None),
                    left => return Ok(Some(Extent::Sized(left))),
                },
                Extent::Rest => {
                    self.keep(u64::MAX, kept);
                    return Ok(Some(Extent::Rest));
                }
                // The line end behind the chunk is dropped.
                Extent::Chunk(left @ 3..) => match left - self.keep(left - 2, kept) {
                    2 => Extent::Chunk(2),
                    left => return Ok(Some(Extent::Chunk(left))),
                },
                Extent::Chunk(_) if self.unread.len() < 2 => return Ok(Some(Extent::Chunk(2))),
                Extent::Chunk(_) => {
                    self.unread.drain(..2);
                    Extent::ChunkSize
                }
                Extent::ChunkSize => {
                    match parse_chunk_size(&self.unread).map_err(|_| NoHttp("no size of a chunk".to_owned()))? {
                        Status::Partial if self.unread.len() > HEAD => {
                            return Err(NoHttp(format!("a size of a chunk of more than {HEAD} bytes")));
                        }
                        Status::Partial => return Ok(Some(Extent::ChunkSize)),
                        Status::Complete((length, size)) => {
                            self.unread.drain(..length);
                            if size == 0 { Extent::Trailer } else { Extent::Chunk(size.saturating_add(2)) }
                        }
                    }
                }
                Extent::Trailer => match self.unread.windows(2).position(|two| two == b"\r\n") {
                    None if self.unread.len() > HEAD => {
                        return Err(NoHttp(format!("a trailer of more than {HEAD} bytes")));
                    }
                    None => return Ok(Some(Extent::Trailer)),
                    Some(at) => {
                        self.unread.drain(..at + 2);
                        if at == 0 {
                            return Ok(None);
                        }
                        Extent::Trailer
                    }
                },
            }
        }
    }

    /// Moves up to `most` bytes to the body; returns their number.
    fn keep(&mut self, most: u64, kept: &mut Kept) -> u64 {
        let length = usize::try_from(most).unwrap_or(usize::MAX).min(self.unread.len());
        let bytes: Vec<u8> = self.unread.drain(..length).collect();
        kept.push(&bytes);
        length as u64
    }
}

fn parse(bytes: &[u8], kind: Kind) -> httparse::Result<(Head, usize)> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let (start, length, fields) = match kind {
        Kind::Request => {
            let mut request = httparse::Request::new(&mut fields);
            let Status::Complete(length) = request.parse(bytes)? else { return Ok(Status::Partial) };
            let (method, target) = (request.method.unwrap_or_default(), request.path.unwrap_or_default());
            (Start::Request { method: method.to_owned(), target: target.to_owned() }, length, request.headers)
        }
        Kind::Answer { .. } => {
            let mut answer = httparse::Response::new(&mut fields);
            let Status::Complete(length) = answer.parse(bytes)? else { return Ok(Status::Partial) };
            (Start::Answer { status: answer.code.unwrap_or_default() }, length, answer.headers)
        }
    };
    let text = |field: &httparse::Header<'_>| {
        (field.name.to_ascii_lowercase(), String::from_utf8_lossy(field.value).trim().to_owned())
    };
    Ok(Status::Complete((Head { start, fields: fields.iter().map(text).collect() }, length)))
}

impl Head {
    /// The value of a header field; `name` is in lower case.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Whether a header field has this word in its list.
    pub(super) fn lists(&self, name: &str, word: &str) -> bool {
        self.field(name).is_some_and(|list| list.split(',').any(|item| item.trim().eq_ignore_ascii_case(word)))
    }

    /// Whether another answer to the same request follows.
    const fn is_interim(&self) -> bool {
        matches!(self.start, Start::Answer { status: 100 | 102..200 })
    }

    fn extent(&self, kind: Kind) -> Result<Extent, NoHttp> {
        let is_bodiless = matches!(self.start, Start::Answer { status: 101 | 204 | 304 });
        if is_bodiless || kind == (Kind::Answer { to_head: true }) {
            return Ok(Extent::Sized(0));
        }
        if self.lists("transfer-encoding", "chunked") {
            return Ok(Extent::ChunkSize);
        }
        match (self.field("content-length"), &self.start) {
            (Some(length), _) => {
                let length = length.parse().map_err(|_| NoHttp(format!("a Content-Length of {length:?}")))?;
                Ok(Extent::Sized(length))
            }
            (None, Start::Request { .. }) => Ok(Extent::Sized(0)),
            (None, Start::Answer { .. }) => Ok(Extent::Rest),
        }
    }
}

impl Kept {
    fn push(&mut self, bytes: &[u8]) {
        if let Body::Whole(kept) = &mut self.0 {
            if kept.len() + bytes.len() > BODY {
                self.0 = Body::Unreadable(format!("a body of more than {BODY} bytes"));
            } else {
                kept.extend_from_slice(bytes);
            }
        }
    }

    /// The body without its content encoding.
    fn decoded(self, head: &Head) -> Body {
        let Body::Whole(bytes) = self.0 else { return self.0 };
        match coding::decode(head.field("content-encoding").unwrap_or_default(), &bytes, BODY) {
            Ok(None) => Body::Whole(bytes),
            Ok(Some(decoded)) => Body::Whole(decoded),
            Err(Fault::Unknown(other)) => Body::Unreadable(format!("a body in the encoding {other}")),
            Err(Fault::TooLong) => Body::Unreadable(format!("a body of more than {BODY} bytes")),
            Err(Fault::Broken(error)) => Body::Unreadable(format!("a body that cannot be decompressed: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: Kind = Kind::Answer { to_head: false };

    /// The bodies that are read from `bytes`, which come in pieces of `size`.
    fn bodies(bytes: &[u8], size: usize, kind: Kind) -> Vec<Body> {
        let mut reader = Reader::default();
        let mut bodies = Vec::new();
        for piece in bytes.chunks(size) {
            reader.feed(piece);
            while let Some((_, body)) = reader.next(kind).unwrap() {
                bodies.push(body);
            }
        }
        bodies.extend(reader.end().map(|(_, body)| body));
        bodies
    }

    #[test]
    fn messages_are_found_however_they_are_cut() {
        let requests = b"POST /a HTTP/1.1\r\ncontent-length: 3\r\n\r\n4hiGET /b HTTP/1.1\r\n\r\n";
        let answers = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
            2\r\n4h\r\n3;x=y\r\ni\x1e2\r\n0\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n\r\nrest";
        for size in 1..=answers.len() {
            assert_eq!(bodies(requests, size, Kind::Request), [Body::Whole(b"4hi".to_vec()), Body::empty()]);
            let expected = [Body::Whole(b"4hi\x1e2".to_vec()), Body::Whole(b"rest".to_vec())];
            assert_eq!(bodies(answers, size, ANSWER), expected, "{size}");
        }
    }

    #[test]
    fn answers_without_a_body_have_none() {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
        assert_eq!(bodies(head, 100, Kind::Answer { to_head: true }), [Body::empty()]);
        assert_eq!(bodies(b"HTTP/1.1 204 No Content\r\n\r\n", 100, ANSWER), [Body::empty()]);
    }

    #[test]
    fn a_compressed_body_is_decompressed() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut encoder, &[b'x'; 5000]).unwrap();
        let packed = encoder.finish().unwrap();
        let mut answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ".to_vec();
        answer.extend(format!("{}\r\n\r\n", packed.len()).bytes());
        answer.extend(&packed);
        assert_eq!(bodies(&answer, 7, ANSWER), [Body::Whole(vec![b'x'; 5000])]);
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc";
        assert_eq!(bodies(cut, 100, ANSWER), [Body::Unreadable("a body that was cut".to_owned())]);
        let mut reader = Reader::default();
        reader.feed(b"\x16\x03\x01\x02\x00");
        assert!(reader.next(Kind::Request).is_err());
        let mut reader = Reader::default();
        reader.feed(&[b'G'; HEAD + 1]);
        assert!(reader.next(Kind::Request).is_err());
    }
}
