//! Writes what is known of the sessions, line by line.

use std::process::ExitCode;
use std::time::Duration;

use super::inspect::{broken, line, seen};
use super::out::{self, Written};
use super::recordings::Files;
use crate::capture::Told;
use crate::live::{End, Event, Live, News, Why};
use crate::replay::{plural, visible};

/// Whether the timelines are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timeline {
    Shown,
    Hidden,
}

/// Writes what is known, and counts.
#[derive(Debug)]
pub(super) struct Desk {
    live: Live,
    told: Telling,
}

/// Where news go.
#[derive(Debug)]
struct Telling {
    timeline: Timeline,
    files: Files,
    output: Written,
    /// The last reason for an answer of the relay itself.
    reason: Option<String>,
    refused: u64,
    sessions: u64,
    /// Sessions in which something was broken.
    faulty: u64,
    violations: u64,
    strays: u64,
}

impl Desk {
    pub(super) fn new(timeline: Timeline, files: Files) -> Self {
        let told = Telling {
            timeline,
            output: Written::All,
            reason: None,
            refused: 0,
            sessions: 0,
            faulty: 0,
            violations: 0,
            strays: 0,
            files,
        };
        Self { live: Live::new(told.files.keep()), told }
    }

    /// Whether nobody reads what is written.
    pub(super) const fn is_unread(&self) -> bool {
        matches!(self.told.output, Written::Unread)
    }

    pub(super) fn tick(&mut self, now: Duration) {
        let Self { live, told } = self;
        live.tick(now, |news| told.news(&news));
    }

    pub(super) fn tell(&mut self, what: Told) {
        let Self { live, told } = self;
        match what {
            Told::Seen(sighting) => live.see(sighting, |news| told.news(&news)),
            Told::Over(connection, _) => live.over(connection, |news| told.news(&news)),
            Told::Refused(reason) => told.refused(reason),
        }
    }

    /// Ends all sessions, and says what there was.
    pub(super) fn finish(self) -> ExitCode {
        let Self { live, mut told } = self;
        let others = live.others();
        live.stop(|news| told.news(&news));
        let mut page = plural(usize::try_from(told.sessions).unwrap_or(usize::MAX), "session");
        page.push_str(&match (told.faulty, told.violations) {
            (0, 0) => ", in which nothing that was seen breaks a requirement\n".to_owned(),
            (faulty, violations) => {
                let times = plural(usize::try_from(violations).unwrap_or(usize::MAX), "time");
                format!(": something is broken in {faulty}, {times} in all\n")
            }
        });
        for (count, words) in [
            (told.strays, "of Engine.IO that belong to no session"),
            (others, "of other protocols, which were carried and not looked at"),
            (told.refused, "answered with 502 by the proxy itself"),
        ] {
            if count > 0 {
                line(
                    &mut page,
                    &format!("{} {words}", plural(usize::try_from(count).unwrap_or(usize::MAX), "request")),
                );
            }
        }
        told.write(&page);
        match (told.files.finish(), told.violations, told.output) {
            (Err(()), ..) => ExitCode::from(2),
            (Ok(()), 0, Written::All | Written::Unread) => ExitCode::SUCCESS,
            (Ok(()), ..) => ExitCode::FAILURE,
        }
    }
}

impl Telling {
    fn news(&mut self, News { number, event }: &News) {
        let mut page = String::new();
        match event {
            Event::Began { sid, agent } => {
                let agent = agent.as_deref().map_or_else(String::new, |agent| format!(", of {}", visible(agent)));
                if let Some(sid) = sid {
                    line(&mut page, &format!("session {}{agent}", visible(sid)));
                } else if self.timeline == Timeline::Shown {
                    line(&mut page, &format!("of no session{agent}"));
                }
            }
            Event::Said(words) if self.timeline == Timeline::Shown => page.push_str(words),
            Event::Said(_) => {}
            Event::Broken(violation) => broken(&mut page, violation),
            Event::Ended(end) => self.ended(&mut page, end),
        }
        let tag = format!("[{number}] ");
        let marked: String = page.lines().flat_map(|line| [tag.as_str(), line, "\n"]).collect();
        self.write(&marked);
        if let Event::Ended(end) = event {
            let lines = self.files.keep_session(end);
            let marked: String = lines.iter().flat_map(|line| [tag.as_str(), line, "\n"]).collect();
            self.write(&marked);
        }
    }

    fn ended(&mut self, page: &mut String, end: &End) {
        let violations = end.testimony.violations.len();
        self.violations = self.violations.saturating_add(violations as u64);
        self.faulty = self.faulty.saturating_add(u64::from(violations > 0));
        end.late.iter().for_each(|violation| broken(page, violation));
        let why = match end.why {
            Why::Over => "over",
            Why::Quiet => "over: no request of it for a minute",
            Why::Room => {
                "as much is remembered of the sessions as can be; this one is judged so far, and goes on as one that is seen late"
            }
            Why::Stopped => "not over, but the proxy stops",
        };
        if !end.has_session {
            self.strays = self.strays.saturating_add(1);
            return;
        }
        self.sessions = self.sessions.saturating_add(1);
        line(
            page,
            &match violations {
                0 => format!("{why}: nothing that was seen breaks a requirement"),
                1 => format!("{why}: 1 violation"),
                several => format!("{why}: {several} violations"),
            },
        );
        seen(page, &end.testimony);
    }

    fn refused(&mut self, reason: String) {
        self.refused = self.refused.saturating_add(1);
        // Clients try again and again.
        if self.reason.as_ref() != Some(&reason) {
            out::complain(&reason);
            self.reason = Some(reason);
        }
    }

    /// Writes lines at once. After a failure nothing is written any more, and the proxy goes on.
    fn write(&mut self, text: &str) {
        if self.output == Written::All && !text.is_empty() {
            self.output = out::write(text);
        }
    }
}
