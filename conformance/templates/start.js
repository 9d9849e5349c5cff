// What the address, the keyboard and the buttons do.

const THEMES = ["auto", "light", "dark"];

/** The place of a page in the file, from its address; nothing for the list. */
const wantedPage = () => new URLSearchParams(location.hash.slice(1)).get("case");

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

function route() {
  filterBy(new URLSearchParams(location.hash.slice(1)));
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const isField = event.target.matches("input, select, textarea");
  if (event.key === "Escape" && isField) {
    event.target.blur();
    return;
  }
  const action = isField ? undefined : actions()[event.key];
  if (action) {
    event.preventDefault();
    action();
  }
}

const actions = () => ({
  "/": () => search.focus(),
  "?": toggleKeys,
  j: () => moveInList(1),
  k: () => moveInList(-1),
  ArrowDown: () => moveInList(1),
  ArrowUp: () => moveInList(-1),
});

theme(keptTheme());
document.querySelector(".tools").hidden = false;
filters.hidden = false;
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
