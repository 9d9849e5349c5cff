//! A server behind a URL.
//!
//! Every request and every WebSocket has a TCP connection and a task of its own, and reports what happens to it by mail,
//! so nothing is lost between two looks. Dropping the party drops the connections.

mod flood;
mod handshake;
mod http;
mod paced;
mod raw;
mod socket;
mod wire;

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use sio_codec::{Clock, Machine as _, Output};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use flood::{Deeds, Flood};
use socket::Reports;
use wire::Wire;

use crate::party::noise::Noise;
use crate::replay::{Answer, Command, Happening, Id, Outcome, Outgoing, Recording, Replay, Seen};

/// How long a server may take to answer a question outside any case.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a server is: what a URL says, and the path that the protocol lives at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    host: String,
    port: u16,
    path: String,
}

/// Why a text is no target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// It is no URL with a host.
    NotAUrl,
    /// It is one, of a scheme that is not spoken here.
    Scheme(String),
    /// It names a path, which has an option of its own.
    Path(String),
}

impl Target {
    /// Reads `http://host[:port]`, and takes the path of the protocol.
    ///
    /// # Errors
    ///
    /// [`TargetError`], which says what is wrong.
    pub fn new(url: &str, path: &str) -> Result<Self, TargetError> {
        let uri: hyper::Uri = url.parse().map_err(|_| TargetError::NotAUrl)?;
        match uri.scheme_str() {
            Some("http" | "ws") => {}
            Some(other) => return Err(TargetError::Scheme(other.to_owned())),
            None => return Err(TargetError::NotAUrl),
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(TargetError::Path(uri.path().to_owned()));
        }
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(TargetError::NotAUrl)?;
        Ok(Self { host: host.to_owned(), port: uri.port_u16().unwrap_or(80), path: path.to_owned() })
    }

    /// The same server at another path.
    #[must_use]
    pub fn at(&self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self.clone() }
    }

    /// The path of the protocol.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Sends one GET with this query.
    ///
    /// # Errors
    ///
    /// Why there is no answer, in words.
    pub async fn ask(&self, query: &str) -> Result<Answer, String> {
        let request = Outgoing {
            method: "GET".to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: Bytes::new(),
            length: None,
        };
        let (_, orders) = mpsc::unbounded_channel();
        let exchange = http::exchange(self.clone(), request, orders);
        match tokio::time::timeout(PATIENCE, exchange).await {
            Ok(Ok(Seen::Answer(answer))) => Ok(answer),
            Ok(Ok(_)) => Err("there is no answer".to_owned()),
            Ok(Err(fault)) => Err(fault.into_words()),
            Err(_) => Err(format!("there is no answer within {} s", PATIENCE.as_secs())),
        }
    }

    /// Whether the server takes connections at all.
    ///
    /// # Errors
    ///
    /// Why it does not, in words.
    pub async fn reach(&self) -> Result<(), String> {
        match tokio::time::timeout(PATIENCE, self.connect()).await {
            Ok(connected) => connected.map(drop),
            Err(_) => Err(format!("no connection within {} s", PATIENCE.as_secs())),
        }
    }

    fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    fn uri(&self, query: &str) -> String {
        format!("{}?{query}", self.path)
    }

    async fn connect(&self) -> Result<Wire, String> {
        // An IPv6 address stands in brackets in a URL, and without them in a socket address.
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        TcpStream::connect((host, self.port)).await.map(Wire::new).map_err(|error| plain(&error))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority(), self.path)
    }
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAUrl => f.write_str("it is not of the form http://host:port"),
            Self::Path(path) => write!(f, "it has the path {path}, which belongs into --path or --engine-path"),
            Self::Scheme(scheme) => write!(f, "the scheme is {scheme}, and only http is spoken"),
        }
    }
}

/// Plays a replay against a server, to its end.
pub async fn play(
    mut replay: Replay,
    clock: Clock,
    target: &Target,
    noise: &Noise,
) -> (Box<Outcome>, Option<Recording>) {
    let (mailbox, mut mail) = mpsc::channel(MAILBOX);
    let mut party = Party::new(target, mailbox);
    loop {
        replay.observe_noise(noise.recent());
        while let Some(output) = replay.poll_output() {
            match output {
                Output::Event(outcome) => return (outcome, replay.into_recording()),
                Output::Transmit(command) => party.carry_out(command),
            }
        }
        let wait = replay.next_deadline().map(|at| at.saturating_since(clock.now()));
        tokio::select! {
            // What has arrived comes before what is overdue.
            biased;
            Some(happening) = mail.recv() => replay.handle(clock.now(), happening),
            () = sleep(wait) => {
                replay.observe_noise(noise.recent());
                replay.handle_timeout(clock.now());
            }
        }
    }
}

async fn sleep(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}

type Mailbox = mpsc::Sender<Happening>;

/// So much mail may lie about; who writes more waits, and so do servers that send it.
const MAILBOX: usize = 16;

/// What a request's or a WebSocket's task can be told.
enum Order {
    Part(Bytes),
    Text(String),
    Binary(Bytes),
    Frame { head: u8, payload: Bytes, cut: Option<usize> },
    Close(Option<u16>),
}

struct Party<'a> {
    target: &'a Target,
    mailbox: Mailbox,
    deeds: Deeds,
    lines: HashMap<Id, (mpsc::UnboundedSender<Order>, tokio::task::AbortHandle)>,
    tasks: JoinSet<()>,
}

impl<'a> Party<'a> {
    fn new(target: &'a Target, mailbox: Mailbox) -> Self {
        Self { target, mailbox, deeds: Deeds::default(), lines: HashMap::new(), tasks: JoinSet::new() }
    }

    fn carry_out(&mut self, command: Command) {
        if !answers_a_ping(&command) {
            self.deeds.note();
        }
        match command {
            Command::Request { id, request } => {
                let (orders, inbox) = mpsc::unbounded_channel();
                let task = http::exchange(self.target.clone(), request, inbox);
                self.spawn(
                    id,
                    orders,
                    async move { task.await.unwrap_or_else(|fault| Seen::Lost(fault.into_words())) },
                );
            }
            Command::Open { id, query, headers } => {
                let (orders, inbox) = mpsc::unbounded_channel();
                let reports = Reports { id, mailbox: self.mailbox.clone(), flood: Flood::new(self.deeds.clone()) };
                let task = socket::pump(self.target.clone(), query, headers, inbox, reports);
                self.spawn(id, orders, task);
            }
            Command::Raw { id, bytes } => {
                let (orders, _) = mpsc::unbounded_channel();
                let task = raw::exchange(self.target.clone(), bytes, self.mailbox.clone(), id);
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

    /// Starts the task of one connection; what it comes to is the last thing that happens there.
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
            // A connection that is over has reported so.
            let _ = orders.send(order);
        }
    }
}

/// A server that goes on sending pings gets as many answers, and has been asked for nothing.
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
