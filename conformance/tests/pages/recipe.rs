//! What the README says about continuous integration, tried.

use std::path::Path;
use std::process::{Command, Output};

use crate::folder::Folder;
use crate::page::{self, PROJECT};
use crate::served::Served;
use crate::shell::shell;

/// The commands in the README's section.
fn commands() -> Vec<&'static str> {
    let typed = page::commands(PROJECT.section("Test a server at every push"));
    typed.filter(|line| line.starts_with("siospec ") || line.starts_with("git ")).collect()
}

/// Runs a line of a shell in a folder.
fn enter(folder: &Path, line: &str) -> Output {
    let mut command = shell(folder, line);
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "a").env(format!("GIT_{who}_EMAIL"), "a@example.org");
    }
    command.output().unwrap()
}

fn has_git() -> bool {
    Command::new("git").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// The ids of the cases are added to the commands, so that a test does not play the whole suite three times.
#[cfg(unix)]
#[test]
fn three_commands_lead_from_nothing_to_a_committed_baseline_and_a_recipe() {
    const CASES: &str = "eio4/heartbeat";
    let (served, folder) = (Served::start(&["--port", "0", "--mutant", "no-ping"]), Folder::new("recipe"));
    let commands = commands();
    assert_eq!(commands.len(), 3, "{commands:?}");
    if has_git() {
        assert!(enter(&folder.0, "git init -q").status.success());
    }
    let codes: Vec<Option<i32>> = commands
        .iter()
        .filter(|line| has_git() || !line.starts_with("git "))
        .map(|line| line.replace("http://127.0.0.1:3000", &format!("{} {CASES}", served.url)))
        .map(|line| {
            let output = enter(&folder.0, &line);
            assert!(output.status.code() < Some(2), "{line}: {}", String::from_utf8_lossy(&output.stderr));
            output.status.code()
        })
        .collect();
    // The first one is red: the server has a defect.
    assert_eq!(codes[..2], [Some(1), Some(0)]);
    assert!(codes[2..].iter().all(|code| *code == Some(0)));

    let workflow = folder.read(".github/workflows/siospec.yml");
    let run = workflow.lines().find_map(|line| line.trim().strip_prefix("siospec run ")).unwrap();
    let (options, _) = run.split_once(" -- ").unwrap();
    let defective = format!("siospec run {CASES} {options} -- siospec serve --port {{port}} --mutant no-ping");
    let output = enter(&folder.0, &defective);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(folder.read("siospec.sarif").contains("\"suppressions\""));
    // The defect is mended, so the entries are to be removed.
    let output = enter(&folder.0, &defective.replace(" --mutant no-ping", ""));
    assert_eq!(output.status.code(), Some(4), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_workflow_that_is_there_is_kept() {
    let folder = Folder::new("kept");
    folder.write(".gitlab-ci.yml", "mine: {}\n");
    let results = folder.output(["run", "eio4/errors/unknown-transport", "--report", "json=results.json"]);
    assert!(results.status.success());
    let (code, said) = folder.siospec("baseline init b.toml results.json --reason x --recipe gitlab -- server");
    assert!(code == 2 && said.contains("the workflow .gitlab-ci.yml cannot be written"), "{code} {said}");
    assert_eq!(folder.read(".gitlab-ci.yml"), "mine: {}\n");
}
