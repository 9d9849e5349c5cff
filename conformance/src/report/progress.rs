//! Shows how far a run is while it goes on.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::{Duration, Instant};

use console::style;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cases::Case;
use crate::run::{Finished, Listener, Standing};

/// How often a line is written if standard error is not a terminal.
const INTERVAL: Duration = Duration::from_secs(5);

/// Whether progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// On standard error: one line that changes on a terminal, and elsewhere a line every few seconds.
    Standard,
    /// Not at all.
    Nothing,
}

/// Shows the progress on standard error: the number of cases, the failures, and on a terminal also the running cases.
#[derive(Debug)]
pub struct Progress {
    display: Display,
    running: Vec<String>,
    cases: usize,
    done: usize,
    failed: usize,
    started: Instant,
}

#[derive(Debug)]
enum Display {
    Bar(ProgressBar),
    Lines { last: Instant },
    Nothing,
}

impl Progress {
    /// The progress of a run of this many cases.
    #[must_use]
    pub fn new(cases: usize, show: Show) -> Self {
        let started = Instant::now();
        let display = match show {
            Show::Nothing => Display::Nothing,
            Show::Standard if stderr().is_terminal() => Display::Bar(bar(cases)),
            Show::Standard => Display::Lines { last: started },
        };
        Self { display, running: Vec::new(), cases, done: 0, failed: 0, started }
    }

    /// Removes the line.
    pub fn clear(&self) {
        if let Display::Bar(bar) = &self.display {
            bar.finish_and_clear();
        }
    }

    fn show(&mut self) {
        let line = self.line();
        match &mut self.display {
            Display::Bar(bar) => {
                let slowest = self.running.first().map_or("", String::as_str);
                bar.set_position(self.done as u64);
                bar.set_message(match self.failed {
                    0 => slowest.to_owned(),
                    failed => format!("{} {slowest}", style(format!("{failed} failed")).red()),
                });
            }
            Display::Lines { last } if last.elapsed() >= INTERVAL => {
                *last = Instant::now();
                // If standard error is closed, there is no reader.
                let _ = writeln!(stderr(), "{line}");
            }
            Display::Lines { .. } | Display::Nothing => {}
        }
    }

    fn line(&self) -> String {
        let Self { cases, done, failed, started, .. } = self;
        let failures = if *failed > 0 { format!(", {failed} failed") } else { String::new() };
        format!("siospec: {done} of {cases} cases{failures}, {} s", started.elapsed().as_secs())
    }
}

fn bar(cases: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(cases as u64), ProgressDrawTarget::stderr());
    let template = ProgressStyle::with_template("{pos}/{len} {bar:24} {wide_msg}");
    // The template is a constant; the fallback is the default of indicatif.
    bar.set_style(template.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

impl Listener for Progress {
    fn started(&mut self, case: &Case) {
        self.running.push(case.id.clone());
        self.show();
    }

    fn finished(&mut self, finished: &Finished) {
        self.running.retain(|id| *id != finished.case.id);
        self.failed += usize::from(finished.standing() != Standing::Passed && !finished.standing().is_unfit());
        // A case that is suspected of having ended the server is played and finished twice.
        self.done = (self.done + 1).min(self.cases);
        self.show();
    }

    fn tick(&mut self) {
        self.show();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_the_run_is() {
        let mut progress = Progress::new(348, Show::Nothing);
        assert_eq!(progress.line(), "siospec: 0 of 348 cases, 0 s");
        (progress.done, progress.failed) = (120, 2);
        assert_eq!(progress.line(), "siospec: 120 of 348 cases, 2 failed, 0 s");
    }
}
