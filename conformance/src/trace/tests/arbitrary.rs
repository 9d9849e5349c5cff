//! Random traces of every shape, with many texts that could be misread.

use std::num::NonZeroU32;

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use crate::trace::*;

pub(super) fn trace() -> impl Strategy<Value = Trace> {
    (header(), vec(line(), 0..12)).prop_map(|(header, lines)| Trace { header, lines })
}

fn header() -> impl Strategy<Value = Header> {
    let word = "[!-~é😀]{1,12}".prop_filter_map("a word", Word::new);
    (
        sentence(),
        vec(requirement(), 1..4),
        select(&Level::ALL[..]),
        btree_set(need(), 0..5),
        vec(word, 0..3),
        (option::of(sentence()), option::of(sentence())),
        vec(sentence(), 0..3),
    )
        .prop_map(|(title, covers, level, needs, seen, (since, recorded), notes)| Header {
            title,
            covers,
            level,
            needs,
            seen,
            since,
            recorded,
            notes,
        })
}

fn sentence() -> impl Strategy<Value = Sentence> {
    "[ -~é\u{2028}]{1,30}".prop_filter_map("a sentence", |text| Sentence::new(text.trim_matches(' ')))
}

fn line() -> impl Strategy<Value = Line> {
    prop_oneof![
        6 => (action(), notes(), node()).prop_map(|(action, notes, node)| {
            let mut step = Step { notes, ..Step::new(action) };
            if step.connects() {
                step.notes.node = node;
            }
            Line::Step(step)
        }),
        1 => (setup(), node()).prop_map(|(setup, node)| Line::Setup(setup.on(node))),
        1 => comment().prop_map(Line::Comment),
        2 => Just(Line::Blank),
    ]
}

fn node() -> impl Strategy<Value = Node> {
    (1..=Node::MOST).prop_filter_map("a server", Node::new)
}

fn setup() -> impl Strategy<Value = Setup> {
    let transport = select(&[Transport::Polling, Transport::Websocket][..]);
    let namespace = "/[a-zé$?/]{0,6}".prop_filter_map("a namespace", Word::new);
    let name = option::of("[a-z0-9]{1,3}".prop_filter_map("a name", Suffix::new));
    let revision = select(&[Revision::Three, Revision::Four][..]);
    let parts = (channel(), (revision, transport), vec(namespace, 0..3), name, option::of(comment()));
    parts.prop_filter_map("a setup", |(channel, transport, namespaces, name, comment)| {
        Setup::new(0, channel, transport, namespaces, name, comment)
    })
}

fn comment() -> impl Strategy<Value = Comment> {
    "[ -~é\t]{0,20}".prop_filter_map("a comment", |text| Comment::new(text.trim_end_matches(' ')))
}

fn action() -> impl Strategy<Value = Action> {
    let session = prop_oneof![
        expr().prop_map(Session::Wait),
        pattern().prop_filter("an id", |sid| !sid.is_empty()).prop_map(Session::Gone),
        Just(Session::Alive),
        pattern().prop_filter("a call", |call| !call.is_empty()).prop_map(Session::Call),
        content().prop_filter("an event", |event| !event.pattern.is_empty()).prop_map(Session::Event),
        expr().prop_map(Session::Quiet),
    ];
    prop_oneof![
        3 => (channel(), client()).prop_map(|(channel, client)| Action::Client(channel, client)),
        3 => (channel(), server()).prop_map(|(channel, server)| Action::Server(channel, server)),
        1 => session.prop_map(Action::Session),
    ]
}

fn channel() -> impl Strategy<Value = Channel> {
    "[a-z][a-z0-9]{0,4}".prop_filter_map("a channel", Channel::new)
}

fn client() -> impl Strategy<Value = Client> {
    let request = (select(&Method::ALL[..]), pattern(), extent());
    prop_oneof![
        3 => request.prop_map(|(method, query, extent)| Client::Request(Request { method, query, extent })),
        1 => field().prop_map(Client::Header),
        1 => content().prop_map(Client::Packet),
        1 => content().prop_map(Client::Body),
        1 => data().prop_map(Client::Bytes),
        1 => content().prop_map(Client::Part),
        1 => Just(Client::Abort),
        1 => pattern().prop_map(Client::Open),
        2 => content().prop_map(Client::Text),
        1 => data().prop_map(Client::Binary),
        1 => frame().prop_map(Client::Frame),
        1 => any::<Option<u16>>().prop_map(Client::Close),
        1 => content().prop_map(Client::Raw),
    ]
}

