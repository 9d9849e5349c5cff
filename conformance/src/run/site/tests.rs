//! Tests which cases apply to which servers.

use super::*;
use crate::survey::{Absence, Distance, FirstPing};

fn site(engine: Finding, socket: Finding) -> Site {
    let distance = Distance { round_trip: Duration::from_millis(40), spread: Duration::from_millis(3) };
    let survey = Survey { engine, socket, distance, ..Survey::sample() };
    let target = |path| Target::new("http://127.0.0.1:1", path).unwrap_or_else(|error| panic!("{error}"));
    Site::new(survey, &target("/engine.io/"), &target("/chat"), Patience::default())
}

fn engine() -> Service {
    Service::sample("/engine.io/", Application::Echo)
}

fn socket() -> Service {
    let connect_timeout = Some(Timer::After(Duration::from_millis(1000)));
    Service { connect_timeout, ..Service::sample("/chat/", Application::Contract) }
}

fn served(service: Service) -> Finding {
    Finding::Served(Box::new(service))
}

fn absent(path: &str) -> Finding {
    let absence = Absence::Status { status: 404, location: None, words: None };
    Finding::Absent { path: path.to_owned(), absence }
}

fn case(needs: &str, body: &str) -> Case {
    let source = format!("title     x\ncovers    EIO4-HB-01\nlevel     must\nneeds     {needs}\n\n{body}");
    let trace = Trace::parse("x.trace", &source).unwrap_or_else(|error| panic!("{error}"));
    Case { id: "x".to_owned(), trace, origin: crate::cases::Origin::Written }
}

const OPEN: &str = "ws C open  EIO=4&transport=websocket\n";

/// The path where a case with these needs is played, or why it does not apply.
fn place(site: &Site, needs: &str) -> Result<String, String> {
    site.place(&case(needs, OPEN)).map(|place| place.target.path().to_owned()).map_err(not_applicable)
}

fn not_applicable(unfit: Unfit) -> String {
    match unfit {
        Unfit::NotApplicable(why) => why,
        Unfit::Unsupported(why) => panic!("{why}"),
    }
}

fn at(path: &str) -> Result<String, String> {
    Ok(path.to_owned())
}

#[test]
fn a_case_is_played_where_its_application_is() {
    let both = site(served(engine()), served(socket()));
    assert_eq!(place(&both, "websocket"), at("/engine.io/"));
    assert_eq!(place(&both, "websocket echo"), at("/engine.io/"));
    assert_eq!(place(&both, "websocket contract"), at("/chat/"));
    let sockets = site(absent("/engine.io/"), served(socket()));
    assert_eq!(place(&sockets, "websocket"), at("/chat/"));
    let why = "/engine.io/ is not served: a handshake is answered with status 404";
    assert_eq!(place(&sockets, "websocket echo"), Err(why.to_owned()));
    let echo = site(served(engine()), absent("/chat"));
    assert_eq!(place(&echo, "polling upgrade"), at("/engine.io/"));
    assert!(place(&echo, "polling contract").is_err_and(|why| why.starts_with("/chat is not served")));
}

/// A case that needs no application can use either path, so the one that offers what it needs is taken.
#[test]
fn a_case_moves_on_to_the_path_that_offers_what_it_needs() {
    let no_websocket = Offered::NotServed("refused with status 400: Transport unknown".to_owned());
    let polls = Service { websocket: no_websocket, upgrades: Vec::new(), ..engine() };
    let mixed = site(served(polls.clone()), served(socket()));
    assert_eq!(place(&mixed, "websocket"), at("/chat/"));
    assert_eq!(place(&mixed, "polling"), at("/engine.io/"));
    let alone = site(served(polls), absent("/chat"));
    let why = "/engine.io/ does not serve websocket (refused with status 400: Transport unknown)";
    assert_eq!(place(&alone, "websocket"), Err(why.to_owned()));
}

