//! Writes what the fuzz targets start from into `fuzz/corpus`, where cargo-fuzz looks for it.

#[path = "../../codec/tests/fuzz_bodies/seeds.rs"]
#[allow(dead_code, reason = "the tests take the seeds of each target by name")]
mod seeds;

fn main() -> std::io::Result<()> {
    for (target, seeds) in seeds::all() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        std::fs::create_dir_all(&folder)?;
        for (number, seed) in seeds.iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number:03}")), seed)?;
        }
        println!("{target}: {} seeds", seeds.len());
    }
    Ok(())
}
