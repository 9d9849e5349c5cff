//! What the server answers.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderValue, SEC_WEBSOCKET_KEY};
use hyper::http::uri::Authority;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::registry::{Agent, Registry};
use crate::party::client::{Paths, switching};
use crate::party::driver::link;

/// What is served.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) list: Bytes,
    pub(super) registry: Arc<Registry>,
    pub(super) paths: Paths,
    /// The client that the page drives, if it was given.
    pub(super) script: Option<Bytes>,
}

/// The page that drives socket.io-client in a browser, and its scripts.
const PAGE: &str = include_str!("page/index.html");
const PAGE_SCRIPT: &str = include_str!("page/page.mjs");
const CALLS: &str = include_str!("../../../fixtures/drivers/calls.mjs");

type Answer = Response<Full<Bytes>>;

const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const JSON: &str = "application/json";

const ROUTES: &str = "\
GET /                      a page that tests the client of a browser
GET /cases                 the cases
WebSocket /driver?agent=NAME   plays them, in the driver protocol of siospec
GET /progress?agent=NAME   how far the agent is
GET /report?agent=NAME     ends the agent's run, and answers with its results
";

impl Desk {
    /// Answers a request.
    ///
    /// # Errors
    ///
    /// If the connection is to end without an answer.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> io::Result<Answer> {
        let path = request.uri().path();
        if path.starts_with(Paths::BEGINNING) {
            let Some(case) = self.paths.find(path) else {
                return Ok(text(StatusCode::NOT_FOUND, "this case is over"));
            };
            let query = request.uri().query().unwrap_or_default().to_owned();
            return case.serve(request, query).await;
        }
        match path {
            "/driver" => return self.driver(request),
            "/" | "/page.mjs" | "/calls.mjs" | "/client.js" | "/cases" | "/progress" | "/report" => {}
            _ => {
                return Ok(text(StatusCode::NOT_FOUND, &format!("there is nothing at this path; there are\n{ROUTES}")));
            }
        }
        if request.method() != Method::GET {
            return Ok(text(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered here"));
        }
        Ok(match path {
            "/" => with(StatusCode::OK, HTML, PAGE.into()),
            "/page.mjs" => with(StatusCode::OK, SCRIPT, PAGE_SCRIPT.into()),
            "/calls.mjs" => with(StatusCode::OK, SCRIPT, CALLS.into()),
            "/client.js" => match &self.script {
                Some(script) => with(StatusCode::OK, SCRIPT, script.clone()),
                None => {
                    text(StatusCode::NOT_FOUND, "no client was given with --client; the page takes one from a file")
                }
            },
            "/cases" => with(StatusCode::OK, JSON, self.list.clone()),
            "/progress" => self.progress(&request),
            _ => self.report(&request).await,
        })
    }

    fn progress(&self, request: &Request<Incoming>) -> Answer {
        let agent = match Agent::new(parameter(request, "agent").as_deref()) {
            Ok(agent) => agent,
            Err(why) => return text(StatusCode::BAD_REQUEST, &why),
        };
        let after = match parameter(request, "after").map(|after| after.parse()) {
            None => 0,
            Some(Ok(after)) => after,
            Some(Err(_)) => return text(StatusCode::BAD_REQUEST, "after is not a number of results"),
        };
        match self.registry.progress(&agent, after) {
            Some(progress) => with(StatusCode::OK, JSON, progress.to_string().into()),
            None => unknown(&agent),
        }
    }

    async fn report(&self, request: &Request<Incoming>) -> Answer {
        let agent = match Agent::new(parameter(request, "agent").as_deref()) {
            Ok(agent) => agent,
            Err(why) => return text(StatusCode::BAD_REQUEST, &why),
        };
        let Some(pages) = self.registry.report(&agent).await else { return unknown(&agent) };
        self.registry.was_read(&agent);
        let accept = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        if accept.contains("text/plain") {
            with(StatusCode::OK, TEXT, pages.text.clone().into())
        } else {
            with(StatusCode::OK, JSON, pages.json.clone().into())
        }
    }

    /// A page cannot see the status that refuses a WebSocket, but the reason of a Close frame.
    fn driver(&self, mut request: Request<Incoming>) -> io::Result<Answer> {
        let Some(key) = request.headers().get(SEC_WEBSOCKET_KEY).cloned() else {
            return Ok(text(
                StatusCode::UPGRADE_REQUIRED,
                "this is a WebSocket that speaks the driver protocol of siospec",
            ));
        };
        let agent = Agent::new(parameter(&request, "agent").as_deref());
        let arrived = agent.and_then(|agent| self.registry.arrive(agent, origin(&request)));
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let gone = arrived.as_ref().ok().map(|(_, gone)| gone.clone().drop_guard());
            let Ok(stream) = upgrade.await else { return };
            let mut socket =
                WebSocketStream::from_raw_socket(TokioIo::new(stream), Role::Server, Some(link::config())).await;
            let why = match arrived {
                Ok((wire, _)) => wire.carry(&mut socket).await,
                Err(why) => Some(why),
            };
            // It may come back at once.
            drop(gone);
            link::close(socket, why.as_deref()).await;
        });
        switching(key.as_bytes())
    }
}

/// The address that a client connected to.
fn origin(request: &Request<Incoming>) -> Option<String> {
    let host = request.headers().get(HOST)?.to_str().ok()?;
    host.parse::<Authority>().ok().map(|authority| format!("http://{authority}"))
}

/// A parameter of the query.
fn parameter(request: &Request<Incoming>, name: &str) -> Option<String> {
    let query = request.uri().query().unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn unknown(agent: &Agent) -> Answer {
    text(StatusCode::NOT_FOUND, &format!("there is no agent {}; it begins with /driver", &**agent))
}

/// A sentence.
fn text(status: StatusCode, sentence: &str) -> Answer {
    with(status, TEXT, format!("{}\n", sentence.trim_end()).into())
}

fn with(status: StatusCode, content_type: &'static str, body: Bytes) -> Answer {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
