//! Small suites, and the command that plays them.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder of traces that exists as long as the test.
pub(crate) struct Suite {
    pub(crate) folder: PathBuf,
}

impl Suite {
    /// A folder with these traces, by id.
    pub(crate) fn new(traces: &[(&str, String)]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("siospec-run-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (id, source) in traces {
            let path = folder.join(format!("{id}.trace"));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, source).unwrap();
        }
        Self { folder }
    }

    /// Plays the suite against a server, and returns the output.
    pub(crate) async fn run(&self, url: &str, options: &[&str]) -> Told {
        let mut command = self.command(url, options);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        Told::from(output)
    }

    pub(crate) fn command(&self, url: &str, options: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_siospec"));
        command.arg("run").arg(url).arg("--traces").arg(&self.folder);
        command.args(["--without", "contract", "--timeout", "1"]).args(options);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

impl Drop for Suite {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The output of a command.
pub(crate) struct Told {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Told {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("it was not killed"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Told {
    /// The last line but those that explain it.
    pub(crate) fn shows(&self, words: &str) -> bool {
        self.stdout.contains(words)
    }

    pub(crate) fn all(&self) -> String {
        format!("exit code {}\n{}{}", self.code, self.stdout, self.stderr)
    }
}

/// A case that sends a message and expects it back, over polling.
pub(crate) fn echo(message: &str) -> String {
    format!(
        "title     The message {message} comes back
covers    EIO4-PKT-12
level     must
needs     polling echo

hs C get     EIO=4&transport=polling
hs S 200
hs S packet  0{{\"sid\":$sid,\"upgrades\":$_,\"pingInterval\":$_,\"pingTimeout\":$_,\"maxPayload\":$_}}
p  C post    EIO=4&transport=polling&sid=$sid
p  C packet  4{message}
p  S 200
g  C get     EIO=4&transport=polling&sid=$sid
g  S 200
g  S packet  4{message}
"
    )
}

/// A case that takes this long.
pub(crate) fn pause(millis: u32) -> String {
    format!(
        "title     A client waits
covers    EIO4-HB-01
level     must
needs     polling echo

hs C get     EIO=4&transport=polling
hs S 200
hs S packet  0$_
   C wait {millis}ms
"
    )
}

/// A report in which times and sids are masked.
pub(crate) fn masked(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        let is_entry = line.starts_with("      ") || line.starts_with("    x ");
        let first = words.iter().position(|word| !word.is_empty() && *word != "x");
        let masked = words.iter().enumerate().map(|(at, word)| {
            let has_unit = matches!(words.get(at + 1), Some(&"ms" | &"s"))
                && !matches!(words.get(at.wrapping_sub(1)), Some(&"of"));
            let is_time = has_unit || (is_entry && first == Some(at));
            if is_time && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
                "#".to_owned()
            } else {
                without_sids(word)
            }
        });
        // The width of columns must not depend on the numbers.
        let line = masked.collect::<Vec<_>>().join(" ");
        if is_entry && line.contains('#') { line.split_whitespace().collect::<Vec<_>>().join(" ") } else { line }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A sid of the embedded server has 20 characters.
fn without_sids(word: &str) -> String {
    let mut text = word.to_owned();
    for mark in ["\"sid\":\"", "&sid="] {
        if let Some(at) = text.find(mark).map(|at| at + mark.len()) {
            text.replace_range(at..at + 20, "*");
        }
    }
    text
}
