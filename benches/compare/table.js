"use strict";

// Tables in Markdown.

const NONE = "–";

const COLUMNS = [
  ["input", ({ input }) => input],
  ["op", ({ op }) => op],
  ["ours, best", ({ best }) => time(best.ns)],
  ["which", ({ best }) => best.name.replace("ours, ", "")],
  ["ours, owned", ({ owned }) => time(owned)],
  ["best Rust peer", ({ peer }) => time(peer?.ns)],
  ["Node", ({ node }) => time(node.value)],
  ["Node, to bytes", ({ node }) => time(node.bytes)],
  ["peer / best", ({ ratios }) => ratio(ratios["peer/best"])],
  ["aim", ({ aim }) => aim ?? NONE],
  ["peer / owned", ({ ratios }) => ratio(ratios["peer/owned"])],
  ["Node / best", ({ ratios }) => ratio(ratios["node/best"])],
  ["Node / owned", ({ ratios }) => ratio(ratios["node/owned"])],
];

/** Of rows that are read by `Decoder::route` and once. */
const ROUTED = "ours, routed";
const ROUTED_COLUMNS = [
  ["input", ({ input }) => input],
  ["ours, owned", ({ owned }) => time(owned)],
  [ROUTED, ({ times }) => time(times[ROUTED])],
  ["best Rust peer", ({ peer }) => time(peer?.ns)],
  ["peer / owned", ({ ratios }) => ratio(ratios["peer/owned"])],
  ["peer / routed", ({ times, peer }) => ratio(peer?.ns / times[ROUTED])],
];

/** The columns that are text; all others are numbers, and stand at the right. */
const TEXTS = ["input", "op", "which", "what", "transport"];

/** When, where and how the rest was measured. */
function ofCircumstances({ date, command, machine, versions }) {
  const { processor, processors, memory, system } = machine;
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `Measured on ${date} with \`${command}\`, on ${processors} processors of ${processor}, ${Math.round(memory / 2 ** 30)} GiB, ${system}.`,
    `Versions: ${named.join(", ")}.`,
  ].join("\n");
}

/** The table of rows, and of those among them of which the head alone can be read first. */
function ofRows(rows) {
  const routed = rows.filter(({ times }) => ROUTED in times);
  return [[COLUMNS, rows], ...(routed.length > 0 ? [[ROUTED_COLUMNS, routed]] : [])]
    .map(([columns, rows]) => table(columns.map(([name]) => name), rows.map((row) => columns.map(([, show]) => show(row)))))
    .join("\n\n");
}

/** The tables of the machines: times, growth, memory. */
function ofMachines({ times, growth, memory }) {
  const timed = times.map(({ what, name, ns }) => [`${what}: ${name}`, time(ns), /^\d+$/.test(name) ? time(ns / name) : NONE]);
  const counts = Object.keys(growth[0]?.perItem ?? {});
  const grown = growth.map(({ what, perItem }) => [what, ...counts.map((count) => time(perItem[count]))]);
  const held = memory.map(({ what, transport, count, bytes }) => [what, transport, whole(count), whole(bytes)]);
  return [
    table(["what", "ns", "each of them, ns"], timed),
    table(["what", ...counts.map((count) => `of ${whole(count)}, ns`)], grown),
    table(["what", "transport", "of", "bytes each"], held),
  ].join("\n\n");
}

/** The tables of the servers: processor time for a message, and memory. */
function ofServers({ loads, idle }) {
  const names = Object.keys(idle);
  const short = (value) => (Number.isFinite(value) ? value.toPrecision(3) : NONE);
  const loaded = loads.map(({ transport, connections, bytes, inFlight, servers }) => [
    transport,
    ...[connections, inFlight].map(whole),
    bytes < 1024 ? `${bytes} B` : `${bytes >> 10} KiB`,
    ...names.map((name) => short(servers[name].us)),
    ...names.slice(1).map((name) => ratio(servers[name].us / servers[names[0]].us)),
  ]);
  const against = names.slice(1).map((name) => `${name} / ${names[0]}`);
  return [
    table(["transport", "connections", "in flight on each", "text", ...names.map((name) => `${name}, us`), ...against], loaded),
    table(["what", ...names.map((name) => `${name}, kB`)], [["idle connection", ...names.map((name) => short(idle[name] / 1000))]]),
  ].join("\n\n");
}

function table(names, lines) {
  const rule = names.map((name) => (TEXTS.includes(name) ? "---" : "--:"));
  return `${line(names)}\n|${rule.join("|")}|\n${lines.map(line).join("\n")}`;
}

function line(cells) {
  return `| ${cells.join(" | ")} |`;
}

/** Nanoseconds. */
function time(ns) {
  if (!Number.isFinite(ns)) return NONE;
  return ns < 100 ? ns.toPrecision(3) : Math.round(ns).toLocaleString("en");
}

function whole(number) {
  return Number(number).toLocaleString("en");
}

/** How many times as long the other takes; below 1 ours is slower. */
function ratio(value) {
  if (!Number.isFinite(value)) return NONE;
  return value < 100 ? value.toFixed(value < 10 ? 2 : 1) : Math.round(value).toLocaleString("en");
}

module.exports = { ofCircumstances, ofRows, ofMachines, ofServers };
