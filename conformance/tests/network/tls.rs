//! Servers behind TLS, and ports that speak something else.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use siospec::party::network::{Access, Target, Trust};

use crate::hostile::{Hostile, accept_key, answer, read_head};
use crate::play::{assert_passed, fault, play};

const GET: &str = "a  C get     EIO=4&transport=polling\na  S 200\na  S body    ok\n";

/// A server behind TLS whose certificate is for this name, and the certificate of its authority.
fn secure(name: &str) -> (Hostile, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let own_key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&own_key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], PrivateKeyDer::try_from(own_key.serialize_der()).unwrap())
        .unwrap();
    let config = Arc::new(config);
    let server = Hostile::start(move |stream| {
        let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read > 0) {
            head.push(byte[0]);
        }
        if head.is_empty() {
            return;
        }
        let head = String::from_utf8(head).unwrap();
        let answer = match accept_key(&head) {
            Some(accept) => {
                let mut answer = format!(
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                     Sec-WebSocket-Accept: {accept}\r\n\r\n"
                )
                .into_bytes();
                answer.extend(b"\x81\x010\x88\x00");
                answer
            }
            None => b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec(),
        };
        stream.write_all(&answer).unwrap();
        stream.conn.send_close_notify();
        stream.flush().unwrap();
    });
    (server, authority.pem())
}

fn target(server: &Hostile, trust: Trust) -> Target {
    let url = server.url.replace("http://", "https://");
    Target::with(&url, "/engine.io/", &Access { trust, ..Access::default() }).unwrap()
}

#[tokio::test]
async fn a_server_behind_tls_is_believed_by_its_authority_or_by_all() {
    let (server, pem) = secure("127.0.0.1");
    let folder = std::env::temp_dir().join(format!("siospec-tls-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("ca.pem");
    std::fs::write(&file, pem).unwrap();
    for trust in [Trust::Anyone, Trust::Authority(file.clone())] {
        let target = target(&server, trust);
        assert_passed(&play(&target, GET).await);
        let lines = "ws C open    EIO=4&transport=websocket\nws S text    0\nws S closed\n";
        assert_passed(&play(&target, lines).await);
        assert_passed(&play(&target, "r  C raw     GET {path} HTTP/1.1\\r\\n\\r\\n\nr  S over\n").await);
        target.round_trip().await.unwrap();
    }
    let outcome = play(&target(&server, Trust::System), GET).await;
    let words = "the server's certificate is not signed by a trusted authority; name its authority with --ca FILE, or \
                 accept it with --insecure";
    assert_eq!(fault(outcome), words);

    let (other, pem) = secure("other.example");
    std::fs::write(&file, pem).unwrap();
    let outcome = play(&target(&other, Trust::Authority(file.clone())), GET).await;
    assert_eq!(fault(outcome), "the server's certificate is for another name than that in the URL");
    assert_passed(&play(&target(&other, Trust::Anyone), GET).await);

    for (content, reason) in [("nothing", "there are none in PEM format"), ("", "there are none in PEM format")] {
        std::fs::write(&file, content).unwrap();
        let access = Access { trust: Trust::Authority(file.clone()), ..Access::default() };
        let error = Target::with("https://h", "/", &access).unwrap_err().to_string();
        assert_eq!(error, format!("cannot use the certificates in {}: {reason}", file.display()));
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn a_port_that_speaks_tls_is_said_to() {
    let (server, _) = secure("127.0.0.1");
    let target = Target::new(&server.url, "/engine.io/").unwrap();
    assert_eq!(target.ask("EIO=4").await.unwrap_err(), "the port speaks TLS; try https://");
    // nginx, and any server that ends the connection without an answer.
    let words =
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 49\r\n\r\nThe plain HTTP request was sent to HTTPS port....";
    let server = Hostile::start(move |mut stream| {
        read_head(&mut stream);
        answer(&mut stream, words);
    });
    let target = Target::new(&server.url, "/engine.io/").unwrap();
    assert_eq!(target.ask("EIO=4").await.unwrap_err(), "the port speaks TLS; try https://");
}

#[tokio::test]
async fn a_port_that_speaks_something_else_is_said_what() {
    for (greeting, words) in [
        (&b"SSH-2.0-OpenSSH_9.6\r\n"[..], "the port speaks SSH"),
        (b"220 mail.example ESMTP\r\n", "the port speaks SMTP or FTP"),
        (b"-ERR unknown command\r\n", "the port speaks the protocol of Redis"),
        (b"hello\r\n\r\n", "the port does not speak HTTP: it says \"hello\\r\\n\\r\\n\""),
    ] {
        let server = Hostile::start(move |mut stream| answer(&mut stream, greeting));
        let plain = Target::new(&server.url, "/engine.io/").unwrap();
        assert_eq!(plain.ask("EIO=4").await.unwrap_err(), words);
        assert_eq!(fault(play(&plain, GET).await), words);
        assert_eq!(target(&server, Trust::Anyone).ask("EIO=4").await.unwrap_err(), words);
    }
    let server = Hostile::start(|mut stream| {
        read_head(&mut stream);
        answer(&mut stream, "");
    });
    let silent = Target::new(&server.url, "/engine.io/").unwrap();
    assert_eq!(silent.ask("EIO=4").await.unwrap_err(), "the connection ended without an answer");
    let server =
        Hostile::start(|mut stream| answer(&mut stream, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
    let words = "the port speaks HTTP without TLS; try http://";
    assert_eq!(target(&server, Trust::Anyone).ask("EIO=4").await.unwrap_err(), words);
}

/// What a client reads through `siospec proxy` that asks once, and what the proxy complains about.
#[cfg(unix)]
fn through_proxy(server: &Hostile, options: &[&str]) -> (String, String) {
    use std::io::BufRead as _;
    use std::process::{Command, Stdio};

    let mut proxy = Command::new(env!("CARGO_BIN_EXE_siospec"))
        .args(["proxy", "--listen", "127.0.0.1:0", "--to", &server.url.replace("http://", "https://")])
        .args(options)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut url = String::new();
    std::io::BufReader::new(proxy.stdout.as_mut().unwrap()).read_line(&mut url).unwrap();
    let mut client = std::net::TcpStream::connect(url.trim().trim_start_matches("http://")).unwrap();
    client.write_all(b"GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(Command::new("kill").args(["-INT", &proxy.id().to_string()]).status().unwrap().success());
    let output = proxy.wait_with_output().unwrap();
    (answer, String::from_utf8(output.stderr).unwrap())
}

#[cfg(unix)]
#[test]
fn a_proxy_speaks_tls_with_the_server() {
    let (server, _) = secure("127.0.0.1");
    let (answer, complaints) = through_proxy(&server, &["--insecure"]);
    assert_eq!((answer.as_str(), complaints.as_str()), ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", ""));
    let (answer, complaints) = through_proxy(&server, &[]);
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    assert!(complaints.contains("is not signed by a trusted authority") && complaints.lines().count() == 1);
}

/// The command's user reads the same sentence.
#[test]
fn the_command_tells_a_certificate_that_it_does_not_trust() {
    let (server, _) = secure("127.0.0.1");
    let url = server.url.replace("http://", "https://");
    for command in ["run", "check"] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_siospec")).args([command, &url]).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), told.lines().count()), (Some(3), 1), "{told}");
        assert!(
            told.contains("the server's certificate is not signed by a trusted authority; name its authority"),
            "{told}"
        );
    }
}
