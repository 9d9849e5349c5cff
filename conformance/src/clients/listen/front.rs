//! The server that agents connect to.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

use super::Agents;
use super::answers::Desk;
use super::list::List;
use super::registry::Registry;
use super::visits::Visits;
use crate::party::client::Paths;
use crate::run::CancellationToken;

/// The number of connections that are served at a time.
const MAX_CONNECTIONS: usize = 512;

/// How long a client may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(30);

/// How long answers that are on their way are waited for at the end.
const GOODBYE: Duration = Duration::from_secs(2);

/// How long it waits when no connection can be accepted, because no file descriptors are left.
const PAUSE: Duration = Duration::from_millis(50);

/// The server that agents connect to.
#[derive(Debug)]
pub(super) struct Front {
    url: String,
    paths: Paths,
    closing: CancellationToken,
    task: JoinHandle<()>,
}

impl Front {
    /// Starts to serve.
    ///
    /// # Errors
    ///
    /// If the address cannot be used.
    pub(super) fn open(
        agents: &Agents,
        list: Arc<List>,
        registry: Arc<Registry>,
        runtime: &Handle,
    ) -> io::Result<Self> {
        let listener = runtime.block_on(TcpListener::bind(agents.listen))?;
        let url = format!("http://{}", listener.local_addr()?);
        let (paths, closing) = (Paths::default(), CancellationToken::new());
        let visits =
            Visits { list: Arc::clone(&list), registry: Arc::clone(&registry), paths: paths.clone(), url: url.clone() };
        let desk = Arc::new(Desk { list, registry, paths: paths.clone(), visits, script: agents.script.clone() });
        let task = runtime.spawn(accept(listener, desk, closing.clone()));
        Ok(Self { url, paths, closing, task })
    }

    /// Its address.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The servers of cases below its paths.
    pub(super) fn paths(&self) -> Paths {
        self.paths.clone()
    }

    /// Sends the answers that are on their way, and ends.
    pub(super) async fn close(mut self) {
        self.closing.cancel();
        let _ = tokio::time::timeout(GOODBYE, &mut self.task).await;
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, desk: Arc<Desk>, closing: CancellationToken) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    let accepting = async {
        loop {
            while connections.try_join_next().is_some() {}
            let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let desk = Arc::clone(&desk);
                    connections.spawn(async move {
                        serve(stream, desk).await;
                        drop(permit);
                    });
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    };
    closing.run_until_cancelled(accepting).await;
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn serve(stream: TcpStream, desk: Arc<Desk>) {
    let _ = stream.set_nodelay(true);
    // One request for each connection: browsers repeat a request that fails on a connection that they have used before, which
    // would be a request that the client under test has not made.
    let service = service_fn(|request: Request<Incoming>| {
        let desk = Arc::clone(&desk);
        async move {
            let mut response = desk.answer(request).await?;
            if response.status() != StatusCode::SWITCHING_PROTOCOLS {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, io::Error>(response)
        }
    });
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let _ = server.serve_connection(TokioIo::new(stream), service).with_upgrades().await;
}
