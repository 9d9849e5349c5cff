// Makes elements. Text of the data only ever becomes text of an element.

const data = JSON.parse(document.getElementById("data").textContent);

const byId = (id) => document.getElementById(id);

/** An element. `attributes` with a function are listeners; children are elements or text, and false ones are skipped. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name, value);
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== undefined && value !== null && value !== false) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.flat().filter((child) => child || child === 0));
  return element;
}

/** A list of terms; those without a value are left out. */
function terms(pairs) {
  const known = pairs.filter(([, value]) => value !== undefined && value !== null && value !== "" && value.length !== 0);
  return make("dl", {}, known.map(([term, value]) => make("div", {}, make("dt", {}, term), make("dd", {}, value))));
}

/** A sentence of the catalogue, in which code stands between backticks. */
const sentence = (text) => text.split("`").map((part, at) => (at % 2 === 1 ? make("code", {}, part) : part));
