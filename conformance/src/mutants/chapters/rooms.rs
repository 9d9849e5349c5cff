//! Defects of rooms and of the selection of receivers.

use std::time::Duration;

use serde_json::{Value, json};
use sio_codec::Frame;
use sio_codec::engineio::server::Transmit;
use sio_codec::socketio::hub::Target;

use super::super::json::{arguments, edit_data, edit_whom, rooms};
use super::super::mutant::Mutant;
use super::super::past::{Line, Past, sid_of};
use super::super::payload::{text_of, to_text};
use super::super::socketio::{Packet, is, with};

/// The events that select receivers.
const SELECTIONS: &[&str] = &["say", "tell", "ask", "gather", "scatter", "count", "expel"];

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("room-of-all-namespaces", &["SRV-ROOM-01"], "A client joins a room in all of its namespaces.")
        .on_received(|past, packet| {
            let Some(join) = Packet::read(text_of(&packet)).filter(|packet| packet.data.starts_with(r#"["join""#))
            else {
                return vec![packet];
            };
            let others = past.joined.iter().filter(|namespace| *namespace != join.namespace);
            let others = others.map(|namespace| to_text(Packet { namespace, id: "", ..join }.write()));
            [packet.clone()].into_iter().chain(others).collect()
        }),
    Mutant::new("own-id-is-no-room", &["SRV-ROOM-02"], "A client is not in the room of its own id.").on_entered(
        |hub, member, _| {
            if let Some(sid) = hub.sid_of(member).cloned() {
                let _ = hub.leave(member, sid);
            }
        },
    ),
    Mutant::new("rooms-outlast-the-membership", &["SRV-ROOM-03"], "A client that joins again is in its former rooms.")
        .on_leaving(|hub, member, kept| *kept = hub.rooms_of(member).cloned().collect())
        .on_entered(|hub, member, kept| {
            for room in kept.drain(..) {
                let _ = hub.join(member, room);
            }
        }),
    Mutant::new("rooms-are-left-too-early", &["SRV-ROOM-03", "SRV-DISC-01"], "leaving is reported without the rooms.")
        .on_sent(|_, packet| report(packet, &["leaving"], |rooms| rooms.clear())),
    Mutant::new("rooms-are-left-too-late", &["SRV-ROOM-03"], "left is reported with a room.")
        .on_sent(|_, packet| report(packet, &["left"], |rooms| rooms.push(json!("red")))),
    Mutant::new("rooms-are-counted", &["SRV-ROOM-04"], "A client that joined a room twice must leave it twice.")
        .on_received(|past, packet| {
            edit_data(packet, |packet, data| {
                if let Some([room, ..]) = arguments(data, &["join"]) {
                    count(past, packet.namespace, room, 1);
                } else if let Some([room, ..]) = arguments(data, &["leave"])
                    && count(past, packet.namespace, room, -1) > 0
                {
                    *room = json!("another room");
                    return true;
                }
                false
            })
        }),
    Mutant::new("second-join-leaves", &["SRV-ROOM-04"], "A client that joins a room twice leaves it.").on_received(
        |past, packet| {
            edit_data(packet, |packet, data| {
                let joins_again = arguments(data, &["join"])
                    .and_then(|rooms| rooms.first())
                    .is_some_and(|room| count(past, packet.namespace, room, 1) == 2);
                if joins_again {
                    data[0] = json!("leave");
                }
                joins_again
            })
        },
    ),
    Mutant::new("leave-has-no-effect", &["SRV-ROOM-04"], "A client that leaves a room stays in it.").on_received(
        |_, packet| {
            edit_data(packet, |_, data| {
                let rooms = arguments(data, &["leave"]);
                rooms.and_then(<[Value]>::first_mut).map(|room| *room = json!("another room")).is_some()
            })
        },
    ),
    Mutant::new("room-names-in-lower-case", &["SRV-ROOM-04"], "The names of rooms are compared without their case.")
        .on_received(|_, packet| {
            edit_data(packet, |_, data| {
                if let Some(names) = arguments(data, &["join", "leave"]) {
                    names.iter_mut().for_each(to_lower_case);
                    return true;
                }
                let whom = arguments(data, SELECTIONS).and_then(<[Value]>::first_mut).and_then(Value::as_object_mut);
                whom.and_then(|whom| rooms(whom, "to")).map(|to| to.iter_mut().for_each(to_lower_case)).is_some()
            })
        }),
    Mutant::new("first-room-is-selected", &["SRV-ROOM-05"], "Of several rooms, the first is selected.").on_received(
        |_, packet| edit_whom(packet, SELECTIONS, |whom| rooms(whom, "to").map(|to| to.truncate(1)).is_some()),
    ),
    Mutant::new("last-room-is-selected", &["SRV-ROOM-05"], "Of several rooms, the last is selected.").on_received(
        |_, packet| {
            edit_whom(packet, SELECTIONS, |whom| rooms(whom, "to").map(|to| drop(to.drain(..to.len() - 1))).is_some())
        },
    ),
    Mutant::new("each-room-is-told", &["SRV-ROOM-05"], "A client in two of the selected rooms receives twice.")
        .on_received(|_, packet| {
            let text = text_of(&packet);
            let Some(event) = Packet::read(text).filter(|event| event.data.contains(r#""to""#)) else {
                return vec![packet];
            };
            let mut data: Value = serde_json::from_str(event.data).unwrap_or_default();
            let whom = arguments(&mut data, &["say", "tell"]).and_then(<[Value]>::first_mut);
            let whom = whom.and_then(Value::as_object_mut);
            let Some(others) = whom.and_then(|whom| rooms(whom, "to")).map(|to| to.split_off(1)) else {
                return vec![packet];
            };
            let mut events = vec![to_text(Packet { data: &data.to_string(), ..event }.write())];
            for room in others {
                data[1]["to"] = json!([room]);
                events.push(to_text(Packet { data: &data.to_string(), id: "", ..event }.write()));
            }
            events
        }),
    Mutant::new("except-is-ignored", &["SRV-ROOM-06"], "No room is excepted.")
        .on_received(|_, packet| edit_whom(packet, SELECTIONS, |whom| whom.remove("except").is_some())),
    Mutant::new("first-except-is-followed", &["SRV-ROOM-06"], "Of several excepted rooms, the first is excepted.")
        .on_received(|_, packet| {
            edit_whom(packet, SELECTIONS, |whom| rooms(whom, "except").map(|rooms| rooms.truncate(1)).is_some())
        }),
    Mutant::new("selection-beats-except", &["SRV-ROOM-06"], "Members of a selected room are not excepted.")
        .on_received(|_, packet| {
            edit_whom(packet, SELECTIONS, |whom| rooms(whom, "to").is_some() && whom.remove("except").is_some())
        }),
    Mutant::new("except-needs-a-selection", &["SRV-ROOM-06"], "Without a selected room, nobody is excepted.")
        .on_received(|_, packet| {
            edit_whom(packet, SELECTIONS, |whom| rooms(whom, "to").is_none() && whom.remove("except").is_some())
        }),
    Mutant::new("no-room-means-nobody", &["SRV-ROOM-07"], "Without a selected room, nobody receives.").on_received(
        |_, packet| {
            edit_whom(packet, SELECTIONS, |whom| {
                let is_for_all = rooms(whom, "to").is_none();
                if is_for_all {
                    whom.insert("to".to_owned(), json!(["nobody"]));
                }
                is_for_all
            })
        },
    ),
    Mutant::new("unknown-room-means-everyone", &["SRV-ROOM-07"], "A room without members selects everyone.")
        .on_received(|past, packet| {
            note_rooms(past, &packet);
            edit_whom(packet, SELECTIONS, |whom| {
                let notes = past.shared.notes();
                let is_known = |room: &Value| room.as_str().is_some_and(|room| notes.contains_key(room));
                let is_unknown = rooms(whom, "to").is_some_and(|to| !to.iter().any(is_known));
                is_unknown && whom.remove("to").is_some()
            })
        })
        .on_sent(|past, packet| {
            if let (true, Some(sid)) = (text_of(&packet).starts_with("40"), sid_of(text_of(&packet))) {
                past.shared.notes().insert(sid.to_owned(), String::new());
            }
            vec![packet]
        }),
    Mutant::new("sender-is-told", &["SRV-ROOM-08"], "A broadcast of a client reaches the client itself.")
        .on_received(|_, packet| rename(packet, "say", "tell")),
    Mutant::new("sender-is-told-in-its-room", &["SRV-ROOM-08"], "A client receives its broadcasts to its own rooms.")
        .on_received(|_, packet| {
            let is_to_a_room = is(text_of(&packet), |packet| packet.data.contains(r#""to""#));
            if is_to_a_room { rename(packet, "say", "tell") } else { vec![packet] }
        }),
    Mutant::new("asker-is-not-told", &["SRV-ROOM-08"], "A broadcast of the namespace misses the client that asks.")
        .on_received(|_, packet| rename(packet, "tell", "say")),
    Mutant::new("pending-client-is-told", &["SRV-ROOM-09"], "A client receives broadcasts before it is accepted.")
        .on_received(|past, packet| {
            let text = text_of(&packet);
            past.tally = u32::from(past.tally == 1 || (text.starts_with("40") && text.contains(r#""delay""#)));
            edit_data(packet, |packet, data| {
                packet.kind == '0' && data.as_object_mut().is_some_and(|auth| auth.remove("delay").is_some())
            })
        })
        .on_sent(|past, packet| {
            // The answer comes late, and what is said in the meantime does not.
            let is_answer = past.tally == 1 && text_of(&packet).starts_with("40");
            match past.line {
                Line::WebSocket(ws) if is_answer => {
                    past.delay(Duration::from_millis(300), Transmit::WsSend { ws, frame: packet });
                    Vec::new()
                }
                _ => vec![packet],
            }
        }),
    Mutant::new("answers-before-broadcasts", &["SRV-ROOM-11"], "An acknowledgement overtakes the broadcast before it.")
        .on_received(|past, packet| {
            past.tally = u32::from(is(text_of(&packet), |packet| {
                packet.kind == '2' && !packet.id.is_empty() && packet.namespace.starts_with("/siospec")
            }));
            vec![packet]
        })
        .on_sent(|past, packet| {
            let is_event = is(text_of(&packet), |packet| packet.kind == '2' && packet.id.is_empty());
            if past.tally == 1 && is_event {
                past.kept.push(packet);
                return Vec::new();
            }
            past.tally = 0;
            [packet].into_iter().chain(past.kept.drain(..)).collect()
        }),
    Mutant::new("gather-is-join", &["SRV-ROOM-13"], "Only the client that asks is added to a room.")
        .on_received(|_, packet| own(packet, "gather", "join")),
    Mutant::new("scatter-is-leave", &["SRV-ROOM-13"], "Only the client that asks is removed from a room.")
        .on_received(|_, packet| own(packet, "scatter", "leave")),
    Mutant::new("count-of-all", &["SRV-ROOM-13"], "All clients of the namespace are counted.")
        .on_received(|_, packet| edit_whom(packet, &["count"], |whom| whom.remove("to").is_some())),
    Mutant::new("own-room-in-reports", &["SRV-DISC-01"], "leaving is reported with the room of the client's own id.")
        .on_sent(|_, packet| report(packet, &["leaving"], |rooms| rooms.push(json!("AAAAAAAAAAAAAAAAAAAA")))),
    Mutant::new("everyone-joins-red", &["SRV-ROOM-04", "SRV-ROOM-05"], "A client is in a room that it did not join.")
        .on_entered(|hub, member, _| {
            let _ = hub.join(member, "red");
        }),
    Mutant::new("one-leaves-for-all", &["SRV-ROOM-04"], "When one client leaves the namespace, its rooms are emptied.")
        .on_leaving(|hub, member, _| {
            let Some(namespace) = hub.namespace_of(member).cloned() else { return };
            let rooms: Vec<_> = hub.rooms_of(member).cloned().collect();
            for room in rooms {
                hub.leave_all(&Target::everyone(&namespace).to(room.clone()), room.as_str());
            }
        }),
];

/// Changes the rooms of the reports about a client that leaves.
fn report(packet: Frame, names: &[&str], change: fn(&mut Vec<Value>)) -> Vec<Frame> {
    edit_data(packet, |_, data| {
        let rooms = arguments(data, names).and_then(|arguments| arguments.get_mut(1)).and_then(Value::as_array_mut);
        rooms.map(change).is_some()
    })
}

/// Counts how often a client has joined a room; how often that is.
fn count(past: &Past, namespace: &str, room: &Value, change: i64) -> i64 {
    let key = format!("{} {namespace} {room}", past.sid);
    let mut notes = past.shared.notes();
    let joined = notes.get(&key).and_then(|count| count.parse().ok()).unwrap_or(0) + change;
    notes.insert(key, joined.to_string());
    joined
}

/// Notes the rooms that somebody joins.
fn note_rooms(past: &Past, packet: &Frame) {
    let Some(event) = Packet::read(text_of(packet)) else { return };
    let mut data: Value = serde_json::from_str(event.data).unwrap_or_default();
    let names: Vec<_> = arguments(&mut data, &["join", "gather"]).into_iter().flatten().collect();
    past.shared.notes().extend(names.into_iter().filter_map(|room| Some((room.as_str()?.to_owned(), String::new()))));
}

fn to_lower_case(name: &mut Value) {
    if let Some(text) = name.as_str() {
        *name = json!(text.to_lowercase());
    }
}

/// Gives an event another name.
pub(super) fn rename(packet: Frame, from: &str, to: &str) -> Vec<Frame> {
    let (from, to) = (format!(r#"["{from}","#), format!(r#"["{to}","#));
    let renamed = with(text_of(&packet), |event| event.data.starts_with(&from).then_some(event))
        .map(|text| to_text(text.replacen(&from, &to, 1)));
    vec![renamed.unwrap_or(packet)]
}

/// Makes an event for selected clients one for the client that asks.
fn own(packet: Frame, from: &str, to: &str) -> Vec<Frame> {
    edit_data(packet, |_, data| {
        let Some(room) = arguments(data, &[from]).and_then(|arguments| arguments.get(1).cloned()) else { return false };
        *data = json!([to, room]);
        true
    })
}
