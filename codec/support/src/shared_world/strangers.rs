//! Those who hold what a server hands out, and do with it what they like.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use sio_codec::engineio::server::{Answered, Pending};
use sio_codec::engineio::{Conversation, Reader, RequestHead, Sid, Writer};

use super::Net;
use super::executor::Flag;

/// One of them.
pub(super) struct Stranger {
    holds: Holds,
    asks: Asked,
    writes: Asked,
}

enum Holds {
    Pending(Pending),
    Conversation(Conversation),
    Halves(Option<Reader>, Option<Writer>),
    Nothing,
}

/// What it waits for.
#[derive(Default)]
struct Asked(Option<Arc<Flag>>);

impl Asked {
    /// Asks again. If it has to wait, it is told when that is over.
    fn poll<F: Future>(&mut self, what: &str, future: Pin<&mut F>) -> Poll<F::Output> {
        let was_told = self.0.as_ref().is_none_or(|flag| flag.is_raised());
        let flag = Flag::raised();
        flag.lower();
        let polled = future.poll(&mut Context::from_waker(&Waker::from(Arc::clone(&flag))));
        assert!(was_told || polled.is_pending(), "a stranger was not told of {what}");
        self.0 = polled.is_pending().then_some(flag);
        polled
    }
}

impl Stranger {
    /// It sends a request: of nobody's session, of another stranger's, or of a client's.
    pub(super) fn comes(net: &Net, how: u8, whose: u8) -> Self {
        let (transport, wants_websocket) = [("polling", false), ("websocket", true)][usize::from(how % 2)];
        let method = if how & 4 == 0 { "GET" } else { "POST" };
        let (session, revision) = (net.some_session(whose), 3 + (how >> 3) % 2);
        let session = session.map_or_else(String::new, |sid| format!("&sid={}", sid.as_str()));
        let query = format!("EIO={revision}&transport={transport}{session}");
        let head = RequestHead { method, query: &query, content_type: None, origin: None, wants_websocket };
        let pending = net.server.request(&head, |now, handshake, carrier| {
            if how > 240 {
                Err(handshake.forbid("go away"))
            } else {
                Ok(handshake.accept(now, net.next_sid(), carrier))
            }
        });
        Self { holds: Holds::Pending(pending), asks: Asked::default(), writes: Asked::default() }
    }

    /// It goes on. Returns whether it still holds something.
    pub(super) fn acts(&mut self, how: u8, text: &'static str) -> bool {
        self.holds = match std::mem::replace(&mut self.holds, Holds::Nothing) {
            Holds::Pending(pending) => self.waits(pending, how, text),
            Holds::Conversation(conversation) => match how % 8 {
                0 => Holds::Nothing,
                1..4 => Holds::Conversation(conversation),
                _ => {
                    let (reader, writer) = conversation.open();
                    Holds::Halves(Some(reader), Some(writer))
                }
            },
            Holds::Halves(reader, writer) => self.converses(reader, writer, how, text),
            Holds::Nothing => Holds::Nothing,
        };
        !matches!(self.holds, Holds::Nothing)
    }

    fn waits(&mut self, mut pending: Pending, how: u8, text: &'static str) -> Holds {
        match how % 8 {
            0 => return Holds::Nothing,
            1 | 2 => pending.body(text.into()),
            3 => pending.body_too_large(),
            _ => match self.asks.poll("its answer", pin!(&mut pending)) {
                Poll::Ready(Answered::Response(_)) => return Holds::Nothing,
                Poll::Ready(Answered::WebSocket(conversation)) => return Holds::Conversation(conversation),
                Poll::Pending => {}
            },
        }
        Holds::Pending(pending)
    }

    fn converses(
        &mut self,
        mut reader: Option<Reader>,
        mut writer: Option<Writer>,
        how: u8,
        text: &'static str,
    ) -> Holds {
        match how % 16 {
            0 => reader = None,
            1 => writer = None,
            2..6 => reader.iter().for_each(|reader| reader.frame(text.into())),
            6..10 => {
                if let Some(there) = &reader
                    && self.asks.poll("its turn to read", pin!(there.ready())) == Poll::Ready(false)
                {
                    reader = None;
                }
            }
            _ => {
                if let Some(there) = &mut writer
                    && self.writes.poll("what it has to write", pin!(there.next())) == Poll::Ready(None)
                {
                    writer = None;
                }
            }
        }
        if reader.is_none() && writer.is_none() { Holds::Nothing } else { Holds::Halves(reader, writer) }
    }
}

impl Net {
    /// None in half of the cases.
    fn some_session(&self, whose: u8) -> Option<Sid> {
        if whose < 128 {
            return None;
        }
        let sid = super::tasks::sid((whose % 8).into());
        let mut told = self.told.lock();
        if told.owners.contains_key(&sid) {
            told.haunted.insert(sid.clone());
        }
        Some(sid)
    }
}
