"use strict";

// Plots as SVG: ratios of the rows on a logarithmic scale, and what live servers take as bars.

const FONT = "font-family='sans-serif' font-size='12'";
const OURS = "#1f5fbf";
const PEER = "#d9822b";
const NODE = "#3a8f4a";
const GREY = "#777777";

const LEFT = 330;
const RIGHT = 30;
const WIDTH = 1000;
const LINE = 18;

/** Every row's ratios: to the right of 1 ours is faster. */
function ratios(rows) {
  const marks = [
    // Where two are equal, the one is seen in the other.
    { key: "peer/best", label: "best Rust peer / our best form", draw: (x, y) => circle(x, y, 3.5, PEER, PEER) },
    { key: "peer/owned", label: "best Rust peer / our owned form", draw: (x, y) => circle(x, y, 5.5, PEER, "none") },
    { key: "node/best", label: "Node / our best form", draw: (x, y) => square(x, y, 3, NODE, NODE) },
    { key: "node/owned", label: "Node / our owned form", draw: (x, y) => square(x, y, 5, NODE, "none") },
  ];
  const values = rows.flatMap(({ ratios }) => Object.values(ratios)).filter(Number.isFinite);
  const [low, high] = [Math.floor(Math.log10(Math.min(...values, 0.5))), Math.ceil(Math.log10(Math.max(...values)))];
  const x = (ratio) => LEFT + ((Math.log10(ratio) - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  const top = 80;
  const bottom = top + rows.length * LINE;
  const parts = marks.map(({ label, draw }, at) => {
    const [left, y] = [20 + (at % 2) * 300, 16 + (at >> 1) * 20];
    return draw(left, y) + text(left + 12, y + 4, label);
  });
  parts.push(rect(LEFT, top - 6, x(1) - LEFT, bottom - top + 4, "#fbe9e7"));
  for (let power = low; power <= high; power++) {
    parts.push(line(x(10 ** power), top - 6, bottom - 2, power === 0 ? "black" : "#dddddd"));
    parts.push(text(x(10 ** power), bottom + 14, 10 ** power < 1 ? (10 ** power).toFixed(-power) : (10 ** power).toLocaleString("en"), "middle"));
  }
  rows.forEach(({ input, op, ratios }, at) => {
    const y = top + at * LINE + 6;
    parts.push(text(LEFT - 12, y + 4, `${input}, ${op}`, "end"), rect(LEFT, y, WIDTH - LEFT - RIGHT, 0.5, "#cccccc"));
    const shown = marks.filter(({ key }) => Number.isFinite(ratios[key]));
    parts.push(...shown.map(({ key, draw }) => draw(x(ratios[key]), y)));
  });
  parts.push(text(LEFT, top - 14, "times as long as ours; in the red part ours is slower", "start", GREY));
  return svg(WIDTH, bottom + 24, parts);
}

/** What each server's processor takes for a message. */
function bars(loads) {
  const colours = { siospec: OURS, socketioxide: PEER, "socket.io": NODE };
  const names = Object.keys(colours);
  const most = Math.max(...loads.flatMap(({ servers }) => Object.values(servers).map(({ us }) => us).filter(Number.isFinite)));
  const width = (us) => (us / most) * (WIDTH - LEFT - RIGHT - 60);
  const [top, bar] = [50, 13];
  const each = names.length * bar + 10;
  const parts = names.map((name, at) => rect(20 + at * 140, 10, 12, 12, colours[name]) + text(38 + at * 140, 20, name));
  const caption = "connections × messages in flight on each, text: microseconds of the server's processor for a message and its echo; shorter is better";
  parts.push(text(20, 40, caption, "start", GREY));
  loads.forEach(({ transport, connections, bytes, inFlight, servers }, at) => {
    const y = top + at * each;
    const label = `${transport}, ${connections} × ${inFlight}, ${bytes >= 1024 ? `${bytes >> 10} KiB` : `${bytes} B`}`;
    parts.push(text(LEFT - 12, y + each / 2, label, "end"));
    names.forEach((name, index) => {
      const { us } = servers[name];
      if (!Number.isFinite(us)) return;
      parts.push(rect(LEFT, y + index * bar, Math.max(1, width(us)), bar - 2, colours[name]));
      parts.push(text(LEFT + width(us) + 5, y + index * bar + 10, us.toPrecision(3)));
    });
  });
  return svg(WIDTH, top + loads.length * each, parts);
}

function svg(width, height, parts) {
  const open = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 ${width} ${height}' width='${width}' height='${height}' ${FONT}>`;
  // White behind it, because text is black and a page may be dark.
  return `${[open, rect(0, 0, width, height, "white"), ...parts, "</svg>"].join("\n")}\n`;
}

function rect(x, y, width, height, fill) {
  return `<rect x='${fixed(x)}' y='${fixed(y)}' width='${fixed(width)}' height='${fixed(height)}' fill='${fill}'/>`;
}

function circle(x, y, radius, stroke, fill) {
  return `<circle cx='${fixed(x)}' cy='${fixed(y)}' r='${radius}' stroke='${stroke}' fill='${fill}'/>`;
}

function square(x, y, half, stroke, fill) {
  return `<rect x='${fixed(x - half)}' y='${fixed(y - half)}' width='${2 * half}' height='${2 * half}' stroke='${stroke}' fill='${fill}'/>`;
}

function line(x, from, to, stroke) {
  return `<line x1='${fixed(x)}' x2='${fixed(x)}' y1='${from}' y2='${to}' stroke='${stroke}'/>`;
}

function text(x, y, content, anchor = "start", fill = "black") {
  return `<text x='${fixed(x)}' y='${fixed(y)}' text-anchor='${anchor}' fill='${fill}'>${content}</text>`;
}

function fixed(number) {
  return Number(number.toFixed(1));
}

module.exports = { ratios, bars };
