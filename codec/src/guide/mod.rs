//! How to build a program on the crate, beyond the page of each item.
//!
//! | page | for whom |
//! |---|---|
//! | [`whole_server`] | who wants a server on tokio: the whole program |
//! | [`server_on_threads`] | the same without a runtime: the whole program |
//! | [`whole_client`] | who wants a client on tokio: the whole program |
//! | [`javascript`] | who knows socket.io and socket.io-client: each of their calls, and the same here |
//! | [`polling_and_upgrade`] | who wants to see how a session moves from polling to a WebSocket, and what the program does meanwhile |
//! | [`slow_consumers`] | who sends much: what happens when a peer does not keep up |
//! | [`limits`] | who plans memory: every limit, its unit and default, and the formula |
//! | [`many_sessions`] | who serves many clients: one table or a task each, rooms, and who is in which session |
//! | [`several_nodes`] | who runs a server in several processes: the balancer, and broadcasts from one to the others |
//! | [`clusters`] | who has several servers on Redis: adapters, balancers, and how far they go |
//! | [`security`] | who puts a server on the internet: what the crate does, and what is left to the program |
//! | [`replacing_a_parser`] | who has another library: the packets behind socketioxide's trait, and in the types of rust_socketio |
//! | [`vocabulary`] | who meets a word that is not the protocol's, or two that look alike |

pub mod clusters;
pub mod javascript;
pub mod limits;
pub mod many_sessions;
pub mod polling_and_upgrade;
pub mod replacing_a_parser;
pub mod security;
pub mod server_on_threads;
pub mod several_nodes;
pub mod slow_consumers;
pub mod vocabulary;
pub mod whole_client;
pub mod whole_server;
