//! Plays cases against a client without a driver, which asks for one case after the other.
//!
//! | request | answer |
//! |---|---|
//! | `GET /` | the cases that the client can play, one id per line |
//! | `GET /next` | the URL at which the server of the next case waits for the client; the answer comes when the case before is over. 204 if no case is left; 503 if 64 requests wait already |

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use sio_codec::engineio::client::Transports;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinSet};

use super::{MAX_SECOND_LOOKS, Played, Report, Result};
use crate::cases::Case;
use crate::party::client::{self, Place};
use crate::replay::Conditions;
use crate::run::CancellationToken;

/// How cases are played.
#[derive(Clone, Copy, Debug)]
pub struct Visits {
    /// Where the client asks for cases.
    pub listen: SocketAddr,
    /// The transports that the client uses.
    pub transports: Transports,
    /// How long a step without a window may take.
    pub step: Duration,
    /// Cases that were not started by then are not played.
    pub max_time: Duration,
}

/// How long the client may take to ask for a case after the last one.
const LAST: Duration = Duration::from_secs(2);

/// The number of requests that wait for the URL of a case. A client needs one.
const MAX_WAITING: usize = 64;

/// How often the end of the run is looked for while the client asks for nothing.
const LOOK: Duration = Duration::from_millis(50);

/// Plays cases against the clients that ask for them. `ready` is told the URL of the list. Cancelling `stop` ends the run
/// after the case that is being played.
///
/// # Errors
///
/// If the address cannot be used.
pub fn receive(
    cases: Vec<Case>,
    visits: &Visits,
    runtime: &Handle,
    stop: &CancellationToken,
    ready: impl FnOnce(&str),
) -> io::Result<Report> {
    let (sender, wishes) = mpsc::sync_channel(MAX_WAITING);
    let suited: Vec<_> = cases.iter().filter(|case| client::suits_visitor(&case.trace, visits.transports)).collect();
    let list = suited.iter().map(|case| format!("{}\n", case.id)).collect();
    let desk = Desk::open(visits.listen, list, sender, runtime)?;
    ready(&desk.url);
    let started = Instant::now();
    let round = Round { visits, runtime, stop, started, wishes, host: desk.address };
    let mut report = Report::new("a client that echoes", words(visits.transports));
    for case in cases {
        let result = round.play(&case)?;
        report.played.push(Played { case, result, again: None });
    }
    let failed = report.played.iter_mut().filter(|played| played.has_failed());
    for played in failed.take(MAX_SECOND_LOOKS) {
        if let again @ Result::Through(_) = round.play(&played.case)? {
            played.again = Some(again);
            report.second_looks += 1;
        }
    }
    round.dismiss();
    report.played.sort_by(|one, other| one.case.id.cmp(&other.case.id));
    report.is_interrupted = stop.is_cancelled();
    report.duration = started.elapsed();
    Ok(report)
}

const fn words(transports: Transports) -> &'static str {
    match transports {
        Transports::PollingOnly => "on polling",
        Transports::WebSocketOnly => "on WebSocket",
        _ => "on polling, then WebSocket",
    }
}

/// A client that waits for the URL of its next case.
type Waiting = oneshot::Sender<Option<String>>;

struct Round<'a> {
    visits: &'a Visits,
    runtime: &'a Handle,
    stop: &'a CancellationToken,
    started: Instant,
    wishes: Receiver<Waiting>,
    host: SocketAddr,
}

impl Round<'_> {
    fn play(&self, case: &Case) -> io::Result<Result> {
        let conditions = Conditions { step: self.visits.step, ..Conditions::default() };
        // Each case has a port of its own, so that nothing that is left of the case before reaches it.
        let place = Place::Port(SocketAddr::new(self.host.ip(), 0), self.runtime.clone());
        let transports = self.visits.transports;
        let invite = |url: &str| loop {
            if self.stop.is_cancelled() || self.started.elapsed() > self.visits.max_time {
                return false;
            }
            // A client that went away while it waited takes no URL.
            if let Ok(waiting) = self.wishes.recv_timeout(LOOK)
                && waiting.send(Some(url.to_owned())).is_ok()
            {
                return true;
            }
        };
        let outcome = client::play_visitor(&case.trace, conditions, transports, &place, invite)?;
        Ok(outcome.map_or(Result::Left, Result::Through))
    }

    /// Tells the client that no case is left.
    fn dismiss(&self) {
        if let Ok(waiting) = self.wishes.recv_timeout(LAST) {
            let _ = waiting.send(None);
            // The answer is still on its way.
            std::thread::sleep(LOOK);
        }
    }
}

/// The server that is asked for cases; dropping it ends it.
#[derive(Debug)]
struct Desk {
    address: SocketAddr,
    url: String,
    task: AbortHandle,
}

impl Desk {
    fn open(at: SocketAddr, list: String, wishes: SyncSender<Waiting>, runtime: &Handle) -> io::Result<Self> {
        let listener = runtime.block_on(TcpListener::bind(at))?;
        let address = listener.local_addr()?;
        let task = runtime.spawn(accept(listener, Arc::from(list), wishes)).abort_handle();
        Ok(Self { address, url: format!("http://{address}"), task })
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, list: Arc<str>, wishes: SyncSender<Waiting>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let (list, wishes) = (Arc::clone(&list), wishes.clone());
                    let service = service_fn(move |request| answer(Arc::clone(&list), wishes.clone(), request));
                    connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
                }
                Err(_) => tokio::time::sleep(LOOK).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn answer(
    list: Arc<str>,
    wishes: SyncSender<Waiting>,
    request: Request<Incoming>,
) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
    let (status, body) = match (request.method(), request.uri().path()) {
        (&Method::GET, "/") => (StatusCode::OK, list.to_string()),
        (&Method::GET, "/next") => {
            let (sender, url) = oneshot::channel();
            match wishes.try_send(sender) {
                Err(TrySendError::Full(_)) => {
                    (StatusCode::SERVICE_UNAVAILABLE, format!("{MAX_WAITING} requests wait already; ask again later\n"))
                }
                _ => match url.await {
                    Ok(Some(url)) => (StatusCode::OK, url),
                    _ => (StatusCode::NO_CONTENT, String::new()),
                },
            }
        }
        _ => (StatusCode::NOT_FOUND, "GET / lists the cases, GET /next names the URL of the next one\n".to_owned()),
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    Ok(response)
}
