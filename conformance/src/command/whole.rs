//! Files that are written at once: whoever reads one, and whatever ends this process, there is the whole text or the old one.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes a new file. One that is there is kept.
///
/// # Errors
///
/// [`io::ErrorKind::AlreadyExists`]; or the file cannot be written.
pub(super) fn create(path: &Path, text: &str) -> io::Result<()> {
    let taken = || io::Error::from(io::ErrorKind::AlreadyExists);
    if fs::symlink_metadata(path).is_ok() {
        return Err(taken());
    }
    let beside = beside(path);
    let written = write(&beside, text, |_| Ok(())).and_then(|()| match fs::hard_link(&beside, path) {
        Ok(()) => fs::remove_file(&beside),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(taken()),
        // Not every file system has links. A rename is at once, too, but replaces what came there in the meantime.
        Err(_) => fs::rename(&beside, path),
    });
    or_remove(&beside, written)
}

/// Replaces a file, and keeps its permissions.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    // A link stays one.
    let path = fs::canonicalize(path)?;
    let beside = beside(&path);
    let permissions = |file: &File| file.set_permissions(fs::metadata(&path)?.permissions());
    let written = write(&beside, text, permissions).and_then(|()| fs::rename(&beside, &path));
    or_remove(&beside, written)
}

/// A name in the same folder, since a file cannot be renamed to another file system.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}", std::process::id()))
}

fn write(beside: &Path, text: &str, prepare: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let mut file = File::create_new(beside)?;
    prepare(&file)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn or_remove(beside: &Path, written: io::Result<()>) -> io::Result<()> {
    written.inspect_err(|_| {
        // Nothing else can be done about it.
        let _ = fs::remove_file(beside);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_as_a_whole_or_not_at_all() {
        let folder = std::env::temp_dir().join(format!("siospec-whole-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("b.toml");
        create(&path, "one").unwrap();
        assert_eq!(create(&path, "two").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        replace(&path, "three").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "three");
        assert!(create(&folder.join("none/b.toml"), "x").is_err());
        assert!(replace(&folder.join("none.toml"), "x").is_err());
        // Nothing is left beside it.
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }
}
