//! Expressions and windows.

use crate::trace::{Bindings, Bounds, Expr, UnboundHole, Window};

fn bindings() -> Bindings {
    [("interval", 300), ("timeout", 200), ("huge", i64::MAX)].into_iter().collect()
}

fn value(source: &str) -> Result<i64, UnboundHole> {
    let expr: Expr = source.parse().expect("an expression");
    expr.eval(&bindings())
}

fn bounds(source: &str) -> (Option<i64>, Option<i64>) {
    let window: Window = source.parse().expect("a window");
    let Bounds { low, high } = window.bounds(&bindings()).expect("known holes");
    (low, high)
}

#[test]
fn an_expression_counts_milliseconds() {
    assert_eq!(value("5"), Ok(5));
    assert_eq!(value("2s"), Ok(2000));
    assert_eq!(value("2s-500ms"), Ok(1500));
    assert_eq!(value("$interval + $timeout"), Ok(500));
    assert_eq!(value("2*${interval} - 1"), Ok(599));
    assert_eq!(value("-$interval + 1s"), Ok(700));
}

#[test]
fn an_expression_saturates() {
    assert_eq!(value("4294967295*$huge + 4294967295*$huge"), Ok(i64::MAX));
    assert_eq!(value("-4294967295*$huge"), Ok(i64::MIN));
}

#[test]
fn an_expression_needs_integers() {
    let unseen = UnboundHole::Unseen { name: "x".into() };
    assert_eq!(value("$x"), Err(unseen.clone()));
    assert_eq!(unseen.to_string(), "the hole $x has no value yet");

    let bindings: Bindings = [("a", "12"), ("b", "x")].into_iter().collect();
    assert_eq!(bindings.integer("a"), Ok(12));
    let error = bindings.integer("b").expect_err("no integer");
    assert_eq!(error.to_string(), "the hole $b should hold an integer, but holds \"x\"");
}

#[test]
fn a_window_is_rounded_outwards() {
    assert_eq!(bounds("$interval -10% +25%"), (Some(270), Some(375)));
    assert_eq!(bounds("$interval"), (Some(300), Some(300)));
    assert_eq!(bounds("5ms -10% +10%"), (Some(4), Some(6)));
    assert_eq!(bounds("$huge +200%"), (Some(i64::MAX), Some(i64::MAX)));
    assert_eq!(bounds("..1s"), (None, Some(1000)));
    assert_eq!(bounds("$timeout.."), (Some(200), None));
    assert_eq!(bounds("$timeout - 10..$interval + 10"), (Some(190), Some(310)));
    assert_eq!(bounds(".. after ws"), (None, None));
}
