//! Reads the server's lines: what it sends, and what the client's application receives from it.

use bytes::Bytes;
use sio_codec::engineio::{Open, Packet, Revision};
use sio_codec::{Frame, Text};

use super::super::course::{Carrier, Hearing};
use super::super::reason::Reason;
use super::super::script::{Act, Body, Say, Saying};
use super::{Reader, delay, status};
use crate::replay::{Framing, Play};
use crate::trace::{Action, Channel, Content, Server};

impl Reader {
    pub(super) fn server(&mut self, channel: &Channel, act: &Server, play: &Play) -> Result<(), Reason> {
        match act {
            Server::Status(answer) => self.answer(channel, status(answer), play),
            // Any answer is accepted.
            Server::Over => self.answer(channel, 200, play),
            Server::End => {
                self.course.answered(channel);
                self.course.ended()?;
                self.say(channel, Saying::Lost, Vec::new(), play)
            }
            Server::Text(content) => self.server_text(channel, content, play),
            Server::Binary(data) => {
                let bytes = Bytes::from(data.render(&self.bindings)?);
                let mut told = Vec::new();
                if self.course.heard(channel) == Hearing::Packets {
                    self.message(Frame::Binary(bytes.clone()), &mut told)?;
                }
                self.say(channel, Saying::Binary(bytes), told, play)
            }
            Server::Closed(_) | Server::Refused(_) => {
                self.course.closed(channel)?;
                self.say(channel, Saying::Closed, Vec::new(), play)
            }
            Server::Quiet(millis) => {
                let millis = millis.eval(&self.bindings)?;
                self.act(play, Act::Pass { millis });
                Ok(())
            }
            Server::Packet(_) | Server::Body(_) => Err(Reason::new("has the server answer without a status")),
            // The machines do not receive any header or pong that a trace mentions.
            Server::Header(_) | Server::Script(_) | Server::Pong(_) => Ok(()),
        }
    }

    fn answer(&mut self, channel: &Channel, status: u16, play: &Play) -> Result<(), Reason> {
        let body = self.body(channel)?;
        let mut told = Vec::new();
        match self.course.answered(channel) {
            Hearing::Nothing | Hearing::Probe => {}
            _ if status != 200 => self.course.ended()?,
            Hearing::Receipt => {}
            Hearing::Opening => {
                let mut packets = body.split('\u{1e}');
                self.opened(packets.next().unwrap_or_default(), Carrier::Request)?;
                packets.try_for_each(|packet| self.packet(packet, &mut told))?;
            }
            Hearing::Packets => body.split('\u{1e}').try_for_each(|packet| self.packet(packet, &mut told))?,
        }
        let body = Body::Payload(Framing::default().packets(None, body.as_bytes()).into());
        self.say(channel, Saying::Answer { status, content_type: None, body }, told, play)
    }

    /// The body of the answer that has just begun.
    fn body(&mut self, of: &Channel) -> Result<String, Reason> {
        let mut packets = Vec::new();
        while let Some(play) = self.plays.get(self.cursor).cloned() {
            let Action::Server(channel, act) = &play.step.action else { break };
            match act {
                Server::Packet(content) | Server::Body(content) if channel == of => {
                    self.bindings.bind("i", play.counter);
                    packets.push(self.answers.fill(content, &mut self.bindings)?);
                }
                Server::Header(_) if channel == of => {}
                _ => break,
            }
            self.cursor += 1;
        }
        Ok(packets.join("\u{1e}"))
    }

    fn server_text(&mut self, channel: &Channel, content: &Content, play: &Play) -> Result<(), Reason> {
        let text = self.answers.fill(content, &mut self.bindings)?;
        let mut told = Vec::new();
        match self.course.heard(channel) {
            Hearing::Opening => self.opened(&text, Carrier::WebSocket)?,
            Hearing::Packets => self.packet(&text, &mut told)?,
            Hearing::Probe => self.course.probe_answered(text == "3probe")?,
            Hearing::Receipt | Hearing::Nothing => {}
        }
        self.say(channel, Saying::Text(text), told, play)
    }

    fn opened(&mut self, packet: &str, by: Carrier) -> Result<(), Reason> {
        let open = packet.strip_prefix('0').and_then(|json| Open::parse(json).ok());
        self.open = Some(open.ok_or_else(|| Reason::new("leaves open what the server says"))?);
        self.course.opened(by);
        Ok(())
    }

    /// One packet that the server sends to an open session.
    fn packet(&mut self, text: &str, told: &mut Vec<String>) -> Result<(), Reason> {
        match Packet::parse(Revision::V4, Frame::Text(Text::from(text.to_owned()))) {
            Ok(Packet::Message(message)) => self.message(message, told),
            Ok(Packet::Ping(_)) => self.course.pinged(),
            Ok(Packet::Close) if self.course.is_pausing() => Ok(()),
            Ok(Packet::Close) | Err(_) => self.course.ended(),
            Ok(Packet::Open(_) | Packet::Pong(_) | Packet::Upgrade | Packet::Noop) => Ok(()),
        }
    }

    fn message(&mut self, message: Frame, told: &mut Vec<String>) -> Result<(), Reason> {
        if !self.course.is_over() {
            told.extend(self.talk.server_says(message)?);
            self.end_if_for_nothing();
        }
        Ok(())
    }

    fn say(&mut self, channel: &Channel, saying: Saying, told: Vec<String>, play: &Play) -> Result<(), Reason> {
        let delay = delay(channel, play, &self.bindings)?;
        self.act(play, Act::Say(Say { channel: channel.clone(), saying, delay, told: Some(told) }));
        Ok(())
    }
}
