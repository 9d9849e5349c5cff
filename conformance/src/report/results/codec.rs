//! Makes the results from a run against a codec.

use super::of::{below_gate, millis, quoted};
use super::{Case, End, FORMAT, Judgement, Results, Run, Target, Totals, Verdict};
use crate::adapter::{Checked, Report, Standing};
use crate::replay::visible;
use crate::run::{self, Gate};
use crate::values::DEFAULT_SEED;

/// What the results of a run against a codec say besides what was found.
#[derive(Clone, Debug)]
pub struct CodecContext {
    /// When the run began: a date and time of RFC 3339.
    pub started: String,
    /// The lowest level whose broken rules fail the run.
    pub gate: Gate,
    /// The command that starts the adapter.
    pub adapter: Vec<String>,
}

impl CodecContext {
    /// The results of a run, in the order in which the vectors were played.
    #[must_use]
    pub fn results(&self, report: &Report) -> Results {
        let cases: Vec<Case> = report.checked.iter().map(|checked| self.case(checked)).collect();
        let judgement = report.judgement(self.gate);
        let end = End {
            judgement: judgement.into(),
            reason: (judgement == run::Judgement::Interrupted).then(|| "the run was interrupted".to_owned()),
            duration_ms: millis(report.duration),
            totals: Totals::of(&cases),
            baseline: None,
        };
        Results { run: self.run(&report.hello.name, &report.hello.version), end, cases }
    }

    /// The results of a run that did not begin.
    #[must_use]
    pub fn without_cases(&self, reason: &str) -> Results {
        let (judgement, reason) = (Judgement::Unreachable, Some(visible(reason)));
        let end = End { judgement, reason, duration_ms: 0, totals: Totals::default(), baseline: None };
        Results { run: self.run("", ""), end, cases: Vec::new() }
    }

    fn run(&self, name: &str, version: &str) -> Run {
        Run {
            format: FORMAT,
            siospec: env!("CARGO_PKG_VERSION").to_owned(),
            traces: None,
            seed: DEFAULT_SEED,
            started: self.started.clone(),
            gate: self.gate.as_str().to_owned(),
            shuffle: None,
            repeat: None,
            target: Target::Codec { name: visible(name), version: visible(version) },
        }
    }

    fn case(&self, checked: &Checked) -> Case {
        let Checked { id, note, requirements, level, standing } = checked;
        let fails_run = checked.fails(self.gate);
        let (verdict, reason) = match standing {
            Standing::Passed => (Verdict::Passed, None),
            Standing::Noted(difference) => (Verdict::Passed, Some(visible(difference))),
            Standing::Failed(difference) => {
                let below = below_gate(*level, self.gate).map(|words| format!("; {words}")).unwrap_or_default();
                (Verdict::Failed, Some(visible(difference) + &below))
            }
            Standing::Faulty { fault, again } => (Verdict::DriverFault, Some(visible(&format!("{fault}{again}")))),
            Standing::NotApplicable(why) => (Verdict::NotApplicable, Some(visible(why))),
            Standing::Unsupported(why) => (Verdict::Unsupported, Some(visible(why))),
            Standing::Left => (Verdict::NotPlayed, Some("the run was over, or the adapter was given up".to_owned())),
        };
        Case {
            id: id.clone(),
            title: if note.is_empty() { id.clone() } else { visible(note) },
            level: level.as_str().to_owned(),
            requirements: requirements.iter().map(|id| (*id).to_owned()).collect(),
            seen: Vec::new(),
            verdict,
            fails_run,
            rate: None,
            baseline: None,
            reason,
            duration_ms: None,
            finding: None,
            reproduce: self.reproduce(id),
            conversation: Vec::new(),
        }
    }

    fn reproduce(&self, id: &str) -> String {
        // The checks of the protocol come with every vector.
        let selector = (!id.starts_with("protocol/")).then(|| id.to_owned());
        let words = ["siospec", "codec"].map(str::to_owned).into_iter().chain(selector).chain(["--".to_owned()]);
        quoted(&words.chain(self.adapter.iter().cloned()).collect::<Vec<_>>())
    }
}
