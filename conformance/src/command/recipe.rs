//! Recipes for continuous integration: a workflow that judges a server by a baseline.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use clap::ValueEnum;

use crate::report::results::quoted;

/// A service that runs workflows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Service {
    /// GitHub Actions: .github/workflows/siospec.yml
    Github,
    /// GitLab CI: .gitlab-ci.yml
    Gitlab,
}

impl Service {
    /// Where it looks for the workflow.
    pub(super) fn path(self) -> &'static Path {
        Path::new(match self {
            Self::Github => ".github/workflows/siospec.yml",
            Self::Gitlab => ".gitlab-ci.yml",
        })
    }

    /// The workflow that starts a server with this command.
    fn text(self, baseline: &Path, command: &[String]) -> String {
        let template = match self {
            Self::Github => include_str!("recipes/github.yml"),
            Self::Gitlab => include_str!("recipes/gitlab.yml"),
        };
        let run = ["siospec", "run", "--baseline"].map(str::to_owned).into_iter();
        let run = quoted(&run.chain([baseline.display().to_string()]).collect::<Vec<_>>());
        let filled = template.replace("{repository}", env!("CARGO_PKG_REPOSITORY")).replace("{run}", &run);
        // Last, because a command can hold anything.
        filled.replace("{command}", &quoted(command))
    }

    /// Writes the workflow below the folder that the command was called in. A file that is there is kept.
    ///
    /// # Errors
    ///
    /// The file is there already, or it cannot be written.
    pub(super) fn write(self, baseline: &Path, command: &[String]) -> io::Result<()> {
        if let Some(folder) = self.path().parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        File::create_new(self.path())?.write_all(self.text(baseline, command).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workflows_are_yaml_with_the_command_in_one_line() {
        let command = ["sh", "-c", "echo \"a: b\" # c\nexec node 'my server.js' {port}"].map(str::to_owned);
        for (service, at) in
            [(Service::Github, ["jobs", "siospec", "steps"]), (Service::Gitlab, ["siospec", "script", ""])]
        {
            let text = service.text(Path::new("my baseline.toml"), &command);
            let read: serde_json::Value = serde_norway::from_str(&text).unwrap();
            let steps = at.iter().filter(|key| !key.is_empty()).fold(&read, |value, key| &value[*key]);
            let lines = steps.as_array().unwrap().iter().filter_map(|step| step["run"].as_str().or(step.as_str()));
            let run: Vec<&str> = lines.filter(|line| line.contains("siospec run")).collect();
            let [line] = run.as_slice() else { panic!("{text}") };
            assert!(line.starts_with("siospec run --baseline 'my baseline.toml' --report human,"), "{line}");
            assert_eq!(line.trim_end().lines().count(), 1, "{line}");
            assert!(!text.contains("{run}") && !text.contains("{repository}"), "{text}");
        }
    }

    #[test]
    fn each_service_gets_a_report_that_it_shows() {
        let [github, gitlab] = [Service::Github, Service::Gitlab].map(|service| {
            serde_norway::from_str::<serde_json::Value>(&service.text(Path::new("b.toml"), &["server".to_owned()]))
                .unwrap()
        });
        let steps = github["jobs"]["siospec"]["steps"].as_array().unwrap();
        let upload = steps.iter().find(|step| step["uses"].as_str().is_some_and(|uses| uses.contains("upload-sarif")));
        assert_eq!(upload.unwrap()["with"]["sarif_file"], "siospec.sarif");
        assert_eq!(github["permissions"]["security-events"], "write");
        assert_eq!(gitlab["siospec"]["artifacts"]["reports"]["junit"], "siospec.xml");
    }
}
