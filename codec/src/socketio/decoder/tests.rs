//! The recorded packets, both ways.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::engineio::{Encoded, Packet as EnginePacket, Revision};
use crate::socketio::{AckId, ArgsError, Namespace};
use crate::vectors::{self, Data, frame, frame_value, list, text};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Decision {
    Accepted,
    Refused,
}
use Decision::{Accepted, Refused};

/// What becomes of input that the reference accepts outside its own grammar. Every such vector is in one row.
const LENIENT: &[(Decision, &str, &[u16])] = &[
    (Refused, "nothing and white space are no packet type: SIO5-PKT-06, DIV-17", &[71, 72, 73]),
    (Refused, "white space is no digit of an id: SIO5-PKT-17, DIV-17, DIV-36", &[74, 92, 93, 94, 95, 96]),
    (Refused, "an id above 2^53 - 1 would not come back as it was sent: SIO5-PKT-17", &[98, 99]),
    (Refused, "events and acknowledgements have a payload: SIO5-PKT-14, DIV-18", &[86, 87, 88, 89, 101, 102, 108]),
    (Refused, "an acknowledgement without an id acknowledges nothing: grammar of 3.1", &[103, 104, 126]),
    (Refused, "a count is plain digits: grammar of 3.1, DIV-17", &[110, 111, 112, 113, 114, 115, 127]),
    (Refused, "half an attachment does not exist: SIO5-ATT-11", &[119]),
    (Accepted, "an id that means nothing is ignored: SIO5-PKT-20", &[75, 81, 84, 85, 107]),
    (Accepted, "the comma may be missing at the end: SIO5-PKT-02", &[76, 83]),
    (Accepted, "the main namespace may be written: SIO5-PKT-03", &[77, 78, 79, 90]),
    (Accepted, "all up to the comma is the namespace: SIO5-PKT-04", &[80, 82]),
    (Accepted, "white space around JSON belongs to it: RFC 8259", &[91]),
    (Accepted, "leading zeros are dropped: SIO5-PKT-19, and counts alike", &[97, 109]),
    (Accepted, "of duplicate keys the last one wins: SIO5-PKT-21", &[100]),
    (Accepted, "a refusal may come without words: SIO5-PKT-13", &[105, 106]),
    (Accepted, "attachments may be named often or never: SIO5-ATT-13", &[116, 117, 118]),
    (Accepted, "only boolean `true` makes a placeholder: SIO5-ATT-12", &[120, 121, 122, 123]),
    (Accepted, "a whole number is one, however it is written: SIO5-ATT-11", &[124, 125]),
];

/// What the reference waits for attachments with, though no attachment can make it a packet.
const REFUSED_EARLY: &[(&str, &[u16])] = &[
    ("the payload is checked before attachments are waited for: SIO5-PKT-14, SIO5-ATT-17", &[131]),
    ("placeholders are checked before attachments are waited for: SIO5-ATT-08", &[132]),
];

struct Decoded {
    packets: Vec<Value>,
    /// The index of the frame that was refused.
    refused_at: Option<usize>,
}

fn decode(vector: &Value) -> Decoded {
    let mut decoder = Decoder::new(&Limits::default());
    let mut packets = Vec::new();
    for (at, message) in list(vector, "frames").iter().enumerate() {
        match decoder.push(frame(message)) {
            Ok(packet) => packets.extend(packet.as_ref().map(packet_value)),
            Err(_) => return Decoded { packets, refused_at: Some(at) },
        }
    }
    Decoded { packets, refused_at: None }
}

/// A packet as the vectors write it.
fn packet_value(packet: &Packet) -> Value {
    let data = |json: &Json| json.decode::<Data>().unwrap().0;
    let array = |args: &Args| args.decode::<Vec<Data>>().unwrap().into_iter().map(|Data(value)| value);
    let (kind, id, data) = match &packet.kind {
        PacketKind::Connect { payload } => (0, None, payload.as_ref().map(data)),
        PacketKind::Disconnect => (1, None, None),
        PacketKind::Event { name, args, ack } => {
            let named = [json!(name.as_str())].into_iter().chain(array(args));
            (2, ack.map(AckId::value), Some(named.collect()))
        }
        PacketKind::Ack { id, args } => (3, Some(id.value()), Some(array(args).collect())),
        PacketKind::ConnectError { payload } => (4, None, payload.as_ref().map(data)),
    };
    packet_of(kind, packet.namespace.as_str(), id, data)
}

