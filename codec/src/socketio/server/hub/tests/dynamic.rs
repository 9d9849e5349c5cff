//! Namespaces that come and go, and a program that decides about them.

use alloc::string::String;

use super::script::{frames, hub, hub_with, namespace};
use crate::engineio::{self, Sid};
use crate::frame::Frame;
use crate::machine::{Machine as _, Output};
use crate::socketio::server::hub::{Children, Config};
use crate::socketio::{self, Connection, EmitError, Event, Json, Namespace, Transmit};
use crate::text::Text;
use crate::time::Timestamp;

//= SRV-NSP-02
//= SRV-NSP-05
#[test]
fn a_child_is_there_while_somebody_is_in_it() {
    hub()
        .add("/dyn-1", "ann")
        .expect(&["+/dyn-1", "+/dyn-1#ann", "/dyn-1#ann+ann"])
        .add("/dyn-1", "bob")
        .expect(&["+/dyn-1#bob", "/dyn-1#bob+bob"])
        .does(|hub, _| assert!(hub.namespaces().eq(&[Namespace::root(), namespace("/dyn-1")])))
        .remove("ann")
        .expect(&["/dyn-1#ann-ann", "-/dyn-1#ann"])
        .remove("bob")
        .expect(&["/dyn-1#bob-bob", "-/dyn-1#bob", "-/dyn-1"])
        .does(|hub, _| assert!(hub.namespaces().eq(&[Namespace::root()])))
        .add("/", "cid")
        .whatever()
        .remove("cid")
        .expect(&["/#cid-cid", "-/#cid"]);
}

//= SRV-NSP-05
#[test]
fn a_child_that_is_kept() {
    hub_with(Config::default().with_children(Children::Keep))
        .add("/dyn-1", "ann")
        .expect(&["+/dyn-1", "+/dyn-1#ann", "/dyn-1#ann+ann"])
        .remove("ann")
        .expect(&["/dyn-1#ann-ann", "-/dyn-1#ann"])
        .add("/dyn-1", "bob")
        .expect(&["+/dyn-1#bob", "/dyn-1#bob+bob"]);
}

type Predicate = fn(&Namespace, Option<&Json>) -> bool;
type Middleware = fn(&Namespace, Option<&Json>) -> Result<(), (&'static str, Option<Json>)>;

/// How a program says which namespaces there are: the first that matches decides, fixed names before patterns.
const NAMESPACES: [(&str, Predicate); 3] = [
    ("fixed", |namespace, _| namespace.as_str() == "/dyn-0"),
    ("pattern", |namespace, _| namespace.as_str().starts_with("/dyn-")),
    ("predicate", |_, auth| auth.is_some_and(|auth| auth.as_str() == r#"{"key":1}"#)),
];

fn kind(namespace: &Namespace, auth: Option<&Json>) -> Option<&'static str> {
    NAMESPACES.iter().find(|(_, matches)| matches(namespace, auth)).map(|(kind, _)| *kind)
}

fn decide(
    connection: &mut Connection,
    middlewares: &[Middleware],
    namespace: &Namespace,
    auth: Option<&Json>,
) -> Result<(), EmitError> {
    if kind(namespace, auth).is_none() {
        return connection.refuse_unknown(namespace);
    }
    match middlewares.iter().try_for_each(|middleware| middleware(namespace, auth)) {
        Ok(()) => connection.accept(namespace, &Sid::from_wire("s").unwrap()),
        Err((message, data)) => connection.refuse(namespace, message, data.as_ref()),
    }
}

/// What a client is told.
fn answer(middlewares: &[Middleware], connect: &'static str) -> String {
    let mut connection = Connection::new(socketio::Config::default());
    connection.handle(Timestamp::ZERO, engineio::Event::Opened);
    connection.handle(Timestamp::ZERO, engineio::Event::Message(Frame::from(connect)));
    let Some(Output::Event(Event::ConnectRequested { namespace, auth })) = connection.poll_output() else {
        panic!("no question")
    };
    decide(&mut connection, middlewares, &namespace, auth.as_ref()).unwrap();
    match connection.poll_output() {
        Some(Output::Transmit(Transmit::Send(messages))) => frames(&messages),
        other => panic!("{other:?}"),
    }
}

//= SRV-NSP-02
//= SRV-HS-01
#[test]
fn the_program_decides_about_names() {
    assert_eq!(answer(&[], "0/dyn-0,"), r#"40/dyn-0,{"sid":"s"}"#);
    assert_eq!(answer(&[], "0/dyn-1,"), r#"40/dyn-1,{"sid":"s"}"#);
    assert_eq!(answer(&[], r#"0/other,{"key":1}"#), r#"40/other,{"sid":"s"}"#);
    //= SRV-NSP-03
    assert_eq!(answer(&[], "0/other,"), r#"44/other,{"message":"Invalid namespace"}"#);
    let kinds = ["/dyn-0", "/dyn-1", "/other"].map(|name| kind(&namespace(name), None));
    //= SRV-NSP-04
    assert_eq!(kinds, [Some("fixed"), Some("pattern"), None]);
}

/// In order, and the first error ends it.
//= SIO5-CON-23
//= SRV-MW-01
//= SRV-MW-02
#[test]
fn middlewares() {
    let strict: [Middleware; 3] = [
        |_, auth| if auth.is_none() { Err(("who?", None)) } else { Ok(()) },
        |_, _| Err(("no", Json::new(Text::from(r#"{"code":7}"#)).ok())),
        |_, _| panic!("the one before refused"),
    ];
    assert_eq!(answer(&strict, "0/dyn-1,"), r#"44/dyn-1,{"message":"who?"}"#);
    assert_eq!(answer(&strict, "0/dyn-1,{}"), r#"44/dyn-1,{"message":"no","data":{"code":7}}"#);
    let lenient: [Middleware; 2] = [|_, _| Ok(()), |_, _| Ok(())];
    assert_eq!(answer(&lenient, "0/dyn-1,"), r#"40/dyn-1,{"sid":"s"}"#);
}
