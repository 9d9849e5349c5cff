//! L9 and L10: what one session sends the other receives, each message once and in order, over polling, a WebSocket, the
//! upgrade from one to the other, and to the end if that is a graceful one.

mod world;

use sio_codec::Frame;
use sio_codec::engineio::{CloseReason, Packet, Revision, Violation};

use world::World;
use world::plan::{Closer, Plan};
use world::story::Story;

/// How many lives are lived; `WORLDS` asks for more.
const WORLDS: u64 = 10_000;

/// What the lives had in them.
#[derive(Debug, Default)]
struct Census {
    upgraded: usize,
    lossless: usize,
    complete_to_client: usize,
    complete_to_server: usize,
    closed_by_client: usize,
    closed_by_server: usize,
    messages: usize,
}

//= EIO4-UP-07
#[test]
fn nothing_is_lost_doubled_or_reordered() {
    let worlds = std::env::var("WORLDS").ok().and_then(|worlds| worlds.parse().ok()).unwrap_or(WORLDS);
    let mut census = Census::default();
    for seed in 0..worlds {
        let (plan, story) = World::live(seed, false);
        if let Err(fault) = judge(&plan, &story, &mut census) {
            let (_, story) = World::live(seed, true);
            panic!(
                "{fault}\n{plan:#?}\n{}\n{fault}\nto see it again: WORLD={seed} cargo test -p sio-codec --test pair",
                story.script()
            );
        }
    }
    // The law would hold in empty worlds as well.
    let many = |count: usize| assert!(count as u64 > worlds / 10, "{census:?}");
    many(census.upgraded);
    many(census.lossless);
    many(census.complete_to_client);
    many(census.complete_to_server);
    many(census.closed_by_client);
    many(census.closed_by_server);
    assert!(census.messages as u64 > worlds * 5, "{census:?}");
}

/// The life of one seed, told: `WORLD=7 cargo test -p sio-codec --test pair one_world -- --nocapture`.
#[test]
fn one_world() {
    let seed = std::env::var("WORLD").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let (plan, story) = World::live(seed, true);
    println!("{plan:#?}\n{}", story.script());
    judge(&plan, &story, &mut Census::default()).unwrap();
}

/// The laws of one life.
fn judge(plan: &Plan, story: &Story, census: &mut Census) -> Result<(), String> {
    let law = |holds: bool, words: &str| if holds { Ok(()) } else { Err(format!("{words}: {story:?}")) };
    law(story.ended, "a life without end")?;
    law(story.refusals.iter().all(|(_, error)| *error == sio_codec::engineio::SendError::Closed), "a refusal")?;
    law(story.client_ends.len() == 1, "not one end of the client")?;
    law(story.server_ends.values().all(|ends| ends.len() == 1), "not one end of each session")?;

    let (to_client, to_server) = (contents(&story.sent_by_server), contents(&story.sent_by_client));
    law(to_client.starts_with(&story.told_to_client), "the client was told something else")?;
    law(to_server.starts_with(story.told_to_server()), "the server was told something else")?;

    let complete_to_client = to_client == story.told_to_client;
    let complete_to_server = to_server == story.told_to_server();
    let client_end = story.client_ends[0];
    if story.losses == 0 {
        census.lossless += 1;
        let proper = |end: CloseReason| {
            matches!(
                end,
                CloseReason::ForcedClose
                    | CloseReason::TransportClose
                    // What was sent to a session that has ended in the meantime.
                    | CloseReason::TransportError(Violation::Status(400))
            )
        };
        law(proper(client_end), "the client is at fault")?;
        law(story.server_end().is_none_or(proper), "the server is at fault")?;
        match plan.closer {
            Closer::Client => {
                census.closed_by_client += 1;
                law(complete_to_server, "the server was not told everything")?;
                law(client_end == CloseReason::ForcedClose, "not the client's own end")?;
                law(story.server_end() == Some(CloseReason::TransportClose), "not a graceful end")?;
            }
            Closer::Server => {
                census.closed_by_server += 1;
                law(
                    complete_to_client || client_end != CloseReason::TransportClose,
                    "the client was not told everything",
                )?;
                law(story.server_end() == Some(CloseReason::ForcedClose), "not the server's own end")?;
            }
            Closer::Nobody => {}
        }
    }
    census.upgraded += usize::from(story.upgraded);
    census.complete_to_client += usize::from(complete_to_client);
    census.complete_to_server += usize::from(complete_to_server);
    census.messages += story.told_to_client.len() + story.told_to_server().len();
    Ok(())
}

/// What the packets hold.
fn contents(packets: &[Frame]) -> Vec<Frame> {
    let content = |packet: &Frame| match Packet::parse(Revision::V4, packet.clone()) {
        Ok(Packet::Message(content)) => content,
        other => unreachable!("{other:?}"),
    };
    packets.iter().map(content).collect()
}
