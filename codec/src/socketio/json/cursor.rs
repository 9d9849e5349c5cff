//! A position in JSON text that was validated before: steps over tokens without building anything.
//!
//! Nothing here checks the grammar; text that breaks it ends in a [`JsonFault`], never in a panic.

use super::JsonFault;

/// The text and how far it was read.
#[derive(Clone, Debug)]
pub(in crate::socketio) struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
}

/// A string as it stands in the text.
#[derive(Clone, Copy, Debug)]
pub(in crate::socketio) struct RawStr<'t> {
    /// Both quotes included.
    pub(in crate::socketio) quoted: &'t [u8],
    /// Whether it has escapes, so that the bytes are not the characters.
    pub(in crate::socketio) escaped: bool,
}

impl<'t> Cursor<'t> {
    pub(in crate::socketio) const fn new(text: &'t [u8], at: usize) -> Self {
        Self { text, at }
    }

    pub(in crate::socketio) const fn at(&self) -> usize {
        self.at
    }

    /// Continues at `at`, a position that was seen before or follows from one.
    pub(in crate::socketio) fn jump(&mut self, at: usize) {
        self.at = at;
    }

    /// What was not yet read.
    #[inline]
    pub(in crate::socketio) fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next byte that is not white space, without taking it.
    #[inline]
    pub(in crate::socketio) fn peek(&mut self) -> Result<u8, JsonFault> {
        loop {
            match self.text.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.step(1),
                Some(byte) => return Ok(*byte),
                None => return Err(self.fault()),
            }
        }
    }

    /// Takes `byte` when it comes next, white space aside.
    #[inline]
    pub(in crate::socketio) fn take(&mut self, byte: u8) -> Result<bool, JsonFault> {
        let taken = self.peek()? == byte;
        if taken {
            self.step(1);
        }
        Ok(taken)
    }

    /// Takes `byte`, which has to come next.
    #[inline]
    pub(in crate::socketio) fn expect(&mut self, byte: u8) -> Result<(), JsonFault> {
        if self.take(byte)? { Ok(()) } else { Err(self.fault()) }
    }

    /// Takes one string.
    #[inline]
    pub(in crate::socketio) fn string(&mut self) -> Result<RawStr<'t>, JsonFault> {
        let start = self.at;
        self.expect(b'"')?;
        let mut escaped = false;
        loop {
            // Byte by byte: most strings are too short for anything cleverer.
            match self.text.get(self.at) {
                Some(b'"') => {
                    self.step(1);
                    return Ok(RawStr { quoted: self.since(start), escaped });
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

    /// Takes a number or a literal: everything up to the next structural byte.
    #[inline]
    pub(in crate::socketio) fn scalar(&mut self) -> Result<(), JsonFault> {
        let rest = self.rest();
        let inside = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.');
        let length = rest.iter().position(|byte| !inside(byte)).unwrap_or(rest.len());
        if length == 0 {
            return Err(self.fault());
        }
        self.step(length);
        Ok(())
    }

    /// The text from `start` to here.
    #[inline]
    pub(in crate::socketio) fn since(&self, start: usize) -> &'t [u8] {
        self.text.get(start..self.at).unwrap_or_default()
    }

    pub(in crate::socketio) const fn fault(&self) -> JsonFault {
        JsonFault::json(self.at)
    }

    #[inline]
    const fn step(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }
}
