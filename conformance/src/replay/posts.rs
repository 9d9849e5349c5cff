//! Allows one POST of a session at a time: a POST with a pong must not overlap a POST of the trace. In revision 3, the
//! same is true for a POST with a ping.
//!
//! A server ends a session whose client sends two POSTs at once, and a trace cannot know when a ping comes. So a POST
//! of the trace waits for the answer to a POST with a pong. A pong waits for the answer to a POST of the trace or to the pong
//! before it, but not so long that the session would time out.

use bytes::Bytes;
use sio_codec::Timestamp;

use super::body::Body;
use super::command::{Command, Id, Outgoing, Seen};
use super::framing::{Packet, heartbeat};
use super::plays::Play;
use super::pongs::Owed;
use super::sessions::sid_of;
use super::stage::{Advance, Owner, Replay, Stage};
use super::wire::{Kind, Reply, Wire};
use crate::trace::{Action, Channel, Client, Method, Side, encoded};

impl Replay {
    /// Answers a ping that came in the answer to a GET. The first ping may come in the answer to the handshake.
    //= EIO4-HS-12
    //= EIO4-POST-03
    pub(super) fn answer_ping(&mut self, channel: &Channel) {
        if let Some(sid) = self.sessions.sid(channel).map(str::to_owned) {
            self.post_heartbeat(channel, sid);
        }
    }

    /// Posts a pong, or a ping in revision 3, when no other POST is under way.
    pub(super) fn post_heartbeat(&mut self, channel: &Channel, sid: String) {
        if self.is_posting(&sid) {
            let until = self.now.saturating_add(self.sessions.pong_may_wait(&sid));
            self.pongs.owed.push(Owed { channel: channel.clone(), sid, until });
        } else {
            self.post_pong(channel, sid);
        }
    }

    /// Sends the pongs that no longer need to wait, or must not wait longer.
    pub(super) fn settle_pongs(&mut self) {
        let owed = std::mem::take(&mut self.pongs.owed);
        for owed in owed {
            if owed.until <= self.now || !self.is_posting(&owed.sid) {
                self.post_pong(&owed.channel, owed.sid);
            } else {
                self.pongs.owed.push(owed);
            }
        }
    }

    /// If a step starts a POST while a POST with a pong of the same session is unanswered, waits for that answer, but
    /// no longer than for other answers.
    pub(super) fn gives_way(&self, play: &Play) -> Option<Stage> {
        let Action::Client(_, Client::Request(request)) = &play.step.action else { return None };
        if request.method != Method::Post {
            return None;
        }
        let query = request.query.render_query(&self.bindings).ok()?;
        let sid = sid_of(&query)?;
        self.pongs.is_under_way(&sid).then(|| Stage::Yielding { sid, until: self.now.saturating_add(self.patience()) })
    }

    /// Continues with the POST that waits for a pong, if possible.
    pub(super) fn await_pong(&mut self, sid: &str, until: Timestamp) -> Advance {
        if until <= self.now {
            self.pongs.sent.remove(sid);
        }
        if self.pongs.is_under_way(sid) {
            return Advance::Waits;
        }
        self.stage = Stage::Ready;
        Advance::Moved
    }

    /// Whether a POST on this session is unanswered: one of the trace, or one with a pong.
    fn is_posting(&self, sid: &str) -> bool {
        let mut posts = self.channels.iter().filter(|(_, wire)| is_open_post(wire));
        self.pongs.is_under_way(sid) || posts.any(|(channel, _)| self.sessions.sid(channel) == Some(sid))
    }

    fn post_pong(&mut self, channel: &Channel, sid: String) {
        let packet = heartbeat(self.sessions.framing(&sid).revision);
        self.timeline.set_aside(self.now, channel, Side::Client, format!("post {packet}"));
        let id = self.courtesy(Owner::Pong(channel.clone(), self.now), &sid, packet);
        self.pongs.sent.insert(sid, id);
    }

    /// The POST with a pong was answered or lost.
    pub(super) fn receive_pong(&mut self, channel: &Channel, sent: Timestamp, id: Id, seen: &Seen) {
        self.pongs.sent.retain(|_, sent| *sent != id);
        if matches!(seen, Seen::Answer(answer) if answer.status == 200) {
            self.sessions.beat(channel, sent);
        }
    }

    /// Posts a packet and ignores the answer.
    pub(super) fn courtesy(&mut self, owner: Owner, sid: &str, packet: &'static str) -> Id {
        let id = self.new_id(owner);
        let (framing, node) = (self.sessions.framing(sid), self.sessions.node(sid));
        let mut request = Outgoing {
            method: "POST".to_owned(),
            query: format!("{}&sid={}", framing.query(), encoded(sid)),
            headers: Vec::new(),
            body: Bytes::new(),
            length: None,
        };
        let body = Body::Packets(vec![Packet::Text(packet.to_owned())]);
        body.finish(framing, &mut request);
        self.command(Command::Request { id, node, request });
        id
    }
}

fn is_open_post(wire: &Wire) -> bool {
    match &wire.kind {
        Kind::Request(exchange) => {
            exchange.request.method == "POST" && matches!(exchange.answer, Reply::Pending { .. })
        }
        Kind::Socket(_) | Kind::Raw(_) => false,
    }
}
