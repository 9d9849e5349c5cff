//! Every shape of serde's data model reads with attachments as it does without.

use super::*;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Shape<B> {
    Unit,
    Newtype(B),
    Tuple(u8, B),
    Struct { body: B, note: Option<String> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Wrapper<B>(B);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct TupleStruct<B>(u128, B);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Everything<B> {
    shapes: Vec<Shape<B>>,
    wrapper: Wrapper<B>,
    tuple: TupleStruct<B>,
    some: Option<Option<B>>,
    none: Option<B>,
    by_number: BTreeMap<i16, B>,
    by_bool: BTreeMap<bool, B>,
    by_char: BTreeMap<char, B>,
    by_text: BTreeMap<String, (B, f64)>,
    by_wide: BTreeMap<u128, B>,
    huge: (u128, i128, u64, i64, f64, char, ()),
}

fn everything<B: Clone>(body: B) -> Everything<B> {
    let b = || body.clone();
    Everything {
        shapes: vec![
            Shape::Unit,
            Shape::Newtype(b()),
            Shape::Tuple(7, b()),
            Shape::Struct { body: b(), note: Some("é\"".into()) },
        ],
        wrapper: Wrapper(b()),
        tuple: TupleStruct(u128::MAX, b()),
        some: Some(Some(b())),
        none: None,
        by_number: BTreeMap::from([(-3, b()), (4, b())]),
        by_bool: BTreeMap::from([(true, b()), (false, b())]),
        by_char: BTreeMap::from([('ß', b()), ('"', b())]),
        by_text: BTreeMap::from([("a\nb".into(), (b(), 0.1))]),
        by_wide: BTreeMap::from([(u128::MAX, b())]),
        huge: (u128::MAX, i128::MIN, u64::MAX, i64::MIN, 1e300, 'x', ()),
    }
}

#[test]
fn binary_in_every_place() {
    let sent = everything(bin(b"body"));
    let args = Args::encode(&(&sent, "end")).unwrap();
    assert_eq!(args.attachments().len(), 14);
    assert_eq!(args.decode::<(Everything<Binary>, &str)>(), Ok((sent, "end")));

    // Borrowed bytes, and a type that asks for a buffer of its own.
    let (borrowed,) = args.decode::<(Everything<Raw<'_>>,)>().unwrap();
    assert_eq!(borrowed.wrapper.0.0.as_ptr(), args.attachments()[3].as_ptr());
    assert_eq!(borrowed, everything(Raw(b"body")));
    assert_eq!(args.decode::<(Everything<Owned>,)>(), Ok((everything(Owned(b"body".into())),)));
}

#[test]
fn other_values_next_to_binary() {
    // The same structure without any binary, once read by `serde_json` alone, once by our reader.
    for sent in [everything(3_i64), everything(-1)] {
        let plain = Args::encode(&(&sent,)).unwrap();
        assert_eq!(plain.decode(), Ok((sent.clone(),)));
        let mixed = Args::encode(&(&sent, bin(b"x"))).unwrap();
        assert_eq!(mixed.decode(), Ok((sent, bin(b"x"))));
    }
}

/// What `bytes::Bytes` and `serde_bytes::ByteBuf` do.
#[derive(Clone, Debug, PartialEq)]
struct Owned(Vec<u8>);

impl<'de> Deserialize<'de> for Owned {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OwnedVisitor;
        impl serde::de::Visitor<'_> for OwnedVisitor {
            type Value = Owned;

            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Owned, E> {
                Ok(Owned(bytes.into()))
            }
        }
        deserializer.deserialize_byte_buf(OwnedVisitor)
    }
}

#[test]
fn buffered_by_serde() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "type")]
    enum Tagged {
        File { body: Binary },
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Bytes(Binary),
        Text(String),
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Flat {
        id: u8,
        #[serde(flatten)]
        rest: BTreeMap<String, Binary>,
    }
    let sent = (
        Tagged::File { body: bin(b"1") },
        vec![Untagged::Text("t".into()), Untagged::Bytes(bin(b"2"))],
        Flat { id: 9, rest: BTreeMap::from([("x".into(), bin(b"3"))]) },
    );
    let args = Args::encode(&sent).unwrap();
    assert_eq!(args.attachments().len(), 3);
    assert_eq!(args.decode(), Ok(sent));
}

#[test]
fn unknown_members_are_ignored() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Wanted {
        a: u8,
        b: Binary,
    }
    let holder = r#"{"_placeholder":true,"num":0}"#;
    let json = format!(r#"[{{"x":[{holder},{{"y":{holder}}}],"a":1,"z":{holder},"b":{holder}}}]"#);
    assert_eq!(ack(&json, &[b"b"]).decode(), Ok((Wanted { a: 1, b: bin(b"b") },)));
    // A struct may come as a list of its fields.
    assert_eq!(ack(&format!("[[1,{holder}]]"), &[b"b"]).decode(), Ok((Wanted { a: 1, b: bin(b"b") },)));
}

