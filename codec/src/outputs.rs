//! Outputs that wait to be taken out.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

/// A queue that holds no memory while it is empty, which in most machines it is most of the time. Mostly one output waits,
/// which needs no queue.
#[derive(Debug)]
pub(crate) struct Outputs<T>(Waiting<T>);

#[derive(Debug)]
enum Waiting<T> {
    Nothing,
    One(Box<T>),
    /// Of two or more, some may be left.
    Several(VecDeque<T>),
}

impl<T> Outputs<T> {
    pub(crate) const fn new() -> Self {
        Self(Waiting::Nothing)
    }

    #[inline]
    pub(crate) fn push(&mut self, output: T) {
        match &mut self.0 {
            Waiting::Nothing => self.0 = Waiting::One(Box::new(output)),
            Waiting::One(_) => self.push_behind(output),
            Waiting::Several(outputs) => outputs.push_back(output),
        }
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<T> {
        match &mut self.0 {
            Waiting::Nothing => None,
            Waiting::One(_) => match core::mem::replace(&mut self.0, Waiting::Nothing) {
                Waiting::One(output) => Some(*output),
                _ => None,
            },
            Waiting::Several(outputs) => {
                let output = outputs.pop_front();
                if outputs.is_empty() {
                    self.0 = Waiting::Nothing;
                }
                output
            }
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        matches!(self.0, Waiting::Nothing)
    }

    pub(crate) fn front(&self) -> Option<&T> {
        match &self.0 {
            Waiting::Nothing => None,
            Waiting::One(output) => Some(output),
            Waiting::Several(outputs) => outputs.front(),
        }
    }

    pub(crate) fn front_mut(&mut self) -> Option<&mut T> {
        match &mut self.0 {
            Waiting::Nothing => None,
            Waiting::One(output) => Some(output),
            Waiting::Several(outputs) => outputs.front_mut(),
        }
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        let is_over = match &mut self.0 {
            Waiting::Nothing => true,
            Waiting::One(output) => !keep(output),
            Waiting::Several(outputs) => {
                outputs.retain(keep);
                outputs.is_empty()
            }
        };
        if is_over {
            self.0 = Waiting::Nothing;
        }
    }

    fn push_behind(&mut self, output: T) {
        let first = self.pop();
        self.0 = Waiting::Several(first.into_iter().chain([output]).collect());
    }
}

impl<T> From<T> for Outputs<T> {
    fn from(first: T) -> Self {
        Self(Waiting::One(Box::new(first)))
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
            assert!((outputs.pop(), outputs.is_empty()) == (None, true) && matches!(outputs.0, Waiting::Nothing));
        }
    }

    #[test]
    fn what_is_not_kept_leaves_no_memory() {
        for count in 0..4 {
            let mut outputs = Outputs::new();
            (0..count).for_each(|output| outputs.push(output));
            outputs.retain(|output| *output == 1);
            assert_eq!((outputs.front().copied(), outputs.is_empty()), ((count > 1).then_some(1), count < 2));
            outputs.retain(|_| false);
            assert!(matches!(outputs.0, Waiting::Nothing));
        }
    }
}
