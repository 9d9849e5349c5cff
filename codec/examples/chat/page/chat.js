// The page of the chat, with the official client. What users typed is shown with `textContent`, and nowhere as markup.

const $ = (id) => document.getElementById(id);

/** Milliseconds that the server may take to answer. */
const PATIENCE = 5000;

/** How often the others hear that somebody still types, and when they stop to believe it; in milliseconds. */
const TYPING = { every: 2000, for: 4000 };

/** What the reasons of Socket.IO mean, in the words of the others in a room. */
const REASONS = {
  "left the room": "left the room",
  "client namespace disconnect": "signed out",
  "server namespace disconnect": "was disconnected by the server",
  "transport close": "closed the page, or lost the connection",
  "transport error": "lost the connection",
  "ping timeout": "lost the connection",
  "server shutting down": "lost the connection",
};

/** What the page knows of a room that it is in. */
class Room {
  people = new Set();
  /** Elements of the log. */
  entries = [];
  /** Who types, and the timer that forgets it. */
  typing = new Map();
  hasNews = false;

  add(entry) {
    this.entries = [...this.entries, entry].slice(-200);
  }

  /** Adds a message; one that is there already comes again with the history, after a reconnection. */
  addMessage(message) {
    const made = entry(message);
    if (!this.entries.some(({ dataset }) => dataset.message === made.dataset.message)) {
      this.add(made);
    }
  }
}

// Tokens are kept for this tab alone, until it is closed, and not in a cookie: no other page sends them along.
const memory = sessionStorage;
let mine = memory.getItem("name");
let listed = [];
let current;
let lastTyped = 0;
const rooms = new Map();

// One connection for both namespaces.
const manager = new io.Manager(location.origin, { autoConnect: false });
const lobby = manager.socket("/");
const chat = manager.socket("/chat", { auth: (answer) => answer({ token: memory.getItem("token") }) });

lobby.on("lobby", ({ people }) => {
  $("lobby").textContent = people === 1 ? "1 person here" : `${people} people here`;
});
lobby.connect();

// Coming in.

$("invitation").value = location.hash.slice(1);

$("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  refuse();
  const form = { name: $("name").value, invitation: $("invitation").value };
  const headers = { "content-type": "application/json" };
  try {
    const response = await fetch("/login", { method: "POST", headers, body: JSON.stringify(form) });
    const { token, name, error } = await response.json();
    if (error) {
      return refuse(error.message);
    }
    memory.setItem("token", token);
    memory.setItem("name", name);
    mine = name;
    chat.connect();
  } catch {
    refuse("the server cannot be reached");
  }
});

$("out").addEventListener("click", () => {
  chat.disconnect();
  signOut();
});

function signOut(words) {
  memory.clear();
  rooms.clear();
  current = undefined;
  $("welcome").hidden = false;
  $("inside").hidden = true;
  state(lobby.connected ? "connected" : "connecting");
  refuse(words);
  $("name").focus();
}

function refuse(words) {
  $("refusal").hidden = !words;
  $("refusal").textContent = words ?? "";
}

function state(name, words = name) {
  $("state").dataset.state = name;
  $("state").textContent = words;
  $("send").disabled = !chat.connected;
}

if (memory.getItem("token")) {
  chat.connect();
}

// The connection.

lobby.on("connect", () => chat.active || state("connected"));
lobby.on("disconnect", (reason) => {
  state("connecting", "connecting again");
  if (reason === "io server disconnect") {
    lobby.connect();
  }
});

chat.on("connect", async () => {
  const isFirst = $("inside").hidden;
  $("welcome").hidden = true;
  $("inside").hidden = false;
  $("me").textContent = mine;
  state("connected", `connected as ${mine}`);
  // The server knows nothing of the connection before.
  const wanted = rooms.size > 0 ? [...rooms.keys()] : ["lounge"];
  for (const room of wanted) {
    await join(room, { isPatient: true, words: isFirst ? undefined : "You are connected again." });
  }
});

chat.on("disconnect", (reason) => {
  if (reason === "io server disconnect") {
    return signOut("The server ended the connection. Log in again.");
  }
  rooms.forEach((room) => room.add(notice("The connection is lost. Trying again …")));
  draw();
  state("connecting", "connecting again");
});

chat.on("connect_error", (error) => {
  if (error.data?.retryAfter) {
    setTimeout(() => chat.connect(), error.data.retryAfter);
  } else if (error.data?.code) {
    // The server refused us, and said why; it will not change its mind.
    signOut(error.data.message);
  }
});

// Rooms.

chat.on("rooms", (all) => {
  listed = all;
  drawRooms();
});

chat.on("joined", ({ room, name }) => tell(room, `${name} is here now.`, (it) => it.people.add(name)));

chat.on("left", ({ room, name, reason }) =>
  tell(room, `${name} ${REASONS[reason] ?? `left (${reason})`}.`, (it) => {
    it.people.delete(name);
    stopTyping(it, name);
  }));

chat.on("said", (message) => {
  const room = rooms.get(message.room);
  if (room) {
    stopTyping(room, message.from);
    room.addMessage(message);
    room.hasNews = message.room !== current;
    draw();
  }
});

chat.on("typing", ({ room: name, name: who, isTyping }) => {
  const room = rooms.get(name);
  if (room) {
    stopTyping(room, who);
    if (isTyping) {
      room.typing.set(who, setTimeout(() => (stopTyping(room, who), drawTyping()), TYPING.for));
    }
    drawTyping();
  }
});

function stopTyping(room, who) {
  clearTimeout(room.typing.get(who));
  room.typing.delete(who);
}

function tell(name, words, change) {
  const room = rooms.get(name);
  if (room) {
    change(room);
    room.add(notice(words));
    draw();
  }
}

