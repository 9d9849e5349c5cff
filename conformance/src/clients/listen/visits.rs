//! The requests of clients without a driver: those of the cases that they visit, and those for the results.

use std::io;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::SEC_WEBSOCKET_KEY;
use hyper::{Method, Request, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::list::{self, List};
use super::registry::{Agent, Look, Refusal, Registry};
use super::reply::{Answer, JSON, origin, parameter, text, with};
use crate::cases::Case;
use crate::party::client::{Paths, Visiting};

/// The path of servers that is added by clients that take the rest from a URL.
const DEFAULT_PATH: &str = "/socket.io";

/// The parameters that tell whose request it is, and whether the case is played again. They are no part of the case.
const OURS: [&str; 2] = ["agent", "again"];

/// The cases to visit.
#[derive(Debug)]
pub(super) struct Visits {
    pub(super) list: Arc<List>,
    pub(super) registry: Arc<Registry>,
    pub(super) paths: Paths,
    /// The address of all requests.
    pub(super) url: String,
}

impl Visits {
    /// Answers a request below [`list::BEGINNING`]: with what the client is to do, or as the server of the case.
    ///
    /// # Errors
    ///
    /// If the connection is to end without an answer.
    pub(super) async fn case(&self, request: Request<Incoming>) -> io::Result<Answer> {
        let path = match self.play(&request).await {
            Ok(Some(path)) => path,
            Ok(None) => return Ok(self.instructions(&request).unwrap_or_else(|refusal| refused(&refusal))),
            Err(refusal) => return Ok(refused(&refusal)),
        };
        let Some(case) = self.paths.find(&path) else {
            return Ok(text(StatusCode::NOT_FOUND, "this case is over"));
        };
        let query = without_ours(request.uri().query().unwrap_or_default());
        case.serve(request, query).await
    }

    /// Answers with the result of a case when it is over.
    pub(super) async fn result(&self, request: &Request<Incoming>) -> Answer {
        match self.wait(request).await {
            Ok(result) => with(StatusCode::OK, JSON, result.to_string().into()),
            Err(refusal) => refused(&refusal),
        }
    }

    async fn wait(&self, request: &Request<Incoming>) -> Result<Arc<str>, Refusal> {
        let agent = agent(request)?;
        let id = parameter(request, "case").unwrap_or_default();
        let id = id.trim_matches('/');
        if id.is_empty() {
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "the case is missing: add &case=ID"));
        }
        let (case, _) = self.find(id)?;
        self.registry.result(&agent, &case.id).await
    }

    /// The path of the server of a client's case, which its first request begins. `None` if it is no request of a client of
    /// Engine.IO.
    async fn play(&self, request: &Request<Incoming>) -> Result<Option<Arc<str>>, Refusal> {
        let path = request.uri().path();
        let (case, visiting) = self.find_at(path)?;
        let agent = agent(request)?;
        let has = |name: &str| parameter(request, name).is_some();
        let is_upgrade = request.headers().contains_key(SEC_WEBSOCKET_KEY);
        if request.method() == Method::GET && !is_upgrade && !["EIO", "transport", "sid"].into_iter().any(has) {
            return Ok(None);
        }
        if !path.ends_with('/') {
            let why = "the path of a client ends with a slash, which is missing here";
            return Err(Refusal::new(StatusCode::NOT_FOUND, why));
        }
        if !has("sid") && !self.registry.plays(&agent, &case.id) {
            suits(visiting, request)?;
            let look = if has("again") { Look::Second } else { Look::First };
            self.registry.begin(&agent, &case.id, look)?;
        }
        self.registry.place(&agent, &case.id).await.map(Some)
    }

    /// How a client visits a case.
    fn instructions(&self, request: &Request<Incoming>) -> Result<Answer, Refusal> {
        let (case, visiting) = self.find_at(request.uri().path())?;
        let agent = agent(request)?;
        let (url, path) = (origin(request).unwrap_or_else(|| self.url.clone()), list::path(&case.id));
        let (eio, transports) = (visiting.revision.number(), list::transports(visiting));
        let first = transports.first().copied().unwrap_or_default();
        let socket = if first == "websocket" { url.replacen("http", "ws", 1) } else { url.clone() };
        let name = list::escaped(&agent);
        let instructions = json!({
            "id": case.id,
            "title": case.trace.header.title.as_str(),
            "level": case.trace.header.level.as_str(),
            "eio": eio,
            "url": url,
            "options": {
                "path": path,
                "query": { "agent": &*agent },
                "transports": transports,
                "reconnection": false,
                "forceNew": true,
            },
            "first": format!("{socket}{path}?agent={name}&EIO={eio}&transport={first}"),
            "todo": "connect, and answer each event x with an event x-back that has the same arguments",
            "result": format!("{url}/result?agent={name}&case={}", list::escaped(&case.id)),
        });
        Ok(with(StatusCode::OK, JSON, format!("{instructions:#}\n").into()))
    }

    /// The case of a path.
    fn find_at(&self, path: &str) -> Result<(&Case, Visiting), Refusal> {
        let id = path.strip_prefix(list::BEGINNING).unwrap_or_default();
        let id = percent_decode_str(id).decode_utf8_lossy();
        let id = id.trim_end_matches('/');
        match id.strip_suffix(DEFAULT_PATH) {
            Some(shorter) if self.list.find(id).is_none() => self.find(shorter),
            _ => self.find(id),
        }
    }

    fn find(&self, id: &str) -> Result<(&Case, Visiting), Refusal> {
        let case = self.list.find(id).ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, self.list.unknown(id)))?;
        match self.list.visiting(case) {
            Ok(visiting) => Ok((case, visiting)),
            Err(why) => Err(Refusal::conflict(format!("{id} cannot be visited: it {why}"))),
        }
    }
}

