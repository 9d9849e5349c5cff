//! A look at the server before anything is judged: one clear sentence instead of a hundred failures.

use std::fmt;

use sio_codec::Clock;

use crate::contract::Kind;
use crate::party::network::{self, Target};
use crate::party::noise::Noise;
use crate::replay::{Conditions, Replay, Verdict};
use crate::trace::Trace;

/// What a path offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Engine.IO is spoken there.
    Served {
        /// Whether polling sessions may move to a WebSocket.
        upgrades: bool,
    },
    /// Engine.IO is spoken there, and the application behind it is left out of account.
    ServedWithout {
        /// Whether polling sessions may move to a WebSocket.
        upgrades: bool,
        /// Whose wish that is.
        why: String,
    },
    /// The path is not served.
    Absent {
        /// The path.
        path: String,
        /// How it answers a handshake.
        status: u16,
    },
}

impl Offer {
    /// Whether Engine.IO is spoken there.
    #[must_use]
    pub const fn is_served(&self) -> bool {
        matches!(self, Self::Served { .. } | Self::ServedWithout { .. })
    }
}

/// Why nothing can be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No connection.
    Unreachable {
        /// The server.
        target: Target,
        /// What the network said.
        reason: String,
    },
    /// Something answers, and it is not Engine.IO.
    NotEngineIo {
        /// The server and path.
        target: Target,
        /// The status that answers a handshake.
        status: u16,
    },
    /// Engine.IO is spoken, and the application behind it is another one.
    NotTheContract {
        /// The server and path.
        target: Target,
        /// Which application was looked for.
        kind: Kind,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { target, reason } => {
                write!(f, "{target} cannot be reached: {reason}; is the server running, and the port right?")
            }
            Self::NotEngineIo { target, status } => write!(
                f,
                "{target} is not an Engine.IO server: a handshake is answered with status {status}; is the path right \
                 (--path, --engine-path)?"
            ),
            Self::NotTheContract { target, kind: Kind::Engine } => write!(
                f,
                "{target} does not echo messages, as the contract application does; leave out the cases that need that \
                 with --without echo"
            ),
            Self::NotTheContract { target, kind: Kind::Socket } => write!(
                f,
                "{target} does not run the contract application: neither `auth` nor `message-back` arrives; leave out \
                 the cases that need it with --without contract"
            ),
        }
    }
}

/// Asks a path for a handshake.
///
/// # Errors
///
/// [`Refusal`], if there is no server at all; a path that is not served is an [`Offer::Absent`].
pub async fn preflight(target: &Target) -> Result<Offer, Refusal> {
    let answer = target
        .ask("EIO=4&transport=polling")
        .await
        .map_err(|reason| Refusal::Unreachable { target: target.clone(), reason })?;
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    // Whatever else may be wrong with it: this is an open packet.
    if answer.status == 200 && body.contains("0{\"") && body.contains("\"sid\"") {
        return Ok(Offer::Served { upgrades: body.contains("\"websocket\"") });
    }
    // The handshake may be broken on polling alone.
    if plays(target, WEBSOCKET).await {
        return Ok(Offer::Served { upgrades: true });
    }
    Ok(Offer::Absent { path: target.path().to_owned(), status: answer.status })
}

/// Looks for the contract application. A server with a defect still passes: either transport will do, and it is enough that
/// something comes back where the application says something.
///
/// # Errors
///
/// [`Refusal::NotTheContract`].
pub async fn contract(target: &Target, kind: Kind) -> Result<(), Refusal> {
    let trials: &[&str] = match kind {
        Kind::Engine => &[ECHO_WEBSOCKET, ECHO_POLLING],
        Kind::Socket => &[AUTH_WEBSOCKET, AUTH_POLLING, MESSAGE_WEBSOCKET],
    };
    for trial in trials {
        if plays(target, trial).await {
            return Ok(());
        }
    }
    Err(Refusal::NotTheContract { target: target.clone(), kind })
}

async fn plays(target: &Target, body: &str) -> bool {
    let source = format!("title     A look ahead\ncovers    EIO4-HS-01\nlevel     must\n\n{body}");
    let Ok(trace) = Trace::parse("preflight", &source) else { return false };
    let clock = Clock::start();
    let conditions = Conditions { step: std::time::Duration::from_secs(2), ..Conditions::default() };
    let replay = Replay::judge(&trace, clock.now(), conditions);
    let (outcome, _) = network::play(replay, clock, target, &Noise::default()).await;
    outcome.verdict.level().is_none() && !matches!(outcome.verdict, Verdict::HeldUp(_))
}

const WEBSOCKET: &str = "\
ws C open  EIO=4&transport=websocket
ws S text  0$_
";

const ECHO_WEBSOCKET: &str = "\
ws C open  EIO=4&transport=websocket
ws S text  0$_
ws C text  4siospec
ws S text  $_
";

const ECHO_POLLING: &str = "\
hs C get     EIO=4&transport=polling
hs S 200
hs S packet  0$_\"sid\":\"$sid\"$_
p  C post    EIO=4&transport=polling&sid=$sid
p  C packet  4siospec
g  C get     EIO=4&transport=polling&sid=$sid
g  S 200
g  S packet  $_
p  S end     should
";

const AUTH_WEBSOCKET: &str = "\
ws C open  EIO=4&transport=websocket
ws S text  0$_
ws C text  40
ws S text  4$_
ws S text  4$_
";

const AUTH_POLLING: &str = "\
hs C get     EIO=4&transport=polling
hs S 200
hs S packet  0$_\"sid\":\"$sid\"$_
p  C post    EIO=4&transport=polling&sid=$sid
p  C packet  40
g  C get     EIO=4&transport=polling&sid=$sid  until 2 packets
g  S 200
g  S packet  4$_
g  S packet  4$_
p  S end     should
";

const MESSAGE_WEBSOCKET: &str = "\
ws C open  EIO=4&transport=websocket
ws S text  0$_
ws C text  40
ws S text  4$_
ws C text  42[\"message\",1,2,3]
ws S text  42[\"message-back\",1,2,3]
";
