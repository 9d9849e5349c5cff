//! Joins the lines that describe a request.

use bytes::Bytes;

use super::command::Outgoing;
use super::framing::{Framing, Packet, Wrapping};
use super::plays::Play;
use crate::trace::{Action, Bindings, Client, UnboundHole};

const CONTENT_TYPE: &str = "content-type";

/// The content type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// The body of a request that is being built.
#[derive(Default)]
pub(super) enum Body {
    #[default]
    Empty,
    Packets(Vec<Packet>),
    Exact(Vec<u8>),
}

impl Body {
    pub(super) fn add(&mut self, play: &Play, bindings: &Bindings, outgoing: &mut Outgoing) -> Result<(), UnboundHole> {
        let Action::Client(_, action) = &play.step.action else { return Ok(()) };
        match action {
            Client::Header(field) => {
                outgoing.headers.push((field.name.as_str().to_owned(), field.value.render(bindings)?));
            }
            Client::Packet(content) => self.push(Packet::Text(content.render(bindings)?)),
            Client::Binary(data) => self.push(Packet::Binary(Bytes::from(data.render(bindings)?))),
            Client::Body(content) | Client::Part(content) => self.append(content.render(bindings)?.into_bytes()),
            Client::Bytes(data) => self.append(data.render(bindings)?),
            _ => {}
        }
        Ok(())
    }

    fn push(&mut self, packet: Packet) {
        match self {
            Self::Packets(packets) => packets.push(packet),
            Self::Empty | Self::Exact(_) => *self = Self::Packets(vec![packet]),
        }
    }

    fn append(&mut self, bytes: Vec<u8>) {
        match self {
            Self::Exact(body) => body.extend(bytes),
            Self::Empty | Self::Packets(_) => *self = Self::Exact(bytes),
        }
    }

    /// Adds the body to the request, and returns its packets.
    pub(super) fn finish(self, framing: Framing, outgoing: &mut Outgoing) -> Vec<Packet> {
        match self {
            Self::Empty => Vec::new(),
            Self::Packets(packets) => {
                outgoing.body = framing.join(outgoing.header(CONTENT_TYPE), &packets);
                if framing.wrapping == Wrapping::Script && outgoing.header(CONTENT_TYPE).is_none() {
                    outgoing.headers.push((CONTENT_TYPE.to_owned(), FORM.to_owned()));
                }
                packets
            }
            Self::Exact(body) => {
                let packets = framing.packets(outgoing.header(CONTENT_TYPE), &body);
                outgoing.body = Bytes::from(body);
                packets.into()
            }
        }
    }
}
