// Draws a conversation as a sequence diagram over all its requests and WebSockets: the client on the left, the server on
// the right. Each request and WebSocket has a colour, and a bar for as long as it is open.

/** One pixel is this long, up to `LONGEST`. Longer pauses are told in words. */
const MS_PER_PIXEL = 4;
const LONGEST = 36;
const COLOURS = 7;
const MOST_TRACKS = 6;

/** More events in a row that do not belong to the conversation are folded. */
const MOST_ASIDES = 5;

/** The events of a conversation, each with the revision that its channel speaks. */
function eventsOf(lines) {
  const revisions = new Map();
  return lines.map((line) => {
    const spoken = /^\w+ .*EIO=(\d)/.exec(line.text);
    if (spoken) {
      revisions.set(line.channel, Number(spoken[1]));
    }
    return { ...line, revision: revisions.get(line.channel) ?? 4 };
  });
}

/** From which event to which event each request and WebSocket is open, and in which track it is drawn. */
function spans(events) {
  const open = new Map();
  const all = [];
  events.forEach(({ channel, side, text }, at) => {
    const begins = side === "C" && channel && /^(open|raw)\b|^[a-z]+ .*=/.test(text) && !/^(header|body|packet|text)\b/.test(text);
    if (begins && !open.has(channel)) {
      const taken = new Set([...open.values()].map((span) => span.track));
      const track = [...Array(MOST_TRACKS).keys()].find((one) => !taken.has(one)) ?? MOST_TRACKS - 1;
      const span = { channel, from: at, to: events.length - 1, track, isEnded: false };
      open.set(channel, span);
      all.push(span);
    } else if (open.has(channel) && ends(side, text)) {
      Object.assign(open.get(channel), { to: at, isEnded: true });
      open.delete(channel);
    } else if (open.has(channel) && /^(packet|body)\b/.test(text)) {
      open.get(channel).to = Math.max(open.get(channel).to, at);
    }
  });
  return all;
}

/** Whether a request or a WebSocket is over. In traces, the body of an answer is on the lines behind its status. */
const ends = (side, text) => (side === "S" && /^(\d{3}(\||\b)|closed|end\b)/.test(text)) || /^(abort|close)\b/.test(text);

/** The diagram of `events`, of which `from` to `to` are drawn. */
function diagram(events, { from = 0, to = events.length, label }) {
  const channels = [...new Set(events.map((event) => event.channel).filter(Boolean))];
  const colour = (channel) => (channel ? `ch${channels.indexOf(channel) % COLOURS}` : "");
  const all = spans(events);
  const tracks = all.reduce((most, span) => Math.max(most, span.track + 1), 0);
  const list = make("ol", { class: "diagram", "aria-label": label });
  let fold = { until: from, items: [] };
  for (let at = from; at < to; at += 1) {
    const count = asides(events, at, to);
    if (count > MOST_ASIDES) {
      fold = { until: at + count, items: [] };
      list.append(folded(fold.items, count, drawTracks(all, tracks, at, "above", colour)));
    }
    const before = at > from ? events[at - 1].at : undefined;
    const { pixels, pause } = gap(before, events[at].at);
    const bars = (place) => drawTracks(all, tracks, at, place, colour);
    const items = [
      pause && make("li", { class: "pause" }, make("span", { class: "at" }), bars("above"), make("span", {}, pause)),
      drawEvent(events[at], pixels, bars("at"), colour(events[at].channel)),
    ].filter(Boolean);
    list.append(...items);
    if (at < fold.until) {
      fold.items.push(...items);
      items.forEach((item) => (item.hidden = true));
    }
  }
  return list;
}

/** How many events that begin here are not part of the conversation, such as heartbeats. */
function asides(events, at, to) {
  if (events[at].mark !== "aside" || events[at - 1]?.mark === "aside") {
    return 0;
  }
  const end = events.findIndex((event, place) => place > at && (event.mark !== "aside" || place >= to));
  return (end < 0 ? to : end) - at;
}

/** A line that stands for `items`, which are `count` events, and shows and hides them. */
function folded(items, count, bars) {
  const button = make("button", { type: "button", class: "fold", "aria-expanded": "false", click: toggle }, `${count} lines set aside`);
  function toggle() {
    const isOpen = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!isOpen));
    items.forEach((item) => (item.hidden = isOpen));
  }
  return make("li", {}, make("span", { class: "at" }), bars, button);
}

/** The room above an event, and how long nothing happened if that is too long to draw. */
function gap(before, at) {
  if (before === undefined || at === undefined || at === null) {
    return { pixels: 0 };
  }
  const pixels = Math.max(at - before, 0) / MS_PER_PIXEL;
  return pixels <= LONGEST ? { pixels } : { pixels: 0, pause: `${duration(at - before)} later` };
}

const duration = (ms) => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`);

function drawTracks(all, tracks, at, place, colour) {
  const cells = Array.from({ length: tracks }, (_, track) => {
    const isOn = (span) => span.track === track && span.from <= at && at <= span.to && !(place === "above" && span.from === at);
    // Where one ends and the next begins in the same event, the one that ends is drawn.
    const span = all.find(isOn);
    const edges = span && place === "at" ? `${span.from === at ? " from" : ""}${span.to === at && span.isEnded ? " to" : ""}` : "";
    return make("i", { class: span ? `on ${colour(span.channel)}${edges}` : "" });
  });
  return make("span", { class: "tracks", "aria-hidden": "true" }, cells);
}

/** One event; a click shows its levels. */
function drawEvent(event, pixels, bars, colour) {
  const { at, channel, side, text, notes, mark, revision } = event;
  const read = [...levels(event, revision), ...(event.reading ? [["read as", event.reading]] : [])];
  const who = { C: "client sends", S: "server sends" }[side] ?? "remark";
  const panel = make("dl", { class: "levels", hidden: true }, read.map(([name, words]) => make("div", {}, make("dt", {}, name), make("dd", {}, words))));
  const words = [channel && make("b", { class: "chip" }, channel), make("span", { class: "text" }, text), notes && make("small", {}, notes)];
  // What an application does, or a trace waits for, does not pass between the two.
  const isSent = side && (channel || !/^(wait|call|event|alive|gone|quiet)\b/.test(text));
  const body = isSent
    ? make("span", { class: `wire ${side}` }, make("span", { class: "label" }, words), make("span", { class: "arrow" }))
    : make("span", { class: "wire" }, make("span", { class: "label" }, words));
  const button = make("button", { type: "button", class: "event", "aria-expanded": "false", click: open, disabled: read.length === 0 }, make("span", { class: "hidden" }, `${who}: `), body);
  function open() {
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
    item.classList.toggle("open", !panel.hidden);
  }
  const marks = (event.marks ?? []).map((words) => make("div", { class: "flag" }, words));
  const item = make(
    "li",
    { class: `${colour} ${mark}` },
    make("span", { class: "at" }, at === undefined || at === null ? "" : String(at)),
    bars,
    make("div", {}, button, panel, marks),
  );
  item.style.setProperty("--gap", `${pixels.toFixed(1)}px`);
  return item;
}
