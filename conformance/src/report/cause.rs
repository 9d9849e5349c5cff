//! Groups failures that most likely have one cause.

use crate::replay::{Difference, Evidence};

/// Sids and other random words have at least this many characters.
const RANDOM: usize = 15;

/// A key that is equal for differences that look like one defect. It has the place and the kind of the difference,
/// without measured values (times, sizes, ports), random ones (sids), and the surrounding payload.
pub(super) fn cause(difference: &Difference) -> String {
    let Difference { expected, actual, .. } = difference;
    let place = [": at ", ": in the JSON: "].iter().filter_map(|mark| actual.rfind(mark)).max();
    match (difference.evidence, place.and_then(|place| actual.get(place..))) {
        (Evidence::Content, Some(place)) => format!("{} {}", shape(expected), plain(place)),
        (Evidence::Content, None) if !is_dead_session(actual) => format!("{} {}", plain(expected), plain(actual)),
        // A missing message or a session that is over can have any reason, so these are grouped by rule.
        _ => {
            let requirement = difference.rule.requirement.as_ref().map_or("", |id| id.as_str());
            format!("{requirement} {} {}", shape(expected), plain(actual))
        }
    }
}

fn is_dead_session(actual: &str) -> bool {
    actual.contains("Session ID unknown")
}

/// The verb of a line and the types of its packet: `text 42`.
fn shape(expected: &str) -> String {
    let mut words = expected.splitn(2, ' ');
    let verb = words.next().unwrap_or_default();
    let types: String = words.next().unwrap_or_default().chars().take_while(char::is_ascii_digit).take(2).collect();
    format!("{verb} {types}")
}

/// A text without the parts that differ from run to run.
pub(super) fn plain(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        if word == 0 {
            result.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            continue;
        }
        let (word, behind) = rest.split_at(word);
        result.push_str(match kind(word, result.chars().next_back(), behind) {
            Kind::Random => "*",
            Kind::Measured => "#",
            Kind::Plain => word,
        });
        rest = behind;
    }
    result
}

const fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

enum Kind {
    /// A sid, or a payload.
    Random,
    /// A time, a size or a port.
    Measured,
    Plain,
}

fn kind(word: &str, before: Option<char>, behind: &str) -> Kind {
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        let has_unit = [" ms", " s", " bytes"]
            .iter()
            .any(|unit| behind.strip_prefix(unit).is_some_and(|behind| !behind.starts_with(is_word)));
        let is_port = before == Some(':') && word.len() >= 4;
        return if has_unit || is_port { Kind::Measured } else { Kind::Plain };
    }
    let has = |fits: fn(&u8) -> bool| word.as_bytes().iter().any(fits);
    let is_mixed = has(u8::is_ascii_digit) || (has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase));
    if word.len() >= RANDOM && is_mixed { Kind::Random } else { Kind::Plain }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::Rule;
    use crate::trace::{Level, Requirement};

    fn difference(requirement: &str, evidence: Evidence, expected: &str, actual: &str) -> Difference {
        let rule = Rule { requirement: Requirement::new(requirement), level: Some(Level::Must) };
        Difference { line: 7, rule, evidence, expected: expected.to_owned(), actual: actual.to_owned() }
    }

    #[test]
    fn what_is_measured_or_random_is_left_out() {
        assert_eq!(plain("nothing arrived after 3051 ms"), "nothing arrived after # ms");
        assert_eq!(plain(r#"text 40{"sid":"1Km8-HToyIixZIWOAAAB"}"#), r#"text 40{"sid":"*"}"#);
        assert_eq!(plain("refused at 127.0.0.1:40123"), "refused at 127.0.0.1:#");
        assert_eq!(plain("aaaa… (100007 bytes)"), "aaaa… (# bytes)");
        assert_eq!(plain(r#"400 {"code":1} message-with-ack é"#), r#"400 {"code":1} message-with-ack é"#);
    }

    #[test]
    fn the_payload_around_a_difference_does_not_matter() {
        let one = difference(
            "SIO5-PKT-19",
            Evidence::Content,
            "text 437[1]",
            r#"text 438[1]: at character 3: expected "7", found "8""#,
        );
        let other = difference(
            "SIO5-ACK-01",
            Evidence::Content,
            "text 437[{}]",
            r#"text 438[{}]: at character 3: expected "7", found "8""#,
        );
        assert_eq!(cause(&one), cause(&other));
    }

    #[test]
    fn silence_is_the_same_only_where_the_rule_is() {
        let one = difference("SIO5-ATT-09", Evidence::Missing, "closed", "nothing arrived after 3050 ms");
        let same = difference("SIO5-ATT-09", Evidence::Missing, "closed", "nothing arrived after 3077 ms");
        let other = difference("SIO5-PKT-08", Evidence::Missing, "closed", "nothing arrived after 3050 ms");
        assert_eq!(cause(&one), cause(&same));
        assert_ne!(cause(&one), cause(&other));
        let gone = |id| {
            difference(
                id,
                Evidence::Content,
                "200",
                r#"400 application/json {"code":1,"message":"Session ID unknown"}"#,
            )
        };
        assert_ne!(cause(&gone("SIO5-ATT-09")), cause(&gone("SIO5-PKT-08")));
    }
}
