//! What is looked at before any request is answered: where it comes from.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

/// The origins whose pages may talk to this server.
#[derive(Clone)]
pub(crate) struct Origins(Arc<[String]>);

impl Origins {
    pub(crate) fn new(origins: impl IntoIterator<Item = String>) -> Self {
        Self(origins.into_iter().collect())
    }

    /// Whether a request may be answered.
    ///
    /// Browsers name the origin of the page in every POST and every WebSocket, and no page can forge it. One without an origin is
    /// a GET of our own page, or not a browser's; that one needs no permission of ours to lie. Requests with an `Origin` need no
    /// CORS headers either: they are our own page's.
    fn allow(&self, request: &Request) -> bool {
        let origin = request.headers().get(header::ORIGIN);
        origin.is_none_or(|origin| self.0.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()))
    }
}

/// Refuses requests of pages of other origins. A WebSocket is not held back by CORS: without this, any page that a user visits
/// could open one in the user's name.
pub(crate) async fn guard(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    if !origins.allow(&request) {
        return (StatusCode::FORBIDDEN, "this origin is not allowed\n").into_response();
    }
    // JSONP is for browsers without CORS. It can be asked for as a script, by any page and without `Origin`.
    let query = request.uri().query().unwrap_or_default();
    if form_urlencoded::parse(query.as_bytes()).any(|(key, _)| key == "j") {
        return (StatusCode::FORBIDDEN, "JSONP is not served here\n").into_response();
    }
    next.run(request).await
}
