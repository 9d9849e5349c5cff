//! How the session of a generated case begins, up to where it can exchange messages.

use super::family::{Family, Way};
use crate::trace::{Line, Trace};

/// A header, since a trace has one; nothing of it is kept.
const HEADER: &str = "title x\ncovers EIO4-PKT-12\nlevel must\n\n";

const WEBSOCKET: &str = r#"
ws C open    EIO=4&transport=websocket
ws S text    0{"sid":$sid,"upgrades":$_,"pingInterval":$interval,"pingTimeout":$timeout,"maxPayload":$max}  setup
"#;

const WEBSOCKET_JOIN: &str = r#"
ws C text    40
ws S text    40{"sid":$id}   setup
ws S text    42["auth",{}]   setup
"#;

const POLLING: &str = r#"
hs C get     EIO=4&transport=polling
hs S 200     setup
hs S packet  0{"sid":$sid,"upgrades":$_,"pingInterval":$interval,"pingTimeout":$timeout,"maxPayload":$max}  setup
"#;

const POLLING_JOIN: &str = r#"
p0 C post    EIO=4&transport=polling&sid=$sid
p0 C packet  40
p0 S 200     setup
p0 S body    $_  setup
g0 C get     EIO=4&transport=polling&sid=$sid  until 2 packets
g0 S 200     setup
g0 S packet  40{"sid":$id}  setup
g0 S packet  42["auth",{}]  setup
"#;

const UPGRADE: &str = "
ws C open    EIO=4&transport=websocket&sid=$sid
ws C text    2probe
ws S text    3probe  setup
ws C text    5
";

/// The lines of it.
pub(super) fn lines(family: Family, way: Way) -> Vec<Line> {
    let join = |join: &'static str| if family.is_engine() { "" } else { join };
    let parts = match way {
        Way::Websocket => [WEBSOCKET, join(WEBSOCKET_JOIN), ""],
        Way::Polling => [POLLING, join(POLLING_JOIN), ""],
        Way::Upgraded => [POLLING, join(POLLING_JOIN), UPGRADE],
    };
    let body = parts.concat();
    let trace = Trace::parse("opening", &format!("{HEADER}{}", body.trim_start()));
    let mut lines = trace.expect("it is a trace").lines;
    if way != Way::Polling {
        lines.push(Line::Blank);
    }
    lines
}
