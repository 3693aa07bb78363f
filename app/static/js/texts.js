// The page's sentences in the reader's language, and small pieces of markup. Knows no server.

const read = (id) => {
  const node = document.getElementById(id);
  return node ? JSON.parse(node.textContent) : null;
};

export const texts = globalThis.pageTexts ?? {};
export const json = read;

/** A sentence with its {places} filled in. */
export const say = (name, values = {}) =>
  (texts[name] ?? name).replace(/\{(\w+)\}/g, (_all, key) => values[key] ?? "");

/** An element with attributes and children; a string child is text, never markup. */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null && child !== ""));
  return node;
}

export const icon = (name) => make("i", { class: `bi bi-${name}`, "aria-hidden": "true" });

/** A text whose hits are marked; marks are pairs of start and end. */
export function marked(text, marks = []) {
  const parts = [];
  let at = 0;
  for (const [start, end] of marks) {
    parts.push(text.slice(at, start), make("mark", {}, text.slice(start, end)));
    at = end;
  }
  parts.push(text.slice(at));
  return parts.filter((part) => part !== "");
}

/** Whether a key belongs to the composition of a Chinese word. */
export const composing = (event) => event.isComposing || event.keyCode === 229;
