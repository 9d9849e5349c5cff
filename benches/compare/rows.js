"use strict";

// Measures rows, several times, and makes ratios of the medians.

const aims = require("./aims.json");
const criterion = require("./criterion");
const { npm, time } = require("./npm");

/** The form that the machines use, and with them every server and client. */
const OWNED = "ours, owned";
/** Forms that do only a part of the work, and that no ratio is made of. */
const PARTS = ["ours, name only", "ours, namespace only", "ours, owned, name only"];

/**
 * How often everything is measured, one after the other, and each time how long: what slows the machine down for some minutes
 * does that to one of them, and the median does not show it.
 */
const ROUNDS = 3;
const ROUND = ["--warm-up-time", "0.05", "--measurement-time", "0.15"];

/** All directions of the rows, which are in these benchmarks. */
function compared(rows, benches, options) {
  const parsers = new Map(rows.map((row) => [row.name, npm(row)]));
  const names = [...parsers.keys()];
  const rounds = Array.from({ length: options.quick ? 1 : ROUNDS }, () => ({
    rust: criterion.measure(benches, options, names, ROUND),
    node: new Map(names.map((name) => [name, timed(parsers.get(name), options)])),
  }));
  return names.flatMap((name) =>
    ["decode", "encode"]
      .filter((op) => rounds[0].rust.has(`${name}/${op}`))
      .map((op) => {
        const rust = rounds.map((round) => Object.fromEntries(round.rust.get(`${name}/${op}`)));
        return direction(name, op, medians(rust), medians(rounds.map((round) => round.node.get(name)[op])));
      }),
  );
}

/** What Node takes, as far as it does that, by direction and then by where it ends. */
function timed(parser, options) {
  const ofRuns = (runs = {}) => Object.fromEntries(Object.entries(runs).map(([end, run]) => [end, time(run, options)]));
  return { decode: ofRuns(parser.decode), encode: ofRuns(parser.encode) };
}

/** The median of each time. */
function medians(rounds) {
  const median = (name) => rounds.map((times) => times[name]).sort((a, b) => a - b)[rounds.length >> 1];
  return Object.fromEntries(Object.keys(rounds[0]).map((name) => [name, median(name)]));
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
