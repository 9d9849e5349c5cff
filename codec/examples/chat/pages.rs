//! The page, and the client that it loads.

use axum::response::IntoResponse;
use bytes::Bytes;
use http::header;

/// Scripts, styles and connections of this server alone, and nothing inline: markup that gets past the page's care does
/// nothing. No other page may show this one in a frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(crate) fn routes<S: Clone + Send + Sync + 'static>(client: Vec<u8>) -> axum::Router<S> {
    let client = Bytes::from(client);
    let file = |kind, content: Bytes| axum::routing::get(async move || page(kind, content));
    axum::Router::new()
        .route("/", file("text/html; charset=utf-8", Bytes::from_static(include_bytes!("page/index.html"))))
        .route("/chat.css", file("text/css; charset=utf-8", Bytes::from_static(include_bytes!("page/chat.css"))))
        .route("/chat.js", file("text/javascript; charset=utf-8", Bytes::from_static(include_bytes!("page/chat.js"))))
        .route("/socket.io.min.js", file("text/javascript; charset=utf-8", client))
}

fn page(kind: &'static str, content: Bytes) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, content)
}
