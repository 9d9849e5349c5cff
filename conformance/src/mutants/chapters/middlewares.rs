//! Defects of middlewares and dynamic namespaces.

use serde_json::{Map, Value, json};
use sio_codec::Frame;

use super::super::json::{edit_auth, edit_data};
use super::super::mutant::Mutant;
use super::super::past::Past;
use super::super::payload::{edit, text_of};
use super::super::socketio::{Packet, is, with};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("first-middleware-is-skipped", &["SRV-MW-01"], "The first middleware does not run.")
        .on_received(|_, packet| edit_auth(packet, |_, auth| auth.remove("first").is_some())),
    Mutant::new("second-middleware-is-skipped", &["SRV-MW-01"], "Only the first middleware runs.")
        .on_received(|_, packet| edit_auth(packet, |_, auth| auth.remove("second").is_some())),
    Mutant::new("middlewares-in-reverse", &["SRV-MW-01"], "The last middleware runs first.").on_received(
        |_, packet| edit_auth(packet, |_, auth| auth.contains_key("second") && auth.remove("first").is_some()),
    ),
    Mutant::new("middlewares-run-once", &["SRV-MW-01"], "Middlewares run until they have accepted one client.")
        .on_received(|past, packet| {
            edit_auth(packet, |namespace, auth| {
                past.has_joined && namespace.starts_with("/siospec") && remove_refusals(auth)
            })
        }),
    Mutant::new("refused-once-is-refused", &["SRV-MW-01", "SIO5-CON-06"], "A client that was refused stays refused.")
        .on_received(|past, packet| {
            let connect = Packet::read(text_of(&packet)).filter(|packet| packet.kind == '0');
            let Some(connect) = connect else { return vec![packet] };
            let key = format!("refused {} {}", past.sid, connect.namespace);
            if connect.data.contains(r#""first""#) {
                past.shared.notes().insert(key, text_of(&packet).to_owned());
                return vec![packet];
            }
            let before = past.shared.notes().get(&key).cloned();
            edit(packet, |_| before)
        }),
    Mutant::new("middlewares-are-not-awaited", &["SRV-MW-01"], "A client is accepted before the middlewares are done.")
        .on_received(|_, packet| edit_auth(packet, |_, auth| auth.remove("delay").is_some())),
    Mutant::new("refusal-without-data", &["SRV-MW-02"], "The data of a middleware's error are not sent.")
        .on_sent(|_, packet| refusal(packet, |error| error.remove("data").is_some())),
    Mutant::new("refusal-data-are-text", &["SRV-MW-02"], "The data of a middleware's error are sent as a string.")
        .on_sent(|_, packet| {
            refusal(packet, |error| error.get_mut("data").map(|data| *data = json!(data.to_string())).is_some())
        }),
    Mutant::new("refusal-data-are-null", &["SRV-MW-02"], "An error without data has data: null.").on_sent(
        |_, packet| {
            refusal(packet, |error| {
                !error.contains_key("data") && error.insert("data".to_owned(), Value::Null).is_none()
            })
        },
    ),
    Mutant::new("refusal-data-beside-message", &["SRV-MW-02"], "The data of an error are beside its message.").on_sent(
        |_, packet| {
            refusal(packet, |error| match error.remove("data") {
                Some(Value::Object(data)) => {
                    error.extend(data);
                    true
                }
                _ => false,
            })
        },
    ),
    Mutant::new("refusal-has-a-fixed-message", &["SRV-MW-02"], "Every error of a middleware has the same message.")
        .on_sent(|_, packet| {
            refusal(packet, |error| {
                let is_of_a_middleware = error.get("message") != Some(&json!("Invalid namespace"));
                is_of_a_middleware && error.insert("message".to_owned(), json!("Unauthorized")).is_some()
            })
        }),
    Mutant::new("dynamic-namespaces-are-unknown", &["SRV-NSP-02"], "Only static namespaces exist.").on_sent(
        |_, packet| {
            edit(packet, |text| {
                with(text, |packet| {
                    let is_child = packet.kind == '0' && is_child(packet.namespace);
                    is_child.then_some(Packet { kind: '4', data: r#"{"message":"Invalid namespace"}"#, ..packet })
                })
            })
        },
    ),
    Mutant::new("predicate-does-not-see-the-auth", &["SRV-NSP-02", "SRV-NSP-03"], "A predicate sees only the name.")
        .on_received(|_, packet| edit_auth(packet, |_, auth| auth.remove("closed").is_some())),
    Mutant::new("predicate-refuses-in-other-words", &["SRV-NSP-03"], "A refusal by the predicate has another message.")
        .on_sent(|_, packet| {
            let is_child = is(text_of(&packet), |packet| packet.namespace.starts_with("/siospec-"));
            refusal(packet, |error| {
                let is_refused = is_child && error.get("message") == Some(&json!("Invalid namespace"));
                is_refused && error.insert("message".to_owned(), json!("refused")).is_some()
            })
        }),
    Mutant::new(
        "predicate-matches-a-prefix",
        &["SRV-NSP-02", "SRV-NSP-03"],
        "A predicate matches the name's beginning.",
    )
    .on_sent(|_, packet| {
        edit(packet, |text| {
            with(text, |packet| {
                let is_refused = packet.kind == '4' && packet.namespace.starts_with("/siospec-");
                let is_named_wrongly = is_refused && !is_child(packet.namespace);
                is_named_wrongly.then_some(Packet { kind: '0', data: r#"{"sid":"AAAAAAAAAAAAAAAAAAAA"}"#, ..packet })
            })
        })
    }),
    Mutant::new("children-have-no-middlewares", &["SRV-NSP-02"], "A dynamic namespace has no middlewares.")
        .on_received(|_, packet| edit_auth(packet, |namespace, auth| is_child(namespace) && remove_refusals(auth))),
    Mutant::new("children-have-no-handlers", &["SRV-NSP-02"], "A dynamic namespace does not serve events.")
        .on_received(|_, packet| {
            let is_event = is(text_of(&packet), |packet| packet.is_event() && is_child(packet.namespace));
            if is_event { super::rooms::rename(packet, "count", "nothing") } else { vec![packet] }
        }),
    Mutant::new("dynamic-wins", &["SRV-NSP-04"], "A predicate is asked although a static namespace has the name.")
        .on_received(|past, packet| {
            let is_refused =
                |packet: Packet<'_>| packet.namespace == "/siospec-0" && packet.data.contains(r#""first""#);
            past.tally = u32::from(is(text_of(&packet), is_refused));
            vec![packet]
        })
        .on_sent(|past, packet| refuse_first(past, packet)),
];

fn remove_refusals(auth: &mut Map<String, Value>) -> bool {
    let first = auth.remove("first").is_some();
    auth.remove("second").is_some() || first
}

/// Whether it is the name of a dynamic namespace.
fn is_child(namespace: &str) -> bool {
    let digits = namespace.strip_prefix("/siospec-").unwrap_or_default();
    digits != "0" && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The CONNECT_ERROR with another error, if a function has changed it.
fn refusal(packet: Frame, change: impl FnOnce(&mut Map<String, Value>) -> bool) -> Vec<Frame> {
    edit_data(packet, |packet, data| packet.kind == '4' && data.as_object_mut().is_some_and(change))
}

/// Refuses a client in the words of a middleware.
fn refuse_first(past: &Past, packet: Frame) -> Vec<Frame> {
    let is_refused = past.tally == 1;
    edit(packet, |text| {
        with(text, |packet| {
            let is_answer = packet.kind == '0' && is_refused;
            is_answer.then_some(Packet { kind: '4', data: r#"{"message":"no"}"#, ..packet })
        })
    })
}
