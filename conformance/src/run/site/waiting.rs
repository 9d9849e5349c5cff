//! Computes from a trace how long it waits, and whether it plays sizes at the limit.

use std::time::Duration;

use crate::trace::{Action, Bindings, Client, Expr, Extent, Server, Session, Span, Step, Term, Trace, Window};

/// The holes for the server's own times: ping interval, ping timeout, connect timeout, upgrade timeout.
pub(super) const TIMES: [&str; 4] = ["interval", "timeout", "connect", "upgrade"];

/// How long a trace waits for things that only time brings: silences, and messages at the end of the server's times.
/// Other windows end with the answer and do not count. The times are in the order of [`TIMES`].
pub(super) fn of(trace: &Trace, times: [Option<Duration>; 4]) -> Duration {
    let known = TIMES.into_iter().zip(times).filter_map(|(name, time)| Some((name, time?)));
    let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let bindings: Bindings = known.map(|(name, time)| (name, millis(time))).collect();
    let all = trace.steps().map(|step| {
        let times = step.notes.repeat.map_or(1, std::num::NonZeroU32::get);
        waited(step, &bindings).saturating_mul(times)
    });
    all.fold(Duration::ZERO, Duration::saturating_add)
}

fn waited(step: &Step, bindings: &Bindings) -> Duration {
    let pause = match &step.action {
        Action::Session(Session::Wait(time) | Session::Quiet(time)) | Action::Server(_, Server::Quiet(time)) => {
            time.eval(bindings).unwrap_or(0)
        }
        _ => 0,
    };
    let window = step.notes.window.as_ref().filter(|window| is_servers(window));
    let window = window.and_then(|window| window.bounds(bindings).ok()?.high).unwrap_or(0);
    let millis = pause.max(0).saturating_add(window.max(0));
    Duration::from_millis(millis.unsigned_abs())
}

/// Whether a window depends on times of the server.
fn is_servers(window: &Window) -> bool {
    let depends = |expr: &Expr| TIMES.iter().any(|time| mentions(expr, time));
    match &window.span {
        Span::About { at, .. } => depends(at),
        Span::Between { high, .. } => high.as_ref().is_some_and(depends),
    }
}

/// Whether the trace waits for this time of the server.
pub(super) fn is_timed_by(trace: &Trace, time: &str) -> bool {
    trace.steps().any(|step| {
        let pause = match &step.action {
            Action::Session(Session::Wait(pause) | Session::Quiet(pause)) | Action::Server(_, Server::Quiet(pause)) => {
                mentions(pause, time)
            }
            _ => false,
        };
        let window = step.notes.window.as_ref().is_some_and(|window| match &window.span {
            Span::About { at, .. } => mentions(at, time),
            Span::Between { low, high } => [low, high].into_iter().flatten().any(|expr| mentions(expr, time)),
        });
        pause || window
    })
}

/// Whether a trace plays payloads whose size depends on the server's limit.
pub(super) fn mentions_limit(trace: &Trace) -> bool {
    trace.steps().filter_map(size).any(|size| mentions(size, "max"))
}

fn size(step: &Step) -> Option<&Expr> {
    match &step.action {
        Action::Client(_, Client::Request(request)) => match &request.extent {
            Extent::Declared(length) => Some(length),
            Extent::Whole | Extent::Until(_) => None,
        },
        Action::Client(
            _,
            Client::Packet(content)
            | Client::Body(content)
            | Client::Part(content)
            | Client::Text(content)
            | Client::Raw(content),
        )
        | Action::Server(_, Server::Packet(content) | Server::Body(content) | Server::Text(content)) => {
            content.fill.as_ref()
        }
        Action::Client(_, Client::Bytes(data) | Client::Binary(data)) | Action::Server(_, Server::Binary(data)) => {
            data.fill.as_ref()
        }
        _ => None,
    }
}

fn mentions(expr: &Expr, hole: &str) -> bool {
    expr.terms().any(|(_, term)| matches!(term, Term::Hole { name, .. } if name.as_str() == hole))
}

/// A time in seconds for the advice in a message: one of a few values, so that one piece of advice fits many cases.
pub(super) fn rounded_up(time: Duration) -> u64 {
    const STEPS: [u64; 7] = [15, 30, 60, 120, 180, 300, 600];
    let seconds = time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0));
    STEPS.into_iter().find(|step| *step >= seconds).unwrap_or(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "title     x\ncovers    EIO4-HB-01\nlevel     must\nneeds     websocket\n\nws C open  EIO=4&transport=websocket\n";

    fn seconds(body: &str, interval: Option<u64>, timeout: Option<u64>) -> f64 {
        let trace = Trace::parse("x.trace", &format!("{HEAD}{body}")).unwrap_or_else(|error| panic!("{error}"));
        of(&trace, [interval, timeout, Some(1000), None].map(|time| time.map(Duration::from_millis))).as_secs_f64()
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the numbers are exact")]
    fn waiting_is_the_sum_of_what_only_time_brings() {
        let three = "ws S text  2  @ $interval -10% +25%\nws C text  3\nws S text  2  @ ..2*$interval\n";
        assert_eq!(seconds(three, Some(25_000), Some(20_000)), 31.25 + 50.0);
        assert_eq!(seconds(three, Some(300), Some(200)), 0.375 + 0.6);
        // Immediate answers cost no time, however long they may take.
        assert_eq!(seconds("ws S text  2  @ ..1000ms\n", Some(25_000), None), 0.0);
        assert_eq!(seconds("   C wait  $timeout - 100ms\n   S quiet 500ms\n", Some(1), Some(20_000)), 20.4);
        assert_eq!(seconds("   S quiet 100ms  repeat 3\n", None, None), 0.3);
        assert_eq!(seconds("ws S closed  @ $connect -10% +25%\n", None, None), 1.25);
        // Unknown times count as zero.
        assert_eq!(seconds(three, None, None), 0.0);
        assert!(seconds(three, Some(u64::MAX), None) > 1e15);
    }

    #[test]
    fn a_trace_is_timed_by_what_its_windows_and_pauses_mention() {
        let timed = |body: &str| {
            let trace = Trace::parse("x.trace", &format!("{HEAD}{body}")).unwrap_or_else(|error| panic!("{error}"));
            TIMES.map(|time| is_timed_by(&trace, time))
        };
        assert_eq!(timed("ws S closed  @ $connect -10% +25%\n"), [false, false, true, false]);
        assert_eq!(timed("ws S closed  @ $upgrade..\n   C wait  $timeout\n"), [false, true, false, true]);
        assert_eq!(timed("ws S text  4$connect\n"), [false; 4]);
    }

    #[test]
    fn sizes_that_depend_on_the_limit_are_found() {
        let mentions = |body: &str| {
            let trace = Trace::parse("x.trace", &format!("{HEAD}{body}")).unwrap_or_else(|error| panic!("{error}"));
            mentions_limit(&trace)
        };
        assert!(mentions("ws C text  4  fill $max\n"));
        assert!(mentions("ws C binary  01  fill $max + 1\n"));
        assert!(mentions("p  C post  EIO=4&transport=polling  length 20*$max\n"));
        assert!(!mentions("ws S text  0{\"maxPayload\":$max}\n"));
        assert!(!mentions("ws C text  4  fill 1000\n"));
    }

    #[test]
    fn advice_comes_in_steps() {
        assert_eq!(rounded_up(Duration::from_millis(15_001)), 30);
        assert_eq!(rounded_up(Duration::from_secs(120)), 120);
        assert_eq!(rounded_up(Duration::from_secs(4000)), 4000);
    }
}
