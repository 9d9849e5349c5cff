//! The cases: traces by id, and their selection.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use glob::Pattern;
use include_dir::{Dir, include_dir};

use crate::contract::Kind;
use crate::trace::{Need, Node, ParseError, Trace};
use crate::values::{self, Generated};

/// The suite that comes with the command.
static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/traces");

/// The extension of trace files.
const EXTENSION: &str = "trace";

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its path below the suite, without the extension: `eio4/upgrade/probe`. The id of a generated case has the same
    /// form.
    pub id: String,
    /// The trace that is played.
    pub trace: Trace,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a case comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// It was written by hand.
    Written,
    /// It is in this file, or was made of this recording.
    File(PathBuf),
    /// It was generated from a seed.
    Generated(Generated),
}

/// What selectors choose from.
pub trait Named {
    /// Where all of them are listed: a sentence for an error.
    const LIST: &'static str;

    /// Its name: folders and a name, joined by `/`.
    fn id(&self) -> &str;

    /// The requirements that it is about.
    fn covers(&self) -> impl Iterator<Item = &str>;
}

impl Named for Case {
    const LIST: &'static str = "`siospec list` shows all of them";

    fn id(&self) -> &str {
        &self.id
    }

    fn covers(&self) -> impl Iterator<Item = &str> {
        self.trace.header.covers.iter().map(|id| id.as_str())
    }
}

impl Case {
    /// The folder that it is in: `eio4/upgrade`.
    #[must_use]
    pub fn chapter(&self) -> &str {
        self.id.rsplit_once('/').map_or("", |(chapter, _)| chapter)
    }

    /// The case in each direction in which so many servers can play it: a case about one server as it is, and one about two
    /// from every server to every other. The name of the direction is added to its id: `cluster/broadcast/local@1-2` is from the
    /// first server to the second. Empty if there are too few servers.
    #[must_use]
    pub fn in_each_direction(&self, servers: u8) -> Vec<Self> {
        let last = self.trace.last_node();
        if last == Node::FIRST {
            return vec![self.clone()];
        }
        // Each step around the circle of servers is a direction, if it does not come to one of them twice.
        let around = |start: u8, step: u8| -> Option<Vec<Node>> {
            let nodes = (0..last.number()).map(|at| Node::new((start + at * step) % servers + 1));
            let nodes: Vec<Node> = nodes.collect::<Option<_>>()?;
            (nodes.iter().collect::<BTreeSet<_>>().len() == nodes.len()).then_some(nodes)
        };
        let circles = (0..servers).flat_map(|start| (1..servers).map(move |step| (start, step)));
        let directions = circles.filter_map(|(start, step)| around(start, step));
        let cases = directions.map(|nodes| {
            let name: Vec<_> = nodes.iter().map(ToString::to_string).collect();
            Self {
                id: format!("{}{DIRECTION}{}", self.id, name.join("-")),
                trace: self.trace.clone().on(&nodes),
                ..self.clone()
            }
        });
        cases.collect()
    }

    /// The contract's application that it needs; `None` if it needs none.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        let needs = &self.trace.header.needs;
        if [Need::Contract, Need::Extended, Need::Msgpack].iter().any(|need| needs.contains(need)) {
            Some(Kind::Socket)
        } else {
            needs.contains(&Need::Echo).then_some(Kind::Engine)
        }
    }
}

/// What stands in the id of a case between its name and that of a direction.
const DIRECTION: char = '@';

/// The file of the trace with this id, below the suite and without the extension: all directions of a case have the same.
#[must_use]
pub fn file(id: &str) -> &str {
    id.split_once(DIRECTION).map_or(id, |(file, _)| file)
}

impl From<Generated> for Case {
    fn from(generated: Generated) -> Self {
        Self { id: generated.id(), trace: generated.plan().trace(), origin: Origin::Generated(generated) }
    }
}

/// Why there are no cases.
#[derive(Debug)]
pub enum CasesError {
    /// A folder or file cannot be read.
    Unreadable(PathBuf, std::io::Error),
    /// A file is not a trace.
    Syntax(ParseError),
    /// A selector is not a valid pattern.
    Selector(String),
    /// No case matches a selector.
    Nothing {
        /// The selector, without the `!`.
        selector: String,
        /// Names that are like it.
        nearest: Vec<String>,
        /// Where all of them are.
        list: &'static str,
    },
}

