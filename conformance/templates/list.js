// The list: its filters, and its line that the keyboard has chosen.

const rows = [...document.querySelectorAll("#items tbody tr")];
const filters = byId("filters");
const fields = ["tone", "level", "chapter"].map(byId).filter((field) => field !== null);
const search = byId("search");

/** The lines that fit the filters. */
const shownRows = () => rows.filter((row) => !row.hidden);

function hasTone(tones, wanted) {
  switch (wanted) {
    case "all":
      return true;
    case "judged":
      return tones.some((tone) => tone === "bad" || tone === "warn" || tone === "good");
    default:
      return tones.includes(wanted);
  }
}

/** What is shown first: what fails the run, or else everything that was judged. */
function firstTone() {
  if (data.key !== "case") {
    return "all";
  }
  const first = ["bad", "judged"].find((tone) => rows.some((row) => hasTone(row.dataset.tones.split(" "), tone)));
  return first ?? "all";
}

function fits(row, words) {
  const wanted = Object.fromEntries(fields.map((field) => [field.id, field.value]));
  return (
    hasTone(row.dataset.tones.split(" "), wanted.tone) &&
    (!wanted.level || row.dataset.level === wanted.level) &&
    (!wanted.chapter || row.dataset.chapter === wanted.chapter) &&
    words.every((word) => row.dataset.words.includes(word))
  );
}

/** Shows the lines that fit the filters. */
function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of rows) {
    row.hidden = !fits(row, words);
  }
  const shown = shownRows().length;
  byId("shown").textContent = `${shown} of ${rows.length}`;
  byId("nothing").hidden = shown > 0 || rows.length === 0;
}

/** What the address says about the filters. */
function filterBy(parameters) {
  const isFirst = parameters.size === 0;
  for (const field of fields) {
    field.value = parameters.get(field.id) ?? "";
  }
  byId("tone").value = parameters.get("tone") ?? (isFirst ? firstTone() : "all");
  search.value = parameters.get("search") ?? "";
  filter();
}

/** The filters, for the address. */
function filterParameters() {
  const set = [...fields, search].filter((field) => field.value);
  return new URLSearchParams(set.map((field) => [field.id, field.value])).toString();
}

/** Moves the focus by `step` lines. */
function moveInList(step) {
  const links = shownRows().map((row) => row.querySelector("a"));
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + step, 0), links.length - 1);
  links[next]?.focus();
  links[next]?.closest("tr").scrollIntoView({ block: "nearest" });
}
