//! Writes the folders `fuzz/corpus/TARGET`, after `cargo fuzz cmin`, to the files `fuzz/corpora/TARGET.txt`. Seeds are left out,
//! and long inputs: they are slow to replay, and a file of them is not read by anybody.
//!
//! Usage: keep [TARGET...]      without a target: all that have a folder

use std::path::Path;
use std::{env, fs, io};

use sio_support::fuzz::corpora;
use siospec_support::fuzz::all;

/// The longest input that is kept, in bytes.
const LONGEST: u64 = 1_000;

/// How many inputs of a target are kept, the shortest.
const MOST: usize = 400;

fn main() -> io::Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    for target in all().filter(|target| words.is_empty() || words.iter().any(|word| word == target.name)) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        let mut inputs = Vec::new();
        for entry in entries {
            let entry = entry?;
            if entry.metadata()?.len() <= LONGEST {
                inputs.push(fs::read(entry.path())?);
            }
        }
        let seeds = target.seeds();
        inputs.retain(|input| !seeds.contains(input));
        inputs.sort_by_key(Vec::len);
        inputs.truncate(MOST);
        println!("{}: {} inputs", target.name, inputs.len());
        corpora::keep(target.name, inputs)?;
    }
    Ok(())
}
