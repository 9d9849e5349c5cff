//! The codec in place of the parser of another library.
//!
//! A program that has sessions and namespaces already needs no machines: only the packets. They do no I/O and keep no state
//! beyond the attachments of one packet, so they fit behind an interface of any shape.
//!
//! | your interface | what fits |
//! |---|---|
//! | keeps the payload as text until a handler asks for a type | [`PacketRef::payload`](crate::socketio::PacketRef::payload), [`ArgsRef::from_json`](crate::socketio::ArgsRef::from_json), [`split_name`](crate::socketio::ArgsRef::split_name) |
//! | writes a head in front of a payload that is text | [`Head`](crate::socketio::Head) |
//! | hands out whole packets | [`Decoder`](crate::socketio::Decoder), which waits for attachments |
//! | hands out JSON values of any shape | [`Args::values`](crate::socketio::Args::values); without binary values also any type that holds JSON, as `Vec<serde_json::Value>` |
//! | has its own type for text that shares a buffer | [`Text::into_bytes`](crate::Text::into_bytes), and `Text::try_from(bytes)` |
//! | wants to know what is wrong in one word | `name` of the [kinds of errors](crate#faults) |
//!
//! # socketioxide
//!
//! Its parsers implement a trait, `socketioxide_core::parser::Parse`. Decoding reads the head, and the payload stays text that
//! shares the message:
//!
//! ```ignore
//! fn decode_str(self, config: &ParseConfig, state: &ParserState, text: Str) -> Result<Packet, ParseError> {
//!     let mut waiting = state.partial_bin_packet.lock().unwrap_or_else(PoisonError::into_inner);
//!     if waiting.is_some() {
//!         return Err(ParseError::UnexpectedStringPacket);
//!     }
//!     let limits = Limits::default().with_max_attachments(config.max_incoming_binaries);
//!     let refused = |error| fault(error, &limits);
//!     let packet = PacketRef::parse(&text, Protocol::V5, &limits).map_err(refused)?;
//!     packet.validate(&limits).map_err(refused)?;
//!     let attachments = packet.attachments();
//!     let decoded = Packet { ns: Str::copy_from_slice(packet.namespace()), inner: data(&packet, &text)? };
//!     if attachments == 0 {
//!         return Ok(decoded);
//!     }
//!     state.incoming_binary_cnt.store(attachments, Ordering::Release);
//!     *waiting = Some(PartialBinPacket::new(decoded));
//!     Err(ParseError::NeedsMoreBinaryData)
//! }
//! ```
//!
//! A handler's type is read from that text and the attachments:
//!
//! ```ignore
//!     let Value::Str(array, attachments) = value else { return Err(ParserError::new(NotText)) };
//!     let attachments = attachments.as_mut().map_or(&[][..], |attachments| attachments.make_contiguous());
//!     let mut args = ArgsRef::from_json(array, attachments.len()).map_err(ParserError::new)?;
//!     if with_event {
//!         (_, args) = args.split_name().map_err(ParserError::new)?;
//!     }
//!     if is_de_tuple::<T>() {
//!         args.decode(attachments).map_err(ParserError::new)
//!     } else {
//!         args.decode::<(T,)>(attachments).map(|(first,)| first).map_err(ParserError::new)
//!     }
//! ```
//!
//! The whole is [`socketioxide_parser.rs`], 200 lines, and its tests compare packets and values with those of socketioxide's own
//! parser. What differs: malformed JSON, reserved names and events without payload are refused when they arrive, and an
//! id that is no number of JavaScript's is. socketioxide takes its own two parsers only, so a program puts this one
//! into the crate `socketioxide-parser-common`, in place of `CommonParser`, with a `[patch]` of Cargo.
//!
//! # rust_socketio
//!
//! Its packets of Socket.IO are not public; what goes in and comes out are `Event` and `Payload`, and below them the
//! packets of `rust_engineio`. What its callbacks get:
//!
//! ```ignore
//! fn payloads(args: &Args) -> Result<Vec<Payload>, Box<dyn Error>> {
//!     let (mut text, mut payloads) = (Vec::new(), Vec::new());
//!     for value in args.values()? {
//!         match value {
//!             Value::Binary(bytes) => payloads.push(Payload::Binary(bytes)),
//!             value => text.push(serde_json::to_value(value)?),
//!         }
//!     }
//!     if !text.is_empty() || payloads.is_empty() {
//!         payloads.insert(0, Payload::Text(text));
//!     }
//!     Ok(payloads)
//! }
//! ```
//!
//! And what its `emit` takes, written as messages that a session sends:
//!
//! ```ignore
//! fn emit(namespace: &Namespace, event: &Event, payload: Payload) -> Result<Encoded, ArgsError> {
//!     let outgoing = Outgoing::event(namespace, event.as_str());
//!     match payload {
//!         Payload::Binary(bytes) => {
//!             let handles = [bytes.clone()];
//!             outgoing.sharing(&handles).encode(&(Binary(bytes),))
//!         }
//!         Payload::Text(values) => outgoing.encode(&values),
//!         #[expect(deprecated, reason = "they still have it")]
//!         Payload::String(text) => outgoing.encode(&(text,)),
//!     }
//! }
//! ```
//!
//! The whole is [`rust_socketio_packets.rs`].
//!
//! [`socketioxide_parser.rs`]: https://github.com/siospec/siospec/blob/main/benches/examples/socketioxide_parser.rs
//! [`rust_socketio_packets.rs`]: https://github.com/siospec/siospec/blob/main/benches/examples/rust_socketio_packets.rs
