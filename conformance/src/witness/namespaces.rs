//! Who is in which namespace.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use sio_codec::socketio::{Json, Packet, PacketKind};

use super::book::{Book, Place};
use super::closing::Question;
use super::upgrade::MARGIN;
use crate::trace::{Revision, Side};

/// What the server sent before it heard that the client has left a namespace arrives within this time.
const STRAGGLERS: Duration = Duration::from_secs(3);

/// The namespaces of one session.
#[derive(Debug, Default)]
pub(super) struct Namespaces {
    members: BTreeMap<String, Member>,
    /// The DISCONNECTs of the client.
    leaves: usize,
    /// The DISCONNECTs of the server for namespaces that the client had just left.
    echoes: Vec<Place>,
    /// The ids that the server gave, and to which namespace.
    sids: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
struct Member {
    asked: usize,
    /// The answers of the server that let the client in.
    welcomes: Vec<Place>,
    server: Stand,
    /// Since when the client has been out because it left.
    left: Option<Duration>,
    early: Option<Place>,
    origin: Origin,
}

/// How a namespace stands by what the server has said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stand {
    #[default]
    Out,
    In,
}

/// Whether the client tries to go on with what an earlier session had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Origin {
    #[default]
    New,
    Resumed,
}

impl Namespaces {
    /// Whether an earlier session may have spoken in this namespace.
    pub(super) fn is_resumed(&self, namespace: &str) -> bool {
        self.members.get(namespace).is_some_and(|member| member.origin == Origin::Resumed)
    }

    pub(super) fn hear(&mut self, book: &mut Book, engine_sid: Option<&str>, place: &Place, packet: &Packet) {
        let name = name(book.revision, packet);
        match (place.side, &packet.kind) {
            (Side::Client, PacketKind::Connect { payload }) => self.asks(book, place, name, payload.as_ref()),
            (Side::Client, PacketKind::Event { .. } | PacketKind::Ack { .. }) => self.speaks(book, place, name),
            //= SIO5-CON-12
            (Side::Client, PacketKind::ConnectError { .. }) => {
                book.must_end(Side::Server, "SIO5-CON-12", place, "the client has sent a CONNECT_ERROR");
            }
            (Side::Client, PacketKind::Disconnect) => {
                self.leaves = self.leaves.saturating_add(1);
                let member = self.member(name);
                member.left = (member.server == Stand::In).then_some(place.at);
            }
            (Side::Server, PacketKind::Connect { payload }) => {
                self.welcomed(book, engine_sid, place, name, payload.as_ref());
            }
            (Side::Server, PacketKind::ConnectError { payload }) => {
                refused(book, place, payload.as_ref());
                self.answered(book, place, name, Stand::Out);
            }
            (Side::Server, PacketKind::Disconnect) => {
                self.after_leaving(book, place, name);
                if self.member(name).left.take().is_some() {
                    self.echoes.push(place.clone());
                }
                self.member(name).server = Stand::Out;
            }
            //= SIO5-CON-08
            (Side::Server, PacketKind::Event { .. } | PacketKind::Ack { .. }) => {
                self.after_leaving(book, place, name);
                let member = self.member(name);
                if member.server == Stand::In {
                    book.fulfilled("SIO5-CON-08", Side::Server);
                } else if book.is_all_whole() && member.origin == Origin::New {
                    book.violated("SIO5-CON-08", place, format!("the server has not let the client into {name}"));
                }
            }
        }
    }

    /// The server says something in a namespace that the client may have left.
    //= SIO5-DIS-01
    fn after_leaving(&mut self, book: &mut Book, place: &Place, name: &str) {
        let member = self.member(name);
        let Some(passed) = member.left.map(|left| place.at.saturating_sub(left)) else { return };
        if place.lane.is_socket()
            && passed >= STRAGGLERS
            && book.revision == Revision::Four
            && book.is_whole(Side::Client)
        {
            member.left = None;
            book.violated("SIO5-DIS-01", place, format!("the client left {name} {passed:.1?} before"));
        }
    }

    //= SIO4-CON-03
    fn asks(&mut self, book: &mut Book, place: &Place, name: &str, payload: Option<&Json>) {
        if book.revision == Revision::Three && name == "/" {
            book.violated("SIO4-CON-03", place, "the client asks to join /, where it already is");
        }
        book.asks(Side::Client, Question::Connect(name.to_owned()));
        let member = self.member(name);
        //= SIO5-CON-11
        if member.server == Stand::In && member.left.is_none() && book.is_all_whole() {
            let why = format!("the client has asked to join {name}, where it already is");
            book.must_end(Side::Server, "SIO5-CON-11", place, why);
        }
        member.left = None;
        member.asked = member.asked.saturating_add(1);
        if field(payload, "pid").is_some() {
            member.origin = Origin::Resumed;
        }
    }

