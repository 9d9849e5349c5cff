//! What is written for which type.

use serde::ser::SerializeMap as _;

use super::*;
use crate::engineio::Sid;
use crate::frame::Frame;
use crate::socketio::{Json, Namespace, Outgoing, Packet, PacketKind, Protocol};

//= SIO5-ATT-01
//= SIO5-PKT-22
#[test]
fn binaries_are_numbered_in_order_of_appearance() {
    #[derive(Serialize)]
    struct Deep {
        a: Vec<Binary>,
        b: Option<Binary>,
        c: BTreeMap<&'static str, Binary>,
    }
    let deep = Deep {
        a: vec![bin(b"1"), bin(b"2")],
        b: Some(bin(b"")),
        c: BTreeMap::from([("x", bin(b"4")), ("y", bin(b"5"))]),
    };
    let args = Args::encode(&(bin(b"0"), deep, "s", bin(b"6"))).unwrap();
    let holder = |num: usize| format!(r#"{{"_placeholder":true,"num":{num}}}"#);
    let [zero, one, two, three, four, five, six] = core::array::from_fn(holder);
    assert_eq!(
        args.items(),
        format!(r#"{zero},{{"a":[{one},{two}],"b":{three},"c":{{"x":{four},"y":{five}}}}},"s",{six}"#)
    );
    let sent: Vec<&[u8]> = args.attachments().iter().map(|bytes| &bytes[..]).collect();
    assert_eq!(sent, [&b"0"[..], b"1", b"2", b"", b"4", b"5", b"6"]);
}

//= SIO5-PKT-23
#[test]
fn numbers_without_json_form_become_null() {
    let args = Args::encode(&("a", f64::NAN, f64::INFINITY, f32::NEG_INFINITY, 1.5)).unwrap();
    assert_eq!(args.items(), r#""a",null,null,null,1.5"#);
}

#[test]
fn only_sequences_are_arguments() {
    #[derive(Serialize)]
    struct Unit;
    #[derive(Serialize)]
    struct Pair(u8, u8);
    #[derive(Serialize)]
    struct Wrapped<T>(T);
    #[derive(Serialize)]
    struct Fields {
        a: u8,
    }
    #[derive(Serialize)]
    enum Variants {
        Unit,
        Tuple(u8, u8),
    }

    let text = |args: Result<Args, ArgsError>| args.map(|args| args.items().to_string());
    assert_eq!(text(Args::encode(&())), Ok("".into()));
    assert_eq!(text(Args::encode(&Unit)), Ok("".into()));
    assert_eq!(text(Args::encode(&[0_u8; 0])), Ok("".into()));
    assert_eq!(text(Args::encode(&Pair(1, 2))), Ok("1,2".into()));
    assert_eq!(text(Args::encode(&Wrapped((1, "a")))), Ok(r#"1,"a""#.into()));
    assert_eq!(text(Args::encode(&vec![1, 2][..])), Ok("1,2".into()));
    assert_eq!(text(Args::encode(&((), None::<u8>))), Ok("null,null".into()));

    let refused = Err(ArgsError::NotASequence);
    assert_eq!(Args::encode("text"), refused);
    assert_eq!(Args::encode(&1), refused);
    assert_eq!(Args::encode(&f64::NAN), refused);
    assert_eq!(Args::encode(&None::<(u8,)>), refused);
    assert_eq!(Args::encode(&Some((1,))), refused);
    assert_eq!(Args::encode(&Wrapped(1)), refused);
    assert_eq!(Args::encode(&Fields { a: 1 }), refused);
    assert_eq!(Args::encode(&BTreeMap::from([("a", 1)])), refused);
    assert_eq!(Args::encode(&Variants::Unit), refused);
    assert_eq!(Args::encode(&Variants::Tuple(1, 2)), refused);
    assert_eq!(Args::encode(&bin(b"x")), refused);
}

#[test]
fn what_json_cannot_carry_is_refused() {
    struct Fails;
    impl Serialize for Fails {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no"))
        }
    }
    let keys = BTreeMap::from([(vec![1, 2], "list as key")]);
    let refused = ArgsError::unrepresentable;
    assert_eq!(Args::encode(&(1, keys)), Err(refused("key must be a string")));
    assert_eq!(Args::encode(&(1, Fails)), Err(refused("no")));

    let (mut json, mut attachments) = (String::from("before"), vec![Bytes::new()]);
    let args = (bin(b"x"), Fails);
    let failed = append(&mut json, &mut attachments, &[], Prefix::Name, &args);
    assert_eq!(failed.map_err(|reason| ArgsError::unwritten(reason, &args)), Err(refused("no")));
    assert_eq!((&json[..], attachments.len()), ("before", 1));
}

/// An object with one member, its key written as a formatted value.
struct Displayed(&'static str, bool);

impl Serialize for Displayed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Key(&'static str);
        impl Serialize for Key {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self.0)
            }
        }
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(&Key(self.0), &self.1)?;
        map.end()
    }
}

//= SIO5-ATT-14
//= SIO5-ATT-19
#[test]
fn data_that_looks_like_a_placeholder() {
    #[derive(Serialize)]
    struct Lookalike<T> {
        _placeholder: T,
        num: u8,
    }
    #[derive(Serialize)]
    struct Swallowing {
        _placeholder: bool,
        num: u8,
        extra: Binary,
    }
    #[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
    enum Named {
        #[serde(rename = "_placeholder")]
        Placeholder,
    }
    #[derive(Serialize)]
    enum Holding {
        #[serde(rename = "_placeholder")]
        Placeholder(bool),
    }

    // Confused with an attachment only where there is one.
    let lookalike = Lookalike { _placeholder: true, num: 0 };
    let args = Args::encode(&("a", lookalike)).unwrap();
    assert_eq!(args.items(), r#""a",{"_placeholder":true,"num":0}"#);
    type Plain<'a> = (&'a str, serde_json::Value);
    let (_, plain): Plain<'_> = args.decode().unwrap();
    assert_eq!(plain, serde_json::json!({"_placeholder": true, "num": 0}));

    let refused = Err(ArgsError::PlaceholderInData);
    let yes = || Lookalike { _placeholder: true, num: 0 };
    let swallowing = Swallowing { _placeholder: true, num: 0, extra: bin(b"x") };
    assert_eq!(Args::encode(&(yes(), bin(b"x"))), refused);
    assert_eq!(Args::encode(&(bin(b"x"), vec![Some(yes())])), refused);
    assert_eq!(Args::encode(&(swallowing,)), refused);
    assert_eq!(Args::encode(&(BTreeMap::from([("_placeholder", true)]), bin(b"x"))), refused);
    let by_variant = BTreeMap::from([(Named::Placeholder, true)]);
    assert_eq!(Args::encode(&(by_variant, bin(b"x"))), refused);
    assert_eq!(Args::encode(&(Holding::Placeholder(true), bin(b"x"))), refused);
    assert_eq!(Args::encode(&(Displayed("_placeholder", true), bin(b"x"))), refused);
    let built = Args::builder().binary(Bytes::new()).arg(&yes()).unwrap().build();
    assert_eq!(built, refused);

    // Not every mention is one.
    assert!(Args::encode(&(Lookalike { _placeholder: false, num: 0 }, bin(b"x"))).is_ok());
    assert!(Args::encode(&(Lookalike { _placeholder: "true", num: 0 }, bin(b"x"))).is_ok());
    assert!(Args::encode(&("_placeholder", Displayed("shown", true), bin(b"x"))).is_ok());
}

#[test]
fn built_like_encoded() {
    let shared = Bytes::from_static(b"shared");
    let built = Args::builder()
        .arg("a")
        .and_then(|builder| builder.binary(shared.clone()).arg(&vec![bin(b"x")]))
        .and_then(|builder| builder.binary(shared.clone()).build())
        .unwrap();
    let encoded = Args::encode(&("a", bin(b"shared"), [bin(b"x")], bin(b"shared"))).unwrap();
    assert_eq!(built, encoded);
    assert_eq!(built.attachments()[2].as_ptr(), shared.as_ptr());
    assert_eq!(Args::builder().build(), Ok(Args::empty()));

    let many = (0..12).fold(Args::builder(), |builder, _| builder.binary(Bytes::new()));
    assert_eq!(many.build(), Args::encode(&vec![bin(b""); 12]));
}

/// What separates packets, and every other control character, is escaped in JSON; raw it is no JSON. So that no text of
/// the program's but a namespace's name can break a polling body.
//= EIO4-PLD-07
//= SIO5-PKT-22
#[test]
fn no_control_character_reaches_the_wire() {
    let root = Namespace::root();
    for control in (0..0x20_u8).map(char::from) {
        let text = format!("a{control}b");
        let key = BTreeMap::from([(text.as_str(), text.as_str())]);
        let event = Outgoing::event(&root, &text).encode(&(&text, &key, control)).unwrap();
        let kind = PacketKind::Event { name: text.clone().into(), args: Args::encode(&(&text,)).unwrap(), ack: None };
        let packet = Packet { namespace: root.clone(), kind };
        let auth = Json::encode(&key).unwrap();
        let refusal = Packet::refused(Protocol::V5, root.clone(), &text, Some(&auth));
        let old_refusal = Packet::refused(Protocol::V4, root.clone(), &text, None);
        let welcome =
            Packet::connected_with_pid(Protocol::V5, root.clone(), &Sid::as_given(&text), &Sid::as_given(&text));
        let all = [packet.encode(), refusal.encode(), old_refusal.encode(), welcome.encode(), event];
        for frame in all.iter().flat_map(|encoded| encoded.frames()) {
            let Frame::Text(frame) = frame else { panic!("no text") };
            assert!(frame.as_bytes().iter().all(|byte| *byte >= b' '), "{frame}");
        }
        let quoted = format!("[\"{text}\"]");
        assert_eq!(Args::from_json(&*quoted, vec![]), Err(ArgsError::InvalidJson { offset: 3 }), "{control:?}");
        assert_eq!(Json::new(Text::from(quoted)), Err(ArgsError::InvalidJson { offset: 3 }), "{control:?}");
        let is_space = matches!(control, '\t' | '\n' | '\r');
        assert_eq!(Args::from_json(format!("[1,{control}2]"), vec![]).is_ok(), is_space, "{control:?}");
        assert_eq!(Json::new(Text::from(format!("{{{control}}}"))).is_ok(), is_space, "{control:?}");
    }
}
