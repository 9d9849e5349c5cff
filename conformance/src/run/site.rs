//! Where a case is to be played.

use crate::cases::Case;
use crate::contract::Kind;
use crate::party::network::Target;
use crate::replay::Conditions;
use crate::run::Offer;
use crate::trace::Need;

/// Where the two applications are, and what was found there.
#[derive(Clone, Debug)]
pub struct Site {
    /// The Engine.IO path.
    pub engine: Target,
    /// The Socket.IO path.
    pub socket: Target,
    /// What the first of them offers.
    pub engine_offer: Offer,
    /// What the second of them offers.
    pub socket_offer: Offer,
    /// How patient every case is.
    pub conditions: Conditions,
}

/// Where, and in which circumstances, one case is played.
#[derive(Clone, Debug)]
pub struct Place {
    /// The server and path.
    pub target: Target,
    /// What is known about the server.
    pub conditions: Conditions,
}

impl Site {
    /// Where a case is to be played.
    ///
    /// # Errors
    ///
    /// The reason why it does not apply to this server.
    pub fn place(&self, case: &Case) -> Result<Place, String> {
        let (target, offer) = match case.kind() {
            Some(Kind::Engine) => (&self.engine, &self.engine_offer),
            Some(Kind::Socket) => (&self.socket, &self.socket_offer),
            None if self.engine_offer.is_served() => (&self.engine, &self.engine_offer),
            None => (&self.socket, &self.socket_offer),
        };
        let upgrade = case.trace.header.needs.contains(&Need::Upgrade);
        match offer {
            Offer::Absent { path, status } => {
                Err(format!("{path} is not served: a handshake is answered with status {status}"))
            }
            Offer::ServedWithout { why, .. } if case.kind().is_some() => Err(why.clone()),
            Offer::Served { upgrades: false } | Offer::ServedWithout { upgrades: false, .. } if upgrade => {
                Err("the server offers no upgrade".to_owned())
            }
            Offer::Served { .. } | Offer::ServedWithout { .. } => {
                Ok(Place { target: target.clone(), conditions: self.conditions })
            }
        }
    }
}
