//! One packet's text at a time.

use alloc::format;
use alloc::string::String;

use super::*;
use crate::socketio::Namespace;

fn limits() -> Limits {
    Limits::default().with_max_namespace_len(10)
}

fn parse(text: &str) -> Result<Layout, DecodeError> {
    parse_as(Protocol::V5, text)
}

fn parse_as(protocol: Protocol, text: &str) -> Result<Layout, DecodeError> {
    parse_of(protocol, protocol, text)
}

fn parse_of(protocol: Protocol, names: Protocol, text: &str) -> Result<Layout, DecodeError> {
    let layout = layout(text.as_bytes(), protocol, names, &limits())?;
    layout.check(text.as_bytes(), &limits())?;
    Ok(layout)
}

fn kind(text: &str) -> Result<Content, DecodeErrorKind> {
    parse(text).map(|layout| layout.content).map_err(|error| error.kind)
}

fn ack(text: &str) -> Option<u64> {
    match kind(text) {
        Ok(Content::Event { ack, .. }) => ack.map(AckId::value),
        Ok(Content::Ack { id, .. }) => Some(id.value()),
        other => panic!("{text:?} has no id: {other:?}"),
    }
}

fn name(text: &str) -> String {
    match kind(text) {
        Ok(Content::Event { name, .. }) => name.resolve(text).into(),
        other => panic!("{text:?} is no event: {other:?}"),
    }
}

const FAULTS: &[&str] = &[
    "",
    " ",
    "7",
    "٢",
    "4/admin,[]",
    "0[]",
    "0null",
    "1{}",
    "2",
    "2[]",
    "2{}",
    "2[null]",
    "2/admin,[true]",
    r#"2["connect"]"#,
    r#"2["\u0063onnect"]"#,
    r#"51-["disconnect",{"_placeholder":true,"num":0}]"#,
    r#"2["a"#,
    r#"2["a"]x"#,
    "2-1[]",
    "21.5[]",
    r#"2["\ud800"]"#,
    "3[]",
    "30",
    "30{}",
    "39007199254740992[]",
    "318446744073709551616[]",
    "5[]",
    "5-[]",
    "50-[]",
    "5-1-[]",
    "51.0-[]",
    "511-[1]",
    "599999999999999999999-[1]",
    "51-",
    r#"51-["e",{"_placeholder":true,"num":1}]"#,
    r#"61-7[{"_placeholder":true}]"#,
    "0/01234567890,",
];

