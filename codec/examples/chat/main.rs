//! The chat of every Socket.IO introduction, on axum: rooms, who is typing, who is here, and why somebody left.
//!
//! ```text
//! npm install socket.io-client
//! cargo run -p sio-codec --features http --example chat -- \
//!     127.0.0.1:3000 node_modules/socket.io-client/dist/socket.io.min.js
//! ```
//!
//! It prints the invitation, an address to open in two tabs. How the sessions are served is in `serving/mod.rs`.
//!
//! ```text
//!  page ── POST /login: invitation, name ──▶ login ──▶ token
//!       ── CONNECT / ─────────────────────▶ Visitor: how many are here, without a login
//!       ── CONNECT /chat {"token":…} ─────▶ Visitor: refused with a reason, or let in
//!       ── join, say, typing, … ──────────▶ Visitor ──▶ Chat (a hub behind a lock) ──▶ Letter ──▶ Visitor of another session
//!       ◀─ answer (an acknowledgement) ────
//! ```
//!
//! # Security
//!
//! | what | where |
//! |---|---|
//! | TLS | not here: listen on 127.0.0.1, with a proxy in front that speaks HTTPS and sends `Strict-Transport-Security`. There are no cookies; if the proxy sets one to find the server again, it is `Secure; HttpOnly; SameSite=Lax` and names no user. Do not trust `X-Forwarded-For` unless the proxy sets it |
//! | who may come in | `access.rs` makes and checks tokens; `visitor.rs` asks for one before `/chat` is joined, and looks at its time again whenever something is said or told |
//! | origins, JSONP | `door.rs`, before any request is looked at |
//! | how many | sessions in `visitor.rs`, tabs of a user and rooms in `chat.rs`, bytes in `main.rs`; connections for each address are the proxy's affair |
//! | how often | `pace.rs`, for each session; `login.rs` for those who guess |
//! | what users typed | cleaned in `words.rs`, shown as text by `page/chat.js`; the page allows no scripts but its own (`pages.rs`) |
//! | slow requests | the proxy's affair: it hands on whole requests |
//!
//! A key of 32 characters or more in `CHAT_SECRET` keeps the invitation and the tokens valid when the program is started
//! anew. More origins may follow the two arguments: `https://chat.example`.

mod access;
mod chat;
mod door;
mod login;
mod pace;
mod pages;
#[path = "../serving/mod.rs"]
mod serving;
#[path = "../application/sid.rs"]
mod sid;
mod visitor;
mod wire;
mod words;

use std::error::Error;
use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::routing::{any, post};
use axum::serve::ListenerExt as _;
use sio_codec::Limits;
use sio_codec::engineio::server::Config;
use sio_codec::socketio::Namespace;

use self::access::Secret;
use self::chat::Chat;
use self::door::{Origins, guard};
use self::login::{Login, login};
use self::serving::{App, endpoint};
use self::sid::fresh_sid;
use self::visitor::House;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(client)) = (arguments.next(), arguments.next()) else {
        return Err("usage: chat ADDRESS PATH_TO_SOCKET.IO.MIN.JS [ORIGIN...]".into());
    };
    let client = std::fs::read(&client).map_err(|error| format!("{client}: {error}"))?;
    let secret = Arc::new(Secret::from_environment()?);
    let listener = tokio::net::TcpListener::bind(&address).await?;
    let local = listener.local_addr()?;
    // Behind the #, where it is sent to no server and into no log.
    println!("http://{local}/#{}", secret.invitation());
    let own = [format!("http://{local}"), format!("http://localhost:{}", local.port())];

    // A message of the chat is short, and has no attachments.
    let limits = Limits::default().with_max_payload(16 << 10).with_max_attachments(0).with_max_namespaces(4);
    let house = House::new(Chat::new(Namespace::root(), Namespace::new("/chat")?), Arc::clone(&secret));
    let app = App::new(Config::default().with_limits(limits), house)?;
    let login_route = post(login).layer(DefaultBodyLimit::max(login::LONGEST)).with_state(Login::new(secret));
    let routes = axum::Router::new()
        .route("/socket.io/", any(endpoint::<House>))
        .route("/login", login_route)
        .merge(pages::routes(client))
        .layer(axum::middleware::from_fn_with_state(Origins::new(own.into_iter().chain(arguments)), guard))
        .with_state(app);
    // Packets are small, and each is to leave at once.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    Ok(axum::serve(listener, routes).await?)
}
