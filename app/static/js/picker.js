// Finds a row of another register by a fragment: name, number, pinyin initials. A new one is made in place.

import { ask } from "./server.js";
import { composing, icon, make, say, texts } from "./texts.js";

const WAIT = 150;
let pickers = 0;

/** Bring every picker of a part of the page to life. */
export function startPickers(root) {
  for (const box of root.querySelectorAll("[data-picker]")) attachPicker(box);
}

/** One picker: a hidden input for the id, a text input, a list of hits. `picked` is called after a choice. */
export function attachPicker(box, picked = () => {}) {
  if (box.dataset.ready) return { open: () => false };
  box.dataset.ready = "1";
  const hidden = box.querySelector("[data-picked]");
  const input = box.querySelector("[data-typed]");
  const pop = box.querySelector(".hits-pop");
  const list = pop.querySelector("ul");
  const name = `hits-${(pickers += 1)}`;
  let timer, question, at, items = [], chosenText = input.value;
  list.id = name;
  input.setAttribute("aria-controls", name);

  const open = () => !pop.hidden;
  const show = (yes) => {
    pop.hidden = !yes;
    input.setAttribute("aria-expanded", String(yes));
  };
  const light = (index) => {
    at = index;
    for (const [number, line] of [...list.querySelectorAll("[role=option]")].entries()) {
      line.classList.toggle("is-on", number === at);
      line.setAttribute("aria-selected", String(number === at));
      if (number === at) {
        input.setAttribute("aria-activedescendant", line.id);
        line.scrollIntoView({ block: "nearest" });
      }
    }
  };
  const choose = (item) => {
    hidden.value = item.id;
    input.value = chosenText = item.text;
    input.setCustomValidity?.("");
    show(false);
    hidden.dispatchEvent(new Event("change", { bubbles: true }));
    picked(item);
  };
  const create = async () => {
    const { makeRecord } = await import("./sheet.js");
    show(false);
    const made = await makeRecord(box.dataset.new, input.value);
    if (made) choose(made);
    input.focus();
  };
  const draw = (answer, term) => {
    items = (answer.items ?? []).map((item) => ({ item, run: () => choose(item) }));
    const lines = items.map(({ item }, index) =>
      option(index, make("div", { class: "clip" }, make("b", {}, item.text), item.sub ? make("span", { class: "sub" }, item.sub) : "")),
    );
    if (answer.recent) lines.unshift(make("li", { class: "cap", role: "presentation" }, texts.recent));
    if (!items.length) lines.push(make("li", { class: "cap", role: "presentation" }, answer.message || texts.nothing));
    if (box.dataset.new && term) {
      lines.push(option(items.length, icon("plus-lg"), ` ${texts.new_here} “${term}”`));
      lines.at(-1).classList.add("foot");
      items.push({ run: create });
    }
    list.replaceChildren(...lines);
    show(true);
    light(items.length && answer.items?.length ? 0 : -1);
  };
  const option = (index, ...content) => {
    const line = make("li", { role: "option", id: `${name}-${index}` }, ...content);
    line.addEventListener("pointerdown", (event) => event.preventDefault());
    line.addEventListener("click", () => items[index].run());
    return line;
  };
  const look = async () => {
    question?.abort();
    question = new AbortController();
    const term = input.value.trim();
    try {
      draw(await ask(`${box.dataset.lookup}?q=${encodeURIComponent(term)}`, question.signal), term);
    } catch (problem) {
      if (problem.name !== "AbortError") throw problem;
    }
  };

  input.addEventListener("input", (event) => {
    if (input.value !== chosenText) hidden.value = "";
    clearTimeout(timer);
    if (!composing(event)) timer = setTimeout(look, WAIT);
  });
  input.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT);
  });
  input.addEventListener("focus", () => {
    if (!input.readOnly && !input.value && !("quiet" in input.dataset)) look();
    delete input.dataset.quiet; // the page itself put the cursor here
  });
  input.addEventListener("blur", () => {
    clearTimeout(timer);
    setTimeout(() => show(false), 120);
  });
  input.addEventListener("keydown", (event) => {
    if (composing(event)) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) {
      event.preventDefault();
      if (!open()) look();
      else if (items.length) light((at + moves[event.key] + items.length) % items.length);
    } else if (event.key === "Enter" && open() && items[at]) {
      event.preventDefault();
      event.stopImmediatePropagation();
      items[at].run();
    } else if (event.key === "Escape" && open()) {
      event.stopImmediatePropagation();
      show(false);
    } else if (event.key === "Tab" && open() && items[at]?.item && input.value.trim() && !hidden.value) {
      items[at].run();
    }
  });
  return { open };
}
