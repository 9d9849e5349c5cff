//! A session's life, told as scenarios.

mod closing;
mod dialect;
mod eio3;
mod heartbeat;
mod pace;
mod polling;
mod posts;
mod queueing;
mod script;
mod upgrade;
mod websocket;
