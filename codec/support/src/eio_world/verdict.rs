//! The laws of a life.

use sio_codec::Frame;
use sio_codec::engineio::{CloseReason, Packet, Revision, SendError, Violation};

use super::plan::{Closer, Plan};
use super::story::Story;

/// What is known about a life that kept the laws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Nothing broke that the session depended on.
    pub lossless: bool,
    /// Everything that the server sent arrived.
    pub complete_to_client: bool,
    /// Everything that the client sent arrived.
    pub complete_to_server: bool,
}

/// Judges a life; `Err` names the law that it breaks.
pub(crate) fn judge(plan: &Plan, story: &Story) -> Result<Verdict, String> {
    let law = |holds: bool, words: &str| if holds { Ok(()) } else { Err(format!("{words}: {story:?}")) };
    law(story.ended, "a life without end")?;
    let proper = |error| matches!(error, SendError::Closed | SendError::QueueFull);
    law(story.refusals.iter().all(|(_, error)| proper(*error)), "a refusal")?;
    law(story.client_ends.len() == 1, "not one end of the client")?;
    law(story.server_ends.values().all(|ends| ends.len() == 1), "not one end of each session")?;

    let (to_client, to_server) = (contents(&story.sent_by_server), contents(&story.sent_by_client));
    law(to_client.starts_with(&story.told_to_client), "the client was told something else")?;
    law(to_server.starts_with(story.told_to_server()), "the server was told something else")?;

    let verdict = Verdict {
        lossless: story.losses == 0,
        complete_to_client: to_client == story.told_to_client,
        complete_to_server: to_server == story.told_to_server(),
    };
    if verdict.lossless {
        let [client_end] = story.client_ends[..] else { unreachable!("there is one end") };
        law(is_proper(client_end), "the client is at fault")?;
        law(story.server_end().is_none_or(is_proper), "the server is at fault")?;
        match plan.closer {
            Closer::Client => {
                law(verdict.complete_to_server, "the server was not told everything")?;
                law(client_end == CloseReason::ForcedClose, "not the client's own end")?;
                law(story.server_end() == Some(CloseReason::TransportClose), "not a graceful end")?;
            }
            Closer::Server => {
                let told = verdict.complete_to_client || client_end != CloseReason::TransportClose;
                law(told, "the client was not told everything")?;
                law(story.server_end() == Some(CloseReason::ForcedClose), "not the server's own end")?;
            }
            Closer::Nobody => {}
        }
    }
    Ok(verdict)
}

/// Whether a session may end like this when nothing broke.
fn is_proper(end: CloseReason) -> bool {
    matches!(
        end,
        CloseReason::ForcedClose
            | CloseReason::TransportClose
            // The answer to a message that was sent to a session after its end.
            | CloseReason::TransportError(Violation::Status(400))
    )
}

/// The contents of the packets.
fn contents(packets: &[Frame]) -> Vec<Frame> {
    let content = |packet: &Frame| match Packet::parse(Revision::V4, packet.clone()) {
        Ok(Packet::Message(content)) => content,
        other => unreachable!("{other:?}"),
    };
    packets.iter().map(content).collect()
}
