//! The driver protocol: how `siospec client` tells a client what to do, and how it learns what the client's application
//! receives.
//!
//! A driver is a small program that uses the client library under test. `siospec client -- node driver.js` starts it, as
//! many times as cases run at the same time; each process plays one case at a time. The two write lines of JSON to each
//! other, over the driver's standard input and output. The driver may write to standard error what it likes. Drivers for
//! several clients are in `fixtures/drivers`, and the example `drive` is one for our own client.
//!
//! ```text
//! siospec                                                  driver
//!    │ {"hello":1}                                            │
//!    │ ───────────────────────────────────────────────────▶   │
//!    │   {"hello":1,"name":"socket.io-client",                │
//!    │    "version":"4.8.4","capabilities":["polling",...]}   │
//!    │ ◀───────────────────────────────────────────────────   │
//!    │ {"id":1,"call":"open","url":"http://127.0.0.1:4242",   │
//!    │  "path":"/socket.io/","layer":"socketio"}              │
//!    │ ───────────────────────────────────────────────────▶   │
//!    │                                             {"id":1}   │
//!    │ ◀───────────────────────────────────────────────────   │
//!    │ {"id":2,"call":"connect","namespace":"/"}              │
//!    │ ───────────────────────────────────────────────────▶   │
//!    │                                             {"id":2}   │
//!    │ ◀───────────────────────────────────────────────────   │
//!    │        {"event":"connect","namespace":"/","sid":"x"}   │
//!    │ ◀───────────────────────────────────────────────────   │
//!    │ {"id":3,"call":"end"}                                  │
//!    │ ───────────────────────────────────────────────────▶   │
//! ```
//!
//! # Calls
//!
//! Each call has an `id`, and the driver answers it with a line that has the same `id`, within 5 seconds: `{"id":1}` when
//! the method has returned, `{"id":1,"error":"why"}` if the method refused the call, `{"id":1,"unsupported":true}` if the
//! client has no such method. It does not wait for what follows on the network. A driver must answer a call that it does
//! not know as unsupported.
//!
//! | call | members | what it does |
//! |---|---|---|
//! | `open` | `url`, `path`, `layer`, and options | makes a client, and discards the one before; nothing is sent yet |
//! | `connect` | `namespace`, `auth` or not | joins a namespace; opens the connection if there is none. A `?` and a query may follow the name, as in the URL that an application gives to its client |
//! | `emit` | `namespace`, `name`, `args`; `ack: true` if it asks for an acknowledgement, `timeout` in ms or not; `volatile: true` if it may be dropped | emits an event |
//! | `ack` | `event`, `args` | answers a received event, numbered from 0 among those with `ack: true` |
//! | `disconnect` | `namespace` | leaves a namespace |
//! | `close` | | leaves everything, and closes the connection |
//! | `send` | `data` | with the layer `engineio`: sends a message, a text or bytes |
//! | `end` | | the case is over: discards the client, and reports nothing more of it |
//!
//! `layer` is `socketio` or `engineio`. With `engineio`, `open` makes a client of Engine.IO alone, and `connect` without
//! a namespace opens its connection. The options of `open`, all of which may be absent:
//!
//! | option | what it means |
//! |---|---|
//! | `transports` | `polling` and `websocket`, in the order in which they are tried; polling first, and upgraded, if absent |
//! | `reconnection` | `delay`, `delayMax` (ms), `jitter` (0 to 1) and `attempts` (endless if absent); if there is no `reconnection`, the client must not connect again by itself |
//! | `connectTimeout` | ms until the open packet must have arrived |
//! | `query` | parameters of every request |
//! | `base64` | true if binary packets are sent in base64 |
//! | `eio` | the revision of Engine.IO that the client must speak; 4 if absent |
//!
//! # Events
//!
//! | event | members | when |
//! |---|---|---|
//! | `connect` | `namespace`, `sid`, which protocol 4 does not send, and which is null if the client does not tell it; `recovered: true` if the session was recovered | a namespace was joined |
//! | `refused` | `namespace`, `message`, `data` or not | the server refused a namespace, with CONNECT_ERROR or in another way |
//! | `message` | `namespace`, `name`, `args`; `ack: true` if the server asks for an answer | an event was received |
//! | `acked` | `namespace`, `args` | an acknowledgement was received |
//! | `unanswered` | `namespace`, `why`: `timeout` or `disconnect` | an acknowledgement will not come |
//! | `disconnect` | `namespace`, `by`: `server` (a DISCONNECT packet), `client` (a call) or `loss` (everything else) | a namespace was left |
//! | `gave-up` | | no further attempt to connect follows |
//! | `data` | `data` | with the layer `engineio`: a message was received |
//! | `closed` | | the connection of Engine.IO, which was open, is over |
//! | `failed` | `message` | the connection could not be opened |
//! | `opened` | | the connection of Engine.IO is open |
//!
//! In `args` and `data`, bytes are `{"$b64":"AQI="}`, and in traces too.
//!
//! # Capabilities
//!
//! A case is left out if it needs a capability that the hello does not name: `polling`, `websocket`, `upgrade`,
//! `engineio` (the layer), `binary-polling` (payloads of Engine.IO 3 in the binary form), `reconnection`, `recovery`,
//! `ack-timeout` (the member `timeout` of `emit`), `ack-loss` (the event `unanswered` with `disconnect`), `gave-up` (the
//! event), `base64`, `volatile` (the member of `emit`), `url-query` (the query of `connect`).
//!
//! The hello may also have the member `eio`, with the revisions of Engine.IO that the client speaks; `[4]` if it is absent. A
//! client of Socket.IO 1 or 2 says `"eio":[3]`. Cases of other revisions are left out.
//!
//! The namespace of `connect` may end with a query in protocol 4: `/admin?token=1`. All other calls and events have the
//! name without it.
//!
//! # Faults
//!
//! A driver that ends, that does not answer, or that writes something else is not a client that fails: the report says
//! `CRASH`, `HANG` or `GARBAGE` for the case, and the next case gets a new process. A line has at most 16 MiB, and a case
//! at most 10,000 events and requests.
//!
//! # On a WebSocket
//!
//! A program that cannot be started, such as a page in a browser, opens a WebSocket to `siospec client --listen`, at
//! `/driver?agent=NAME`. It then speaks this protocol with a text message for each line. The servers of its cases are below
//! paths of the address that it connected to, so that a page needs no CORS. A Close frame with code 1000 says that all cases were
//! played; with 1008, its reason says what the driver did wrong.
//!
//! | file | what it holds |
//! |---|---|
//! | `mod.rs` | the protocol |
//! | `words.rs` | calls, options and arguments |
//! | `process.rs` | a driver, its process if it has one, and its faults |
//! | `link.rs` | its WebSocket, if it has one |

pub(crate) mod link;
mod process;
pub(crate) mod words;

pub(crate) use process::{Answer, Driver, Fault, garbage};

use bytes::Bytes;
use sio_codec::Frame;

/// What happens around a driver.
#[derive(Debug)]
pub(crate) enum News {
    /// It wrote a line.
    Line(String),
    /// It wrote something that is not a line of text; with the reason.
    Unreadable(String),
    /// Its output is over.
    Ended,
    /// Its client did something on the network, in the case with this number.
    Doing(u64, Doing),
}

/// What a client does on its connections. Its requests and WebSockets are numbered.
#[derive(Debug)]
pub(crate) enum Doing {
    Get {
        id: u64,
        query: String,
    },
    Post {
        id: u64,
        query: String,
        content_type: Option<String>,
        body: Bytes,
    },
    Open {
        id: u64,
        query: String,
    },
    Send {
        id: u64,
        frame: Frame,
    },
    /// Aborts a request, or closes a WebSocket.
    GiveUp {
        id: u64,
    },
}
