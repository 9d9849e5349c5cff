//! Passes HTTP requests to their sessions, and the answers back.

use std::convert::Infallible;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Method, Request, StatusCode};
use sio_codec::engineio::server::{self, Action, Input, RequestId, Route, SessionRequest};
use sio_codec::engineio::{HttpError, RequestHead};

use super::answer::{Answer, close_after, into_http, plain};
use super::app::App;
use super::body;
use super::handshake::{Fault, Handshake};
use super::pending::Pending;
use super::quiet::Broken;
use super::session::Session;
use super::websocket;
use crate::contract::{Kind, Site};

/// Answers one request.
pub(super) async fn endpoint(
    app: Arc<App>,
    request: Request<Incoming>,
    _until_answered: Broken<'_>,
) -> Result<Answer, Infallible> {
    let (head, mut body) = request.into_parts();
    let answer = match (Site::kind(head.uri.path()), &app.cors) {
        (None, _) => {
            let lost = plain(StatusCode::NOT_FOUND, "nothing here; the paths are /engine.io/ and /socket.io/\n");
            if RequestHead::from(&head).wants_websocket { close_after(lost) } else { lost }
        }
        (Some(_), Some(cors)) if head.method == Method::OPTIONS => cors.preflight(&head.headers),
        (Some(kind), cors) => {
            let mut answer = route(&app, kind, head, &mut body).await;
            if let Some(cors) = cors {
                cors.allow(answer.headers_mut());
            }
            answer
        }
    };
    body::drop_rest(body);
    Ok(answer)
}

/// What comes once in a session is boxed: the rest is moved with each request.
async fn route(app: &Arc<App>, kind: Kind, head: Parts, body: &mut Incoming) -> Answer {
    let request = RequestHead::from(&head);
    let wants_websocket = request.wants_websocket;
    match app.site.route(&request) {
        Err(error) => refuse(app, error, wants_websocket),
        Ok(Route::Handshake(handshake)) if wants_websocket => {
            Box::pin(open_on_websocket(app, kind, head, handshake)).await.unwrap_or_else(Fault::answer)
        }
        Ok(Route::Handshake(handshake)) => polled(app, Session::open(app, kind, handshake).answer().await),
        Ok(Route::Session(to)) => match (app.sessions.find(kind, &to.sid), to.action) {
            (None, _) => refuse(app, HttpError::UnknownSid, wants_websocket),
            (Some(_), Action::Refuse(error)) => refuse(app, error, wants_websocket),
            (Some(session), Action::Poll) => polled(app, session.ask(RequestId(app.next_id()), to).answer().await),
            (Some(session), Action::Post(_)) => polled(app, post(app, to, session, body).await),
            (Some(session), Action::Upgrade) => {
                Box::pin(upgrade(app, to, session, head)).await.unwrap_or_else(Fault::answer)
            }
        },
    }
}

/// Starts a session whose WebSocket is established next. If the client goes away before, it ends.
async fn open_on_websocket(
    app: &Arc<App>,
    kind: Kind,
    head: Parts,
    handshake: server::Handshake,
) -> Result<Answer, Fault> {
    let websocket = Handshake::read(&head.headers)?;
    Ok(establish(app, Session::open(app, kind, handshake), websocket, head).await)
}

/// Reads a body up to the limit; returns the session's answer.
async fn post(app: &App, to: SessionRequest, session: Arc<Session>, body: &mut Incoming) -> Option<server::Answer> {
    let id = RequestId(app.next_id());
    let mut pending = session.ask(id, to);
    tokio::select! {
        biased;
        read = body::read(body, app.max_payload(), &app.room) => {
            pending.session().handle(match read {
                Ok(body) => Input::Body { id, body },
                Err(body::Fault::TooLarge) => Input::BodyTooLarge { id },
                Err(body::Fault::Lost) => Input::Aborted { id },
            });
            pending.answer().await
        }
        // The session may answer before the body is complete: a second POST, for example. It need not wait for the rest.
        early = pending.answer() => {
            pending.session().handle(Input::Aborted { id });
            early
        }
    }
}

/// Asks the session to accept a WebSocket. A request that cannot become one is refused before that, because it would
/// block the place for a valid one.
async fn upgrade(app: &App, to: SessionRequest, session: Arc<Session>, head: Parts) -> Result<Answer, Fault> {
    let websocket = Handshake::read(&head.headers)?;
    Ok(establish(app, session.ask(RequestId(app.next_id()), to), websocket, head).await)
}

/// Answers as the session decides. If that is 101, hands it the WebSocket.
async fn establish(app: &App, mut pending: Pending, websocket: Handshake, head: Parts) -> Answer {
    let ws = match pending.answer().await {
        Some(server::Answer::WebSocket(ws)) => ws,
        Some(server::Answer::Response(response)) => return close_after(into_http(response)),
        None => return refuse(app, HttpError::UnknownSid, true),
    };
    let established = websocket::establish(head, app.max_payload(), Arc::clone(&app.room));
    let session = Arc::clone(pending.session());
    app.tasks.spawn(async move { session.establish(ws, established.await) });
    websocket.answer()
}

/// The answer to a request of polling; that of an unknown session if there is none because the session has ended.
fn polled(app: &App, answer: Option<server::Answer>) -> Answer {
    match answer {
        Some(server::Answer::Response(response)) => into_http(response),
        Some(server::Answer::WebSocket(_)) | None => refuse(app, HttpError::UnknownSid, false),
    }
}

/// Refuses a request. If it asked for a WebSocket the connection ends, because the client would send frames next.
fn refuse(app: &App, error: HttpError, wants_websocket: bool) -> Answer {
    let answer = into_http(app.site.refusal(error, wants_websocket));
    if wants_websocket { close_after(answer) } else { answer }
}
