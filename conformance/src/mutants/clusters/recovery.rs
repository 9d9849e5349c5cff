//! Defects of how clients find their places on another server.

use sio_codec::cluster::node::{Command, Input};

use super::super::bus::Known;
use super::super::mutant::Mutant;

pub(super) const ALL: &[Mutant] = &[
    Mutant::new(
        "place-is-not-stored",
        &["CLU-CSR-01"],
        "The place of a client that lost its connection is not stored.",
    )
    .on_keeps(|_, command| match command {
        Command::Store { id, .. } => Err(Input::Done(id)),
        command => Ok(vec![command]),
    }),
    Mutant::new("place-is-not-found", &["CLU-CSR-01"], "A client does not find its place.").on_keeps(|_, command| {
        match command {
            Command::Take { id, .. } => Err(Input::Taken { id, value: None }),
            command => Ok(vec![command]),
        }
    }),
    Mutant::new("missed-are-not-read", &["CLU-CSR-01"], "What a client missed is not read.").on_keeps(|_, command| {
        match command {
            Command::Range { id, .. } => Err(Input::Entries { id, entries: Vec::new() }),
            command => Ok(vec![command]),
        }
    }),
    Mutant::new("place-is-kept", &["CLU-CSR-02"], "A server gives a place that it stored to every client that asks.")
        .on_keeps(give_again),
];

fn give_again(known: &Known, command: Command) -> Result<Vec<Command>, Input> {
    match command {
        Command::Take { id, key } => match known.stored.get(&key) {
            Some(value) => Err(Input::Taken { id, value: Some(value.clone()) }),
            None => Ok(vec![Command::Take { id, key }]),
        },
        command => Ok(vec![command]),
    }
}
