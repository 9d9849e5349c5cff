// The page of `siospec client --listen`: drives the browser build of socket.io-client through all cases.

import { driver } from "/calls.mjs";

const at = (id) => document.getElementById(id);
const agent = () => encodeURIComponent(at("agent").value);

/** The source of the client: the chosen file, or the one of `--client`. */
async function source() {
  const [file] = at("file").files;
  if (file) {
    return file.text();
  }
  const answer = await fetch("/client.js");
  if (!answer.ok) {
    throw new Error("choose the file of the client first");
  }
  return answer.text();
}

/** Runs the source, and takes what a driver needs from it. */
async function library() {
  const text = await source();
  const [, version] = /Socket\.IO v(\d+\.\d+\.\d+)/.exec(text) ?? [];
  if (!version) {
    throw new Error("the file is not a build of socket.io-client: it does not begin with its version");
  }
  await new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    script.onload = resolve;
    script.onerror = () => reject(new Error("the file of the client cannot be run"));
    document.head.append(script);
  });
  const { Manager, connect } = globalThis.io;
  // The build does not export its client of Engine.IO. Without transports, a manager makes one that sends nothing.
  const manager = new Manager(location.origin, { transports: [], reconnection: false });
  const Engine = manager.engine.constructor;
  const bytes = (array) => array.buffer;
  return { name: "socket.io-client", version, Manager, lookup: connect, Engine, binaryType: "arraybuffer", bytes };
}

/** Plays until the command closes the WebSocket; an error if it does so because of this page. */
function play(client) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/driver?agent=${agent()}`);
    const { answer } = driver(client, write);
    function write(line) {
      if (socket.readyState === WebSocket.OPEN) {
        socket.send(JSON.stringify(line));
      }
    }
    socket.onmessage = ({ data }) => write(answer(JSON.parse(data)));
    socket.onclose = ({ code, reason }) =>
      code === 1000 ? resolve() : reject(new Error(reason || "siospec has ended, or cannot be reached"));
  });
}

const counts = {};

/** Shows the results since the last time; returns how many there are. */
async function show(after) {
  const answer = await fetch(`/progress?agent=${agent()}&after=${after}`);
  if (!answer.ok) {
    return after;
  }
  const { cases, done, playing, played } = await answer.json();
  at("bar").max = cases;
  at("bar").value = done;
  at("state").textContent = playing ?? "";
  for (const { id, verdict } of played) {
    counts[verdict] = (counts[verdict] ?? 0) + 1;
    if (!["passed", "not-applicable", "unsupported"].includes(verdict)) {
      const line = document.createElement("li");
      line.className = verdict;
      line.textContent = `${verdict}: ${id}`;
      at("found").append(line);
    }
  }
  const parts = Object.entries(counts).map(([verdict, count]) => {
    const part = document.createElement("span");
    part.className = verdict;
    part.textContent = `${count} ${verdict} `;
    return part;
  });
  at("totals").replaceChildren(...parts);
  return done;
}

async function run() {
  const client = await library();
  let seen = 0;
  let isOver = false;
  const watch = async () => {
    while (!isOver) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      seen = await show(seen);
    }
  };
  const watched = watch();
  try {
    await play(client);
  } finally {
    isOver = true;
    await watched.catch(() => {});
  }
  await show(seen);
  const report = await fetch(`/report?agent=${agent()}`, { headers: { accept: "text/plain" } });
  at("report").textContent = await report.text();
  at("report").hidden = false;
}

at("start").addEventListener("submit", async (event) => {
  event.preventDefault();
  delete document.body.dataset.state;
  at("go").disabled = true;
  at("state").className = "";
  try {
    await run();
    at("state").textContent = "All cases were played.";
    document.body.dataset.state = "over";
  } catch (error) {
    at("state").textContent = error.message;
    at("state").className = "failed";
    document.body.dataset.state = "refused";
    at("go").disabled = false;
  }
});
