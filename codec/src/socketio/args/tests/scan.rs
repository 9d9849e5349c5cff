//! What is refused in JSON text, and where the fault is said to be.

use super::*;

#[test]
fn faults_of_raw_json() {
    use ArgsError::{AttachmentMissing, InvalidJson, NotASequence, TooDeep};
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let table: &[(&str, usize, Result<&str, ArgsError>)] = &[
        ("[]", 0, Ok("")),
        (" [ 1 ]\n", 0, Ok("1")),
        ("{}", 0, Err(NotASequence)),
        ("\"[\"", 0, Err(NotASequence)),
        ("", 0, Err(InvalidJson { offset: 0 })),
        ("[1", 0, Err(InvalidJson { offset: 2 })),
        ("[1,]", 0, Err(InvalidJson { offset: 3 })),
        ("[1] x", 0, Err(InvalidJson { offset: 4 })),
        ("[\n1,\n\"é\" x]", 0, Err(InvalidJson { offset: 10 })),
        ("[\"\n\"]", 0, Err(InvalidJson { offset: 2 })),
        ("[tru]", 0, Err(InvalidJson { offset: 4 })),
        (r#"[{"_placeholder":true,"num":7}]"#, 0, Ok(r#"{"_placeholder":true,"num":7}"#)),
        (r#"[1,{"_placeholder":true,"num":7}]"#, 7, Err(AttachmentMissing { offset: 3 })),
        ("[1]", 1, Ok("1")),
        (&deep(127), 1, Ok(&deep(126))),
        (&deep(128), 1, Err(TooDeep { offset: 127 })),
    ];
    for (json, attachments, expected) in table {
        let args = Args::from_json(*json, vec![Bytes::new(); *attachments]);
        let items = args.as_ref().map(Args::items).map_err(Clone::clone);
        assert_eq!(items, *expected, "{json}");
    }
}

#[test]
fn text_that_was_not_validated_ends_in_a_fault() {
    let whole = r#"["e",{"a":[1,{"_placeholder":true,"num":0}],"b\"":null},"x"]"#;
    for cut in 0..whole.len() {
        assert!(check(&whole.as_bytes()[..cut], 1).is_err(), "{cut}");
        let args = from_wire(&whole[..cut], 5, &[b"x"]);
        assert!(args.decode::<Vec<serde::de::IgnoredAny>>().is_err(), "{cut}");
        let _ = (args.items(), args.is_empty(), args.decode::<(Binary, Binary)>().is_err());
    }
    for junk in ["]", "[}", "[,]", "[:1]", "{1:2}", "\"\\", "[\u{1}]", "[1 2", "{\"a\" 1}", "é"] {
        let _ = check(junk.as_bytes(), 1);
        let _ = from_wire(junk, 9, &[b"x"]).decode::<Vec<Binary>>().is_err();
    }
}
