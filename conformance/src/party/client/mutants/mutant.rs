//! One defect: a row of the table, and the functions that make it.

use serde_json::Value;
use sio_codec::Frame;
use sio_codec::engineio::client::{self as engine, Input, Transmit};
use sio_codec::socketio::client as io;

use super::super::script::Wish;
use super::past::Past;

/// One defect.
#[derive(Clone, Copy, Debug)]
pub struct Mutant {
    /// Its name, for the command line: `no-pong`.
    pub name: &'static str,
    /// The requirements that it breaks.
    pub breaks: &'static [&'static str],
    /// What is wrong, in one sentence.
    pub defect: &'static str,
    pub(super) hooks: Hooks,
}

type OnPackets = fn(&mut Past, Vec<Frame>) -> Vec<Frame>;

/// The functions of a mutant. One that is absent changes nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hooks {
    pub(super) settings: Option<fn(&mut Settings)>,
    pub(super) call: Option<fn(&mut Past, Wish) -> Vec<Wish>>,
    pub(super) input: Option<fn(&mut Past, Input) -> Vec<Input>>,
    pub(super) answer: Option<OnPackets>,
    pub(super) received: Option<fn(&mut Past, Frame) -> Vec<Frame>>,
    pub(super) output: Option<fn(&mut Past, Transmit) -> Vec<Transmit>>,
    pub(super) body: Option<OnPackets>,
    pub(super) sent: Option<fn(&mut Past, Frame) -> Vec<Frame>>,
    pub(super) told: Option<fn(&mut Past, Value) -> Vec<Value>>,
}

/// The settings of a client.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Those of its sessions.
    pub engine: engine::Config,
    /// Those of its connection of Socket.IO.
    pub connection: io::Config,
}

impl Mutant {
    /// Changes the settings of a client.
    pub(crate) fn set(&self, settings: &mut Settings) {
        if let Some(change) = self.hooks.settings {
            change(settings);
        }
    }

    pub(super) const fn new(name: &'static str, breaks: &'static [&'static str], defect: &'static str) -> Self {
        Self { name, breaks, defect, hooks: Hooks::NONE }
    }
}

impl Hooks {
    const NONE: Self = Self {
        settings: None,
        call: None,
        input: None,
        answer: None,
        received: None,
        output: None,
        body: None,
        sent: None,
        told: None,
    };
}

macro_rules! builders {
    ($($(#[$doc:meta])* $builder:ident => $hook:ident: $function:ty),+ $(,)?) => {
        impl Mutant {
            $(
                $(#[$doc])*
                pub(super) const fn $builder(mut self, function: $function) -> Self {
                    self.hooks.$hook = Some(function);
                    self
                }
            )+
        }
    };
}

builders! {
    /// Other settings.
    with_settings => settings: fn(&mut Settings),
    /// Other calls than those of the application.
    on_call => call: fn(&mut Past, Wish) -> Vec<Wish>,
    /// Other reports about requests and WebSockets.
    on_input => input: fn(&mut Past, Input) -> Vec<Input>,
    /// Other packets in the answer to a GET.
    on_answer => answer: OnPackets,
    /// Another packet of the server, on any transport.
    on_received => received: fn(&mut Past, Frame) -> Vec<Frame>,
    /// Other requests, WebSockets and messages.
    on_output => output: fn(&mut Past, Transmit) -> Vec<Transmit>,
    /// Other packets in the body of a POST.
    on_body => body: OnPackets,
    /// Another packet to the server, on any transport.
    on_sent => sent: fn(&mut Past, Frame) -> Vec<Frame>,
    /// Other events of the application, in the words of the driver protocol.
    on_told => told: fn(&mut Past, Value) -> Vec<Value>,
}
