"use strict";

// What a measurement depends on besides the code.

const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const root = path.join(__dirname, "../..");

/** Crates and packages that are measured, by the lock files that pin them. */
const CRATES = [
  "sio-codec",
  "engineioxide-core",
  "rust_engineio",
  "socketioxide-core",
  "socketioxide-parser-common",
  "socketioxide-parser-msgpack",
  "socketioxide",
];
const PACKAGES = ["engine.io-parser", "engine.io-parser-v2", "socket.io-parser", "socket.io-msgpack-parser", "socket.io"];
const PACKAGES_OF_CLUSTER = ["notepack.io", "@msgpack/msgpack"];

function circumstances() {
  const cpus = os.cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    command: ["node", "benches/compare.js", ...process.argv.slice(2)].join(" "),
    machine: { processor: cpus[0].model, processors: cpus.length, memory: os.totalmem(), system: `${os.type()} ${os.arch()}` },
    versions: {
      rustc: run("rustc", "--version").split(" ")[1],
      node: process.versions.node,
      ...crates(),
      ...packages("fixtures/reference", PACKAGES),
      ...packages("fixtures/reference/cluster", PACKAGES_OF_CLUSTER),
    },
  };
}

function crates() {
  const lock = fs.readFileSync(path.join(root, "Cargo.lock"), "utf8");
  const version = (name) => new RegExp(`name = "${name}"\nversion = "(.*)"`).exec(lock)?.[1];
  return Object.fromEntries(CRATES.map((name) => [name, version(name)]));
}

function packages(folder, names) {
  const { packages: locked } = require(path.join(root, folder, "package-lock.json"));
  return Object.fromEntries(names.map((name) => [name, locked[`node_modules/${name}`].version]));
}

function run(command, ...args) {
  return execFileSync(command, args, { cwd: root, encoding: "utf8" }).trim();
}

module.exports = { circumstances };
