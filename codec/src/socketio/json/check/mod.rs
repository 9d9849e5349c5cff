//! The grammar of JSON text, checked in one pass that builds nothing and allocates nothing.
//!
//! The check is total and does not recurse: what is open at each level is one bit of a word, which bounds the nesting at
//! [`MAX_DEPTH`] levels. It accepts exactly what RFC 8259 calls a JSON text, lone surrogates in escapes included; the
//! bytes are taken for UTF-8: the caller has checked that.
//!
//! Positions are indices into the text or the one behind it, so that adding to them cannot wrap.

#![cfg_attr(
    not(test),
    expect(clippy::arithmetic_side_effects, reason = "masks of constants, and a place within a word")
)]

use super::JsonFault;
use crate::socketio::bridge::MAX_DEPTH;

/// Checks that the whole of `json` is one JSON value.
//= SIO5-PKT-15
pub(in crate::socketio) fn validate(json: &[u8]) -> Result<(), JsonFault> {
    end(json, value(json, 0, MAX_DEPTH)?)
}

/// Checks from `at`, in an array with or without an element in front, to the end of the array and of everything.
#[inline]
pub(in crate::socketio) fn end_of_array(json: &[u8], at: usize, is_empty: bool) -> Result<(), JsonFault> {
    let is_over = !is_empty || json.get(space(json, at)) == Some(&b']');
    end(json, walk(json, at, Open { base: 0, depth: 1, objects: 0 }, !is_over)?)
}

/// Where the value ends that begins at `at`, with no more than `depth` levels inside.
pub(in crate::socketio) fn value(json: &[u8], at: usize, depth: u32) -> Result<usize, JsonFault> {
    let base = MAX_DEPTH.saturating_sub(depth);
    walk(json, at, Open { base, depth: base, objects: 0 }, true)
}

/// What is open where a walk begins.
struct Open {
    /// How many arrays and objects are around what is checked.
    base: u32,
    /// How many are open altogether.
    depth: u32,
    /// Whether each is an object; the innermost is the lowest bit.
    objects: u128,
}

/// Walks from a value, or from behind one, out of everything that is open; where that ends.
fn walk(json: &[u8], mut at: usize, open: Open, mut is_value: bool) -> Result<usize, JsonFault> {
    let Open { base, mut depth, mut objects } = open;
    loop {
        if is_value {
            let next;
            (at, next) = past_space(json, at);
            match next {
                Some(b'"') => at = string(json, at)?.0,
                Some(bracket @ (b'{' | b'[')) => {
                    if depth == MAX_DEPTH {
                        return Err(JsonFault::too_deep(at));
                    }
                    let (inside, first) = past_space(json, at.wrapping_add(1));
                    // Two behind an opening bracket stands the closing one, in ASCII.
                    if first == Some(bracket.wrapping_add(2)) {
                        at = inside.wrapping_add(1);
                    } else {
                        let is_object = bracket == b'{';
                        depth = depth.wrapping_add(1);
                        objects = (objects << 1) | u128::from(is_object);
                        at = if is_object { key(json, inside)? } else { inside };
                        continue;
                    }
                }
                Some(b'-' | b'0'..=b'9') => at = number(json, at)?,
                Some(b't') => at = literal(json, at, b"true")?,
                Some(b'f') => at = literal(json, at, b"false")?,
                Some(b'n') => at = literal(json, at, b"null")?,
                _ => return Err(JsonFault::json(at)),
            }
        }
        loop {
            if depth == base {
                return Ok(at);
            }
            let next;
            (at, next) = past_space(json, at);
            let is_object = objects & 1 == 1;
            match next {
                Some(b',') => {
                    at = at.wrapping_add(1);
                    if is_object {
                        at = key(json, space(json, at))?;
                    }
                    break;
                }
                Some(b'}') if is_object => {}
                Some(b']') if !is_object => {}
                _ => return Err(JsonFault::json(at)),
            }
            at = at.wrapping_add(1);
            depth = depth.wrapping_sub(1);
            objects >>= 1;
        }
        is_value = true;
    }
}

