//! Ids that nobody else has.

use crate::cluster::id::{RequestId, Uid};

/// What the ids of an adapter look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Short,
    Hex,
}

/// A generator of 64-bit numbers, SplitMix64. Ids have to differ between servers and questions; nobody gains anything by
/// guessing them who can write on the bus.
#[derive(Debug)]
pub(super) struct Draws(u64);

impl Draws {
    pub(super) fn new(entropy: [u8; 16]) -> Self {
        let [low, high] = [0, 8]
            .map(|at| entropy.iter().skip(at).take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte)));
        Self(mix(low) ^ high)
    }

    pub(super) fn uid(&mut self, shape: Shape) -> Uid {
        if shape == Shape::Short { Uid::short(self.six()) } else { Uid::hex(self.next().to_le_bytes()) }
    }

    pub(super) fn request(&mut self, shape: Shape) -> RequestId {
        if shape == Shape::Short { RequestId::short(self.six()) } else { RequestId::hex(self.next().to_le_bytes()) }
    }

    fn six(&mut self) -> [u8; 6] {
        let [a, b, c, d, e, f, ..] = self.next().to_le_bytes();
        [a, b, c, d, e, f]
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }
}

const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
