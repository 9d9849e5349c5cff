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
//! | a client that lost its connection | is new on every server | is new on every server | comes back to any server, with what it missed, if the program wants that |
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
//!
//! # Test it
//!
//! `siospec run http://10.0.0.1:3000 --peer http://10.0.0.2:3000 cluster` plays what servers do for each other's clients, from each to
//! each other: broadcasts, acknowledgements, and the operations on the sockets of all servers. It needs nothing but the URLs, and
//! servers with the small application that its manual describes.
//!
//! # What was tried
//!
//! Two servers of Node.js and one of this crate, each with three clients, on one Redis:
//!
//! ```text
//! node fixtures/reference/cluster/check-cluster.js --load 10000 --outage 5 --named-rooms -- \
//!   siospec serve --ping-interval 25000 --ping-timeout 20000
//! ```
//!
//! Each server broadcasts 10,000 times, 20 bytes to 64 KiB, as fast as the clients take it: every client gets each broadcast
//! once, and those of one server in their order. Then, while every server broadcasts up to 200 times in a second, Redis is stopped
//! for five seconds, and a server is killed after that. No connection to a server that lives is lost, nothing comes twice or in
//! another order, a server's own clients miss nothing, and every question ends within its timeout, with the answers that came.
//!
//! So it was on 29 November 2026 with each adapter, on two busy cores and with a debug build. The 30,000 broadcasts of the three
//! servers were with all nine clients after 47 s (classic), 46 s (sharded) and 36 s (streams). Of what was sent while Redis was away,
//! the clients of other servers got all with streams, and with the others only what the Redis client of a server of Node.js had
//! kept. Clients that lost a connection came back from and to servers of both kinds.
//!
//! # How far it goes
//!
//! What Redis takes to pass on a broadcast of 1 KiB, in microseconds of its one thread, when a hundred come at a time; in
//! parentheses, when each comes alone, which is dearer because Redis then writes to every server each time
//! (`node fixtures/reference/cluster/measure-redis.js`, Redis 7.0.15, two busy cores; with sharded, all are in the room):
//!
//! | servers | classic | sharded | streams |
//! |--:|--:|--:|--:|
//! | 1 | 3.8 (53) | 2.1 (37) | 7.1 (44) |
//! | 10 | 9.2 (111) | 8.1 (81) | 16 (150) |
//! | 100 | 118 (714) | 93 (591) | 193 (1,370) |
//! | 1,000 | 1,450 (9,180) | 1,480 (9,000) | 2,440 (22,800) |
//!
//! A server of this crate takes 5.6 us to read such a broadcast of another server with classic, about 1 us more with the others, and
//! 22 ns for each of its own members that get it, until their sockets are written to (`benches/README.md`, on the same machine). So
//! much can a cluster broadcast in a second, all its servers together, with the classic adapter, if every broadcast is for
//! everybody; the least figure of a row counts:
//!
//! | servers | as far as Redis goes | as far as 10 Gbit/s at Redis go | a server with 100 members | a server with 10,000 members |
//! |--:|--:|--:|--:|--:|
//! | 1 | not needed | not needed | 330,000 | 4,500 |
//! | 10 | 109,000 | 110,000 | 130,000 | 4,400 |
//! | 100 | 8,500 | 11,000 | 130,000 | 4,400 |
//! | 1,000 | 690 | 1,100 | 130,000 | 4,400 |
//!
//! These figures assume that one core of each server does nothing else, that broadcasts come many at a time, as they do under load,
//! and that clients take what they are sent. A server that writes to 10,000 sockets for each broadcast has far more to do than
//! these 22 ns: its other cores do that, and it is no matter of the cluster.
//!
//! - **One server** needs no Redis: a hub does.
//! - **Where each broadcast reaches many members**, the servers are the bound, up to about two hundred of them. More servers, with
//!   fewer members on each, make room.
//! - **Where it reaches few**, Redis is the bound from about ten servers: its work and its traffic grow with the servers that hear a
//!   broadcast, while a server's do not.
//!
//! More Redis helps only if a broadcast is not for all:
//!
//! - With **sharded**, a broadcast to one room goes to the servers that have members in it: it costs what the row for so many servers
//!   says. A Redis Cluster spreads the rooms over its shards. A broadcast to everybody has one shard.
//! - With **streams**, `stream_count` spreads the namespaces over several streams, and a Redis Cluster spreads those over its shards.
//!   All servers read all of them: this divides the work of Redis, and not that of the servers.
//! - With **classic**, several Redis are several clusters: give each its own part of the users, such as one game or one customer. The
//!   same can be done with every adapter.