#[test]
fn every_need_is_met_or_says_why_not() {
    let plain = site(absent("/engine.io/"), served(socket()));
    let rich = Service {
        extended: true,
        eio3: true,
        jsonp: false,
        cors: true,
        recovery: true,
        max_payload: None,
        upgrades: Vec::new(),
        ..socket()
    };
    let rich = site(absent("/engine.io/"), served(rich));
    for (need, without, why) in [
        ("upgrade", &rich, "/chat/ announces no upgrade to a WebSocket"),
        ("maxPayload", &rich, "/chat/ announces no maxPayload"),
        ("eio3", &plain, "/chat/ does not serve Engine.IO 3"),
        ("no-eio3", &rich, "/chat/ serves Engine.IO 3 as well"),
        ("jsonp", &rich, "/chat/ does not serve JSONP"),
        ("cors", &plain, "/chat/ announces no CORS to pages of another origin"),
        ("extended", &plain, "/chat/ does not offer the extended contract on /siospec"),
        ("recovery", &plain, "/chat/ does not offer connection state recovery"),
        ("no-recovery", &rich, "/chat/ offers connection state recovery, which adds an offset to events"),
    ] {
        let with = if std::ptr::eq(without, &plain) { &rich } else { &plain };
        assert_eq!(place(with, need), at("/chat/"), "{need}");
        assert_eq!(place(without, need), Err(why.to_owned()), "{need}");
    }
    assert_eq!(place(&plain, "payload 1000000"), at("/chat/"));
    let why = "/chat/ takes no payloads of 1000001 bytes, but of 1000000 at most";
    assert_eq!(place(&plain, "payload 1000001"), Err(why.to_owned()));
    assert_eq!(place(&rich, "payload 65536"), at("/chat/"));
    assert_eq!(place(&plain, "patience 15s"), at("/chat/"));
    let why = "it would wait for more than 15 s; --max-wait 60 includes it";
    assert_eq!(place(&plain, "patience 45s"), Err(why.to_owned()));
}

#[test]
fn a_case_about_messagepack_needs_a_server_that_takes_it() {
    let plain = site(absent("/engine.io/"), served(socket()));
    let why = "/chat/ takes packets in the default form, and not in MessagePack";
    assert_eq!(place(&plain, "msgpack"), Err(why.to_owned()));
    let found = Service { application: Application::MessagePack, ..socket() };
    let found = site(absent("/engine.io/"), served(found));
    assert_eq!(place(&found, "msgpack"), at("/chat/"));
    let target = found.place(&case("websocket msgpack", OPEN)).map(|place| place.target.parser());
    assert_eq!(target, Ok(Parser::MsgPack));
}

#[test]
fn a_handshake_that_fails_is_judged_and_one_that_is_obstructed_is_not() {
    let with = |offered| site(absent("/engine.io/"), served(Service { websocket: offered, ..socket() }));
    assert_eq!(place(&with(Offered::Faulty("refused with status 500".to_owned())), "websocket"), at("/chat/"));
    let why = "websocket cannot be had on /chat/ (refused with status 400: Bad request)";
    let obstructed = with(Offered::Obstructed("refused with status 400: Bad request".to_owned()));
    assert_eq!(place(&obstructed, "websocket"), Err(why.to_owned()));
}

#[test]
fn another_application_is_no_reason_to_leave_out_what_needs_none() {
    let other = Service { application: Application::OtherSocketIo, ..socket() };
    let site = site(absent("/engine.io/"), served(other));
    assert_eq!(place(&site, "websocket"), at("/chat/"));
    let why = "/chat/ does not run the contract's application: neither `auth` nor `message-back` arrives";
    assert_eq!(place(&site, "contract"), Err(why.to_owned()));
}

#[test]
fn what_is_said_counts_for_more_than_what_was_found() {
    let mut site = site(served(engine()), served(socket()));
    site.survey.overrules.without(&[Feature::Contract, Feature::Eio3, Feature::Polling]);
    assert_eq!(place(&site, "contract"), Err("--without contract".to_owned()));
    assert_eq!(place(&site, "polling"), Err("--without polling".to_owned()));
    assert_eq!(place(&site, "no-eio3"), at("/engine.io/"));
    assert!(site.place(&case("websocket", OPEN)).is_ok_and(|place| place.conditions.probe == Transport::Websocket));
}

/// Whatever was found, and also where the path is not asked because of it.
#[test]
fn what_the_implementation_declares_not_to_have_is_unsupported() {
    let folder = std::env::temp_dir().join(format!("siospec-declared-{}.toml", std::process::id()));
    std::fs::write(&folder, "echo = false\ncontract = false\nrecovery = false\neio3 = true\n").unwrap();
    let mut overrules = survey::Overrules::default();
    overrules.read(&folder).unwrap();
    std::fs::remove_file(&folder).unwrap();
    let not_asked = || Finding::NotAsked { path: "/engine.io/".to_owned(), why: "as said".to_owned() };
    let mut site = site(not_asked(), served(Service { recovery: true, ..socket() }));
    site.survey.overrules = overrules;
    let unsupported = |needs: &str| match site.place(&case(needs, OPEN)) {
        Err(Unfit::Unsupported(why)) => why.contains(".toml says "),
        _ => false,
    };
    assert!(unsupported("echo") && unsupported("contract") && unsupported("websocket recovery"));
    assert_eq!(place(&site, "websocket no-recovery"), at("/chat/"));
    assert!(place(&site, "no-eio3").is_err_and(|why| why.contains("says eio3 = true")), "it has the feature");
    assert!(place(&site, "jsonp").is_ok());
    site.survey.socket = absent("/chat");
    assert!(matches!(site.place(&case("websocket", OPEN)), Err(Unfit::Unsupported(_))));
}

