//! Command lines of curl.

use std::iter::Peekable;

use super::super::payloads::target;
use super::Line;

/// How many lines a command may have.
const LINES: usize = 100;

/// A command.
#[derive(Debug)]
pub(super) struct Command {
    url: Option<String>,
    pub(super) data: Data,
}

/// What it sends.
#[derive(Debug)]
pub(super) enum Data {
    None,
    Text(String),
    /// The content of this file.
    File(String),
}

impl Command {
    /// Whether the command may have sent a request with this target.
    pub(super) fn url_fits(&self, requested: &str) -> bool {
        self.url.as_deref().is_none_or(|url| target(url) == requested)
    }
}

/// The command that a line is, with the lines that a backslash joins to it.
pub(super) fn of<'t>(line: Line<'t>, rest: &mut Peekable<impl Iterator<Item = Line<'t>>>) -> Option<Command> {
    let begin = begin(line.text)?;
    let mut written = line.text.get(begin..)?.to_owned();
    for _ in 0..LINES {
        let Some(joined) = written.trim_end().strip_suffix(['\\', '^', '`']) else { break };
        written = joined.to_owned();
        written.push_str(rest.next().map_or("", |line| line.text));
    }
    Some(command(&words(&written)))
}

/// Whether a text begins with a prompt and `curl`.
pub(super) fn begins(text: &str) -> bool {
    text.starts_with(['$', '#', '%', '>', '❯', '➜']) && begin(text).is_some()
}

/// Where the words behind `curl` begin, if a prompt or nothing stands before it.
fn begin(text: &str) -> Option<usize> {
    let at = text.find("curl")?;
    let before = text.get(..at)?.trim_end();
    let is_prompt = before.is_empty() || before.ends_with(['$', '#', '%', '>', '❯', '➜', '+']);
    let rest = text.get(at + 4..)?;
    let rest = rest.strip_prefix(".exe").unwrap_or(rest);
    (is_prompt && before.len() < 200 && rest.starts_with(' ')).then(|| text.len() - rest.len())
}

fn command(words: &[String]) -> Command {
    let mut command = Command { url: None, data: Data::None };
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let (option, value) = match word.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option, Some(value)),
            _ if word.starts_with("-d") && word.len() > 2 => ("-d", word.get(2..)),
            _ => (word, None),
        };
        match option {
            "-d" | "--data" | "--data-binary" | "--data-ascii" | "--data-raw" | "--json" => {
                let value = value.or_else(|| words.next()).unwrap_or_default();
                command.send(value, option != "--data-raw");
            }
            "--url" => command.url = value.or_else(|| words.next()).map(str::to_owned),
            _ if word.contains("://") && !word.starts_with('-') && command.url.is_none() => {
                command.url = Some(word.to_owned());
            }
            _ => {}
        }
    }
    command
}

impl Command {
    /// Adds data; curl puts `&` between that of several options.
    fn send(&mut self, value: &str, is_file_possible: bool) {
        let file = value.strip_prefix('@').filter(|_| is_file_possible);
        let before = std::mem::replace(&mut self.data, Data::None);
        self.data = match (before, file) {
            (Data::File(file), _) => Data::File(file),
            (_, Some(file)) => Data::File(file.to_owned()),
            (Data::None, None) => Data::Text(value.to_owned()),
            (Data::Text(text), None) => Data::Text(format!("{text}&{value}")),
        };
    }
}

/// The words of a command, without the quotes of a shell.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word): (Vec<String>, Option<String>) = (Vec::new(), None);
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            ' ' | '\t' => words.extend(word.take()),
            '\'' => word.get_or_insert_default().extend(rest.by_ref().take_while(|character| *character != '\'')),
            '"' => {
                let word = word.get_or_insert_default();
                while let Some(character) = rest.next().filter(|character| *character != '"') {
                    let is_escape = character == '\\' && matches!(rest.peek(), Some('"' | '\\' | '$' | '`'));
                    word.extend(if is_escape { rest.next() } else { Some(character) });
                }
            }
            '$' if rest.peek() == Some(&'\'') => {
                rest.next();
                let word = word.get_or_insert_default();
                while let Some(character) = rest.next().filter(|character| *character != '\'') {
                    word.extend(if character == '\\' { escaped(&mut rest) } else { Some(character) });
                }
            }
            '\\' => word.get_or_insert_default().extend(rest.next()),
            character => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

/// The character of an escape of `$'...'`.
fn escaped(rest: &mut Peekable<std::str::Chars<'_>>) -> Option<char> {
    let (radix, longest) = match rest.next()? {
        'x' => (16, 2),
        'u' => (16, 4),
        'n' => return Some('\n'),
        'r' => return Some('\r'),
        't' => return Some('\t'),
        'e' => return Some('\u{1b}'),
        digit @ '0'..='7' => return octal(digit, rest),
        other => return Some(other),
    };
    number(0, radix, longest, rest)
}

fn octal(first: char, rest: &mut Peekable<std::str::Chars<'_>>) -> Option<char> {
    number(first.to_digit(8)?, 8, 2, rest)
}

fn number(mut value: u32, radix: u32, longest: usize, rest: &mut Peekable<std::str::Chars<'_>>) -> Option<char> {
    for _ in 0..longest {
        let Some(digit) = rest.peek().and_then(|digit| digit.to_digit(radix)) else { break };
        value = value * radix + digit;
        rest.next();
    }
    char::from_u32(value)
}
