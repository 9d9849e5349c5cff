//! `siospec baseline`, on reports of runs against the embedded server.

use crate::folder::Folder;

#[test]
fn a_baseline_is_begun_verified_and_brought_up_to_date() {
    const ID: &str = "eio4/errors/unknown-transport";
    let folder = Folder::new("file");
    let (_, whole) = folder.siospec(&format!("run {ID} --report json=- --quiet"));
    let with = |verdict: &str| {
        let verdict = format!(r#""verdict": "{verdict}""#);
        whole.replace(r#""verdict": "passed""#, &verdict).replace(r#""failsRun": false"#, r#""failsRun": true"#)
    };
    folder.write("passed", &whole);
    folder.write("failed", &with("failed"));
    folder.write("crash", &with("crash"));

    assert_eq!(folder.siospec("baseline init b.toml failed --reason later").0, 0);
    let entry = format!("\n[[expect]]\ncase = \"{ID}\"\nverdict = \"fail\"\nreason = \"later\"\n");
    assert!(folder.read("b.toml").ends_with(&entry), "{}", folder.read("b.toml"));
    let (code, said) = folder.siospec("baseline init b.toml failed --reason later");
    assert!(code == 2 && said.contains("the baseline b.toml cannot be written"), "{code} {said}");

    let (code, said) = folder.siospec("baseline verify b.toml failed");
    assert!(code == 0 && said.contains(&format!("as expected: {ID} (later)")), "{code} {said}");
    let (code, said) = folder.siospec("baseline verify b.toml passed");
    assert!(code == 4 && said.contains(&format!("passed: {ID}; remove its entry (later)")), "{code} {said}");
    let (code, said) = folder.siospec("baseline verify b.toml crash");
    assert!(code == 1 && said.contains("the baseline expects fail (later): crash"), "{code} {said}");

    assert_eq!(folder.siospec("baseline update b.toml crash --reason new").0, 1);
    assert!(folder.read("b.toml").ends_with(&entry), "{}", folder.read("b.toml"));
    assert_eq!(folder.siospec("baseline update b.toml passed --reason new").0, 0);
    assert!(!folder.read("b.toml").contains("[[expect]]"), "{}", folder.read("b.toml"));

    folder.write("old.toml", &format!("{entry}until = \"2020-01-31\"\n"));
    let (code, said) = folder.siospec("baseline verify old.toml failed");
    assert!(code == 1 && said.contains("its entry in the baseline was valid until 2020-01-31"), "{code} {said}");
    folder.write("bad.toml", &entry.replace("reason", "raeson"));
    let (code, said) = folder.siospec("baseline verify bad.toml failed");
    assert!(code == 2 && said.contains("bad.toml:5: ") && said.contains("raeson"), "{code} {said}");
    let (code, said) = folder.siospec("baseline verify no.toml failed");
    assert!(code == 2 && said.contains("no.toml cannot be read"), "{code} {said}");
}

#[test]
fn a_run_is_judged_by_a_baseline() {
    let folder = Folder::new("run");
    let trace = include_str!("../../fixtures/traces/eio4/errors/unknown-transport.trace");
    std::fs::create_dir(folder.0.join("traces")).unwrap();
    folder.write("traces/right.trace", trace);
    // No server answers this.
    folder.write("traces/wrong.trace", &trace.replace("400", "418"));
    let entry = |case: &str| format!("[[expect]]\ncase = \"{case}\"\nverdict = \"fail\"\nreason = \"known\"\n");
    folder.write("known.toml", &entry("wrong"));
    folder.write("stale.toml", &(entry("wrong") + &entry("right")));
    folder.write("other.toml", &entry("right"));
    folder.write("bad.toml", "[[expect]]\ncase = 7\n");
    let run = |file: &str| folder.siospec(&format!("run --traces traces --quiet --gate reference --baseline {file}"));
    let (code, said) = run("known.toml");
    assert!(code == 0 && said.contains("as expected: wrong (known)"), "{code} {said}");
    let (code, said) = run("stale.toml");
    assert!(code == 4 && said.contains("passed: right; remove its entry"), "{code} {said}");
    let (code, said) = run("other.toml");
    assert!(code == 1 && said.contains("not expected: wrong: failed"), "{code} {said}");
    let (code, said) = run("bad.toml");
    assert!(code == 2 && said.contains("bad.toml:2: ") && !said.contains("right"), "{code} {said}");
}
