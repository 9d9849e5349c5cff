//! The parts of a Socket.IO packet, without a check.

/// A Socket.IO packet in a message of Engine.IO: `451-/custom,7["event"]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packet<'a> {
    pub(crate) kind: char,
    /// The digits before the hyphen; empty if there are none.
    pub(crate) attachments: &'a str,
    /// `/` if there is none.
    pub(crate) namespace: &'a str,
    /// The digits of the acknowledgement id; empty if there are none.
    pub(crate) id: &'a str,
    pub(crate) data: &'a str,
}

impl<'a> Packet<'a> {
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix('4')?;
        let kind = text.chars().next()?;
        let mut rest = &text[kind.len_utf8()..];
        let mut attachments = "";
        if matches!(kind, '5' | '6')
            && let Some((digits, behind)) = rest.split_once('-')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
        {
            (attachments, rest) = (digits, behind);
        }
        let mut namespace = "/";
        if rest.starts_with('/') {
            (namespace, rest) = rest.split_once(',').unwrap_or((rest, ""));
        }
        let (id, data) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
        Some(Self { kind, attachments, namespace, id, data })
    }

    pub(crate) fn write(&self) -> String {
        let Self { kind, attachments, namespace, id, data } = self;
        let hyphen = if matches!(kind, '5' | '6') { "-" } else { "" };
        let (namespace, comma) = if *namespace == "/" { ("", "") } else { (*namespace, ",") };
        format!("4{kind}{attachments}{hyphen}{namespace}{comma}{id}{data}")
    }

    /// Whether it is an event, with or without attachments.
    pub(crate) const fn is_event(&self) -> bool {
        matches!(self.kind, '2' | '5')
    }

    /// Whether it is an acknowledgement, with or without attachments.
    pub(crate) const fn is_ack(&self) -> bool {
        matches!(self.kind, '3' | '6')
    }
}

/// The text of a packet with other parts, if a function gives them.
pub(crate) fn with<'a>(text: &'a str, change: impl FnOnce(Packet<'a>) -> Option<Packet<'a>>) -> Option<String> {
    Packet::read(text).and_then(change).map(|packet| packet.write())
}

/// Whether the packet in a text fits.
pub(crate) fn is(text: &str, fits: impl FnOnce(Packet<'_>) -> bool) -> bool {
    Packet::read(text).is_some_and(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_make_the_text_again() {
        for text in ["40", "41/custom,", "42[\"a\"]", "452-/custom,7[\"a\"]", "430[]", "44/x,{\"message\":\"m\"}"] {
            assert_eq!(Packet::read(text).unwrap().write(), text);
        }
        assert_eq!(Packet::read("452-/custom,7[]").unwrap().attachments, "2");
        assert_eq!(Packet::read("40/custom").unwrap().namespace, "/custom");
        assert_eq!(Packet::read("2"), None);
    }
}