fn server() -> impl Strategy<Value = Server> {
    prop_oneof![
        answer().prop_map(Server::Status),
        field().prop_map(Server::Header),
        pattern().prop_map(Server::Script),
        content().prop_map(Server::Packet),
        content().prop_map(Server::Body),
        Just(Server::End),
        Just(Server::Over),
        content().prop_map(Server::Text),
        data().prop_map(Server::Binary),
        data().prop_map(Server::Pong),
        vec(any::<u16>(), 0..3).prop_map(Server::Closed),
        answer().prop_map(Server::Refused),
        expr().prop_map(Server::Quiet),
    ]
}

fn extent() -> impl Strategy<Value = Extent> {
    prop_oneof![Just(Extent::Whole), expr().prop_map(Extent::Declared), count().prop_map(Extent::Until),]
}

fn field() -> impl Strategy<Value = Field> {
    let name = "[A-Za-z0-9_.-]{1,12}".prop_filter_map("a field name", FieldName::new);
    (name, pattern()).prop_map(|(name, value)| Field { name, value })
}

fn answer() -> impl Strategy<Value = Answer> {
    let statuses = vec(100..=999_u16, 1..4).prop_filter_map("statuses", Statuses::new);
    let content_type = "[a-z*]{1,5}/[a-z*]{1,5}(; ?charset=[A-Z8-]{1,5})?";
    let content_type = content_type.prop_filter_map("a content type", MediaType::new);
    (statuses, option::of(content_type)).prop_map(|(statuses, content_type)| Answer { statuses, content_type })
}

fn content() -> impl Strategy<Value = Content> {
    let comparison = select(&[Comparison::Json, Comparison::More, Comparison::Longer, Comparison::Exact][..]);
    let parts = (pattern(), comparison, option::weighted(0.2, expr()));
    parts.prop_map(|(pattern, comparison, fill)| Content { pattern, comparison, fill })
}

fn data() -> impl Strategy<Value = Data> {
    let parts = (vec(any::<u8>(), 0..6), option::weighted(0.2, expr()));
    parts.prop_map(|(bytes, fill)| Data { bytes, fill })
}

fn frame() -> impl Strategy<Value = Frame> {
    let parts = (any::<u8>(), data(), option::of(count()));
    parts.prop_map(|(head, payload, cut)| Frame { head, payload, cut })
}

fn notes() -> impl Strategy<Value = Notes> {
    let weight = select(&[Weight::Required, Weight::Setup, Weight::Should, Weight::Lenient][..]);
    let parts = (
        option::of(count()),
        weight,
        option::weighted(0.2, requirement()),
        option::of(window()),
        option::of(comment()),
    );
    parts.prop_map(|(repeat, weight, rule, window, comment)| Notes {
        repeat,
        node: Node::FIRST,
        weight,
        rule,
        window: window.map(Box::new),
        comment,
    })
}

fn count() -> impl Strategy<Value = NonZeroU32> {
    (1..=u32::MAX).prop_filter_map("a count", NonZeroU32::new)
}

pub(super) fn window() -> impl Strategy<Value = Window> {
    let percent = || prop_oneof![Just(0), 0..200_u32];
    let span = prop_oneof![
        (expr(), percent(), percent()).prop_map(|(at, early, late)| Span::About { at, early, late }),
        (option::of(expr()), option::of(expr())).prop_map(|(low, high)| Span::Between { low, high }),
    ];
    (span, option::of(channel())).prop_map(|(span, after)| Window { span, after })
}

