//! What is told of sessions, and when.

use super::*;
use crate::capture::Body;
use crate::trace::Side;

/// Feeds sightings with times, and notes what is told in short words.
struct Stage {
    live: Live,
    told: Vec<String>,
}

fn words(told: &mut Vec<String>, News { number, event }: News) {
    told.push(match event {
        Event::Began { sid, .. } => format!("{number} began {}", sid.unwrap_or_default()),
        Event::Said(words) => format!("{number} said {}", words.lines().count()),
        Event::Broken(violation) => format!("{number} broken {}", violation.requirement),
        Event::Ended(end) => {
            let kept = end.conversation.map_or(0, |conversation| conversation.sightings.len());
            format!("{number} ended {:?}, {} broken, {kept} kept", end.why, end.testimony.violations.len())
        }
    });
}

impl Stage {
    fn new(keep: Keep) -> Self {
        Self { live: Live::new(keep), told: Vec::new() }
    }

    fn narrow() -> Self {
        let live = Live { room: Room { one: 20_000, all: 50_000 }, ..Live::new(Keep::Recordings) };
        Self { live, told: Vec::new() }
    }

    fn see(&mut self, millis: u64, exchange: (u32, u32), what: What) -> &mut Self {
        let (connection, request) = exchange;
        let at = Duration::from_millis(millis);
        let told = &mut self.told;
        self.live.see(Sighting { at, exchange: Exchange { connection, request }, what }, |news| words(told, news));
        self
    }

    fn over(&mut self, connection: u32) -> &mut Self {
        let told = &mut self.told;
        self.live.over(connection, |news| words(told, news));
        self
    }

    fn tick(&mut self, seconds: u64) -> &mut Self {
        let told = &mut self.told;
        self.live.tick(Duration::from_secs(seconds), |news| words(told, news));
        self
    }

    /// What was told since the last time, without the timelines.
    fn told(&mut self) -> Vec<String> {
        let mut told = std::mem::take(&mut self.told);
        told.retain(|words| !words.contains(" said "));
        told
    }
}

fn get(query: &str) -> What {
    let target = format!("/socket.io/?EIO=4&transport=polling{query}");
    What::Request { method: "GET".to_owned(), target, agent: None, content_type: None, body: Body::empty() }
}

fn post(query: &str, body: &str) -> What {
    let target = format!("/socket.io/?EIO=4&transport=polling{query}");
    let body = Body::Whole(body.into());
    What::Request { method: "POST".to_owned(), target, agent: None, content_type: None, body }
}

fn answer(status: u16, body: &str) -> What {
    What::Answer { status, content_type: None, body: Body::Whole(body.into()) }
}

fn open(query: &str) -> What {
    What::Open { target: format!("/socket.io/?EIO=4&transport=websocket{query}"), agent: None }
}

fn text(side: Side, text: &str) -> What {
    What::Text(side, text.to_owned())
}

const OPEN: &str =
    r#"0{"sid":"A","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

/// On a WebSocket.
const DIRECT: &str = r#"0{"sid":"A","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

#[test]
fn a_session_is_told_while_it_goes_on_and_ends_when_it_is_closed() {
    let mut stage = Stage::new(Keep::Nothing);
    stage.see(0, (0, 0), get(""));
    assert_eq!(stage.told(), [""; 0], "it is not known yet whether a session begins");
    stage.see(5, (0, 0), answer(200, OPEN));
    assert_eq!(stage.told(), ["1 began A"]);
    stage.see(6, (0, 1), get("&sid=A")).see(7, (1, 0), post("&sid=A", "1"));
    stage.see(8, (0, 1), answer(200, "6")).see(9, (1, 0), answer(200, "ok")).tick(2);
    assert_eq!(stage.told(), [""; 0], "the other side may go on");
    stage.tick(3);
    assert_eq!(stage.told(), ["1 ended Over, 0 broken, 0 kept"]);
    assert!(stage.live.courses.is_empty() && stage.live.sessions.is_empty() && stage.live.taken == 0);
}

#[test]
fn a_session_ends_with_the_websocket_that_carries_it() {
    let mut stage = Stage::new(Keep::Recordings);
    stage.see(0, (0, 0), open("")).see(1, (0, 0), What::Opened);
    stage.see(2, (0, 0), text(Side::Server, DIRECT)).see(3, (0, 0), text(Side::Client, "40"));
    assert_eq!(stage.told(), ["1 began A"]);
    stage.see(9, (0, 0), What::End(Side::Client)).over(0);
    assert_eq!(stage.told(), ["1 ended Over, 0 broken, 5 kept"]);
    assert_eq!((stage.live.taken, stage.live.courses.len()), (0, 0));
}

