//! The grammar of JSON text, checked in one pass that builds nothing and allocates nothing.
//!
//! The check is total and does not recurse: what is open at each level is one bit of a word, which bounds the nesting at
//! [`MAX_DEPTH`] levels. It accepts exactly what RFC 8259 calls a JSON text, lone surrogates in escapes included; the
//! bytes are taken for UTF-8, which whoever made the text has checked.

use super::args::Fault;

/// How many arrays and objects may be open at once.
///
/// It is `serde_json`'s limit for typed reading, so that whatever passes can also be read.
pub(super) const MAX_DEPTH: u32 = 127;

/// Checks that the whole of `json` is one JSON value.
//= SIO5-PKT-15
pub(super) fn validate(json: &[u8]) -> Result<(), Fault> {
    let mut check = Check { json, at: 0, base: 0, depth: 0, objects: 0 };
    check.value()?;
    check.space();
    if check.at == json.len() { Ok(()) } else { Err(check.fault()) }
}

/// Checks from `at`, in an array with or without an element in front, to the end of the array and of everything.
pub(super) fn end_of_array(json: &[u8], at: usize, is_empty: bool) -> Result<(), Fault> {
    let mut check = Check { json, at, base: 0, depth: 1, objects: 0 };
    check.space();
    let is_over = if is_empty && check.peek() != Some(b']') { false } else { check.next()? };
    if !is_over {
        check.value()?;
    }
    check.space();
    if check.at == json.len() { Ok(()) } else { Err(check.fault()) }
}

/// Where the value ends that begins at `at`, with no more than `depth` levels inside.
pub(super) fn value(json: &[u8], at: usize, depth: u32) -> Result<usize, Fault> {
    let base = MAX_DEPTH.saturating_sub(depth);
    let mut check = Check { json, at, base, depth: base, objects: 0 };
    check.value()?;
    Ok(check.at)
}

/// Where the number that begins at `at` ends.
pub(super) fn number(json: &[u8], at: usize) -> Result<usize, Fault> {
    let mut check = Check { json, at, base: 0, depth: 0, objects: 0 };
    check.number()?;
    Ok(check.at)
}

/// Where the string that begins at `at`, with its quote, ends, and whether it has escapes.
pub(super) fn string(json: &[u8], at: usize) -> Result<(usize, bool), Fault> {
    let mut check = Check { json, at, base: 0, depth: 0, objects: 0 };
    let escaped = check.string()?;
    Ok((check.at, escaped))
}

/// The first position from `at` that is no white space.
pub(super) fn space(json: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = json.get(at) {
        at = at.saturating_add(1);
    }
    at
}

/// How many bytes from the front stand for themselves in a JSON string: no quote, no backslash, no control character.
#[inline]
pub(super) fn plain(text: &[u8]) -> usize {
    let mut at = 0_usize;
    for chunk in text.as_chunks::<8>().0 {
        let stops = stops(u64::from_le_bytes(*chunk));
        if stops != 0 {
            return at.saturating_add((stops.trailing_zeros() >> 3) as usize);
        }
        at = at.saturating_add(8);
    }
    let rest = text.get(at..).unwrap_or_default();
    at.saturating_add(rest.iter().position(|byte| !is_plain(*byte)).unwrap_or(rest.len()))
}

const fn is_plain(byte: u8) -> bool {
    byte >= b' ' && byte != b'"' && byte != b'\\'
}

/// Marks the high bit of every byte that is not plain. Above the first marked byte there may be false marks.
#[inline]
const fn stops(word: u64) -> u64 {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let quote = word ^ (LOW * b'"' as u64);
    let backslash = word ^ (LOW * b'\\' as u64);
    let control = word.wrapping_sub(LOW * b' ' as u64) & !word;
    let zero = (quote.wrapping_sub(LOW) & !quote) | (backslash.wrapping_sub(LOW) & !backslash);
    (zero | control) & HIGH
}

