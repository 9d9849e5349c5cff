//! Outputs that wait to be taken out.

use alloc::collections::VecDeque;

/// A queue that keeps the room for a few outputs until it [rests](Self::rest).
///
/// Mostly one output waits, and is taken out before the next one comes. A busy machine then asks for memory once, not for each
/// output; an idle one has rested, and holds none.
#[derive(Debug)]
pub(crate) struct Outputs<T>(VecDeque<T>);

impl<T> Outputs<T> {
    pub(crate) const fn new() -> Self {
        Self(VecDeque::new())
    }

    // Inlined without exception, as what follows: an output is moved once less with each call that is not made.
    #[inline(always)]
    pub(crate) fn push(&mut self, output: T) {
        make_room(&mut self.0);
        self.0.push_back(output);
    }

    #[inline(always)]
    pub(crate) fn pop(&mut self) -> Option<T> {
        let output = self.0.pop_front();
        give_back(&mut self.0);
        output
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives the room back that nothing waits in. A machine calls it when it has heard and said nothing lately.
    pub(crate) fn rest(&mut self) {
        give_all_back(&mut self.0);
    }

    pub(crate) fn front(&self) -> Option<&T> {
        self.0.front()
    }

    pub(crate) fn front_mut(&mut self) -> Option<&mut T> {
        self.0.front_mut()
    }

    pub(crate) fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.0.retain(keep);
        give_back(&mut self.0);
    }
}

/// Room for one more: a queue without any would make room for four, and mostly one waits.
#[inline]
pub(crate) fn make_room<T>(queue: &mut VecDeque<T>) {
    if queue.capacity() == 0 {
        *queue = VecDeque::with_capacity(1);
    }
}

/// Keeps the room of an empty queue, if it is little.
#[inline]
pub(crate) fn give_back<T>(queue: &mut VecDeque<T>) {
    if queue.is_empty() && queue.capacity() > KEPT {
        *queue = VecDeque::new();
    }
}

/// Keeps no room of an empty queue.
pub(crate) fn give_all_back<T>(queue: &mut VecDeque<T>) {
    if queue.is_empty() {
        *queue = VecDeque::new();
    }
}

/// For how many there is room at most in a queue where nothing waits.
const KEPT: usize = 4;

impl<T> From<T> for Outputs<T> {
    fn from(first: T) -> Self {
        let mut outputs = Self::new();
        outputs.push(first);
        outputs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_in_first_out() {
        let mut outputs = Outputs::new();
        assert_eq!(outputs.pop(), None);
        for round in 0..3 {
            outputs.push(round);
            outputs.push(9);
            assert_eq!(
                (outputs.front_mut().copied(), outputs.pop(), outputs.pop()),
                (Some(round), Some(round), Some(9))
            );
            assert_eq!((outputs.pop(), outputs.is_empty()), (None, true));
        }
    }

    /// What is kept is little, and nothing after a rest.
    #[test]
    fn room_is_kept_for_a_few() {
        for count in 0..9 {
            let mut outputs = Outputs::new();
            (0..count).for_each(|output| outputs.push(output));
            outputs.rest();
            assert_eq!(core::iter::from_fn(|| outputs.pop()).count(), count, "what waits is kept");
            assert!(outputs.0.capacity() <= KEPT);
            outputs.rest();
            assert_eq!(outputs.0.capacity(), 0);
        }
    }

    #[test]
    fn what_is_not_kept_leaves_little_memory() {
        for count in 0..9 {
            let mut outputs = Outputs::new();
            (0..count).for_each(|output| outputs.push(output));
            outputs.retain(|output| *output == 1);
            assert_eq!((outputs.front().copied(), outputs.is_empty()), ((count > 1).then_some(1), count < 2));
            outputs.retain(|_| false);
            assert!(outputs.0.capacity() <= KEPT);
        }
    }
}
