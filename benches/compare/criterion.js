"use strict";

// Runs the benchmarks of criterion, and reads what it measured.

const { execFileSync, spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const root = path.join(__dirname, "../..");
const target = process.env.CARGO_TARGET_DIR ?? path.join(root, "target");

/**
 * The heap keeps what it has. Otherwise large messages are pages that the system gives and takes for each of them, or are not, by
 * what else is on the heap: 20 or 300 us for the same copies.
 */
const HEAP = { MALLOC_MMAP_THRESHOLD_: `${64 << 20}`, MALLOC_TRIM_THRESHOLD_: `${1 << 30}`, MALLOC_TOP_PAD_: `${64 << 20}` };

/** For `--quick`. */
const QUICK = ["--warm-up-time", "0.02", "--measurement-time", "0.05", "--sample-size", "10"];

/** The rows, with the messages that all codecs read. */
function inputs() {
  const run = ["run", "--quiet", "--release", "-p", "sio-benches", "--bin", "inputs"];
  return JSON.parse(execFileSync("cargo", run, { cwd: root, maxBuffer: 1 << 30, stdio: ["ignore", "pipe", "inherit"] }));
}

/**
 * Medians in nanoseconds of the groups whose names begin with one of `names`: by group, then by function. `length` are options of
 * criterion for how long it measures.
 */
function measure(benches, { features, quick }, names, length = []) {
  const folder = path.join(target, "criterion");
  fs.rmSync(folder, { recursive: true, force: true });
  const selected = `^(${names.join("|")})/`;
  const args = ["bench", "--quiet", "-p", "sio-benches", "--features", features];
  args.push(...benches.flatMap((bench) => ["--bench", bench]), "--", "--quiet", ...(quick ? QUICK : length), selected);
  const run = spawnSync("cargo", args, { cwd: root, stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, ...HEAP } });
  if (run.status !== 0) process.exit(1);
  return medians(folder);
}

/** What a benchmark without criterion prints. */
function run(bench, { features }) {
  const args = ["bench", "--quiet", "-p", "sio-benches", "--features", features, "--bench", bench];
  return execFileSync("cargo", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

function medians(folder) {
  const found = new Map();
  for (const entry of fs.readdirSync(folder, { recursive: true })) {
    if (!entry.endsWith(path.join("new", "benchmark.json"))) continue;
    const { group_id, function_id, value_str } = JSON.parse(fs.readFileSync(path.join(folder, entry)));
    const estimates = JSON.parse(fs.readFileSync(path.join(folder, path.dirname(entry), "estimates.json")));
    if (!found.has(group_id)) found.set(group_id, new Map());
    found.get(group_id).set(function_id ?? value_str, estimates.median.point_estimate);
  }
  return found;
}

module.exports = { inputs, measure, run };
