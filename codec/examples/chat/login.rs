//! `POST /login`: an invitation and a name for a token.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use sio_codec::Clock;

use crate::access::Secret;
use crate::pace::{Pace, TooFast};
use crate::wire::{Answer, Fault};
use crate::words::Name;

/// The longest body.
pub(crate) const LONGEST: usize = 1_000;

#[derive(Clone)]
pub(crate) struct Login(Arc<Shared>);

struct Shared {
    secret: Arc<Secret>,
    clock: Clock,
    /// How often somebody, whoever it is, may be wrong.
    wrong: Mutex<Pace>,
}

#[derive(Deserialize)]
struct Form {
    invitation: String,
    name: String,
}

/// Why there is no token.
enum Refusal {
    NotInvited,
    TooFast(TooFast),
    /// In words.
    Name(String),
}

#[derive(Serialize)]
struct Welcome {
    token: String,
    /// As the others see it.
    name: Name,
}

impl Login {
    pub(crate) fn new(secret: Arc<Secret>) -> Self {
        let wrong = Mutex::new(Pace::new(10, Duration::from_secs(1)));
        Self(Arc::new(Shared { secret, clock: Clock::start(), wrong }))
    }

    fn check(&self, form: Form) -> Result<Welcome, Refusal> {
        let Shared { secret, clock, wrong } = &*self.0;
        if !secret.invites(&form.invitation) {
            let turn = wrong.lock().unwrap_or_else(PoisonError::into_inner).take(clock.now());
            return Err(turn.map_or_else(Refusal::TooFast, |()| Refusal::NotInvited));
        }
        let name = Name::try_from(form.name).map_err(Refusal::Name)?;
        Ok(Welcome { token: secret.token(name.clone()), name })
    }
}

/// The type of the body is one that a page of another origin cannot send without asking first.
pub(crate) async fn login(State(login): State<Login>, headers: HeaderMap, body: Bytes) -> Response {
    if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != "application/json") {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let Ok(form) = serde_json::from_slice(&body) else { return StatusCode::BAD_REQUEST.into_response() };
    match login.check(form) {
        Ok(welcome) => json(StatusCode::OK, &welcome),
        Err(refusal) => refusal.into_response(),
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, wait, error) = match self {
            Self::NotInvited => {
                (StatusCode::UNAUTHORIZED, None, Fault::new("not-invited", "this invitation is not valid"))
            }
            Self::TooFast(too_fast) => {
                let seconds = (too_fast.retry_after.as_secs() + 1).to_string();
                (StatusCode::TOO_MANY_REQUESTS, Some([(header::RETRY_AFTER, seconds)]), Fault::from(too_fast))
            }
            Self::Name(words) => (StatusCode::BAD_REQUEST, None, Fault::new("invalid", words)),
        };
        (wait, json(status, &Answer::Refused { error })).into_response()
    }
}

fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let body = serde_json::to_string(value).expect("an answer can be written");
    // A token is for nobody else, and for no cache.
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body).into_response()
}
