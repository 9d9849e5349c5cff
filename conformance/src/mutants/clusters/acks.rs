//! Defects of broadcasts that the clients of several servers acknowledge.

use sio_codec::cluster::{Envelope, Message};
use sio_codec::socketio::Value;

use super::super::mutant::Mutant;
use super::broadcasts::to_text;
use super::{edit, twice, unless};

const ALL_ABOUT: &[&str] = &["CLU-ACK-01", "CLU-ACK-02", "CLU-ACK-03"];

pub(super) const ALL: &[Mutant] = &[
    Mutant::new(
        "question-is-not-said",
        ALL_ABOUT,
        "Broadcasts with acknowledgements are not said to the other servers.",
    )
    .on_says(|_, said| unless(said, is_question)),
    Mutant::new("question-is-not-heard", ALL_ABOUT, "Broadcasts of other servers with acknowledgements are ignored.")
        .on_hears(|_, heard| unless(heard, is_question)),
    Mutant::new("count-of-receivers-is-not-said", ALL_ABOUT, "How many clients have to acknowledge is not answered.")
        .on_says(|_, said| unless(said, |message| matches!(message, Message::BroadcastClientCount { .. }))),
    Mutant::new(
        "too-many-receivers",
        &["CLU-ACK-01", "CLU-ACK-03"],
        "One more client than there is has to acknowledge.",
    )
    .on_says(|_, said| edit_count(said, |count| count.saturating_add(1))),
    Mutant::new(
        "too-few-receivers",
        &["CLU-ACK-01", "CLU-ACK-02"],
        "One client fewer than there is has to acknowledge.",
    )
    .on_says(|_, said| edit_count(said, |count| count.saturating_sub(1))),
    Mutant::new(
        "acknowledgements-are-lost",
        &["CLU-ACK-01", "CLU-ACK-02"],
        "Acknowledgements are not said to the server that asks.",
    )
    .on_says(|_, said| unless(said, is_answer)),
    Mutant::new(
        "acknowledgements-come-twice",
        &["CLU-ACK-01", "CLU-ACK-02"],
        "Acknowledgements are said twice to the server that asks.",
    )
    .on_says(|_, said| twice(said, is_answer)),
    Mutant::new(
        "acknowledgements-are-empty",
        &["CLU-ACK-01", "CLU-ACK-02"],
        "Acknowledgements reach the server that asks without their argument.",
    )
    .on_says(|_, said| edit_answer(said, |answer| *answer = Value::Null)),
    Mutant::new("acknowledgements-as-text", &["CLU-BC-04"], "Binary acknowledgements are said as text.")
        .on_says(|_, said| edit_answer(said, to_text)),
];

const fn is_question(message: &Message) -> bool {
    matches!(message, Message::BroadcastWithAck { .. })
}

const fn is_answer(message: &Message) -> bool {
    matches!(message, Message::BroadcastAck { .. })
}

fn edit_count(envelope: Envelope, change: fn(u64) -> u64) -> Vec<Envelope> {
    edit(envelope, |message| {
        if let Message::BroadcastClientCount { count, .. } = message {
            *count = change(*count);
        }
    })
}

fn edit_answer(envelope: Envelope, change: fn(&mut Value)) -> Vec<Envelope> {
    edit(envelope, |message| {
        if let Message::BroadcastAck { answer, .. } = message {
            change(answer);
        }
    })
}
