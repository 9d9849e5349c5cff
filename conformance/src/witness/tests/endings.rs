//! What has to end a session, and sessions that go on.

use super::*;

/// What ends a session by the server, what the client breaks by it, and what the server breaks if it goes on.
const FAULTS: [(&str, Option<&str>, &str); 9] = [
    ("x", Some("EIO4-PKT-06"), "EIO4-WS-04"),
    ("2", Some("EIO4-HB-15"), "EIO4-HB-07"),
    (r#"42["x""#, Some("SIO5-PKT-15"), "SIO5-ERR-01"),
    ("42{}", Some("SIO5-PKT-07"), "SIO5-ERR-01"),
    (r#"42["connect"]"#, Some("SIO5-EVT-02"), "SIO5-PKT-08"),
    (r#"42/b,["x"]"#, Some("SIO5-CON-01"), "SIO5-CON-10"),
    ("40", None, "SIO5-CON-11"),
    (r#"44{"message":"no"}"#, None, "SIO5-CON-12"),
    (LONG, None, "EIO4-WS-06"),
];

/// More than the `maxPayload` of the tapes, which is 100.
const LONG: &str =
    r#"42["                                                                                                   "]"#;

//= shown by rows of a table:
//= EIO4-WS-04
//= EIO4-WS-06
//= EIO4-HB-07
//= SIO5-ERR-01
//= SIO5-PKT-08
//= SIO5-CON-10
//= SIO5-CON-11
//= SIO5-CON-12
#[test]
fn a_server_that_goes_on_although_the_session_had_to_end_is_found() {
    for (fault, broken, duty) in FAULTS {
        let begun = || Tape::joined().text(10, Client, fault);
        let by_client: Vec<_> = broken.into_iter().map(|id| (id, Client)).collect();
        assert_eq!(begun().text(300, Server, r#"42["x"]"#).violations(), by_client, "{fault}: it can be on its way");
        let both: Vec<_> = by_client.into_iter().chain([(duty, Server)]).collect();
        assert_eq!(begun().text(2011, Server, r#"42["x"]"#).violations(), both, "{fault}: long after");
        let answers = begun().text(11, Client, r#"427["x"]"#).text(12, Server, "437[]");
        assert_eq!(answers.violations(), both, "{fault}: it answers what came later");
        let joins = begun().text(11, Client, "40/c,").text(12, Server, r#"44/c,{"message":"no"}"#);
        assert_eq!(joins.violations(), both, "{fault}: it answers a CONNECT that came later");
    }
}

//= SIO5-CON-09
#[test]
fn a_session_whose_first_packet_is_no_connect_has_to_end() {
    let begun = || Tape::new(4).socket(0, "").text(1, Server, DIRECT).text(2, Client, r#"420["x"]"#);
    assert_eq!(begun().violations(), [("SIO5-CON-01", Client)]);
    let answered = begun().text(3, Client, "40").text(4, Server, r#"40{"sid":"S"}"#);
    assert_eq!(answered.violations(), [("SIO5-CON-01", Client), ("SIO5-CON-09", Server)]);
}

//= EIO4-WS-19
//= SIO5-ERR-03
#[test]
fn a_client_ends_the_session_too() {
    for (fault, broken, duty) in [("x", "EIO4-PKT-06", "EIO4-WS-19"), (r#"42["x""#, "SIO5-PKT-15", "SIO5-ERR-03")] {
        let begun = || Tape::joined().text(10, Server, fault);
        assert_eq!(begun().text(300, Client, r#"42["x"]"#).violations(), [(broken, Server)]);
        let both = [(broken, Server), (duty, Client)];
        assert_eq!(begun().text(2011, Client, r#"42["x"]"#).violations(), both);
        assert_eq!(begun().text(11, Server, r#"423["x"]"#).text(12, Client, "433[]").violations(), both);
    }
}

//= EIO4-CL-01
//= EIO4-CL-02
//= EIO4-POST-05
#[test]
fn a_session_on_polling_that_has_to_end_is_not_used() {
    let open = || Tape::new(4).poll(0, 1, OPEN);
    assert_eq!(open().post(5, "1").poll(5, 6, "6").violations(), []);
    assert_eq!(open().post(5, "1").poll(2200, 2201, "2").violations(), [("EIO4-CL-01", Server)]);
    let busy = open().request("POST", (5, 2100), ("1", "ok")).poll(5, 2105, "2");
    assert_eq!(busy.violations(), [], "the server has only just heard it");
    assert_eq!(open().poll(5, 6, "1").post(200, "1").violations(), []);
    assert_eq!(open().poll(5, 6, "1").post(2100, "3").violations(), [("EIO4-CL-02", Client)]);
    let undecodable = open().post(5, "x").poll(2200, 2201, "2").violations();
    assert_eq!(undecodable, [("EIO4-PKT-06", Client), ("EIO4-POST-05", Server)]);
    let upgrading = Tape::probed().poll(5, 25, "1").text(30, Client, "5").text(2500, Client, "40");
    assert_eq!(upgrading.violations(), [], "a poll that ends with 1 while the session moves does not end it");
}

//= SIO5-DIS-01
#[test]
fn a_namespace_that_the_client_left_is_silent() {
    let left = || Tape::joined().text(10, Client, "41");
    assert_eq!(left().text(300, Server, r#"42["x"]"#).violations(), [], "it can be on its way");
    assert_eq!(left().text(3011, Server, r#"42["x"]"#).violations(), [("SIO5-DIS-01", Server)]);
    assert_eq!(left().text(3011, Server, "41").violations(), [("SIO5-DIS-01", Server)]);
    assert_eq!(left().text(12, Server, "41").violations(), [], "both can leave at the same time");
    let joined = || left().text(13, Client, "40/a,").text(14, Server, r#"40/a,{"sid":"T"}"#).text(15, Client, "41/a,");
    let answered = joined().text(12, Server, "41").text(16, Server, "41/a,");
    assert_eq!(answered.violations(), [("SIO5-DIS-01", Server); 2], "but not each time");
    assert_eq!(joined().text(16, Server, "41/a,").violations(), []);
    let back = left().text(20, Client, "40").text(21, Server, r#"40{"sid":"S"}"#).text(3100, Server, r#"42["x"]"#);
    assert_eq!(back.violations(), []);
}
