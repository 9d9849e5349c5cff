"use strict";

// The machines of a server without sockets: times, what they grow with, and memory.

const criterion = require("./criterion");

const PREFIX = "machines/";

/** Times in nanoseconds: of one message, life or broadcast, and of an item in a hub by the number of items. Memory in bytes. */
function machines(options) {
  const measured = [...criterion.measure(["machines", "hub"], options, [".*"])];
  const times = measured
    .filter(([group]) => group.startsWith(PREFIX))
    .flatMap(([group, all]) => [...all].map(([name, ns]) => ({ what: group.slice(PREFIX.length), name, ns })));
  const growth = measured
    .filter(([group]) => !group.startsWith(PREFIX))
    .map(([what, all]) => ({ what, perItem: Object.fromEntries([...all].map(([count, ns]) => [count, ns / count])) }));
  return { times: times.sort(order), growth, memory: memory(options) };
}

/** Crowds by their size, which a name with digits only is. */
function order(one, other) {
  return one.what.localeCompare(other.what) || one.name.localeCompare(other.name, "en", { numeric: true });
}

function memory(options) {
  const lines = criterion.run("sessions", options).split("\n");
  const found = lines.map((line) => /^(\d+) (.+), (\w+): (\d+) bytes each/.exec(line)).filter(Boolean);
  return found.map(([, count, what, transport, bytes]) => ({ count: Number(count), what, transport, bytes: Number(bytes) }));
}

module.exports = { machines };
