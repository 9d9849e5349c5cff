//! Joins the lines that describe a request.

use bytes::Bytes;

use super::command::Outgoing;
use super::plays::Play;
use crate::trace::{Action, Bindings, Client, UnboundHole};

/// The body of a request that is being built.
#[derive(Default)]
pub(super) enum Body {
    #[default]
    Empty,
    Packets(String),
    Exact(Vec<u8>),
}

impl Body {
    pub(super) fn add(&mut self, play: &Play, bindings: &Bindings, outgoing: &mut Outgoing) -> Result<(), UnboundHole> {
        let Action::Client(_, action) = &play.step.action else { return Ok(()) };
        match action {
            Client::Header(field) => {
                outgoing.headers.push((field.name.as_str().to_owned(), field.value.render(bindings)?));
            }
            Client::Packet(content) => {
                let packet = content.render(bindings)?;
                match self {
                    Self::Packets(payload) => {
                        payload.push('\u{1e}');
                        payload.push_str(&packet);
                    }
                    Self::Empty | Self::Exact(_) => *self = Self::Packets(packet),
                }
            }
            Client::Body(content) | Client::Part(content) => self.append(content.render(bindings)?.into_bytes()),
            Client::Bytes(data) => self.append(data.render(bindings)?),
            _ => {}
        }
        Ok(())
    }

    fn append(&mut self, bytes: Vec<u8>) {
        match self {
            Self::Exact(body) => body.extend(bytes),
            Self::Empty | Self::Packets(_) => *self = Self::Exact(bytes),
        }
    }

    pub(super) fn finish(self) -> Bytes {
        match self {
            Self::Empty => Bytes::new(),
            Self::Packets(payload) => Bytes::from(payload),
            Self::Exact(body) => Bytes::from(body),
        }
    }
}
