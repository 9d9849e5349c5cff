//! The commands and the snippets on the pages that a new user reads, tried.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod commands;
#[path = "../reports/folder.rs"]
mod folder;
mod links;
mod page;
mod recipe;
#[path = "../serve/served.rs"]
mod served;
mod shell;
mod snippets;
