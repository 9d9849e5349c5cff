//! The program's side of one session.

use std::future::pending;
use std::mem;
use std::sync::Arc;

use sio_codec::Timestamp;
use sio_codec::engineio::CloseReason;
use sio_codec::socketio::hub::{MemberId, Recovered};
use sio_codec::socketio::{Connection, DisconnectReason, EmitError, Event, Namespace};
use tokio::sync::mpsc;

use crate::fresh_sid;
use crate::house::{House, Letter, MAILBOX};
use crate::serving::{Guest, Host};

/// Lets everybody in.
pub(crate) struct Door(pub(crate) Arc<House>);

impl Host for Door {
    type Guest = Visitor;

    fn admit(&self) -> Result<Visitor, &'static str> {
        Ok(Visitor { house: Arc::clone(&self.0), place: Place::Outside })
    }
}

pub(crate) struct Visitor {
    house: Arc<House>,
    place: Place,
}

enum Place {
    Outside,
    /// It asked to be where it was.
    Returning {
        letters: mpsc::Receiver<Letter>,
    },
    Inside {
        member: MemberId,
        letters: mpsc::Receiver<Letter>,
    },
}

/// What a session is to do: a letter, or that it has stayed too far behind for more.
pub(crate) enum Post {
    Letter(Letter),
    Overflow,
}

impl Visitor {
    /// As a new member.
    fn enter(&mut self, io: &mut Connection) -> Result<(), EmitError> {
        let (sid, pid) = (fresh_sid(), fresh_sid());
        if self.house.recovers() {
            io.accept_recoverable(&Namespace::root(), &sid, &pid, &[])?;
        } else {
            io.accept(&Namespace::root(), &sid)?;
        }
        let (sender, letters) = mpsc::channel(MAILBOX);
        self.place = Place::Inside { member: self.house.add(&sid, &pid, sender), letters };
        Ok(())
    }

    /// As the member that it was.
    fn go_on(&mut self, io: &mut Connection, recovered: &Recovered) -> Result<(), EmitError> {
        let Recovered { member, sid, pid, missed, .. } = recovered;
        let Place::Returning { letters } = mem::replace(&mut self.place, Place::Outside) else {
            return Ok(());
        };
        self.place = Place::Inside { member: *member, letters };
        let accepted = io.accept_recoverable(&Namespace::root(), sid, pid, missed);
        if accepted.is_err() {
            self.leave(DisconnectReason::Engine(CloseReason::TransportClose));
        }
        accepted
    }

    fn leave(&mut self, reason: DisconnectReason) {
        if let Place::Inside { member, .. } = mem::replace(&mut self.place, Place::Outside) {
            self.house.remove(member, reason);
        }
    }
}

impl Guest for Visitor {
    type Letter = Post;

    fn react(&mut self, _now: Timestamp, io: &mut Connection, event: Event) -> Result<(), EmitError> {
        match event {
            Event::ConnectRequested { namespace, auth, .. } if namespace == "/" => {
                let (sender, letters) = mpsc::channel(MAILBOX);
                if !self.house.recover(auth.as_ref(), sender) {
                    return self.enter(io);
                }
                self.place = Place::Returning { letters };
                Ok(())
            }
            Event::ConnectRequested { namespace, .. } => io.refuse_unknown(&namespace),
            Event::Disconnected { reason, .. } => {
                self.leave(reason);
                Ok(())
            }
            Event::BroadcastAcked { id, args, .. } => {
                if let Place::Inside { member, .. } = self.place {
                    self.house.acknowledge(member, id, &args);
                }
                Ok(())
            }
            Event::Received { name, args, reply: Some(reply), .. } if name.as_str() == "cluster" => {
                let Place::Inside { member, .. } = &self.place else { return Ok(()) };
                match self.house.perform(*member, reply, &args) {
                    Some((reply, error, result)) => io.acknowledge(reply, (error, result)),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    async fn letter(&mut self) -> Post {
        match &mut self.place {
            Place::Inside { letters, .. } | Place::Returning { letters } => {
                letters.recv().await.map_or(Post::Overflow, Post::Letter)
            }
            Place::Outside => pending().await,
        }
    }

    fn read(&mut self, now: Timestamp, io: &mut Connection, post: Post) -> Result<(), EmitError> {
        match post {
            Post::Letter(Letter::Returned(Some(recovered))) => self.go_on(io, &recovered),
            Post::Letter(Letter::Returned(None)) => self.enter(io),
            Post::Letter(Letter::Deliver(broadcast)) => io.deliver(now, &broadcast),
            Post::Letter(Letter::Disconnect { close: false }) => io.disconnect(&Namespace::root()),
            Post::Letter(Letter::Disconnect { close: true }) | Post::Overflow => {
                self.leave(DisconnectReason::ServerNamespace);
                io.close();
                Ok(())
            }
            Post::Letter(Letter::Answer { reply, error, result }) => io.acknowledge(reply, (error, result)),
        }
    }
}
