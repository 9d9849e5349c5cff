//! One attachment for each placeholder, in the order in which they stand.
//!
//! A peer may name an attachment twice, never, or out of order. Arguments that are kept in that form would be sent on
//! in it, which no encoder of the protocol does, and which would announce a number of attachments that is not that of
//! the values. So they are put in order once, when they arrive.
//!
//! The attachments of what is sent are numbered where it is written, in `ser/mod.rs`.

use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use super::placeholders::{Node, skeleton};
use super::ser::write_placeholder;
use crate::text::Text;

/// The same values, their placeholders numbered from 0 in order of appearance.
///
/// From `start` on the text is valid JSON whose placeholders were checked; if all is in order already, which is what every known
/// encoder sees to, nothing is copied. An attachment that is named twice is shared, not doubled.
//= SIO5-ATT-01
//= SIO5-ATT-13: the same `num` used several times
pub(in crate::socketio) fn in_order(array: Text, start: usize, attachments: Vec<Bytes>) -> (Text, Vec<Bytes>) {
    let nodes = skeleton(array.as_bytes(), start, attachments.len()).unwrap_or_default();
    let named: Vec<(Node, usize)> = nodes.into_iter().filter_map(|node| Some((node, node.attachment?))).collect();
    if named.iter().map(|(_, attachment)| *attachment).eq(0..attachments.len()) {
        return (array, attachments);
    }
    let text = array.as_str();
    let mut rewritten = String::with_capacity(text.len());
    let mut behind = 0;
    for (number, (node, _)) in named.iter().enumerate() {
        rewritten.push_str(text.get(behind..node.start).unwrap_or_default());
        write_placeholder(&mut rewritten, number);
        behind = node.end;
    }
    rewritten.push_str(text.get(behind..).unwrap_or_default());
    let attachments = named.iter().filter_map(|(_, attachment)| attachments.get(*attachment).cloned()).collect();
    (Text::from(rewritten), attachments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renumbered(array: &'static str, attachments: &[&'static [u8]]) -> (String, Vec<Bytes>) {
        let attachments = attachments.iter().map(|bytes| Bytes::from_static(bytes)).collect();
        let (array, attachments) = in_order(Text::from(array), 0, attachments);
        (array.as_str().into(), attachments)
    }

    //= SIO5-ATT-01
    //= SIO5-ATT-13
    #[test]
    fn placeholders_are_numbered_as_they_stand() {
        let in_order = r#"["e",{"_placeholder":true,"num":0},{"a":[{"_placeholder":true,"num":1}]}]"#;
        assert_eq!(renumbered(in_order, &[b"x", b"y"]).0, in_order);
        let swapped = r#"["e",{"_placeholder":true,"num":1},{"a":[{"num":0,"more":2,"_placeholder":true}]}]"#;
        assert_eq!(
            renumbered(swapped, &[b"y", b"x"]),
            (in_order.into(), [&b"x"[..], b"y"].map(Bytes::from_static).into())
        );
        let twice = r#"["e",{"_placeholder":true,"num":0},{"a":[{"_placeholder":true,"num":0}]}]"#;
        assert_eq!(renumbered(twice, &[b"x"]), (in_order.into(), [&b"x"[..], b"x"].map(Bytes::from_static).into()));
        assert_eq!(renumbered(r#"["e",1]"#, &[b"x"]), (r#"["e",1]"#.into(), Vec::new()));
    }
}
