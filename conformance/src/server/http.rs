//! Passes HTTP requests to their sessions, and the answers back.

use std::convert::Infallible;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Method, Request, StatusCode};
use sio_codec::engineio::server::{self, Action, Input, RequestId, Route, SessionRequest};
use sio_codec::engineio::{HttpError, RequestHead};
use tokio::sync::mpsc::error::{SendError, TrySendError};
use tokio::sync::oneshot;

use super::answer::{Answer, close_after, into_http, plain};
use super::app::App;
use super::body;
use super::handshake::{Fault, Handshake};
use super::mail::{Mail, Mailbox, Waiting};
use super::quiet::Broken;
use super::session;
use super::websocket::{self, End};
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
        Ok(Route::Handshake(handshake)) => {
            let (reply, response) = oneshot::channel();
            session::open(app, kind, handshake, RequestId(app.next_id()), Waiting(reply));
            answer(app, response).await
        }
        Ok(Route::Session(to)) => match (app.sessions.find(kind, &to.sid), to.action) {
            (None, _) => refuse(app, HttpError::UnknownSid, wants_websocket),
            (Some(_), Action::Refuse(error)) => refuse(app, error, wants_websocket),
            (Some(mailbox), Action::Poll) => {
                let response = ask(&mailbox, RequestId(app.next_id()), to).await;
                answer(app, response).await
            }
            (Some(mailbox), Action::Post(_)) => post(app, to, mailbox, body).await,
            (Some(mailbox), Action::Upgrade) => {
                Box::pin(upgrade(app, to, mailbox, head)).await.unwrap_or_else(Fault::answer)
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
    let (decision, decided) = oneshot::channel();
    let mailbox = session::open(app, kind, handshake, RequestId(app.next_id()), Waiting(decision));
    Ok(establish(app, mailbox, websocket, decided, head).await)
}

/// Reads a body up to the limit, and answers.
async fn post(app: &App, to: SessionRequest, mailbox: Mailbox, body: &mut Incoming) -> Answer {
    let id = RequestId(app.next_id());
    let mut response = ask(&mailbox, id, to).await;
    let expected = Expected { mailbox: Some(mailbox), id };
    tokio::select! {
        biased;
        read = body::read(body, app.max_payload(), &app.room) => {
            expected.came(match read {
                Ok(body) => Input::Body { id, body },
                Err(body::Fault::TooLarge) => Input::BodyTooLarge { id },
                Err(body::Fault::Lost) => Input::Aborted { id },
            }).await;
            answer(app, response).await
        }
        // The session may answer before the body is complete: a second POST, for example.
        early = &mut response => answered(app, early.ok()),
    }
}

/// Asks the session to accept a WebSocket. A request that cannot become one is refused before that, because it would
/// block the place for a valid one.
async fn upgrade(app: &App, to: SessionRequest, mailbox: Mailbox, head: Parts) -> Result<Answer, Fault> {
    let websocket = Handshake::read(&head.headers)?;
    let decided = ask(&mailbox, RequestId(app.next_id()), to).await;
    Ok(establish(app, mailbox, websocket, decided, head).await)
}

/// Answers as the session decides. If that is 101, hands it the WebSocket.
async fn establish(
    app: &App,
    mailbox: Mailbox,
    websocket: Handshake,
    decided: oneshot::Receiver<server::Answer>,
    head: Parts,
) -> Answer {
    let ws = match decided.await {
        Ok(server::Answer::WebSocket(ws)) => ws,
        Ok(server::Answer::Response(response)) => return close_after(into_http(response)),
        Err(_) => return refuse(app, HttpError::UnknownSid, true),
    };
    let established = websocket::establish(head, app.max_payload(), Arc::clone(&app.room));
    app.tasks.spawn(async move {
        let socket = established.await;
        // The session may have ended in the meantime.
        if let Err(SendError(Mail::Upgraded { socket: Some(socket), .. })) =
            mailbox.send(Mail::Upgraded { ws, socket }).await
        {
            socket.say_goodbye(End::Ours).await;
        }
    });
    websocket.answer()
}

/// A body that the session expects. If it is dropped before it came, because hyper dropped the future that reads it or the
/// answer came first, the session is told that.
struct Expected {
    /// Until it came.
    mailbox: Option<Mailbox>,
    id: RequestId,
}

impl Expected {
    async fn came(mut self, input: Input) {
        if let Some(mailbox) = &self.mailbox {
            let _ = mailbox.send(Mail::Input(input)).await;
        }
        self.mailbox = None;
    }
}

impl Drop for Expected {
    fn drop(&mut self) {
        let Some(mailbox) = self.mailbox.take() else { return };
        if let Err(TrySendError::Full(mail)) = mailbox.try_send(Mail::Input(Input::Aborted { id: self.id })) {
            tokio::spawn(async move { mailbox.send(mail).await });
        }
    }
}

/// Registers where the answer goes, and passes the request to the session, in one step.
async fn ask(mailbox: &Mailbox, id: RequestId, to: SessionRequest) -> oneshot::Receiver<server::Answer> {
    let (reply, response) = oneshot::channel();
    let _ = mailbox.send(Mail::Request { id, to, reply: Waiting(reply) }).await;
    response
}

/// Waits for the session's answer. If the client goes away, hyper drops this future, and the session's task notices
/// that the receiver is gone.
async fn answer(app: &App, response: oneshot::Receiver<server::Answer>) -> Answer {
    answered(app, response.await.ok())
}

/// The answer to a request of polling; that of an unknown session if there is none because the session has ended.
fn answered(app: &App, answer: Option<server::Answer>) -> Answer {
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
