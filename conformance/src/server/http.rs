//! From HTTP requests to the session they belong to, and back.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, ORIGIN, UPGRADE};
use hyper::{Request, Response as HttpResponse, StatusCode};
use sio_codec::engineio::server::{Action, Carrier, Input, RequestId, Route, SessionRequest, WsId};
use sio_codec::engineio::{HttpError, RequestHead, Response};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use super::session::{self, Mail};
use super::{App, websocket};
use crate::contract::Site;

type Answer = HttpResponse<Full<Bytes>>;

/// Answers one request.
pub(super) async fn endpoint(app: Arc<App>, request: Request<Incoming>) -> Result<Answer, Infallible> {
    let wants_websocket = wants_websocket(request.headers());
    let Some(kind) = Site::kind(request.uri().path()) else {
        let lost = plain(StatusCode::NOT_FOUND, "nothing here; the paths are /engine.io/ and /socket.io/\n");
        return Ok(if wants_websocket { close_after(lost) } else { lost });
    };
    let head = RequestHead {
        method: request.method().as_str(),
        query: request.uri().query().unwrap_or_default(),
        content_type: request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()),
        origin: request.headers().get(ORIGIN).map(|value| value.as_bytes()),
        wants_websocket,
    };
    Ok(match app.site.router().route(&head) {
        Err(error) if wants_websocket => refuse(error.upgrade_response()),
        Err(error) => into_http(error.response()),
        Ok(Route::Handshake(handshake)) => {
            let id = app.next_id();
            if wants_websocket {
                let (outlet, inlet) = mpsc::channel(session::OUTLET);
                let open =
                    |ws| session::open(&app, kind, handshake, Carrier::WebSocket(ws), session::First::Socket(outlet));
                websocket::answer(request, WsId(id), inlet, open)
            } else {
                let (reply, response) = oneshot::channel();
                let first = session::First::Request(reply);
                session::open(&app, kind, handshake, Carrier::Request(RequestId(id)), first);
                answer(response).await
            }
        }
        Ok(Route::Session(to)) => match app.mailbox(kind, &to.sid) {
            None if wants_websocket => refuse(HttpError::UnknownSid.upgrade_response()),
            None => into_http(HttpError::UnknownSid.response()),
            Some(mailbox) => exchange(&app, request, to, mailbox).await,
        },
    })
}

/// Passes a request on to its session.
async fn exchange(
    app: &App,
    request: Request<Incoming>,
    SessionRequest { revision, binary, action, .. }: SessionRequest,
    mailbox: mpsc::Sender<Mail>,
) -> Answer {
    let id = RequestId(app.next_id());
    match action {
        Action::Refuse(error) => into_http(error.response()),
        Action::Poll => answer(ask(&mailbox, id, Input::Poll { id, revision }).await).await,
        Action::Post(format) => {
            let response = ask(&mailbox, id, Input::Post { id, revision, format }).await;
            let limit = app.site.router().config().limits.max_payload;
            post(&mailbox, id, request.into_body(), limit, response).await
        }
        Action::Upgrade => {
            let ws = WsId(id.0);
            let (outlet, inlet) = mpsc::channel(session::OUTLET);
            let (decision, decided) = oneshot::channel();
            let _ = mailbox.send(Mail::Upgrade { ws, revision, binary, outlet, decision }).await;
            match decided.await {
                Ok(Ok(())) => websocket::answer(request, ws, inlet, |_| mailbox),
                Ok(Err(response)) => refuse(response),
                Err(_) => refuse(HttpError::UnknownSid.upgrade_response()),
            }
        }
    }
}

/// Reads a body as far as it is wanted, and answers.
async fn post(
    mailbox: &mpsc::Sender<Mail>,
    id: RequestId,
    body: Incoming,
    limit: usize,
    mut response: oneshot::Receiver<Response>,
) -> Answer {
    let _abort_on_drop = AbortOnDrop { mailbox: mailbox.clone(), id };
    tokio::select! {
        // The session may answer before the body is here: a second POST, for example.
        early = &mut response => into_http(early.unwrap_or_else(|_| HttpError::UnknownSid.response())),
        read = read_body(body, limit) => {
            let input = match read {
                Ok(body) => Input::Body { id, body },
                Err(BodyFault::TooLarge) => Input::BodyTooLarge { id },
                Err(BodyFault::Lost) => Input::Aborted { id },
            };
            let _ = mailbox.send(Mail::Input(input)).await;
            answer(response).await
        }
    }
}

/// Tells the session when the client went away in the middle of its POST: hyper drops the future that reads it.
/// An answered POST is unknown to the session, which ignores the report.
struct AbortOnDrop {
    mailbox: mpsc::Sender<Mail>,
    id: RequestId,
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        let (mailbox, mail) = (self.mailbox.clone(), Mail::Input(Input::Aborted { id: self.id }));
        if let Err(TrySendError::Full(mail)) = mailbox.try_send(mail) {
            tokio::spawn(async move { mailbox.send(mail).await });
        }
    }
}

enum BodyFault {
    TooLarge,
    Lost,
}

//= EIO4-LIM-04
async fn read_body(mut body: Incoming, limit: usize) -> Result<Bytes, BodyFault> {
    if body.size_hint().lower() > limit as u64 {
        return Err(BodyFault::TooLarge);
    }
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| BodyFault::Lost)?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > limit {
            return Err(BodyFault::TooLarge);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}

/// Registers where the answer is to go and tells the session about the request, in one step.
async fn ask(mailbox: &mpsc::Sender<Mail>, id: RequestId, input: Input) -> oneshot::Receiver<Response> {
    let (reply, response) = oneshot::channel();
    let _ = mailbox.send(Mail::Request { id, input, reply }).await;
    response
}

/// Waits for the session's answer. Should the client go away, hyper drops this future; the session's task notices
/// that nobody waits any more.
async fn answer(response: oneshot::Receiver<Response>) -> Answer {
    into_http(response.await.unwrap_or_else(|_| HttpError::UnknownSid.response()))
}

pub(super) fn plain(status: StatusCode, words: &'static str) -> Answer {
    let mut answer = HttpResponse::new(Full::new(Bytes::from_static(words.as_bytes())));
    *answer.status_mut() = status;
    answer
}

/// Refuses a WebSocket. The connection ends with it: what the client sends next would be frames, not requests.
fn refuse(response: Response) -> Answer {
    close_after(into_http(response))
}

pub(super) fn close_after(mut answer: Answer) -> Answer {
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

fn into_http(response: Response) -> Answer {
    let mut answer = HttpResponse::new(Full::new(response.body.clone()));
    *answer.status_mut() = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in response.headers() {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), value.parse()) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}

fn wants_websocket(headers: &HeaderMap) -> bool {
    let holds = |name: HeaderName, word: &str| {
        let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|token| token.trim().eq_ignore_ascii_case(word))
    };
    holds(CONNECTION, "upgrade") && holds(UPGRADE, "websocket")
}
