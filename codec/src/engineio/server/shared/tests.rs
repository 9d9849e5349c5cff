//! Tasks that share sessions.
