//! Sessions, right ones and broken ones, and what the witness says of each.

use std::time::Duration;

mod duties;
mod endings;

use super::{Testimony, judge};
use crate::capture::{Body, Clock, Conversation, Exchange, Joined, Sighting, Way, What};
use crate::trace::Side::{Client, Server};
use crate::trace::{Revision, Side};

const OPEN: &str = r#"0{"sid":"E","upgrades":["websocket"],"pingInterval":1000,"pingTimeout":500,"maxPayload":100}"#;
const DIRECT: &str = r#"0{"sid":"E","upgrades":[],"pingInterval":1000,"pingTimeout":500,"maxPayload":100}"#;

/// What was seen of a session. Times are in milliseconds.
#[derive(Default)]
struct Tape {
    revision: u8,
    seen: Vec<Sighting>,
    requests: u32,
}

impl Tape {
    fn new(revision: u8) -> Self {
        Self { revision, ..Self::default() }
    }

    fn push(mut self, at: u64, request: u32, what: What) -> Self {
        let exchange = Exchange { connection: 0, request };
        self.seen.push(Sighting { at: Duration::from_millis(at), exchange, what });
        self
    }

    fn request(mut self, method: &str, times: (u64, u64), bodies: (&str, &str)) -> Self {
        self.requests += 1;
        let (number, target) = (self.requests, format!("/socket.io/?EIO={}&transport=polling&sid=E", self.revision));
        let body = |text: &str| Body::Whole(text.as_bytes().to_vec());
        let method = method.to_owned();
        let request = What::Request { method, target, agent: None, content_type: None, body: body(bodies.0) };
        self.push(times.0, number, request).push(
            times.1,
            number,
            What::Answer { status: 200, content_type: None, body: body(bodies.1) },
        )
    }

    fn poll(self, from: u64, to: u64, body: &str) -> Self {
        self.request("GET", (from, to), ("", body))
    }

    fn post(self, at: u64, body: &str) -> Self {
        self.request("POST", (at, at + 1), (body, "ok"))
    }

    /// Opens the only WebSocket.
    fn socket(self, at: u64, sid: &str) -> Self {
        let target = format!("/socket.io/?EIO={}&transport=websocket{sid}", self.revision);
        self.push(at, 0, What::Open { target, agent: None }).push(at, 0, What::Opened)
    }

    fn text(self, at: u64, side: Side, text: &str) -> Self {
        self.push(at, 0, What::Text(side, text.to_owned()))
    }

    fn binary(self, at: u64, side: Side) -> Self {
        self.push(at, 0, What::Binary(side, vec![1, 2]))
    }

