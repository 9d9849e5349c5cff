//! A position in JSON text: steps over tokens without building anything.
//!
//! Most steps check the grammar of what they step over. Those whose names end in `unchecked` are for text that was
//! [validated](super::check::validate) before. On other text they end in a [`JsonFault`] or at a wrong position, and
//! never in a panic.

use core::ops::Range;

use super::{JsonFault, check};

/// The text, and how far it was read.
#[derive(Clone, Debug)]
pub(in crate::socketio) struct Cursor<'t> {
    json: &'t [u8],
    at: usize,
}

/// Where a string stands in the text.
#[derive(Clone, Copy, Debug)]
pub(in crate::socketio) struct Quoted {
    start: usize,
    end: usize,
    /// Whether it has escapes, so that the bytes are not the characters.
    pub(in crate::socketio) escaped: bool,
}

impl Quoted {
    /// With both quotes.
    #[inline]
    pub(in crate::socketio) const fn whole(self) -> Range<usize> {
        self.start..self.end
    }

    /// Without the quotes.
    #[inline]
    pub(in crate::socketio) const fn inside(self) -> Range<usize> {
        self.start.saturating_add(1)..self.end.saturating_sub(1)
    }
}

impl<'t> Cursor<'t> {
    pub(in crate::socketio) const fn new(json: &'t [u8], at: usize) -> Self {
        Self { json, at }
    }

    #[inline]
    pub(in crate::socketio) const fn at(&self) -> usize {
        self.at
    }

    /// Continues at `at`, a position that was seen before or follows from one.
    #[inline]
    pub(super) const fn jump(&mut self, at: usize) {
        self.at = at;
    }

    /// The position, for what steps over a number.
    #[inline]
    pub(super) const fn at_mut(&mut self) -> &mut usize {
        &mut self.at
    }

    /// What was not yet read.
    #[inline]
    pub(super) fn rest(&self) -> &'t [u8] {
        self.json.get(self.at..).unwrap_or_default()
    }

    /// A part of the text.
    #[inline]
    pub(super) fn cut(&self, at: Range<usize>) -> &'t [u8] {
        self.json.get(at).unwrap_or_default()
    }

    /// The next byte that is not white space, without taking it.
    #[inline(always)]
    pub(in crate::socketio) fn peek(&mut self) -> Result<u8, JsonFault> {
        // Not with `check::space`: the byte that ends the white space is looked up once.
        loop {
            match self.json.get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.step(1),
                Some(byte) => return Ok(*byte),
                None => return Err(self.fault()),
            }
        }
    }

    /// Takes `byte` when it comes next, white space aside.
    #[inline(always)]
    pub(in crate::socketio) fn take(&mut self, byte: u8) -> Result<bool, JsonFault> {
        let taken = self.peek()? == byte;
        if taken {
            self.step(1);
        }
        Ok(taken)
    }

    /// Takes `byte`, which has to come next.
    #[inline(always)]
    pub(in crate::socketio) fn expect(&mut self, byte: u8) -> Result<(), JsonFault> {
        if self.take(byte)? { Ok(()) } else { Err(self.fault()) }
    }

    /// Takes one string.
    #[inline(always)]
    pub(in crate::socketio) fn string(&mut self) -> Result<Quoted, JsonFault> {
        self.peek()?;
        let start = self.at;
        let (end, escaped) = check::string(self.json, start)?;
        self.at = end;
        Ok(Quoted { start, end, escaped })
    }

    /// Takes one number.
    pub(super) fn number(&mut self) -> Result<(), JsonFault> {
        self.at = check::number(self.json, self.at)?;
        Ok(())
    }

    /// Takes `true`, `false` or `null`, of which this has to be the one that comes next.
    #[inline(always)]
    pub(super) fn word(&mut self, word: &str) -> Result<(), JsonFault> {
        if !self.rest().starts_with(word.as_bytes()) {
            return Err(self.fault());
        }
        self.step(word.len());
        Ok(())
    }

    /// Takes one value, with no more than `depth` levels inside.
    #[inline]
    pub(in crate::socketio) fn value(&mut self, depth: u32) -> Result<(), JsonFault> {
        self.at = check::value(self.json, self.at, depth)?;
        Ok(())
    }

    /// Takes one string of text that was validated before.
    #[inline]
    pub(super) fn string_unchecked(&mut self) -> Result<Quoted, JsonFault> {
        self.expect(b'"')?;
        let start = self.at.saturating_sub(1);
        let mut escaped = false;
        loop {
            // Byte by byte: most strings are too short for anything cleverer.
            match self.json.get(self.at) {
                Some(b'"') => {
                    self.step(1);
                    return Ok(Quoted { start, end: self.at, escaped });
                }
                Some(b'\\') => {
                    // The escaped character may be a quote; of `\u` the four digits are plain.
                    escaped = true;
                    self.step(2);
                }
                Some(_) => self.step(1),
                None => return Err(self.fault()),
            }
        }
    }

    /// Takes a number or a word of text that was validated before: everything up to the next structural byte.
    #[inline]
    pub(super) fn scalar_unchecked(&mut self) -> Result<(), JsonFault> {
        let rest = self.rest();
        let inside = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.');
        let length = rest.iter().position(|byte| !inside(byte)).unwrap_or(rest.len());
        if length == 0 {
            return Err(self.fault());
        }
        self.step(length);
        Ok(())
    }

    /// A fault where the cursor stands.
    pub(super) const fn fault(&self) -> JsonFault {
        JsonFault::json(self.at)
    }

    /// Takes this number of bytes without a look at them.
    #[inline(always)]
    pub(super) const fn step(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }
}
