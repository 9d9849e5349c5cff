//! The first inputs of the fuzz targets: recordings and traces of this repository, vectors, and inputs made by hand.

use std::fs;
use std::path::{Path, PathBuf};

use siospec::capture::read;

use super::session;

pub(super) fn trace_file() -> Vec<Vec<u8>> {
    // The shortest trace of each folder, and a long one.
    let mut all: Vec<Vec<u8>> = folders(&fixtures("traces")).iter().filter_map(|folder| shortest(folder)).collect();
    all.extend(BY_HAND.map(|trace| trace.as_bytes().to_vec()));
    all
}

/// All forms of the grammar's lines.
const BY_HAND: [&str; 3] = [
    "title     a\ncovers    EIO4-HB-01\nlevel     must\nneeds     websocket\nnote      b\n\nws C open    EIO=4&transport=websocket\nws S text    2  @ $interval -10% +25%  should  for EIO4-HB-02\n",
    "title     a\ncovers    EIO4-HS-01\nlevel     reference\n\np C get      EIO=4&transport=polling\np S status   200\np S packet   0{\"sid\":$sid,\"n\":$_}\\x20\n# c\np C quiet    200ms..2*$interval+1s after p\n",
    "title     a\ncovers    EIO4-WS-02\nlevel     should\nneeds     websocket echo\n\nws C session  websocket\nws C frame    81 34c3bc  cut 1\nws C frame    81 34  fill 3\nws S text     4ü  exact\nws C close    1000\nws S closed   1000|1005\n",
];

pub(super) fn capture() -> Vec<Vec<u8>> {
    recordings().into_iter().chain([b"\xd4\xc3\xb2\xa1".to_vec(), b"{\"log\":{\"entries\":[{}]}}".to_vec()]).collect()
}

pub(super) fn witness() -> Vec<Vec<u8>> {
    let recorded = recordings().into_iter().filter_map(|file| Some(session::written(&read(&file).ok()?.sightings)));
    recorded.chain(sessions()).collect()
}

pub(super) fn server_requests() -> Vec<Vec<u8>> {
    sessions().collect()
}

/// Sessions of the contract: by polling, by WebSocket, with an upgrade, in revision 3, and some that go wrong.
fn sessions() -> impl Iterator<Item = Vec<u8>> {
    [
        "00> GET /socket.io/?EIO=4&transport=polling\n10< 200 0{\"sid\":\"$sid\",\"upgrades\":[\"websocket\"],\"pingInterval\":300,\"pingTimeout\":200,\"maxPayload\":1000000}\n00> POST /socket.io/?EIO=4&transport=polling&sid=$sid\t40\n00< 200 ok\n00> GET /socket.io/?EIO=4&transport=polling&sid=$sid\n00< 200 40{\"sid\":\"b\"}\n00> POST /socket.io/?EIO=4&transport=polling&sid=$sid\t420[\"message-with-ack\",1]\x1e3\x1e1\n",
        "01^ /socket.io/?EIO=4&transport=websocket\n01=\n01< T 0{\"sid\":\"$sid\",\"upgrades\":[],\"pingInterval\":300,\"pingTimeout\":200,\"maxPayload\":1000000}\n01> T 40\n01< T 40{\"sid\":\"b\"}\n01> T 451-[\"message\",{\"_placeholder\":true,\"num\":0}]\n01> B abc\n31< T 2\n01> T 3\n01> H ping\n01> C 1000\n01< C 1000\n01> E\n",
        "00> GET /engine.io/?EIO=4&transport=polling\n00< 200 0{\"sid\":\"$sid\",\"upgrades\":[\"websocket\"],\"pingInterval\":300,\"pingTimeout\":200,\"maxPayload\":1000000}\n02> GET /engine.io/?EIO=4&transport=polling&sid=$sid\n01^ /engine.io/?EIO=4&transport=websocket&sid=$sid\n01=\n01> T 2probe\n01< T 3probe\n02< 200 6\n01> T 5\n01> T 4a\n01< T 4a\n01> E\n",
        "00> GET /socket.io/?EIO=3&transport=polling&b64=1\n00< 200 79:0{\"sid\":\"$sid\",\"upgrades\":[],\"pingInterval\":300,\"pingTimeout\":200}\n00> POST /socket.io/?EIO=3&transport=polling&sid=$sid\t1:214:42[\"message\",1]\n00> GET /socket.io/?EIO=3&transport=polling&sid=$sid&j=0\n",
        "00> GET /socket.io/?EIO=4&transport=polling\n00> GET /socket.io/?EIO=4&transport=polling&sid=$sid\n01> GET /socket.io/?EIO=4&transport=polling&sid=$sid\n00> E\n02> U POST /socket.io/?EIO=4&transport=polling&sid=$sid HTTP/1.1\r\n02> U Transfer-Encoding: chunked\r\n02> U \r\n02> U 5\r\n02> U 4abcd\r\n02> E\n",
        "00> PUT /socket.io/?EIO=4&transport=polling\n00> GET /\n00> OPTIONS /socket.io/?EIO=4\n01^ /socket.io/?EIO=5&transport=websocket\n02^ /socket.io/?EIO=4&transport=websocket&sid=none\n03> U GET / HTTP/9.9\n",
        "00> GET /socket.io/?EIO=4&transport=polling\n00< 200 0{\"sid\":\"$sid\",\"upgrades\":[\"websocket\"],\"pingInterval\":300,\"pingTimeout\":200}\n00> POST /socket.io/?EIO=4&transport=polling&sid=$sid\t1\n01^ /socket.io/?EIO=4&transport=websocket&sid=$sid\n02> GET /socket.io/?EIO=4&transport=polling&sid=$sid\n",
    ]
    .into_iter()
    .map(|session| session.as_bytes().to_vec())
}

