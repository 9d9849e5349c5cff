//! Who may come in: an invitation for those who are told, and tokens for those who have logged in.
//!
//! A token says whose it is and until when, and nobody else can make one: it carries a code (HMAC-SHA-256) that needs the
//! server's secret. So nothing is stored, and a server that is started anew knows the tokens of the one before. It is the idea
//! of a JSON Web Token, without a choice of algorithms that could be chosen badly.

use std::error::Error;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::fresh_sid;
use crate::words::Name;

/// How long a token is valid.
const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

/// The shortest secret that is taken.
const SHORTEST: usize = 32;

/// What the invitation and the tokens are made with.
pub(crate) struct Secret(Hmac<Sha256>);

/// What a valid token says.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Claim {
    /// Two who chose the same name are not the same.
    pub(crate) user: String,
    pub(crate) name: Name,
    /// Seconds since 1970.
    expires: u64,
}

/// Why a token is not valid.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Invalid {
    /// It was not made here, or was changed.
    Forged,
    /// It was valid once.
    Expired,
}

impl Secret {
    /// The secret in the environment; without one, a secret that is forgotten when the program ends.
    ///
    /// # Errors
    ///
    /// If the one in the environment is short enough to be guessed.
    pub(crate) fn from_environment() -> Result<Self, Box<dyn Error>> {
        let secret = match std::env::var("CHAT_SECRET") {
            Ok(secret) if secret.len() < SHORTEST => {
                return Err(format!("CHAT_SECRET is shorter than {SHORTEST} characters").into());
            }
            Ok(secret) => secret,
            Err(_) => format!("{}{}", fresh_sid(), fresh_sid()),
        };
        Ok(Self(Hmac::new_from_slice(secret.as_bytes())?))
    }

    /// What a person must know to log in.
    pub(crate) fn invitation(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.code("invitation", b"").finalize().into_bytes())
    }

    /// Whether these are the words of the invitation. How long the answer takes tells nothing about them.
    pub(crate) fn invites(&self, invitation: &str) -> bool {
        let code = URL_SAFE_NO_PAD.decode(invitation).unwrap_or_default();
        self.code("invitation", b"").verify_slice(&code).is_ok()
    }

    /// A token for somebody who has shown the invitation.
    pub(crate) fn token(&self, name: Name) -> String {
        self.sign(&Claim { user: fresh_sid().to_string(), name, expires: seconds(SystemTime::now() + LIFETIME) })
    }

    /// What a token says.
    ///
    /// # Errors
    ///
    /// If it is not valid.
    pub(crate) fn claim(&self, token: &str) -> Result<Claim, Invalid> {
        let (claim, code) = token.split_once('.').ok_or(Invalid::Forged)?;
        let [claim, code] = [claim, code].map(|part| URL_SAFE_NO_PAD.decode(part).map_err(|_| Invalid::Forged));
        let claim = claim?;
        // The code first: what is not ours is not read.
        self.code("token", &claim).verify_slice(&code?).map_err(|_| Invalid::Forged)?;
        let claim: Claim = serde_json::from_slice(&claim).map_err(|_| Invalid::Forged)?;
        if claim.is_over() { Err(Invalid::Expired) } else { Ok(claim) }
    }

    fn sign(&self, claim: &Claim) -> String {
        let claim = serde_json::to_vec(claim).expect("a claim can be written");
        let code = self.code("token", &claim).finalize().into_bytes();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(claim), URL_SAFE_NO_PAD.encode(code))
    }

    /// The purpose keeps a code that was made for one thing from being shown for another.
    fn code(&self, purpose: &str, of: &[u8]) -> Hmac<Sha256> {
        let code = self.0.clone();
        code.chain_update(purpose).chain_update(b":").chain_update(of)
    }
}

impl Claim {
    /// Whether its time is over: a connection may last longer than the token that opened it.
    pub(crate) fn is_over(&self) -> bool {
        self.expires <= seconds(SystemTime::now())
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(of: &str) -> Secret {
        Secret(Hmac::new_from_slice(of.as_bytes()).unwrap())
    }

    fn ann() -> Name {
        Name::try_from("Ann".to_owned()).unwrap()
    }

    #[test]
    fn only_whole_tokens_of_this_server_are_valid() {
        let token = secret("ours").token(ann());
        assert_eq!(secret("ours").claim(&token).unwrap().name.key(), "ann");
        assert_eq!(secret("theirs").claim(&token).err(), Some(Invalid::Forged));
        for end in 0..token.len() {
            assert_eq!(secret("ours").claim(&token[..end]).err(), Some(Invalid::Forged), "{end}");
        }
    }

    #[test]
    fn a_token_expires() {
        let past = Claim { user: "1".into(), name: ann(), expires: seconds(SystemTime::now()) };
        assert!(past.is_over());
        assert_eq!(secret("ours").claim(&secret("ours").sign(&past)).err(), Some(Invalid::Expired));
    }

    #[test]
    fn an_invitation_is_no_token() {
        let secret = secret("ours");
        assert!(secret.invites(&secret.invitation()));
        assert!(!secret.invites("") && !secret.invites(&secret.token(ann())));
        assert_eq!(secret.claim(&format!(".{}", secret.invitation())).err(), Some(Invalid::Forged));
    }
}
