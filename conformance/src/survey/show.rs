//! The survey as text: a full screen, or two lines.

use std::fmt::{self, Write as _};
use std::time::Duration;

use super::{Application, Distance, Finding, FirstPing, Offered, Service, Survey};
use crate::replay::visible;

/// The number of spaces between columns.
const GAP: usize = 3;

impl fmt::Display for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}   round trip {}\n", self.server, trip(self.distance))?;
        let services: Vec<&Service> = [&self.engine, &self.socket].into_iter().filter_map(Finding::service).collect();
        let shown = |service: &Service| column(service).iter().map(|cell| visible(cell)).collect();
        let columns: Vec<Vec<String>> = services.into_iter().map(shown).collect();
        let label = LABELS.iter().map(|label| label.len()).max().unwrap_or(0) + GAP;
        let width = columns.iter().map(|column| widest(column) + GAP).collect::<Vec<_>>();
        for (row, name) in LABELS.iter().enumerate() {
            let mut line = format!("{name:label$}");
            for (column, width) in columns.iter().zip(&width) {
                let cell = column.get(row).map_or("", String::as_str);
                let _ = write!(line, "{cell:width$}");
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        let remarks: Vec<String> = self.remarks().chain(self.notes()).collect();
        if !remarks.is_empty() {
            writeln!(f)?;
        }
        remarks.iter().try_for_each(|remark| writeln!(f, "note  {}", visible(remark)))
    }
}

impl Survey {
    /// The survey with one line per path, for the top of a report.
    #[must_use]
    pub fn brief(&self) -> String {
        let width = self.engine.path().chars().count().max(self.socket.path().chars().count());
        [&self.engine, &self.socket].into_iter().fold(String::new(), |mut text, finding| {
            let _ = writeln!(text, "{:width$}  {}", finding.path(), visible(&line(finding)));
            text
        })
    }

    /// What is missing and how that was found, and what the user stated about the server.
    fn remarks(&self) -> impl Iterator<Item = String> {
        let of = |finding: &Finding| match finding {
            Finding::NotAsked { path, why } => vec![format!("{path} was not asked: {why}")],
            Finding::Absent { path, absence } => vec![format!("{path} is not served: {absence}")],
            Finding::Served(service) => unserved(service),
        };
        let said = self.overrules.words().map(|words| format!("taken as given: {words}"));
        of(&self.engine).into_iter().chain(of(&self.socket)).chain(said)
    }
}

const LABELS: [&str; 17] = [
    "",
    "application",
    "Engine.IO",
    "transports",
    "upgrade",
    "pings",
    "first ping",
    "pong within",
    "maxPayload",
    "connect timeout",
    "upgrade timeout",
    "extended",
    "recovery",
    "JSONP",
    "CORS",
    "compression",
    "cookies",
];

/// The values of one path, in the order of the labels.
fn column(service: &Service) -> Vec<String> {
    let or_none = |words: &[String]| if words.is_empty() { "none".to_owned() } else { words.join(", ") };
    let timer = |timer: Option<super::Timer>| timer.map_or_else(|| "-".to_owned(), |timer| timer.to_string());
    let yes = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let is_socket_io = matches!(service.application, Application::Contract | Application::OtherSocketIo);
    vec![
        service.path.clone(),
        application(&service.application),
        if service.eio3 { "4 and 3" } else { "4" }.to_owned(),
        transports(service),
        or_none(&service.upgrades),
        service.ping_interval.map_or_else(|| "not announced".to_owned(), |time| format!("every {}", time_text(time))),
        match service.first_ping {
            FirstPing::AtOnce => "at once".to_owned(),
            FirstPing::After(time) => format!("after {}", time_text(time)),
            FirstPing::NotWithin(time) => format!("not within {}", time_text(time)),
        },
        service.ping_timeout.map_or_else(|| "not announced".to_owned(), time_text),
        service.max_payload.map_or_else(|| "not announced".to_owned(), |bytes| format!("{} bytes", grouped(bytes))),
        timer(service.connect_timeout),
        timer(service.upgrade_timeout),
        if is_socket_io { yes(service.extended) } else { "-".to_owned() },
        if is_socket_io { yes(service.recovery) } else { "-".to_owned() },
        yes(service.jsonp),
        yes(service.cors),
        or_none(&service.compression),
        or_none(&service.cookies),
    ]
}

