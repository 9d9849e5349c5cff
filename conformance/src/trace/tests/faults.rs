//! The errors for files that are not traces.

use std::fmt::Write;

use super::HEADER;
use crate::trace::{Expr, Pattern, Trace, Window};

/// Whole headers.
const HEADERS: &[&str] = &[
    "",
    "\n",
    "title A\nlevel must\n\n",
    "title A\ncovers EIO4-HB-01\n\n",
    "title A\ntitle B\n",
    "title\n",
    "tittle A\n",
    "title A\tB\n",
    "  title A\n",
    "# a comment\n",
    "title A\ncovers EIO4-HB-01 eio4-HB-2\n",
    "title A\ncovers\n",
    "level maybe\n",
    "level must should\n",
    "level\n",
    "needs polling carrier-pigeons\n",
    "needs operation fly\n",
    "seen\n",
    "ws C text 3\n",
];

/// Lines of the body, each after a valid header.
const LINES: &[&str] = &[
    "ws",
    "ws X text 3",
    "WS C text 3",
    "ws C",
    "ws C 200",
    "ws S txt 3",
    "ws S post EIO=4",
    "C text 3",
    "C txt 3",
    "p S alive",
    "p C wait 5ms",
    "C wait",
    "C wait soon",
    "C wait 5 parsecs",
    "C wait 5000000000",
    "S gone",
    "S gone  # nobody",
    "p S 20x",
    "p S 20",
    "p S 200|",
    "p S 200 html",
    "p S 200 text/html lenient",
    "ws S refused",
    "ws S refused soon",
    "ws S refused 40|403",
    "ws S closed 70000",
    "ws S closed 1000|x",
    "ws C close now",
    "p C header Origin",
    "p C header Origin : x",
    "p C abort now",
    "ws C binary 0",
    "ws C binary 0g",
    "ws C text a$",
    "ws C text a$1",
    "ws C text ${a",
    "ws C text ${a:uint}",
    "ws C text a\\q",
    "ws C text a\\",
    "ws C text a\\xff",
    "ws C text a\\u{d800}",
    "ws C text a\tb",
    "ws\tC text a",
    "ws C text é😀  shuold",
    "ws C text a  should lenient",
    "ws C text a  should  lenient",
    "ws C text a  repeat 0",
    "ws C text a  repeat",
    "ws C text a  length 5",
    "ws C close  exact",
    "ws C text 3  on 2",
    "ws C open a  on 5",
    "ws C session websocket  on 0",
    "ws C open a  fill 5",
    "p C get a  length 5  until 3 packets",
    "p C get a  until 3",
    "ws S text 2  @",
    "ws S text 2  @ soon",
    "ws S text 2  @ 5 + ",
    "ws S text 2  @ 5 + x",
    "ws S text 2  @ 2*5",
    "ws S text 2  @ $a +25% -10%",
    "ws S text 2  @ 5ms  after ws",
    "ws S text 2  @ 5ms after WS",
    "ws S text 2  @ ...5",
];

#[test]
fn what_is_said() {
    let mut said = String::new();
    for source in HEADERS {
        describe(&mut said, source, 1);
    }
    for line in LINES {
        describe(&mut said, &format!("{HEADER}\n{line}\n"), 5);
    }
    insta::assert_snapshot!(said);
}

#[test]
fn what_is_said_about_parts() {
    let said = [
        "$a$".parse::<Pattern>().map(drop),
        "1 +".parse::<Expr>().map(drop),
        "1 2".parse::<Expr>().map(drop),
        "".parse::<Expr>().map(drop),
        "1 -".parse::<Window>().map(drop),
    ];
    let said = said.map(|result| result.expect_err("a fault").to_string());
    insta::assert_snapshot!(said.join("\n"));
}

/// Writes the faulty line with a mark below the position, and the sentence.
fn describe(said: &mut String, source: &str, first: u32) {
    let error = Trace::parse("x.trace", source).expect_err(source);
    assert_eq!(error.name(), "x.trace");
    let sentence =
        format!("x.trace:{}:{}: expected {}, found {}", error.line(), error.column(), error.expected(), error.found());
    assert_eq!(error.to_string(), sentence);
    assert!(error.line() >= first, "{source:?} fails in its header: {error}");
    let line = source.lines().nth(error.line() as usize - 1).unwrap_or_default();
    let mark = error.column();
    let written = writeln!(said, "{line}\n{:>mark$}\n{error}\n", "^");
    assert_eq!(written, Ok(()));
}
