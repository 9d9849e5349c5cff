//! Several servers on Redis: which adapter, what stands in front, and how far it goes.
//!
//! With the feature `cluster`, a `Node` takes the place of the hub, and its broadcasts and questions reach the members of all
//! servers, of this crate and of Node.js. [`several_nodes`](super::several_nodes) is about other buses, and about what does not
//! work over several nodes at all.
//!
//! # Which adapter
//!
//! All servers have the same one, with the same settings: what one adapter says, the others do not understand.
//!
//! | | classic | sharded | streams |
//! |---|---|---|---|
//! | Redis | any | 7 and later; a Redis Cluster spreads the rooms over its shards | 5 and later |
//! | a broadcast | reaches every server | to one room: reaches the servers that have members in it | reaches every server |
//! | while Redis is away | is lost for others | is lost for others | is added later, if the program keeps it, and read then |
//! | a server that loses Redis for a moment | misses what was said | misses what was said | reads on where it was |
//! | binary data in events between servers, and of sockets | does not survive | survives | survives |
//! | rooms of all servers ([`allRooms`](super::javascript)) | yes | no | no |
//! | what it costs Redis | a publication | a publication | an entry of the stream, kept for a while |
//!
//! Where rooms are many and small, as in games and chats, sharded lets each server hear only what is for its own clients. Where
//! nothing may be lost in a restart of Redis, take streams. Classic is what most clusters run, and what older servers speak.
//!
//! # The balancer
//!
//! A session of polling is many requests, and all must reach the server that has it: one that does not know the session answers
//! with status 400 and `Session ID unknown`. Without polling any balancer will do. `siospec check URL` says so if a balancer
//! sends requests of one session to two servers.
//!
//! nginx, by the address of the client:
//!
//! ```text
//! map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
//! upstream socketio {
//!   hash $remote_addr consistent;
//!   server 10.0.0.1:3000;
//!   server 10.0.0.2:3000;
//!   keepalive 32;
//! }
//! server {
//!   listen 80;
//!   location /socket.io/ {
//!     proxy_pass http://socketio;
//!     proxy_http_version 1.1;
//!     proxy_set_header Host $host;
//!     proxy_set_header Upgrade $http_upgrade;
//!     proxy_set_header Connection $connection_upgrade;
//!     proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
//!     proxy_buffering off;
//!     proxy_request_buffering off;
//!     client_max_body_size 0;
//!     proxy_read_timeout 60s;
//!   }
//! }
//! ```
//!
//! `proxy_request_buffering off` lets the server see a body while it comes: otherwise nginx reads a body that is too large to its end
//! before anybody refuses it, and the second of two overlapping POSTs is hidden from the session. `client_max_body_size 0` leaves
//! the limit to the server. The timeout is longer than a ping interval and a ping timeout together.
//!
//! HAProxy:
//!
//! ```text
//! defaults
//!   mode http
//!   timeout connect 5s
//!   timeout client 60s
//!   timeout server 60s
//!   timeout tunnel 1h
//! frontend web
//!   bind :80
//!   default_backend socketio
//! backend socketio
//!   balance source
//!   server one 10.0.0.1:3000 check
//!   server two 10.0.0.2:3000 check
//! ```
//!
//! Both were tried on 28 November 2026, nginx 1.22.1 and HAProxy 2.6.12 in front of two servers on one machine:
//! `siospec run http://127.0.0.1:8000 --gate should` has the same result behind each as without. Without the line `hash`, 119 of 891
//! cases fail, and 193 have no result.
//!
//! Where many clients share an address, a cookie spreads them better; a browser page of another origin then needs
//! `withCredentials`.