pub(super) fn adapter_line() -> Vec<Vec<u8>> {
    [
        r#"{"op":"hello","v":1}"#,
        r#"{"id":7,"op":"decode","format":"sio5","frames":[{"text":"51-[\"a\",{\"_placeholder\":true,\"num\":0}]"},{"hex":"0102"}]}"#,
        r#"{"id":8,"op":"decode","format":"sio4","frames":[{"text":"2[1.0,-0.0,1e400,\"\\ud800\"]"}]}"#,
        r#"{"id":9,"op":"encode","format":"eio4-payload","packets":[{"type":"message","data":{"$bin":""}}]}"#,
        r#"{"id":6,"op":"decode","format":"eio4-packet","frames":[{"text":"2probe"},{"text":"0{}"},{"text":"4a"},{"text":"bAQID"}]}"#,
        r#"{"id":10,"op":"x-4711"}"#,
        r#"{"id":1,"op":"decode","format":"eio3-payload","frames":[{"hex":"0005ff34610101ff04"}]}"#,
        r#"{"id":2,"op":"decode","format":"eio4-webtransport","frames":[{"hex":"0234"},{"hex":"61"}],"max_payload":10}"#,
        r#"{"id":3,"op":"decode","format":"msgpack","frames":[{"hex":"83a47479706502a464617461929161d70000000000000000ffa36e7370a12f"}]}"#,
        r#"{"id":4,"op":"encode","format":"msgpack","packets":[{"type":2,"data":["a",{"$date":5},{"$number":"NaN"},{"$undefined":true}],"nsp":"/"}]}"#,
        r#"{"id":5,"op":"decode","format":"eio3-packet","frames":[{"text":"b4AQIDBA=="},{"utf16be":"0034d83d"}],"binary":false}"#,
    ]
    .map(|line| line.as_bytes().to_vec())
    .into()
}

pub(super) fn config_file() -> Vec<Vec<u8>> {
    [
        "[target]\nurl = \"http://127.0.0.1:3000\"\n",
        "[target]\ncommand = [\"node\", \"server.js\"]\nheader = [\"a: b\"]\n[features]\njsonp = false\n",
        "[run]\nselect = [\"sio5\", \"!sio5/recovery\"]\ngate = \"should\"\nrepeat = 3\nfail-fast = true\n",
        "[client]\ndriver = [\"./my-driver\"]\n[profile.ci]\nrepeat = 0\nreport = [\"json=a\"]\n",
        "[run]\nurl = 1\n",
        "[profile]\na = 1\n",
        "run = 5\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}

/// The files that show a recording.
fn recordings() -> Vec<Vec<u8>> {
    let files =
        paths(&fixtures("recordings")).into_iter().filter(|path| path.extension().is_none_or(|end| end != "md"));
    files.map(|path| fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).collect()
}

fn fixtures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

/// The shortest file directly in a folder.
fn shortest(folder: &Path) -> Option<Vec<u8>> {
    let files = paths(folder).into_iter().filter(|path| path.is_file()).filter_map(|path| fs::read(path).ok());
    files.min_by_key(Vec::len)
}

/// A folder and all folders in it.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let inner = paths(folder).into_iter().filter(|path| path.is_dir());
    inner.flat_map(|inner| folders(&inner)).chain([folder.to_owned()]).collect()
}

fn paths(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = read.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}
