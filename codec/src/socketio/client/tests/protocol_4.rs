//! The older protocol, over Engine.IO 3.

use super::script::{LOST, Script, namespace, waiting_with};
use crate::engineio::CloseReason;
use crate::socketio::client::{Auth, Config, Event};
use crate::socketio::{DisconnectReason, Protocol};

fn waiting() -> Script {
    waiting_with(Config::default().with_protocol(Protocol::V4))
}

fn connected(name: &str) -> Event {
    Event::Connected { namespace: namespace(name), sid: None, recovered: false }
}

//= SIO4-CON-03
//= SIO4-CON-04
#[test]
fn the_server_lets_the_client_into_the_main_namespace_unasked() {
    waiting()
        .connect("/", Auth::None)
        .emit("/", "early", "[]")
        .open()
        .expect_nothing()
        .message("0")
        .expect_event(&connected("/"))
        .expect_sent(r#"42["early"]"#)
        .message("0")
        .expect_nothing();
}

//= SIO4-CON-03
//= SIO4-CON-05
#[test]
fn other_namespaces_are_asked_for_after_that() {
    waiting()
        .connect("/admin?token=1&x=y", Auth::None)
        .connect("/b", Auth::Fresh)
        .open()
        .expect_nothing()
        .message("0")
        .expect_sent("40/admin?token=1&x=y,")
        .expect_sent("40/b,")
        .message("0/admin,")
        .expect_event(&connected("/admin"))
        .emit("/admin", "x", "[]")
        .expect_sent(r#"42/admin,["x"]"#)
        .lost(&["/admin"])
        .open()
        .message("0")
        .expect_sent("40/admin?token=1&x=y,")
        .expect_sent("40/b,");
}

/// The main namespace is the server's to open, with every session.
//= SIO4-CON-03
//= SIO4-CON-04
#[test]
fn the_main_namespace_is_never_asked_for() {
    waiting()
        .connect("/a", Auth::None)
        .open()
        .message("0")
        .expect_sent("40/a,")
        .connect("/", Auth::None)
        .expect_event(&connected("/"))
        .disconnect("/")
        .expect_sent("41")
        .expect_disconnected("/", DisconnectReason::ClientNamespace)
        .session_closed(CloseReason::TransportClose)
        .expect_closed(LOST)
        .open()
        .message("0")
        .expect_sent("40/a,");
}

#[test]
fn who_changes_their_mind_about_the_main_namespace() {
    waiting()
        .connect("/", Auth::None)
        .connect("/a", Auth::None)
        .open()
        .disconnect("/")
        .message("0")
        .expect_sent("40/a,")
        .connect("/", Auth::None)
        .expect_event(&connected("/"));
}

//= SIO4-ERR-03
#[test]
fn refusals_of_both_kinds_of_servers() {
    waiting()
        .connect("/", Auth::None)
        .open()
        .message("0")
        .expect_event(&connected("/"))
        .connect("/a", Auth::None)
        .expect_sent("40/a,")
        .message(r#"4/a,"Invalid namespace""#)
        .expect_refused("/a", "Invalid namespace", None)
        .connect("/b", Auth::None)
        .expect_sent("40/b,")
        .message(r#"4/b,{"message":"Invalid namespace"}"#)
        .expect_refused("/b", "Invalid namespace", None)
        .connect("/c", Auth::None)
        .expect_sent("40/c,")
        .message(r#"4/c,{"c":1}"#)
        .expect_refused("/c", "", Some(r#"{"c":1}"#))
        // A server may report its own faults like this.
        .message(r#"4"fault""#)
        .expect_nothing();
}

//= SIO4-ERR-03
#[test]
fn a_client_that_is_refused_at_once() {
    waiting().connect("/", Auth::None).open().message(r#"4"no""#).expect_refused("/", "no", None).expect_close();
}

//= SIO4-DIS-01
#[test]
fn who_leaves_the_main_namespace_stays_in_the_others() {
    waiting()
        .connect("/", Auth::None)
        .connect("/a", Auth::None)
        .open()
        .message("0")
        .expect_event(&connected("/"))
        .expect_sent("40/a,")
        .message("0/a,")
        .expect_event(&connected("/a"))
        .message("1")
        .expect_disconnected("/", DisconnectReason::ServerNamespace)
        .message(r#"2/a,["x"]"#)
        .expect_received("/a", "x", "", None)
        .disconnect("/a")
        .expect_sent("41/a,")
        .expect_disconnected("/a", DisconnectReason::ClientNamespace)
        .expect_close();
}

/// Of a type that does not exist only the packet is lost.
#[test]
fn an_unknown_type_of_packet() {
    waiting()
        .connect("/", Auth::None)
        .open()
        .message("0")
        .expect_event(&connected("/"))
        .message("9")
        .expect_nothing()
        .message(r#"2["x"]"#)
        .expect_received("/", "x", "", None);
}
