//! What the tasks of programs do: those of clients, of the server's WebSockets, and the one that keeps the deadlines.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use futures_core::Stream as _;
use futures_sink::Sink as _;
use sio_codec::Frame;
use sio_codec::engineio::client::{ClientSession, Request, Shared, Step};
use sio_codec::engineio::server::{Answered, Pending};
use sio_codec::engineio::{Conversation, RequestHead, Sid, Writer};

use super::Net;
use super::socket::{Broken, Line, Message, Socket, pair};

pub(super) type Client = Shared<ClientSession>;

/// How long a program waits for a peer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Tells those who wait for something that it takes too long.
#[derive(Clone, Default)]
pub(super) struct Bell(Rc<RefCell<(u64, Vec<Waker>)>>);

impl Bell {
    pub(super) fn ring(&self) {
        let mut bell = self.0.borrow_mut();
        bell.0 += 1;
        bell.1.drain(..).for_each(Waker::wake);
    }

    /// Waits for the next time.
    async fn rings(&self) {
        let before = self.0.borrow().0;
        poll_fn(|context| {
            let mut bell = self.0.borrow_mut();
            if bell.0 != before {
                return Poll::Ready(());
            }
            bell.1.push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// Keeps the deadlines of the server. At times another task takes over.
pub(super) async fn keeps_deadlines(net: Net) {
    let keeps = async || {
        net.server.keep_deadlines(|time| net.timers.sleep(time)).await;
        true
    };
    while !or(keeps(), net.given_up(false)).await {}
}

/// The life of a client.
pub(super) async fn lives(net: Net, number: usize, client: Client) {
    loop {
        let step = async || Some(client.next(|time| net.timers.sleep(time)).await);
        let Some(step) = or(step(), net.given_up(None)).await else { continue };
        net.executor.progressed();
        match step {
            Step::Event(event) => {
                let sid = client.act(|session, _| session.sid().cloned());
                net.told.lock().client_event(number, sid, event);
                if net.told.lock().clients[number].ended.is_some() {
                    break;
                }
            }
            Step::Request(request) => net.executor.spawn("a request", asks(net.clone(), number, request)),
            Step::Connect { query, conversation } => {
                net.executor.spawn("a WebSocket of a client", connects(net.clone(), number, query, conversation));
            }
        }
    }
    client.ended().await;
}

async fn asks(net: Net, number: usize, mut request: Request) {
    let (query, body) = (std::mem::take(&mut request.query), request.body.take());
    let bell = net.connection(number);
    let exchange = async {
        net.travel().await;
        let content_type = body.as_ref().map(|body| body.format.request_type());
        let method = if body.is_some() { "POST" } else { "GET" };
        let head = RequestHead { method, query: &query, content_type, origin: None, wants_websocket: false };
        let pending = request_of(&net, number, &head);
        if let Some(body) = body.filter(|_| pending.takes_body()) {
            net.travel().await;
            pending.body(body.bytes);
        }
        match pending.await {
            Answered::Response(response) => {
                net.travel().await;
                Ok(response.into())
            }
            Answered::WebSocket(_) => Err(Broken),
        }
    };
    let breaks = async {
        bell.rings().await;
        Err(Broken)
    };
    // The client has heard of it.
    let _ = request.answered_by(or(exchange, breaks)).await;
}

async fn connects(net: Net, number: usize, query: String, conversation: Conversation) {
    let bell = net.connection(number);
    let answer = async {
        net.travel().await;
        let head =
            RequestHead { method: "GET", query: &query, content_type: None, origin: None, wants_websocket: true };
        let answer = request_of(&net, number, &head).await;
        net.travel().await;
        Some(answer)
    };
    let breaks = async {
        bell.rings().await;
        None
    };
    let Some(Answered::WebSocket(accepted)) = or(answer, breaks).await else { return };
    let ([of_client, of_server], line) = pair(&net.executor);
    net.lines.borrow_mut().push((line.clone(), number));
    if net.below(2) == 0 {
        net.executor.spawn("a WebSocket of the server", runs(net.clone(), accepted, of_server));
    } else {
        by_hand(&net, accepted, of_server, line);
    }
    runs(net, conversation, of_client).await;
}

fn request_of(net: &Net, number: usize, head: &RequestHead<'_>) -> Pending {
    net.server.request(head, |now, handshake, carrier| {
        let sid = net.next_sid();
        net.told.lock().owners.insert(sid.clone(), number);
        Ok(handshake.accept(now, sid, carrier))
    })
}

/// The library of a WebSocket does it.
async fn runs(net: Net, conversation: Conversation, socket: Socket) {
    // The session has heard of an error.
    let _ = conversation.run(socket, frame_of, Message::Frame, |time| net.timers.sleep(time)).await;
}

fn frame_of(message: Message) -> Option<Frame> {
    match message {
        Message::Frame(frame) => Some(frame),
        Message::Ping | Message::Close => None,
    }
}

/// A program reads and writes a WebSocket with a task for each.
fn by_hand(net: &Net, conversation: Conversation, socket: Socket, line: Line) {
    let (reader, writer) = conversation.open();
    let socket = Rc::new(RefCell::new(socket));
    let writes = writes(net.clone(), writer, Rc::clone(&socket));
    let timers = net.timers.clone();
    net.executor.spawn("a writer", async move {
        writes.await;
        timers.sleep(PATIENCE).await;
        line.breaks();
    });
    net.executor.spawn("a reader", async move {
        while reader.ready().await {
            match next(&socket).await {
                Some(Ok(message)) => frame_of(message).into_iter().for_each(|frame| reader.frame(frame)),
                _ => break,
            }
        }
        drop(reader);
        while let Some(Ok(_)) = next(&socket).await {}
    });
}

async fn writes(net: Net, mut writer: Writer, socket: Rc<RefCell<Socket>>) {
    let way = async || {
        let is_free = poll_fn(|context| Pin::new(&mut *socket.borrow_mut()).poll_ready(context));
        let is_late = async {
            net.timers.sleep(PATIENCE).await;
            Err(Broken)
        };
        or(is_free, is_late).await
    };
    loop {
        // The wait is given up at times.
        let Some(next) = or(async { Some(writer.next().await) }, net.given_up(None)).await else { continue };
        let Some(frame) = next else { break };
        let sent = way().await.and_then(|()| Pin::new(&mut *socket.borrow_mut()).start_send(Message::Frame(frame)));
        if sent.is_err() {
            return;
        }
    }
    if way().await.is_ok() {
        let close = poll_fn(|context| Pin::new(&mut *socket.borrow_mut()).poll_close(context));
        or(async { drop(close.await) }, net.timers.sleep(PATIENCE)).await;
    }
}

async fn next(socket: &RefCell<Socket>) -> Option<Result<Message, Broken>> {
    poll_fn(|context| Pin::new(&mut *socket.borrow_mut()).poll_next(context)).await
}

/// The output of what is ready first.
async fn or<T>(one: impl Future<Output = T>, other: impl Future<Output = T>) -> T {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|context| match one.as_mut().poll(context) {
        Poll::Pending => other.as_mut().poll(context),
        ready => ready,
    })
    .await
}

impl Net {
    /// Something takes a while, or no time.
    async fn travel(&self) {
        if let Some(time) = self.delay() {
            self.timers.sleep(time).await;
        }
    }

    /// This, when somebody has waited long enough.
    async fn given_up<T>(&self, this: T) -> T {
        self.bell.rings().await;
        this
    }

    /// A connection of a client, which may break.
    fn connection(&self, number: usize) -> Bell {
        let bell = Bell::default();
        self.connections.borrow_mut().push((bell.clone(), number));
        bell
    }

    pub(super) fn next_sid(&self) -> Sid {
        let number = self.sids.get();
        self.sids.set(number.saturating_add(1));
        sid(number)
    }
}

pub(super) fn sid(number: u16) -> Sid {
    let mut entropy = [0; 15];
    entropy[..2].copy_from_slice(&number.to_be_bytes());
    Sid::from_entropy(entropy)
}