/// Behind a key and its colon.
#[inline(always)]
fn key(json: &[u8], at: usize) -> Result<usize, JsonFault> {
    match past_space(json, string(json, at)?.0) {
        (colon, Some(b':')) => Ok(colon.wrapping_add(1)),
        (other, _) => Err(JsonFault::json(other)),
    }
}

/// Where the string that begins at `at`, with its quote, ends, and whether it has escapes.
//= SIO5-PKT-24
#[inline(always)]
pub(in crate::socketio) fn string(json: &[u8], at: usize) -> Result<(usize, bool), JsonFault> {
    if json.get(at) != Some(&b'"') {
        return Err(JsonFault::json(at));
    }
    let inside = at.wrapping_add(1);
    // Most strings are short, and end with the first byte that is not plain.
    let word = word(json, inside);
    let stops = stops(word);
    let stop = stops & stops.wrapping_neg();
    // Without a stop, at the end of the word.
    let at = inside.wrapping_add(first(stop));
    if quotes(word) & stop != 0 { Ok((at.wrapping_add(1), false)) } else { long_string(json, at) }
}

/// Eight bytes, of which those behind the end are zero: there a string stops.
#[inline(always)]
fn word(json: &[u8], at: usize) -> u64 {
    if let Some(chunk) = json.get(at..).and_then(<[u8]>::first_chunk) {
        return u64::from_le_bytes(*chunk);
    }
    // A small packet ends with a string that is shorter than that.
    let Some(last) = json.last_chunk() else { return 0 };
    let outside = at.wrapping_add(8).wrapping_sub(json.len());
    u32::try_from(outside.wrapping_mul(8))
        .ok()
        .and_then(|bits| u64::from_le_bytes(*last).checked_shr(bits))
        .unwrap_or(0)
}

/// The same for strings of all kinds, from behind the quote and what is plain there.
fn long_string(json: &[u8], mut at: usize) -> Result<(usize, bool), JsonFault> {
    let mut escaped = false;
    loop {
        at = at.wrapping_add(plain(json.get(at..).unwrap_or_default()));
        match json.get(at) {
            Some(b'"') => return Ok((at.wrapping_add(1), escaped)),
            Some(b'\\') => {
                escaped = true;
                at = escape(json, at.wrapping_add(1))?;
            }
            _ => return Err(JsonFault::json(at)),
        }
    }
}

/// Behind the escape whose letter is at `at`.
fn escape(json: &[u8], at: usize) -> Result<usize, JsonFault> {
    let behind = at.wrapping_add(1);
    match json.get(at) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(behind),
        Some(b'u') => {
            let digits = json.get(behind..).unwrap_or_default().iter().take(4);
            match digits.take_while(|digit| digit.is_ascii_hexdigit()).count() {
                4 => Ok(behind.wrapping_add(4)),
                count => Err(JsonFault::json(behind.wrapping_add(count))),
            }
        }
        _ => Err(JsonFault::json(at)),
    }
}

/// Where the number that begins at `at` ends.
pub(in crate::socketio) fn number(json: &[u8], mut at: usize) -> Result<usize, JsonFault> {
    if json.get(at) == Some(&b'-') {
        at = at.wrapping_add(1);
    }
    at = if json.get(at) == Some(&b'0') { at.wrapping_add(1) } else { digits(json, at)? };
    if json.get(at) == Some(&b'.') {
        at = digits(json, at.wrapping_add(1))?;
    }
    if let Some(b'e' | b'E') = json.get(at) {
        at = at.wrapping_add(1);
        if let Some(b'+' | b'-') = json.get(at) {
            at = at.wrapping_add(1);
        }
        at = digits(json, at)?;
    }
    Ok(at)
}

/// Behind one digit or more.
#[inline]
fn digits(json: &[u8], start: usize) -> Result<usize, JsonFault> {
    let mut at = start;
    while let Some(b'0'..=b'9') = json.get(at) {
        at = at.wrapping_add(1);
    }
    if at == start { Err(JsonFault::json(at)) } else { Ok(at) }
}

#[inline]
fn literal<const N: usize>(json: &[u8], at: usize, word: &[u8; N]) -> Result<usize, JsonFault> {
    let rest = json.get(at..).unwrap_or_default();
    if rest.first_chunk() == Some(word) { Ok(at.wrapping_add(N)) } else { Err(other_literal(rest, at, word)) }
}

