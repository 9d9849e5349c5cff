//! Where the placeholders of a JSON text stand, without building its values.
//!
//! A placeholder is an object whose `_placeholder` is boolean `true`, whatever its other keys and
//! their order; its `num` names an attachment. One scan serves three purposes: to refuse a packet's
//! header before its attachments arrive ([`check`]), to find the way to the attachments when
//! decoding ([`skeleton`]), and to notice data that looks like a placeholder ([`placeholders`]).
//!
//! The text was validated before, see [`validate`](super::check::validate), which also bounds its nesting.

use alloc::vec::Vec;

use super::JsonFault;
use super::cursor::{Cursor, Quoted};
use super::literal::{Literal, number, unescape};
use crate::socketio::bridge::MAX_DEPTH;

/// The reference's limit of attachments per packet.
const MOSTLY: usize = 10;

/// Checks that every placeholder of a valid JSON text names one of `attachments` attachments; `true` if each is named
/// once, in the order of their numbers.
///
/// Attachments may be named several times, in any order, or never.
//= SIO5-ATT-08: `num` is missing, not a number, negative or >= count
//= SIO5-ATT-13: the same `num` used several times
//= SIO5-ATT-17: before waiting for attachments
pub(crate) fn check(json: &[u8], attachments: usize) -> Result<bool, JsonFault> {
    check_at_most(json, attachments, usize::MAX)
}

/// As [`check`], for a text that may hold no more than `most` placeholders.
///
/// Without such a bound one attachment could be named a thousand times, and a program that sends the arguments on would
/// send it a thousand times.
//= SIO5-ATT-10
pub(crate) fn check_at_most(json: &[u8], attachments: usize, most: usize) -> Result<bool, JsonFault> {
    let mut scan = Scan::new(json, 0, attachments, false);
    scan.most = most;
    let scan = scan.run()?;
    Ok(scan.in_order && scan.seen == attachments)
}

/// The placeholders of the valid JSON value at `start` and everything that holds one, outermost first.
pub(in crate::socketio) fn skeleton(text: &[u8], start: usize, attachments: usize) -> Result<Vec<Node>, JsonFault> {
    let mut scan = Scan::new(text, start, attachments, true);
    // Each attachment is mostly named once, within an array and an object or two.
    scan.nodes.reserve(attachments.min(MOSTLY).saturating_add(3));
    Ok(scan.run()?.nodes)
}

/// How many objects among valid JSON values, separated by commas, look like a placeholder, those inside another
/// included.
pub(in crate::socketio) fn placeholders(items: &[u8]) -> Result<usize, JsonFault> {
    let mut scan = Scan::new(items, 0, usize::MAX, false);
    loop {
        scan.value(MAX_DEPTH)?;
        if scan.cursor.rest().trim_ascii_start().is_empty() {
            return Ok(scan.seen);
        }
        scan.cursor.expect(b',')?;
    }
}

/// A placeholder, or an array or object with a placeholder somewhere inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::socketio) struct Node {
    /// Offset of the opening bracket.
    pub(in crate::socketio) start: usize,
    /// Offset behind the closing bracket.
    pub(in crate::socketio) end: usize,
    /// The attachment a placeholder names.
    pub(in crate::socketio) attachment: Option<usize>,
}

/// One pass over a text.
struct Scan<'t> {
    cursor: Cursor<'t>,
    attachments: usize,
    most: usize,
    /// Whether the placeholders so far are numbered from 0 as they stand.
    in_order: bool,
    keep: bool,
    nodes: Vec<Node>,
    seen: usize,
    fault: Option<JsonFault>,
}

impl<'t> Scan<'t> {
    const fn new(text: &'t [u8], start: usize, attachments: usize, keep: bool) -> Self {
        let cursor = Cursor::new(text, start);
        Self { cursor, attachments, most: usize::MAX, in_order: true, keep, nodes: Vec::new(), seen: 0, fault: None }
    }