fn line(finding: &Finding) -> String {
    let service = match finding {
        Finding::NotAsked { why, .. } => return format!("not asked: {why}"),
        Finding::Absent { absence, .. } => return format!("not served: {absence}"),
        Finding::Served(service) => service,
    };
    let mut parts = vec![application(&service.application), transports(service)];
    if service.announces_upgrade() {
        parts.push("upgrade".to_owned());
    }
    if let (Some(interval), Some(timeout)) = (service.ping_interval, service.ping_timeout) {
        parts.push(format!("pings every {}, pong within {}", time_text(interval), time_text(timeout)));
    }
    parts.extend(service.max_payload.map(|bytes| format!("up to {} bytes", grouped(bytes))));
    let besides = [
        (service.eio3, "Engine.IO 3 too"),
        (service.extended, "the extended contract"),
        (service.recovery, "recovery"),
    ];
    parts.extend(besides.iter().filter(|(there, _)| *there).map(|(_, words)| (*words).to_owned()));
    parts.join("; ")
}

fn transports(service: &Service) -> String {
    let all = [("polling", &service.polling), ("websocket", &service.websocket)];
    let served = all.iter().filter(|(_, offered)| **offered == Offered::Served).map(|(name, _)| *name);
    served.collect::<Vec<_>>().join(", ")
}

/// The transports that are not served, and how that was found.
fn unserved(service: &Service) -> Vec<String> {
    let path = &service.path;
    let of = |(name, offered): (&str, &Offered)| match offered {
        Offered::Served | Offered::Obstructed(_) => None,
        Offered::NotServed(how) => Some(format!("{path}: {name} is not served: {how}")),
        Offered::Faulty(how) => Some(format!("{path}: a handshake over {name} fails: {how}")),
    };
    [("polling", &service.polling), ("websocket", &service.websocket)].into_iter().filter_map(of).collect()
}

/// The application in a few words.
fn application(application: &Application) -> String {
    match application {
        Application::NotAsked(why) => format!("not asked: {why}"),
        Application::Echo => "echoes every message".to_owned(),
        Application::Contract => "the contract's (auth, message-back)".to_owned(),
        Application::OtherSocketIo => "another one, over Socket.IO".to_owned(),
        Application::JoinRefused(words) => format!("refuses all clients: {words}"),
        Application::MessagePack => "Socket.IO in MessagePack".to_owned(),
        Application::Silent => "says nothing".to_owned(),
        Application::Closed(_) => "closes the session".to_owned(),
    }
}

fn trip(Distance { round_trip, spread }: Distance) -> String {
    format!("{}, spread {}", time_text(round_trip), time_text(spread))
}

fn time_text(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1000.0;
    match millis {
        10_000.0.. => format!("{} s", round(millis / 1000.0)),
        10.0.. => format!("{millis:.0} ms"),
        _ => format!("{millis:.1} ms"),
    }
}

/// Whole numbers without a decimal point, others with one decimal digit.
fn round(number: f64) -> String {
    format!("{number:.1}").trim_end_matches(".0").to_owned()
}

