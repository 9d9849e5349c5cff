//! Defects of reconnection.

use std::time::Duration;

use sio_codec::engineio::client::Transmit;
use sio_codec::socketio::client::Reconnection;

use super::super::super::script::Wish;
use super::super::mutant::{Mutant, Settings};
use super::with_query;
use crate::mutants::payload::{edit, unless};
use crate::mutants::socketio::{Packet, is, with};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("no-reconnection", &["SIO5-CLI-01"], "The client does not connect again.")
        .with_settings(|settings| settings.connection.reconnection = None),
    Mutant::new("reconnects-at-once", &["SIO5-CLI-01"], "The client connects again without a delay.")
        .with_settings(|settings| change(settings, |how| how.with_delay(Duration::ZERO, Duration::ZERO))),
    Mutant::new("delays-do-not-double", &["SIO5-CLI-01"], "All delays are like the first.").with_settings(|settings| {
        change(settings, |how| {
            let delay = how.delay;
            how.with_delay(delay, delay)
        })
    }),
    Mutant::new("delays-have-no-limit", &["SIO5-CLI-01"], "Delays double without a limit.").with_settings(|settings| {
        change(settings, |how| {
            let delay = how.delay;
            how.with_delay(delay, Duration::from_secs(3_600))
        })
    }),
    Mutant::new("first-delay-is-the-longest", &["SIO5-CLI-01"], "All delays are as long as the longest.")
        .with_settings(|settings| {
            change(settings, |how| {
                let delay = how.delay_max;
                how.with_delay(delay, delay)
            })
        }),
    Mutant::new("counter-goes-on", &["SIO5-CLI-02"], "The delay after a success is the longest.").on_output(
        |past, transmit| match &transmit {
            Transmit::WsConnect { .. } if past.sessions > 1 => {
                past.delay(Duration::from_secs(1), transmit);
                Vec::new()
            }
            _ => vec![transmit],
        },
    ),
    Mutant::new("attempts-without-end", &["SIO5-CLI-03"], "The number of attempts is not limited.")
        .with_settings(|settings| change(settings, |how| how.with_attempts(None))),
    Mutant::new("one-attempt-too-few", &["SIO5-CLI-03"], "The client makes one attempt less than it should.")
        .with_settings(|settings| {
            change(settings, |how| {
                let attempts = how.attempts.map(|it| it - 1);
                how.with_attempts(attempts)
            })
        }),
    Mutant::new("one-attempt-too-many", &["SIO5-CLI-03"], "The client makes one attempt more than it should.")
        .with_settings(|settings| {
            change(settings, |how| {
                let attempts = how.attempts.map(|it| it + 1);
                how.with_attempts(attempts)
            })
        }),
    Mutant::new("gives-up-in-silence", &["SIO5-CLI-03"], "The application does not learn that the client gave up.")
        .on_told(|_, event| if event["event"] == "gave-up" { Vec::new() } else { vec![event] }),
    Mutant::new("old-sid-in-a-new-handshake", &["SIO5-CLI-04"], "The client connects again with its old sid.")
        .on_output(|past, transmit| {
            let sid = past.first_sid.clone();
            match &transmit {
                Transmit::WsConnect { .. } if past.sessions > 0 && !past.is_polling() => {
                    with_query(transmit, |query| format!("{query}&sid={sid}"))
                }
                _ => vec![transmit],
            }
        }),
    Mutant::new(
        "leaving-does-not-end-attempts",
        &["SIO5-CLI-05"],
        "The client connects again although it left meanwhile.",
    )
    .on_call(|past, wish| match &wish {
        Wish::Leave(_) if !past.is_open && past.sessions > 0 => Vec::new(),
        _ => vec![wish],
    }),
    Mutant::new("events-are-lost-between-sessions", &["SIO5-CLI-06"], "Events are lost while there is no connection.")
        .on_call(|past, wish| match &wish {
            Wish::Emit { .. } if !past.is_open && past.sessions > 0 => Vec::new(),
            _ => vec![wish],
        }),
    Mutant::new("only-the-main-namespace-is-joined-again", &["SIO5-CON-25"], "After a loss, only `/` is joined again.")
        .on_sent(|past, packet| {
            let is_second = past.sessions > 1;
            unless(packet, |text| is_second && is(text, |it| it.kind == '0' && it.namespace != "/"))
        }),
    Mutant::new("no-namespace-is-joined-again", &["SIO5-CON-25"], "After a loss, no namespace is joined again.")
        .on_sent(|past, packet| {
            let is_second = past.sessions > 1;
            unless(packet, |text| is_second && is(text, |it| it.kind == '0'))
        }),
    Mutant::new("auth-is-sent-once", &["SIO5-CON-25"], "After a loss, CONNECT has no auth.").on_sent(|past, packet| {
        let is_second = past.sessions > 1;
        let is_auth = |it: Packet<'_>| is_second && it.kind == '0' && !it.data.contains("\"pid\"");
        edit(packet, |text| with(text, |it| is_auth(it).then_some(Packet { data: "", ..it })))
    }),
    Mutant::new("loss-is-not-reported", &["SIO5-DIS-09", "SIO5-CLI-01"], "The application does not learn of a loss.")
        .on_told(|_, event| if event["by"] == "loss" { Vec::new() } else { vec![event] }),
    Mutant::new("loss-is-reported-twice", &["SIO5-DIS-09", "SIO5-CLI-01"], "The application learns twice of a loss.")
        .on_told(|_, event| if event["by"] == "loss" { vec![event.clone(), event] } else { vec![event] }),
];

/// Other delays or attempts, if the client connects again at all.
fn change(settings: &mut Settings, change: impl FnOnce(Reconnection) -> Reconnection) {
    settings.connection.reconnection = settings.connection.reconnection.take().map(change);
}