#[test]
fn a_websocket_to_which_a_session_did_not_move_ends_nothing() {
    let mut stage = Stage::new(Keep::Nothing);
    stage.see(0, (0, 0), get("")).see(5, (0, 0), answer(200, OPEN));
    stage.see(6, (1, 0), open("&sid=A")).see(7, (1, 0), What::Opened).over(1);
    assert_eq!(stage.told(), ["1 began A"]);
    stage.tick(59);
    assert_eq!(stage.told(), [""; 0]);
    stage.tick(61);
    assert_eq!(stage.told(), ["1 ended Quiet, 0 broken, 0 kept"]);
}

#[test]
fn a_violation_is_told_at_once() {
    let mut stage = Stage::new(Keep::Nothing);
    stage.see(0, (0, 0), get("")).see(5, (0, 0), answer(200, r#"0{"sid":"A"}"#));
    let told = stage.told();
    assert_eq!(told[0], "1 began A");
    assert!(told[1].starts_with("1 broken EIO4-HS-"), "{told:?}");
}

#[test]
fn what_leads_to_no_session_is_told_alone() {
    let mut stage = Stage::new(Keep::Nothing);
    stage.see(0, (0, 0), get("")).see(1, (0, 0), answer(400, r#"{"code":0,"message":"Transport unknown"}"#));
    assert_eq!(stage.told(), ["1 began ", "1 ended Over, 0 broken, 0 kept"]);
    // A session that the server does not know.
    stage.see(2, (0, 1), get("&sid=B")).see(3, (0, 1), answer(400, r#"{"code":1,"message":"Session ID unknown"}"#));
    assert_eq!(stage.told(), ["2 began B", "2 ended Over, 0 broken, 0 kept"]);
    // A connection that ends in the handshake, and one that is no HTTP.
    stage.see(4, (1, 0), get("")).over(1);
    assert_eq!(stage.told(), ["3 began ", "3 ended Over, 0 broken, 0 kept"]);
    stage.see(5, (2, 0), What::Unreadable(Side::Client, "no HTTP".to_owned())).over(2);
    assert_eq!(stage.told(), ["4 began ", "4 ended Over, 0 broken, 0 kept"]);
    // Pages and scripts.
    let page = What::Request {
        method: "GET".to_owned(),
        target: "/index.html".to_owned(),
        agent: None,
        content_type: None,
        body: Body::empty(),
    };
    stage.see(6, (3, 0), page).see(7, (3, 0), answer(200, "<html>")).over(3);
    assert_eq!((stage.told().len(), stage.live.others()), (0, 1));
    assert!(stage.live.courses.is_empty() && stage.live.sessions.is_empty());
}

#[test]
fn what_goes_on_without_end_goes_on_as_another_session() {
    let mut stage = Stage::narrow();
    stage.see(0, (0, 0), open("")).see(1, (0, 0), What::Opened).see(2, (0, 0), text(Side::Server, DIRECT));
    stage.see(3, (0, 0), text(Side::Client, "40")).see(4, (0, 0), text(Side::Server, r#"40{"sid":"B"}"#));
    let half = "x".repeat(8_000);
    for _ in 0..3 {
        stage.see(5, (0, 0), text(Side::Client, &format!(r#"42["e","{half}"]"#)));
    }
    assert_eq!(stage.told(), ["1 began A", "1 ended Room, 0 broken, 7 kept", "2 began A"]);
    assert!(stage.live.taken < 20_000);
    // The middle of a session is judged as such.
    stage.see(6, (0, 0), text(Side::Client, r#"42["e"]"#)).see(7, (0, 0), text(Side::Server, r#"42["e"]"#));
    let told = &mut stage.told;
    stage.live.stop(|news| words(told, news));
    told.retain(|words| !words.contains(" said "));
    assert_eq!(*told, ["2 ended Stopped, 0 broken, 4 kept"]);
}

#[test]
fn all_sessions_together_have_a_bound() {
    let mut stage = Stage::narrow();
    let body = "x".repeat(8_000);
    for number in 0..6 {
        let query = format!("&sid={number}");
        stage.see(0, (number, 0), post(&query, &format!(r#"42["e","{body}"]"#))).see(1, (number, 0), answer(200, "ok"));
        assert!(stage.live.taken < 50_000, "{number}");
    }
    assert!(stage.told().iter().any(|words| words.contains("ended Room, 0 broken")));
}
