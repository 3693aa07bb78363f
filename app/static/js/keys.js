// The keys of every page. Off while typing, during the composition of a word, in a dialog, and where switched off.

import { focusBox } from "./box.js";
import { chooseWorkbook } from "./dropping.js";
import { keysOn, showKeys } from "./notice.js";
import { isOpen, look } from "./sheet.js";
import { composing } from "./texts.js";

const typing = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("main [data-row]")];
const current = () => document.querySelector("main [data-row].is-cur");

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  mark(all[Math.min(Math.max(at < 0 ? 0 : at + by, 0), all.length - 1)]);
}

/** Make a row the current one. */
export function mark(row) {
  for (const each of document.querySelectorAll("main [data-row].is-cur")) each.classList.remove("is-cur");
  row.classList.add("is-cur");
  row.scrollIntoView({ block: "nearest" });
  if (isOpen()) look(row.dataset.url);
}

const follow = (selector) => {
  const found = document.querySelector(selector);
  if (found) found.click();
  return Boolean(found);
};

const KEYS = {
  "/": () => focusBox(),
  "?": () => showKeys(),
  f: () => document.querySelector("[data-list-search]")?.select(),
  i: () => chooseWorkbook(),
  n: () => follow('main [data-action="add"]') || follow('[data-side] a[href="/intake/"]'),
  j: () => step(1),
  k: () => step(-1),
  e: () => (current()?.dataset.editUrl ? location.assign(current().dataset.editUrl) : follow('main [data-action="edit"]')),
  x: () => {
    const tick = current()?.querySelector("[data-pick]");
    if (tick) tick.click();
  },
  Enter: () => current() && location.assign(current().dataset.url),
  " ": () => current() && look(current().dataset.url),
};

/** The chord as a button names its own in data-key: Ctrl+Enter, Alt+L. */
function chord(event) {
  const key = event.code.startsWith("Key") ? event.code.slice(3) : event.key;
  return [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : "", key].filter(Boolean).join("+");
}

function pressed(event) {
  if (composing(event) || event.defaultPrevented) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    focusBox();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) {
    const button = document.querySelector(`main [data-key="${CSS.escape(chord(event))}"]`);
    if (button && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      button.click();
    }
    return;
  }
  if (!keysOn()) return;
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  if (["Enter", " "].includes(event.key) && event.target.closest("a, button, summary, input, td.can-edit")) return;
  const run = KEYS[event.key];
  if (!run || (["Enter", " "].includes(event.key) && !current())) return;
  event.preventDefault();
  run();
}

export function startKeys() {
  document.addEventListener("keydown", pressed);
  document.querySelector("main")?.addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]");
    if (row && !event.target.closest("a, button, input, select, textarea")) {
      for (const each of document.querySelectorAll("main [data-row].is-cur")) each.classList.remove("is-cur");
      row.classList.add("is-cur");
    }
  });
}
