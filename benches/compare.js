// Measures our codec beside its peers in Rust and the npm parsers, our machines, and servers over real sockets, and prints tables.
//
//   npm ci --prefix fixtures/reference && npm ci --prefix fixtures/reference/cluster
//   node benches/compare.js [--features FEATURES] [--out FOLDER] [--quick] [PART...]
//
// PART is `rows`, `machines`, `servers`, or a regular expression for some rows, such as `^[ab] `; without one it is all three
// parts. One of the peers, rust_engineio, needs OpenSSL's headers; without them: `--features peers`. The tables are Markdown on
// stdout; `--out` writes all that was measured into `FOLDER/results.json`, and plots beside it. `--quick` measures for a tenth of
// the time, which shows only that everything runs. Times are of the processor, not of the clock, so that what else the machine
// does matters less. Linux only.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { parseArgs } = require("node:util");
const criterion = require("./compare/criterion");
const { circumstances } = require("./compare/circumstances");
const { machines } = require("./compare/machines");
const plot = require("./compare/plot");
const { compared } = require("./compare/rows");
const { servers } = require("./compare/servers");
const table = require("./compare/table");

const OPTIONS = {
  features: { type: "string", default: "rust-engineio" },
  out: { type: "string" },
  quick: { type: "boolean", default: false },
};
const PARTS = ["rows", "machines", "servers"];

main().catch((error) => {
  console.error(`compare: ${error.message}`);
  process.exit(1);
});

async function main() {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const parts = positionals.length > 0 ? positionals : PARTS;
  const filters = parts.filter((part) => !PARTS.includes(part));
  const result = circumstances();
  console.log(`${table.ofCircumstances(result)}\n`);
  if (parts.includes("rows") || filters.length > 0) {
    result.rows = rows(values, new RegExp(filters.join("|")));
    show("Packets", table.ofRows(result.rows));
  }
  if (parts.includes("machines")) {
    result.machines = machines(values);
    show("Machines", table.ofMachines(result.machines));
  }
  if (parts.includes("servers")) {
    result.servers = await servers(values);
    show("Servers", table.ofServers(result.servers));
  }
  if (values.out) write(result, values.out);
}

function rows(options, filter) {
  const inputs = criterion.inputs();
  const wanted = inputs.filter((row) => filter.test(row.name));
  if (wanted.length === 0) {
    console.error(`no row is like ${filter}; there are: ${inputs.map((row) => row.name).join(", ")}`);
    process.exit(2);
  }
  return compared(wanted, ["engineio", "socketio", "cluster"], options);
}

function show(heading, tables) {
  console.log(`## ${heading}\n\n${tables}\n`);
}

function write(result, folder) {
  fs.mkdirSync(folder, { recursive: true });
  const write = (name, content) => fs.writeFileSync(path.join(folder, name), content);
  write("results.json", `${JSON.stringify(result, null, 1)}\n`);
  if (result.rows) write("rows.svg", plot.ratios(result.rows));
  if (result.servers) write("servers.svg", plot.bars(result.servers.loads));
}
