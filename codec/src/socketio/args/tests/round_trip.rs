//! Any value, with binaries anywhere, comes back as it was.

use proptest::prelude::*;

use super::vectors::Tree;
use super::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::collection::vec(any::<char>(), 0..8).prop_map(|text| text.into_iter().collect()),
        Just(r#"{"_placeholder":true,"num":0}"#.into()),
        Just("_placeholder".into()),
        Just("\\\"[]{},:".into()),
    ]
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        Just(Tree::Null),
        any::<bool>().prop_map(Tree::Bool),
        any::<i32>().prop_map(|number| Tree::Number(number.into())),
        (-1000_i16..1000).prop_map(|number| Tree::Number(f64::from(number) / 8.0)),
        text().prop_map(Tree::Text),
        proptest::collection::vec(any::<u8>(), 0..6).prop_map(|b| Tree::Bytes(b.into())),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Tree::List),
            proptest::collection::btree_map(text(), inner, 0..6).prop_map(Tree::Object),
        ]
    })
}

/// How many binaries, and whether an object could be taken for a placeholder.
fn survey(tree: &Tree) -> (usize, bool) {
    let parts: Vec<&Tree> = match tree {
        Tree::Bytes(_) => return (1, false),
        Tree::List(values) => values.iter().collect(),
        Tree::Object(members) => members.values().collect(),
        _ => return (0, false),
    };
    let mut total = (0, false);
    if let Tree::Object(members) = tree {
        total.1 = members.get("_placeholder") == Some(&Tree::Bool(true));
    }
    for part in parts {
        let (binaries, lookalike) = survey(part);
        total = (total.0 + binaries, total.1 || lookalike);
    }
    total
}

/// The binaries in order of appearance.
fn binaries<'t>(tree: &'t Tree, into: &mut Vec<&'t Bytes>) {
    match tree {
        Tree::Bytes(bytes) => into.push(bytes),
        Tree::List(values) => values.iter().for_each(|value| binaries(value, into)),
        Tree::Object(members) => members.values().for_each(|value| binaries(value, into)),
        _ => {}
    }
}

/// Writes the text anew with other white space, keys in reverse and extra keys in placeholders.
fn disguise(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(disguise).collect();
            format!(" [ {} ] ", values.join(" ,\n"))
        }
        Value::Object(members) => {
            let holder = members.get("_placeholder") == Some(&Value::Bool(true));
            let extra = "\"more\":[{\"_placeholder\":true,\"num\":99}]".to_string();
            let members = members.iter().rev().map(|(key, value)| {
                let key = serde_json::to_string(key).unwrap().replace("num", "n\\u0075m");
                format!("\t{key} : {}", disguise(value))
            });
            let members: Vec<String> = members.chain(holder.then_some(extra)).collect();
            format!("{{{}}}", members.join(" , "))
        }
        other => other.to_string(),
    }
}

proptest! {
    //= SIO5-ATT-01
    //= SIO5-ATT-19
    #[test]
    fn encode_wire_decode(args in proptest::collection::vec(tree(), 0..5)) {
        let list = Tree::List(args.clone());
        let (count, lookalike) = survey(&list);
        let encoded = Args::encode(&args);
        if count > 0 && lookalike {
            prop_assert_eq!(encoded, Err(ArgsError::PlaceholderInData));
            return Ok(());
        }
        let encoded = encoded.unwrap();
        let mut expected = Vec::new();
        binaries(&list, &mut expected);
        prop_assert!(encoded.attachments().iter().eq(expected));
        prop_assert_eq!(encoded.decode::<Vec<Tree>>(), Ok(args.clone()));

        // As an event on the wire.
        let mut array = String::from(r#"["na\"me""#);
        let mut items_at = array.len();
        if !encoded.is_empty() {
            array.push(',');
            items_at += 1;
            array.push_str(encoded.items());
        }
        array.push(']');
        prop_assert_eq!(check::validate(array.as_bytes()), Ok(()));
        if count > 0 {
            prop_assert_eq!(check(array.as_bytes(), count), Ok(true));
            prop_assert_eq!(check(array.as_bytes(), count - 1).is_err(), true);
        }
        let attachments = encoded.attachments().to_vec();
        let received = Args::from_wire(Text::from(array), 0, items_at, false, attachments);
        prop_assert_eq!(&received, &encoded);
        prop_assert_eq!(received.decode::<Vec<Tree>>(), Ok(args.clone()));

        // The same from a peer that writes JSON in its own way.
        if count > 0 {
            let value = serde_json::from_str(&format!("[{}]", encoded.items())).unwrap();
            let attachments = encoded.attachments().to_vec();
            let other = Args::from_json(disguise(&value), attachments).unwrap();
            prop_assert_eq!(other.decode::<Vec<Tree>>(), Ok(args));
        }
    }

    #[test]
    fn built_like_encoded(args in proptest::collection::vec(tree(), 0..5)) {
        let built = args.iter().try_fold(Args::builder(), |builder, value| match value {
            Tree::Bytes(bytes) => Ok(builder.binary(bytes.clone())),
            value => builder.arg(value),
        });
        prop_assert_eq!(built.unwrap().build(), Args::encode(&args));
    }

    #[test]
    fn no_text_panics(
        json in r#"([\[\]{},:"\\ 0-9e.-]|true|null|é|"_placeholder":true|"num":0|"a":){0,24}"#,
        items_at in 0_usize..30,
    ) {
        let valid = check::validate(json.as_bytes()).is_ok();
        let checked = check(json.as_bytes(), 1);
        if let (true, Err(fault)) = (valid, checked) {
            prop_assert_eq!(fault.kind, JsonFaultKind::Placeholder);
        }
        let attachments = vec![Bytes::from_static(b"x")];
        let args = Args::from_wire(Text::from(json), 0, items_at, false, attachments);
        let _ = (args.items(), args.is_empty());
        let _ = args.decode::<Vec<Tree>>();
        let _ = args.decode::<(Binary, Option<&[u8]>, BTreeMap<u8, Binary>)>();
    }
}