impl fmt::Display for CasesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, error) => write!(f, "cannot read {}: {error}", path.display()),
            Self::Syntax(error) => error.fmt(f),
            Self::Selector(selector) => write!(f, "{selector:?} is not a pattern for case ids"),
            Self::Nothing { selector, nearest, list } => {
                write!(f, "no case is called {selector:?} or covers it; ")?;
                match nearest.as_slice() {
                    [] => f.write_str(list),
                    names => write!(f, "did you mean {}?", names.join(" or ")),
                }
            }
        }
    }
}

impl std::error::Error for CasesError {}

/// The suite that comes with the command, in the order of ids: the trace files, and the cases generated from the
/// [default seed](values::DEFAULT_SEED).
///
/// # Errors
///
/// [`CasesError::Syntax`], which cannot happen: the tests of this project parse the suite.
pub fn embedded() -> Result<Vec<Case>, CasesError> {
    embedded_with_seed(values::DEFAULT_SEED)
}

/// The suite that comes with the command, with cases generated from another seed.
///
/// # Errors
///
/// As [`embedded`].
pub fn embedded_with_seed(seed: u64) -> Result<Vec<Case>, CasesError> {
    let mut files = Vec::new();
    collect(&EMBEDDED, &mut files);
    let written = files.into_iter().map(|(path, source)| case(&path, &path, &source));
    sorted(written.chain(generated(seed).into_iter().map(Ok)).collect())
}

/// The cases that are generated from a seed, in the order of ids.
#[must_use]
pub fn generated(seed: u64) -> Vec<Case> {
    let mut cases: Vec<_> = values::generated(seed).map(Case::from).collect();
    cases.sort_by(|a, b| a.id.cmp(&b.id));
    cases
}

/// The traces below a folder, in the order of ids.
///
/// # Errors
///
/// [`CasesError::Unreadable`] and [`CasesError::Syntax`].
pub fn from_folder(folder: &Path) -> Result<Vec<Case>, CasesError> {
    let mut files = Vec::new();
    walk(folder, &mut files)?;
    let cases = files.into_iter().map(|path| {
        let source = std::fs::read_to_string(&path).map_err(|error| CasesError::Unreadable(path.clone(), error))?;
        let relative = path.strip_prefix(folder).unwrap_or(&path);
        case(relative, &path, &source)
    });
    sorted(cases.collect())
}

/// The cases that the selectors name: by id, by folder, by a glob such as `**/*ping*`, or by a requirement that they
/// cover. Without such selectors, all cases. A selector that begins with `!` leaves out the cases that it names.
///
/// # Errors
///
/// [`CasesError::Selector`] and [`CasesError::Nothing`].
///
/// ```
/// use siospec::cases;
///
/// let selectors = ["eio4/upgrade", "!eio4/upgrade/*probe*"].map(str::to_owned);
/// let chosen = cases::select(cases::embedded()?, &selectors)?;
/// assert!(chosen.iter().all(|case| case.id.starts_with("eio4/upgrade/") && !case.id.contains("probe")));
/// # Ok::<(), cases::CasesError>(())
/// ```
pub fn select<T: Named>(cases: Vec<T>, selectors: &[String]) -> Result<Vec<T>, CasesError> {
    let selectors = selectors.iter().map(|selector| Selector::new(selector)).collect::<Result<Vec<_>, _>>()?;
    if let Some(unused) = selectors.iter().find(|selector| !cases.iter().any(|case| selector.fits(case))) {
        let nearest = nearest(&cases, unused.name);
        return Err(CasesError::Nothing { selector: unused.name.to_owned(), nearest, list: T::LIST });
    }
    let (out, chosen): (Vec<_>, Vec<_>) = selectors.into_iter().partition(|selector| selector.effect == Effect::Leaves);
    let is_chosen = |case: &T| {
        (chosen.is_empty() || chosen.iter().any(|selector| selector.fits(case)))
            && !out.iter().any(|selector| selector.fits(case))
    };
    Ok(cases.into_iter().filter(is_chosen).collect())
}

/// Names cases.
struct Selector<'s> {
    effect: Effect,
    name: &'s str,
    pattern: Pattern,
}

