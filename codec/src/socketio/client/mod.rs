//! The client's side of a connection.
//!
//! | machine | stands on | does |
//! |---|---|---|
//! | [`Connection`] | the events of a session | namespaces, events, acknowledgements, retries, recovery |
//! | [`Peer`](super::Peer)`<ClientSession, Connection>` | requests and WebSockets | the same, as one machine, for one session |
//! | [`Client`] | requests and WebSockets | the same, for one session after the other: it connects again |
//!
//! # One namespace's life
//!
//! ```text
//!                      connect
//!                         │
//!                         ▼      session opens        answer
//!  session lost ┌────▶ Wanted ─────────────▶ Asked ──────────▶ Connected
//!               │         ▲   (fresh auth)     │                │    │
//!               ├─────────┼────────────────────┼────────────────┘    │
//!               │         │ connect            │ refused             │ DISCONNECT
//!               │         └──── Inactive ◀─────┴─────────────────────┘
//!               │
//!         emitted events wait in every state but Connected; `disconnect` ends all of it
//! ```
//!
//! Without a namespace that is wanted there is no session: a [`Connection`] closes it when the last one is left, refused,
//! or ended by the server.
//!
//! # One client's life
//!
//! ```text
//!            a namespace is wanted            open packet
//!   Idle ──────────────────────────▶ Opening ─────────────▶ Open
//!    ▲                                │  ▲                   │
//!    │ none is wanted any more        │  │ delay is over     │
//!    ├────────────────────────────────┼──┼───────────────────┤
//!    │                           lost │  │                   │ lost
//!    │                                ▼  │                   │
//!    ├───────────────────────────── Waiting ◀────────────────┘
//!    │                                │
//!    │                                │ enough attempts, or none are to be made
//!    │                                ▼
//!    └───────────────────────────── Stopped ── open ──▶ Opening
//! ```
//!
//! # Timers
//!
//! | timer | armed | default | on expiry |
//! |---|---|---|---|
//! | acknowledgement | [`Connection::emit_with_ack`]; with [`Config::retries`] each try of any event | none; with retries [`Retries::timeout`] | [`Event::AckTimedOut`], or the next try |
//! | session | the session is being opened: [`connect_timeout`](crate::engineio::client::Config::connect_timeout) | 20 s | [`Event::Closed`], and the next attempt |
//! | attempt | a session was lost, or could not be opened | [`Reconnection::delay`] | a new session |
//!
//! The delay of an attempt has a random part. It follows from the number that [`Client::new`] is given and from how many
//! delays there were before, so the same inputs have the same outcome.
//!
//! # Faults
//!
//! | what the server does | what the client does |
//! |---|---|
//! | sends something undecodable | the session closes: `InvalidPacket`, a "parse error" |
//! | sends more before its answer to a CONNECT than [`Limits::max_buffered_bytes`](crate::Limits::max_buffered_bytes) | the session closes: `Violation(TooEarly)` |
//! | takes less than is sent to it | what the session has no room for waits: [`EmitError::BufferFull`](super::EmitError::BufferFull), [`Event::Writable`] |
//! | asks more than it takes answers | it is not listened to until it takes some |
//! | takes only smaller messages than the one that is sent | the session closes: `Violation(Unsendable(TooLarge))` |
//! | answers a CONNECT without an id, or with a DISCONNECT | [`Event::Refused`] |
//! | answers a CONNECT twice, or refuses a namespace that the client is in | ignored |
//! | sends packets for a namespace that is not joined | ignored |
//! | acknowledges what is not waited for | ignored |
//!
//! # What is followed by another attempt
//!
//! | [`Event::Closed`] with | [word](super::DisconnectReason::as_client_str) | connects again |
//! |---|---|---|
//! | `Engine(TransportClose)`, `Engine(TransportError)`, `Engine(PingTimeout)`, `Engine(ConnectTimeout)` | the session's | yes |
//! | `Engine(ParseError)`, `InvalidPacket` | `parse error` | yes, unless it comes back |
//! | `Violation`, `Engine(TransportError(PayloadTooLarge))`, `Engine(TransportError(NotOpen))` | `transport error` | yes, unless it comes back |
//! | `Engine(ForcedClose)`: no namespace is wanted any more | `forced close` | no |
//!
//! A lost connection may be better the next time. What a server sends with every connection is as wrong the next time: if
//! three sessions in a row end for the same fault, each within a minute of its opening, no other attempt is made.
//! [`Event::ReconnectFailed`] says so, after the [`Event::Closed`] with the fault, and [`Client::open`] tries again. The
//! reference tries for ever.
//!
//! | [`Event::Disconnected`] with | word | asks again |
//! |---|---|---|
//! | any of the former | as above | with the next session |
//! | `ServerNamespace` | `io server disconnect` | no |
//! | `ClientNamespace` | `io client disconnect` | no |
//!
//! # Where it departs from the reference
//!
//! - What waits is bounded, as is what a session has yet to send: [`EmitError::BufferFull`](super::EmitError::BufferFull).
//! - A volatile event before the CONNECT's answer is dropped; the reference keeps it if the transport is writable.
//! - The offset for a recovery is taken from events that a server keeps, not from those that want an acknowledgement, and
//!   it is forgotten when the server did not recover.
//! - An event that was received in one session is not acknowledged in another.
//! - After [`Connection::disconnect`] nothing waits for the namespace any more.
//!
//! # A whole life
//!
//! ```
//! use sio_codec::engineio::{CloseReason, Sid};
//! use sio_codec::engineio::client::{self as sessions, Input, Transmit, Transports};
//! use sio_codec::socketio::client::{Auth, Client, Config, Event, State};
//! use sio_codec::socketio::{Args, DisconnectReason, Json, Namespace};
//! use sio_codec::{Frame, Machine, Output, Timestamp};
//!
//! let now = Timestamp::ZERO;
//! let sessions = sessions::Config::default().with_transports(Transports::WebSocketOnly);
//! let mut client = Client::new(sessions, Config::default(), 7);
//! assert_eq!((client.state(), client.poll_output()), (State::Idle, None));
//!
//! // A namespace is wanted, and with it a session. What is emitted waits.
//! let root = Namespace::root();
//! client.socketio(now).connect(&root, Auth::Fixed(Json::new(r#"{"token":"123"}"#.into())?))?;
//! client.socketio(now).emit(&root, "hello", (1,))?;
//! let Some(Output::Transmit(Transmit::WsConnect { ws, query })) = client.poll_output() else { unreachable!() };
//! assert_eq!(query, "EIO=4&transport=websocket");
//!
//! // The session opens; the server lets the client in.
//! client.handle(now, Input::WsOpened { ws });
//! let open = r#"0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
//! client.handle(now, Input::WsFrame { ws, frame: Frame::from(open) });
//! assert_eq!(client.poll_output(), Some(Output::Event(Event::Opened)));
//! let sends = |text: &'static str| Some(Output::Transmit(Transmit::WsSend { ws, frame: Frame::from(text) }));
//! assert_eq!(client.poll_output(), sends(r#"40{"token":"123"}"#));
//! client.handle(now, Input::WsFrame { ws, frame: Frame::from(r#"40{"sid":"y"}"#) });
//! let connected = Event::Connected { namespace: root.clone(), sid: Sid::from_wire("y"), recovered: false };
//! assert_eq!(client.poll_output(), Some(Output::Event(connected)));
//! assert_eq!(client.poll_output(), sends(r#"42["hello",1]"#));
//!
//! // An event that the server acknowledges, and one that the client acknowledges.
//! let id = client.socketio(now).emit_with_ack(now, &root, "add", (1, 2), None)?;
//! assert_eq!(client.poll_output(), sends(r#"420["add",1,2]"#));
//! client.handle(now, Input::WsFrame { ws, frame: Frame::from("430[3]") });
//! let acked = Event::Acked { namespace: root.clone(), id, args: Args::encode(&(3,))? };
//! assert_eq!(client.poll_output(), Some(Output::Event(acked)));
//! client.handle(now, Input::WsFrame { ws, frame: Frame::from(r#"425["there?"]"#) });
//! let Some(Output::Event(Event::Received { name, reply, .. })) = client.poll_output() else { unreachable!() };
//! assert_eq!(name.as_str(), "there?");
//! client.socketio(now).acknowledge(reply.unwrap(), ("yes",))?;
//! assert_eq!(client.poll_output(), sends(r#"435["yes"]"#));
//!
//! // The WebSocket breaks. The client waits for a while, and connects again.
//! client.handle(now, Input::WsClosed { ws });
//! let reason = DisconnectReason::Engine(CloseReason::TransportClose);
//! let lost = Event::Disconnected { namespace: root.clone(), reason };
//! assert_eq!(client.poll_output(), Some(Output::Event(lost)));
//! assert_eq!(client.poll_output(), Some(Output::Event(Event::Closed(reason))));
//! let Some(Output::Event(Event::Reconnecting { attempt: 1, delay })) = client.poll_output() else { unreachable!() };
//! assert!((500..=1500).contains(&delay.as_millis()));
//! let due = now.saturating_add(delay);
//! assert_eq!((client.next_deadline(), client.state()), (Some(due), State::Waiting { until: due }));
//! client.handle_timeout(due);
//! let Some(Output::Transmit(Transmit::WsConnect { ws, .. })) = client.poll_output() else { unreachable!() };
//! client.handle(due, Input::WsOpened { ws });
//! client.handle(due, Input::WsFrame { ws, frame: Frame::from(open) });
//! assert_eq!(client.poll_output(), Some(Output::Event(Event::Opened)));
//! assert_eq!(client.poll_output(), Some(Output::Event(Event::Reconnected { attempts: 1 })));
//! let sends = |text: &'static str| Some(Output::Transmit(Transmit::WsSend { ws, frame: Frame::from(text) }));
//! assert_eq!(client.poll_output(), sends(r#"40{"token":"123"}"#));
//!
//! // It leaves, and nothing is left to do.
//! client.socketio(due).close();
//! assert_eq!(client.poll_output(), Some(Output::Transmit(Transmit::WsClose { ws })));
//! let reason = DisconnectReason::Engine(CloseReason::ForcedClose);
//! assert_eq!(client.poll_output(), Some(Output::Event(Event::Closed(reason))));
//! assert_eq!((client.poll_output(), client.next_deadline(), client.state()), (None, None, State::Idle));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod buffer;
mod config;
mod connection;
mod delivery;
mod event;
mod machine;
mod membership;
mod reconnection;

pub use config::{Config, Retries};
pub use connection::Connection;
pub use event::{Auth, EmitId, Event, Refusal};
pub use machine::{Client, State};
pub use reconnection::Reconnection;

#[cfg(test)]
mod tests;
