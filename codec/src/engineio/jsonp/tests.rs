use alloc::string::ToString as _;

use super::*;
use proptest::prelude::*;

//= EIO4-JSONP-02
#[test]
fn only_digits_reach_the_script() {
    for (j, digits) in [("0", "0"), ("abc1", "1"), ("", ""), ("1](alert(1));//", "11"), ("٣", "")] {
        assert_eq!(Index::from_query(j).as_str(), digits, "{j}");
    }
    assert_eq!(wrap(&Index::from_query("-"), "1:6"), r#"___eio[]("1:6");"#);
}

//= EIO4-JSONP-01
//= EIO4-JSONP-02
//= EIO3-JSONP-01
#[test]
fn the_script_is_javascript_and_not_only_json() {
    let script = wrap(&Index::from_query("3"), "2:4\u{2028}\"\\\n\u{2029}\u{2029}x</script>\0");
    assert_eq!(script, r#"___eio[3]("2:4\u2028\"\\\n\u2029\u2029x</script>\u0000");"#);
}

//= EIO3-JSONP-01
#[test]
fn only_one_call_with_one_string_is_unwrapped() {
    assert_eq!(unwrap(r#"___eio[12]("1:6")"#), Ok((Index::from_query("12"), "1:6".to_string())));
    let refused = [
        ("", 0),
        ("1:6", 0),
        (r#"___eio[x]("a");"#, 0),
        (r#"___eio[-1]("a");"#, 0),
        ("___eio[0](1);", 10),
        ("___eio[0]('a');", 10),
        (r#"___eio[0]("a","b");"#, 13),
        (r#"___eio[0]("a");x"#, 13),
        (r#"___eio[0]("\ud800");"#, 10),
        (r#"___eio[0]("a"#, 10),
    ];
    for (script, offset) in refused {
        assert_eq!(unwrap(script), Err(PayloadError { kind: PacketErrorKind::Script, offset }), "{script}");
    }
}

//= EIO3-JSONP-01
#[test]
fn newlines_in_a_form_are_escaped() {
    assert_eq!(encode_form("4\n"), "d=4%5Cn");
    assert_eq!(encode_form(r"4\n"), "d=4%5C%5Cn");
    // As the reference's two replacements in a row.
    let decoded = [("\\n", "\n"), ("\\\\n", "\\n"), ("\\\\\\n", "\\\\n"), ("\\n\\n", "\n\n"), ("\\", "\\"), ("n", "n")];
    for (form, payload) in decoded {
        assert_eq!(unescape(form.into()), payload, "{form}");
    }
    assert_eq!(decode_form(b"x=1&d=6:4hello"), Some("6:4hello".to_string()));
    assert_eq!(decode_form(b"d="), Some(String::new()));
    assert_eq!(decode_form(b"e=6:4hello"), None);
    assert_eq!(decode_form(b"d=1:2&d=1:3"), None);
    assert_eq!(decode_form(b""), None);
}

proptest! {
    //= EIO3-JSONP-01
    //= EIO4-JSONP-02
    #[test]
    fn l8_scripts_round_trip(payload in any_payload(), index in "[0-9]{0,5}") {
        let script = wrap(&Index::from_query(&index), &payload);
        let line_ends = ['\n', '\r', '\u{2028}', '\u{2029}'];
        prop_assert!(!script.contains(line_ends));
        prop_assert_eq!(unwrap(&script), Ok((Index::from_query(&index), payload)));
    }

    #[test]
    fn l8_forms_round_trip(payload in any_payload()) {
        let lines: alloc::vec::Vec<_> = payload.split('\n').map(|line| line.trim_end_matches('\\')).collect();
        let payload = lines.join("\n");
        let form = encode_form(&payload);
        prop_assert!(form.is_ascii() && !form.contains('\n'));
        prop_assert_eq!(decode_form(form.as_bytes()), Some(payload));
    }

    #[test]
    fn l3_anything_is_read_or_refused(script in "(___eio\\[[0-9]*\\]\\()?.*", form in any::<alloc::vec::Vec<u8>>()) {
        if let Err(error) = unwrap(&script) {
            prop_assert!(error.offset <= script.len());
        }
        let _ = decode_form(&form);
    }
}

fn any_payload() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[\\\\n\n\"a]{0,12}", "[\u{2028}\u{2029}a😀]{0,12}"]
}
