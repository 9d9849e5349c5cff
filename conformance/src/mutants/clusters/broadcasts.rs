//! Defects of broadcasts to the members of other servers.

use sio_codec::cluster::{Envelope, Message, Options, RoomKey, Sender, Uid};
use sio_codec::socketio::Value;

use super::super::bus::Known;
use super::super::json::edit_whom;
use super::super::mutant::Mutant;
use super::{edit, twice, unless};

/// What nearly every broadcast shows.
const ALL_ABOUT: &[&str] = &["CLU-BC-01", "CLU-BC-02", "CLU-BC-04", "CLU-BC-05", "CLU-BC-06"];

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("broadcast-is-not-said", ALL_ABOUT, "Broadcasts are not said to the other servers.")
        .on_says(|_, said| unless(said, is_broadcast)),
    Mutant::new("broadcast-is-not-heard", ALL_ABOUT, "Broadcasts of other servers are ignored.")
        .on_hears(|_, heard| unless(heard, is_broadcast)),
    Mutant::new("broadcast-is-said-twice", ALL_ABOUT, "Broadcasts are said twice to the other servers.")
        .on_says(|_, said| twice(said, is_broadcast)),
    Mutant::new(
        "broadcast-is-for-everyone",
        &["CLU-BC-01", "CLU-BC-02"],
        "The rooms of other servers' broadcasts are ignored.",
    )
    .on_hears(|_, heard| edit_options(heard, |options| options.rooms.clear())),
    Mutant::new(
        "broadcast-is-for-another-room",
        &["CLU-BC-01", "CLU-BC-02"],
        "Broadcasts to rooms are said to the other servers for another room.",
    )
    .on_says(|_, said| {
        edit_options(said, |options| options.rooms.iter_mut().for_each(|room| *room = RoomKey::from("elsewhere")))
    }),
    Mutant::new("first-room-only", &["CLU-BC-01", "CLU-BC-02"], "Of the rooms of a broadcast, only the first is said.")
        .on_says(|_, said| edit_options(said, |options| options.rooms.truncate(1))),
    Mutant::new("except-is-not-said", &["CLU-BC-02"], "Who is left out of a broadcast is not said.")
        .on_says(|_, said| edit_options(said, |options| options.except.clear())),
    Mutant::new("except-is-not-heard", &["CLU-BC-02"], "Who is left out of other servers' broadcasts is ignored.")
        .on_hears(|_, heard| edit_options(heard, |options| options.except.clear())),
    Mutant::new(
        "own-messages-are-heard",
        &["CLU-BC-01", "CLU-BC-02", "CLU-BC-03", "CLU-BC-04", "CLU-BC-05", "CLU-BC-06", "CLU-SSE-01"],
        "A server hears its own broadcasts and server-side events.",
    )
    .on_hears(hear_own),
    Mutant::new("local-is-said", &["CLU-BC-03"], "Local broadcasts reach the other servers.")
        .on_received(|_, packet| edit_whom(packet, &["cluster"], |command| command.remove("local").is_some())),
    Mutant::new("volatile-is-dropped", &["CLU-BC-05"], "Volatile broadcasts of other servers are dropped.").on_hears(
        |_, heard| {
            unless(heard, |message| matches!(message, Message::Broadcast { options, .. } if options.flags.volatile))
        },
    ),
    Mutant::new("binary-as-text", &["CLU-BC-04"], "Binary values of broadcasts are said as text.")
        .on_says(|_, said| edit_arguments(said, |args| args.iter_mut().for_each(to_text))),
    Mutant::new("arguments-are-lost", ALL_ABOUT, "Only the name of an event is said to the other servers.")
        .on_says(|_, said| edit_arguments(said, Vec::clear)),
    Mutant::new(
        "another-namespace-is-said",
        &["CLU-BC-06"],
        "A broadcast to a room reaches the room in all namespaces.",
    )
    .on_says(say_everywhere),
];

const fn is_broadcast(message: &Message) -> bool {
    matches!(message, Message::Broadcast { .. })
}

fn edit_options(envelope: Envelope, change: fn(&mut Options)) -> Vec<Envelope> {
    edit(envelope, |message| {
        if let Message::Broadcast { options, .. } = message {
            change(options);
        }
    })
}

fn edit_arguments(envelope: Envelope, change: fn(&mut Vec<Value>)) -> Vec<Envelope> {
    edit(envelope, |message| {
        if let Message::Broadcast { packet, .. } = message {
            change(&mut packet.event.args);
        }
    })
}

/// What a server says in the name of another, it does not know for its own.
fn hear_own(known: &Known, mut heard: Envelope) -> Vec<Envelope> {
    let is_echo = matches!(heard.message, Message::Broadcast { .. } | Message::ServerSideEmit { .. });
    if is_echo
        && known.is_own(&heard)
        && let Some(another) = Uid::from_wire("another")
    {
        heard.sender = Sender::Node(another);
    }
    vec![heard]
}

fn say_everywhere(known: &Known, said: Envelope) -> Vec<Envelope> {
    let is_to_rooms = matches!(&said.message, Message::Broadcast { options, .. } if !options.rooms.is_empty());
    let others = known.namespaces.iter().filter(|namespace| is_to_rooms && **namespace != said.namespace);
    let copies: Vec<_> = others.map(|namespace| Envelope { namespace: namespace.clone(), ..said.clone() }).collect();
    std::iter::once(said).chain(copies).collect()
}

/// Every binary value in it becomes a text.
pub(super) fn to_text(value: &mut Value) {
    *value = match std::mem::take(value) {
        Value::Binary(bytes) => Value::String(format!("{bytes:?}").into()),
        Value::Array(mut values) => {
            values.iter_mut().for_each(to_text);
            Value::Array(values)
        }
        Value::Object(members) => {
            let texts = members.into_iter().map(|(name, mut value)| {
                to_text(&mut value);
                (name, value)
            });
            Value::Object(texts.collect())
        }
        value => value,
    };
}