#[cold]
fn other_literal(rest: &[u8], at: usize, word: &[u8]) -> JsonFault {
    let found = rest.iter().zip(word).take_while(|(one, other)| one == other).count();
    JsonFault::json(at.wrapping_add(found))
}

fn end(json: &[u8], at: usize) -> Result<(), JsonFault> {
    let at = space(json, at);
    if at == json.len() { Ok(()) } else { Err(JsonFault::json(at)) }
}

/// The first position from `at` that is no white space.
#[inline]
pub(in crate::socketio) fn space(json: &[u8], at: usize) -> usize {
    past_space(json, at).0
}

/// The same, with what stands there: it is looked up once.
#[inline(always)]
fn past_space(json: &[u8], mut at: usize) -> (usize, Option<u8>) {
    loop {
        match json.get(at) {
            Some(b' ' | b'\t' | b'\n' | b'\r') => at = at.wrapping_add(1),
            next => return (at, next.copied()),
        }
    }
}

/// How many bytes from the front stand for themselves in a JSON string: no quote, no backslash, no control character.
#[inline]
pub(in crate::socketio) fn plain(text: &[u8]) -> usize {
    if text.len() < 8 { plain_short(text) } else { plain_long(text) }
}

/// The same for less than a word.
#[inline]
fn plain_short(text: &[u8]) -> usize {
    let (Some(front), Some(last)) = (text.first_chunk(), text.last_chunk()) else {
        return text.iter().position(|byte| !is_plain(*byte)).unwrap_or(text.len());
    };
    let word = u64::from(u32::from_le_bytes(*front)) | u64::from(u32::from_le_bytes(*last)) << 32;
    match stops(word) {
        0 => text.len(),
        stops if first(stops) < 4 => first(stops),
        stops => text.len().saturating_add(first(stops)).saturating_sub(8),
    }
}

/// The same by blocks, and then by words.
#[inline(never)]
fn plain_long(text: &[u8]) -> usize {
    let blocks = text.as_chunks::<16>().0.iter().take_while(|block| is_all_plain(block)).count();
    let mut at = blocks.wrapping_mul(16);
    // Two words have the stop of a block. With less than a block behind them, the second may be no word.
    for _ in 0..2 {
        let Some(chunk) = text.get(at..).and_then(<[u8]>::first_chunk) else { break };
        let stops = stops(u64::from_le_bytes(*chunk));
        if stops != 0 {
            return at.wrapping_add(first(stops));
        }
        at = at.wrapping_add(8);
    }
    // What is left over is looked at together with the bytes in front of it, which are plain: no mark is before the first
    // stop.
    match text.last_chunk().map_or(0, |last| stops(u64::from_le_bytes(*last))) {
        0 => text.len(),
        stops => text.len().saturating_add(first(stops)).saturating_sub(8),
    }
}

/// Without a way out in between, so that it is done with wide registers.
#[inline]
fn is_all_plain(block: &[u8; 16]) -> bool {
    let stop = |byte: u8| u8::from(byte < b' ') | u8::from(byte == b'"') | u8::from(byte == b'\\');
    block.iter().fold(0, |stops, byte| stops | stop(*byte)) == 0
}

/// The place of the first mark.
#[inline]
const fn first(marks: u64) -> usize {
    (marks.trailing_zeros() >> 3) as usize
}

const fn is_plain(byte: u8) -> bool {
    byte >= b' ' && byte != b'"' && byte != b'\\'
}

/// Marks the high bit of every byte that is not plain. Above the first marked byte there may be false marks.
#[inline]
const fn stops(word: u64) -> u64 {
    let control = word.wrapping_sub(LOW * b' ' as u64) & !word & HIGH;
    quotes(word) | zeros(word ^ (LOW * b'\\' as u64)) | control
}

/// Marks the quotes, in the same way.
#[inline]
const fn quotes(word: u64) -> u64 {
    zeros(word ^ (LOW * b'"' as u64))
}

#[inline]
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(LOW) & !word & HIGH
}

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

#[cfg(test)]
mod tests;
