//! Traces: conversations between a client and a server, in files that people read and programs play.
//!
//! A trace is a header, a blank line, and the conversation line by line:
//!
//! ```text
//! title     Every poll that arrives while an upgrade is probed is answered with noop
//! covers    EIO4-UP-04 EIO4-UP-06
//! level     must
//! needs     polling websocket upgrade
//! seen      socketioxide#479
//! recorded  socket.io 4.8.4
//!
//! hs C get     EIO=4&transport=polling
//! hs S 200     text/plain; charset=UTF-8
//! hs S packet  0{"sid":$sid,"upgrades":["websocket"],"pingInterval":$interval,"pingTimeout":$timeout,"maxPayload":$max}
//! ws C open    EIO=4&transport=websocket&sid=$sid
//! p1 C get     EIO=4&transport=polling&sid=$sid
//! ws C text    2probe
//! ws S text    3probe
//! p1 S 200
//! p1 S packet  6  @ ..1000ms
//! ws C text    5
//!
//! # the session lives on, and no poll is accepted any more
//! p2 C get     EIO=4&transport=polling&sid=$sid
//! p2 S 400     application/json
//! p2 S body    {"code":3,"message":"Bad request"}  should  # other servers choose other words
//!    S alive
//! ```
//!
//! # Grammar
//!
//! ```text
//! file     = header-line* [blank-line body-line*]
//! header   = "title" sentence | "covers" requirement+ | "level" ("must" | "should" | "reference" | "security")
//!          | "needs" need+ | "seen" word+ | "since" sentence | "recorded" sentence | "note" sentence
//! need     = "polling" | "websocket" | "upgrade" | "echo" | "contract" | "extended" | "maxPayload" | "eio3"
//!          | "no-eio3" | "jsonp" | "cors" | "recovery" | "no-recovery" | "msgpack" | "operation" name
//!          | "payload" N | "patience" N ("ms" | "s") | "timing" | "raw" | "client"
//! body     = "" | "#" comment | setup | [channel] side verb [payload] ("  " note)*
//! setup    = channel "C" "session" ("polling" | "websocket") namespace* ["  eio3"] ["  as" name] ["  on" N]
//!            ["  #" comment]
//! side     = "C" | "S"
//!
//! C verbs  = ("get" | "post" | "put" | "delete" | "patch" | "options" | "head") query
//!          | "header" name: pattern | "packet" pattern | "body" pattern | "bytes" hex | "part" pattern | "abort"
//!          | "open" query | "text" pattern | "binary" hex | "frame" HH hex | "close" [code] | "raw" pattern
//!          | "wait" expr | "call" pattern | "event" pattern                       (without a channel)
//! S verbs  = status ["|" status]* [content-type] | "header" name: pattern | "script" pattern | "packet" pattern
//!          | "body" pattern | "end" | "over" | "text" pattern | "binary" hex | "pong" hex | "closed" [code ["|" code]*]
//!          | "refused" status ["|" status]* [content-type]
//!          | "quiet" expr                                                        (with or without a channel)
//!          | "gone" pattern | "alive"                                            (without a channel)
//!
//! pattern  = (text | escape | hole)*
//! escape   = \\ | \n | \r | \t | \$ | \xHH (to 7f) | \u{H..}
//! hole     = $name | $name:int | $_ | ${name} | ${name:int}
//!
//! note     = "@" window | "repeat" N | "fill" expr | "length" expr | "until" N "packets"
//!          | "cut" N | "more" | "longer" | "exact" | "on" N | "setup" | "should" | "lenient" | "for" requirement | "#" comment
//! window   = (expr ["-" N "%"] ["+" N "%"] | [expr] ".." [expr]) ["after" channel]
//! expr     = ["-"] term (("+" | "-") term)*
//! term     = N ["ms" | "s"] | [N "*"] $name
//! ```
//!
//! In a `raw` line, `{host}` and `{path}` are replaced by the server's authority and by the path of the protocol, and the
//! values of holes are percent-encoded, because they stand in the query.
//!
//! A payload ends before two spaces or at the end of the line. Spaces at its ends, and spaces in a row, are written
//! `\x20`. A text that can be read as a note is a note, even where a payload could be: `S body  should` is an empty
//! body. As a payload, its first character is written as an escape: `S body  \x73hould`.
//!
//! The keys of the header may be in any order; `title`, `covers` and `level` are required, and only `note` may be
//! repeated. The printer writes them, and the notes, in the order of the grammar above.
//!
//! # Engine.IO 3 and JSONP
//!
//! The query of a request says how its packets and those of its answer are joined: `EIO=3` before each its length, and
//! with `j=` in a form and a script. In revision 3, the content type `application/octet-stream` selects the binary form
//! of a payload. There, `binary` is a packet with its type as the first byte, and `packet` is one of text:
//!
//! ```text
//! p C post     EIO=3&transport=polling&sid=$sid
//! p C header   Content-Type: application/octet-stream
//! p C packet   4text
//! p C binary   04010203
//! ```
//!
//! In revision 3 the client pings. The replay does that at each interval, unless the trace has pings of its own or is
//! about the time after which a silent client is given up. Packets that come with the open packet are read by the next
//! poll.
//!
//! # MessagePack
//!
//! A server with socket.io-msgpack-parser takes each packet of Socket.IO as one binary message. Traces show the packets
//! as text in that case too, and attachments after them; both are translated. A trace that `needs msgpack` is about that
//! form: its `frame` lines, and its packets in base64, are sent as they are written. A text message of such a server that
//! should be a packet is shown behind the words `not MessagePack:`, so that no line expects it.
//!
//! # Clusters
//!
//! A trace can be about several servers that reach each other's clients. The note `on 2` on a line that makes a connection, or on
//! a setup, places that connection on the second server; without it, the first is meant. The clients have their servers do
//! something with all clients by the event `cluster`, and the trace `needs` each such `operation`:
//!
//! ```text
//! a C session  websocket /  as a
//! b C session  websocket /  as b  on 2
//! a C text     420["cluster",{"op":"emit","to":["$idb"],"event":"news","args":[1]}]
//! b S text     42["news",1]
//! a S text     430[null,true]  setup
//! ```
//!
//! A message between two servers takes a while. That nothing arrives is shown by a message behind it: what one server says to
//! the same rooms reaches another one in order, with every adapter.
//!
//! # Cases that test clients
//!
//! A trace that `needs client` tests a client: its S lines are played, and its C lines are checked. `C call` is a call of
//! the client's application, and `C event` is what the application receives, both in the words of
//! [the driver protocol](crate::party::driver). A window of a C line says when the client must act. In such a trace,
//! `S end` breaks the connection of a request, `S closed` closes the WebSocket, or refuses it if it is not open yet, and
//! `S quiet` means that the client starts nothing new; a GET of an open session is not new. Events of different kinds on
//! neighbouring lines, such as `connect` and `message`, may come in any order.
//!
//! With `needs eio3`, the client speaks Engine.IO 3, and Socket.IO 4. Then the content type of an answer selects the form of
//! its payload, and `C header Content-Type: ...` after a POST says which one the client must send.
//!
//! # The weight of a line
//!
//! A line tests the first requirement that its trace covers, and has the weight of the header's `level`. With `for
//! REQUIREMENT` it tests another one, and has the weight of that in the catalogue. If a line that weighs less than the
//! trace differs, this is noted, and the conversation goes on; the same is true for `should`.
//!
//! Lines that only lead up to the subject of a trace are written as a setup, or marked `setup`: [`Setup`] says which
//! lines it stands for and how they are compared.
//!
//! # Reading and writing
//!
//! ```
//! use siospec::trace::{Action, Client, Trace};
//!
//! let source = "\
//! title     The server pings a WebSocket session once per pingInterval
//! covers    EIO4-HB-01
//! level     must
//! needs     websocket
//!
//! ws C open    EIO=4&transport=websocket
//! ws S text    0{\"sid\":$sid,\"upgrades\":[],\"pingInterval\":$interval,\"pingTimeout\":$_,\"maxPayload\":$_}
//! ws S text    2  @ $interval -10% +25%
//! ws C text    3
//! ";
//! let trace = Trace::parse("heartbeat.trace", source)?;
//! assert_eq!(trace.steps().count(), 4);
//! assert_eq!(trace.steps().nth(3).map(ToString::to_string).as_deref(), Some("ws C text 3"));
//! assert_eq!(trace.to_string(), source);
//!
//! let error = Trace::parse("heartbeat.trace", &source.replace("ws C text", "ws X text")).unwrap_err();
//! assert_eq!(error.to_string(), "heartbeat.trace:9:4: expected a side, C or S, found \"X\"");
//! # Ok::<(), siospec::trace::ParseError>(())
//! ```
//!
//! | file | what it holds |
//! |---|---|
//! | `mod.rs` | the language |
//! | `document.rs` | [`Trace`] |
//! | `header.rs`, `step.rs`, `setup.rs`, `expr.rs`, `pattern/`, `names.rs`, `node.rs` | the parts of a trace |
//! | `bindings.rs` | [`Bindings`], the values of its holes |
//! | `parse/` | reads a trace from text |
//! | `print.rs` | writes a trace as text |
//! | `generalise.rs` | turns recorded payloads into patterns |

mod bindings;
mod document;
mod expr;
mod generalise;
mod header;
mod names;
mod node;
mod parse;
mod pattern;
mod print;
mod setup;
mod step;

#[cfg(test)]
mod tests;

pub use self::bindings::{Bindings, UnboundHole};
pub use self::document::{Line, Trace};
pub use self::expr::{Bounds, Expr, Sign, Span, Term, Unit, Window};
pub use self::generalise::{Generalised, generalise};
pub use self::header::{Header, Level, Need, Revision, Transport};
pub use self::names::{Channel, Comment, FieldName, HoleName, MediaType, Requirement, Sentence, Suffix, Word};
pub use self::node::{Node, Operation};
pub use self::parse::ParseError;
pub(crate) use self::pattern::encoded;
pub use self::pattern::{Comparison, Hole, Kind, Mismatch, Pattern, Piece, Place};
pub use self::setup::Setup;
pub use self::step::{
    Action, Answer, Client, Content, Data, Extent, Field, Frame, MAX_FILL, Method, Notes, Request, Server, Session,
    Side, Statuses, Step, Weight,
};
