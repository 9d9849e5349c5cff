//! How to build a program on the crate, beyond the page of each item.
//!
//! | page | for whom |
//! |---|---|
//! | [`javascript`] | who knows socket.io and socket.io-client: each of their calls, and the same here |
//! | [`many_sessions`] | who serves many clients: the deadlines of all sessions in one queue |
//! | [`security`] | who puts a server on the internet: what the crate does, and what is left to the program |

pub mod javascript;
pub mod many_sessions;
pub mod security;
