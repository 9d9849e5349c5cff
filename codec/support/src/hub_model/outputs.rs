//! What a hub has to say, and has not been asked for yet.

use std::collections::VecDeque;

use sio_codec::socketio::hub::{Event, Hub, MemberId, Transmit};
use sio_codec::{Frame, Machine as _, Output};

/// The outputs that wait, in order. When they are taken out makes no difference to them.
#[derive(Default)]
pub(super) struct Outputs(VecDeque<Expected>);

#[derive(Debug, PartialEq)]
pub(super) enum Expected {
    Event(Event),
    /// The text that the member gets.
    Deliver(MemberId, String),
    Disconnect {
        member: MemberId,
        close: bool,
    },
}

impl Outputs {
    pub(super) fn event(&mut self, event: Event) {
        self.0.push_back(Expected::Event(event));
    }

    pub(super) fn deliver(&mut self, members: &[MemberId], text: &str) {
        self.0.extend(members.iter().map(|member| Expected::Deliver(*member, text.to_owned())));
    }

    pub(super) fn disconnect(&mut self, members: &[MemberId], close: bool) {
        self.0.extend(members.iter().map(|member| Expected::Disconnect { member: *member, close }));
    }

    /// Takes out all outputs of the hub: these, and no other.
    pub(super) fn are_taken_from(&mut self, hub: &mut Hub) {
        for expected in self.0.drain(..) {
            assert_eq!(hub.poll_output().map(Expected::of), Some(expected));
        }
        assert_eq!(hub.poll_output(), None, "an output that the model does not know");
    }
}

impl Expected {
    fn of(output: Output<Transmit, Event>) -> Self {
        match output {
            Output::Event(event) => Self::Event(event),
            Output::Transmit(Transmit::Disconnect { member, close }) => Self::Disconnect { member, close },
            Output::Transmit(Transmit::Deliver { member, broadcast }) => {
                let Some(Frame::Text(text)) = broadcast.messages().frames().next() else { panic!("no text") };
                Self::Deliver(member, text.as_str().to_owned())
            }
        }
    }
}