/// What happens to the cases that a selector names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Chooses,
    Leaves,
}

impl<'s> Selector<'s> {
    fn new(selector: &'s str) -> Result<Self, CasesError> {
        let (effect, name) = match selector.strip_prefix('!') {
            Some(name) => (Effect::Leaves, name),
            None => (Effect::Chooses, selector),
        };
        let pattern = Pattern::new(name).map_err(|_| CasesError::Selector(selector.to_owned()))?;
        Ok(Self { effect, name, pattern })
    }

    fn fits(&self, case: &impl Named) -> bool {
        let covers = case.covers().any(|id| id == self.name);
        let below = case.id().strip_prefix(self.name.trim_end_matches('/'));
        covers
            || below.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', DIRECTION]))
            || self.pattern.matches(case.id())
    }
}

/// How many names an error suggests.
const SUGGESTED: usize = 3;

/// From this likeness on, a name may have been meant. 1 is equal.
const ALIKE: f64 = 0.75;

/// The ids, folders and requirements that are most like a name.
pub(crate) fn nearest(cases: &[impl Named], name: &str) -> Vec<String> {
    let ids = cases.iter().flat_map(|case| {
        let folders = case.id().match_indices('/').filter_map(|(at, _)| case.id().get(..at));
        folders.chain([case.id()]).chain(case.covers())
    });
    let names: BTreeSet<&str> = ids.collect();
    let mut alike: Vec<(f64, &str)> = names.into_iter().map(|one| (strsim::jaro_winkler(one, name), one)).collect();
    alike.retain(|(likeness, _)| *likeness >= ALIKE);
    alike.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    alike.into_iter().take(SUGGESTED).map(|(_, name)| name.to_owned()).collect()
}

fn case(relative: &Path, shown: &Path, source: &str) -> Result<Case, CasesError> {
    let trace = Trace::parse(&shown.display().to_string(), source).map_err(CasesError::Syntax)?;
    let bare = relative.with_extension("");
    let id = bare.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    Ok(Case { id: id.collect::<Vec<_>>().join("/"), trace, origin: Origin::Written })
}

fn sorted(cases: Result<Vec<Case>, CasesError>) -> Result<Vec<Case>, CasesError> {
    let mut cases = cases?;
    cases.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(cases)
}

fn collect(dir: &Dir<'_>, files: &mut Vec<(PathBuf, String)>) {
    for file in dir.files().filter(|file| file.path().extension().is_some_and(|ending| ending == EXTENSION)) {
        let source = String::from_utf8_lossy(file.contents()).into_owned();
        files.push((file.path().to_owned(), source));
    }
    dir.dirs().for_each(|dir| collect(dir, files));
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), CasesError> {
    let unreadable = |error| CasesError::Unreadable(folder.to_owned(), error);
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|ending| ending == EXTENSION) && path.is_file() {
            // Only regular files, also through links: reading a named pipe could block forever.
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(nodes: u8) -> Case {
        let open = |node| format!("c{node} C open  EIO=4  on {node}\n");
        let body: String = (1..=nodes).map(open).collect();
        let source = format!("title     x\ncovers    CLU-BC-01\nlevel     should\n\n{body}");
        Case { id: "a/b".to_owned(), trace: Trace::parse("x", &source).unwrap(), origin: Origin::Written }
    }

    #[test]
    fn two_servers_are_played_from_each_to_each_other_and_more_around_the_circle() {
        let ids = |nodes, servers| -> Vec<String> {
            case(nodes).in_each_direction(servers).into_iter().map(|case| case.id.replace("a/b", "")).collect()
        };
        assert_eq!(ids(1, 3), [""]);
        assert_eq!(ids(2, 1), [""; 0]);
        assert_eq!(ids(2, 2), ["@1-2", "@2-1"]);
        assert_eq!(ids(2, 3), ["@1-2", "@1-3", "@2-3", "@2-1", "@3-1", "@3-2"]);
        assert_eq!(ids(3, 3).len(), 6);
        assert_eq!(ids(3, 4).len(), 8);
        let back = case(2).in_each_direction(2).pop().unwrap();
        let nodes: Vec<_> = back.trace.steps().map(|step| step.notes.node.number()).collect();
        assert_eq!((nodes, file(&back.id)), (vec![2, 1], "a/b"));
    }
}
