//! What a packet says.

use serde_json::{Map, Value};
use sio_codec::engineio::Open;
use sio_codec::socketio::{Args, Json, Packet, PacketKind, Parser};
use sio_codec::{Frame, Text};

use super::page::{Fault, Page};
use super::words;
use crate::replay::{plural, visible};

/// An open packet, with all its keys.
///
/// # Errors
///
/// [`Fault`] if a client cannot use it.
//= EIO4-HS-16
pub(super) fn open(page: &mut Page, json: &Text) -> Result<(), Fault> {
    let open = match Open::parse(json.as_str()) {
        Ok(open) => open,
        Err(error) => {
            page.engine(&format!("open: {error}"));
            return Err(Fault);
        }
    };
    let (interval, timeout) = (open.ping_interval, open.ping_timeout);
    let sid = words::name(open.sid.as_str());
    let most = open.max_payload.map_or_else(String::new, |most| format!(", at most {most} bytes a payload"));
    page.engine(&format!("open: sid {sid}, ping every {interval:?}, pong within {timeout:?}{most}"));
    // It was read before.
    let keys: Map<String, Value> = serde_json::from_str(json.as_str()).unwrap_or_default();
    let told = ["sid", "pingInterval", "pingTimeout", "maxPayload"];
    for (key, value) in keys.iter().filter(|(key, _)| !told.contains(&key.as_str())) {
        page.line(2, format_args!("{} {}", words::name(key), visible(&value.to_string())));
    }
    Ok(())
}

/// A packet that has no data. Receivers ignore what stands behind its type.
pub(super) fn bare(page: &mut Page, words: &str, frame: &Frame) {
    page.engine(words);
    let data = match frame {
        Frame::Text(text) => text.as_str().get(1..).unwrap_or_default(),
        Frame::Binary(_) => "",
    };
    if !data.is_empty() {
        page.line(2, format_args!("ignored, since such a packet has no data: {}", visible(data)));
    }
}

/// A packet of Socket.IO.
pub(super) fn socket(page: &mut Page, packet: &Packet) {
    if let Some(args) = head(page, packet) {
        arguments(page, args);
        attachments(page, args);
    }
}

/// A packet of Socket.IO, of whose attachments the contents are not known.
pub(super) fn without_contents(page: &mut Page, packet: &Packet) {
    if let Some(args) = head(page, packet) {
        arguments(page, args);
        page.line(2, format_args!("the recording does not have the contents of all attachments"));
    }
}

/// A packet of which some attachments never came.
pub(super) fn without_attachments(page: &mut Page, packet: &Packet) {
    if let Some(args) = head(page, packet) {
        arguments(page, args);
        page.line(2, format_args!("not all of its attachments are there"));
    }
}

/// What a packet is, without its arguments.
fn head<'p>(page: &mut Page, packet: &'p Packet) -> Option<&'p Args> {
    let namespace = words::name(packet.namespace.as_str());
    match &packet.kind {
        PacketKind::Connect { payload } => {
            page.socket(format_args!("CONNECT {namespace} with {}", payload_words(payload.as_ref())));
        }
        PacketKind::Disconnect => page.socket(format_args!("DISCONNECT {namespace}")),
        PacketKind::ConnectError { payload } => {
            page.socket(format_args!("CONNECT_ERROR {namespace} with {}", payload_words(payload.as_ref())));
        }
        PacketKind::Event { name, args, ack } => {
            let ack = ack.map_or_else(String::new, |id| format!(", to be acknowledged as {}", id.value()));
            page.socket(format_args!("EVENT {namespace} {:?}{ack}", name.as_str()));
            return Some(args);
        }
        PacketKind::Ack { id, args } => {
            let id = id.map_or_else(|| "nothing".into(), |id| id.value().to_string());
            page.socket(format_args!("ACK {namespace} of {id}"));
            return Some(args);
        }
    }
    None
}

fn arguments(page: &mut Page, args: &Args) {
    match args.to_form(Parser::Json) {
        Ok(args) => page.line(2, format_args!("arguments  [{}]", visible(args.items()))),
        Err(_) => page.line(2, format_args!("arguments in MessagePack  {}", words::bytes(args.items_bytes()))),
    }
}

fn attachments(page: &mut Page, args: &Args) {
    if let Ok(args) = args.to_form(Parser::Json) {
        for (number, attachment) in args.attachments().iter().enumerate() {
            let content = words::bytes(attachment);
            page.line(2, format_args!("attachment {number}: {}: {content}", plural(attachment.len(), "byte")));
        }
    }
}

fn payload_words(payload: Option<&Json>) -> String {
    payload.map_or_else(|| "nothing".to_owned(), |payload| visible(payload.as_str()))
}

/// A heartbeat.
pub(super) fn with_data(name: &str, data: &Text) -> String {
    if data.is_empty() { name.to_owned() } else { format!("{name} with {:?}", data.as_str()) }
}
