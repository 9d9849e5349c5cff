//! The random bytes of session ids.

/// A source of the 15 bytes that make one id.
#[derive(Clone, Debug)]
pub enum Entropy {
    /// The operating system, for every server that clients can reach.
    System,
    /// A counter, for runs in memory, which must be repeatable.
    Counter(u64),
}

impl Entropy {
    /// Fresh bytes.
    ///
    /// # Panics
    ///
    /// If the operating system has no random numbers, because predictable session ids would be worse.
    pub fn draw(&mut self) -> [u8; 15] {
        let mut bytes = [0; 15];
        match self {
            Self::System => getrandom::fill(&mut bytes).expect("the operating system supplies random numbers"),
            Self::Counter(count) => {
                *count += 1;
                bytes[7..].copy_from_slice(&count.to_be_bytes());
            }
        }
        bytes
    }

    /// A second source that does not repeat the bytes of this one.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        match self {
            Self::System => Self::System,
            Self::Counter(count) => {
                *count += 1;
                Self::Counter(*count << 20)
            }
        }
    }
}
