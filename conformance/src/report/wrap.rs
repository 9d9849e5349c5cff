//! Text that fits the width of a page. Each character counts as one column.

use console::measure_text_width;

/// How many columns a page has.
pub(super) const PAGE: usize = 100;

/// The text in lines of at most `width` columns, broken at spaces where there are any.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0);
    for piece in text.split_inclusive(' ') {
        // The space at the end of a line needs no room. What fits no line is not moved to the next one.
        let columns = measure_text_width(piece.trim_end());
        if used > 0 && used + columns > width && columns <= width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        for character in piece.chars() {
            let columns = measure_text_width(character.encode_utf8(&mut [0; 4]));
            if used + columns > width && character != ' ' {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(character);
            used += columns;
        }
    }
    lines.push(line);
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

/// The text below a head: `head` and then the text, whose further lines begin below its first word.
pub(super) fn hanging(head: &str, text: &str) -> String {
    let indent = measure_text_width(head);
    let lines = wrapped(text, PAGE.saturating_sub(indent));
    format!("{head}{}\n", lines.join(&format!("\n{}", " ".repeat(indent))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_spaces_or_where_they_must_be() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(wrapped("one twothreefour", 8), ["one twot", "hreefour"]);
        assert_eq!(wrapped("", 4), [""]);
        assert_eq!(hanging("a  ", &"word ".repeat(30)).lines().map(str::len).max(), Some(97));
    }
}
