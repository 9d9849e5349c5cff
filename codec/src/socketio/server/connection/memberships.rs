//! The namespaces that one client is in, or asks for.

use alloc::vec::Vec;

use crate::socketio::namespace::Namespace;

/// Tells one membership in a namespace from the next.
pub(super) type Turn = u32;

/// How far a client is with a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Membership {
    /// The application has not answered the CONNECT yet.
    Asking,
    Joined(Turn),
    /// The server made it leave. What the client said before it learned that may still arrive.
    Expelled,
}

/// A list, because most clients are in one namespace and few in more than three. Those that are joined stand in the
/// order of joining, which clients may rely on.
#[derive(Debug, Default)]
pub(super) struct Memberships {
    list: Vec<(Namespace, Membership)>,
    next_turn: Turn,
}

impl Memberships {
    /// How far the client is, and the namespace's name without the packet that a peer wrote it in: keeping that name
    /// keeps nothing else.
    pub(super) fn of(&self, namespace: &Namespace) -> Option<(Namespace, Membership)> {
        self.list.iter().find(|(of, _)| of == namespace).cloned()
    }

    /// Notes the question of a client that is not in the namespace and has not asked for it.
    pub(super) fn ask(&mut self, namespace: &Namespace) -> Namespace {
        self.remove(namespace);
        let namespace = namespace.detached();
        if self.list.is_empty() {
            // Most clients ask for no second one.
            self.list.reserve_exact(1);
        }
        self.list.push((namespace.clone(), Membership::Asking));
        namespace
    }

    /// Lets in a client that asked.
    pub(super) fn join(&mut self, namespace: &Namespace) {
        if let Some(at) = self.list.iter().position(|(of, _)| of == namespace) {
            let (namespace, _) = self.list.remove(at);
            self.list.push((namespace, Membership::Joined(self.next_turn)));
            self.next_turn = self.next_turn.wrapping_add(1);
        }
    }

    /// Makes a client leave that may still believe to be in.
    pub(super) fn expel(&mut self, namespace: &Namespace) {
        for (_, membership) in self.list.iter_mut().filter(|(of, _)| of == namespace) {
            *membership = Membership::Expelled;
        }
    }

    /// Forgets one of those that the client was made to leave, to make room; `false` if there is none.
    pub(super) fn forget_expelled(&mut self) -> bool {
        let oldest = self.list.iter().position(|(_, membership)| *membership == Membership::Expelled);
        oldest.map(|at| self.list.remove(at)).is_some()
    }

    pub(super) fn remove(&mut self, namespace: &Namespace) {
        self.list.retain(|(of, _)| of != namespace);
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// In the order of joining.
    pub(super) fn joined(&self) -> impl Iterator<Item = &Namespace> {
        self.list
            .iter()
            .filter(|(_, membership)| matches!(membership, Membership::Joined(_)))
            .map(|(namespace, _)| namespace)
    }
}
