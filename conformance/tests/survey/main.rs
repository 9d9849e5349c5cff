//! The survey against servers, proxies and ports of many kinds.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod command;
mod front;
mod hostile;
mod served;
mod traps;
mod unserved;

use std::net::{Ipv4Addr, SocketAddr};

use siospec::contract::Eio3;
use siospec::party::network::Target;
use siospec::server::Server;
use siospec::survey::{Ask, Overrules, Questions, Refusal, Service, Survey};

/// The embedded server.
async fn embedded(eio3: Eio3) -> Server {
    Server::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), eio3).await.unwrap()
}

/// A complete survey of a server.
async fn take(url: &str) -> Result<Survey, Refusal> {
    take_at(url, "/socket.io/").await
}

/// A complete survey of a server whose Socket.IO is on this path.
async fn take_at(url: &str, path: &str) -> Result<Survey, Refusal> {
    let target = |path| Target::new(url, path).unwrap();
    let questions =
        Questions { engine: (target("/engine.io/"), Ask::Everything), socket: (target(path), Ask::Everything) };
    Survey::take(&questions, Overrules::default()).await
}

/// What a survey found on the path of Socket.IO.
fn sockets(survey: &Survey) -> &Service {
    survey.socket.service().unwrap()
}