/// Each fault with the place where it is.
//= shown by rows of a table:
//= SIO5-ATT-08
//= SIO5-ATT-09
//= SIO5-ATT-10
//= SIO5-ATT-17
//= SIO5-ERR-04
//= SIO5-PKT-05
//= SIO5-PKT-06
//= SIO5-PKT-07
//= SIO5-PKT-08
//= SIO5-PKT-10
//= SIO5-PKT-11
//= SIO5-PKT-12
//= SIO5-PKT-13
//= SIO5-PKT-14
//= SIO5-PKT-15
//= SIO5-PKT-17
//= SIO5-PKT-18
#[test]
fn faults_and_where_they_are() {
    let table: String = FAULTS
        .iter()
        .map(|text| match parse(text) {
            Ok(layout) => format!("{text:?}: {layout:?}\n"),
            Err(error) => format!("{text:?}: {error}\n"),
        })
        .collect();
    insta::assert_snapshot!(table, @r#"
    "": unknown packet type at byte 0
    " ": unknown packet type at byte 0
    "7": unknown packet type at byte 0
    "٢": unknown packet type at byte 0
    "4/admin,[]": payload does not fit the packet type at byte 8
    "0[]": payload does not fit the packet type at byte 1
    "0null": payload does not fit the packet type at byte 1
    "1{}": payload does not fit the packet type at byte 1
    "2": payload does not fit the packet type at byte 1
    "2[]": payload does not fit the packet type at byte 2
    "2{}": payload does not fit the packet type at byte 1
    "2[null]": payload does not fit the packet type at byte 2
    "2/admin,[true]": payload does not fit the packet type at byte 9
    "2[\"connect\"]": reserved event name at byte 2
    "2[\"\\u0063onnect\"]": reserved event name at byte 2
    "51-[\"disconnect\",{\"_placeholder\":true,\"num\":0}]": reserved event name at byte 4
    "2[\"a": invalid JSON at byte 4
    "2[\"a\"]x": invalid JSON at byte 6
    "2-1[]": payload does not fit the packet type at byte 1
    "21.5[]": payload does not fit the packet type at byte 2
    "2[\"\\ud800\"]": payload does not fit the packet type at byte 2
    "3[]": acknowledgement without an id at byte 1
    "30": payload does not fit the packet type at byte 2
    "30{}": payload does not fit the packet type at byte 2
    "39007199254740992[]": acknowledgement id too large at byte 1
    "318446744073709551616[]": acknowledgement id too large at byte 1
    "5[]": illegal number of attachments at byte 1
    "5-[]": illegal number of attachments at byte 1
    "50-[]": illegal number of attachments at byte 1
    "5-1-[]": illegal number of attachments at byte 1
    "51.0-[]": illegal number of attachments at byte 1
    "511-[1]": too many attachments: 11 at byte 1
    "599999999999999999999-[1]": too many attachments at byte 1
    "51-": payload does not fit the packet type at byte 3
    "51-[\"e\",{\"_placeholder\":true,\"num\":1}]": illegal attachment placeholder at byte 8
    "61-7[{\"_placeholder\":true}]": illegal attachment placeholder at byte 5
    "0/01234567890,": namespace too long at byte 1
    "#);
}

//= SIO5-PKT-02
//= SIO5-PKT-03
//= SIO5-PKT-04
#[test]
fn namespaces() {
    let table = [
        ("0", "/"),
        ("0/", "/"),
        ("0/,", "/"),
        ("0/a", "/a"),
        ("0/a,{}", "/a"),
        ("0/a{}", "/a{}"),
        ("0/a?b=1,", "/a?b=1"),
        ("0/a-1/é,", "/a-1/é"),
        ("0//,", "//"),
        ("1/a,5", "/a"),
        (r#"51-/a-b,7["e"]"#, "/a-b"),
        ("0/012345678,", "/012345678"),
    ];
    for (text, namespace) in table {
        let found = parse(text).map(|layout| layout.namespace.map_or("/", |at| &text[at]));
        assert_eq!(found, Ok(namespace), "{text}");
    }
}

//= SIO5-ACK-07
//= SIO5-PKT-16
//= SIO5-PKT-19
#[test]
fn ids() {
    assert_eq!(ack(r#"2["a"]"#), None);
    assert_eq!(ack(r#"20["a"]"#), Some(0));
    assert_eq!(ack(r#"2007["a"]"#), Some(7));
    assert_eq!(ack("3/a,12[]"), Some(12));
    assert_eq!(ack("39007199254740991[]"), Some(AckId::MAX.value()));
}

//= SIO5-PKT-20
#[test]
fn ids_that_mean_nothing_are_ignored() {
    assert_eq!(kind("01"), Ok(Content::Connect(None)));
    assert_eq!(kind("01{}"), Ok(Content::Connect(Some(2))));
    assert_eq!(kind("11"), Ok(Content::Disconnect));
    assert_eq!(kind(r#"41"no""#), Ok(Content::ConnectError(Some(2))));
}

//= SIO5-PKT-07
//= SIO5-PKT-09
//= SIO5-PKT-24
#[test]
fn names() {
    for plain in ["error", "connection", "message", "", "é€😀", "with,comma", "]"] {
        assert_eq!(name(&format!(r#"2["{plain}"]"#)), plain);
    }
    assert_eq!(name("2[ \t\"a\" , 1]"), "a");
    assert_eq!(name(r#"2["q\"\\\u00e9\ud83d\ude00"]"#), "q\"\\é😀");
    // What Node makes of them: `String(JSON.parse(number))`.
    for (number, text) in [
        ("0", "0"),
        ("1", "1"),
        ("-42", "-42"),
        ("1.0", "1"),
        ("-0", "0"),
        ("-0.0", "0"),
        ("1.5e3", "1500"),
        ("1E2", "100"),
        ("0.1", "0.1"),
        ("999999999999999", "999999999999999"),
        ("9007199254740993", "9007199254740992"),
        ("123456789012345678901", "123456789012345680000"),
        ("1000000000000000000000", "1e+21"),
        ("1e21", "1e+21"),
        ("0.0000001", "1e-7"),
        ("5e-324", "5e-324"),
        ("1e-400", "0"),
        ("1e400", "Infinity"),
        ("-1e400", "-Infinity"),
    ] {
        assert_eq!(name(&format!("2[{number}]")), text, "{number}");
        assert_eq!(name(&format!("2[ {number} ,1]")), text, "{number}");
    }
}

#[test]
fn where_the_arguments_begin() {
    let items = |text: &str| match kind(text) {
        Ok(Content::Event { array, .. } | Content::Ack { array, .. }) => String::from(&text[array.items_at..]),
        other => panic!("{text:?} has no arguments: {other:?}"),
    };
    assert_eq!(items(r#"2["a"]"#), "]");
    assert_eq!(items(r#"2["a",1]"#), "1]");
    assert_eq!(items(r#"2/n,7[ "a" , 1 ] "#), "1 ] ");
    assert_eq!(items("37[1,2]"), "1,2]");
    assert_eq!(items("37[]"), "]");
}

/// The reference takes white space there for the digits of an id; taken for JSON, an event would lose its id.
//= SIO5-PKT-15
#[test]
fn no_white_space_between_the_parts() {
    for text in [r#"2 ["a"]"#, "2\t[\"a\"]", r#"2/n, ["a"]"#, "3 []", "0 {}", r#"4 "x""#, r#"51- ["a"]"#] {
        let Err(error) = parse(text) else { panic!("{text:?} was read") };
        assert_eq!(
            (error.kind, text.as_bytes()[error.offset].is_ascii_whitespace()),
            (DecodeErrorKind::InvalidPayload, true),
            "{text:?}"
        );
    }
    assert!(kind("2[ \"a\" , 1 ] ").is_ok(), "inside and after the JSON it means nothing");
}

/// What the revisions take differently, and nothing else.
//= SIO5-PKT-08
//= SIO5-PKT-11
//= SIO5-PKT-13
#[test]
fn protocol_4() {
    //= SIO4-ERR-03
    let only_4 = ["0[]", "0null", "0/a,[1]", "4[]", "4null", r#"2["connect"]"#, r#"2["\u0064isconnect"]"#];
    for text in only_4 {
        assert!(parse_as(Protocol::V4, text).is_ok(), "{text}");
        assert!(parse_as(Protocol::V5, text).is_err(), "{text}");
    }
    //= SIO4-CON-06
    for text in ["0", "0{}", "0/a?b,", r#"4"x""#, "4{}", "4", "1", r#"27["a",1]"#, r#"51-["a"]"#, "37[]"] {
        assert_eq!(parse_as(Protocol::V4, text), parse_as(Protocol::V5, text), "{text}");
        assert!(parse(text).is_ok());
    }
    for text in
        ["0nul", "0\"x\"", "0true", "4true", "41.5", "1[]", "2[]", "2{}", "50-[1]", "511-[1]", "3[]", "7", "nul"]
    {
        assert!(parse_as(Protocol::V4, text).is_err(), "{text}");
    }
}

/// What bounds a query is the size of the message.
//= SIO4-CON-06
#[test]
fn the_length_of_a_name_is_bounded_and_not_that_of_its_query() {
    let query = format!("token={}", "x".repeat(300));
    let long = |name: &str| format!("0/{name}?{query},");
    for protocol in [Protocol::V4, Protocol::V5] {
        for name in ["", "admin", "012345678", "é-admi"] {
            let text = long(name);
            let namespace = parse_of(protocol, Protocol::V4, &text).unwrap().namespace.unwrap();
            assert_eq!(text[namespace], format!("/{name}?{query}"), "{protocol:?}");
        }
        for name in ["0123456789", "é-admin!!"] {
            let fault = parse_of(protocol, Protocol::V4, &long(name)).unwrap_err();
            assert_eq!((fault.kind, fault.offset), (DecodeErrorKind::NamespaceTooLong, 1), "{protocol:?}");
        }
    }
    // In protocol 5 it is a part of the name.
    let fault = parse_as(Protocol::V5, &long("admin")).unwrap_err();
    assert_eq!(fault.kind, DecodeErrorKind::NamespaceTooLong);
    assert!(parse_as(Protocol::V5, "0/admin?b=1,").is_ok());
}

//= SIO4-CON-06
#[test]
fn queries_of_namespaces() {
    for (name, path, query) in [
        ("/", "/", None),
        ("/admin", "/admin", None),
        ("/admin?token=1&uid=x", "/admin", Some("token=1&uid=x")),
        ("/admin?", "/admin", Some("")),
        ("/?a", "/", Some("a")),
        ("/é?a?b", "/é", Some("a?b")),
    ] {
        let (found, rest) = Namespace::new(name).unwrap().split_query();
        assert_eq!((found.as_str(), rest.as_ref().map(|rest| rest.as_str())), (path, query), "{name}");
        assert_eq!(found.is_root(), path == "/");
    }
}
