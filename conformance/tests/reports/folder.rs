//! Files, and the command that works with them.

use std::path::PathBuf;
use std::process::{Command, Output};

/// A folder that is deleted at the end.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("siospec-reports-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }

    /// Runs the command here: its exit code, and what it says.
    pub(crate) fn siospec(&self, words: &str) -> (i32, String) {
        let output = self.output(words.split(' '));
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(said).unwrap())
    }

    /// Runs the command here.
    pub(crate) fn output<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_siospec"));
        command.current_dir(&self.0).args(words).output().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
