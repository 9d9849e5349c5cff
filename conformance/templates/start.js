// What the address, the keyboard and the buttons do.

const THEMES = ["auto", "light", "dark"];

/** The id of the page that the address names; nothing for the list. */
const wantedPage = () => new URLSearchParams(location.hash.slice(1)).get(data.key);

/** Keeps the filters in the address, so that it can be passed on. */
function keepFilters() {
  filter();
  const parameters = filterParameters();
  history.replaceState(null, "", parameters ? `#${parameters}` : location.pathname + location.search);
}

function theme(name) {
  document.documentElement.dataset.theme = name;
  byId("theme-button").textContent = `Theme: ${name}`;
  try {
    localStorage.setItem("siospec-theme", name);
  } catch {
    // The browser keeps nothing for this page.
  }
}

function keptTheme() {
  try {
    const kept = localStorage.getItem("siospec-theme");
    return THEMES.includes(kept) ? kept : "auto";
  } catch {
    return "auto";
  }
}

function toggleKeys() {
  const keys = byId("keys");
  keys.hidden = !keys.hidden;
  byId("keys-button").setAttribute("aria-expanded", String(!keys.hidden));
}

/** What the address names: a page, or the list with its filters. */
function route() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const item = data.items.find(({ id }) => id === parameters.get(data.key));
  const page = byId("page");
  page.hidden = !item;
  byId("overview").hidden = Boolean(item);
  if (item) {
    page.replaceChildren(pageBar(item), ...(data.key === "case" ? casePage(item) : sessionPage(item)));
    scrollTo({ top: 0, behavior: "instant" });
    page.focus({ preventScroll: true });
  } else {
    page.replaceChildren();
    filterBy(parameters);
  }
}

/** The neighbours of a page, among those that the list shows. */
function neighbours(item) {
  const ids = shownRows().map((row) => new URLSearchParams(row.querySelector("a").hash.slice(1)).get(data.key));
  const at = ids.indexOf(item.id);
  return { before: ids[at - 1], after: at < 0 ? undefined : ids[at + 1], at, count: ids.length };
}

function pageBar(item) {
  const { before, after, at, count } = neighbours(item);
  const link = (id, words, name) => (id ? make("a", { href: `#${data.key}=${id}`, rel: name }, words) : make("span", {}, words));
  return make(
    "nav",
    { class: "bar-of-page", "aria-label": "Pages" },
    make("a", { href: listAddress(), class: "back" }, data.key === "case" ? "All cases" : "All sessions"),
    link(before, "← previous", "prev"),
    link(after, "next →", "next"),
    at < 0 ? "" : make("span", {}, `${at + 1} of ${count}`),
  );
}

const listAddress = () => `#${filterParameters()}`;

const isPage = () => !byId("page").hidden;

/** Goes back to the list, at once: the event of the new address comes later, and a key may be pressed before it. */
function back() {
  if (isPage()) {
    const id = wantedPage();
    location.hash = listAddress();
    route();
    rows.map((row) => row.querySelector("a")).find((link) => link.hash === `#${data.key}=${id}`)?.focus();
  }
}

/** Moves the focus among the lines of the conversation that happened. */
function moveInPage(step) {
  const buttons = [...byId("page").querySelectorAll("button.event:not(:disabled)")].filter((button) => button.offsetParent);
  const at = buttons.indexOf(document.activeElement);
  buttons[at < 0 && step < 0 ? buttons.length - 1 : Math.min(Math.max(at + step, 0), buttons.length - 1)]?.focus();
}

const move = (step) => () => (isPage() ? moveInPage(step) : moveInList(step));

const turn = (name) => () => byId("page").querySelector(`a[rel="${name}"]`)?.click();

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const isField = event.target.matches("input, select, textarea");
  if (event.key === "Escape" && isField) {
    event.target.blur();
    return;
  }
  const action = isField ? undefined : ACTIONS[event.key];
  if (action) {
    event.preventDefault();
    action();
  }
}

const ACTIONS = {
  "/": () => {
    back();
    search.focus();
  },
  "?": toggleKeys,
  j: move(1),
  k: move(-1),
  ArrowDown: move(1),
  ArrowUp: move(-1),
  ArrowLeft: turn("prev"),
  ArrowRight: turn("next"),
  Escape: back,
};

theme(keptTheme());
document.querySelector(".tools").hidden = false;
filters.hidden = false;
// A page that is opened by its address has neighbours, too.
filterBy(new URLSearchParams());
filters.addEventListener("input", keepFilters);
filters.addEventListener("reset", () => setTimeout(keepFilters));
filters.addEventListener("submit", (event) => event.preventDefault());
byId("theme-button").addEventListener("click", () => {
  theme(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length]);
});
byId("keys-button").addEventListener("click", toggleKeys);
addEventListener("hashchange", route);
addEventListener("keydown", press);
route();
