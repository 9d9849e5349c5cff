//! The attachment rows of the protocol's test vectors (S5-044 to S5-245).

use super::*;

/// JSON with binaries: `serde_json::Value` has no place for them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    Bytes(Bytes),
    List(Vec<Self>),
    Object(BTreeMap<String, Self>),
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::Bytes(value) => serializer.serialize_bytes(value),
            Self::List(values) => values.serialize(serializer),
            Self::Object(members) => members.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

#[expect(clippy::cast_precision_loss, reason = "the tests use small numbers")]
impl<'de> serde::de::Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("anything")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Number(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Number(value as f64))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Number(value as f64))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(value.into()))
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Tree, E> {
        Ok(Tree::Bytes(Bytes::copy_from_slice(value)))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Tree::List(values))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((key, value)) = map.next_entry()? {
            members.insert(key, value);
        }
        Ok(Tree::Object(members))
    }
}

fn bytes(value: &'static [u8]) -> Tree {
    Tree::Bytes(Bytes::from_static(value))
}

fn object<const N: usize>(members: [(&str, Tree); N]) -> Tree {
    Tree::Object(members.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

//= SIO5-ATT-12
//= SIO5-ATT-13
//= SIO5-ATT-18
#[test]
fn placeholders_are_replaced() {
    let yes = Tree::Bool(true);
    let zero = Tree::Number(0.0);
    let shown = |marker: Tree| vec![object([("_placeholder", marker), ("num", zero.clone())])];
    let one: &[&'static [u8]] = &[&[1, 2, 3]];
    let two: &[&'static [u8]] = &[&[1, 2, 3], &[4]];
    type Row<'a> = (&'a str, &'a str, &'a [&'static [u8]], Vec<Tree>);
    let table: &[Row<'_>] = &[
        ("S5-031", r#"["e",{"_placeholder":true,"num":0}]"#, &[], shown(yes)),
        ("S5-044", r#"["e",{"_placeholder":true,"num":0}]"#, one, vec![bytes(&[1, 2, 3])]),
        (
            "S5-051",
            r#"["e",{"a":[{"b":{"_placeholder":true,"num":0}}]}]"#,
            one,
            vec![object([("a", Tree::List(vec![object([("b", bytes(&[1, 2, 3]))])]))])],
        ),
        (
            "S5-052",
            r#"["e",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#,
            two,
            vec![bytes(&[4]), bytes(&[1, 2, 3])],
        ),
        ("S5-053", r#"["e",{"_placeholder":true,"num":0}]"#, &[&[]], vec![bytes(&[])]),
        ("S5-057", r#"[1,{"_placeholder":true,"num":0}]"#, one, vec![bytes(&[1, 2, 3])]),
        ("S5-116", r#"["e",{"_placeholder":true,"num":0}]"#, two, vec![bytes(&[1, 2, 3])]),
        ("S5-117", r#"["e"]"#, one, vec![]),
        (
            "S5-118",
            r#"["e",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]"#,
            one,
            vec![bytes(&[1, 2, 3]), bytes(&[1, 2, 3])],
        ),
        ("S5-120", r#"["e",{"_placeholder":"true","num":0}]"#, one, shown(Tree::Text("true".into()))),
        ("S5-121", r#"["e",{"_placeholder":false,"num":0}]"#, one, shown(Tree::Bool(false))),
        ("S5-122", r#"["e",{"_placeholder":1,"num":0}]"#, one, shown(Tree::Number(1.0))),
        ("S5-123", r#"["e",{"_placeholder":true,"num":0,"x":1}]"#, one, vec![bytes(&[1, 2, 3])]),
        ("S5-124", r#"["e",{"_placeholder":true,"num":0e1}]"#, one, vec![bytes(&[1, 2, 3])]),
        ("S5-125", r#"["e",{"_placeholder":true,"num":-0}]"#, one, vec![bytes(&[1, 2, 3])]),
    ];
    for (id, array, attachments, expected) in table {
        assert!(check(array.as_bytes(), attachments.len().max(1)).is_ok(), "{id}");
        let args = event(array, attachments);
        assert_eq!(args.decode::<Vec<Tree>>().as_ref(), Ok(expected), "{id}");
    }
}

//= SIO5-ATT-08
//= SIO5-ATT-17
#[test]
fn headers_are_refused_before_attachments_arrive() {
    let table = [
        ("S5-119", r#"["e",{"_placeholder":true,"num":0.5}]"#, 1),
        ("S5-132", r#"["e",{"_placeholder":true,"num":5}]"#, 1),
        ("S5-231", r#"["e",{"_placeholder":true,"num":1}]"#, 1),
        ("S5-232", r#"["e",{"_placeholder":true,"num":-1}]"#, 1),
        ("S5-233", r#"["e",{"_placeholder":true,"num":"0"}]"#, 1),
        ("S5-234", r#"["e",{"_placeholder":true}]"#, 1),
        ("S5-235", r#"["e",{"_placeholder":true,"num":null}]"#, 1),
        ("S5-236", r#"["e",{"_placeholder":true,"num":true}]"#, 1),
        ("S5-237", r#"["e",{"_placeholder":true,"num":1000000000}]"#, 1),
        ("S5-245", r#"["e",{"x":{"_placeholder":true,"num":7}}]"#, 1),
        ("S5-246", r#"["e",{"_placeholder":true,"num":0},{"_placeholder":true,"num":2}]"#, 2),
    ];
    for (id, array, attachments) in table {
        let fault = check(array.as_bytes(), attachments).unwrap_err();
        assert_eq!(fault.kind, JsonFaultKind::Placeholder, "{id}");
    }
}

//= SIO5-ATT-01
#[test]
fn values_are_written_as_the_vectors_say() {
    let holder = r#"{"_placeholder":true,"num":0}"#;
    let second = r#"{"_placeholder":true,"num":1}"#;
    let nested = object([("a", Tree::List(vec![bytes(&[1])])), ("b", bytes(&[]))]);
    let table = [
        ("S5E-016", vec![bytes(&[1, 2, 3, 4])], holder.to_string()),
        ("S5E-017", vec![bytes(&[1, 2]), bytes(&[3, 4])], format!("{holder},{second}")),
        ("S5E-018", vec![nested], format!(r#"{{"a":[{holder}],"b":{second}}}"#)),
        ("S5E-022", vec![Tree::Number(f64::NAN)], "null".into()),
        ("S5E-024", vec![bytes(&[1]), bytes(&[1])], format!("{holder},{second}")),
    ];
    for (id, args, expected) in table {
        assert_eq!(Args::encode(&args).unwrap().items(), expected, "{id}");
    }
}
