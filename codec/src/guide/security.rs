//! What a server on the internet needs.
//!
//! # What the crate does
//!
//! A client can make it neither panic, nor hold more memory than [`Limits`](crate::Limits) says, nor take more time than in
//! proportion to what it sends. A session that says nothing, or reads nothing, ends by its heartbeat. What does not decode, and what
//! is forbidden, ends the session; nothing is guessed.
//!
//! # What is left to the program
//!
//! The example [`chat`](https://github.com/siospec/siospec/tree/main/codec/examples/chat) does what a program can, in the files
//! that the last column names, and says what it leaves to a proxy in front.
//!
//! | what | why | where | in the chat |
//! |---|---|---|---|
//! | TLS | everything else can be read and changed on the way | in front: a proxy, or the program's own listener | [`main.rs`]: not in the program, and what the proxy adds |
//! | ids that cannot be guessed | who knows a sid of Engine.IO speaks for its client | [`Sid::from_entropy`](crate::engineio::Sid::from_entropy) with bytes of the system's random numbers | [`sid.rs`] |
//! | who may come in | a namespace is joined when the program says so | check `auth` of [`ConnectRequested`](crate::socketio::Event::ConnectRequested), then [`accept`](crate::socketio::Connection::accept) or [`refuse`](crate::socketio::Connection::refuse). Check it once more where it matters: a token expires while a connection lasts | [`access.rs`] makes tokens, [`visitor.rs`] asks for one |
//! | who may join a room | with a client's own words for a name, it can be any room: also the one that each client is alone in, by its public id | take names from a list, or put something in front of them: [many sessions](super::many_sessions#members-and-their-sessions) | [`words.rs`] |
//! | origins | a browser sends a user's cookies from any page | compare `Origin` of requests, those of WebSockets above all, before the router is asked; [`forbid`](crate::engineio::server::Handshake::forbid) refuses. CORS alone does not hold back WebSockets | [`door.rs`] |
//! | sids and cookies | a cookie for a balancer must not name a user | find sessions by the `sid` of the query, never by a cookie | it has none: [`main.rs`] |
//! | how many | the limits are for one session | count connections and handshakes for each address, and members for each user | [`visitor.rs`]: sessions; [`chat.rs`]: tabs of a user, rooms |
//! | how often | a session is read as fast as it is answered | count events for each session and time; tell the client with an acknowledgement or an event, and only then [`close`](crate::socketio::Connection::close) | [`pace.rs`]; the answer says when to try again |
//! | what users typed | it is data for the server, and would be markup for the browser of another user | escape it where it is shown: `textContent`, never `innerHTML` | [`words.rs`] cleans and bounds it, [`chat.js`] shows it as text, [`pages.rs`] allows no other script |
//! | what an event carries | its name and arguments are the client's choice | read them into types with [`Args::decode`](crate::socketio::Args::decode), and refuse what does not fit | [`wire.rs`] has the types |
//! | slow requests | a head or body that arrives byte by byte holds a connection | time limits of the HTTP server | left to the proxy: [`main.rs`] |
//! | JSONP | a page of any origin can ask for answers as scripts, with the user's cookies and without `Origin` | if nobody needs it, refuse requests whose query has `j`, before the router is asked | [`door.rs`] |
//! | logs | `auth`, sids and queries hold secrets | leave them out | it writes none |
//!
//! Each row is in the [router's](crate::engineio::server::Router#what-is-left-to-the-program) and the
//! [server's](crate::engineio::server#what-is-left-to-the-program) tables in more detail, with what the reference does.
//!
//! [`access.rs`]: https://github.com/siospec/siospec/blob/main/codec/examples/chat/access.rs
//! [`chat.js`]: https://github.com/siospec/siospec/blob/main/codec/examples/chat/page/chat.js
//! [`chat.rs`]: https://github.com/siospec/siospec/blob/main/codec/examples/chat/chat.rs
//! [`door.rs`]: https://github.com/siospec/siospec/blob/main/codec/examples/chat/door.rs
//! [`main.rs`]: https://github.com/siospec/siospec/blob/main/codec/examples/chat/main.rs
//! [`pace.rs`]: https://github.com/siospec/siospec/blob/main/codec/examples/chat/pace.rs
//! [`pages.rs`]: https://github.com/siospec/siospec/blob/main/codec/examples/chat/pages.rs
//! [`sid.rs`]: https://github.com/siospec/siospec/blob/main/codec/examples/application/sid.rs
//! [`visitor.rs`]: https://github.com/siospec/siospec/blob/main/codec/examples/chat/visitor.rs
//! [`wire.rs`]: https://github.com/siospec/siospec/blob/main/codec/examples/chat/wire.rs
//! [`words.rs`]: https://github.com/siospec/siospec/blob/main/codec/examples/chat/words.rs
