//! Defects of acknowledgements.

use super::super::mutant::Mutant;
use super::super::payload::{edit, refuse, text_of, to_text, unless};
use super::super::socketio::{Packet, is, with};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("ack-of-the-next-id", &["SIO5-ACK-01"], "An ACK has the id of its event plus one.").on_sent(
        |_, packet| {
            edit(packet, |text| {
                let packet = Packet::read(text).filter(Packet::is_ack)?;
                let id = packet.id.parse::<u64>().ok()?.wrapping_add(1).to_string();
                Some(Packet { id: &id, ..packet }.write())
            })
        },
    ),
    Mutant::new("ack-on-another-namespace", &["SIO5-ACK-01"], "An ACK names another namespace.").on_sent(
        |_, packet| {
            edit(packet, |text| {
                with(text, |packet| packet.is_ack().then_some(Packet { namespace: "/custom", ..packet }))
            })
        },
    ),
    Mutant::new("ack-twice", &["SIO5-ACK-01", "SIO5-ACK-02"], "An ACK is sent twice.").on_sent(|_, packet| {
        if is(text_of(&packet), |packet| packet.kind == '3') { vec![packet.clone(), packet] } else { vec![packet] }
    }),
    Mutant::new("ack-without-id", &["SIO5-ACK-01"], "An ACK has no id.").on_sent(|_, packet| {
        edit(packet, |text| with(text, |packet| packet.is_ack().then_some(Packet { id: "", ..packet })))
    }),
    Mutant::new("ack-is-an-event", &["SIO5-ACK-01"], "An ACK is sent as an event.").on_sent(|_, packet| {
        edit(packet, |text| with(text, |packet| (packet.kind == '3').then_some(Packet { kind: '2', ..packet })))
    }),
    Mutant::new("ack-on-polling-is-lost", &["SIO5-ACK-01"], "No ACK is sent on polling.")
        .on_sent(|past, packet| unless(packet, |text| past.is_polling() && is(text, |packet| packet.kind == '3'))),
    Mutant::new("ack-once-for-an-id", &["SIO5-ACK-01"], "An id that was acknowledged is not acknowledged again.")
        .on_sent(|past, packet| {
            if !is(text_of(&packet), |packet| packet.kind == '3') {
                return vec![packet];
            }
            let id = |text: &str| Packet::read(text).map(|packet| packet.id.to_owned());
            if past.kept.iter().any(|before| id(text_of(before)) == id(text_of(&packet))) {
                return Vec::new();
            }
            past.kept.push(packet.clone());
            vec![packet]
        }),
    Mutant::new("id-zero-is-none", &["SIO5-ACK-07", "SIO5-ACK-01"], "An event with the id 0 gets no ACK.").on_received(
        |_, packet| {
            edit(packet, |text| {
                with(text, |packet| (packet.is_event() && packet.id == "0").then_some(Packet { id: "", ..packet }))
            })
        },
    ),
    Mutant::new("unknown-ack-closes", &["SIO5-ACK-03"], "An ACK with an unknown id closes the connection.")
        .on_received(|past, packet| {
            refuse(packet, |text| is(text, |packet| packet.kind == '3' && !past.asked.contains(packet.id)))
        }),
    Mutant::new(
        "unknown-binary-ack-closes",
        &["SIO5-ACK-03"],
        "An ACK with attachments and an unknown id closes the connection.",
    )
    .on_received(|past, packet| {
        refuse(packet, |text| is(text, |packet| packet.kind == '6' && !past.asked.contains(packet.id)))
    }),
    Mutant::new("unknown-ack-is-answered", &["SIO5-ACK-03"], "An ACK with an unknown id is answered with an ACK.")
        .on_received(|past, packet| {
            if is(text_of(&packet), |packet| packet.kind == '3' && !past.asked.contains(packet.id)) {
                past.say(text_of(&packet));
            }
            vec![packet]
        }),
    Mutant::new("acks-of-many-events-are-lost", &["SIO5-ACK-01", "SIO5-EVT-01"], "After eight ACKs no more are sent.")
        .on_sent(|past, packet| {
            let is_ack = is(text_of(&packet), |packet| packet.kind == '3');
            past.tally += u32::from(is_ack);
            if is_ack && past.tally > 8 { Vec::new() } else { vec![packet] }
        }),
    Mutant::new("binary-ack-is-plain", &["SIO5-ACK-12", "SIO5-ATT-03"], "An ACK with attachments has the type 3.")
        .on_sent(|_, packet| {
            edit(packet, |text| is(text, |packet| packet.kind == '6').then(|| text.replacen("46", "43", 1)))
        }),
    Mutant::new("binary-ack-is-an-event", &["SIO5-ACK-12", "SIO5-ATT-03"], "An ACK with attachments has the type 5.")
        .on_sent(|_, packet| {
            edit(packet, |text| is(text, |packet| packet.kind == '6').then(|| text.replacen("46", "45", 1)))
        }),
    Mutant::new("events-before-their-ack", &["SIO5-ACK-01"], "Before every ACK an event is sent.").on_sent(
        |_, packet| {
            if is(text_of(&packet), |packet| packet.kind == '3') {
                vec![to_text("42[\"acknowledged\"]"), packet]
            } else {
                vec![packet]
            }
        },
    ),
];
