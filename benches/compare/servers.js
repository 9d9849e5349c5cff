"use strict";

// Loads servers over loopback, one after the other: `siospec serve`, socket.io on Node, and socketioxide. Each runs on one
// processor and the load on another.

const { execFileSync } = require("node:child_process");
const os = require("node:os");
const path = require("node:path");
const { Server } = require("../../fixtures/reference/live/server");

const root = path.join(__dirname, "../..");
const release = path.join(process.env.CARGO_TARGET_DIR ?? path.join(root, "target"), "release");
const LOAD = path.join(release, "load");

const ROUNDS = 3;
/** Longer than a measurement: heartbeats are not what is measured. */
const PING_INTERVAL = 25_000;
const PING_TIMEOUT = 20_000;
const IDLE_CONNECTIONS = 1_000;

/** Transport, connections, bytes of text in a message, messages in flight on each connection. */
const LOADS = [
  ...[1, 50, 500].flatMap((connections) => [1, 16].map((inFlight) => ["websocket", connections, 20, inFlight])),
  ...[1, 50].flatMap((connections) => [1, 16].map((inFlight) => ["websocket", connections, 16_384, inFlight])),
  ["polling", 1, 20, 1],
  ["polling", 50, 20, 1],
  ["polling", 50, 20, 16],
  ["polling", 50, 16_384, 1],
];

/** What each server's processor does for a message, and its memory for an idle connection. */
async function servers({ quick }) {
  build();
  // So that the server that runs ends with this process.
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  const measured = LOADS.map(([transport, connections, bytes, inFlight]) => ({ transport, connections, bytes, inFlight, rounds: {} }));
  const idle = {};
  for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
    for (const load of measured) {
      // Each goes first once, so that none always comes after the same other one.
      for (const server of rotated(all(), round)) {
        load.rounds[server.name] ??= [];
        const result = await under(server, [load.transport, load.connections, load.bytes, load.inFlight]);
        if (result === undefined) continue;
        const { messages, seconds, cpu } = result;
        load.rounds[server.name].push({ us: (cpu / messages) * 1e6, perSecond: messages / seconds });
      }
    }
  }
  for (const server of all()) {
    const held = await under(server, ["idle", IDLE_CONNECTIONS, 0, 0]);
    idle[server.name] = held?.bytes / held?.connections;
  }
  return { loads: measured.map(({ rounds, ...load }) => ({ ...load, servers: medians(rounds) })), idle };
}

function build() {
  const cargo = (...args) => execFileSync("cargo", ["build", "--quiet", "--release", ...args], { cwd: root, stdio: ["ignore", 2, 2] });
  cargo("-p", "siospec", "--bin", "siospec");
  cargo("-p", "sio-benches", "--features", "live", "--bin", "load", "--example", "socketioxide_echo");
}

function all() {
  const heartbeat = { PING_INTERVAL: `${PING_INTERVAL}`, PING_TIMEOUT: `${PING_TIMEOUT}` };
  const ours = ["serve", "--ping-interval", `${PING_INTERVAL}`, "--ping-timeout", `${PING_TIMEOUT}`];
  return [
    server("siospec", path.join(release, "siospec"), ours),
    server("socketioxide", path.join(release, "examples/socketioxide_echo"), [], {}, () => []),
    server("socket.io", process.execPath, [path.join(root, "fixtures/reference/server.js")], heartbeat),
  ];
}

function server(name, command, args, ...more) {
  const [program, ...rest] = on(0, [command, ...args]);
  return new Server(name, program, rest, ...more);
}

/** The command, on one processor if there are others. */
function on(processor, command) {
  return os.cpus().length > 1 ? ["taskset", "-c", `${processor}`, ...command] : command;
}

/** What the load says; undefined if a connection was lost, because then there is nothing to compare. */
async function under(server, load) {
  await server.start();
  try {
    const [program, ...args] = on(1, [LOAD, server.url, `${server.pid}`, ...load.map(String)]);
    return JSON.parse(execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], timeout: 120_000 }));
  } catch {
    console.error(`compare: ${server.name} is left out of a round of ${load.join(" ")}`);
    return undefined;
  } finally {
    await server.stop();
  }
}

function rotated(list, by) {
  return [...list.slice(by % list.length), ...list.slice(0, by % list.length)];
}

function medians(rounds) {
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  const of = (all) => ({ us: median(all.map(({ us }) => us)) ?? NaN, perSecond: median(all.map(({ perSecond }) => perSecond)) ?? NaN });
  return Object.fromEntries(Object.entries(rounds).map(([name, all]) => [name, of(all)]));
}

module.exports = { servers };
