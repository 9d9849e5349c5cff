//! A deck of cards: each is dealt once before any is dealt again.

use fastrand::Rng;

/// Deals each of its cards once, in an order that depends on the seed, and then starts again.
#[derive(Debug)]
pub(super) struct Deck<T: 'static> {
    cards: Vec<&'static T>,
    dealt: usize,
}

impl<T> Deck<T> {
    pub(super) fn new(cards: impl IntoIterator<Item = &'static T>, rng: &mut Rng) -> Self {
        let mut cards: Vec<_> = cards.into_iter().collect();
        rng.shuffle(&mut cards);
        Self { cards, dealt: 0 }
    }

    pub(super) fn deal(&mut self, rng: &mut Rng) -> &'static T {
        if self.dealt >= self.cards.len() {
            rng.shuffle(&mut self.cards);
            self.dealt = 0;
        }
        let card = self.cards.get(self.dealt).expect("no deck is empty");
        self.dealt += 1;
        card
    }

    /// The cards that were not dealt in the first round. Then the deck starts again.
    pub(super) fn deal_rest(&mut self) -> Vec<&'static T> {
        let rest = self.cards.get(self.dealt..).unwrap_or_default().to_vec();
        self.dealt = self.cards.len();
        rest
    }
}
