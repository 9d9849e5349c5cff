//! The addresses that `serve` listens on, and its errors.

use std::net::TcpListener;
use std::process::Command;

use crate::raw::{Raw, open};
use crate::served::Served;

/// The exit code and the message of a server that does not start.
pub(crate) fn refused(options: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_siospec")).arg("serve").args(options).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_host_is_an_address_or_a_name() {
    let mut hosts = vec!["127.0.0.1", "localhost"];
    if TcpListener::bind("[::1]:0").is_ok() {
        hosts.extend(["::1", "[::1]"]);
    }
    for host in hosts {
        let served = Served::start(&["--host", host]);
        assert!(
            ["http://127.0.0.1:", "http://[::1]:"].iter().any(|begin| served.url.starts_with(begin)),
            "{}",
            served.url
        );
        assert!(!open(&mut Raw::connect(&served), "/engine.io/").is_empty());
    }
}

#[test]
fn a_host_that_cannot_be_listened_on_is_one_clear_sentence() {
    for host in ["", "[::1", "[localhost]", "localhost:3000", "http://localhost", "a b"] {
        let sentence = format!(
            "siospec: {host:?} is not a host: name an address, such as 127.0.0.1 or [::1], or a name, such as localhost; the port \
             has an option of its own, --port\n"
        );
        assert_eq!(refused(&["--host", host]), (Some(2), sentence));
    }
    let sentence = "siospec: cannot listen on no-such-host.invalid port 0: this name has no address\n".to_owned();
    assert_eq!(refused(&["--host", "no-such-host.invalid"]), (Some(3), sentence));
    let sentence = "siospec: cannot listen on 192.0.2.1 port 0: this machine has no such address\n".to_owned();
    assert_eq!(refused(&["--host", "192.0.2.1"]), (Some(3), sentence));

    let busy = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = busy.local_addr().unwrap().port().to_string();
    let sentence = format!("siospec: cannot listen on 127.0.0.1 port {port}: another program listens there already\n");
    assert_eq!(refused(&["--port", &port]), (Some(3), sentence));
}

#[test]
fn an_origin_that_no_browser_has_is_one_clear_sentence() {
    for origin in ["http://localhost:5173/", "localhost:5173", "http://localhost/chat", "", "http://a http://b"] {
        let sentence = format!(
            "siospec: {origin:?} cannot be the origin of --cors: it is not `*` and not of the form scheme://host[:port], as in \
             http://localhost:5173, without a path or a slash at the end\n"
        );
        assert_eq!(refused(&["--cors", origin]), (Some(2), sentence));
    }
    let sentence = "siospec: \"*\" cannot be the origin of --cors: browsers refuse credentials if any origin is allowed: name \
                    the one\n";
    assert_eq!(refused(&["--cors", "*", "--cors-credentials"]), (Some(2), sentence.to_owned()));
}