    //= SIO5-CON-01
    //= SIO5-CON-17
    fn speaks(&mut self, book: &mut Book, place: &Place, name: &str) {
        let is_first = self.members.is_empty();
        let is_implied = book.revision == Revision::Three && name == "/";
        let member = self.member(name);
        if member.asked == 0 && !is_implied && member.welcomes.is_empty() {
            if book.is_all_whole() {
                let fault = format!("the client has not sent a CONNECT for {name}");
                //= SIO5-CON-09
                //= SIO5-CON-10
                let duty = if is_first { "SIO5-CON-09" } else { "SIO5-CON-10" };
                book.must_end(Side::Server, duty, place, fault.clone());
                book.violated("SIO5-CON-01", place, fault);
            }
            return;
        }
        if member.welcomes.is_empty() && member.early.is_none() {
            member.early = Some(place.clone());
        }
    }

    //= SIO5-CON-02
    //= SIO4-CON-08
    fn welcomed(
        &mut self,
        book: &mut Book,
        engine_sid: Option<&str>,
        place: &Place,
        name: &str,
        payload: Option<&Json>,
    ) {
        self.answered(book, place, name, Stand::In);
        self.member(name).welcomes.push(place.clone());
        if book.revision == Revision::Three {
            match payload {
                None => book.fulfilled("SIO4-CON-08", Side::Server),
                Some(_) => book.violated("SIO4-CON-08", place, "the server's CONNECT has a payload"),
            }
            return;
        }
        let Some(sid) = field(payload, "sid").and_then(|sid| sid.as_str().map(str::to_owned)) else {
            book.violated("SIO5-CON-02", place, "the server's CONNECT has no text sid");
            return;
        };
        book.fulfilled("SIO5-CON-02", Side::Server);
        //= SIO5-CSR-02
        match field(payload, "pid") {
            Some(pid) if pid == sid.as_str() => {
                book.violated("SIO5-CSR-02", place, "the pid is the sid");
            }
            Some(_) => book.fulfilled("SIO5-CSR-02", Side::Server),
            None => {}
        }
        //= SIO5-CON-03
        if engine_sid == Some(sid.as_str()) {
            book.violated("SIO5-CON-03", place, "the sid of the namespace is that of the Engine.IO session");
        } else if let Some(other) = self.sids.get(&sid).filter(|other| *other != name) {
            book.violated("SIO5-CON-03", place, format!("the sid is also that of {other}"));
        } else {
            book.fulfilled("SIO5-CON-03", Side::Server);
        }
        self.sids.insert(sid, name.to_owned());
    }

    /// The server answers a CONNECT. What the client said in the namespace before was too early. On one WebSocket the
    /// order of packets is certain.
    fn answered(&mut self, book: &mut Book, place: &Place, name: &str, stand: Stand) {
        book.answers(place, &Question::Connect(name.to_owned()));
        let revision = book.revision;
        let member = self.member(name);
        member.server = stand;
        let Some(early) = member.early.take() else { return };
        let is_certain = early.exchange == place.exchange && place.lane.is_socket();
        if book.is_all_whole() && (is_certain || early.at.saturating_add(MARGIN) < place.at) {
            let requirement = if revision == Revision::Three && name == "/" { "SIO4-CON-04" } else { "SIO5-CON-17" };
            book.violated(requirement, &early, format!("the server has not answered the CONNECT for {name} yet"));
        }
    }

    /// Judges what can only be counted: the CONNECTs that nobody asked for.
    pub(super) fn finish(&self, book: &mut Book) {
        if book.revision == Revision::Three || !book.is_whole(Side::Client) {
            return;
        }
        // The two sides can leave a namespace at the same time; but they do not do so again and again.
        //= SIO5-DIS-01
        if self.echoes.len() > 1 && self.echoes.len() == self.leaves {
            for place in &self.echoes {
                book.violated("SIO5-DIS-01", place, "the server answers the DISCONNECT");
            }
        }
        for (name, member) in &self.members {
            for place in member.welcomes.iter().skip(member.asked) {
                book.violated("SIO5-CON-02", place, format!("the client has not asked to join {name}"));
            }
        }
    }

    fn member(&mut self, name: &str) -> &mut Member {
        self.members.entry(name.to_owned()).or_default()
    }
}

/// The name of a packet's namespace. A client of protocol 4 puts a query behind it.
//= SIO4-CON-06
pub(super) fn name(revision: Revision, packet: &Packet) -> &str {
    let name = packet.namespace.as_str();
    match revision {
        Revision::Three => name.split('?').next().unwrap_or_default(),
        Revision::Four => name,
    }
}

//= SIO5-CON-04
fn refused(book: &mut Book, place: &Place, payload: Option<&Json>) {
    if book.revision == Revision::Three {
        return;
    }
    if field(payload, "message").is_some_and(|message| message.is_string()) {
        book.fulfilled("SIO5-CON-04", Side::Server);
    } else {
        book.violated("SIO5-CON-04", place, "the refusal is no object with a text message");
    }
}

fn field(payload: Option<&Json>, key: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(payload?.as_str()).ok()?;
    value.get(key).cloned()
}
