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
//! | what | why | where |
//! |---|---|---|
//! | TLS | everything else can be read and changed on the way | in front: a proxy, or the program's own listener |
//! | ids that cannot be guessed | who knows a sid of Engine.IO speaks for its client | [`Sid::from_entropy`](crate::engineio::Sid::from_entropy) with bytes of the system's random numbers |
//! | who may come in | a namespace is joined when the program says so | check `auth` of [`ConnectRequested`](crate::socketio::Event::ConnectRequested), then [`accept`](crate::socketio::Connection::accept) or [`refuse`](crate::socketio::Connection::refuse). Check it once more where it matters: a token expires while a connection lasts |
//! | origins | a browser sends a user's cookies from any page | compare `Origin` of requests, those of WebSockets above all, before the router is asked; [`forbid`](crate::engineio::server::Handshake::forbid) refuses. CORS alone does not hold back WebSockets |
//! | sids and cookies | a cookie for a balancer must not name a user | find sessions by the `sid` of the query, never by a cookie |
//! | how many | the limits are for one session | count connections and handshakes for each address, and members for each user |
//! | how often | a session is read as fast as it is answered | count events for each session and time; tell the client with an acknowledgement or an event, and only then [`close`](crate::socketio::Connection::close) |
//! | what users typed | it is data for the server, and would be markup for the browser of another user | escape it where it is shown: `textContent`, never `innerHTML` |
//! | what an event carries | its name and arguments are the client's choice | read them into types with [`Args::decode`](crate::socketio::Args::decode), and refuse what does not fit |
//! | slow requests | a head or body that arrives byte by byte holds a connection | time limits of the HTTP server |
//! | JSONP | a page of any origin can ask for answers as scripts, with the user's cookies and without `Origin` | if nobody needs it, refuse requests whose query has `j`, before the router is asked |
//! | logs | `auth`, sids and queries hold secrets | leave them out |
//!
//! Each row is in the [router's](crate::engineio::server::Router#what-is-left-to-the-program) and the
//! [server's](crate::engineio::server#what-is-left-to-the-program) tables in more detail, with what the reference does.
