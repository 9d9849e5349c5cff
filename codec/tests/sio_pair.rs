//! A client and a server, machine to machine: what one application sends, the other receives, over every transport and
//! with any delays of the network.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect by panicking")]

use std::time::Duration;

use bytes::Bytes;
use sio_codec::Limits;
use sio_codec::engineio::client::{Config as Sessions, Transports};
use sio_codec::engineio::{Revision, Transport};
use sio_codec::socketio::Args;
use sio_codec::socketio::client::{Auth, Config, Retries};
use sio_support::eio_world::Random;
use sio_support::sio_world::{World, namespace};

const TRANSPORTS: [Transports; 4] = [
    Transports::WebSocketOnly,
    Transports::PollingOnly,
    Transports::PollingThenUpgrade,
    Transports::WebSocketThenPolling,
];

/// Worlds with every transport and some delays.
fn worlds(revision: Revision) -> impl Iterator<Item = World> {
    let seeds = (0..20).flat_map(|seed| TRANSPORTS.map(|transports| (transports, seed)));
    seeds.map(move |(transports, seed)| {
        let sessions = Sessions::default().with_transports(transports).with_revision(revision);
        World::new(sessions, Config::default(), seed)
    })
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn numbers(numbers: &[u64]) -> Args {
    Args::encode(numbers).unwrap()
}

fn binary() -> Args {
    Args::builder().arg(&"é").unwrap().binary(Bytes::from_static(&[4, 0, 255])).build().unwrap()
}

/// A world whose client is in the main namespace, for some seconds.
fn settled(mut world: World) -> World {
    world.connect("/", Auth::None);
    world.run(seconds(5));
    let (client, server) = world.told();
    assert_eq!((client, server), (vec!["connected /".to_owned()], vec!["asks /".to_owned()]));
    world
}

#[track_caller]
fn assert_told(world: &mut World, client: &[&str], server: &[&str]) {
    let (to_client, to_server) = world.told();
    assert_eq!(to_client, client, "the client's");
    assert_eq!(to_server, server, "the server's");
}

//= SIO5-CON-01
//= SIO5-CON-06
//= SIO5-CON-14
#[test]
fn namespaces_are_joined_and_refused() {
    let token = |token| {
        Auth::Fixed(sio_codec::socketio::Json::encode(&std::collections::BTreeMap::from([("token", token)])).unwrap())
    };
    for mut world in worlds(Revision::V4) {
        world.connect("/chat", token("good"));
        world.run(seconds(2));
        assert_told(&mut world, &["connected /chat"], &[r#"asks /chat {"token":"good"}"#]);
        world.connect("/", token("bad"));
        world.run(seconds(2));
        assert_told(&mut world, &[r#"refused / not you {"code":1}"#], &[r#"asks / {"token":"bad"}"#]);
        world.connect("/nowhere", Auth::None);
        world.run(seconds(2));
        assert_told(&mut world, &["refused /nowhere Invalid namespace"], &["asks /nowhere"]);
        world.connect("/", token("good"));
        world.run(seconds(2));
        assert_told(&mut world, &["connected /"], &[r#"asks / {"token":"good"}"#]);
    }
}

//= SIO5-ATT-04
//= SIO5-EVT-01
#[test]
fn events_with_attachments_arrive_both_ways() {
    for mut world in worlds(Revision::V4).map(settled) {
        world.emit("/", "say it back", &binary());
        world.emit("/", "say it back", &numbers(&[1, 2]));
        world.run(seconds(2));
        let shown = r#"["é",{"_placeholder":true,"num":0}] + [4, 0, 255]"#;
        assert_told(
            &mut world,
            &[&format!("event / said {shown}"), "event / said [1,2]"],
            &[&format!("event / say it back {shown}"), "event / say it back [1,2]"],
        );
    }
}

//= SIO5-ACK-01
//= SIO5-ACK-08
#[test]
fn acknowledgements_arrive_both_ways() {
    for mut world in worlds(Revision::V4).map(settled) {
        world.ask("/", "ask me", &numbers(&[7]));
        world.run(seconds(2));
        let (mut client, server) = world.told();
        // They are independent of each other.
        client.sort_unstable();
        assert_eq!(client, ["acked / [7]", "event / question [7]"]);
        assert_eq!(server, ["event / ask me [7]", "acked / [7]"]);
    }
}

//= SIO5-DIS-01
//= SIO5-DIS-05
//= SIO5-DIS-06
#[test]
fn both_sides_report_how_a_namespace_was_left() {
    for mut world in worlds(Revision::V4).map(settled) {
        world.connect("/chat", Auth::None);
        world.run(seconds(2));
        assert_told(&mut world, &["connected /chat"], &["asks /chat"]);
        world.emit("/chat", "throw me out", &Args::empty());
        world.run(seconds(2));
        let left = ["event /chat throw me out []", "left /chat: server namespace disconnect"];
        assert_told(&mut world, &["left /chat: io server disconnect"], &left);
        world.client(|connection, _| connection.disconnect(&namespace("/")).unwrap());
        world.run(seconds(60));
        let closed = ["left /: io client disconnect", "closed: forced close"];
        assert_told(&mut world, &closed, &["left /: client namespace disconnect"]);
        world.connect("/", Auth::None);
        world.run(seconds(2));
        assert_told(&mut world, &["connected /"], &["asks /"]);
        world.emit("/", "throw me out of all", &Args::empty());
        world.run(seconds(60));
        let left = ["event / throw me out of all []", "left /: server namespace disconnect"];
        assert_told(&mut world, &["left /: io server disconnect", "closed: forced close"], &left);
    }
}

//= SIO5-CLI-01
//= SIO5-CLI-06
//= SIO5-CON-25
#[test]
fn a_client_comes_back_to_a_server_that_restarts() {
    for mut world in worlds(Revision::V4).map(settled) {
        world.server_goes_down();
        world.run(seconds(1));
        let (client, _) = world.told();
        assert!(client[0].starts_with("left /: transport "), "{client:?}");
        assert!(client[1].starts_with("closed: transport "), "{client:?}");
        assert_eq!(client[2], "reconnecting 1");
        for number in 0..20 {
            world.emit("/", "kept", &numbers(&[number]));
        }
        world.run(seconds(10));
        world.told();
        world.server_comes_back();
        world.emit("/", "kept", &numbers(&[20]));
        world.run(seconds(15));
        world.emit("/", "kept", &numbers(&[21]));
        world.run(seconds(2));
        let (client, server) = world.told();
        assert!(client.ends_with(&["reconnected".to_owned(), "connected /".to_owned()]), "{client:?}");
        let kept = (0..22).map(|number| format!("event / kept [{number}]"));
        let expected: Vec<_> = ["asks /".to_owned()].into_iter().chain(kept).collect();
        assert_eq!(server, expected);
    }
}

/// From the moment in which the session opens to long after the upgrade.
//= SIO5-EVT-01
#[test]
fn five_hundred_events_arrive_in_order() {
    for mut world in worlds(Revision::V4) {
        world.connect("/", Auth::None);
        for number in 0..500 {
            world.emit("/", "say it back", &numbers(&[number]));
            world.run(Duration::from_millis(if number % 7 == 0 { 3 } else { 0 }));
        }
        world.run(seconds(10));
        let (client, server) = world.told();
        let said = |name: &str| (0..500).map(|number| format!("event / {name} [{number}]")).collect::<Vec<_>>();
        assert_eq!(client[1..], said("said"));
        assert_eq!(server[1..], said("say it back"));
    }
}

/// Sends fifty events, some of them while nothing works, and a last one long after that. Returns the lines of the client
/// and of the server.
fn battered(mut world: World, random: &mut Random, asks: bool) -> (Vec<String>, Vec<String>) {
    let say = |world: &mut World, number| {
        let emit = if asks { World::ask } else { World::emit };
        emit(world, "/", "n", &numbers(&[number]));
    };

    world.connect("/", Auth::None);
    for number in 0..50 {
        say(&mut world, number);
        match random.below(24) {
            0 => world.break_one(true),
            1 => world.break_one(false),
            2 => {
                world.server_goes_down();
                world.run(Duration::from_millis(random.below(3_000)));
                world.server_comes_back();
            }
            _ => {}
        }
        world.run(Duration::from_millis(random.below(300)));
    }
    world.run(seconds(400));
    say(&mut world, 50);
    world.run(seconds(5));
    world.told()
}

/// The numbers of the events that the server received.
fn heard(server: &[String]) -> Vec<u64> {
    let number = |line: &String| line.strip_prefix("event / n [")?.strip_suffix(']')?.parse().ok();
    server.iter().filter_map(number).collect()
}

//= SIO5-CLI-06
//= SIO5-EVT-01
#[test]
fn losses_double_nothing_and_reorder_nothing() {
    let mut random = Random::new(1);
    let mut lost = 0;
    for world in worlds(Revision::V4).chain(worlds(Revision::V3)) {
        let (_, server) = battered(world, &mut random, false);
        let heard = heard(&server);
        assert!(heard.is_sorted_by(|one, next| one < next), "{heard:?}");
        assert_eq!(heard.last(), Some(&50), "all is well in the end");
        lost += 51 - heard.len();
    }
    assert!(lost > 0, "nothing broke at the wrong moment: the law was not tried");
}

//= SIO5-CLI-08
#[test]
fn with_retries_nothing_is_lost_either() {
    let mut random = Random::new(2);
    let mut doubled = 0;
    for (seed, transports) in (0..40).flat_map(|seed| TRANSPORTS.map(|transports| (seed, transports))) {
        let config = Config::default().with_retries(Retries { times: 1_000, timeout: seconds(2) });
        let world = World::new(Sessions::default().with_transports(transports), config, seed);
        let (client, server) = battered(world, &mut random, true);
        let acked: Vec<_> = client.into_iter().filter(|line| line.starts_with("acked")).collect();
        assert_eq!(acked, (0..=50).map(|number| format!("acked / [{number}]")).collect::<Vec<_>>());
        let mut heard = heard(&server);
        doubled += heard.len() - 51;
        assert!(heard.is_sorted(), "{heard:?}");
        heard.dedup();
        assert_eq!(heard, (0..=50).collect::<Vec<_>>());
    }
    assert!(doubled > 0, "nothing broke at the wrong moment: the law was not tried");
}

//= SIO5-EVT-01
#[test]
fn events_wait_until_the_session_has_room() {
    for (seed, transports) in TRANSPORTS.into_iter().enumerate() {
        let limits = Limits::default().with_max_queued_bytes(512);
        let sessions = Sessions::default().with_transports(transports).with_limits(limits);
        let mut world = settled(World::new(sessions, Config::default(), seed as u64));
        world.client(|connection, _| {
            for number in 0..200 {
                connection.emit(&namespace("/"), "many", numbers(&[number])).unwrap();
            }
        });
        world.run(seconds(60));
        let (_, server) = world.told();
        assert_eq!(server, (0..200).map(|number| format!("event / many [{number}]")).collect::<Vec<_>>());
    }
}

/// L11, L12: both sides ask hundreds of questions at once and answer those of the other, with limits that are reached over
/// lines that hold little. Every question and every answer arrives, in order.
//= SIO5-ACK-01
//= SIO5-EVT-01
#[test]
fn bursts_arrive_both_ways() {
    let worlds = std::env::var("WORLDS").ok().and_then(|worlds| worlds.parse().ok()).unwrap_or(300);
    for seed in 0..worlds {
        let mut random = Random::new(seed);
        let (many, few) = (100 + random.below(300) as u32, 1 + random.below(6) as u32);
        // If both had more to answer than the smallest limit has room for, neither could read what the other says.
        let (client, server) = if random.one_in(2) { (many, few) } else { (few, many) };
        let mut limits = || {
            let limits = Limits::default().with_max_queued_bytes(random.pick(&[4_000, 20_000, 4 << 20]));
            limits.with_max_buffered_bytes(random.pick(&[2_000, 8_000, 2 << 20]))
        };
        let sessions = limits().with_max_payload(16 << 20);
        let transports = TRANSPORTS[seed as usize % TRANSPORTS.len()];
        let sessions = Sessions::default().with_transports(transports).with_limits(sessions);
        let mut world = settled(World::bounded(sessions, Config::default(), limits(), seed));
        world.emit("/", "ask me many", &numbers(&[server.into()]));
        world.ask_many(client);
        world.run(seconds(600));
        let (to_client, to_server) = world.told();
        let of = |lines: &[String], what: &str| {
            let numbers =
                lines.iter().filter_map(|line| line.strip_prefix(what)?.strip_suffix("]")?.parse::<u32>().ok());
            numbers.collect::<Vec<_>>()
        };
        let all = |count| (0..count).collect::<Vec<_>>();
        assert_eq!(of(&to_server, "event / question ["), all(client), "{seed}");
        assert_eq!(of(&to_client, "acked / ["), all(client), "{seed}");
        assert_eq!(of(&to_client, "event / question ["), all(server), "{seed}");
        assert_eq!(of(&to_server, "acked / ["), all(server), "{seed}");
        let lines = (client + server) as usize;
        assert_eq!((to_client.len(), to_server.len()), (lines, lines), "{seed}");
    }
}

//= SIO5-CLI-10
#[test]
fn heartbeats_keep_a_silent_connection_open() {
    for mut world in worlds(Revision::V4).map(settled) {
        world.run(seconds(100));
        assert_told(&mut world, &[], &[]);
        world.ask("/", "still there?", &Args::empty());
        world.run(seconds(2));
        assert_told(&mut world, &["acked / []"], &["event / still there? []"]);
    }
}

#[test]
fn a_session_moves_to_a_websocket_if_it_may() {
    let over = |transports, expected| {
        let world = World::new(Sessions::default().with_transports(transports), Config::default(), 1);
        assert_eq!(settled(world).transport(), Some(expected), "{transports:?}");
    };
    over(Transports::PollingThenUpgrade, Transport::WebSocket);
    over(Transports::WebSocketThenPolling, Transport::WebSocket);
    over(Transports::PollingOnly, Transport::Polling);
}

/// An old client with a server that serves both kinds.
//= SIO4-CON-03
//= SIO4-CON-05
//= HYB-02
#[test]
fn a_client_of_protocol_4_talks_to_a_server_for_both() {
    for mut world in worlds(Revision::V3) {
        world.connect("/", Auth::None);
        world.connect("/chat?token=good", Auth::None);
        world.emit("/", "say it back", &binary());
        world.run(seconds(5));
        let shown = r#"["é",{"_placeholder":true,"num":0}] + [4, 0, 255]"#;
        let (mut client, mut server) = world.told();
        client.sort_unstable();
        server.sort_unstable();
        assert_eq!(client, ["connected /".into(), "connected /chat".into(), format!("event / said {shown}")]);
        let asks = ["asks /".into(), r#"asks /chat {"token":"good"}"#.into(), format!("event / say it back {shown}")];
        assert_eq!(server, asks);
        world.connect("/nowhere", Auth::None);
        world.run(seconds(2));
        assert_told(&mut world, &["refused /nowhere Invalid namespace"], &["asks /nowhere"]);
        world.ask("/chat", "ask me", &numbers(&[1]));
        world.run(seconds(60));
        let (mut client, server) = world.told();
        client.sort_unstable();
        assert_eq!(client, ["acked /chat [1]", "event /chat question [1]"]);
        assert_eq!(server, ["event /chat ask me [1]", "acked /chat [1]"]);
    }
}
