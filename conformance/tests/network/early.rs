//! Answers that come before the whole request was read.

use std::io::{Read as _, Write as _};

use siospec::party::network::Target;

use crate::hostile::{Hostile, read_head};
use crate::play::{assert_passed, play};

const REFUSAL: &[u8] = b"HTTP/1.1 413 Payload Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

/// The number of repetitions: one answer in a hundred was lost.
const TIMES: usize = 100;

/// A server that decides by the head, and closes without reading the body, which resets the connection.
fn refuses_by_length() -> Hostile {
    Hostile::start(|mut stream| {
        read_head(&mut stream);
        // Some of the body is being sent by then.
        let _ = stream.read(&mut [0; 1000]);
        stream.write_all(REFUSAL).unwrap();
    })
}

//= EIO4-POST-10
#[tokio::test]
async fn a_413_is_read_although_the_body_could_not_be_written() {
    let server = refuses_by_length();
    let target = Target::new(&server.url, "/engine.io/").unwrap();
    for _ in 0..TIMES {
        let outcome = play(
            &target,
            "p  C post    EIO=4&transport=polling&sid=x\np  C body    4  fill 1000000\np  S 413\np  S body    {}\n",
        )
        .await;
        assert_passed(&outcome);
    }
}
