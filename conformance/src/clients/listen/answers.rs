//! What the server answers.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::SEC_WEBSOCKET_KEY;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::list::{self, List, Wanted};
use super::registry::{Agent, Registry};
use super::reply::{Answer, HTML, JSON, SCRIPT, TEXT, origin, parameter, text, wants_text, with};
use super::visits::Visits;
use crate::party::client::{Paths, switching};
use crate::party::driver::link;

/// What is served.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) list: Arc<List>,
    pub(super) registry: Arc<Registry>,
    pub(super) paths: Paths,
    pub(super) visits: Visits,
    /// The client that the page drives, if it was given.
    pub(super) script: Option<Bytes>,
}

/// The page that drives socket.io-client in a browser, and its scripts.
const PAGE: &str = include_str!("page/index.html");
const PAGE_SCRIPT: &str = include_str!("page/page.mjs");
const CALLS: &str = include_str!("../../../fixtures/drivers/calls.mjs");

const ROUTES: &str = "\
GET /                      a page that tests the client of a browser
GET /cases                 the cases; with ?visitor=polling, websocket, both or all those that need no driver
WebSocket /driver?agent=NAME   plays them, in the driver protocol of siospec
GET /case/ID?agent=NAME    how a client without a driver plays a case
GET /result?agent=NAME&case=ID   the result of such a case, when it is over
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
        if path.starts_with(list::BEGINNING) {
            return self.visits.case(request).await;
        }
        match path {
            "/driver" => return self.driver(request),
            "/" | "/page.mjs" | "/calls.mjs" | "/client.js" | "/cases" | "/progress" | "/report" | "/result" => {}
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
            "/cases" => self.cases(&request),
            "/result" => self.visits.result(&request).await,
            "/progress" => self.progress(&request),
            _ => self.report(&request).await,
        })
    }

    fn cases(&self, request: &Request<Incoming>) -> Answer {
        let eio = parameter(request, "eio");
        match parameter(request, "visitor").map(|word| Wanted::new(&word, eio.as_deref())) {
            None => with(StatusCode::OK, JSON, self.list.driven().to_owned().into()),
            Some(Ok(wanted)) if wants_text(request) => with(StatusCode::OK, TEXT, self.list.ids(wanted).into()),
            Some(Ok(wanted)) => with(StatusCode::OK, JSON, self.list.visited(wanted).into()),
            Some(Err(why)) => text(StatusCode::BAD_REQUEST, &why),
        }
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
        if wants_text(request) {
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

fn unknown(agent: &Agent) -> Answer {
    text(StatusCode::NOT_FOUND, &format!("there is no agent {}; it begins with /driver or /case/ID", &**agent))
}
