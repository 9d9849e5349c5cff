//! The snippets of the pages: each is what the project has elsewhere, or is read by the command.

use crate::folder::Folder;
use crate::page::{MANUAL, PROJECT};
use crate::served::Served;

/// A case that is played for the snippets.
const CASE: &str = "eio4/errors/unknown-transport";

#[test]
fn the_program_of_the_readme_is_an_example_of_the_codec() {
    let example = include_str!("../../../codec/examples/websocket.rs");
    // Behind the comment on its first lines.
    let (_, program) = example.split_once("\n\n").unwrap();
    assert_eq!(PROJECT.snippets("rust"), [program]);
}

#[test]
fn the_workflow_of_the_readme_is_the_one_that_is_written() {
    let folder = Folder::new("workflow");
    assert!(folder.output(["run", CASE, "--report", "json=results.json"]).status.success());
    let init = "baseline init siospec-baseline.toml results.json --reason x --recipe github -- npm start";
    assert_eq!(folder.siospec(init).0, 0);
    assert_eq!(PROJECT.snippets("yaml"), [folder.read(".github/workflows/siospec.yml")]);
}

#[test]
fn the_files_of_the_manual_are_read() {
    let served = Served::start(&["--port", "0"]);
    let folder = Folder::new("snippets");
    let snippets = MANUAL.snippets("toml");
    let [options, baseline] = snippets.as_slice() else { panic!("{snippets:?}") };
    folder.write("siospec.toml", options);
    folder.write("baseline.toml", baseline);
    let run = format!("run {} {CASE} --profile ci --repeat 1", served.url);
    let (code, said) = folder.siospec(&run);
    assert_eq!(code, 0, "{said}");
    // Both have an effect.
    assert!(folder.read("report.xml").contains(CASE) && said.contains("passed"), "{said}");
}

#[test]
fn the_trace_of_the_manual_is_played() {
    let folder = Folder::new("trace");
    let traces: Vec<_> = MANUAL.snippets("text").into_iter().filter(|text| text.starts_with("title ")).collect();
    let [trace] = traces.as_slice() else { panic!("{traces:?}") };
    std::fs::create_dir_all(folder.0.join("my-traces")).unwrap();
    folder.write("my-traces/pings.trace", trace);
    let (code, said) = folder.siospec("run --traces my-traces");
    assert!(code == 0 && said.contains("1 passed"), "{code} {said}");
}
