// Measures our codec, its peers in Rust and the npm parsers on the same inputs, and prints how they compare.
//
//   npm ci --prefix fixtures/reference && npm ci --prefix fixtures/reference/cluster && node benches/compare.js [FILTER]
//
// FILTER is a regular expression for the rows, such as `^[ab] `. criterion measures the Rust codecs, and its medians are
// used. One of the peers, rust_engineio, needs OpenSSL's headers; without them: `--features peers`.
"use strict";

const { execFileSync, spawnSync } = require("node:child_process");
const { createRequire } = require("node:module");
const fs = require("node:fs");
const path = require("node:path");

const root = path.join(__dirname, "..");
const load = createRequire(path.join(root, "fixtures/reference/package.json"));
const loadOfCluster = createRequire(path.join(root, "fixtures/reference/cluster/package.json"));
const ROUNDS = 21;
const ROUND_MS = 20;

const arguments_ = process.argv.slice(2);
const featured = arguments_.indexOf("--features");
const features = featured < 0 ? "rust-engineio" : arguments_.splice(featured, 2)[1];
const filter = new RegExp(arguments_[0] ?? "");

main();

function main() {
  const cargo = (...args) => execFileSync("cargo", args, { cwd: root, maxBuffer: 1 << 30, stdio: ["ignore", "pipe", "inherit"] });
  const inputs = JSON.parse(cargo("run", "--quiet", "--release", "-p", "sio-benches", "--bin", "inputs"));
  const rows = inputs.filter((row) => filter.test(row.name));
  if (rows.length === 0) {
    console.error(`no row is like ${filter}; there are: ${inputs.map((row) => row.name).join(", ")}`);
    process.exit(2);
  }
  const selected = `^(${rows.map((row) => row.name).join("|")})/`;
  const bench = ["bench", "--quiet", "-p", "sio-benches", "--features", features, "--bench", "engineio", "--bench", "socketio", "--bench", "cluster"];
  const measured = path.join(process.env.CARGO_TARGET_DIR ?? path.join(root, "target"), "criterion");
  fs.rmSync(measured, { recursive: true, force: true });
  const run = spawnSync("cargo", [...bench, "--", selected], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  if (run.status !== 0) process.exit(1);
  print(rows, medians(measured));
}

/** criterion's medians in nanoseconds: by row and direction, then by who. */
function medians(folder) {
  const found = new Map();
  for (const entry of fs.readdirSync(folder, { recursive: true })) {
    if (!entry.endsWith(path.join("new", "benchmark.json"))) continue;
    const { group_id, function_id } = JSON.parse(fs.readFileSync(path.join(folder, entry)));
    const estimates = JSON.parse(fs.readFileSync(path.join(folder, path.dirname(entry), "estimates.json")));
    if (!found.has(group_id)) found.set(group_id, new Map());
    found.get(group_id).set(function_id, estimates.median.point_estimate);
  }
  return found;
}

function print(rows, measured) {
  console.log("| input | op | ours: borrowed or into a buffer, ns | ours: owned, ns | best Rust peer, ns | Node, ns | peer / ours | Node / ours |");
  console.log("|---|---|--:|--:|--:|--:|--:|--:|");
  for (const row of rows) {
    for (const op of ["decode", "encode"]) {
      const times = measured.get(`${row.name}/${op}`);
      if (times === undefined) continue;
      const named = (test) => [...times].filter(([name]) => test(name)).map(([, time]) => time);
      const owned = times.get("ours, owned");
      const [light] = named((name) => name.startsWith("ours") && name !== "ours, owned");
      const ours = Math.min(owned, light ?? Infinity);
      const peers = named((name) => !name.startsWith("ours"));
      const peer = peers.length > 0 ? Math.min(...peers) : undefined;
      const node = npm(row)[op]?.();
      const ratio = (time) => (time === undefined ? "–" : (time / ours).toPrecision(3));
      console.log(`| ${[row.name, op, ...[light, owned, peer, node].map(shown), ratio(peer), ratio(node)].join(" | ")} |`);
    }
  }
}

function shown(time) {
  if (time === undefined) return "–";
  return time < 100 ? time.toPrecision(3) : Math.round(time).toLocaleString("en");
}

/** What the npm parsers do with a row: functions that return the median of their time in nanoseconds. */
function npm({ parser, frames }) {
  const messages = frames.map((frame) => (frame.startsWith("base64:") ? Buffer.from(frame.slice(7), "base64") : frame));
  switch (parser) {
    case "eio4": {
      const { decodePacket, encodePacket } = load("engine.io-parser");
      const packet = decodePacket(messages[0]);
      return {
        decode: () => time(() => decodePacket(messages[0])),
        encode: () => time(() => encodePacket(packet, false, ignore)),
      };
    }
    case "eio4-payload": {
      const { decodePayload, encodePayload } = load("engine.io-parser");
      const packets = decodePayload(messages[0]);
      return {
        decode: () => time(() => decodePayload(messages[0])),
        encode: () => time(() => encodePayload(packets, ignore)),
      };
    }
    case "eio3-payload": {
      const { decodePayload, encodePayload } = load("engine.io-parser-v2");
      const packets = [];
      decodePayload(messages[0], undefined, (packet) => void packets.push(packet));
      const binary = Buffer.isBuffer(messages[0]);
      return {
        decode: () => time(() => decodePayload(messages[0], undefined, ignore)),
        encode: () => time(() => encodePayload(packets, binary, ignore)),
      };
    }
    case "sio5":
      return socketio(load("socket.io-parser"), messages);
    case "msgpack":
      return socketio(load("socket.io-msgpack-parser"), messages);
    case "classic":
      return coder(messages[0], loadOfCluster("notepack.io"));
    case "sharded":
      return Buffer.isBuffer(messages[0]) ? coder(messages[0], loadOfCluster("notepack.io")) : text(messages[0]);
    case "streams":
      return messages[0].startsWith("{") ? text(messages[0]) : inBase64(messages[0], loadOfCluster("@msgpack/msgpack"));
    default:
      throw new Error(`no parser ${parser}`);
  }
}

function socketio({ Decoder, Encoder }, messages) {
  const decoder = new Decoder();
  const encoder = new Encoder();
  let packet;
  decoder.on("decoded", (decoded) => (packet = decoded));
  const decode = () => messages.forEach((message) => decoder.add(message));
  decode();
  // Encoding removes the binary values from its packet.
  const { data, ...rest } = packet;
  const type = { 5: 2, 6: 3 }[packet.type] ?? packet.type;
  return { decode: () => time(decode), encode: () => time(() => encoder.encode({ ...rest, type, data })) };
}

/** What the adapters for Redis do with a message, each with its library. */
function coder(message, { decode, encode }) {
  const value = decode(message);
  return { decode: () => time(() => decode(message)), encode: () => time(() => encode(value)) };
}

function text(message) {
  const value = JSON.parse(message);
  return { decode: () => time(() => JSON.parse(message)), encode: () => time(() => JSON.stringify(value)) };
}

function inBase64(message, { decode, encode }) {
  const value = decode(Buffer.from(message, "base64"));
  return {
    decode: () => time(() => decode(Buffer.from(message, "base64"))),
    encode: () => time(() => Buffer.from(encode(value)).toString("base64")),
  };
}

function ignore() {}

function time(run) {
  let count = 1;
  for (;;) {
    const spent = lap(run, count);
    if (spent > ROUND_MS * 1e6) break;
    count = Math.ceil(count * Math.min(10, Math.max(1.2, (ROUND_MS * 1.2e6) / spent)));
  }
  const laps = Array.from({ length: ROUNDS }, () => lap(run, count) / count);
  return laps.sort((a, b) => a - b)[ROUNDS >> 1];
}

function lap(run, count) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < count; i++) run();
  return Number(process.hrtime.bigint() - start);
}