/// A number with its digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn widest(cells: &[String]) -> usize {
    cells.iter().map(|cell| cell.chars().count()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::{Absence, Feature, Timer, Trap};

    fn survey() -> Survey {
        let engine = Service {
            upgrade_timeout: Some(Timer::After(Duration::from_millis(1002))),
            ..Service::sample("/engine.io/", Application::Echo)
        };
        let socket = Service {
            polling: Offered::NotServed("refused with status 400: Transport unknown".to_owned()),
            upgrades: Vec::new(),
            ping_interval: Some(Duration::from_secs(25)),
            ping_timeout: Some(Duration::from_secs(20)),
            first_ping: FirstPing::NotWithin(Duration::from_millis(401)),
            connect_timeout: Some(Timer::LongerThan(Duration::from_secs(3))),
            max_payload: None,
            eio3: true,
            recovery: true,
            cookies: vec!["io".to_owned()],
            traps: vec![Trap::SlowHeartbeat { interval: Duration::from_secs(25) }],
            ..Service::sample("/socket.io/", Application::Contract)
        };
        let served = |service| Finding::Served(Box::new(service));
        Survey { engine: served(engine), socket: served(socket), ..Survey::sample() }
    }

    #[test]
    fn the_screen_has_a_column_for_each_path() {
        insta::assert_snapshot!(survey(), @r#"
        http://127.0.0.1:3000   round trip 0.6 ms, spread 12 ms

                          /engine.io/            /socket.io/
        application       echoes every message   the contract's (auth, message-back)
        Engine.IO         4                      4 and 3
        transports        polling, websocket     websocket
        upgrade           websocket              none
        pings             every 300 ms           every 25 s
        first ping        after 301 ms           not within 401 ms
        pong within       200 ms                 20 s
        maxPayload        1,000,000 bytes        not announced
        connect timeout   -                      longer than 3 s
        upgrade timeout   after 1.0 s            -
        extended          -                      no
        recovery          -                      yes
        JSONP             yes                    yes
        CORS              no                     no
        compression       none                   none
        cookies           none                   io

        note  /socket.io/: polling is not served: refused with status 400: Transport unknown
        note  /socket.io/: pings come every 25 s, so that the cases which wait for several of them are left out; --max-wait SECONDS includes them, and a server with pingInterval 300 and pingTimeout 200 plays them in seconds
        "#);
    }

    #[test]
    fn a_report_begins_with_a_line_for_each_path() {
        let mut survey = survey();
        insta::assert_snapshot!(survey.brief(), @r#"
        /engine.io/  echoes every message; polling, websocket; upgrade; pings every 300 ms, pong within 200 ms; up to 1,000,000 bytes
        /socket.io/  the contract's (auth, message-back); websocket; pings every 25 s, pong within 20 s; Engine.IO 3 too; recovery
        "#);
        let absence = Absence::Status { status: 404, location: None, words: Some("Cannot GET /".to_owned()) };
        survey.engine = Finding::Absent { path: "/engine.io/".to_owned(), absence };
        survey.overrules.without(&[Feature::Eio3]);
        insta::assert_snapshot!(survey, @r#"
        http://127.0.0.1:3000   round trip 0.6 ms, spread 12 ms

                          /socket.io/
        application       the contract's (auth, message-back)
        Engine.IO         4 and 3
        transports        websocket
        upgrade           none
        pings             every 25 s
        first ping        not within 401 ms
        pong within       20 s
        maxPayload        not announced
        connect timeout   longer than 3 s
        upgrade timeout   -
        extended          no
        recovery          yes
        JSONP             yes
        CORS              no
        compression       none
        cookies           io

        note  /engine.io/ is not served: a handshake is answered with status 404 ("Cannot GET /")
        note  /socket.io/: polling is not served: refused with status 400: Transport unknown
        note  taken as given: --without eio3
        note  /socket.io/: pings come every 25 s, so that the cases which wait for several of them are left out; --max-wait SECONDS includes them, and a server with pingInterval 300 and pingTimeout 200 plays them in seconds
        "#);
    }

    #[test]
    fn a_survey_is_read_back_from_its_json() {
        let survey = survey();
        let json = serde_json::to_string(&survey).unwrap_or_default();
        assert!(json.contains("\"pingInterval\":25000,"), "{json}");
        assert_eq!(serde_json::from_str::<Survey>(&json).ok(), Some(survey));
    }
}
