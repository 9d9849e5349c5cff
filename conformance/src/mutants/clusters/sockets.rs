//! Defects of what one server does with the members of another.

use sio_codec::cluster::{Envelope, Message, Options, SocketDescriptor};
use sio_codec::socketio::{Object, Value};

use super::super::mutant::Mutant;
use super::{edit, unless};

pub(super) const ALL: &[Mutant] =
    &[
        Mutant::new("fetch-is-not-said", &["CLU-SOCK-01"], "Only the server's own sockets are looked for.")
            .on_says(|_, said| unless(said, is_fetch)),
        Mutant::new("fetch-is-not-heard", &["CLU-SOCK-01"], "Questions of other servers for sockets are not answered.")
            .on_hears(|_, heard| unless(heard, is_fetch)),
        Mutant::new("fetch-finds-nobody", &["CLU-SOCK-01"], "Questions for sockets are answered with none.")
            .on_says(|_, said| edit_found(said, Vec::clear)),
        Mutant::new("fetch-finds-everyone", &["CLU-SOCK-01"], "Questions for sockets are answered with all.")
            .on_hears(|_, heard| edit_fetch(heard, |options| *options = Options::everyone())),
        Mutant::new(
            "fetch-ignores-except",
            &["CLU-SOCK-01"],
            "Questions for sockets are answered with those that are left out.",
        )
        .on_hears(|_, heard| edit_fetch(heard, |options| options.except.clear())),
        Mutant::new("fetch-finds-sockets-twice", &["CLU-SOCK-01"], "Questions are answered with every socket twice.")
            .on_says(|_, said| edit_found(said, |sockets| sockets.extend_from_within(..))),
        Mutant::new("fetch-without-data", &["CLU-SOCK-01"], "Other servers learn nothing of the data of sockets.")
            .on_says(|_, said| {
                edit_found(said, |sockets| {
                    sockets.iter_mut().for_each(|socket| socket.data = Value::Object(Object::default()));
                })
            }),
        Mutant::new("fetch-without-rooms", &["CLU-SOCK-01"], "Other servers learn nothing of the rooms of sockets.")
            .on_says(|_, said| edit_found(said, |sockets| sockets.iter_mut().for_each(|socket| socket.rooms.clear()))),
        Mutant::new("join-is-not-said", &["CLU-SOCK-02"], "socketsJoin is not said to the other servers.")
            .on_says(|_, said| unless(said, is_join)),
        Mutant::new("join-is-not-heard", &["CLU-SOCK-02"], "socketsJoin of other servers is ignored.")
            .on_hears(|_, heard| unless(heard, is_join)),
        Mutant::new("join-is-for-everyone", &["CLU-SOCK-02"], "socketsJoin of other servers moves all sockets.")
            .on_hears(|_, heard| {
                edit(heard, |message| {
                    if let Message::Join { options, .. } = message {
                        options.rooms.clear();
                    }
                })
            }),
        Mutant::new("leave-is-not-said", &["CLU-SOCK-03"], "socketsLeave is not said to the other servers.")
            .on_says(|_, said| unless(said, is_leave)),
        Mutant::new("leave-is-not-heard", &["CLU-SOCK-03"], "socketsLeave of other servers is ignored.")
            .on_hears(|_, heard| unless(heard, is_leave)),
        Mutant::new("leave-is-for-everyone", &["CLU-SOCK-03"], "socketsLeave of other servers moves all sockets.")
            .on_hears(|_, heard| {
                edit(heard, |message| {
                    if let Message::Leave { options, .. } = message {
                        options.rooms.clear();
                    }
                })
            }),
        Mutant::new("disconnect-is-not-said", &["CLU-SOCK-04"], "disconnectSockets is not said to the other servers.")
            .on_says(|_, said| unless(said, is_disconnect)),
        Mutant::new("disconnect-is-not-heard", &["CLU-SOCK-04"], "disconnectSockets of other servers is ignored.")
            .on_hears(|_, heard| unless(heard, is_disconnect)),
        Mutant::new(
            "disconnect-is-for-everyone",
            &["CLU-SOCK-04"],
            "disconnectSockets of other servers disconnects all sockets.",
        )
        .on_hears(|_, heard| edit_disconnect(heard, |options, _| options.rooms.clear())),
        Mutant::new(
            "disconnect-closes-nothing",
            &["CLU-SOCK-04"],
            "disconnectSockets of other servers never closes a connection.",
        )
        .on_hears(|_, heard| edit_disconnect(heard, |_, close| *close = false)),
        Mutant::new(
            "disconnect-always-closes",
            &["CLU-SOCK-04"],
            "disconnectSockets of other servers always closes the connection.",
        )
        .on_hears(|_, heard| edit_disconnect(heard, |_, close| *close = true)),
    ];

const fn is_fetch(message: &Message) -> bool {
    matches!(message, Message::FetchSockets { .. })
}

const fn is_join(message: &Message) -> bool {
    matches!(message, Message::Join { .. })
}

const fn is_leave(message: &Message) -> bool {
    matches!(message, Message::Leave { .. })
}

const fn is_disconnect(message: &Message) -> bool {
    matches!(message, Message::Disconnect { .. })
}

fn edit_fetch(envelope: Envelope, change: fn(&mut Options)) -> Vec<Envelope> {
    edit(envelope, |message| {
        if let Message::FetchSockets { options, .. } = message {
            change(options);
        }
    })
}

fn edit_found(envelope: Envelope, change: fn(&mut Vec<SocketDescriptor>)) -> Vec<Envelope> {
    edit(envelope, |message| {
        if let Message::FetchSocketsResponse { sockets, .. } = message {
            change(sockets);
        }
    })
}

fn edit_disconnect(envelope: Envelope, change: fn(&mut Options, &mut bool)) -> Vec<Envelope> {
    edit(envelope, |message| {
        if let Message::Disconnect { options, close } = message {
            change(options, close);
        }
    })
}
