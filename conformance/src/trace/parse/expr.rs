//! Expressions and windows.

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::{char, digit1, one_of};
use nom::combinator::{cut, map, not, opt, value};
use nom::multi::fold_many0;
use nom::sequence::{delimited, pair, preceded, terminated};

use super::error::{Parsed, expect};
use super::lexer::{name, number, spaces, spaces1};
use super::pattern::hole_name;
use crate::trace::expr::{Expr, Sign, Span, Term, Unit, Window};

/// `[-] TERM (+|- TERM)*`
pub(in crate::trace) fn expr(input: &str) -> Parsed<'_, Expr> {
    let (input, first) =
        pair(map(opt(char('-')), |minus| minus.map_or(Sign::Plus, |_| Sign::Minus)), term).parse(input)?;
    fold_many0(
        (delimited(spaces, sign, spaces), preceded(not(percent), cut(term))),
        move || Expr::new(first.0, first.1.clone()),
        |expr, (sign, term)| expr.with(sign, term),
    )
    .parse(input)
}

/// `EXPR [-N%] [+N%]` or `[EXPR]..[EXPR]`, and `after CHANNEL`
pub(in crate::trace) fn window(input: &str) -> Parsed<'_, Window> {
    let (input, span) = span(input)?;
    let (input, after) = opt(preceded((tag(" after"), spaces1), cut(name))).parse(input)?;
    Ok((input, Window { span, after }))
}

fn span(input: &str) -> Parsed<'_, Span> {
    let (input, low) = opt(expr).parse(input)?;
    let (input, is_range) = map(opt(tag("..")), |dots| dots.is_some()).parse(input)?;
    match low {
        low if is_range => map(opt(expr), |high| Span::Between { low: low.clone(), high }).parse(input),
        Some(at) => {
            let (input, early) = tolerance('-', input)?;
            let (input, late) = tolerance('+', input)?;
            Ok((input, Span::About { at, early, late }))
        }
        None => expect(WINDOW, nom::combinator::fail()).parse(input),
    }
}

const WINDOW: &str = "a window: a duration, perhaps with a tolerance such as -10% +25%, or a range such as ..500ms";

fn tolerance(sign: char, input: &str) -> Parsed<'_, u32> {
    let amount = preceded((spaces, char(sign)), terminated(number, char('%')));
    map(opt(amount), Option::unwrap_or_default).parse(input)
}

fn percent(input: &str) -> Parsed<'_, (&str, char)> {
    pair(digit1, char('%')).parse(input)
}

fn sign(input: &str) -> Parsed<'_, Sign> {
    map(one_of("+-"), |sign| if sign == '+' { Sign::Plus } else { Sign::Minus }).parse(input)
}

/// `$hole`, `N*$hole`, `N`, `Nms`, `Ns`
fn term(input: &str) -> Parsed<'_, Term> {
    expect("a number or a hole", alt((multiple, plain, hole(1)))).parse(input)
}

fn multiple(input: &str) -> Parsed<'_, Term> {
    let (input, factor) = terminated(number, delimited(spaces, char('*'), spaces)).parse(input)?;
    cut(expect("a hole after *", hole(factor))).parse(input)
}

fn plain(input: &str) -> Parsed<'_, Term> {
    map(pair(number, unit), |(value, unit)| Term::Number { value, unit }).parse(input)
}

fn hole<'a>(factor: u32) -> impl Parser<&'a str, Output = Term, Error = super::error::Fault<'a>> {
    let name = alt((delimited(char('{'), hole_name, char('}')), hole_name));
    map(preceded(char('$'), name), move |name| Term::Hole { factor, name })
}

fn unit(input: &str) -> Parsed<'_, Unit> {
    let written = alt((value(Unit::Milliseconds, tag("ms")), value(Unit::Seconds, tag("s"))));
    map(opt(written), |unit| unit.unwrap_or(Unit::Plain)).parse(input)
}