async function join(name, { isPatient, words } = {}) {
  const answer = await ask("join", { room: name }, isPatient);
  if (!answer) {
    return;
  }
  const room = rooms.get(answer.room) ?? new Room();
  room.people = new Set(answer.people);
  answer.history.forEach((message) => room.addMessage(message));
  if (words) {
    room.add(notice(words));
  }
  rooms.set(answer.room, room);
  current ??= answer.room;
  draw();
  return answer.room;
}

$("open").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (await enter($("room").value)) {
    $("room").value = "";
  }
});

/** Shows a room, which is joined if it has to be; its name, if we are in it. */
async function enter(name) {
  const there = rooms.has(name) ? name : await join(name);
  if (there) {
    current = there;
    rooms.get(there).hasNews = false;
    complain();
    draw();
    $("text").focus();
  }
  return there;
}

$("leave").addEventListener("click", async () => {
  const room = current;
  if (await ask("leave", { room })) {
    rooms.delete(room);
    current = rooms.keys().next().value;
    draw();
  }
});

// Saying something.

$("say").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = $("text").value;
  if (!current || !text.trim() || !chat.connected) {
    return;
  }
  const message = await ask("say", { room: current, text });
  // What was refused stays, to be sent again.
  if (message) {
    if ($("text").value === text) {
      $("text").value = "";
    }
    lastTyped = 0;
    rooms.get(message.room)?.addMessage(message);
    draw();
  }
});

$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("say").requestSubmit();
  }
});

$("text").addEventListener("input", () => {
  const isTyping = $("text").value !== "";
  const isDue = Date.now() - lastTyped > TYPING.every;
  if (current && chat.connected && (isTyping ? isDue : lastTyped > 0)) {
    lastTyped = isTyping ? Date.now() : 0;
    // Without an answer, and not kept for later.
    chat.volatile.emit("typing", { room: current, isTyping });
  }
});

/** Asks the server; nothing if it refused, after the user was told why. With patience, again when it was too early. */
async function ask(event, what, isPatient = false) {
  try {
    const answer = await chat.timeout(PATIENCE).emitWithAck(event, what);
    if (isPatient && answer.error?.retryAfter) {
      await new Promise((resolve) => setTimeout(resolve, answer.error.retryAfter));
      return ask(event, what, isPatient);
    }
    if (answer.error?.code === "expired") {
      return signOut(answer.error.message);
    }
    complain(answer.error);
    return answer.error ? undefined : answer;
  } catch {
    complain({ message: "the server did not answer" });
  }
}

let patience;

function complain(error) {
  clearTimeout(patience);
  $("fault").hidden = !error;
  $("fault").textContent = error?.message ?? "";
  if (error?.retryAfter) {
    const seconds = Math.ceil(error.retryAfter / 1000);
    $("fault").textContent = `Too fast. Try again in ${seconds === 1 ? "a second" : `${seconds} seconds`}.`;
    patience = setTimeout(complain, error.retryAfter);
  }
}

// What is shown.

function element(tag, name, ...children) {
  const made = document.createElement(tag);
  made.className = name;
  made.append(...children);
  return made;
}

function entry({ id, from, text, at }) {
  const time = new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const isMine = from === mine;
  // Strings that are appended are text, whatever is in them.
  const who = element("p", "from", element("b", "", isMine ? "You" : from), ` ${time}`);
  const made = element("li", isMine ? "message mine" : "message", who, element("p", "text", text));
  // A server that was started anew counts from 1 again.
  made.dataset.message = `${id} ${at}`;
  return made;
}

function notice(words) {
  return element("li", "notice", words);
}

function draw() {
  drawRooms();
  drawTyping();
  const room = rooms.get(current);
  $("here").textContent = current ?? "No room";
  $("leave").hidden = !room;
  $("say").hidden = !room;
  $("people").textContent = room ? [...room.people].sort().join(", ") : "Join one to talk.";
  drawLog(room);
}

let shown;

/** Adds what is new: a reader that speaks the log does not say the old anew. */
function drawLog(room) {
  const log = $("log");
  const entries = room?.entries ?? [];
  if (room !== shown) {
    log.replaceChildren();
    shown = room;
  }
  log.append(...entries.filter((entry) => !entry.isConnected));
  while (log.children.length > entries.length) {
    log.firstChild.remove();
  }
  log.scrollTop = log.scrollHeight;
}

function drawRooms() {
  const counts = new Map(listed.map(({ room, people }) => [room, people]));
  const names = new Set([...rooms.keys(), ...counts.keys()]);
  const focused = $("rooms").contains(document.activeElement) && document.activeElement.dataset.room;
  $("rooms").replaceChildren(...[...names].sort().map((name) => {
    const button = element("button", "", element("span", "name", name));
    button.type = "button";
    button.dataset.room = name;
    button.setAttribute("aria-current", name === current);
    if (rooms.get(name)?.hasNews) {
      button.append(element("span", "news"), element("span", "unseen", "new messages"));
    }
    const people = counts.get(name) ?? 0;
    button.append(element("span", "count", rooms.has(name) ? String(people) : `${people} · join`));
    button.addEventListener("click", () => enter(name));
    return element("li", "", button);
  }));
  // On a narrow screen they are in one line, which may be longer.
  $("rooms").querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (focused) {
    [...$("rooms").querySelectorAll("button")].find((button) => button.dataset.room === focused)?.focus();
  }
}

function drawTyping() {
  const names = [...(rooms.get(current)?.typing.keys() ?? [])];
  const verb = names.length === 1 ? "is typing" : "are typing";
  $("typing").textContent = names.length > 0 ? `${names.join(", ")} ${verb} …` : "";
}
