//! Which scripts a client can play that only echoes, and what its echoes say.
//!
//! Its application opens one connection and emits each event that it receives, with `-back` added to the name. So the
//! network shows what the application received, and a case needs no driver.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;
use sio_codec::socketio::{Decoder, Namespace};
use sio_codec::{Frame, Limits};

use crate::contract::Kind;
use crate::party::client::reason::Reason;
use crate::party::client::script::{Act, Expected, Move, Say, Saying, Script, Wish, Within};
use crate::party::client::told;
use crate::trace::Channel;

/// What is added to the name of an event.
const BACK: &str = "-back";

/// Turns a script into one that needs no driver.
///
/// # Errors
///
/// Why that is impossible.
pub(crate) fn without_driver(mut script: Script) -> Result<Script, Reason> {
    let setup = &script.setup;
    if setup.kind == Kind::Engine {
        return Err(Reason::new("needs a driver, because it is about Engine.IO alone"));
    }
    let options = &setup.options;
    let is_plain = options.reconnection.is_none() && options.connect_timeout.is_none() && options.query.is_empty();
    if !is_plain || options.base64 {
        return Err(Reason::new("needs a driver, because it sets options of the client"));
    }
    let mut socket = None;
    let mut has_joined = false;
    for step in std::mem::take(&mut script.moves) {
        match &step.act {
            Act::Expect(channel, Expected::Open { .. }, _) => socket = Some(channel.clone()),
            Act::Say(Say { saying: Saying::Closed, .. }) => socket = None,
            _ => {}
        }
        script.moves.extend(translate(step, socket.as_ref(), &mut has_joined)?);
    }
    Ok(script)
}

/// A move that the network shows; `None` if it shows it anyway.
fn translate(step: Move, socket: Option<&Channel>, has_joined: &mut bool) -> Result<Option<Move>, Reason> {
    let Move { line, act } = step;
    let act = match act {
        Act::Wish(Wish::Connect(namespace, None)) if namespace == Namespace::root() && !*has_joined => {
            *has_joined = true;
            return Ok(None);
        }
        Act::Wish(wish) => return Err(Reason::new(format!("needs a driver, to {wish}"))),
        Act::Hear(hear) => {
            let event = hear.content.pattern.to_string();
            let is = |name: &str| event.contains(&format!(r#""event":"{name}""#));
            match socket {
                _ if is("connect") => return Ok(None),
                _ if is("message") && event.contains(r#""namespace":"/""#) && !event.contains(r#""ack":true"#) => {
                    Act::Hear(hear)
                }
                // A client that reports a loss has closed its WebSocket.
                Some(socket) if is("disconnect") => {
                    let within = hear.within.map(|Within { bounds, after }| {
                        let after = after.or_else(|| Some(socket.clone()));
                        Within { bounds, after }
                    });
                    Act::Expect(socket.clone(), Expected::Close, within)
                }
                _ => return Err(Reason::new("needs a driver, which reports what the application is told")),
            }
        }
        act => act,
    };
    Ok(Some(Move { line, act }))
}

/// Reads the echoes of a client.
#[derive(Debug)]
pub(crate) struct Echoes {
    /// Not idle while an echo waits for its attachments.
    decoder: Decoder,
}

/// What a frame of a client is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A part of an echo.
    Part,
    /// An echo of this event.
    Event(String),
    /// Something else.
    Other,
}

impl Default for Echoes {
    fn default() -> Self {
        Self { decoder: Decoder::new(&Limits::default()) }
    }
}

impl Echoes {
    /// Reads a frame of a WebSocket.
    pub(crate) fn frame(&mut self, frame: &Frame) -> Heard {
        match frame {
            Frame::Text(text) if is_echo(text.as_str()) => {
                let packet = text.as_str().get(1..).unwrap_or_default();
                self.push(Frame::Text(packet.to_owned().into()))
            }
            Frame::Binary(bytes) if !self.decoder.is_idle() => self.push(Frame::Binary(bytes.clone())),
            _ => Heard::Other,
        }
    }

    /// Reads a packet of a payload.
    pub(crate) fn packet(&mut self, packet: &str) -> Heard {
        match packet.strip_prefix('b').filter(|_| !self.decoder.is_idle()).map(|text| STANDARD.decode(text)) {
            Some(Ok(bytes)) => self.frame(&Frame::Binary(Bytes::from(bytes))),
            Some(Err(_)) => Heard::Other,
            None => self.frame(&Frame::Text(packet.to_owned().into())),
        }
    }

    fn push(&mut self, frame: Frame) -> Heard {
        match self.decoder.push(frame) {
            Ok(None) => Heard::Part,
            Ok(Some(packet)) => {
                told::by_packet(&packet).and_then(|event| original(&event)).map_or(Heard::Other, Heard::Event)
            }
            Err(_) => {
                *self = Self::default();
                Heard::Other
            }
        }
    }
}

/// Whether an Engine.IO packet begins an event whose name ends with `-back`.
fn is_echo(packet: &str) -> bool {
    if !packet.starts_with("42") && !packet.starts_with("45") {
        return false;
    }
    let args = packet.find('[').and_then(|at| packet.get(at..)).unwrap_or_default();
    let args: Vec<Value> = serde_json::from_str(args).unwrap_or_default();
    args.first().and_then(Value::as_str).is_some_and(|name| name.ends_with(BACK))
}

/// The event that was echoed.
fn original(echo: &str) -> Option<String> {
    let mut event: Value = serde_json::from_str(echo).ok()?;
    let name = event.get("name")?.as_str()?.strip_suffix(BACK)?.to_owned();
    event["name"] = Value::from(name);
    Some(event.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn echoes_are_told_from_other_packets() {
        let mut echoes = Echoes::default();
        for other in ["40", "2probe", "3", r#"42["message"]"#, r#"42["message","-back"]"#, "42[", "45", "bAQID"] {
            assert_eq!(echoes.packet(other), Heard::Other, "{other}");
        }
        let event = r#"{"args":[1],"event":"message","name":"one","namespace":"/"}"#;
        let Heard::Event(heard) = echoes.packet(r#"42["one-back",1]"#) else { panic!("no event") };
        assert_eq!(serde_json::from_str::<Value>(&heard).unwrap(), serde_json::from_str::<Value>(event).unwrap());
    }

    #[test]
    fn the_attachments_of_an_echo_belong_to_it() {
        let mut echoes = Echoes::default();
        assert_eq!(echoes.packet(r#"451-["one-back",{"_placeholder":true,"num":0}]"#), Heard::Part);
        let Heard::Event(event) = echoes.packet("bAQID") else { panic!("no event") };
        assert!(event.contains(r#"{"$b64":"AQID"}"#), "{event}");
        assert_eq!(echoes.packet("bAQID"), Heard::Other);
    }
}
