//! `siospec record --listen` in its own process.

#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::served::Served;

#[test]
fn a_signal_ends_a_recording_and_loses_nothing() {
    let server = Served::start(&[]);
    for name in ["TERM", "INT"] {
        // A folder that does not exist yet.
        let folder = std::env::temp_dir().join(format!("siospec-record-{name}-{}", std::process::id()));
        let mut relay = Command::new(env!("CARGO_BIN_EXE_siospec"))
            .args(["record", "--listen", "127.0.0.1:0", "--to", &server.url, "--traces"])
            .arg(&folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(relay.stdout.take().unwrap());
        let mut url = String::new();
        output.read_line(&mut url).unwrap();
        let mut client = TcpStream::connect(url.trim().trim_start_matches("http://")).unwrap();
        let request =
            "GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        client.write_all(request.as_bytes()).unwrap();
        client.read_to_end(&mut Vec::new()).unwrap();

        assert!(Command::new("kill").args([format!("-{name}"), relay.id().to_string()]).status().unwrap().success());
        let mut said = String::new();
        output.read_to_string(&mut said).unwrap();
        assert_eq!(relay.wait().unwrap().code(), Some(0), "{said}");
        assert!(said.contains("session-1.trace: 3 lines"), "{said}");
        let trace = std::fs::read_to_string(folder.join("session-1.trace")).unwrap();
        assert!(trace.contains("hs C get     EIO=4&transport=polling\nhs S 200\n"), "{trace}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
