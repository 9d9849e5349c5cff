"use strict";

// Puts together what was measured of a row, and makes ratios of it.

const aims = require("./aims.json");
const { npm, time } = require("./npm");

/** The form that the machines use, and with them every server and client. */
const OWNED = "ours, owned";
/** Forms that do only a part of the work, and that no ratio is made of. */
const PARTS = ["ours, name only", "ours, namespace only", "ours, owned, name only"];

/** All directions of all rows that were measured. */
function compared(rows, measured, options) {
  return rows.flatMap((row) => {
    const node = npm(row);
    return ["decode", "encode"]
      .filter((op) => measured.has(`${row.name}/${op}`))
      .map((op) => direction(row.name, op, Object.fromEntries(measured.get(`${row.name}/${op}`)), timed(node[op], options)));
  });
}

/** What Node takes, as far as it does that. */
function timed(runs = {}, options) {
  return Object.fromEntries(Object.entries(runs).map(([end, run]) => [end, time(run, options)]));
}

function direction(input, op, times, node) {
  const whole = Object.entries(times).filter(([name]) => !PARTS.includes(name));
  const best = fastest(whole.filter(([name]) => name.startsWith("ours")));
  const peer = fastest(whole.filter(([name]) => !name.startsWith("ours")));
  const owned = times[OWNED];
  return {
    input,
    op,
    times,
    node,
    best,
    owned,
    peer,
    // How many times as long as our best form the best Rust peer should take.
    aim: aims[input]?.[op],
    // Against Node as fast as it can be: it is not done with a text before that is bytes.
    ratios: {
      "peer/best": peer?.ns / best.ns,
      "peer/owned": peer?.ns / owned,
      "node/best": node.value / best.ns,
      "node/owned": node.value / owned,
    },
  };
}

function fastest(times) {
  if (times.length === 0) return undefined;
  const [name, ns] = times.reduce((one, other) => (other[1] < one[1] ? other : one));
  return { name, ns };
}

module.exports = { compared };
