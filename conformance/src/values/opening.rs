//! The beginning of a generated case: it opens the session in which messages are exchanged.

use super::family::{Family, Way};
use crate::trace::{Header, Line, Trace};

/// Upgrades a polling session to a WebSocket.
const UPGRADE: &str = "
ws C open    EIO=4&transport=websocket&sid=$sid
ws C text    2probe
ws S text    3probe  setup
ws C text    5
";

/// Its lines, numbered as below this header.
pub(super) fn lines(header: &Header, family: Family, way: Way) -> Vec<Line> {
    let namespace = if family.is_engine() { "" } else { " /" };
    let body = match way {
        Way::Websocket => format!("ws C session  websocket{namespace}\n"),
        Way::Polling => format!("hs C session  polling{namespace}\n"),
        Way::Upgraded => format!("hs C session  polling{namespace}\n{UPGRADE}"),
    };
    let mut lines = Trace::parse("opening", &format!("{header}\n{body}")).expect("it is a trace").lines;
    lines.push(Line::Blank);
    lines
}
