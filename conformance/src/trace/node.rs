//! The servers of a cluster, and what a client has one of them do.

use std::fmt;
use std::num::NonZeroU8;

/// One of the servers that a trace is about, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(NonZeroU8);

impl Node {
    /// The server that a line is about if it names none.
    pub const FIRST: Self = Self(NonZeroU8::MIN);

    /// The most servers that a trace can be about.
    pub const MOST: u8 = 4;

    /// The server of this number; `None` if there is none.
    ///
    /// ```
    /// use siospec::trace::Node;
    ///
    /// assert_eq!(Node::new(1), Some(Node::FIRST));
    /// assert_eq!(Node::new(0), None);
    /// assert_eq!(Node::new(Node::MOST + 1), None);
    /// ```
    #[must_use]
    pub fn new(number: u8) -> Option<Self> {
        NonZeroU8::new(number).filter(|number| number.get() <= Self::MOST).map(Self)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0.get()
    }

    /// Its place in a list of all of them.
    #[must_use]
    pub const fn index(self) -> usize {
        (self.0.get() - 1) as usize
    }
}

impl Default for Node {
    fn default() -> Self {
        Self::FIRST
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// What a client of a cluster has its server do, by the event `cluster`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operation {
            $($(#[$doc])* $name,)+
        }

        impl Operation {
            /// Every operation.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its name, in the language and on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

operations! {
    /// The client enters rooms.
    Join = "join",
    /// The client leaves rooms.
    Leave = "leave",
    /// Data are attached to the client.
    Data = "data",
    /// A broadcast.
    Emit = "emit",
    /// A broadcast with acknowledgements.
    EmitWithAck = "emitWithAck",
    /// The clients of all servers are looked for.
    FetchSockets = "fetchSockets",
    /// Clients are put into rooms.
    SocketsJoin = "socketsJoin",
    /// Clients are taken out of rooms.
    SocketsLeave = "socketsLeave",
    /// Clients are disconnected.
    DisconnectSockets = "disconnectSockets",
    /// The other servers are told something.
    ServerSideEmit = "serverSideEmit",
    /// The other servers are asked something.
    ServerSideEmitWithAck = "serverSideEmitWithAck",
}