pub(super) fn expr() -> impl Strategy<Value = Expr> {
    let sign = || select(&[Sign::Plus, Sign::Minus][..]);
    let term = || {
        let unit = select(&[Unit::Plain, Unit::Milliseconds, Unit::Seconds][..]);
        prop_oneof![
            (any::<u32>(), unit).prop_map(|(value, unit)| Term::Number { value, unit }),
            (prop_oneof![Just(1), any::<u32>()], hole_name()).prop_map(|(factor, name)| Term::Hole { factor, name }),
        ]
    };
    (sign(), term(), vec((sign(), term()), 0..3)).prop_map(|(sign, term, rest)| {
        rest.into_iter().fold(Expr::new(sign, term), |expr, (sign, term)| expr.with(sign, term))
    })
}

pub(super) fn hole_name() -> impl Strategy<Value = HoleName> {
    prop_oneof!["[a-c]", "[A-Za-z_][A-Za-z0-9_]{0,6}"].prop_filter_map("a hole name", HoleName::new)
}

pub(super) fn pattern() -> impl Strategy<Value = Pattern> {
    let literal = prop_oneof![select(NASTY).prop_map(str::to_owned), "[ -~]{0,8}", any::<String>()];
    let kind = select(&[Kind::Any, Kind::Integer][..]);
    let hole = (option::weighted(0.9, hole_name()), kind).prop_map(|(name, kind)| Hole { name, kind });
    let piece = prop_oneof![3 => literal.prop_map(Piece::Literal), 1 => hole.prop_map(Piece::Hole)];
    vec(piece, 0..6).prop_map(Pattern::new)
}

/// Texts that a parser could take for something else.
const NASTY: &[&str] = &[
    " ",
    "  ",
    "   ",
    "\\",
    "$",
    "${",
    "}",
    "_",
    ":int",
    ":internal",
    "int",
    "0",
    "@",
    "@ 5ms",
    "#",
    "# x",
    "should",
    "exact",
    "lenient",
    "repeat 3",
    "until 3 packets",
    "fill ",
    "length 2",
    "\u{1e}",
    "\u{7f}",
    "\u{200b}",
    "\u{feff}",
    "\u{a0}",
    "\r\n",
    "\t",
    "{",
    "[",
    "{\"a\":",
    "[\"",
    "\",",
    "\"",
    "]",
    "}",
    "{\"a\":\"",
    "\"}",
    "\\x20",
    "\\u{20}",
    "42[\"message\",",
    "\u{fdd0}",
    "\\ud83d",
    "?",
    "é",
    "-1",
    "007",
    "18446744073709551616",
];

/// Small JSON values.
pub(super) fn json() -> impl Strategy<Value = Value> {
    let text = || prop_oneof!["[ -~]{0,12}", "[A-Za-z0-9_-]{8,20}", any::<String>()];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9_f64).prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((text(), inner), 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A pattern whose literal parts are JSON after a prefix, with holes in most places that can have one.
pub(super) fn json_pattern() -> impl Strategy<Value = Pattern> {
    let hole =
        || prop_oneof![Just("$a".to_owned()), Just("$b".to_owned()), json().prop_map(|json| source(&json.to_string()))];
    let prefix = select(&["", "0", "42", "40/ns,", "42$n", "4$a"][..]);
    (prefix, hole(), hole(), "[a-z]{0,4}").prop_filter_map("a pattern", |(prefix, first, second, text)| {
        let source = format!("{prefix}[{first},{{\"key\": {second}, \"text\":\"{text}-$c.$d\"}}]");
        source.parse().ok()
    })
}

fn source(text: &str) -> String {
    Pattern::literal(text).to_string()
}

fn requirement() -> impl Strategy<Value = Requirement> {
    "[A-Z0-9]{1,4}(-[A-Z0-9]{1,3}){0,2}-[0-9]{1,3}".prop_filter_map("an id", Requirement::new)
}

fn need() -> impl Strategy<Value = Need> {
    prop_oneof![
        4 => select(&Need::WORDS[..]),
        1 => select(Operation::ALL).prop_map(Need::Operation),
        1 => any::<u64>().prop_map(Need::Payload),
        1 => (0..u64::MAX / 1000).prop_map(|seconds| Need::Patience(seconds * 1000)),
        1 => any::<u64>().prop_map(Need::Patience),
    ]
}
