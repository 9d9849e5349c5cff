// The page of one case: what it demands, what was expected, and what happened.

function casePage(item) {
  const known = item.results.map((result, at) => ({ result, name: data.columns[at], at })).filter(({ result }) => result);
  const first = known.find(({ result }) => result.conversation.length > 0) ?? known[0];
  const body = make("div", {});
  const tabs = known.length > 1 ? make("div", { class: "tabs", role: "group", "aria-label": "Implementation" }) : "";
  const show = (chosen) => {
    body.replaceChildren(...outcome(item, chosen.result));
    for (const [at, button] of [...(tabs.children ?? [])].entries()) {
      button.setAttribute("aria-pressed", String(known[at] === chosen));
    }
  };
  known.forEach((one) => tabs && tabs.append(make("button", { type: "button", click: () => show(one) }, `${one.name} `, badge(one.result))));
  show(first);
  return [
    make("h2", {}, item.id),
    make("p", { class: "sentence" }, item.title),
    terms([
      ["level", item.level],
      ["requirements", item.requirements.map(requirement)],
      ["seen in", item.seen.map(seen)],
    ]),
    tabs,
    body,
  ];
}

const badge = (result) => make("span", { class: `badge ${result.tone}` }, result.verdict);

/** A requirement with its sentence, level and source. */
function requirement(id) {
  const known = data.requirements[id];
  if (!known) {
    return make("p", { class: "requirement" }, make("b", {}, id), " (this siospec does not know it)");
  }
  const basis = known.basis === "reference" ? "the behaviour of the JavaScript reference" : "the specification";
  return make("p", { class: "requirement" }, make("b", {}, id), " ", sentence(known.text), " ", make("small", {}, `${known.level}, by `, make("a", { href: known.link, rel: "noreferrer" }, basis)));
}

/** An issue or an advisory. */
function seen(word) {
  const link = /^CVE-\d+-\d+$/.test(word) && `https://www.cve.org/CVERecord?id=${word}`;
  return make("span", { class: "seen" }, link ? make("a", { href: link, rel: "noreferrer" }, word) : word);
}

/** What one run found. */
function outcome(item, result) {
  return [
    make("p", { class: "result" }, badge(result), result.durationMs === null ? "" : ` in ${duration(result.durationMs)}`, result.reason && `. ${result.reason}`),
    (result.rate || result.baseline) && terms([
      ["played", result.rate],
      ["baseline", result.baseline],
    ]),
    result.finding && finding(result.finding, result.tone, item),
    reproduce(result.reproduce),
    lanes(item, result),
  ].filter(Boolean);
}

function finding(found, tone, item) {
  const isTold = item.requirements.includes(found.requirement);
  return make(
    "div",
    { class: `finding ${tone}` },
    found.requirement && !isTold && requirement(found.requirement),
    terms([
      [found.level ? "breaks" : "departs", [found.requirement, found.level ? `(${found.level})` : "(accepted)"].filter(Boolean).join(" ")],
      ["expected", make("code", {}, found.expected)],
      ["found", make("code", {}, found.observed)],
      ["impact", found.impact && `a 4.x JavaScript client ${found.impact}`],
    ]),
  );
}

function reproduce(command) {
  const button = make("button", { type: "button", click: copy }, "Copy");
  async function copy() {
    try {
      await navigator.clipboard.writeText(command);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(button.previousElementSibling);
    }
  }
  return make("div", { class: "command" }, make("span", {}, "Reproduce"), make("code", {}, command), button);
}

/** The expected conversation beside the one that happened. Both are cut at the first difference, so that it is in one line. */
function lanes(item, result) {
  const expected = item.steps && eventsOf(item.steps.map(stepLine));
  const actual = eventsOf(result.conversation.map(([at, channel, side, text, mark]) => ({ at, channel, side, text, mark })));
  const isSplit = actual.some(({ mark }) => mark === "fault");
  const place = (events, isFault) => {
    const at = events.findIndex(isFault);
    return isSplit && at >= 0 ? at : 0;
  };
  const left = expected && lane("Expected", "expected", expected, place(expected, ({ line }) => line === result.finding?.line), "the trace of the case");
  const right = actual.length > 0 && lane("What happened", "actual", actual, place(actual, ({ mark }) => mark === "fault"), omitted(result));
  if (left && isSplit) {
    left.from.querySelector("li")?.classList.add("fault");
  }
  const parts = [left, right].filter(Boolean);
  return make(
    "section",
    { class: `lanes n${parts.length}`, "data-lane": "actual" },
    !expected && make("p", { class: "notice" }, "The expected conversation is not known: the case is not in the suite of this siospec, or was read from a folder of traces."),
    !right && make("p", { class: "notice" }, result.verdict === "passed" ? "It passed. The conversations of cases that passed are not kept." : "No conversation was kept."),
    parts.length > 1 && choice(),
    parts.map((part) => part.before),
    parts.map((part) => part.from),
  );
}

const omitted = (result) => (result.earlier > 0 ? `${result.earlier} earlier lines are left out` : "times in ms");

function stepLine([line, channel, side, whole]) {
  const cut = whole.search(/ {2}/);
  const [text, notes] = cut < 0 ? [whole, ""] : [whole.slice(0, cut), whole.slice(cut).trim()];
  return { line, channel, side, text, notes, mark: "" };
}

/** A lane in two parts: before the first difference, and from there on. */
function lane(name, kind, events, cut, remark) {
  const head = [make("h3", {}, name, " ", make("small", {}, remark)), make("p", { class: "ends" }, make("span", {}, "client"), make("span", {}, "server"))];
  const drawn = (from, to, place) => from < to && diagram(events, { from, to, label: `${name}, ${place} the first difference` });
  const before = make("div", { class: `lane before ${kind}` }, head, drawn(0, cut, "before"));
  const from = make("div", { class: `lane from ${kind}` }, drawn(cut, events.length, "from"));
  return { before, from };
}

/** On a narrow screen, one lane is shown. */
function choice() {
  const button = (name, kind) => make("button", { type: "button", "aria-pressed": String(kind === "actual"), click: (event) => choose(event.target, kind) }, name);
  function choose(pressed, kind) {
    pressed.closest(".lanes").dataset.lane = kind;
    for (const other of pressed.parentElement.children) {
      other.setAttribute("aria-pressed", String(other === pressed));
    }
  }
  return make("div", { class: "tabs choice", role: "group", "aria-label": "Conversation" }, button("What happened", "actual"), button("Expected", "expected"));
}
