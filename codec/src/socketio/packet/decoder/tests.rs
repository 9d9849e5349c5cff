//! Messages in any order, and packets both ways. The recorded ones are in `tests/sio_vectors.rs`.

use alloc::string::String;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::engineio::{Encoded, Packet as EnginePacket, Revision};

/// The content of the engine messages.
fn messages(encoded: &Encoded) -> Vec<Frame> {
    let content = |frame| match EnginePacket::parse(Revision::V4, frame) {
        Ok(EnginePacket::Message(content)) => content,
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
    assert_eq!(packet.attachments(), [Bytes::from_static(&[1, 2, 3])]);
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

/// A packet that cannot become one is refused when the reference refuses it; what it waits for is not kept.
//= SIO5-ATT-08
//= SIO5-ATT-17
#[test]
fn placeholders_are_judged_with_the_last_attachment() {
    let mut decoder = Decoder::new(&Limits::default());
    let header = Frame::from(r#"52-["e",{"_placeholder":true,"num":2}]"#);
    let attachment = Frame::Binary(Bytes::from_static(&[1]));
    assert_eq!((decoder.push(header), decoder.push(attachment.clone())), (Ok(None), Ok(None)));
    let DecoderState::Lost { missing: 1, fault: announced } = decoder.state() else { panic!("{decoder:?}") };
    let fault = decoder.push(attachment).unwrap_err();
    assert_eq!((fault.kind, fault.offset), (DecodeErrorKind::IllegalPlaceholder, 8));
    assert_eq!((announced, decoder.state()), (fault, DecoderState::Failed(fault)));

    let reserved = r#"51-["connect",{"_placeholder":true,"num":0}]"#;
    for at_once in ["51-{}", "51-[", "51-[ ", "51-[]", r#"51-["a",]"#, r#"51-["a"]]"#, reserved] {
        assert!(Decoder::new(&Limits::default()).push(Frame::from(at_once)).is_err(), "{at_once}");
    }
}

#[test]
fn the_state_counts_missing_attachments() {
    let mut decoder = Decoder::new(&Limits::default());
    assert_eq!(decoder.state(), DecoderState::Idle);
    for (message, state) in [
        (Frame::from("2[\"e\"]"), DecoderState::Idle),
        (Frame::from("52-[\"e\"]"), DecoderState::Waiting { missing: 2 }),
        (Frame::from(Bytes::new()), DecoderState::Waiting { missing: 1 }),
        (Frame::from(Bytes::new()), DecoderState::Idle),
    ] {
        decoder.push(message).unwrap();
        assert_eq!((decoder.state(), decoder.is_idle()), (state, state == DecoderState::Idle));
    }
}

#[test]
fn long_messages_are_refused() {
    let limits = Limits::default().with_max_payload(10);
    let kind = |frame: Frame| Decoder::new(&limits).push(frame).map_err(|error| error.kind);
    assert!(kind(Frame::from(r#"2["a23456"]"#)).is_err_and(|kind| kind == DecodeErrorKind::TooLong));
    assert!(kind(Frame::from(r#"2["a2345"]"#)).is_ok());
    let mut decoder = Decoder::new(&limits);
    assert_eq!(decoder.push(Frame::from(r#"51-["a"]"#)), Ok(None));
    let fault = decoder.push(Frame::Binary(Bytes::from_static(&[0; 11]))).unwrap_err();
    assert_eq!((fault.kind, fault.offset), (DecodeErrorKind::TooLong, 10));
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
            prop_assert_eq!(read(&messages(&packet.encode())), Some(Ok(packet)));
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
    assert_eq!(error.kind, DecodeErrorKind::TooManyPlaceholders);
}
