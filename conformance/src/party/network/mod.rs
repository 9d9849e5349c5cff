//! A server behind a URL.
//!
//! Every request and every WebSocket has its own TCP connection and its own task, which reports events in messages, so
//! no event is lost. Dropping the party closes the connections.

mod connect;
mod flood;
mod foreign;
mod handshake;
mod http;
mod jar;
mod paced;
mod raw;
mod round_trip;
mod socket;
mod talk;
mod target;
mod tls;
mod wire;

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use sio_codec::{Clock, Machine as _, Output};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use flood::{Deeds, Flood};
use socket::Reports;

use crate::party::noise::Noise;
use crate::party::tongue::Tongue;
use crate::replay::{Command, Happening, Id, Outcome, Recording, Replay, Seen, Timeline};

pub use round_trip::RoundTrip;
pub(crate) use talk::Talk;
pub use target::{Access, Target, TargetError, Trust};

/// Plays a replay against a server to its end.
pub async fn play(
    mut replay: Replay,
    clock: Clock,
    target: &Target,
    noise: &Noise,
) -> (Box<Outcome>, Option<Recording>) {
    let outcome = drive(&mut replay, clock, target, noise).await;
    (outcome, replay.into_recording())
}

/// Like [`play`], but for at most `limit`.
///
/// # Errors
///
/// The timeline up to then.
pub(crate) async fn play_within(
    limit: Duration,
    mut replay: Replay,
    clock: Clock,
    target: &Target,
    noise: &Noise,
) -> Result<(Box<Outcome>, Option<Recording>), Timeline> {
    match tokio::time::timeout(limit, drive(&mut replay, clock, target, noise)).await {
        Ok(outcome) => Ok((outcome, replay.into_recording())),
        Err(_) => Err(replay.into_timeline()),
    }
}

async fn drive(replay: &mut Replay, clock: Clock, target: &Target, noise: &Noise) -> Box<Outcome> {
    let (mailbox, mut mail) = mpsc::channel(MAILBOX);
    let mut party = Party::new(target.apart(), mailbox);
    party.tongue.learn(replay);
    loop {
        replay.observe_noise(noise.recent());
        while let Some(output) = replay.poll_output() {
            match output {
                Output::Event(outcome) => return outcome,
                Output::Transmit(command) => match party.tongue.say(command) {
                    Ok(command) => command.into_iter().for_each(|command| party.carry_out(command)),
                    Err(why) => replay.does_not_apply(why),
                },
            }
        }
        let left = clock.until(replay.next_deadline());
        tokio::select! {
            // Handles what has arrived before what is overdue.
            biased;
            Some(happening) = mail.recv() => {
                party.tongue.hear(happening).into_iter().for_each(|happening| replay.handle(clock.now(), happening));
            }
            () = tokio::time::sleep(left) => {
                replay.observe_noise(noise.recent());
                replay.handle_timeout(clock.now());
            }
        }
    }
}

type Mailbox = mpsc::Sender<Happening>;

/// The number of unread messages. When it is reached, tasks wait, and so do the servers that send.
const MAILBOX: usize = 16;

/// An order to the task of a request or WebSocket.
enum Order {
    Part(Bytes),
    Text(String),
    Binary(Bytes),
    Frame { head: u8, payload: Bytes, cut: Option<usize> },
    Close(Option<u16>),
}

struct Party {
    target: Target,
    tongue: Tongue,
    mailbox: Mailbox,
    deeds: Deeds,
    lines: HashMap<Id, (mpsc::UnboundedSender<Order>, tokio::task::AbortHandle)>,
    tasks: JoinSet<()>,
}

impl Party {
    fn new(target: Target, mailbox: Mailbox) -> Self {
        let tongue = Tongue::new(target.parser());
        Self { target, tongue, mailbox, deeds: Deeds::default(), lines: HashMap::new(), tasks: JoinSet::new() }
    }

    fn carry_out(&mut self, command: Command) {
        if !answers_a_ping(&command) {
            self.deeds.note();
        }
        match command {
            Command::Request { id, node, request } => {
                let (orders, inbox) = mpsc::unbounded_channel();
                let task = http::exchange(self.target.node(node).clone(), request, inbox);
                self.spawn(
                    id,
                    orders,
                    async move { task.await.unwrap_or_else(|fault| Seen::Lost(fault.into_words())) },
                );
            }
            Command::Open { id, node, query, headers } => {
                let (orders, inbox) = mpsc::unbounded_channel();
                let reports = Reports { id, mailbox: self.mailbox.clone(), flood: Flood::new(self.deeds.clone()) };
                let task = socket::pump(self.target.node(node).clone(), query, headers, inbox, reports);
                self.spawn(id, orders, task);
            }
            Command::Raw { id, node, bytes } => {
                let (orders, _) = mpsc::unbounded_channel();
                let task = raw::exchange(self.target.node(node).clone(), bytes, self.mailbox.clone(), id);
                self.spawn(id, orders, async move { Seen::Lost(task.await.err().unwrap_or_default()) });
            }
            Command::Part { id, bytes } => self.order(id, Order::Part(bytes)),
            Command::Text { id, text } => self.order(id, Order::Text(text)),
            Command::Binary { id, bytes } => self.order(id, Order::Binary(bytes)),
            Command::Frame { id, head, payload, cut } => self.order(id, Order::Frame { head, payload, cut }),
            Command::Close { id, code } => self.order(id, Order::Close(code)),
            Command::Abort { id } => {
                if let Some((_, task)) = self.lines.remove(&id) {
                    task.abort();
                }
            }
        }
    }

    /// Starts the task of one connection; its result is the last event there.
    fn spawn(
        &mut self,
        id: Id,
        orders: mpsc::UnboundedSender<Order>,
        task: impl Future<Output = Seen> + Send + 'static,
    ) {
        let mailbox = self.mailbox.clone();
        let handle = self.tasks.spawn(async move {
            let seen = task.await;
            let _ = mailbox.send(Happening { id, seen }).await;
        });
        self.lines.insert(id, (orders, handle));
    }

    fn order(&self, id: Id, order: Order) {
        if let Some((orders, _)) = self.lines.get(&id) {
            // A connection that is over has already reported that.
            let _ = orders.send(order);
        }
    }
}

/// Whether a command only answers a ping, so that it does not reset the count of unrequested frames.
fn answers_a_ping(command: &Command) -> bool {
    match command {
        Command::Text { text, .. } => text == "3",
        Command::Request { request, .. } => request.method == "POST" && request.body == "3",
        _ => false,
    }
}

/// An I/O error in words that need no knowledge of Rust.
fn plain(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused => "the connection was refused".to_owned(),
        ErrorKind::ConnectionReset => "the connection was reset".to_owned(),
        ErrorKind::TimedOut => "the connection timed out".to_owned(),
        ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe => "the connection ended".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests;
