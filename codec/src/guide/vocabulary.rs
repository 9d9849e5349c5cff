//! Words that are not the protocol's, and words that look alike.
//!
//! Where the protocol or its JavaScript packages have a word, the crate uses it: sid, namespace, attachment, acknowledgement,
//! probe, noop, payload, packet. These are the others.
//!
//! # Forms of one message
//!
//! | word | what it is | when to use it |
//! |---|---|---|
//! | [`Frame`](crate::Frame) | one message of a WebSocket, text or bytes | it goes in and out of everything |
//! | [`engineio::Packet`](crate::engineio::Packet) | one packet of Engine.IO, read from a frame or a body | below the sessions |
//! | [`Parts`](crate::engineio::Parts) | the same on its way out: its head and its content, not yet in one piece | to write packets into buffers |
//! | [`Bodies`](crate::engineio::payload::Bodies) | packets on their way out, cut into polling bodies | in a client that has no session of the crate |
//! | [`Unsent`](crate::engineio::payload::Unsent) | a packet that fits none of them | |
//! | [`Base64`](crate::engineio::Base64) | a binary message that came as text, not decoded yet | with the borrowed packets |
//! | [`socketio::Packet`](crate::socketio::Packet) | one packet of Socket.IO, whose arguments are written already | what a [`Decoder`](crate::socketio::Decoder) hands out |
//! | [`Outgoing`](crate::socketio::Outgoing) | an event or acknowledgement on its way out, whose arguments are still values | to write one at once |
//! | [`Head`](crate::socketio::Head) | what stands in front of the JSON of a packet | for JSON that is there already |
//! | [`Encoded`](crate::engineio::Encoded) | a packet that is written, with its attachments; a handle, for any number of receivers | what sessions and connections send |
//!
//! # Forms of data
//!
//! | word | what it is |
//! |---|---|
//! | [`Args`](crate::socketio::Args) | the arguments of an event, as they came, with their attachments; read into types when asked |
//! | [`Value`](crate::socketio::Value) | one value of any shape, in memory; what `JSON.parse` gives, with binary values |
//! | [`Json`](crate::socketio::Json) | one value as text: `auth`, and the data of a refusal, which have no attachments |
//! | [`items`](crate::socketio::Args::items) | the text of arguments without the brackets around them |
//! | [`to_form`](crate::socketio::Args::to_form) | the same arguments as JSON, or as MessagePack |
//! | [`Args::handle`](crate::socketio::Args::handle) | a handle to an attachment: a `Bytes` that shares it. Nothing to do with [`Machine::handle`](crate::Machine::handle), which takes an input |
//!
//! # Machines and their surroundings
//!
//! | word | what it is |
//! |---|---|
//! | [`Session`](crate::engineio::Session) | Engine.IO: messages between two sides, over whatever transport |
//! | [`Connection`](crate::socketio::Connection), a [`Layer`](crate::socketio::Layer) | Socket.IO on a session: namespaces and events |
//! | [`Peer`](crate::socketio::Peer) | the two of them as one machine, on either side |
//! | [`Client`](crate::socketio::client::Client) | a connection, and one session after the other below it |
//! | [`Carrier`](crate::engineio::server::Carrier) | what a session starts on: a request or a WebSocket |
//! | [`Driver`](crate::engineio::server::Driver), [`Reply`](crate::engineio::server::Reply), [`Outlet`](crate::engineio::server::Outlet) | a machine and who waits for it: requests, a WebSocket |
//! | [`successor`](crate::engineio::client::ClientSession::successor) | the session after a lost one, which gives its requests other numbers |
//! | [`Dialect::Hybrid`](crate::socketio::Dialect) | a client of Socket.IO 2 on a server of Socket.IO 4, which treats it a little differently from a server of its time |
//! | [`Children`](crate::socketio::hub::Children) | namespaces that clients made by asking for them |
//! | [`Settled`](crate::socketio::hub::Event::Settled) | a broadcast got all the answers it will ever get |
//! | [`Forgotten`](crate::socketio::hub::Event::Forgotten) | a lost client did not come back in time |
//! | [`fetch`](crate::socketio::hub::Hub::fetch) | the members that a target selects: `fetchSockets` |
//!
//! # Saying no, and saying goodbye
//!
//! | word | what happens on the wire |
//! |---|---|
//! | [`HttpError`](crate::engineio::HttpError) | a request gets a status of 400, 403 or 413; no session hears of it |
//! | [`HttpError::Mismatch`](crate::engineio::HttpError) | a request names another transport or revision than its session has, or asks for a second WebSocket |
//! | [`ContentType::Words`](crate::engineio::ContentType) | a refused WebSocket gets plain words, not JSON |
//! | [`forbid`](crate::engineio::server::Handshake::forbid) | a client gets no session: status 403, or 400 for a WebSocket |
//! | [`refuse`](crate::socketio::Connection::refuse) | a client does not get into a namespace, and keeps its session: CONNECT_ERROR |
//! | [`disconnect`](crate::socketio::Connection::disconnect) | it has to leave one namespace: DISCONNECT |
//! | [`close`](crate::socketio::Connection::close) | it has to leave all, and the session ends. It does not come back by itself |
//! | [`shut_down`](crate::socketio::Connection::shut_down) | the session ends and nothing else is said, so the client comes back: for the end of a server |
