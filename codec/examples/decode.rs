//! Decodes the text messages of one session, given as arguments: first Engine.IO, then Socket.IO.
//!
//! ```text
//! cargo run -p sio-codec --example decode -- '2' '42/chat,["message","hello"]'
//! ```
//!
//! `siospec decode` explains more: binary messages, polling bodies, and where a fault is.

use std::error::Error;

use sio_codec::engineio::{Packet, Revision};
use sio_codec::socketio::Decoder;
use sio_codec::{Frame, Limits, Text};

fn main() -> Result<(), Box<dyn Error>> {
    let mut decoder = Decoder::new(&Limits::default());
    for message in std::env::args().skip(1) {
        match Packet::parse(Revision::V4, Frame::Text(Text::from(message)))? {
            // An event with attachments is complete when the last of them has arrived.
            Packet::Message(content) => match decoder.push(content)? {
                Some(packet) => println!("{packet:#?}"),
                None => println!("attachments follow"),
            },
            packet => println!("{packet:?}"),
        }
    }
    Ok(())
}
