//! Outputs that wait to be taken out.

use alloc::collections::VecDeque;

/// A queue that holds no memory while it is empty, which in most machines it is most of the time.
#[derive(Debug)]
pub(crate) struct Outputs<T>(VecDeque<T>);

impl<T> Outputs<T> {
    pub(crate) const fn new() -> Self {
        Self(VecDeque::new())
    }

    #[inline]
    pub(crate) fn push(&mut self, output: T) {
        // Mostly there is one, and four would be made room for.
        if self.0.capacity() == 0 {
            self.0 = VecDeque::with_capacity(1);
        }
        self.0.push_back(output);
    }

    pub(crate) fn pop(&mut self) -> Option<T> {
        let output = self.0.pop_front()?;
        if self.0.is_empty() {
            self.0 = VecDeque::new();
        }
        Some(output)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn front(&self) -> Option<&T> {
        self.0.front()
    }

    pub(crate) fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.0.retain(keep);
        if self.0.is_empty() {
            self.0 = VecDeque::new();
        }
    }

    pub(crate) fn front_mut(&mut self) -> Option<&mut T> {
        self.0.front_mut()
    }
}

impl<T> From<T> for Outputs<T> {
    fn from(first: T) -> Self {
        Self(VecDeque::from([first]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_in_first_out_and_nothing_stays() {
        let mut outputs = Outputs::new();
        assert_eq!(outputs.pop(), None);
        for round in 0..3 {
            outputs.push(round);
            outputs.push(9);
            assert_eq!(
                (outputs.front_mut().copied(), outputs.pop(), outputs.pop()),
                (Some(round), Some(round), Some(9))
            );
            assert_eq!((outputs.pop(), outputs.0.capacity()), (None, 0));
        }
    }
}
