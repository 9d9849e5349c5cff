//! Servers that behave correctly.

use std::time::Duration;

use siospec::contract::Eio3;
use siospec::survey::{Application, Finding, FirstPing, Offered, Survey, Timer};

use crate::front::{Front, Way};
use crate::{embedded, sockets, take};

fn is_about(timer: Option<Timer>, millis: u64) -> bool {
    matches!(timer, Some(Timer::After(after)) if after.as_millis().abs_diff(u128::from(millis)) < 400)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contracts_servers_are_found_as_they_are() {
    let server = embedded(Eio3::Refused).await;
    let survey = take(&server.url()).await.unwrap();
    assert_eq!(survey.server, server.url());
    for service in [survey.engine.service().unwrap(), sockets(&survey)] {
        assert_eq!((&service.polling, &service.websocket), (&Offered::Served, &Offered::Served));
        assert!(service.announces_upgrade());
        assert_eq!(service.ping_interval, Some(Duration::from_millis(300)));
        assert_eq!(service.ping_timeout, Some(Duration::from_millis(200)));
        assert_eq!(service.max_payload, Some(1_000_000));
        assert!(matches!(service.first_ping, FirstPing::After(_)), "{service:?}");
        assert!(!service.eio3 && !service.recovery && service.cookies.is_empty(), "{service:?}");
        assert_eq!(service.traps, []);
    }
    assert_eq!(survey.engine.service().unwrap().application, Application::Echo);
    assert_eq!(survey.engine.service().unwrap().connect_timeout, None);
    assert_eq!(sockets(&survey).application, Application::Contract);
    assert!(is_about(sockets(&survey).connect_timeout, 1000), "{survey:?}");
    assert!(survey.duration < Duration::from_secs(6), "it took {:?}", survey.duration);
    let json = serde_json::to_string(&survey).unwrap();
    let again: Survey = serde_json::from_str(&json).unwrap();
    assert_eq!(again.socket.path(), survey.socket.path());
}

//= EIO3-HS-05
#[tokio::test(flavor = "multi_thread")]
async fn the_third_revision_beside_the_fourth_is_seen() {
    let server = embedded(Eio3::Allowed).await;
    let survey = take(&server.url()).await.unwrap();
    assert!(sockets(&survey).eio3);
}

/// A server that treats every revision number as 4 does not serve clients of 3.
#[tokio::test(flavor = "multi_thread")]
async fn any_answer_is_not_the_third_revision() {
    let server = embedded(Eio3::Refused).await;
    let front = Front::before(&server.url(), |head| Way::On(head.replace("EIO=3", "EIO=4")));
    assert!(!sockets(&take(&front.url()).await.unwrap()).eio3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transport_that_is_not_enabled_is_not_served() {
    let refusal = || {
        let error = r#"{"code":0,"message":"Transport unknown"}"#;
        Way::Answer(crate::front::answer("400 Bad Request", "Content-Type: application/json\r\n", error))
    };
    let server = embedded(Eio3::Refused).await;
    let front = Front::before(&server.url(), move |head| match head.contains("transport=polling") {
        true => refusal(),
        false => Way::On(head),
    });
    let survey = take(&front.url()).await.unwrap();
    let how = "refused with status 400: Transport unknown".to_owned();
    assert_eq!(sockets(&survey).polling, Offered::NotServed(how.clone()));
    assert_eq!(sockets(&survey).application, Application::Contract);
    let front = Front::before(&server.url(), move |head| match head.contains("transport=websocket") {
        true => refusal(),
        false => Way::On(head),
    });
    let survey = take(&front.url()).await.unwrap();
    assert_eq!(sockets(&survey).websocket, Offered::NotServed(how));
    assert_eq!(survey.engine.service().unwrap().application, Application::Echo);
}

/// A Node server without a request listener behaves so on every path except Socket.IO's.
#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_never_answers_does_not_stop_the_other() {
    let server = embedded(Eio3::Refused).await;
    let front = Front::before(&server.url(), |head| match head.contains("/engine.io/") {
        true => Way::Mute,
        false => Way::On(head),
    });
    let survey = take(&front.url()).await.unwrap();
    let Finding::Absent { path, absence } = &survey.engine else { panic!("{survey:?}") };
    assert_eq!(
        (path.as_str(), absence.to_string()),
        ("/engine.io/", "a handshake is not answered within 5 s".to_owned())
    );
    assert_eq!(sockets(&survey).application, Application::Contract);
    assert!(survey.duration < Duration::from_secs(12), "it took {:?}", survey.duration);
}

/// The cases judge faults in an open packet; the survey continues in spite of them.
//= EIO4-HS-02
#[tokio::test(flavor = "multi_thread")]
async fn a_fault_in_the_open_packet_is_no_reason_to_stop() {
    let server = embedded(Eio3::Refused).await;
    let edit = |bytes: Vec<u8>| {
        String::from_utf8(bytes).map_or_else(
            |error| error.into_bytes(),
            |text| text.replace("\"pingInterval\":300", "\"pingInterval\":\"3\"").into_bytes(),
        )
    };
    let front = Front::editing(&server.url(), Way::On, edit);
    let survey = take(&front.url()).await.unwrap();
    assert_eq!(sockets(&survey).ping_interval, None);
    assert_eq!(sockets(&survey).application, Application::Contract);
    assert!(survey.notes().any(|note| note.contains("has no pingInterval, or a value that cannot be used")));
}
