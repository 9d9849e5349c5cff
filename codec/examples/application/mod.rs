//! What the servers of the examples do: the application that the protocol's own test suite expects.

mod sid;

use sio_codec::socketio::{Args, Connection, EmitError, Event, Json};

pub(crate) use self::sid::fresh_sid;

/// Reacts to an event of a connection.
///
/// # Errors
///
/// If the connection has no room for the reaction, or is over.
pub(crate) fn react(io: &mut Connection, event: Event) -> Result<(), EmitError> {
    match event {
        Event::ConnectRequested { namespace, auth } if ["/", "/custom"].contains(&namespace.as_str()) => {
            io.accept(&namespace, &fresh_sid())?;
            let auth = auth.as_ref().map_or("{}", Json::as_str);
            io.emit(&namespace, "auth", Args::from_json(format!("[{auth}]"), vec![])?)
        }
        Event::ConnectRequested { namespace, .. } => io.refuse_unknown(&namespace),
        Event::Received { namespace, name, args, reply } if namespace == "/" => match (name.as_str(), reply) {
            ("message", _) => io.emit(&namespace, "message-back", &args),
            ("message-with-ack", Some(reply)) => io.acknowledge(reply, &args),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}
