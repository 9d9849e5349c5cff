//! A session's life, told as scenarios.

mod closing;
mod driver;
mod eio3;
mod handshake;
mod heartbeat;
mod pace;
mod polling;
mod queueing;
mod script;
mod upgrade;
mod websocket;
