//! A hub's life, told as scenarios.

mod answers;
mod broadcasts;
mod dynamic;
mod recovery;
mod rooms;
mod script;
