//! Random lives of a client's session.
//!
//! ```text
//! bytes ──Op::life──▶ [Op] ──Life──▶ [Step] ──▶ session ──▶ outputs ──▶ Laws (checked after every step)
//! ```
//!
//! A client names its requests itself, so an [`Op`](ops::Op) refers to what is in flight. What it meant is kept as a
//! [`Step`](life::Step), and the same steps can be played again in another way.

pub(crate) mod laws;
pub(crate) mod life;
pub(crate) mod ops;
