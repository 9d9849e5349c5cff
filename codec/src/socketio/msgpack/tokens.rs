//! One MessagePack token after the other.

#![cfg_attr(
    not(test),
    expect(clippy::arithmetic_side_effects, reason = "the pattern that is matched says how large a marker is")
)]

use core::ops::Range;

use super::fault::MsgPackFault;
use crate::socketio::bridge::MAX_DEPTH;

/// A value, or the head of an array or map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::socketio) enum Token<'m> {
    Nil,
    Bool(bool),
    Integer(i64),
    /// Above [`i64::MAX`].
    Unsigned(u64),
    Float(f64),
    String(&'m str),
    Binary(&'m [u8]),
    /// The number of values that follow.
    Array(u32),
    /// The number of keys, each with its value, that follow.
    Map(u32),
    /// JavaScript's `undefined`.
    Undefined,
    /// Milliseconds since 1970.
    Date(i64),
    /// What the program would have to know about.
    Extension(i8, &'m [u8]),
}

impl Token<'_> {
    /// How many values follow that belong to it, if it is the head of an array or map.
    fn values(self) -> Option<u64> {
        match self {
            Self::Array(count) => Some(u64::from(count)),
            Self::Map(count) => Some(u64::from(count) * 2),
            _ => None,
        }
    }
}

/// A position in a message. A copy of it goes back there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::socketio) struct Tokens<'m> {
    bytes: &'m [u8],
    at: usize,
}

macro_rules! number {
    ($reader:ident, $type:ty) => {
        <$type>::from_be_bytes(*$reader.array()?)
    };
}

impl<'m> Tokens<'m> {
    pub(in crate::socketio) const fn new(bytes: &'m [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// What stands in a part of a message. Positions are those of the message.
    pub(in crate::socketio) fn part(message: &'m [u8], part: Range<usize>) -> Self {
        Self { bytes: message.get(..part.end).unwrap_or_default(), at: part.start }
    }

    pub(in crate::socketio) const fn at(&self) -> usize {
        self.at
    }

    /// Where that is what was not read.
    pub(in crate::socketio) const fn range(&self) -> Range<usize> {
        self.at..self.bytes.len()
    }

    /// What was not read.
    pub(in crate::socketio) fn rest(&self) -> &'m [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Whether everything was read.
    pub(in crate::socketio) const fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    //= MSG-07
    // A call for each token is 10 % of what reading a typed document takes.
    #[inline(always)]
    pub(in crate::socketio) fn next(&mut self) -> Result<Token<'m>, MsgPackFault> {
        let start = self.at;
        let [marker] = *self.array()?;
        Ok(match marker {
            0x00..=0x7f => Token::Integer(i64::from(marker)),
            0x80..=0x8f => Token::Map(u32::from(marker & 0x0f)),
            0x90..=0x9f => Token::Array(u32::from(marker & 0x0f)),
            0xa0..=0xbf => self.string(usize::from(marker & 0x1f))?,
            0xe0..=0xff => Token::Integer(i64::from(marker.cast_signed())),
            _ => return self.marked(marker, start),
        })
    }

