//! Writes the initial inputs of the fuzz targets to `fuzz/corpus`, where cargo-fuzz finds them: the seeds of each
//! target, and the inputs that once broke a law.

use std::path::{Path, PathBuf};
use std::{fs, io};

use sio_support::fuzz::{ALL, Target, regressions};

fn main() -> io::Result<()> {
    for target in ALL {
        let folder = corpus(target)?;
        let seeds = target.seeds();
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number:03}")), seed)?;
        }
        println!("{}: {} seeds", target.name, seeds.len());
    }
    for regression in regressions::all() {
        fs::write(corpus(regression.target)?.join(&regression.name), &regression.input)?;
        println!("{}: {}", regression.target.name, regression.name);
    }
    Ok(())
}

/// The folder of a target; creates it if necessary.
fn corpus(target: Target) -> io::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
