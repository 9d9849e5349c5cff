//! What a client may choose.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use sio_codec::engineio::client::Input;
use sio_codec::{Frame, Timestamp};

use super::answers::Pace;
use super::reading;
use super::script::Wish;
use super::subject::{Patience, Subject};
use super::world::World;
use crate::party::driver::Doing;
use crate::replay::Conditions;
use crate::trace::Trace;

/// A client that does something when the server has done something: answered request 1, for instance.
#[derive(Debug, Default)]
struct Scripted {
    doings: VecDeque<Doing>,
    told: VecDeque<String>,
    reactions: BTreeMap<String, Vec<Doing>>,
}

impl Scripted {
    fn new(first: Doing, reactions: impl IntoIterator<Item = (&'static str, Vec<Doing>)>) -> Self {
        let reactions = reactions.into_iter().map(|(after, doings)| (after.to_owned(), doings)).collect();
        Self { doings: VecDeque::from([first]), told: VecDeque::new(), reactions }
    }
}

impl Subject for Scripted {
    fn wish(&mut self, _: Timestamp, _: &Wish) -> Result<(), String> {
        Ok(())
    }

    fn handle(&mut self, _: Timestamp, input: Input) {
        let event = match input {
            Input::Response { id, .. } => format!("answer {}", id.0),
            Input::WsOpened { .. } => "opened".to_owned(),
            Input::WsFrame { frame: Frame::Text(text), .. } => text.as_str().chars().take(2).collect(),
            _ => return,
        };
        if event == "44" {
            self.told.push_back(r#"{"event":"refused","namespace":"/"}"#.to_owned());
        }
        self.doings.extend(self.reactions.remove(&event).unwrap_or_default());
    }

    fn poll_doing(&mut self) -> Option<Doing> {
        self.doings.pop_front()
    }

    fn told(&mut self) -> &mut VecDeque<String> {
        &mut self.told
    }

    fn closed(&self) -> Option<&str> {
        None
    }

    fn now(&self, last: Timestamp) -> Timestamp {
        last
    }

    fn pass(&mut self, _: Timestamp, _: Timestamp) -> Option<Timestamp> {
        None
    }

    fn catch_up(&mut self, _: Patience) -> bool {
        false
    }
}

/// Whether a client plays these lines, and why they do not apply to it if they do not.
fn play(covers: &str, lines: &str, mut client: Scripted) -> (bool, Option<&'static str>) {
    let source = format!("title     A choice\ncovers    {covers}\nlevel     must\n\n{lines}\n");
    let trace = Trace::parse("choice.trace", &source).unwrap();
    let script = reading::read(&trace, &Conditions::default(), Pace::Default).unwrap();
    let mut world = World::new(&mut client, *script.assemblies().last().unwrap(), Conditions::default());
    let played = world.play(&script);
    (played.is_ok(), world.unsuited)
}

const OPENING: &str = "EIO=4&transport=polling";
const POLLING: &str = "EIO=4&transport=polling&sid=sid-of-the-server";

fn get(id: u64, query: &str) -> Doing {
    Doing::Get { id, query: query.to_owned() }
}

fn post(id: u64, body: &'static str) -> Doing {
    Doing::Post { id, query: POLLING.to_owned(), content_type: None, body: Bytes::from_static(body.as_bytes()) }
}

#[test]
fn packets_of_several_posts_may_come_in_one() {
    let lines = "hs C session  polling\n\
                 p1 C post     EIO=4&transport=polling&sid=$sid\np1 C packet   4a\np1 S 200\n\
                 p2 C post     EIO=4&transport=polling&sid=$sid\np2 C packet   4b\np2 S 200";
    let client = |body| Scripted::new(get(1, OPENING), [("answer 1", vec![post(2, body)])]);
    assert_eq!(play("EIO4-POST-01", lines, client("4a\u{1e}4b")), (true, None));
    for wrong in ["4a\u{1e}4c", "4b\u{1e}4a", "4a\u{1e}4b\u{1e}4c", "4a"] {
        assert_eq!(play("EIO4-POST-01", lines, client(wrong)), (false, None), "{wrong}");
    }
}

#[test]
fn a_client_that_was_refused_may_stay() {
    let lines = "a C session  websocket\na C text     40\na S text     44{\"message\":\"no\"}";
    let socket = Doing::Open { id: 1, query: "EIO=4&transport=websocket".to_owned() };
    let join = vec![Doing::Send { id: 1, frame: Frame::from("40") }];
    assert_eq!(play("SIO5-CON-23", lines, Scripted::new(socket, [("0{", join)])), (true, None));
}

#[test]
fn a_trace_with_requests_during_a_probe_does_not_apply_to_a_client_that_sends_none() {
    let lines = "hs C session  polling\nws C open     EIO=4&transport=websocket&sid=$sid\nws C text     2probe\n\
                 g1 C get      EIO=4&transport=polling&sid=$sid\ng1 S 200\ng1 S packet   6";
    let probe = Doing::Open { id: 2, query: "EIO=4&transport=websocket&sid=sid-of-the-server".to_owned() };
    let ask = vec![Doing::Send { id: 2, frame: Frame::from("2probe") }];
    let client = Scripted::new(get(1, OPENING), [("answer 1", vec![probe]), ("opened", ask)]);
    let (is_played, unsuited) = play("EIO4-UP-01", lines, client);
    assert!(!is_played);
    assert!(unsuited.is_some_and(|why| why.contains("while it probes")), "{unsuited:?}");
}

/// It polls once more before it reads the answer to its probe, which comes on another connection.
//= EIO4-UP-04
#[test]
fn every_poll_of_a_client_that_probes_is_answered() {
    let lines = "hs C session  polling\nws C open     EIO=4&transport=websocket&sid=$sid\nws C text     2probe\n\
                 ws S text     3probe\nws C text     5";
    let probe = Doing::Open { id: 100, query: "EIO=4&transport=websocket&sid=sid-of-the-server".to_owned() };
    let send = |text: &'static str| vec![Doing::Send { id: 100, frame: Frame::from(text) }];
    let reactions = [
        ("answer 1", vec![get(2, POLLING), probe]),
        ("opened", send("2probe")),
        ("answer 2", vec![get(3, POLLING)]),
        // Only now it has read the answer to its probe.
        ("answer 3", send("5")),
    ];
    assert_eq!(play("EIO4-UP-01", lines, Scripted::new(get(1, OPENING), reactions)), (true, None));
}

/// A server must tolerate such a pong, so that a client may send it.
//= EIO4-HB-09
#[test]
fn a_pong_that_no_ping_asks_for_is_set_aside() {
    let lines = "ws C session  websocket\nws S text     2\nws C text     3\nws C text     4a";
    let socket = || Doing::Open { id: 1, query: "EIO=4&transport=websocket".to_owned() };
    let send = |texts: &[&'static str]| -> Vec<_> {
        texts.iter().map(|text| Doing::Send { id: 1, frame: Frame::from(*text) }).collect()
    };
    let client = |texts: &[&'static str]| Scripted::new(socket(), [("0{", send(&["3"])), ("2", send(texts))]);
    assert_eq!(play("EIO4-HB-02", lines, client(&["3", "4a"])), (true, None));
    assert_eq!(play("EIO4-HB-02", lines, client(&["4a"])), (false, None), "the early pong is no answer");

    let lines = "hs C session  polling\np1 C post     EIO=4&transport=polling&sid=$sid\np1 C packet   4a\np1 S 200";
    let client = Scripted::new(get(1, OPENING), [("answer 1", vec![post(2, "3")]), ("answer 2", vec![post(3, "4a")])]);
    assert_eq!(play("EIO4-POST-01", lines, client), (true, None));
}

#[test]
fn a_client_that_leaves_may_say_so_on_its_websocket() {
    let lines = "a C session  websocket\na C text     40\na S text     44{\"message\":\"no\"}";
    let send = |text: &'static str| vec![Doing::Send { id: 1, frame: Frame::from(text) }];
    let client = |last| {
        let socket = Doing::Open { id: 1, query: "EIO=4&transport=websocket".to_owned() };
        Scripted::new(socket, [("0{", send("40")), ("44", send(last))])
    };
    assert_eq!(play("SIO5-CON-23", lines, client("1")), (true, None));
    assert_eq!(play("SIO5-CON-23", lines, client("42[\"a\"]")), (false, None));
}