    /// A session on a WebSocket, whose client is in `/`.
    fn joined() -> Self {
        Self::new(4).socket(0, "").text(1, Server, DIRECT).text(2, Client, "40").text(3, Server, r#"40{"sid":"S"}"#)
    }

    /// A session on polling up to the answer to the probe, at 20 ms.
    fn probed() -> Self {
        Self::new(4).poll(0, 1, OPEN).socket(10, "&sid=E").text(11, Client, "2probe").text(20, Server, "3probe")
    }

    fn judge(mut self) -> Testimony {
        self.seen.sort_by_key(|sighting| sighting.at);
        judge(&Conversation { sid: "E".to_owned(), clock: Clock::default(), sightings: self.seen })
    }

    /// The requirements that are violated, and by which side.
    fn violations(self) -> Vec<(&'static str, Side)> {
        self.judge().violations.iter().map(|violation| (violation.requirement, violation.side)).collect()
    }
}

#[test]
fn a_session_without_faults_is_not_accused() {
    let tape = Tape::probed()
        .poll(5, 25, "6")
        .text(30, Client, "5")
        .text(31, Client, "40/a,")
        .text(32, Server, r#"40/a,{"sid":"S"}"#)
        .text(33, Client, r#"42/a,0["ask"]"#)
        .text(34, Server, "43/a,0[]")
        .text(35, Server, r#"451-/a,["file",{"_placeholder":true,"num":0}]"#)
        .binary(36, Server)
        .text(1001, Server, "2")
        .text(1002, Client, "3")
        .text(2002, Server, "2")
        .text(2003, Client, "3");
    let testimony = tape.judge();
    assert_eq!(testimony.violations, []);
    assert!(testimony.unseen.is_empty(), "{:?}", testimony.unseen);
    let fulfilled: Vec<_> = testimony.fulfilled.iter().map(|one| one.requirement).collect();
    for requirement in ["EIO4-HS-02", "EIO4-UP-04", "EIO4-HB-01", "EIO4-HB-02", "SIO5-ACK-01", "SIO5-ATT-02"] {
        assert!(fulfilled.contains(&requirement), "{requirement} is not in {fulfilled:?}");
    }
}

//= EIO4-HS-02
#[test]
fn the_keys_of_the_open_packet_are_judged() {
    for (change, wrong) in [("pingTimeout", "pingtimeout"), ("1000", "\"1000\""), ("[]", "[1]"), ("100}", "null}")] {
        let open = DIRECT.replacen(change, wrong, 1);
        assert_eq!(Tape::new(4).socket(0, "").text(1, Server, &open).violations(), [("EIO4-HS-02", Server)], "{open}");
    }
    assert_eq!(Tape::new(4).socket(0, "").text(1, Server, OPEN).violations(), [("EIO4-HS-05", Server)]);
    let without_size = DIRECT.replace(r#","maxPayload":100"#, "");
    assert_eq!(Tape::new(3).socket(0, "").text(1, Server, &without_size).violations(), []);
}

//= EIO4-HS-01
//= EIO4-HS-06
#[test]
fn a_session_begins_with_the_open_packet() {
    let target = "/socket.io/?EIO=4&transport=polling".to_owned();
    let (agent, content_type) = (None, None);
    let request = What::Request {
        method: "GET".to_owned(),
        target,
        agent,
        content_type: content_type.clone(),
        body: Body::empty(),
    };
    let answer = |text: &str| What::Answer { status: 200, content_type: None, body: Body::Whole(text.into()) };
    let asked = || Tape::new(4).push(0, 9, request.clone());
    assert_eq!(asked().push(1, 9, answer(OPEN)).violations(), []);
    assert_eq!(asked().push(1, 9, answer("<html>")).violations()[0], ("EIO4-HS-01", Server));
    let socket = Tape::new(4).socket(0, "").text(1, Server, "6").text(2, Server, DIRECT);
    assert_eq!(socket.violations(), [("EIO4-HS-06", Server)]);
}

/// The reference takes a handshake without EIO for one of revision 3, if it serves that; others for one of revision 4.
#[test]
fn a_handshake_without_a_revision_is_of_the_one_that_answers() {
    let get = |tape: Tape, at, number, query: &str, body: &str| {
        let (target, none) = (format!("/socket.io/?transport=polling{query}"), Body::Whole(Vec::new()));
        let request = What::Request { method: "GET".to_owned(), target, agent: None, content_type: None, body: none };
        let answer = What::Answer { status: 200, content_type: None, body: Body::Whole(body.as_bytes().to_vec()) };
        tape.push(at, number, request).push(at + 1, number, answer)
    };
    let unnamed = ("EIO4-URL-01", Client);
    let three = (format!("{}:{OPEN}2:40", OPEN.len()), "1:3", vec![]);
    for (open, after, faults) in [three, (OPEN.to_owned(), "6", vec![unnamed])] {
        let testimony = get(get(Tape::new(4), 0, 1, "", &open), 2, 2, "&sid=E", after).judge();
        let found: Vec<_> = testimony.violations.iter().map(|one| (one.requirement, one.side)).collect();
        assert_eq!(found, faults, "{open}");
        assert!(testimony.fulfilled.iter().any(|one| one.requirement.ends_with("-HS-01")), "{open}");
    }
}

//= EIO4-HB-01
//= EIO4-HB-10
//= EIO4-HB-02
#[test]
fn pings_come_after_the_interval_and_are_answered() {
    let early = Tape::joined().text(500, Server, "2").text(501, Client, "3").text(900, Server, "2");
    assert_eq!(early.violations(), [("EIO4-HB-01", Server), ("EIO4-HB-10", Server)]);
    let at_once = Tape::joined().text(4, Server, "2").text(5, Client, "3").text(1004, Server, "2");
    assert_eq!(at_once.violations(), [], "the specification does not give the time of the first ping");
    let unanswered = Tape::joined().text(1001, Server, "2").text(1600, Client, r#"42["a"]"#);
    assert_eq!(unanswered.violations(), [("EIO4-HB-02", Client)]);
    let still_in_time = Tape::joined().text(1001, Server, "2").text(1400, Client, r#"42["a"]"#);
    assert_eq!(still_in_time.violations(), []);
    let never = Tape::joined().text(1200, Server, r#"42["a"]"#).text(1750, Server, r#"42["a"]"#);
    assert_eq!(never.violations(), [("EIO4-HB-01", Server)]);
    let gone = || Tape::joined().text(1200, Server, r#"42["a"]"#);
    assert_eq!(gone().push(1701, 0, What::Close(Client, None)).violations(), [("EIO4-HB-01", Server)]);
    assert_eq!(gone().push(1500, 0, What::Close(Client, None)).violations(), [], "the ping may be on its way");
    assert_eq!(gone().text(1701, Client, r#"42["a"]"#).violations(), [("EIO4-HB-01", Server)]);
    let silent = Tape::joined().push(1503, 0, What::Close(Client, None));
    assert_eq!(silent.violations(), [], "the network may have failed");
    let polled = || Tape::new(4).poll(0, 1, OPEN).poll(2, 1900, "1").post(1200, "40");
    assert_eq!(polled().post(1800, r#"42["a"]"#).violations(), [("EIO4-HB-01", Server)]);
    assert_eq!(polled().violations(), []);
    let woken =
        Tape::joined().text(9000, Server, r#"42["a"]"#).text(9001, Server, r#"42["a"]"#).text(9002, Server, "2");
    assert_eq!(woken.violations(), [], "a machine that slept sees everything late");
}

//= EIO4-HB-15
//= EIO3-HB-03
//= EIO3-HB-02
#[test]
fn heartbeats_have_a_direction() {
    assert_eq!(Tape::joined().text(10, Client, "2").violations(), [("EIO4-HB-15", Client)]);
    let three = || Tape::new(3).socket(0, "").text(1, Server, DIRECT).text(2, Server, "40");
    assert_eq!(three().text(1001, Client, "2").text(1002, Server, "3").violations(), []);
    assert_eq!(three().text(1001, Server, "2").violations(), [("EIO3-HB-03", Server)]);
    let unanswered = three().text(1001, Client, "2").text(1600, Server, r#"42["a"]"#);
    assert_eq!(unanswered.violations(), [("EIO3-HB-02", Server)]);
}

//= EIO4-UP-04
#[test]
fn a_pending_poll_is_ended_when_the_session_moves() {
    assert_eq!(Tape::probed().poll(5, 1001, "2").violations(), []);
    assert_eq!(Tape::probed().poll(5, 1500, "2").violations(), [("EIO4-UP-04", Server)]);
    assert_eq!(Tape::probed().poll(100, 1500, "2").violations(), [("EIO4-UP-04", Server)]);
}

//= shown by rows of a table:
//= EIO4-UP-02
//= EIO4-UP-03
//= EIO4-UP-05
//= EIO4-UP-06
#[test]
fn an_upgrade_has_an_order() {
    let begun = || Tape::new(4).poll(0, 1, OPEN).socket(10, "&sid=E");
    assert_eq!(begun().text(11, Client, "40").violations(), [("EIO4-UP-02", Client)]);
    let asked = || begun().text(11, Client, "2probe");
    assert_eq!(asked().text(12, Server, "3").violations(), [("EIO4-UP-03", Server)]);
    assert_eq!(asked().text(12, Client, "5").violations(), [("EIO4-UP-05", Client)]);
    assert_eq!(Tape::probed().text(25, Server, "2").violations()[0], ("EIO4-UP-06", Server));
    assert_eq!(Tape::probed().text(25, Client, "5").post(400, "40").violations(), [("EIO4-UP-05", Client)]);
    assert_eq!(Tape::probed().text(25, Client, "5").poll(5, 30, "6").violations(), [], "times are inexact");
}

//= EIO4-GET-05
//= EIO4-POST-01
//= EIO4-LIM-01
#[test]
fn requests_of_polling_are_judged() {
    let open = || Tape::new(4).poll(0, 1, OPEN);
    assert_eq!(open().poll(5, 900, "6").poll(100, 901, "6").violations(), [("EIO4-GET-05", Client)]);
    assert_eq!(open().poll(5, 900, "6").poll(890, 990, "6").violations(), []);
    let wrong = open().request("POST", (5, 6), ("40", "OK"));
    assert_eq!(wrong.violations(), [("EIO4-POST-01", Server)]);
    let long = format!("40\u{1e}42[\"{}\"]", "x".repeat(100));
    assert_eq!(open().post(5, &long).violations(), [("EIO4-LIM-01", Client), ("EIO4-POST-10", Server)]);
    let single = open().post(5, "40").post(10, &long[3..]);
    assert_eq!(single.violations(), [("EIO4-POST-10", Server)], "one packet cannot be divided");
}

//= SIO5-CON-08
//= SIO5-CON-01
//= SIO5-CON-17
#[test]
fn nobody_speaks_in_a_namespace_before_the_client_is_in() {
    let asked = || Tape::joined().text(10, Client, "40/a,");
    assert_eq!(asked().text(11, Server, r#"42/a,["x"]"#).violations(), [("SIO5-CON-08", Server)]);
    let left = Tape::joined().text(10, Server, "41").text(11, Server, r#"42["x"]"#);
    assert_eq!(left.violations(), [("SIO5-CON-08", Server)]);
    assert_eq!(Tape::joined().text(10, Client, r#"42/b,["x"]"#).violations(), [("SIO5-CON-01", Client)]);
    let early = asked().text(11, Client, r#"42/a,["x"]"#).text(12, Server, r#"40/a,{"sid":"T"}"#);
    assert_eq!(early.violations(), [("SIO5-CON-17", Client)]);
    let resumed = Tape::new(4)
        .socket(0, "")
        .text(1, Server, DIRECT)
        .text(2, Client, r#"40{"pid":"P","offset":"o"}"#)
        .text(3, Server, r#"42["missed"]"#)
        .text(4, Server, r#"40{"sid":"S","pid":"P"}"#);
    assert_eq!(resumed.violations(), []);
}

//= SIO5-CON-02
//= SIO5-CON-03
//= SIO5-CON-04
#[test]
fn answers_to_a_connect_have_a_form() {
    let asked = || Tape::joined().text(10, Client, "40/a,");
    assert_eq!(asked().text(11, Server, "40/a,").violations(), [("SIO5-CON-02", Server)]);
    assert_eq!(asked().text(11, Server, r#"40/a,{"sid":"E"}"#).violations(), [("SIO5-CON-03", Server)]);
    assert_eq!(asked().text(11, Server, r#"40/a,{"sid":"S"}"#).violations(), [("SIO5-CON-03", Server)]);
    assert_eq!(asked().text(11, Server, r#"44/a,"no""#).violations(), [("SIO5-CON-04", Server)]);
    assert_eq!(Tape::joined().text(10, Server, r#"40/b,{"sid":"T"}"#).violations(), [("SIO5-CON-02", Server)]);
}

//= SIO5-ACK-01
//= SIO5-ACK-05
#[test]
fn acknowledgements_are_asked_for_and_given_once() {
    let asked = || Tape::joined().text(10, Client, r#"421["x"]"#);
    assert_eq!(asked().text(11, Server, "431[]").violations(), []);
    assert_eq!(asked().violations(), [], "nobody has to acknowledge");
    assert_eq!(asked().text(11, Server, "437[]").violations(), [("SIO5-ACK-01", Server)]);
    let twice = asked().text(11, Server, "431[]").text(12, Server, "431[]");
    assert_eq!(twice.violations(), [("SIO5-ACK-01", Server)]);
    assert_eq!(asked().text(11, Client, r#"421["x"]"#).violations(), [("SIO5-ACK-05", Client)]);
    assert_eq!(Tape::joined().text(10, Client, "435[]").violations(), [("SIO5-ACK-01", Client)]);
}

//= SIO5-ATT-02
//= SIO5-ATT-04
#[test]
fn attachments_are_counted() {
    let header = r#"452-["f",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
    let begun = || Tape::joined().text(10, Server, header).binary(11, Server);
    assert_eq!(begun().violations(), [], "the recording can end here");
    assert_eq!(begun().text(12, Server, "2").binary(13, Server).violations(), []);
    assert_eq!(begun().text(12, Server, r#"42["x"]"#).violations(), [("SIO5-ATT-02", Server)]);
    let late = begun().text(12, Server, r#"42["x"]"#).binary(13, Server);
    assert_eq!(late.violations(), [("SIO5-ATT-04", Server)]);
    assert_eq!(begun().binary(12, Server).binary(13, Server).violations(), [("SIO5-ATT-02", Server)]);
}

//= SIO5-PKT-15
//= EIO4-PKT-06
//= EIO3-PLD-01
#[test]
fn what_cannot_be_decoded_is_the_senders_fault() {
    assert_eq!(Tape::joined().text(10, Client, r#"42["x""#).violations(), [("SIO5-PKT-15", Client)]);
    assert_eq!(Tape::joined().text(10, Server, "x").violations(), [("EIO4-PKT-06", Server)]);
    let three = || Tape::new(3).poll(0, 1, &format!("{}:{OPEN}2:40", OPEN.len()));
    assert_eq!(three().poll(5, 6, "10:42[\"€uro\"]").violations(), []);
    assert_eq!(three().poll(5, 6, "12:42[\"€uro\"]").violations(), [("EIO3-PLD-01", Server)]);
}

#[test]
fn what_was_not_recorded_is_no_fault() {
    let late = Tape::new(4)
        .socket(0, "&sid=E")
        .binary(1, Server)
        .text(2, Server, r#"42/a,["x"]"#)
        .text(3, Server, "437[]")
        .text(4, Client, r#"42/b,["x"]"#);
    let testimony = late.judge();
    assert_eq!(testimony.violations, []);
    assert_eq!(testimony.unseen, ["the beginning of the session"]);
    let without_frames = Tape::new(4).poll(0, 1, OPEN).socket(10, "&sid=E").poll(20, 25, "437[]");
    assert_eq!(without_frames.violations(), [("SIO5-CON-08", Server)]);
    let without_bodies = Tape::new(4).poll(0, 1, OPEN).request("POST", (2, 3), ("", "")).poll(4, 5, r#"42["x"]"#);
    let testimony = without_bodies.judge();
    assert_eq!((testimony.violations, testimony.unseen.len()), (vec![], 1));
}

#[test]
fn other_protocols_than_socketio_are_judged_as_engineio_only() {
    let target = "/engine.io/?EIO=4&transport=websocket".to_owned();
    let tape = Tape::new(4)
        .push(0, 0, What::Open { target, agent: None })
        .push(0, 0, What::Opened)
        .text(1, Server, DIRECT)
        .text(2, Client, "40")
        .text(3, Server, "42[");
    assert_eq!(tape.violations(), []);
}

/// A recording that begins on a WebSocket, or is the log of a library.
fn late(way: Way, revision: Revision) -> Tape {
    Tape::new(4).push(0, 0, What::Joined(Joined { sid: None, revision, way }))
}

#[test]
fn an_upgrade_is_judged_without_the_bodies_of_polling() {
    let without_bodies = |tape: Tape| {
        tape.push(25, 9, What::Answer { status: 200, content_type: None, body: Body::Unreadable("no body".to_owned()) })
    };
    let probed = || Tape::new(4).socket(10, "&sid=E").text(11, Client, "2probe").poll(12, 25, "");
    assert_eq!(without_bodies(probed()).text(26, Server, "3probe").text(30, Client, "5").violations(), []);
    let early = without_bodies(probed()).text(30, Client, "5").violations();
    assert_eq!(early, [("EIO4-UP-05", Client)]);
}

#[test]
fn messages_without_their_request_are_judged_by_themselves() {
    let tape =
        late(Way::WebSocket, Revision::Four).text(1, Client, "2probe").text(2, Server, "3probe").text(3, Client, "5");
    assert_eq!(tape.text(4, Client, r#"42/a,0["x"]"#).text(5, Server, "43/a,0[]").violations(), []);
    let broken = late(Way::WebSocket, Revision::Four).text(1, Client, r#"42["x"]"#).text(2, Server, r#"42["x""#);
    assert_eq!(broken.violations(), [("SIO5-PKT-15", Server)]);
    let open = r#"0{"sid":"E","upgrades":["websocket"],"pingInterval":9,"pingTimeout":9,"maxPayload":9}"#;
    assert_eq!(late(Way::WebSocket, Revision::Four).text(1, Server, open).violations(), [("EIO4-HS-05", Server)]);
    assert_eq!(late(Way::Any, Revision::Four).text(1, Server, open).violations(), []);
    assert_eq!(late(Way::WebSocket, Revision::Three).text(1, Client, "2").text(2, Server, "3").violations(), []);
}

#[test]
fn a_connect_without_a_payload_is_heard() {
    let log = late(Way::Any, Revision::Four).text(1, Server, DIRECT).text(2, Client, "40");
    assert_eq!(log.text(3, Server, r#"40{"sid":"S"}"#).violations(), []);
}

#[test]
fn the_log_of_a_library_need_not_show_pongs() {
    let open = r#"0{"sid":"E","upgrades":[],"pingInterval":1000,"pingTimeout":500,"maxPayload":9}"#;
    let log = || late(Way::Any, Revision::Four).text(1, Server, open).text(1001, Server, "2");
    assert_eq!(log().text(1900, Client, "40").violations(), []);
    assert_eq!(log().text(1002, Client, "2probe").violations(), []);
}

#[test]
fn an_attachment_without_its_content_is_one() {
    let hidden = |tape: Tape, at, side| tape.push(at, 0, What::Hidden(side, "300 B".to_owned()));
    let header = r#"461-0[{"_placeholder":true,"num":0}]"#;
    let asked = Tape::joined().text(4, Client, r#"420["x"]"#);
    let testimony = hidden(asked.text(5, Server, header), 6, Server).judge();
    assert_eq!(testimony.violations, []);
    assert!(testimony.fulfilled.iter().any(|one| one.requirement == "SIO5-ACK-01"), "{testimony:?}");
    // What nothing announced can be anything.
    assert_eq!(hidden(Tape::joined(), 4, Server).violations(), []);
}

#[test]
fn a_recording_without_times_says_nothing_of_heartbeats() {
    let mut tape = Tape::new(4).socket(0, "").text(0, Server, DIRECT);
    for _ in 0..3 {
        tape = tape.text(0, Server, "2").text(0, Client, "3");
    }
    assert!(tape.seen.iter().all(|sighting| sighting.at == Duration::ZERO));
    let conversation = |clock| Conversation { sid: "E".to_owned(), clock, sightings: tape.seen.clone() };
    assert_eq!(judge(&conversation(Clock::Absent)).violations, []);
    assert!(!judge(&conversation(Clock::default())).violations.is_empty());
}
