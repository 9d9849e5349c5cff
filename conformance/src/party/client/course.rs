//! The state of a session during a trace, and what a client may do in it.
//!
//! ```text
//!            ┌─ get ──▶ Opening ── open packet ──▶ Polling ◀────── closed ─┐
//!   Start ───┤                                       │ open               │
//!            │                                       ▼       3probe       │
//!            │                                    Probing ─────────▶ (pausing)
//!            │                                                          │ 5
//!            └─ open ─▶ Opening ── open packet ──▶ WebSocket ◀──────────┘
//!
//!   any of them ── close packet, closed, error status ──▶ Over
//!          └────── last namespace left ──▶ Leaving ── close ──▶ Over
//! ```

use super::reason::Reason;
use super::script::End;
use crate::trace::Channel;

#[derive(Debug)]
pub(super) struct Course {
    stage: Stage,
    get: Option<Channel>,
    post: Option<Channel>,
    /// A ping was not answered yet.
    pinged: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Start,
    /// The open packet is expected on this channel.
    Opening(Channel),
    Polling,
    Probing(Channel, Probe),
    WebSocket(Channel),
    /// The client has no reason to stay, and closes the session itself.
    Leaving,
    Over,
}

/// Why a session is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Farewell {
    Application,
    Client,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Probe {
    Untried,
    Asked,
    /// Polling is paused.
    Answered,
}

/// The purpose of a text on a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Probe,
    Upgrade,
    Packet,
}

/// What an answer or a message of the server means to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hearing {
    /// It opens the session.
    Opening,
    /// It carries packets.
    Packets,
    /// It ends a POST.
    Receipt,
    /// It is the answer to a probe.
    Probe,
    /// Nothing: the client is no longer interested.
    Nothing,
}

impl Course {
    pub(super) const fn new() -> Self {
        Self { stage: Stage::Start, get: None, post: None, pinged: false }
    }

    /// The session at the end of the trace.
    pub(super) const fn outcome(&self) -> End {
        match self.stage {
            Stage::Leaving => End::Left,
            Stage::Over => End::Over,
            _ => End::Lives,
        }
    }

    pub(super) const fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Leaving | Stage::Over)
    }

    /// Whether the client has received a ping that it has not answered.
    pub(super) const fn owes_pong(&self) -> bool {
        self.pinged && !self.is_over()
    }

    /// Whether the client waits for its last requests before it upgrades.
    pub(super) const fn is_pausing(&self) -> bool {
        matches!(self.stage, Stage::Probing(_, Probe::Answered))
    }
}

/// Actions of the client.
impl Course {
    pub(super) fn get(&mut self, channel: &Channel) -> Result<(), Reason> {
        if self.stage == Stage::Start {
            self.stage = Stage::Opening(channel.clone());
            return Ok(());
        }
        self.check_request(false)?;
        match self.get.replace(channel.clone()) {
            None => Ok(()),
            Some(_) => Err(Reason::new("sends a second GET while one is pending")),
        }
    }

    /// A POST. `is_farewell` says whether it carries only the close packet.
    pub(super) fn post(&mut self, channel: &Channel, is_farewell: bool) -> Result<Farewell, Reason> {
        let by = match self.stage {
            Stage::Start => return Err(Reason::new("opens its session with a POST")),
            Stage::Leaving if is_farewell => {
                self.end();
                Farewell::Client
            }
            _ => {
                self.check_request(is_farewell)?;
                Farewell::Application
            }
        };
        match self.post.replace(channel.clone()) {
            None => Ok(by),
            Some(_) => Err(Reason::new("sends a second POST while one is in flight")),
        }
    }

    fn check_request(&self, is_farewell: bool) -> Result<(), Reason> {
        match &self.stage {
            Stage::Polling | Stage::Probing(_, Probe::Untried | Probe::Asked) => Ok(()),
            // Some clients close at once, others when the upgrade is complete.
            Stage::Probing(_, Probe::Answered) if is_farewell => {
                Err(Reason::new("closes during an upgrade, which the client may put off"))
            }
            Stage::Probing(_, Probe::Answered) => {
                Err(Reason::new("starts a request while polling pauses for an upgrade"))
            }
            Stage::WebSocket(_) => Err(Reason::new("polls a session that is on a WebSocket")),
            Stage::Start | Stage::Opening(_) => Err(Reason::new("does not wait for the open packet")),
            Stage::Leaving | Stage::Over => Err(Reason::new("goes on after the session is over")),
        }
    }

    pub(super) fn open(&mut self, channel: &Channel) -> Result<(), Reason> {
        self.message()?;
        self.stage = match &self.stage {
            Stage::Start => Stage::Opening(channel.clone()),
            Stage::Polling => Stage::Probing(channel.clone(), Probe::Untried),
            Stage::Opening(_) => return Err(Reason::new("does not wait for the open packet")),
            Stage::Probing(..) | Stage::WebSocket(_) => return Err(Reason::new("opens a second WebSocket")),
            Stage::Leaving | Stage::Over => return Err(Reason::new("goes on after the session is over")),
        };
        Ok(())
    }

