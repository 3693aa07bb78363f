// The one box: from a fragment of anything to rows that answer. The text is never emptied by us.

import { tell } from "./notice.js";
import { edit } from "./quickedit.js";
import { ask } from "./server.js";
import { look } from "./sheet.js";
import { composing, make, marked, say, texts } from "./texts.js";

const WAIT = 150;
const LETTERS = { p: "phone" };
const CALLERS = ["customer", "contact", "unit", "dispatch_order", "complaint"]; // hits that say who calls

export function startBoxes() {
  for (const box of document.querySelectorAll("[data-box]")) startBox(box);
}

/** Put the cursor into the box that this page offers. */
export function focusBox() {
  const input = document.querySelector("[data-big] [data-box-input]") ?? document.querySelector("[data-box-input]");
  input?.focus();
  input?.select();
}

function startBox(box) {
  const input = box.querySelector("[data-box-input]");
  const place = box.querySelector("[data-box-hits]");
  const stays = "big" in box.dataset;
  const forCalls = "caller" in box.dataset; // on the intake: a click or Tab says who calls
  let timer, question, hits = [], at = -1, wanted = false;

  const back = () => input.focus();
  const show = (yes) => {
    place.hidden = !yes;
    input.setAttribute("aria-expanded", String(yes));
  };
  const light = (index) => {
    at = index;
    for (const [number, hit] of hits.entries()) {
      hit.line.classList.toggle("is-on", number === at);
      hit.line.setAttribute("aria-selected", String(number === at));
    }
    if (hits[at]) {
      input.setAttribute("aria-activedescendant", hits[at].line.id);
      hits[at].line.scrollIntoView({ block: "nearest" });
    }
  };
  const draw = (answer) => {
    hits = [];
    const parts = [];
    for (const group of answer.groups ?? []) {
      parts.push(make("div", { class: "box-group" }, answer.recent ? `${texts.recent} · ${group.label}` : group.label));
      for (const item of group.items) {
        const hit = { item };
        hit.line = hitLine(item, `${place.id}-${hits.length}`, back);
        const number = hits.push(hit) - 1;
        hit.line.addEventListener("pointermove", () => at !== number && light(number));
        hit.line.addEventListener("click", (event) => !event.target.closest(".can-edit, .is-edit, a") && (forCalls && isCaller(hit.item) ? calls(hit.item) : openHit(hit.item)));
        parts.push(hit.line);
      }
    }
    const nothing = answer.empty || (answer.ok ? "" : answer.message);
    if (nothing) parts.push(make("div", { class: "box-none", role: "status" }, nothing));
    place.replaceChildren(...parts);
    show(parts.length > 0);
    light(hits.length && input.value.trim() ? 0 : -1);
    delete box.dataset.waiting;
    box.dispatchEvent(new CustomEvent("answered", { detail: { count: hits.length } }));
    if (wanted) leave();
  };
  const isCaller = (item) => CALLERS.includes(item.resource);
  const calls = (item) => {
    show(false);
    if (forCalls) box.dispatchEvent(new CustomEvent("caller", { detail: item }));
    else location.assign(`/intake/?caller=${item.resource}:${item.id}`);
  };
  /** Tab on the intake: the lit hit calls; of two alike none is taken, and without a hit the caller is unknown. */
  const leave = () => {
    wanted = false;
    const [first, second] = hits;
    const alike = at === 0 && second && first.item.title === second.item.title && first.item.resource === second.item.resource;
    if (alike) {
      input.focus();
      return tell(say("alike"), { kind: "late" });
    }
    if (hits[at] && isCaller(hits[at].item)) return calls(hits[at].item);
    show(false);
    box.dispatchEvent(new CustomEvent("unknown"));
  };
  const openHit = (item) => {
    if (!stays) show(false);
    look(item.url);
  };
  const find = async () => {
    question?.abort();
    question = new AbortController();
    try {
      draw(await ask(`${box.dataset.url}?q=${encodeURIComponent(input.value.trim())}`, question.signal));
    } catch (problem) {
      if (problem.name !== "AbortError") throw problem;
    }
  };
  const later = () => {
    clearTimeout(timer);
    box.dataset.waiting = "1";
    timer = setTimeout(find, WAIT);
  };

  place.setAttribute("role", "listbox");
  place.addEventListener("pointerdown", (event) => !event.target.closest("input, .can-edit") && event.preventDefault());
  input.addEventListener("input", (event) => !composing(event) && later());
  input.addEventListener("compositionend", later);
  box.addEventListener("shut", () => show(false));
  input.addEventListener("focus", () => (hits.length && input.value ? show(true) : find()));
  box.addEventListener("focusout", () => setTimeout(() => !stays && !box.contains(document.activeElement) && show(false), 150));
  input.addEventListener("keydown", (event) => {
    if (composing(event)) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves && hits.length) {
      event.preventDefault();
      show(true);
      light((at + moves[event.key] + hits.length) % hits.length);
    } else if (event.key === "Enter" && hits[at]) {
      event.preventDefault();
      openHit(hits[at].item);
    } else if (event.key === "Escape" && !place.hidden && !stays) {
      event.stopPropagation();
      show(false);
      input.blur();
    } else if (event.key === "Tab" && forCalls && !event.shiftKey && input.value.trim() && !("settled" in box.dataset)) {
      event.preventDefault();
      wanted = "waiting" in box.dataset;
      if (wanted) box.dispatchEvent(new CustomEvent("leaving"));
      else leave();
    } else if (event.key === "Escape" && forCalls && !place.hidden) {
      event.stopPropagation();
      show(false);
      light(-1);
    } else if (event.altKey && event.code === "KeyC" && hits[at] && isCaller(hits[at].item)) {
      event.preventDefault();
      calls(hits[at].item);
    } else if (event.altKey && LETTERS[event.key.toLowerCase()] && hits[at]) {
      const fact = hits[at].line.querySelector(".can-edit");
      if (!fact) return;
      event.preventDefault();
      fact.click();
    }
  });
  if (document.activeElement === input) find();
}

function hitLine(item, id, back) {
  const facts = make("span", { class: "facts" });
  for (const fact of item.facts ?? []) facts.append(factTag(fact, back));
  if (item.state) facts.append(make("span", { class: `state is-${item.state.colour}` }, item.state.label));
  const title = make("span", { class: "b" }, ...marked(item.title, item.marks));
  const words = make("div", { class: "clip" }, title, item.sub ? make("div", { class: "s sec clip" }, item.sub) : "");
  return make("div", { class: "box-hit", role: "option", id, "aria-selected": "false" }, words, facts);
}

function factTag(fact, back) {
  const shown = make("span", {}, fact.text);
  const tag = make("span", { class: `tag${fact.cell ? " can-edit" : ""}` }, fact.label ? `${fact.label} ` : "", shown);
  if (fact.cell) {
    const cell = fact.cell;
    const about = { ...cell, kind: "text", raw: "", masked: true, done: back, version: () => cell.version, setVersion: (version) => (cell.version = version) };
    tag.title = `${say("edit")} · Alt P`;
    tag.addEventListener("click", (event) => {
      event.stopPropagation();
      if (!shown.classList.contains("is-edit")) edit(shown, about);
    });
  }
  return tag;
}