#[test]
fn limits_are_played_up_to_a_bound() {
    let body = format!("{OPEN}ws C text  4  fill $max + 1\n");
    let place = |max_payload| {
        let site = site(absent("/engine.io/"), served(Service { max_payload, ..socket() }));
        site.place(&case("websocket", &body)).map(|_| ()).map_err(not_applicable)
    };
    assert_eq!(place(Some(MAX_PAYLOAD)), Ok(()));
    let why = "maxPayload of /chat/ is 16777217 bytes, and limits are tried up to 16777216 bytes";
    assert_eq!(place(Some(MAX_PAYLOAD + 1)), Err(why.to_owned()));
    assert_eq!(place(None), Err("/chat/ announces no maxPayload".to_owned()));
}

#[test]
fn a_case_that_waits_too_long_says_how_to_include_it() {
    let slow = Service {
        ping_interval: Some(Duration::from_secs(25)),
        ping_timeout: Some(Duration::from_secs(20)),
        first_ping: FirstPing::NotWithin(Duration::from_millis(400)),
        ..socket()
    };
    let mut site = site(absent("/engine.io/"), served(slow));
    let waits = case("websocket", &format!("{OPEN}ws S text  2  @ $interval -10% +25%\n"));
    let why = "it would wait for more than 15 s, since pings come every 25 s and are waited for 20 s; --max-wait 60 includes it";
    assert_eq!(site.place(&waits).map(|_| ()), Err(Unfit::NotApplicable(why.to_owned())));
    site.patience.max_wait = Duration::from_secs(60);
    assert!(site.place(&waits).is_ok());
}

/// Servers do not announce these timers.
#[test]
fn a_case_about_a_timer_needs_to_know_it() {
    let longer = Some(Timer::LongerThan(Duration::from_secs(3)));
    let body = format!("{OPEN}ws S closed  @ $connect -10% +25%\n");
    let place = |connect_timeout| {
        let site = site(absent("/engine.io/"), served(Service { connect_timeout, ..socket() }));
        site.place(&case("websocket", &body)).map(|_| ()).map_err(not_applicable)
    };
    assert_eq!(place(Some(Timer::After(Duration::from_secs(1)))), Ok(()));
    let why = "connectTimeout of /chat/ is longer than 3 s and is not announced; a --features file with connectTimeout = \
               MILLISECONDS includes it";
    assert_eq!(place(longer), Err(why.to_owned()));
}

#[test]
fn the_engine_is_told_what_is_known_of_the_path() {
    let upgrade_timeout = Some(Timer::After(Duration::from_millis(300)));
    let mut site = site(served(engine()), served(Service { upgrade_timeout, ..socket() }));
    let conditions = |site: &Site, needs: &str| site.place(&case(needs, OPEN)).map(|place| place.conditions);
    let there = conditions(&site, "contract").unwrap_or_default();
    assert_eq!(there.unjoined, Unjoined::Closed(Duration::from_millis(1000)));
    assert_eq!(there.upgrade_timeout, Some(Duration::from_millis(300)));
    assert_eq!((there.round_trip, there.spread), (Duration::from_millis(40), Duration::from_millis(3)));
    assert_eq!(there.step, Duration::from_millis(3040));
    assert_eq!(conditions(&site, "echo").unwrap_or_default().unjoined, Unjoined::Lives);
    // If a timer is longer than the survey waited, that minimum is known.
    if let Finding::Served(service) = &mut site.survey.socket {
        service.connect_timeout = Some(Timer::LongerThan(Duration::from_secs(3)));
        service.upgrade_timeout = Some(Timer::LongerThan(Duration::from_secs(3)));
    }
    let there = conditions(&site, "contract").unwrap_or_default();
    assert_eq!((there.unjoined, there.upgrade_timeout), (Unjoined::Closed(Duration::from_secs(3)), None));
}
