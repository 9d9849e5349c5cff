//! Defects of what servers say to each other, and of how many they are.

use sio_codec::cluster::Message;
use sio_codec::socketio::Value;

use super::super::mutant::Mutant;
use super::{edit, twice, unless};

/// What an answer of another server is part of.
const COUNTED: &[&str] = &["CLU-ACK-01", "CLU-ACK-02", "CLU-ACK-03", "CLU-SOCK-01", "CLU-SSE-02"];

pub(super) const ALL: &[Mutant] = &[
    Mutant::new(
        "server-side-emit-is-not-said",
        &["CLU-SSE-01", "CLU-SSE-02"],
        "Server-side events are not said to the other servers.",
    )
    .on_says(|_, said| unless(said, is_event)),
    Mutant::new(
        "server-side-emit-is-not-heard",
        &["CLU-SSE-01", "CLU-SSE-02"],
        "Server-side events of other servers are ignored.",
    )
    .on_hears(|_, heard| unless(heard, is_event)),
    Mutant::new(
        "server-side-emit-is-said-twice",
        &["CLU-SSE-01"],
        "Server-side events without acknowledgement are said twice.",
    )
    .on_says(|_, said| twice(said, |message| matches!(message, Message::ServerSideEmit { .. }))),
    Mutant::new("server-side-answers-are-lost", &["CLU-SSE-02"], "Server-side events are not answered.")
        .on_says(|_, said| unless(said, |message| matches!(message, Message::ServerSideEmitResponse { .. }))),
    Mutant::new("server-side-answers-are-empty", &["CLU-SSE-02"], "Server-side events are answered with nothing.")
        .on_says(|_, said| {
            edit(said, |message| {
                if let Message::ServerSideEmitResponse { answer, .. } = message {
                    *answer = Value::Null;
                }
            })
        }),
    Mutant::new("too-many-servers", COUNTED, "One more server than there is has to answer.")
        .on_counts(|servers| servers.saturating_add(1)),
    Mutant::new("other-servers-are-not-counted", COUNTED, "A server takes itself for the only one.").on_counts(|_| 1),
];

const fn is_event(message: &Message) -> bool {
    matches!(message, Message::ServerSideEmit { .. } | Message::ServerSideEmitWithAck { .. })
}
