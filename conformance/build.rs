//! Builds the command again when a trace was added or removed, which the compiler does not see.

fn main() {
    println!("cargo::rerun-if-changed=fixtures/traces");
}
