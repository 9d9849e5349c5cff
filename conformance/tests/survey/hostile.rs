//! Text from a server never acts on the terminal of the reader.

use siospec::contract::Eio3;

use crate::command::{siospec, stderr, stdout};
use crate::embedded;
use crate::front::{Front, Way, answer};

/// Replaces bytes by the same number of others, so that lengths stay correct.
fn replaced(bytes: &[u8], from: &[u8; 10], to: &[u8; 10]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    while let Some(at) = bytes.windows(from.len()).position(|window| window == from) {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

fn assert_harmless(text: &str) {
    let is_harmful = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{202a}'..='\u{202e}'));
    assert!(!text.contains(is_harmful), "{text:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_without_control_characters() {
    let body = "\u{1b}[2J\u{9b}31m\u{202e}nothing here";
    for (status, fields) in [("404 Not Found", ""), ("301 Moved Permanently", "Location: /\u{202e}here\r\n")] {
        let front = Front::answering(answer(status, fields, body));
        for args in [&["check"][..], &["run"]] {
            let url = front.url();
            let args: Vec<&str> = args.iter().copied().chain([url.as_str()]).collect();
            let output = siospec(&args).await;
            assert_eq!(output.status.code(), Some(3));
            assert_harmless(&stdout(&output));
            assert_harmless(&stderr(&output));
            assert!(stderr(&output).contains("202e"), "{}", stderr(&output));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_and_a_survey_show_control_characters_as_escapes() {
    let server = embedded(Eio3::Refused).await;
    let edits: [&'static [u8; 10]; 2] = [br"\u001b[2Jx", b"\x1b[2J\xe2\x80\xaexxx"];
    for edit in edits {
        let front = Front::editing(&server.url(), Way::On, move |bytes| replaced(&bytes, b"maxPayload", edit));
        let url = front.url();
        for args in [&["check", &url][..], &["check", &url, "--json"], &["run", &url, "eio4/handshake", "-v"]] {
            let output = siospec(args).await;
            assert_harmless(&stdout(&output));
            assert_harmless(&stderr(&output));
        }
        let output = siospec(&["run", &url, "eio4/handshake"]).await;
        assert!(format!("{}{}", stdout(&output), stderr(&output)).contains("[2J"), "{}", stdout(&output));
    }
}
