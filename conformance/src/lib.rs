//! Tests the conformance of Engine.IO and Socket.IO implementations.
//!
//! | module | what it is |
//! |---|---|
//! | [`trace`] | the trace language: conversations in files |
//! | [`replay`] | the engine that plays a trace, without I/O |
//! | [`party`] | what a trace is played against: a URL, or our own machines in memory |
//! | [`mutants`] | defects of that application's server, to test the cases |
//! | [`contract`] | the application that a server under test runs, written on the machines |
//! | [`server`] | that application on real sockets |
//! | [`cases`], [`requirements`] | the suite, and the requirements that it checks |
//! | [`aliases`] | the ids that cases had before they were renamed |
//! | [`coverage`] | which cases show each requirement |
//! | [`values`] | the cases of the suite that are generated |
//! | [`survey`] | finds out what a server offers, before it is judged |
//! | [`launch`] | a server that the command starts itself |
//! | [`explain`] | explains frames, for `siospec decode` |
//! | [`capture`] | reads the traffic between a client and a server, and writes it as traces |
//! | [`live`] | the sessions of a relay, shown and judged while they go on |
//! | [`witness`] | judges a session that was recorded, by what passed between the two sides |
//! | [`clients`] | plays cases against a client |
//! | [`adapter`] | plays recorded vectors against a codec |
//! | [`run`], [`report`], [`command`] | the command line |
//! | `coding` | content codings of HTTP bodies |
//!
//! # Floors
//!
//! A module imports only the modules after its arrow. All arrows point down.
//!
//! ```text
//! command       → report adapter clients run survey server launch coverage live witness capture values cases party replay aliases contract mutants explain requirements trace
//! report        → adapter clients run survey witness explain capture values cases replay aliases requirements trace
//! clients       → run cases party replay trace launch
//! adapter       → run values cases replay launch requirements trace
//! run           → survey values cases party replay contract trace
//! survey        → party replay contract trace
//! coverage      → cases requirements
//! cases         → values contract trace
//! values        → replay trace
//! party         → replay contract mutants trace coding launch
//! live          → explain witness capture trace
//! explain       → capture replay trace
//! witness       → capture replay trace
//! capture       → replay trace coding
//! replay        → requirements trace
//! requirements  → trace
//! server        → contract mutants
//! contract      → mutants
//! mutants trace launch coding aliases
//! ```

pub mod adapter;
pub mod aliases;
pub mod capture;
pub mod cases;
pub mod clients;
mod coding;
pub mod command;
pub mod contract;
pub mod coverage;
pub mod explain;
pub mod launch;
pub mod live;
pub mod mutants;
pub mod party;
pub mod replay;
pub mod report;
pub mod requirements;
pub mod run;
pub mod server;
pub mod survey;
pub mod trace;
pub mod values;
pub mod witness;
