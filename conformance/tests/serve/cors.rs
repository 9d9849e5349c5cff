//! The answers to pages of another origin. The headers are those of engine.io 6.6.11 with the same options.

use crate::raw::{Answer, Raw, UPGRADE, open};
use crate::served::Served;

const ORIGIN: &str = "Origin: http://page.example\r\n";
const PATH: &str = "/engine.io/?EIO=4&transport=polling";

/// Answers of all kinds that a browser can get, with their statuses.
fn answers(served: &Served) -> Vec<Answer> {
    let mut connection = Raw::connect(served);
    let mut sockets = Raw::connect(served);
    let sid = open(&mut connection, "/socket.io/");
    let post = format!("/socket.io/?EIO=4&transport=polling&sid={sid}");
    let answers = vec![
        connection.ask("GET", PATH, ORIGIN),
        connection.ask("GET", &format!("{PATH}&sid=unknown"), ORIGIN),
        connection.ask("POST", PATH, ORIGIN),
        connection.ask("POST", &post, &format!("{ORIGIN}Content-Length: 2000000\r\n")),
        sockets.ask("GET", "/engine.io/?EIO=4&transport=websocket", &format!("{ORIGIN}{UPGRADE}")),
    ];
    assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200, 400, 400, 413, 101]);
    answers
}

/// The headers about origins, in alphabetical order.
fn told(answer: &Answer) -> Vec<&str> {
    let is_about_origins = |line: &&str| line.starts_with("access-control") || line.starts_with("vary");
    let mut told: Vec<_> = answer.headers.iter().map(String::as_str).filter(is_about_origins).collect();
    told.sort_unstable();
    told
}

const ANY: (&[&str], &[&str]) = (&["--cors", "*"], &["access-control-allow-origin: *"]);
const ONE: (&[&str], &[&str]) =
    (&["--cors", "http://page.example"], &["access-control-allow-origin: http://page.example", "vary: Origin"]);
const WITH_CREDENTIALS: (&[&str], &[&str]) = (
    &["--cors", "http://other.example:81", "--cors-credentials"],
    &["access-control-allow-credentials: true", "access-control-allow-origin: http://other.example:81", "vary: Origin"],
);
const NONE: (&[&str], &[&str]) = (&[], &[]);

//= EIO4-HDR-01
#[test]
fn every_answer_says_which_origin_may_read_it() {
    for (options, expected) in [ANY, ONE, WITH_CREDENTIALS, NONE] {
        for answer in answers(&Served::start(options)) {
            assert_eq!(told(&answer), expected, "{options:?}: {answer:?}");
        }
    }
}

//= EIO4-HDR-01
#[test]
fn a_preflight_is_answered_and_starts_no_session() {
    for (options, expected) in [ANY, ONE, WITH_CREDENTIALS] {
        let served = Served::start(options);
        let mut connection = Raw::connect(&served);
        for (asked, allowed) in [("", None), ("Access-Control-Request-Headers: x-a, x-b\r\n", Some("x-a, x-b"))] {
            let headers = format!("{ORIGIN}Access-Control-Request-Method: POST\r\n{asked}");
            let answer = connection.ask("OPTIONS", PATH, &headers);
            assert_eq!((answer.status, answer.body.as_str()), (204, ""));
            assert_eq!(answer.header("access-control-allow-methods"), Some("GET,HEAD,PUT,PATCH,POST,DELETE"));
            assert_eq!(answer.header("access-control-allow-headers"), allowed);
            // The same as on every other answer, and the headers that a preflight depends on.
            let vary = if options[1] == "*" { "" } else { "Origin, " };
            assert_eq!(answer.header("vary"), Some(&*format!("{vary}Access-Control-Request-Headers")));
            let same = |line: &&&str| line.starts_with("access-control");
            let missing =
                expected.iter().filter(same).find(|line| !answer.headers.iter().any(|header| header == *line));
            assert_eq!(missing, None, "{options:?}: {answer:?}");
        }
    }
    let served = Served::start(&[]);
    let answer = Raw::connect(&served).ask("OPTIONS", PATH, ORIGIN);
    assert_eq!((answer.status, told(&answer)), (400, vec![]), "CORS is off");
}