    /// A token that takes more than its first byte to tell.
    fn marked(&mut self, marker: u8, start: usize) -> Result<Token<'m>, MsgPackFault> {
        Ok(match marker {
            0xc0 => Token::Nil,
            0xc2 => Token::Bool(false),
            0xc3 => Token::Bool(true),
            0xc4..=0xc6 => {
                let len = self.length(marker - 0xc4)?;
                Token::Binary(self.take(len as usize)?)
            }
            0xc7..=0xc9 => {
                let len = self.length(marker - 0xc7)?;
                self.extension(len)?
            }
            0xca => Token::Float(f64::from(number!(self, f32))),
            0xcb => Token::Float(number!(self, f64)),
            0xcc..=0xce => Token::Integer(i64::from(self.length(marker - 0xcc)?)),
            0xcf => match i64::try_from(number!(self, u64)) {
                Ok(number) => Token::Integer(number),
                Err(_) => {
                    self.at = start.saturating_add(1);
                    Token::Unsigned(number!(self, u64))
                }
            },
            0xd0 => Token::Integer(i64::from(number!(self, i8))),
            0xd1 => Token::Integer(i64::from(number!(self, i16))),
            0xd2 => Token::Integer(i64::from(number!(self, i32))),
            0xd3 => Token::Integer(number!(self, i64)),
            0xd4..=0xd8 => self.fixed_extension(1 << (marker - 0xd4))?,
            0xd9..=0xdb => {
                let len = self.length(marker - 0xd9)?;
                self.string(len as usize)?
            }
            0xdc | 0xdd => Token::Array(self.length(marker - 0xdc + 1)?),
            0xde | 0xdf => Token::Map(self.length(marker - 0xde + 1)?),
            _ => return Err(Self::fault(start)),
        })
    }

    /// The bytes of a text of up to 31 bytes, which may be no UTF-8; `None` if something else stands here.
    #[inline]
    pub(in crate::socketio) fn short_string(&mut self) -> Option<&'m [u8]> {
        let marker = self.bytes.get(self.at).filter(|marker| matches!(marker, 0xa0..=0xbf))?;
        let start = self.at.saturating_add(1);
        let end = start.saturating_add(usize::from(marker & 0x1f));
        let bytes = self.bytes.get(start..end)?;
        self.at = end;
        Some(bytes)
    }

    /// The bytes of a text of up to 31 bytes, all of them ASCII; `None` if something else stands here.
    #[inline]
    pub(in crate::socketio) fn short_ascii(&mut self) -> Option<&'m [u8]> {
        let mut ahead = *self;
        let text = ahead.short_string().filter(|text| is_ascii(text))?;
        *self = ahead;
        Some(text)
    }

    /// Reads over one value with everything inside.
    pub(in crate::socketio) fn skip(&mut self) -> Result<(), MsgPackFault> {
        self.skip_values::<true>(1, MAX_DEPTH)
    }

    /// Reads over everything that is left.
    pub(in crate::socketio) fn skip_all(mut self) -> Result<(), MsgPackFault> {
        while !self.is_at_end() {
            self.skip()?;
        }
        Ok(())
    }

    /// Reads over what belongs to a token that was taken already, with so many arrays and maps around it.
    ///
    /// Whether strings are UTF-8 is looked at with `TEXT` only. Everything else is.
    #[inline]
    pub(in crate::socketio) fn skip_contents<const TEXT: bool>(
        &mut self,
        token: Token<'_>,
        around: u32,
    ) -> Result<(), MsgPackFault> {
        match token.values() {
            None => Ok(()),
            Some(values) => self.skip_values::<TEXT>(values, MAX_DEPTH.saturating_sub(around + 1)),
        }
    }

    /// Reads over elements of an array; `around` counts the array.
    #[inline]
    pub(in crate::socketio) fn skip_elements<const TEXT: bool>(
        &mut self,
        count: u32,
        around: u32,
    ) -> Result<(), MsgPackFault> {
        self.skip_values::<TEXT>(u64::from(count), MAX_DEPTH.saturating_sub(around))
    }

    /// Whether `undefined` stands here.
    #[inline]
    pub(in crate::socketio) fn is_undefined(&self) -> bool {
        self.bytes.get(self.at) == Some(&0xd4) && {
            let mut reader = *self;
            matches!(reader.next(), Ok(Token::Undefined))
        }
    }

    /// Reads over this many values, with no more than `depth` arrays and maps around what is inside them.
    fn skip_values<const TEXT: bool>(&mut self, values: u64, depth: u32) -> Result<(), MsgPackFault> {
        for _ in 0..values {
            let start = self.at;
            let [marker] = *self.array()?;
            // Most values say with their first byte how long they are: no call for those.
            let inside = match marker {
                0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => continue,
                0xa0..=0xbf => {
                    self.skip_string::<TEXT>(usize::from(marker & 0x1f))?;
                    continue;
                }
                0xd9..=0xdb => {
                    let len = self.length(marker - 0xd9)?;
                    self.skip_string::<TEXT>(len as usize)?;
                    continue;
                }
                // Numbers of one, two, four or eight bytes.
                0xca..=0xd3 => {
                    self.take(1 << (marker & 3))?;
                    continue;
                }
                0x80..=0x8f => u64::from(marker & 0x0f) * 2,
                0x90..=0x9f => u64::from(marker & 0x0f),
                _ => match self.marked(marker, start)?.values() {
                    Some(inside) => inside,
                    None => continue,
                },
            };
            let depth = depth.checked_sub(1).ok_or(MsgPackFault::TooDeep { offset: start })?;
            self.skip_values::<TEXT>(inside, depth)?;
        }
        Ok(())
    }

    /// Reads over text without making a `str` of it, which is quicker where it is ASCII.
    #[inline(always)]
    fn skip_string<const TEXT: bool>(&mut self, len: usize) -> Result<(), MsgPackFault> {
        let start = self.at;
        let bytes = self.take(len)?;
        if !TEXT || is_ascii(bytes) { Ok(()) } else { Self::text(bytes, start).map(drop) }
    }

    // A call for each string and each key is 3 % of what reading a typed document takes.
    #[inline(always)]
    fn string(&mut self, len: usize) -> Result<Token<'m>, MsgPackFault> {
        let start = self.at;
        let bytes = self.take(len)?;
        Self::text(bytes, start).map(Token::String)
    }

    fn text(bytes: &[u8], start: usize) -> Result<&str, MsgPackFault> {
        str::from_utf8(bytes).map_err(|error| Self::fault(start.saturating_add(error.valid_up_to())))
    }

    //= MSG-02
    //= MSG-08
    fn fixed_extension(&mut self, len: usize) -> Result<Token<'m>, MsgPackFault> {
        let kind = number!(self, i8);
        Ok(match (kind, len) {
            (0, 1) => {
                self.take(1)?;
                Token::Undefined
            }
            (0, 8) => Token::Date(number!(self, i64)),
            _ => Token::Extension(kind, self.take(len)?),
        })
    }

    //= MSG-08
    fn extension(&mut self, len: u32) -> Result<Token<'m>, MsgPackFault> {
        let kind = number!(self, i8);
        let bytes = self.take(len as usize)?;
        Ok(if kind == 0 { Token::Binary(bytes) } else { Token::Extension(kind, bytes) })
    }

    /// A number of one, two or four bytes.
    fn length(&mut self, width: u8) -> Result<u32, MsgPackFault> {
        Ok(match width {
            0 => u32::from(number!(self, u8)),
            1 => u32::from(number!(self, u16)),
            _ => number!(self, u32),
        })
    }

    //= MSG-06
    #[inline]
    fn array<const N: usize>(&mut self) -> Result<&'m [u8; N], MsgPackFault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (taken, _) = rest.split_first_chunk().ok_or_else(|| Self::fault(self.bytes.len()))?;
        self.at = self.at.saturating_add(N);
        Ok(taken)
    }

    #[inline]
    fn take(&mut self, len: usize) -> Result<&'m [u8], MsgPackFault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (taken, _) = rest.split_at_checked(len).ok_or_else(|| Self::fault(self.bytes.len()))?;
        self.at = self.at.saturating_add(len);
        Ok(taken)
    }

    const fn fault(offset: usize) -> MsgPackFault {
        MsgPackFault::Malformed { offset }
    }
}

/// Whether text is ASCII. Most texts and nearly all keys are short, and covered by two words that overlap.
#[inline]
fn is_ascii(text: &[u8]) -> bool {
    match text.len() {
        4..=8 => ends(text)
            .is_some_and(|(front, back)| (u32::from_ne_bytes(front) | u32::from_ne_bytes(back)) & HIGH as u32 == 0),
        9..=16 => {
            ends(text).is_some_and(|(front, back)| (u64::from_ne_bytes(front) | u64::from_ne_bytes(back)) & HIGH == 0)
        }
        _ => text.is_ascii(),
    }
}

#[inline]
fn ends<const N: usize>(text: &[u8]) -> Option<([u8; N], [u8; N])> {
    Some((*text.first_chunk()?, *text.last_chunk()?))
}

/// The bit of each byte that ASCII does not use.
const HIGH: u64 = 0x8080_8080_8080_8080;
