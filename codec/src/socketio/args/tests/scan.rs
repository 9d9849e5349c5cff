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
        let items = args.as_ref().map(Args::items).map_err(|error| *error);
        assert_eq!(items, *expected, "{json}");
    }
}

//= shown by rows of a table:
//= SIO5-ATT-08
//= SIO5-ATT-11
//= SIO5-ATT-12
//= SIO5-ATT-13
#[test]
fn placeholders_are_checked() {
    let fine = Ok(());
    let fault = |offset| Err(JsonFault::placeholder(offset));
    let table: &[(&str, Result<(), JsonFault>)] = &[
        (r#"["e"]"#, fine),
        (r#"["e",{"_placeholder":true,"num":1}]"#, fine),
        (r#"[{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]"#, fine),
        (r#"["e",{"num":1,"x":[{}],"_placeholder":true}]"#, fine),
        (r#"["e",{"\u005fplaceholder":true,"n\u0075m":2}]"#, fault(5)),
        (r#"["e",{"_placeholder":true,"num":2}]"#, fault(5)),
        (r#"["e",[{"a":{"_placeholder":true,"num":2}}]]"#, fault(11)),
        (r#"["e",{"_placeholder":true}]"#, fault(5)),
        (r#"["e",{"_placeholder":true,"num":null}]"#, fault(5)),
        (r#"["e",{"_placeholder":true,"num":"0"}]"#, fault(5)),
        (r#"["e",{"_placeholder":true,"num":[0]}]"#, fault(5)),
        (r#"["e",{"_placeholder":true,"num":-1}]"#, fault(5)),
        (r#"["e",{"_placeholder":true,"num":0.5}]"#, fault(5)),
        (r#"["e",{"_placeholder":true,"num":1e99}]"#, fault(5)),
        (r#"["e",{"_placeholder":true,"num":1e999}]"#, fault(5)),
        (r#"["e",{"_placeholder":true,"num":18446744073709551616}]"#, fault(5)),
        (r#"["e",{"_placeholder":true,"num":0e1}, {"num":-0,"_placeholder" : true }]"#, fine),
        (r#"["e",{"_placeholder":true,"num":1.0}]"#, fine),
        // Data, whatever `num` is.
        (r#"["e",{"_placeholder":"true","num":9}]"#, fine),
        (r#"["e",{"_placeholder":1,"num":9},{"_placeholder":false,"num":9}]"#, fine),
        (r#"["e",{"_placeholder":[true],"num":9},{"num":9},{"_Placeholder":true}]"#, fine),
        (r#"["_placeholder",true,"{\"_placeholder\":true}"]"#, fine),
        // The last of two equal keys counts.
        (r#"["e",{"_placeholder":true,"num":9,"_placeholder":false}]"#, fine),
        (r#"["e",{"_placeholder":true,"num":9,"num":1}]"#, fine),
        (r#"["e",{"_placeholder":true,"num":1,"num":9}]"#, fault(5)),
        // What is inside a placeholder is dropped, so that its faults do not matter.
        (r#"[{"a":{"_placeholder":true},"_placeholder":true,"num":0}]"#, fine),
        // Only the first fault is reported.
        (r#"[{"_placeholder":true,"num":5},{"_placeholder":true,"num":6}]"#, fault(1)),
    ];
    for (json, expected) in table {
        assert_eq!(check::validate(json.as_bytes()), Ok(()), "{json}");
        assert_eq!(check(json.as_bytes(), 2).map(|_| ()), *expected, "{json}");
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
