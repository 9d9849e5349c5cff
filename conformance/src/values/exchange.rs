//! What is sent, and what comes back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::family::Way;
use super::value::Value;
use crate::trace::{Comparison, Requirement};

/// The default limit of the reference on attachments in one packet.
pub(super) const MAX_ATTACHMENTS: usize = 10;

/// One message, and the contract application's answer to it.
#[derive(Clone, Debug, PartialEq)]
pub enum Exchange {
    /// The event `message` with these arguments, which come back in `message-back`.
    Event(Vec<Value>),
    /// The event `message-with-ack` with these arguments, which come back in its acknowledgement.
    Acknowledged(Vec<Value>),
    /// A text message to the Engine.IO application, which comes back.
    Text(String),
    /// A binary message to the Engine.IO application, which comes back.
    Binary(Vec<u8>),
}

/// A packet of Engine.IO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Packet {
    /// The content of a text frame, and how it is compared.
    Text(String, Comparison),
    Binary(Vec<u8>),
}

impl Packet {
    /// Its form in a polling payload.
    pub(super) fn to_payload(&self) -> (String, Comparison) {
        match self {
            Self::Text(text, comparison) => (text.clone(), *comparison),
            Self::Binary(bytes) => (format!("b{}", STANDARD.encode(bytes)), Comparison::Json),
        }
    }

    /// Its length in bytes on a WebSocket.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(text, _) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }
}

/// The packets to the server, and those that must come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Packets {
    pub(super) sent: Vec<Packet>,
    pub(super) returned: Vec<Packet>,
}

impl Exchange {
    /// The packets of the exchange. `id` is that of the acknowledgement, if there is one.
    pub(super) fn packets(&self, id: usize) -> Packets {
        let same = |packet: Packet| Packets { sent: vec![packet.clone()], returned: vec![packet] };
        match self {
            Self::Event(arguments) => {
                let carried = Carried::new(arguments);
                let event = |name| carried.packets(EVENT, "", name);
                Packets { sent: event("\"message\""), returned: event("\"message-back\"") }
            }
            Self::Acknowledged(arguments) => {
                let (carried, id) = (Carried::new(arguments), id.to_string());
                let sent = carried.packets(EVENT, &id, "\"message-with-ack\"");
                Packets { sent, returned: carried.packets(ACK, &id, "") }
            }
            Self::Text(text) => same(Packet::Text(format!("4{text}"), Comparison::Exact)),
            Self::Binary(bytes) => same(Packet::Binary(bytes.clone())),
        }
    }

    /// The requirement that this exchange tests, if it differs from that of its case.
    pub(super) fn rule(&self, way: Way) -> Option<Requirement> {
        let id = match self {
            Self::Event(arguments) | Self::Acknowledged(arguments) => {
                let any = |is_it: &dyn Fn(&Value) -> bool| arguments.iter().any(|argument| argument.any(&is_it));
                if any(&|value| matches!(value, Value::Bytes(bytes) if bytes.is_empty())) {
                    "SIO5-ATT-18"
                } else if any(&Value::is_delicate) {
                    "SIO5-PKT-21"
                } else {
                    return None;
                }
            }
            Self::Text(text) if text.contains(char::is_control) => "EIO4-PKT-11",
            Self::Binary(bytes) if bytes.is_empty() => match way {
                Way::Polling => "EIO4-PKT-14",
                Way::Websocket | Way::Upgraded => "EIO4-WS-05",
            },
            Self::Text(_) | Self::Binary(_) => return None,
        };
        Requirement::new(id)
    }
}

/// A type of Socket.IO packet: its digit without attachments, and with them.
type Type = [char; 2];

const EVENT: Type = ['2', '5'];
const ACK: Type = ['3', '6'];

/// Arguments in encoded form.
struct Carried<'a> {
    /// Their JSON, separated by commas.
    json: String,
    attachments: Vec<&'a [u8]>,
}

impl<'a> Carried<'a> {
    fn new(arguments: &'a [Value]) -> Self {
        let mut carried = Self { json: String::new(), attachments: Vec::new() };
        for (index, argument) in arguments.iter().enumerate() {
            if index > 0 {
                carried.json.push(',');
            }
            argument.write(&mut carried.json, &mut carried.attachments);
        }
        carried
    }

    /// The packets of an event or acknowledgement in the main namespace; `name` is JSON, or empty.
    fn packets(&self, [plain, binary]: Type, id: &str, name: &str) -> Vec<Packet> {
        let Self { json, attachments } = self;
        let head = match attachments.len() {
            0 => format!("4{plain}"),
            count => format!("4{binary}{count}-"),
        };
        let comma = if name.is_empty() || json.is_empty() { "" } else { "," };
        let text = Packet::Text(format!("{head}{id}[{name}{comma}{json}]"), Comparison::Json);
        std::iter::once(text).chain(attachments.iter().map(|bytes| Packet::Binary(bytes.to_vec()))).collect()
    }
}