struct Check<'j> {
    json: &'j [u8],
    at: usize,
    /// How many arrays and objects are open in front of what is checked.
    base: u32,
    /// How many are open here.
    depth: u32,
    /// Whether each is an object; the innermost is the lowest bit.
    objects: u128,
}

impl Check<'_> {
    /// Takes one value with everything inside.
    fn value(&mut self) -> Result<(), Fault> {
        loop {
            self.space();
            let ended = match self.peek() {
                Some(b'"') => self.string().map(|_| true)?,
                Some(b'{') => self.open(true)?,
                Some(b'[') => self.open(false)?,
                Some(b'-' | b'0'..=b'9') => self.number().map(|()| true)?,
                Some(b't') => self.literal(b"true")?,
                Some(b'f') => self.literal(b"false")?,
                Some(b'n') => self.literal(b"null")?,
                _ => return Err(self.fault()),
            };
            if ended && self.next()? {
                return Ok(());
            }
        }
    }

    /// Opens an array or object; `true` if it is empty, and so closed again.
    fn open(&mut self, object: bool) -> Result<bool, Fault> {
        if self.depth == MAX_DEPTH {
            return Err(Fault::too_deep(self.at));
        }
        self.step(1);
        self.space();
        let closing = if object { b'}' } else { b']' };
        if self.peek() == Some(closing) {
            self.step(1);
            return Ok(true);
        }
        self.depth = self.depth.saturating_add(1);
        self.objects = (self.objects << 1) | u128::from(object);
        if object {
            self.key()?;
        }
        Ok(false)
    }

    /// Goes behind a value, to the next one or out of what ends there; `true` at the end of everything.
    fn next(&mut self) -> Result<bool, Fault> {
        while self.depth > self.base {
            self.space();
            let object = self.objects & 1 == 1;
            match self.peek() {
                Some(b',') => {
                    self.step(1);
                    if object {
                        self.space();
                        self.key()?;
                    }
                    return Ok(false);
                }
                Some(b'}') if object => {}
                Some(b']') if !object => {}
                _ => return Err(self.fault()),
            }
            self.step(1);
            self.depth = self.depth.saturating_sub(1);
            self.objects >>= 1;
        }
        Ok(true)
    }

    fn key(&mut self) -> Result<(), Fault> {
        self.string()?;
        self.space();
        self.expect(b':')
    }

    /// Takes a string; `true` if it has escapes.
    //= SIO5-PKT-24
    fn string(&mut self) -> Result<bool, Fault> {
        self.expect(b'"')?;
        let mut escaped = false;
        loop {
            self.step(plain(self.json.get(self.at..).unwrap_or_default()));
            match self.peek() {
                Some(b'"') => {
                    self.step(1);
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    self.step(1);
                    self.escape()?;
                }
                _ => return Err(self.fault()),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.step(1),
            Some(b'u') => {
                self.step(1);
                for _ in 0..4 {
                    if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                        return Err(self.fault());
                    }
                    self.step(1);
                }
            }
            _ => return Err(self.fault()),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Fault> {
        if self.peek() == Some(b'-') {
            self.step(1);
        }
        if self.peek() == Some(b'0') {
            self.step(1);
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.step(1);
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.step(1);
            if let Some(b'+' | b'-') = self.peek() {
                self.step(1);
            }
            self.digits()?;
        }
        Ok(())
    }

    /// Takes one digit or more.
    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.step(1);
        }
        if self.at == start { Err(self.fault()) } else { Ok(()) }
    }

    fn literal(&mut self, word: &[u8]) -> Result<bool, Fault> {
        for letter in word {
            self.expect(*letter)?;
        }
        Ok(true)
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.peek() != Some(byte) {
            return Err(self.fault());
        }
        self.step(1);
        Ok(())
    }

    #[inline]
    fn space(&mut self) {
        self.at = space(self.json, self.at);
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.json.get(self.at).copied()
    }

    #[inline]
    const fn step(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    const fn fault(&self) -> Fault {
        Fault::json(self.at)
    }
}

#[cfg(test)]
mod tests;
