//! The order in which the cases of a run are played.

use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::proxy::{Fate, Proxy};
use crate::suite::{Suite, echo};

/// The messages in the order in which they were sent, and the report.
async fn played(options: &[&str]) -> (Vec<String>, Value) {
    let said = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&said);
    let server = Proxy::start(move |request| {
        if let Some((_, message)) = request.split_once("\r\n\r\n4a/") {
            heard.lock().unwrap().push(message.to_owned());
        }
        Fate::Served
    })
    .await;
    let names: Vec<String> = (0..8).map(|number| format!("a/{number}")).collect();
    let traces: Vec<(&str, String)> = names.iter().map(|id| (id.as_str(), echo(id))).collect();
    let suite = Suite::new(&traces);
    let json = suite.folder.join("json");
    let report = format!("human,json={}", json.display());
    let told = suite.run(&server.url, &[&["--jobs", "1", "--report", &report], options].concat()).await;
    assert!(told.code == 0 && told.shows("8 passed in"), "{}", told.all());
    let seed = options.last().map(|seed| format!("the cases were played in the order of --shuffle {seed}\n"));
    assert_eq!(told.shows("--shuffle"), seed.is_some(), "{}", told.all());
    assert!(seed.is_none_or(|seed| told.shows(&seed)), "{}", told.all());
    let said = said.lock().unwrap().clone();
    (said, serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_gives_a_random_order_that_comes_again() {
    let (usual, report) = played(&[]).await;
    assert_eq!((usual.len(), usual.is_sorted(), report.get("shuffle")), (8, true, None));
    let (one, report) = played(&["--shuffle", "7"]).await;
    assert_eq!((one.len(), one.is_sorted(), &report["shuffle"]), (8, false, &7.into()));
    assert_eq!(played(&["--shuffle", "7"]).await.0, one);
    assert_ne!(played(&["--shuffle", "8"]).await.0, one);
}