fn packet_of(kind: u64, namespace: &str, id: Option<u64>, data: Option<Value>) -> Value {
    json!({"type": kind, "nsp": namespace, "id": id, "data": data})
}

/// What a vector expects, in our model: a numeric name is its text, and ids are where they mean something.
fn expected(vector: &Value) -> Vec<Value> {
    let model = |packet: &Value| {
        let kind = packet["type"].as_u64().unwrap();
        let mut data = packet.get("data").cloned();
        if let (2, Some(name)) = (kind, data.as_mut().and_then(|data| data.get_mut(0)))
            && name.is_number()
        {
            *name = json!(name.to_string());
        }
        let id = packet["id"].as_u64().filter(|_| matches!(kind, 2 | 3));
        packet_of(kind, text(packet, "nsp"), id, data)
    };
    list(vector, "decoded").iter().map(model).collect()
}

fn number(vector: &Value) -> u16 {
    text(vector, "id").trim_start_matches("S5-").parse().unwrap()
}

//= SIO5-ATT-05
//= SIO5-ATT-06
//= SIO5-ATT-07
//= SIO5-ATT-10
//= SIO5-ATT-14
//= SIO5-ATT-18
//= SIO5-ATT-20
//= SIO5-PKT-01
//= SIO5-PKT-07
//= SIO5-PKT-08
//= SIO5-PKT-09
//= SIO5-PKT-10
//= SIO5-PKT-15
//= SIO5-PKT-16
//= SIO5-PKT-21
#[test]
fn recorded_packets() {
    for vector in vectors::sio5_packet_decode() {
        let id = number(&vector);
        let decoded = decode(&vector);
        let decision = match text(&vector, "verdict") {
            "valid" => Accepted,
            "invalid" => Refused,
            "incomplete" => {
                let early = REFUSED_EARLY.iter().any(|(_, ids)| ids.contains(&id));
                assert_eq!((decoded.packets, decoded.refused_at), (Vec::new(), early.then_some(0)), "{vector}");
                continue;
            }
            "lenient" => {
                let rows: Vec<_> = LENIENT.iter().filter(|(_, _, ids)| ids.contains(&id)).collect();
                assert_eq!(rows.len(), 1, "one decision: {vector}");
                rows[0].0
            }
            other => panic!("{other}"),
        };
        match decision {
            Accepted => assert_eq!((decoded.packets, decoded.refused_at), (expected(&vector), None), "{vector}"),
            Refused => {
                let at = decoded.refused_at.unwrap_or_else(|| panic!("accepted: {vector}"));
                // Faults of placeholders show in the header here, and with the last attachment in the reference.
                assert!(vector["error_at"].as_u64().is_none_or(|theirs| at as u64 <= theirs), "{vector}");
                let before = if text(&vector, "verdict") == "invalid" { expected(&vector) } else { Vec::new() };
                assert_eq!(decoded.packets, before, "{vector}");
            }
        }
    }
}

/// Packets that this crate does not write as the reference does.
enum Other {
    Frames(&'static [&'static str]),
    Refused(ArgsError),
}

