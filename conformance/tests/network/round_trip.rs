//! Measures the round trip to a server.

use std::io::Write as _;
use std::time::{Duration, Instant};

use siospec::party::network::Target;

use crate::hostile::{Hostile, read_head};

const REFUSAL: &str = "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n";

/// The round trip of the server.
const WAY: Duration = Duration::from_millis(100);

#[tokio::test]
async fn the_median_is_the_way_there_and_back_whether_or_not_connections_are_kept() {
    for ending in ["Connection: close\r\n\r\n{}", "\r\n{}"] {
        let server = Hostile::start(move |mut stream| {
            while read_head(&mut stream).contains("sid=siospec") {
                std::thread::sleep(WAY);
                stream.write_all(format!("{REFUSAL}{ending}").as_bytes()).unwrap();
                if ending.starts_with('C') {
                    return;
                }
            }
        });
        let target = Target::new(&server.url, "/engine.io/").unwrap();
        let measured = target.round_trip().await.unwrap();
        assert!(measured.least >= WAY && measured.median >= measured.least, "{measured:?}");
        // The others may be longer by whatever else the machine does.
        assert!(measured.least < 3 * WAY && measured.most >= measured.median, "{measured:?}");
        assert_eq!(measured.spread(), measured.most - measured.least);
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_no_measure() {
    let server = Hostile::start(drop);
    let target = Target::new(&server.url, "/engine.io/").unwrap();
    let reason = target.round_trip().await.unwrap_err();
    assert!(reason.starts_with("the connection "), "{reason}");

    let server = Hostile::start(|mut stream| while !read_head(&mut stream).is_empty() {});
    let target = Target::new(&server.url, "/engine.io/").unwrap();
    let since = Instant::now();
    assert_eq!(target.round_trip().await.unwrap_err(), "there is no answer within 5 s");
    assert!(since.elapsed() < Duration::from_secs(10));
}
