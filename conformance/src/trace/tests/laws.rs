//! Laws that hold for every trace and every text.

use proptest::prelude::*;
use proptest::sample::Index;

use super::arbitrary::{expr, json, json_pattern, pattern, trace, window};
use super::samples;
use crate::trace::{Bindings, Comparison, Expr, Line, Pattern, Trace, Window};

proptest! {
    #[test]
    fn what_is_printed_reads_the_same(trace in trace()) {
        let printed = trace.to_string();
        let read = Trace::parse("printed", &printed);
        prop_assert_eq!(read.as_ref(), Ok(&trace), "{}", printed);
        prop_assert_eq!(read.map(|read| read.to_string()), Ok(printed));
    }

    #[test]
    fn a_step_on_its_own_reads_the_same(trace in trace()) {
        for step in trace.steps() {
            let read = Trace::parse("step", &format!("{}\n{step}\n", super::HEADER));
            prop_assert_eq!(read.as_ref().map(|read| read.steps().next()), Ok(Some(step)), "{}", step);
        }
    }

    #[test]
    fn the_line_of_a_step_is_where_it_stands(trace in trace()) {
        let printed = trace.to_string();
        let read = Trace::parse("printed", &printed).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let lines: Vec<_> = printed.lines().collect();
        let steps = read.lines.iter().filter_map(|line| if let Line::Step(step) = line { Some(step) } else { None });
        for step in steps {
            let verb = step.to_string();
            let line = lines.get(step.line as usize - 1).copied().unwrap_or_default();
            prop_assert_eq!(line.replace(' ', ""), verb.replace(' ', ""));
        }
    }

    #[test]
    fn patterns_expressions_and_windows_read_the_same(pattern in pattern(), expr in expr(), window in window()) {
        prop_assert_eq!(pattern.to_string().parse::<Pattern>(), Ok(pattern));
        prop_assert_eq!(expr.to_string().parse::<Expr>(), Ok(expr));
        prop_assert_eq!(window.to_string().parse::<Window>(), Ok(window));
    }

    #[test]
    fn no_text_is_too_much_for_a_parser(text in any::<String>(), ascii in "[ -~\n]{0,60}") {
        for text in [text, ascii] {
            read_everything(&text)?;
            read_everything(&format!("{}\n{text}", super::HEADER))?;
            read_everything(&format!("{}\nws C {text}", super::HEADER))?;
            read_everything(&format!("{}\nws S text a  {text}", super::HEADER))?;
        }
    }

    #[test]
    fn a_damaged_trace_is_read_or_refused(
        trace in trace(),
        sample in any::<Index>(),
        edits in prop::collection::vec((any::<Index>(), 0..4_usize, "[ -~\n$\\\\#@]{0,3}"), 1..6),
    ) {
        for mut text in [trace.to_string(), (*sample.get(samples::ALL)).to_owned()] {
            for (place, removed, inserted) in &edits {
                let mut chars: Vec<char> = text.chars().collect();
                let start = place.index(chars.len() + 1);
                let end = (start + removed).min(chars.len());
                chars.splice(start..end, inserted.chars());
                text = chars.into_iter().collect();
            }
            read_everything(&text)?;
        }
    }

    #[test]
    fn a_filled_pattern_matches_itself(
        pattern in prop_oneof![pattern(), json_pattern()],
        values in prop::collection::vec(json(), 4),
    ) {
        let names = pattern.holes().filter_map(|hole| hole.name.as_ref()).map(ToString::to_string);
        let bindings: Bindings = names.zip(values.into_iter().cycle()).collect();
        let Ok(text) = pattern.render(&bindings) else {
            return Ok(()); // it holds $_
        };
        for comparison in [Comparison::Json, Comparison::Exact] {
            let mut after = bindings.clone();
            prop_assert_eq!(pattern.matches(&text, comparison, &mut after), Ok(()), "{} {:?}", text, comparison);
            prop_assert_eq!(&after, &bindings);
        }
    }

    #[test]
    fn what_was_captured_matches_again(
        pattern in prop_oneof![pattern(), json_pattern()],
        source in json_pattern(),
        values in prop::collection::vec(json(), 4),
    ) {
        let names = ["a", "b", "c", "d"].into_iter();
        let full: Bindings = names.zip(values).chain([("n", 7.into())]).collect();
        let actual = source.render(&full).unwrap_or_default();
        for (pattern, comparison) in [(&source, Comparison::Json), (&source, Comparison::Exact), (&pattern, Comparison::Json)] {
            let mut captured = Bindings::default();
            match pattern.matches(&actual, comparison, &mut captured) {
                Ok(()) => prop_assert_eq!(pattern.matches(&actual, comparison, &mut captured.clone()), Ok(())),
                Err(_) => prop_assert_eq!(captured, Bindings::default()),
            }
        }
    }
}

/// Reads the text with every parser. If it is a trace, prints and reads it again.
fn read_everything(text: &str) -> Result<(), TestCaseError> {
    let _ = text.parse::<Pattern>();
    let _ = text.parse::<Expr>();
    let _ = text.parse::<Window>();
    match Trace::parse("text", text) {
        Ok(trace) => {
            let printed = trace.to_string();
            prop_assert_eq!(Trace::parse("printed", &printed), Ok(trace), "{}", printed);
        }
        Err(error) => {
            prop_assert!(error.line() as usize <= text.lines().count().max(1), "{}", error);
            let line = text.lines().nth(error.line() as usize - 1).unwrap_or_default();
            prop_assert!(error.column() <= line.chars().count() + 1, "{}", error);
        }
    }
    Ok(())
}