const WRITTEN_OTHERWISE: &[(&str, &str, Other)] = &[
    ("S5E-025", "names are text", Other::Frames(&[r#"2["5"]"#])),
    (
        "S5E-028",
        "the receiver could not tell data from placeholder: SIO5-ATT-19, DIV-19",
        Other::Refused(ArgsError::PlaceholderInData),
    ),
];

//= SIO5-ACK-12
//= SIO5-ATT-01
//= SIO5-ATT-02
//= SIO5-ATT-03
//= SIO5-ATT-19
//= SIO5-CON-04
//= SIO5-PKT-01
//= SIO5-PKT-22
//= SIO5-PKT-23
//= SRV-MW-02
#[test]
fn recorded_encodings() {
    for vector in vectors::sio5_packet_encode() {
        let id = text(&vector, "id");
        let other = WRITTEN_OTHERWISE.iter().find(|(other, _, _)| *other == id).map(|(_, _, other)| other);
        let packet = match (packet_from(&vector["packet"]), other) {
            (Ok(packet), _) => packet,
            (Err(error), Some(Other::Refused(expected))) => {
                assert_eq!(error, *expected, "{id}");
                continue;
            }
            (Err(error), _) => panic!("{id}: {error}"),
        };
        let expected = match other {
            Some(Other::Frames(frames)) => frames.iter().map(|text| json!({"text": text})).collect(),
            _ => list(&vector, "frames").to_vec(),
        };
        assert_eq!(messages(&packet.encode()), expected, "{id}");
    }
}

fn packet_from(value: &Value) -> Result<Packet, ArgsError> {
    let payload = || value.get("data").map(|data| Json::new(Text::from(data.to_string()))).transpose();
    let id = || value["id"].as_u64().and_then(AckId::new);
    let kind = match value["type"].as_u64() {
        Some(0) => PacketKind::Connect { payload: payload()? },
        Some(1) => PacketKind::Disconnect,
        Some(2) => {
            let (name, args) = list(value, "data").split_first().unwrap();
            let name = name.as_str().map_or_else(|| name.to_string(), String::from);
            let args: Vec<_> = args.iter().cloned().map(Data).collect();
            PacketKind::Event { name: Text::from(name), args: Args::encode(&args)?, ack: id() }
        }
        Some(3) => {
            let args: Vec<_> = list(value, "data").iter().cloned().map(Data).collect();
            PacketKind::Ack { args: Args::encode(&args)?, id: id().unwrap() }
        }
        Some(4) => {
            let data = &value["data"];
            let more = data.get("data").map(|data| Json::encode(data).unwrap());
            PacketKind::ConnectError { payload: Some(Json::refusal(text(data, "message"), more.as_ref())) }
        }
        other => panic!("{other:?}"),
    };
    Ok(Packet { namespace: Namespace::new(text(value, "nsp")).unwrap(), kind })
}

/// The content of the engine messages.
fn messages(encoded: &Encoded) -> Vec<Value> {
    let content = |frame| match EnginePacket::parse(Revision::V4, frame) {
        Ok(EnginePacket::Message(content)) => frame_value(&content),
        other => panic!("{other:?}"),
    };
    encoded.frames().map(content).collect()
}

//= SIO5-ATT-15
#[test]
fn base64_messages_are_attachments_too() {
    let mut decoder = Decoder::new(&Limits::default());
    assert_eq!(decoder.push(Frame::from(r#"51-["e",{"_placeholder":true,"num":0}]"#)), Ok(None));
    let Ok(EnginePacket::Message(attachment)) = EnginePacket::parse(Revision::V4, Frame::from("bAQID")) else {
        panic!("no message")
    };
    let packet = decoder.push(attachment).unwrap().unwrap();
    assert_eq!(packet_value(&packet)["data"], json!(["e", {"$bin": "010203"}]));
}

//= SIO5-ERR-04
#[test]
fn after_a_fault_nothing_is_decoded() {
    let mut decoder = Decoder::new(&Limits::default());
    let fault = decoder.push(Frame::from("2[]")).unwrap_err();
    assert_eq!((fault.kind, fault.offset), (DecodeErrorKind::InvalidPayload, 2));
    assert_eq!(decoder.push(Frame::from(r#"2["a"]"#)), Err(fault));
    assert_eq!(decoder.push(Frame::Binary(Bytes::new())), Err(fault));
}

//= SIO5-ATT-06
//= SIO5-ATT-07
#[test]
fn messages_in_the_wrong_place() {
    let kind = |frames: &[Frame]| {
        let mut decoder = Decoder::new(&Limits::default());
        frames.iter().find_map(|frame| decoder.push(frame.clone()).err()).map(|error| error.kind)
    };
    let header = Frame::from(r#"52-["e"]"#);
    let attachment = Frame::Binary(Bytes::from_static(&[1]));
    assert_eq!(kind(core::slice::from_ref(&attachment)), Some(DecodeErrorKind::UnexpectedAttachment));
    assert_eq!(kind(&[header.clone(), Frame::from("0")]), Some(DecodeErrorKind::AttachmentExpected));
    let [a, b, c] = [&attachment; 3].map(Clone::clone);
    assert_eq!(kind(&[header, a, b, c]), Some(DecodeErrorKind::UnexpectedAttachment));
}

proptest! {
    //= SIO5-ERR-06
    #[test]
    fn l3_any_messages_are_decoded_or_refused(frames in prop::collection::vec(any_frame(), 0..8)) {
        let mut decoder = Decoder::new(&Limits::default());
        for frame in frames {
            let _ = decoder.push(frame);
        }
    }

    /// Every packet that is let in can be written, and reads the same.
    #[test]
    fn l8_what_is_decoded_is_encoded_to_the_same(text in likely_text(), attachments in prop::collection::vec(any::<Vec<u8>>(), 3)) {
        let read = |frames: &[Frame]| {
            let mut decoder = Decoder::new(&Limits::default());
            frames.iter().find_map(|frame| decoder.push(frame.clone()).transpose())
        };
        let attachments = attachments.into_iter().map(|bytes| Frame::Binary(Bytes::from(bytes)));
        let frames: Vec<_> = [Frame::Text(Text::from(text))].into_iter().chain(attachments).collect();
        if let Some(Ok(packet)) = read(&frames) {
            let again: Vec<_> = messages(&packet.encode()).iter().map(frame).collect();
            prop_assert_eq!(read(&again), Some(Ok(packet)));
        }
    }
}

fn any_frame() -> impl Strategy<Value = Frame> {
    prop_oneof![
        likely_text().prop_map(|text| Frame::Text(Text::from(text))),
        ".*".prop_map(|text| Frame::Text(Text::from(text))),
        any::<Vec<u8>>().prop_map(|bytes| Frame::Binary(bytes.into())),
    ]
}

/// Pieces of packets in an order that is often right.
fn likely_text() -> impl Strategy<Value = String> {
    let piece = |options: &'static [&'static str]| prop::sample::select(options);
    (
        piece(&["0", "1", "2", "3", "4", "51-", "62-", "53-", "7"]),
        piece(&["", "", "/a,", "/", "/é?x=1,"]),
        piece(&["", "", "0", "12", "9007199254740991", "-1"]),
        piece(&["", "[", "{}", r#"{"message":"x","data":[1]}"#, r#""x""#]),
        prop::collection::vec(
            piece(&[
                r#""a""#,
                "1.5",
                " null ",
                r#""\ud800""#,
                r#""q\"é""#,
                r#"{"_placeholder":true,"num":0}"#,
                r#"{"x":[{"num":1,"_placeholder":true}]}"#,
            ]),
            0..4,
        ),
        piece(&["]", "", " ] "]),
    )
        .prop_map(|(kind, namespace, id, open, items, close)| {
            [kind, namespace, id, open, &items.join(","), close].concat()
        })
}

/// One attachment that is named a thousand times would be a thousand attachments for whoever gets the event next.
//= SIO5-ATT-10
#[test]
fn an_attachment_is_not_named_more_often_than_there_may_be_attachments() {
    let header = |times: usize| {
        let placeholders = alloc::vec![r#"{"_placeholder":true,"num":0}"#; times].join(",");
        Frame::Text(Text::from(alloc::format!(r#"51-["e",{placeholders}]"#)))
    };
    assert_eq!(Decoder::new(&Limits::default()).push(header(10)), Ok(None));
    let error = Decoder::new(&Limits::default()).push(header(11)).unwrap_err();
    assert_eq!(error.kind, DecodeErrorKind::IllegalPlaceholder);
}
