//! A POST with a pong and a POST of the trace never overlap.

use super::*;

const TALK: &str = "hs C session  polling\ng C get  EIO=4&transport=polling&sid=$sid\ng S 200\ng S packet  4a\n\
                    p C post  EIO=4&transport=polling&sid=$sid\np C packet  4hi\np S 200\n";

/// The bodies that were posted.
fn posted(told: &Told) -> Vec<&[u8]> {
    let posts = told.commands.iter().filter_map(|command| match command {
        Command::Request { request, .. } if request.method == "POST" => Some(&request.body[..]),
        _ => None,
    });
    posts.collect()
}

//= EIO4-POST-03
#[test]
fn a_post_waits_for_the_answer_to_a_pong() {
    let mut told = Told::new(TALK);
    told.answer(0, 200, OPEN);
    told.answer(1, 200, "2\u{1e}4a");
    assert_eq!(posted(&told), [b"3"]);
    told.answer(2, 200, "ok");
    assert_eq!(posted(&told), [&b"3"[..], b"4hi"]);
    told.answer(3, 200, "ok");
    told.passes();
}

//= EIO4-POST-03
#[test]
fn a_post_waits_no_longer_for_a_pong_than_for_anything_else() {
    let mut told = Told::new(TALK);
    told.answer(0, 200, OPEN);
    told.answer(1, 200, "2\u{1e}4a");
    told.pass(10_000);
    assert_eq!(posted(&told), [&b"3"[..], b"4hi"]);
}

//= EIO4-POST-03
#[test]
fn a_pong_waits_for_the_answer_to_a_post_as_long_as_the_session_can() {
    let body = "hs C session  polling\np C post  EIO=4&transport=polling&sid=$sid\np C packet  4hi\n\
                g C get  EIO=4&transport=polling&sid=$sid\np S 200\ng S 200\ng S packet  4a\n";
    for is_answered in [true, false] {
        let mut told = Told::new(body);
        told.answer(0, 200, OPEN);
        told.answer(2, 200, "2");
        told.pass(99);
        assert_eq!(posted(&told), [b"4hi"]);
        if is_answered {
            told.answer(1, 200, "ok");
        } else {
            told.pass(1);
        }
        assert_eq!(posted(&told), [&b"4hi"[..], b"3"]);
    }
}

//= EIO4-POST-03
#[test]
fn a_pong_waits_for_the_answer_to_the_pong_before_it() {
    let mut told =
        Told::new("hs C session  polling\ng C get  EIO=4&transport=polling&sid=$sid\ng S 200\ng S packet  4a\n");
    told.answer(0, 200, OPEN);
    told.answer(1, 200, "2");
    // The GET goes on, and the next ping is faster than the answer to the first pong.
    told.answer(3, 200, "2");
    assert_eq!(posted(&told), [b"3"]);
    told.answer(2, 200, "ok");
    assert_eq!(posted(&told), [b"3", b"3"]);
}
