//! Traces as written by people.

use crate::trace::{Action, Client, Extent, Line, Server, Trace};

/// Examples of the whole language; the first two are in the printer's form.
pub(super) const ALL: &[&str] = &[HEARTBEAT, UPGRADE, OVERLAP, MANY, ATTACHMENTS, GARBAGE, REST];

const HEARTBEAT: &str = r#"title     The server pings a WebSocket session once per pingInterval
covers    EIO4-HB-01 EIO4-HB-10
level     must
needs     websocket
seen      socketioxide#390
recorded  socket.io 4.8.4

ws C open    EIO=4&transport=websocket
ws S text    0{"sid":$sid,"upgrades":[],"pingInterval":$interval,"pingTimeout":$timeout,"maxPayload":$max}
ws S text    2  @ $interval -10% +25%
ws C text    3
ws S text    2  @ $interval -10% +25%
ws C close
"#;

const UPGRADE: &str = r#"title     Every poll that arrives while an upgrade is probed is answered with noop
covers    EIO4-UP-04 EIO4-UP-06 EIO4-UP-07
level     must
needs     polling websocket echo
seen      socketioxide#479 python-engineio#160
recorded  socket.io 4.8.4
note      The third poll is one more than the server expects.

hs C get     EIO=4&transport=polling
hs S 200     text/plain; charset=UTF-8
hs S packet  0{"sid":$sid,"upgrades":["websocket"],"pingInterval":$interval,"pingTimeout":$timeout,"maxPayload":$max}

# the upgrade
ws C open    EIO=4&transport=websocket&sid=$sid
p1 C get     EIO=4&transport=polling&sid=$sid
ws C text    2probe
ws S text    3probe
p1 S 200
p1 S packet  6                                   @ ..1000ms
p2 C get     EIO=4&transport=polling&sid=$sid
p2 S 200
p2 S packet  6                                   @ ..1000ms after ws
p3 S body    {"code":3,"message":"Bad request"}  should
p3 S body    {"code":3,"message":"A message that goes beyond the last column"}  exact
   S alive
"#;

const OVERLAP: &str = "title     A second POST while one is being received ends the session
covers    EIO4-POST-04 EIO4-ERR-17
level     must
needs     polling

a  C post     EIO=4&transport=polling&sid=$sid   length 6
a  C part     4he
b  C post     EIO=4&transport=polling&sid=$sid
b  C body     4x
b  S 400|500 lenient
a  S end                                          # reset, or any error status
   S gone     $sid                                # code 1 on the next request
   S alive
";

const MANY: &str = "title     17 packets in one POST all arrive, in order
covers    EIO4-POST-02 EIO4-PLD-03
level     must
needs     polling echo
seen      python-engineio#142

p  C post     EIO=4&transport=polling&sid=$sid
p  C packet   4msg-$i                             repeat 17
p  S 200
p  S body     ok
g  C get      EIO=4&transport=polling&sid=$sid    until 17 packets
g  S packet   4msg-$i                             repeat 17
";

const ATTACHMENTS: &str = r#"title     A header that announces attachments and then text is refused, and only this connection suffers
covers    SIO5-ATT-06 SIO5-ERR-01
level     must
needs     websocket contract

ws C text     452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]
ws C binary   00ff
ws C text     42["message",1,2,3]
ws S closed                                        # any code
   S alive
"#;

const GARBAGE: &str = r"title     Garbage behind the headers of an upgrade request does not disturb others
covers    EIO4-ERR-10
level     security
seen      CVE-2022-21676

r  C raw      GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: $host\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: $key\r\n\r\ntest
r  S end
   S alive
";

const REST: &str = r"note  Everything that the others leave out
level reference
covers EIO4-HDR-01
title   The other verbs and notes
needs raw timing

o C options EIO=4
o C header  Origin: http://example.com
o C header  X-Empty:
o C bytes   FF00  fill 1s
o C abort
o S header  Access-Control-Allow-Origin: $_  should
ws S refused 400|403 application/json
ws C text   # an empty text
ws C text   \x73hould
ws C binary
ws C close 1000
ws S closed 1000|1005  @ 5ms.. after o
ws S quiet  2*$interval + 500ms
  C wait 1s
  S quiet 5
  S gone ${sid}x";

fn parse(source: &str) -> Trace {
    Trace::parse("sample", source).expect("a trace")
}

#[test]
fn a_file_in_the_printers_form_is_printed_byte_for_byte() {
    assert_eq!(parse(HEARTBEAT).to_string(), HEARTBEAT);
    assert_eq!(parse(UPGRADE).to_string(), UPGRADE);
}

#[test]
fn the_printed_forms() {
    let printed: Vec<_> = ALL.iter().map(|source| parse(source).to_string()).collect();
    insta::assert_snapshot!(printed.join("\n----------\n\n"));
}

#[test]
fn what_is_printed_reads_the_same() {
    for source in ALL {
        let trace = parse(source);
        let printed = trace.to_string();
        assert_eq!(parse(&printed), trace);
        assert_eq!(parse(&printed).to_string(), printed);
    }
}

#[test]
fn a_trace_may_come_from_any_editor() {
    let unix = parse(UPGRADE);
    assert_eq!(parse(&UPGRADE.replace('\n', "\r\n")), unix);
    assert_eq!(parse(&UPGRADE.replace('\n', "   \n")), unix);
    assert_eq!(parse(UPGRADE.trim_end()), unix);
}

#[test]
fn a_note_in_place_of_a_payload_is_a_note() {
    let trace = parse(&format!("{}\np S body should\np S body  \\x73hould\np S body shouldx\n", super::HEADER));
    let bodies = trace.steps().map(|step| match &step.action {
        Action::Server(_, Server::Body(content)) => content.pattern.to_string(),
        _ => String::new(),
    });
    assert_eq!(bodies.collect::<Vec<_>>(), ["", "should", "shouldx"]);
}

#[test]
fn the_notes_of_a_request_belong_to_it() {
    let trace = parse(MANY);
    let extents = trace.steps().filter_map(|step| match &step.action {
        Action::Client(_, Client::Request(request)) => Some(request.extent.clone()),
        _ => None,
    });
    let until = std::num::NonZeroU32::new(17).map(Extent::Until);
    assert_eq!(extents.collect::<Vec<_>>(), [Some(Extent::Whole), until].into_iter().flatten().collect::<Vec<_>>());
}

#[test]
fn comments_and_blank_lines_are_kept() {
    let trace = parse(&format!("{}\n\n  # one\n#two\n#\n\n", super::HEADER));
    let comments = trace.lines.iter().map(|line| match line {
        Line::Comment(comment) => comment.as_str(),
        Line::Blank => "-",
        Line::Step(_) | Line::Setup(_) => "step",
    });
    assert_eq!(comments.collect::<Vec<_>>(), ["-", "one", "two", "", "-"]);
}
