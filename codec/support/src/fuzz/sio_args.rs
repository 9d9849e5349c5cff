//! Any text as arguments: no panic. Our check accepts exactly what `serde_json` accepts. All ways of reading agree.
//! Values can be written and read again.

use bytes::Bytes;
use serde::de::IgnoredAny;
use sio_codec::Text;
use sio_codec::socketio::{Args, ArgsError, Binary, Json, Value};

/// The input is the number of attachments, and the text.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn run(data: &[u8]) {
    let Some((count, text)) = data.split_first() else { return };
    let Ok(text) = core::str::from_utf8(text) else { return };
    let attachments: Vec<Bytes> = (0..count % 4).map(|number| Bytes::from(vec![number; usize::from(number)])).collect();

    let json = Json::new(Text::from(String::from(text)));
    match &json {
        Ok(json) => {
            assert!(serde_json::from_str::<IgnoredAny>(text).is_ok());
            let alone = Args::from_json(format!("[{text}]"), Vec::new());
            // Inside the array it may be one level too deep.
            assert!(
                alone.is_err()
                    || alone.and_then(|args| args.decode()) == Ok((json.decode::<Value>().expect("a value"),))
            );
        }
        Err(ArgsError::TooDeep { offset }) => {
            assert!(text.as_bytes()[*offset] == b'[' || text.as_bytes()[*offset] == b'{')
        }
        Err(ArgsError::InvalidJson { offset }) => {
            assert!(*offset <= text.len());
            assert!(serde_json::from_str::<IgnoredAny>(text).is_err());
        }
        Err(error) => panic!("{error}"),
    }
    match Args::from_json(text, attachments) {
        Ok(args) => read(&args),
        Err(ArgsError::NotASequence | ArgsError::AttachmentMissing { .. }) => assert!(json.is_ok()),
        Err(error) => assert_eq!(Err(error), json.map(|_| ())),
    }
}

fn read(args: &Args) {
    let values = args.values().expect("valid");
    assert_eq!(args.is_empty(), values.is_empty());
    assert_eq!(args.decode::<Vec<Value>>().as_ref(), Ok(&values));
    assert!(args.decode::<Vec<IgnoredAny>>().is_ok());
    let _ = args.decode::<(Binary, Option<&[u8]>, std::collections::BTreeMap<u8, Binary>)>();
    let _ = args.decode::<(&str, i64, f64, Vec<Option<bool>>, (char, ()))>();
    let Ok(written) = Args::from_values(&values) else { return };
    let again = written.values().expect("written by ourselves");
    assert!(format!("{values:?}").contains("inf") || again == values);
    assert_eq!(Args::from_values(&again).as_ref(), Ok(&written));
    {
        use sio_codec::socketio::Parser;
        let other = Args::encode_with(Parser::MsgPack, &values).expect("all values");
        let same = other.values().expect("written by ourselves");
        assert_eq!(format!("{same:?}"), format!("{values:?}"));
        assert_eq!(other.to_form(Parser::Json), Ok(written));
    }
}
