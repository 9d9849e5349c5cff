//! Which broken rules fail a run, and how they are reported.

use crate::proxy::{Fate, Proxy};
use crate::suite::{Suite, echo, masked};

/// A case that no server passes, with this level, these requirements and these further lines.
fn impossible(level: &str, covers: &str, more: &str) -> String {
    format!(
        "title     A handshake is answered with status 299
covers    {covers}
level     {level}
needs     polling echo
{more}
hs C get     EIO=4&transport=polling
hs S 299
"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gate_decides_which_levels_fail_the_run() {
    let server = Proxy::start(|_| Fate::Served).await;
    for (level, codes) in
        [("security", [1, 1, 1]), ("must", [1, 1, 1]), ("should", [0, 1, 1]), ("reference", [0, 0, 1])]
    {
        let suite = Suite::new(&[("a/good", echo("good")), ("a/bad", impossible(level, "EIO4-HS-01", ""))]);
        for (gate, code) in ["must", "should", "reference"].into_iter().zip(codes) {
            let told = suite.run(&server.url, &["--gate", gate]).await;
            assert_eq!(told.code, code, "{level} at {gate}: {}", told.all());
            assert!(told.shows(&format!("1 passed, 1 failed (1 {level})")), "{}", told.all());
            assert!(told.shows(&format!("at the gate, which is {gate}: {code}\n")), "{}", told.all());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_says_whose_rule_is_broken() {
    let server = Proxy::start(|request| if request.contains("4lost") { Fate::Mute } else { Fate::Served }).await;
    let suite = Suite::new(&[
        ("one/good", echo("good")),
        ("one/lost", echo("lost")),
        ("two/reference", impossible("reference", "EIO4-ERR-13", "since     engine.io 6.6.12\n")),
        ("two/security", impossible("security", "EIO4-HS-01", "seen      CVE-2020-36049\n")),
        ("two/security-too", impossible("security", "EIO4-HS-02 EIO4-HS-01", "")),
    ]);
    let told = suite.run(&server.url, &[]).await;
    insta::assert_snapshot!(masked(&told.stdout));
}
