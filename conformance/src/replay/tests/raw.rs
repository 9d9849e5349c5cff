//! Raw bytes that no HTTP client would send, and the status of the answer.

use super::*;

const RAW: &str = "r C raw  GET / HTTP/1.1\\r\\n\\r\\n\n";

#[test]
fn an_error_status_is_an_end_though_the_connection_stays() {
    let mut told = Told::new(&format!("{RAW}r S end\n"));
    told.see(0, Seen::Head(400));
    told.passes();
}

#[test]
fn an_end_without_an_answer_is_one_too() {
    let mut told = Told::new(&format!("{RAW}r S end\n"));
    told.see(0, Seen::Lost("the connection ended".to_owned()));
    told.passes();
}

#[test]
fn a_connection_that_was_let_in_and_ends_was_not_refused() {
    let mut told = Told::new(&format!("{RAW}r S end\n"));
    told.see(0, Seen::Head(101));
    told.see(0, Seen::Lost("the connection ended".to_owned()));
    assert_eq!(told.fails(), "status 101");
}

#[test]
fn a_status_that_is_expected_may_be_followed_by_the_end() {
    let mut told = Told::new(&format!("{RAW}r S 101\nr S end\n"));
    told.see(0, Seen::Head(101));
    assert!(told.outcome.is_none());
    told.see(0, Seen::Lost("the connection ended".to_owned()));
    told.passes();
}

#[test]
fn a_request_is_over_once_it_is_answered_or_reset() {
    for end in [Seen::Head(101), Seen::Head(400), Seen::Lost("the connection was reset".to_owned())] {
        let mut told = Told::new(&format!("{RAW}r S over\n"));
        told.see(0, end);
        told.passes();
    }
    let post = "p C post  EIO=4&transport=polling&sid=A\np C packet  8\np S over\n";
    for status in [200, 400, 500] {
        let mut told = Told::new(post);
        told.answer(0, status, "whatever");
        told.passes();
    }
    let mut told = Told::new(post);
    told.see(0, Seen::Lost("the connection was reset".to_owned()));
    told.passes();

    let mut told = Told::new(post);
    told.pass(5000);
    assert_eq!(told.fails(), "the request is still unanswered after 3000 ms");
}
