//! How a pattern is written.

use std::fmt::{self, Write};

use super::{Hole, Kind, Pattern, Piece};
use crate::trace::names::is_hole_char;

/// The source of the pattern. Spaces that would end the payload, or be lost at its ends, are written `\x20`; invisible
/// characters are also escaped.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, piece) in self.pieces.iter().enumerate() {
            let next = self.pieces.get(index.saturating_add(1));
            match piece {
                Piece::Literal(text) => literal(f, text, index == 0, next.is_none())?,
                Piece::Hole(hole) => write_hole(f, hole, next)?,
            }
        }
        Ok(())
    }
}

fn literal(f: &mut fmt::Formatter<'_>, text: &str, is_first: bool, is_last: bool) -> fmt::Result {
    let mut before = if is_first { ' ' } else { '$' };
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let after = chars.peek().copied().unwrap_or(if is_last { ' ' } else { '$' });
        match c {
            ' ' if before == ' ' || after == ' ' => f.write_str("\\x20")?,
            c => write_char(f, c)?,
        }
        before = c;
    }
    Ok(())
}

fn write_char(f: &mut fmt::Formatter<'_>, c: char) -> fmt::Result {
    match c {
        '\\' => f.write_str("\\\\"),
        '$' => f.write_str("\\$"),
        '\n' => f.write_str("\\n"),
        '\r' => f.write_str("\\r"),
        '\t' => f.write_str("\\t"),
        c if c.is_ascii_control() => write!(f, "\\x{:02x}", u32::from(c)),
        c if is_invisible(c) => write!(f, "\\u{{{:x}}}", u32::from(c)),
        c => f.write_char(c),
    }
}

/// Whether a reader could overlook `c`: spaces other than U+0020, and characters without width or that change the
/// direction of the line.
fn is_invisible(c: char) -> bool {
    let is_space = c != ' ' && c.is_whitespace();
    let is_format = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    is_space || is_format || c.is_control()
}

/// Braces are written only if the text after the hole would otherwise be read as part of it.
fn write_hole(f: &mut fmt::Formatter<'_>, hole: &Hole, next: Option<&Piece>) -> fmt::Result {
    let follower = match next {
        Some(Piece::Literal(text)) => text.as_str(),
        Some(Piece::Hole(_)) | None => "",
    };
    let name = hole.label();
    let kind = match hole.kind {
        Kind::Any => "",
        Kind::Integer => ":int",
    };
    let would_be_kind = || {
        let behind = follower.strip_prefix(":int");
        hole.kind == Kind::Any && behind.is_some_and(|behind| !behind.starts_with(is_hole_char))
    };
    if follower.starts_with(is_hole_char) || would_be_kind() {
        write!(f, "${{{name}{kind}}}")
    } else {
        write!(f, "${name}{kind}")
    }
}
