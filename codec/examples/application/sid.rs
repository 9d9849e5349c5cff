//! Ids.

use sio_codec::engineio::Sid;

/// An id that nobody can guess.
pub(crate) fn fresh_sid() -> Sid {
    let mut entropy = [0; 15];
    getrandom::fill(&mut entropy).expect("the system has random numbers");
    Sid::from_entropy(entropy)
}
