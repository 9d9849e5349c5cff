//! A connection and the session below it, step by step.

use super::{Layer, Transmit};
use crate::engineio::{self, Intake, SendError, Session};
use crate::machine::Output;
use crate::time::Timestamp;

/// Lets what arrived have its effect before time passes: an acknowledgement that is here is in time. Behind an event that
/// the application has not seen yet nothing is looked at.
pub(in crate::socketio) fn settle<S: Session, C: Layer>(now: Timestamp, session: &mut S, connection: &mut C) {
    while connection.is_quiet()
        && let Some(message) = session.take_message()
    {
        connection.handle(now, engineio::Event::Message(message));
    }
}

/// Produces the next output of a connection and the session below it, if there is one.
pub(in crate::socketio) fn advance<S: Session, C: Layer>(
    now: Timestamp,
    mut session: Option<&mut S>,
    connection: &mut C,
) -> Option<Output<S::Transmit, C::Event>> {
    loop {
        while let Some(output) = connection.poll_output() {
            match (output, &mut session) {
                (Output::Event(event), _) => return Some(Output::Event(event)),
                (Output::Transmit(Transmit::Close), Some(session)) => session.close(now),
                //= SRV-BC-02
                (Output::Transmit(Transmit::SendVolatile(messages)), Some(session)) => {
                    // A dropped volatile message is not an error.
                    let _ = session.send_volatile(&messages);
                }
                (Output::Transmit(Transmit::Send(messages)), Some(session)) => match session.send(&messages) {
                    // Why the session closed is an event that has yet to arrive.
                    Ok(()) | Err(SendError::Closed) => {}
                    Err(error) => connection.not_sent(messages, error),
                },
                (Output::Transmit(_), None) => {}
            }
        }
        let session = session.as_mut()?;
        session.set_intake(if connection.wants_input() { Intake::Open } else { Intake::Shut });
        match session.poll_output()? {
            Output::Transmit(transmit) => return Some(Output::Transmit(transmit)),
            Output::Event(event) => connection.handle(now, event),
        }
    }
}
