//! Where the server of a case is: on a port of its own, or below a path of another server.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use sio_codec::engineio::client::Input;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::task::{AbortHandle, JoinSet};

use super::desk::{self, Desk};
use crate::party::driver::News;

/// Where the server of a case is to be.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// On a port, or a free one if it is 0.
    Port(SocketAddr, Handle),
    /// Below a path of a server with this URL.
    Path(String, Paths),
}

/// The cases that are being played below paths of one server. The paths begin with [`Paths::BEGINNING`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Paths(Arc<Mutex<HashMap<String, Arc<Desk>>>>);

/// The server of one case; dropping it ends all connections.
#[derive(Debug)]
pub(super) struct Listener {
    /// The number of the case, which tells its requests from late ones of an earlier case.
    pub(super) case: u64,
    /// Where clients reach it, without a path.
    pub(super) url: String,
    /// The path of its requests, with a slash at the end.
    pub(super) path: String,
    desk: Arc<Desk>,
    entry: Entry,
}

#[derive(Debug)]
enum Entry {
    Port(AbortHandle),
    Path(Paths),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(at, _) => write!(f, " on {at}"),
            Self::Path(..) => Ok(()),
        }
    }
}

impl Paths {
    pub(crate) const BEGINNING: &'static str = "/play/";

    /// The case at a path, which ends with a slash.
    pub(crate) fn find(&self, path: &str) -> Option<Arc<Desk>> {
        self.lock().get(path).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Desk>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener {
    /// Opens the server of a case. On a port of its own, its path is `path`.
    pub(super) fn start(place: &Place, path: &'static str, news: SyncSender<News>) -> io::Result<Self> {
        static CASES: AtomicU64 = AtomicU64::new(1);
        let case = CASES.fetch_add(1, Ordering::Relaxed);
        let desk = Arc::new(Desk::new(case, news));
        match place {
            Place::Port(at, runtime) => {
                let listener = runtime.block_on(TcpListener::bind(at))?;
                let url = format!("http://{}", listener.local_addr()?);
                let task = runtime.spawn(accept(listener, path, Arc::clone(&desk)));
                Ok(Self { case, url, path: path.to_owned(), desk, entry: Entry::Port(task.abort_handle()) })
            }
            Place::Path(url, paths) => {
                let path = format!("{}{case}/", Paths::BEGINNING);
                paths.lock().insert(path.clone(), Arc::clone(&desk));
                Ok(Self { case, url: url.clone(), path, desk, entry: Entry::Path(paths.clone()) })
            }
        }
    }

    /// Does what the server does in the trace.
    pub(super) fn handle(&self, input: Input) {
        self.desk.handle(input);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        match &self.entry {
            Entry::Port(task) => task.abort(),
            Entry::Path(paths) => drop(paths.lock().remove(&self.path)),
        }
        self.desk.end();
    }
}

async fn accept(listener: TcpListener, path: &'static str, desk: Arc<Desk>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, path, Arc::clone(&desk)));
                }
                // Most likely there are no file descriptors left: wait until some connections end.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, path: &'static str, desk: Arc<Desk>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let desk = Arc::clone(&desk);
        async move {
            if request.uri().path() != path {
                return desk::answer(404, "text/plain", Bytes::from_static(b"not the path of this case\n"));
            }
            let query = request.uri().query().unwrap_or_default().to_owned();
            desk.serve(request, query).await
        }
    });
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades().await;
}
