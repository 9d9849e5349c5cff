//! Events that wait at a client, and what they weigh.

use alloc::collections::VecDeque;

use bytes::Bytes;

use crate::limits::{HANDLE, Limits};
use crate::socketio::args::Args;

/// The weight of one thing or of many: their bytes and their handles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Load(usize);

impl Load {
    pub(super) const NONE: Self = Self(0);

    /// The weight of an event.
    pub(super) fn of(name: &str, args: &Args) -> Self {
        let attachments = args.attachments();
        let attached = attachments.iter().map(Bytes::len).fold(0, usize::saturating_add);
        let text = name.len().saturating_add(args.items_bytes().len());
        let handles = attachments.len().saturating_add(1).saturating_mul(HANDLE);
        Self(text.saturating_add(attached).saturating_add(handles))
    }

    pub(super) const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    pub(super) const fn weight(self) -> usize {
        self.0
    }

    const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Whether there is no room for more. An event that waits alone always has room, whatever its size.
    pub(super) const fn is_full(self, limits: &Limits) -> bool {
        self.0 > 0 && self.0 >= limits.max_buffered_bytes
    }
}

/// Things that wait, first come first served, and what they weigh.
#[derive(Debug)]
pub(super) struct Buffer<T> {
    waiting: VecDeque<(T, Load)>,
    load: Load,
}

impl<T> Default for Buffer<T> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), load: Load::default() }
    }
}

impl<T> Buffer<T> {
    pub(super) fn push(&mut self, item: T, load: Load) {
        self.load = self.load.plus(load);
        self.waiting.push_back((item, load));
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        let (item, load) = self.waiting.pop_front()?;
        self.load = self.load.minus(load);
        Some(item)
    }

    pub(super) fn remove(&mut self, is_it: impl Fn(&T) -> bool) {
        if let Some(at) = self.waiting.iter().position(|(item, _)| is_it(item))
            && let Some((_, load)) = self.waiting.remove(at)
        {
            self.load = self.load.minus(load);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn first_mut(&mut self) -> Option<&mut T> {
        self.waiting.front_mut().map(|(item, _)| item)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.waiting.iter().map(|(item, _)| item)
    }

    pub(super) const fn load(&self) -> Load {
        self.load
    }
}
