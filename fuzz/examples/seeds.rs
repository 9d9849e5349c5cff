//! Writes the first inputs of the fuzz targets to `fuzz/corpus`, where cargo-fuzz finds them: the seeds of each target, its
//! corpus, and the inputs that once broke a law.

use std::path::Path;
use std::{fs, io};

use siospec_support::fuzz::all;

fn main() -> io::Result<()> {
    for target in all() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
        fs::create_dir_all(&folder)?;
        let seeds = target.seeds().into_iter().enumerate();
        let seeds: Vec<_> = seeds.map(|(number, seed)| (format!("seed-{number:03}"), seed)).collect();
        let kept = target.kept();
        println!("{}: {} seeds, {} kept inputs", target.name, seeds.len(), kept.len());
        for (name, input) in seeds.into_iter().chain(kept) {
            fs::write(folder.join(name), input)?;
        }
    }
    Ok(())
}
