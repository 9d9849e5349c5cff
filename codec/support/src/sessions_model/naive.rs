//! A router, and a driver for each session, all of which hear of everything.

use std::collections::BTreeMap;

use sio_codec::Timestamp;
use sio_codec::engineio::server::{
    Action, Answer, Carrier, Config, Driver, Handshake, Input, Reply as _, RequestId, Route, Router, ServerSession,
    WsId,
};
use sio_codec::engineio::{HttpError, RequestHead, Response, Sid};

use super::ends::{Ends, Waiting, Writer};

pub(super) struct Naive {
    router: Router,
    sessions: BTreeMap<Sid, Driver<ServerSession, Waiting, Writer>>,
    /// Whose each request was, as long as there is the session.
    owners: BTreeMap<RequestId, Sid>,
    most: usize,
    pub(super) ends: Ends,
}

impl Naive {
    pub(super) fn new(config: Config, most: usize) -> Self {
        let router = Router::new(config).unwrap();
        Self { router, sessions: BTreeMap::new(), owners: BTreeMap::new(), most, ends: Ends::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.sessions.len()
    }

    pub(super) fn request(
        &mut self,
        now: Timestamp,
        head: &RequestHead<'_>,
        id: RequestId,
        open: impl FnOnce(Handshake, Carrier) -> Result<ServerSession, Response>,
    ) -> Option<RequestId> {
        let reply = self.ends.reply(id.0);
        let refuse = |reply: Waiting, response| {
            let _ = reply.answer(Answer::Response(response));
        };
        match self.router.route(head) {
            Err(error) => refuse(reply, error.response_to(head)),
            Ok(Route::Session(request)) => match self.sessions.get_mut(&request.sid) {
                None => refuse(reply, HttpError::UnknownSid.response_to(head)),
                Some(driver) => {
                    let (sid, is_refused) = (request.sid.clone(), matches!(request.action, Action::Refuse(_)));
                    driver.request(now, request, id, reply);
                    return (!is_refused).then(|| self.belongs(id, sid));
                }
            },
            Ok(Route::Handshake(handshake)) if self.most == 0 => {
                refuse(reply, handshake.forbid("the server shuts down"))
            }
            Ok(Route::Handshake(handshake)) if self.sessions.len() >= self.most => {
                refuse(reply, handshake.forbid("too many sessions"));
            }
            Ok(Route::Handshake(handshake)) => {
                let carrier = handshake.carrier(id);
                match open(handshake, carrier) {
                    Err(refusal) => refuse(reply, refusal),
                    Ok(machine) if self.sessions.contains_key(machine.sid()) => {}
                    Ok(machine) => {
                        let sid = machine.sid().clone();
                        self.sessions.insert(sid.clone(), Driver::new(machine, carrier, reply));
                        return Some(self.belongs(id, sid));
                    }
                }
            }
        }
        None
    }

    fn belongs(&mut self, id: RequestId, sid: Sid) -> RequestId {
        self.owners.insert(id, sid);
        id
    }

    pub(super) fn owner(&self, id: RequestId) -> Option<&Sid> {
        self.owners.get(&id)
    }

    fn of(&mut self, id: RequestId) -> Option<&mut Driver<ServerSession, Waiting, Writer>> {
        self.sessions.get_mut(self.owners.get(&id)?)
    }

    pub(super) fn handle(&mut self, now: Timestamp, input: Input) {
        let id = match &input {
            Input::Body { id, .. } | Input::BodyTooLarge { id } | Input::Aborted { id } => *id,
            Input::WsFrame { ws, .. } | Input::WsWritable { ws } | Input::WsClosed { ws } => RequestId(ws.0),
            other => panic!("{other:?} is not what happens to what is there"),
        };
        if let Some(driver) = self.of(id) {
            driver.handle(now, input);
        }
    }

    /// Whether it came back.
    pub(super) fn attach(&mut self, ws: WsId) -> bool {
        let writer = self.ends.writer(ws);
        self.of(RequestId(ws.0)).is_none_or(|driver| driver.attach(ws, writer).is_some())
    }

    pub(super) fn detach(&mut self, ws: WsId) -> bool {
        self.of(RequestId(ws.0)).is_some_and(|driver| driver.detach(ws).is_some())
    }

    pub(super) fn machine(&mut self, sid: &Sid) -> Option<&mut ServerSession> {
        self.sessions.get_mut(sid).map(Driver::machine)
    }

    pub(super) fn machines(&mut self) -> impl Iterator<Item = &mut ServerSession> {
        self.sessions.values_mut().map(Driver::machine)
    }

    pub(super) fn shut_down(&mut self, end: impl FnMut(&mut ServerSession)) {
        self.most = 0;
        self.machines().for_each(end);
    }

    pub(super) fn handle_timeout(&mut self, now: Timestamp) {
        self.sessions.values_mut().for_each(|driver| driver.handle_timeout(now));
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.sessions.values().filter_map(Driver::next_deadline).min()
    }

    /// Whether a WebSocket is there, and whether its session wants to hear it.
    pub(super) fn reads(&mut self, ws: WsId) -> (bool, Option<bool>) {
        let Some(driver) = self.of(RequestId(ws.0)) else { return (false, None) };
        let is_there = driver.ends().1.is_some_and(|(there, _)| there == ws);
        (is_there, Some(driver.wants_input()))
    }

    pub(super) fn take_out(&mut self) {
        let Self { sessions, owners, ends, .. } = self;
        sessions.retain(|sid, driver| {
            while let Some(event) = driver.poll_event() {
                ends.event(sid.clone(), event);
            }
            let is_closed = driver.machine().is_closed();
            owners.retain(|_, owner| !is_closed || owner != sid);
            !is_closed
        });
    }
}