    /// A text on a WebSocket.
    pub(super) fn text(&mut self, on: &Channel, text: &str) -> Result<Role, Reason> {
        match &mut self.stage {
            Stage::WebSocket(channel) if channel == on => Ok(Role::Packet),
            Stage::Probing(channel, probe) if channel == on => match (*probe, text) {
                (Probe::Untried, "2probe") => {
                    *probe = Probe::Asked;
                    Ok(Role::Probe)
                }
                (Probe::Untried, _) => Err(Reason::new("does not probe the WebSocket first")),
                (Probe::Asked, _) => Err(Reason::new("does not wait for the answer to its probe")),
                (Probe::Answered, "5") if self.get.is_none() && self.post.is_none() => {
                    self.stage = Stage::WebSocket(on.clone());
                    Ok(Role::Upgrade)
                }
                (Probe::Answered, "5") => Err(Reason::new("upgrades while a request is in flight")),
                (Probe::Answered, _) => Err(Reason::new("does not upgrade when its probe is answered")),
            },
            _ => Err(self.misplaced()),
        }
    }

    /// A binary message on a WebSocket.
    pub(super) fn binary(&self, on: &Channel) -> Result<(), Reason> {
        match &self.stage {
            Stage::WebSocket(channel) if channel == on => Ok(()),
            _ => Err(self.misplaced()),
        }
    }

    fn misplaced(&self) -> Reason {
        Reason::new(match &self.stage {
            Stage::Start | Stage::Opening(_) => "does not wait for the open packet",
            Stage::Polling | Stage::Probing(..) => "sends a message on a WebSocket that is not the session's",
            Stage::WebSocket(_) => "sends a message on a second WebSocket",
            Stage::Leaving | Stage::Over => "goes on after the session is over",
        })
    }

    /// The client sends something other than a pong.
    pub(super) fn message(&self) -> Result<(), Reason> {
        if self.pinged { Err(Reason::new("does not answer a ping at once")) } else { Ok(()) }
    }

    pub(super) fn pong(&mut self) -> Result<(), Reason> {
        match std::mem::take(&mut self.pinged) {
            true => Ok(()),
            false => Err(Reason::new("sends a pong that no ping asks for")),
        }
    }

    /// The client closes a WebSocket.
    pub(super) fn close(&mut self, on: &Channel) -> Result<Farewell, Reason> {
        let by = match &self.stage {
            Stage::WebSocket(channel) if channel == on => Farewell::Application,
            Stage::Leaving => Farewell::Client,
            Stage::Probing(channel, _) if channel == on => {
                return Err(Reason::new("gives up a WebSocket that it could upgrade to"));
            }
            _ => return Err(self.misplaced()),
        };
        self.message()?;
        self.end();
        Ok(by)
    }

    /// The client has left its last namespace, or was refused there.
    pub(super) fn leave(&mut self) {
        if !self.is_over() {
            self.stage = Stage::Leaving;
        }
    }

    /// The session is over, and the client knows it.
    pub(super) fn end(&mut self) {
        self.stage = Stage::Over;
    }
}

/// Actions of the server.
impl Course {
    /// An answer to a request begins.
    pub(super) fn answered(&mut self, on: &Channel) -> Hearing {
        if self.post.take_if(|channel| channel == on).is_some() {
            return if self.is_over() { Hearing::Nothing } else { Hearing::Receipt };
        }
        if self.get.take_if(|channel| channel == on).is_some() {
            return if self.is_over() { Hearing::Nothing } else { Hearing::Packets };
        }
        match &self.stage {
            Stage::Opening(channel) if channel == on => Hearing::Opening,
            _ => Hearing::Nothing,
        }
    }

    /// A message arrives on a WebSocket.
    pub(super) fn heard(&self, on: &Channel) -> Hearing {
        match &self.stage {
            Stage::Opening(channel) if channel == on => Hearing::Opening,
            Stage::WebSocket(channel) if channel == on => Hearing::Packets,
            Stage::Probing(channel, _) if channel == on => Hearing::Probe,
            _ => Hearing::Nothing,
        }
    }

    /// The open packet has arrived.
    pub(super) fn opened(&mut self, by: Carrier) {
        if let Stage::Opening(channel) = &self.stage {
            self.stage = match by {
                Carrier::Request => Stage::Polling,
                Carrier::WebSocket => Stage::WebSocket(channel.clone()),
            };
        }
    }

    /// The probe was answered, correctly or not.
    pub(super) fn probe_answered(&mut self, rightly: bool) -> Result<(), Reason> {
        match &mut self.stage {
            Stage::Probing(_, probe @ Probe::Asked) if rightly => *probe = Probe::Answered,
            Stage::Probing(_, Probe::Answered) => {}
            _ => return Err(Reason::new("has the server speak out of turn on a WebSocket that is probed")),
        }
        Ok(())
    }

    pub(super) fn pinged(&mut self) -> Result<(), Reason> {
        self.message()?;
        self.pinged = true;
        Ok(())
    }

    /// The server ends the session.
    pub(super) fn ended(&mut self) -> Result<(), Reason> {
        if !self.is_over() {
            self.message()?;
            self.end();
        }
        Ok(())
    }

    /// The server closes a WebSocket, or does not open it.
    pub(super) fn closed(&mut self, on: &Channel) -> Result<(), Reason> {
        match &self.stage {
            Stage::Probing(channel, _) if channel == on => self.stage = Stage::Polling,
            Stage::Opening(channel) | Stage::WebSocket(channel) if channel == on => self.ended()?,
            _ => {}
        }
        Ok(())
    }
}

/// The kind of carrier of an open packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carrier {
    Request,
    WebSocket,
}