    fn run(mut self) -> Result<Self, JsonFault> {
        self.value(MAX_DEPTH)?;
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self),
        }
    }

    /// Takes one value; returns whether it is or holds a placeholder.
    fn value(&mut self, depth: u32) -> Result<bool, JsonFault> {
        match self.cursor.peek()? {
            b'{' if self.canonical() => Ok(true),
            b'{' => self.object(self.deeper(depth)?),
            b'[' => self.array(self.deeper(depth)?),
            b'"' => self.cursor.string_unchecked().map(|_| false),
            _ => self.cursor.scalar_unchecked().map(|()| false),
        }
    }

    /// Takes a placeholder in the form that JavaScript writes; what has any other form is left to
    /// [`Self::object`], which would find the same.
    fn canonical(&mut self) -> bool {
        let start = self.cursor.at();
        let rest = self.cursor.rest();
        let Some((digit, b'}')) = rest
            .strip_prefix(CANONICAL.as_bytes())
            .and_then(|num| num.split_first_chunk::<2>())
            .map(|([digit, end], _)| (digit, end))
        else {
            return false;
        };
        if !digit.is_ascii_digit() {
            return false;
        }
        self.cursor.jump(start.saturating_add(CANONICAL.len()).saturating_add(2));
        self.placeholder(start, Some(core::slice::from_ref(digit)));
        true
    }

    fn deeper(&self, depth: u32) -> Result<u32, JsonFault> {
        depth.checked_sub(1).ok_or_else(|| JsonFault::too_deep(self.cursor.at()))
    }

    fn array(&mut self, depth: u32) -> Result<bool, JsonFault> {
        let mark = self.open();
        self.cursor.expect(b'[')?;
        let mut holds = false;
        while !self.cursor.take(b']')? {
            holds |= self.value(depth)?;
            self.cursor.take(b',')?;
        }
        self.close(mark, holds);
        Ok(holds)
    }

    fn object(&mut self, depth: u32) -> Result<bool, JsonFault> {
        let start = self.cursor.at();
        let (fault, seen) = (self.fault, self.seen);
        let mark = self.open();
        let mut holds = false;
        let mut marked = false;
        let mut num = None;

        self.cursor.expect(b'{')?;
        while !self.cursor.take(b'}')? {
            let key = self.cursor.string_unchecked()?;
            self.cursor.expect(b':')?;
            self.cursor.peek()?;
            let value = self.cursor.at();
            holds |= self.value(depth)?;
            // A key that comes twice counts with its last value, as in JavaScript.
            if self.is(key, "_placeholder") {
                marked = self.cursor.cut(value..self.cursor.at()) == b"true";
            } else if self.is(key, "num") {
                num = Some(self.cursor.cut(value..self.cursor.at()));
            }
            self.cursor.take(b',')?;
        }

        //= SIO5-ATT-12
        if !marked {
            self.close(mark, holds);
            return Ok(holds);
        }
        // What a placeholder holds besides `num` is dropped, and with it what was found inside.
        self.fault = fault;
        self.in_order &= self.seen == seen;
        self.nodes.truncate(mark);
        self.placeholder(start, num);
        Ok(true)
    }

    fn placeholder(&mut self, start: usize, num: Option<&[u8]>) {
        let attachment = num.and_then(index).filter(|num| *num < self.attachments);
        self.in_order &= attachment == Some(self.seen);
        self.seen = self.seen.saturating_add(1);
        if attachment.is_none() {
            self.fault.get_or_insert_with(|| JsonFault::placeholder(start));
        } else if self.seen > self.most {
            self.fault.get_or_insert_with(|| JsonFault::too_many(start));
        } else if self.keep {
            self.nodes.push(Node { start, end: self.cursor.at(), attachment });
        }
    }

    /// Notes an array or object before its contents; [`Self::close`] decides whether it stays.
    fn open(&mut self) -> usize {
        let mark = self.nodes.len();
        if self.keep {
            let start = self.cursor.at();
            self.nodes.push(Node { start, end: start, attachment: None });
        }
        mark
    }

    fn close(&mut self, mark: usize, holds: bool) {
        if !holds {
            self.nodes.truncate(mark);
        } else if let Some(node) = self.nodes.get_mut(mark) {
            node.end = self.cursor.at();
        }
    }

    /// Whether a key, escapes resolved, is `name`.
    fn is(&self, key: Quoted, name: &str) -> bool {
        if !key.escaped {
            return self.cursor.cut(key.inside()) == name.as_bytes();
        }
        // Each character of `name` takes at most the six bytes of `\uXXXX`: longer keys need no look.
        let longest = name.len().saturating_mul(6).saturating_add(2);
        let quoted = self.cursor.cut(key.whole());
        let resolved = || unescape(str::from_utf8(quoted).ok()?, None);
        quoted.len() <= longest && resolved().is_some_and(|key| key == name)
    }
}

