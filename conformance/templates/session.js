// The page of a recorded session: what was said, and who broke which requirement where.

function sessionPage(item) {
  const lines = item.conversation.map(([at, channel, side, text, mark]) => ({ at, channel, side, text, mark }));
  const events = eventsOf(lines).map((event, at) => ({
    ...event,
    reading: item.readings[at],
    marks: item.violations.filter(([, , , , line]) => line === at).map(violation),
  }));
  const loose = item.violations.filter(([, , , , line]) => line === null);
  const kept = (side) => item.fulfilled.filter(([, of]) => of === side).map(([id, , times]) => fulfilled(id, times));
  return [
    make("h2", {}, item.title),
    make("p", { class: "sentence" }, item.recording),
    make("p", { class: "result" }, make("span", { class: `badge ${item.tone}` }, judgement(item)), " ", item.violations.map(jump(item))),
    terms([
      ["right: server", kept("server")],
      ["right: client", kept("client")],
      ["not recorded", item.unseen.map((words) => make("p", {}, words))],
    ]),
    loose.map((one) => make("div", { class: "finding bad" }, violation(one))),
    make("section", { class: "lanes n1" }, make("div", { class: "lane actual" }, ends(lines), diagram(events, { label: "What was recorded" }))),
  ].flat();

  function ends() {
    return make("p", { class: "ends" }, make("span", {}, "client"), make("span", {}, "server"));
  }
}

function judgement({ tone, violations }) {
  const words = { good: "nothing that was recorded breaks a requirement", idle: "nothing could be judged" };
  return words[tone] ?? `${violations.length} ${violations.length === 1 ? "violation" : "violations"}`;
}

/** A button that leads to the line of a violation. */
const jump = (item) => (one) => {
  const [id, side] = one;
  const at = item.violations.filter(([, , , , line]) => line !== null).indexOf(one);
  const go = () => {
    const flag = document.querySelectorAll("#page .flag")[at];
    flag?.scrollIntoView({ block: "center" });
    flag?.closest("li").querySelector("button").focus({ preventScroll: true });
  };
  return make("button", { type: "button", click: go }, `${id} by the ${side}`);
};

function violation([id, side, fault, evidence]) {
  return make("div", {}, make("p", {}, make("b", {}, `The ${side} breaks ${id}: `), fault), make("p", {}, "shown by ", make("code", {}, evidence)), requirement(id));
}

function fulfilled(id, times) {
  const known = data.requirements[id];
  return make("span", { class: "seen", title: known?.text }, times > 1 ? `${id} (${times} times)` : id);
}
