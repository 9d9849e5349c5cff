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
            let transmit = match output {
                Output::Event(event) => return Some(Output::Event(event)),
                Output::Transmit(transmit) => transmit,
            };
            if let Some(session) = &mut session {
                perform(now, transmit, *session, connection);
            }
        }
        let session = session.as_mut()?;
        session.set_intake(if connection.wants_input() { Intake::Open } else { Intake::Shut });
        match session.poll_output() {
            Some(Output::Transmit(transmit)) => return Some(Output::Transmit(transmit)),
            Some(Output::Event(event)) => connection.handle(now, event),
            None => {
                if session.is_resting() {
                    connection.rest();
                }
                return None;
            }
        }
    }
}

/// Does what the connection asks of the session.
fn perform<S: Session, C: Layer>(now: Timestamp, transmit: Transmit, session: &mut S, connection: &mut C) {
    match transmit {
        Transmit::Close => session.close(now),
        //= SRV-BC-02
        Transmit::SendVolatile(messages) => {
            // A dropped volatile message is not an error.
            let _ = session.send_volatile(&messages);
        }
        Transmit::Send(messages) => match session.offer(messages) {
            // Why the session closed is an event that has yet to arrive.
            Ok(()) | Err((_, SendError::Closed)) => {}
            Err((messages, error)) => connection.not_sent(messages, error),
        },
    }
}