/// A placeholder as JavaScript and we write it, up to the number.
pub(in crate::socketio) const CANONICAL: &str = r#"{"_placeholder":true,"num":"#;

/// The value of `num` when it is a whole number, however written: `0`, `-0`, `1.0` and `1e0` are.
//= SIO5-ATT-11
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the comparison notices every number that the conversion changed"
)]
fn index(num: &[u8]) -> Option<usize> {
    if let [digit @ b'0'..=b'9'] = num {
        return Some(usize::from(digit.saturating_sub(b'0')));
    }
    match number(str::from_utf8(num).ok()?, &mut 0).ok()? {
        Literal::Unsigned(index) => usize::try_from(index).ok(),
        Literal::Negative(_) => None,
        Literal::Float(number) => {
            let index = number as usize;
            (index as f64 == number).then_some(index)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::validate;
    use super::*;

    //= shown by rows of a table:
    //= SIO5-ATT-08
    //= SIO5-ATT-11
    //= SIO5-ATT-12
    //= SIO5-ATT-13
    #[test]
    fn placeholders_are_checked() {
        let fine = Ok(());
        let fault = |offset| Err(JsonFault::placeholder(offset));
        let table: &[(&str, Result<(), JsonFault>)] = &[
            (r#"["e"]"#, fine),
            (r#"["e",{"_placeholder":true,"num":1}]"#, fine),
            (r#"[{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]"#, fine),
            (r#"["e",{"num":1,"x":[{}],"_placeholder":true}]"#, fine),
            (r#"["e",{"\u005fplaceholder":true,"n\u0075m":2}]"#, fault(5)),
            (r#"["e",{"_placeholder":true,"num":2}]"#, fault(5)),
            (r#"["e",[{"a":{"_placeholder":true,"num":2}}]]"#, fault(11)),
            (r#"["e",{"_placeholder":true}]"#, fault(5)),
            (r#"["e",{"_placeholder":true,"num":null}]"#, fault(5)),
            (r#"["e",{"_placeholder":true,"num":"0"}]"#, fault(5)),
            (r#"["e",{"_placeholder":true,"num":[0]}]"#, fault(5)),
            (r#"["e",{"_placeholder":true,"num":-1}]"#, fault(5)),
            (r#"["e",{"_placeholder":true,"num":0.5}]"#, fault(5)),
            (r#"["e",{"_placeholder":true,"num":1e99}]"#, fault(5)),
            (r#"["e",{"_placeholder":true,"num":1e999}]"#, fault(5)),
            (r#"["e",{"_placeholder":true,"num":18446744073709551616}]"#, fault(5)),
            (r#"["e",{"_placeholder":true,"num":0e1}, {"num":-0,"_placeholder" : true }]"#, fine),
            (r#"["e",{"_placeholder":true,"num":1.0}]"#, fine),
            // Data, whatever `num` is.
            (r#"["e",{"_placeholder":"true","num":9}]"#, fine),
            (r#"["e",{"_placeholder":1,"num":9},{"_placeholder":false,"num":9}]"#, fine),
            (r#"["e",{"_placeholder":[true],"num":9},{"num":9},{"_Placeholder":true}]"#, fine),
            (r#"["_placeholder",true,"{\"_placeholder\":true}"]"#, fine),
            // The last of two equal keys counts.
            (r#"["e",{"_placeholder":true,"num":9,"_placeholder":false}]"#, fine),
            (r#"["e",{"_placeholder":true,"num":9,"num":1}]"#, fine),
            (r#"["e",{"_placeholder":true,"num":1,"num":9}]"#, fault(5)),
            // What is inside a placeholder is dropped, so that its faults do not matter.
            (r#"[{"a":{"_placeholder":true},"_placeholder":true,"num":0}]"#, fine),
            // Only the first fault is reported.
            (r#"[{"_placeholder":true,"num":5},{"_placeholder":true,"num":6}]"#, fault(1)),
        ];
        for (json, expected) in table {
            assert_eq!(validate(json.as_bytes()), Ok(()), "{json}");
            assert_eq!(check(json.as_bytes(), 2).map(|_| ()), *expected, "{json}");
        }
    }
}
