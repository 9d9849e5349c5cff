//! One session: who it is, what it may do, and what it is told.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use sio_codec::Timestamp;
use sio_codec::socketio::hub::Broadcast;
use sio_codec::socketio::{Args, Connection, DisconnectReason, EmitError, Event, Json, Namespace};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::access::{Claim, Invalid, Secret};
use crate::chat::{Chat, Place};
use crate::fresh_sid;
use crate::pace::Pace;
use crate::serving::{Guest, Host};
use crate::wire::{Answer, Auth, Fault, Say, Types, Where};

/// The most sessions at once.
const SESSIONS: usize = 500;

/// How often a session may ask for something: 10 times at once, then once a second.
const BURST: u32 = 10;
const PERIOD: Duration = Duration::from_secs(1);

/// Who is told as often, one time after the other, that it is too fast, does not listen.
const PATIENCE: u32 = 100;

/// The building: what all sessions come to.
pub(crate) struct House {
    chat: Arc<Chat>,
    secret: Arc<Secret>,
    places: Arc<Semaphore>,
}

pub(crate) struct Visitor {
    chat: Arc<Chat>,
    secret: Arc<Secret>,
    lobby: Option<Place>,
    seat: Option<Seat>,
    pace: Pace,
    /// Of what needs no answer.
    typing: Pace,
    _place: OwnedSemaphorePermit,
}

/// A place in the chat, and whose it is.
struct Seat {
    place: Place,
    claim: Claim,
}

impl House {
    pub(crate) fn new(chat: Chat, secret: Arc<Secret>) -> Self {
        Self { chat: Arc::new(chat), secret, places: Arc::new(Semaphore::new(SESSIONS)) }
    }
}

impl Host for House {
    type Guest = Visitor;

    fn admit(&self) -> Result<Visitor, &'static str> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| "The house is full")?;
        Ok(Visitor {
            chat: Arc::clone(&self.chat),
            secret: Arc::clone(&self.secret),
            lobby: None,
            seat: None,
            pace: Pace::new(BURST, PERIOD),
            typing: Pace::new(BURST, PERIOD),
            _place: place,
        })
    }
}

impl Guest for Visitor {
    type Letter = Option<Broadcast>;

    fn react(&mut self, now: Timestamp, io: &mut Connection, event: Event) -> Result<(), EmitError> {
        match event {
            Event::ConnectRequested { namespace, .. } if namespace == self.chat.lobby => {
                let sid = fresh_sid();
                io.accept(&namespace, &sid)?;
                self.lobby = Some(self.chat.watch(now, &sid));
                Ok(())
            }
            Event::ConnectRequested { namespace, auth } if namespace == self.chat.chat => {
                self.knock(now, io, &namespace, auth.as_ref())
            }
            Event::ConnectRequested { namespace, .. } => io.refuse_unknown(&namespace),
            Event::Received { namespace, name, args, reply } => {
                let answer = self.answer(now, &namespace, &name, &args);
                if let Some(reply) = reply {
                    let answer = answer.unwrap_or_else(|error| Answer::Refused { error });
                    io.acknowledge(reply, (answer,))?;
                }
                self.show_out(io)
            }
            Event::Disconnected { namespace, reason } => {
                let lobby = self.lobby.take_if(|_| namespace == self.chat.lobby);
                let seat = self.seat.take_if(|_| namespace == self.chat.chat);
                for place in lobby.into_iter().chain(seat.map(|seat| seat.place)) {
                    self.chat.depart(now, place.member, reason);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn letter(&mut self) -> Option<Broadcast> {
        tokio::select! {
            letter = next(self.lobby.as_mut()) => letter,
            letter = next(self.seat.as_mut().map(|seat| &mut seat.place)) => letter,
        }
    }

    fn read(&mut self, now: Timestamp, io: &mut Connection, letter: Option<Broadcast>) -> Result<(), EmitError> {
        match letter {
            Some(broadcast) => {
                io.deliver(now, &broadcast)?;
                self.show_out(io)
            }
            // It has missed something. Its client comes again by itself, and is told what is known.
            None => {
                io.shut_down();
                Ok(())
            }
        }
    }
}

impl Visitor {
    /// Lets a client into the chat if its token is valid.
    fn knock(
        &mut self,
        now: Timestamp,
        io: &mut Connection,
        namespace: &Namespace,
        auth: Option<&Json>,
    ) -> Result<(), EmitError> {
        let sid = fresh_sid();
        // Coming and going is told to everyone, and so counts as well.
        let turn = self.pace.take(now).map_err(Fault::from);
        let claim = turn.and_then(|()| self.claim(auth));
        match claim.and_then(|claim| Ok((self.chat.enter(now, &claim, &sid)?, claim))) {
            Ok((place, claim)) => {
                let accepted = io.accept(namespace, &sid);
                match accepted {
                    Ok(()) => self.seat = Some(Seat { place, claim }),
                    // It is gone already.
                    Err(_) => self.chat.depart(now, place.member, DisconnectReason::ServerNamespace),
                }
                accepted
            }
            // On the client it is the error of `connect_error`, the fault in its `data`.
            Err(fault) => {
                let data = Json::encode(&fault)?;
                io.refuse(namespace, &fault.message, Some(&data))?;
                self.show_out(io)
            }
        }
    }

    fn claim(&self, auth: Option<&Json>) -> Result<Claim, Fault> {
        let auth: Option<Auth> = auth.and_then(|auth| auth.decode().ok());
        let Some(Auth { token }) = auth else { return Err(Fault::new("no-token", "log in first")) };
        self.secret.claim(&token).map_err(|invalid| match invalid {
            Invalid::Forged => Fault::new("bad-token", "this token is not valid"),
            Invalid::Expired => Fault::new("expired", "this token is no longer valid: log in again"),
        })
    }

    /// Does what an event asks for.
    fn answer(&mut self, now: Timestamp, namespace: &Namespace, name: &str, args: &Args) -> Result<Answer, Fault> {
        let pace = if name == "typing" { &mut self.typing } else { &mut self.pace };
        pace.take(now)?;
        let seat = self.seat.as_ref().filter(|_| *namespace == self.chat.chat);
        let Some(seat) = seat else { return Err(Fault::new("unknown", "nothing is said here")) };
        if seat.claim.is_over() {
            return Err(Fault::new("expired", "this token is no longer valid: log in again"));
        }
        let (chat, member) = (&self.chat, seat.place.member);
        match name {
            "join" => {
                let (Where { room },) = args.decode()?;
                chat.join(now, member, &room)
            }
            "leave" => {
                let (Where { room },) = args.decode()?;
                chat.leave(now, member, &room)
            }
            "say" => {
                let (Say { room, text },) = args.decode()?;
                chat.say(now, member, &room, text)
            }
            "who" => {
                let (Where { room },) = args.decode()?;
                chat.who(member, &room)
            }
            "typing" => {
                let (Types { room, is_typing },) = args.decode()?;
                chat.types(now, member, &room, is_typing).map(|()| Answer::Done {})
            }
            _ => Err(Fault::new("unknown", "there is no such event")),
        }
    }

    /// Ends what is no longer to go on, after the client was told why.
    fn show_out(&self, io: &mut Connection) -> Result<(), EmitError> {
        if self.pace.refused() + self.typing.refused() >= PATIENCE {
            io.close();
        } else if self.seat.as_ref().is_some_and(|seat| seat.claim.is_over()) {
            return io.disconnect(&self.chat.chat);
        }
        Ok(())
    }
}

async fn next(place: Option<&mut Place>) -> Option<Broadcast> {
    match place {
        Some(place) => place.mail.recv().await,
        None => pending().await,
    }
}