fn agent(request: &Request<Incoming>) -> Result<Agent, Refusal> {
    Agent::new(parameter(request, "agent").as_deref()).map_err(|why| Refusal::new(StatusCode::BAD_REQUEST, why))
}

fn refused(refusal: &Refusal) -> Answer {
    text(refusal.status, &refusal.why)
}

/// Whether a case is for the client of its first request.
fn suits(visiting: Visiting, request: &Request<Incoming>) -> Result<(), Refusal> {
    let (eio, transports) = (visiting.revision.number(), list::transports(visiting));
    let first = transports.first().copied().unwrap_or_default();
    let is_other = |name: &str, wanted: &str, words: [&str; 2]| {
        let value = parameter(request, name);
        value.is_some_and(|value| value != wanted && words.contains(&&*value))
    };
    if is_other("EIO", &eio.to_string(), ["3", "4"]) {
        return Err(Refusal::conflict(format!("this case is for clients of Engine.IO {eio}")));
    }
    if is_other("transport", first, ["polling", "websocket"]) {
        let transports = transports.join(", then ");
        return Err(Refusal::conflict(format!("this case is for clients with other transports: {transports}")));
    }
    Ok(())
}

/// The query of a client, as it would be at a server of its own.
fn without_ours(query: &str) -> String {
    let mut left: Vec<&str> = query.split('&').collect();
    for ours in OURS {
        let is_it = |pair: &&str| pair.split('=').next() == Some(ours);
        if let Some(at) = left.iter().position(is_it) {
            left.remove(at);
        }
    }
    left.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_a_query_stays_as_it_is() {
        for (query, rest) in [
            ("agent=me&EIO=4&transport=polling", "EIO=4&transport=polling"),
            ("EIO=4&agent=me&t=a%20b&again=1", "EIO=4&t=a%20b"),
            ("EIO=4&&agents=2", "EIO=4&&agents=2"),
            // A client that writes its parameters twice is not helped.
            ("agent=me&EIO=4&agent=me", "EIO=4&agent=me"),
        ] {
            assert_eq!(without_ours(query), rest);
        }
    }
}