#[test]
fn misfits_on_the_way_to_a_placeholder() {
    let holder = r#"{"_placeholder":true,"num":0}"#;
    let args = |json: String| ack(&json, &[b"b"]);
    let list = args(format!("[[{holder}]]"));
    let object = args(format!(r#"[{{"k":{holder}}}]"#));
    let binary = args(format!("[{holder}]"));
    let two = args(format!(r#"[{{"Newtype":{holder},"Tuple":0}}]"#));
    assert_eq!(failure::<(BTreeMap<String, Binary>,)>(&list), Some(0));
    assert_eq!(failure::<(Shape<Binary>,)>(&list), Some(0));
    assert_eq!(failure::<((Binary, Binary),)>(&list), Some(0));
    assert_eq!(failure::<((),)>(&list), Some(0));
    assert_eq!(failure::<(&[u8],)>(&list), Some(0));
    assert_eq!(failure::<(Vec<Binary>,)>(&object), Some(0));
    assert_eq!(failure::<(BTreeMap<u8, Binary>,)>(&object), Some(0));
    assert_eq!(failure::<(BTreeMap<bool, Binary>,)>(&object), Some(0));
    assert_eq!(failure::<(Shape<Binary>,)>(&object), Some(0));
    assert_eq!(failure::<(String,)>(&object), Some(0));
    assert_eq!(failure::<(Shape<Binary>,)>(&binary), Some(0));
    assert_eq!(failure::<(BTreeMap<String, bool>,)>(&binary), Some(0));
    assert_eq!(failure::<(Wrapper<u8>,)>(&binary), Some(0));
    assert_eq!(failure::<(Option<bool>,)>(&binary), Some(0));
    assert_eq!(failure::<(Shape<Binary>,)>(&two), Some(0));
    assert!(binary.decode::<(Wrapper<Option<Binary>>,)>().is_ok());
    assert!(list.decode::<(serde::de::IgnoredAny,)>().is_ok());
}

#[test]
fn the_payload_is_the_array_around_the_arguments() {
    let payload = |args: &Args| args.payload().map(|text| String::from(text.as_str()));
    assert_eq!(payload(&Args::encode(&(1, "a")).unwrap()).as_deref(), Some(r#"[1,"a"]"#));
    assert_eq!(payload(&Args::empty()).as_deref(), Some("[]"));
    assert_eq!(payload(&Args::from_json(" [1, 2] ", vec![]).unwrap()).as_deref(), Some("[1, 2] "));
    #[cfg(feature = "msgpack")]
    assert_eq!(payload(&Args::encode_with(Parser::MsgPack, &(1,)).unwrap()), None);
}

/// In whatever order a peer writes the members of an object, and whatever it adds, leaves out or says twice, a struct reads
/// the same from both forms.
//= MSG-07: any key order and any integer width
#[cfg(feature = "msgpack")]
#[test]
fn the_members_of_a_struct_come_in_any_order() {
    struct Members(&'static [(&'static str, u8)]);
    impl Serialize for Members {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().copied())
        }
    }
    #[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
    struct Fields {
        a: u8,
        #[serde(alias = "bee")]
        b: u8,
        #[serde(default, rename = "é")]
        e: u8,
        #[serde(default, rename = "a name of more than thirty-one bytes")]
        long: u8,
    }
    let fields = |a, b, e, long| Some(Fields { a, b, e, long });
    for (members, expected) in [
        (&[("a", 1), ("b", 2), ("é", 3), ("a name of more than thirty-one bytes", 4)][..], fields(1, 2, 3, 4)),
        (&[("a name of more than thirty-one bytes", 4), ("é", 3), ("b", 2), ("a", 1)], fields(1, 2, 3, 4)),
        (&[("b", 2), ("a", 1), ("é", 3)], fields(1, 2, 3, 0)),
        (&[("a", 1), ("ab", 9), ("", 9), ("bee", 2)], fields(1, 2, 0, 0)),
        (&[("é", 3), ("b", 2)], None),
        (&[("a", 1), ("b", 2), ("a", 1)], None),
        (&[], None),
    ] {
        for parser in [Parser::Json, Parser::MsgPack] {
            let args = Args::encode_with(parser, &(Members(members),)).unwrap();
            assert_eq!(args.decode::<(Fields,)>().ok().map(|(fields,)| fields), expected, "{members:?} {parser:?}");
        }
    }
}
