// The filter editor: which columns, which values. What is chosen goes into the URL, so that it can be sent on.

import { ask } from "./server.js";
import { composing, make, texts } from "./texts.js";
import { tools, toolsUrl } from "./tools.js";

const WAIT = 150;
const KINDS = { text: words, choice: ticks, state: ticks, bool: ticks, reference: rows, date: days, number: range };

let spans = []; // days that stay relative: word, label

export function startFilters(list) {
  const drop = list.querySelector("[data-filter-drop]");
  if (!drop) return;
  const pop = drop.querySelector("[data-filter-pop]");
  const fields = async () => {
    const told = await tools(toolsUrl(list));
    spans = told.days ?? [];
    return told.fields ?? [];
  };
  drop.addEventListener("toggle", async () => {
    if (!drop.open) delete pop.dataset.editing;
    else if (!pop.dataset.editing) choose(pop, await fields());
  });
  list.addEventListener("click", async (event) => {
    const chip = event.target.closest("[data-filter-edit]");
    if (!chip) return;
    event.stopPropagation();
    const field = (await fields()).find((each) => each.name === chip.dataset.filterEdit);
    if (!field) return;
    pop.dataset.editing = "1";
    drop.open = true;
    editor(pop, field, chip.lastChild.textContent.trim());
  });
}

/** The list of columns, with a box to find one. */
function choose(pop, fields) {
  const find = make("input", { class: "form-control", type: "search", placeholder: texts.find_column, "aria-label": texts.find_column });
  const list = make("div", { class: "filter-pick mt-2" });
  const draw = () => {
    const term = find.value.trim().toLowerCase();
    const found = fields.filter((field) => field.label.toLowerCase().includes(term));
    list.replaceChildren(
      ...found.map((field) => {
        const button = make("button", { type: "button", class: "drop-item" }, field.label);
        button.addEventListener("click", (event) => {
          event.stopPropagation();
          editor(pop, field);
        });
        return button;
      }),
    );
  };
  find.addEventListener("input", draw);
  find.addEventListener("keydown", (event) => {
    if (composing(event) || event.key !== "Enter") return;
    event.preventDefault();
    list.querySelector("button")?.click();
  });
  draw();
  pop.replaceChildren(find, list);
  find.focus();
}

/** What the list asks for now, also where a saved view stands in the URL alone. */
const asked = () => new URLSearchParams(document.querySelector("[data-list]").dataset.args);

function editor(pop, field, said = "") {
  const args = asked();
  const form = make("form", { class: "stack" }, make("b", {}, field.label));
  const has = args.get(`f.${field.name}.has`) ?? "";
  const filled = make("select", { class: "form-select", name: "has", "aria-label": texts.filled });
  for (const [code, label] of [["", texts.any], ["1", texts.filled], ["0", texts.empty]]) {
    filled.append(make("option", { value: code, selected: code === has }, label));
  }
  form.append((KINDS[field.kind] ?? words)(field, args, said), filled);
  form.append(make("div", { class: "row-x" }, make("button", { class: "btn btn-primary btn-sm" }, texts.apply)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply(field, new FormData(form));
  });
  form.addEventListener("keydown", (event) => composing(event) && event.key === "Enter" && event.preventDefault());
  pop.replaceChildren(form);
  form.querySelector("input, select")?.focus();
}

/** Put the field's new values into the URL; the page begins anew at 1. */
function apply(field, given) {
  const args = asked();
  const mine = new Set(["", ".from", ".to", ".like", ".has"].map((part) => `f.${field.name}${part}`));
  for (const name of [...mine, "page", "after", "before", "mark", "bulk", "done", "all"]) args.delete(name);
  for (const value of given.getAll("value")) if (value) args.append(`f.${field.name}`, value);
  for (const part of ["from", "to", "like", "has"]) {
    const value = String(given.get(part) ?? "").trim();
    if (value) args.set(`f.${field.name}.${part}`, value);
  }
  location.assign(`${location.pathname}?${args}`);
}

function words(field, args) {
  const input = make("input", { class: "form-control", name: "like", maxlength: 200, value: args.get(`f.${field.name}.like`) ?? "", "aria-label": texts.contains, placeholder: texts.contains });
  return make("div", {}, input, make("div", { class: "help" }, texts.more_words));
}

function tick(value, label, on) {
  return make("label", {}, make("input", { class: "form-check-input", type: "checkbox", name: "value", value, checked: on }), label);
}

function ticks(field, args) {
  const chosen = args.getAll(`f.${field.name}`);
  return make("div", { class: "opts-list" }, ...(field.choices ?? []).map((each) => tick(each.code, each.label, chosen.includes(each.code))));
}

/** A linked register: what is chosen stays ticked on top, hits come below. */
function rows(field, args, said) {
  const chosen = args.getAll(`f.${field.name}`);
  const known = new Map((field.choices ?? []).map((each) => [each.code, each.label]));
  const kept = make("div", { class: "opts-list" }, ...chosen.map((id) => tick(id, known.get(id) ?? said ?? id, true)));
  const input = make("input", { class: "form-control", type: "search", autocomplete: "off", "aria-label": field.label });
  const hits = make("div", { class: "opts-list" });
  let timer;
  const look = async () => {
    const answer = await ask(`${field.lookup_url}?q=${encodeURIComponent(input.value.trim())}`);
    const there = new Set([...kept.querySelectorAll("input")].map((each) => each.value));
    hits.replaceChildren(...(answer.items ?? []).filter((item) => !there.has(String(item.id))).map((item) => tick(item.id, item.sub ? `${item.text} · ${item.sub}` : item.text, false)));
    if (!hits.children.length) hits.append(make("span", { class: "meta" }, answer.message || texts.nothing));
  };
  hits.addEventListener("change", (event) => event.target.checked && kept.append(event.target.closest("label")));
  input.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!composing(event)) timer = setTimeout(look, WAIT);
  });
  look();
  return make("div", { class: "stack" }, kept, input, hits);
}

function pair(field, args, type) {
  const part = (name, label) => make("input", { class: "form-control", type, name, value: args.get(`f.${field.name}.${name}`) ?? "", "aria-label": label, inputmode: type === "text" ? "decimal" : null });
  return [part("from", texts.from), part("to", texts.to)];
}

function range(field, args) {
  const [low, high] = pair(field, args, "text");
  return make("div", { class: "row-x" }, low, make("span", { class: "meta" }, "–"), high);
}

/** Days: two dates, or a span that stays relative, so that the link and a saved view mean the same next month. */
function days(field, args) {
  const [low, high] = pair(field, args, "date");
  const kept = ["from", "to"].map((part) => args.get(`f.${field.name}.${part}`) ?? "");
  let chosen = "";
  const line = make("div", { class: "row-x wrap" });
  const hidden = ["from", "to"].map((name) => make("input", { type: "hidden", name, disabled: true }));
  const choose = (code) => {
    chosen = code;
    for (const input of [low, high]) input.disabled = Boolean(code);
    for (const input of hidden) {
      input.value = code;
      input.disabled = !code;
    }
    for (const button of line.children) button.setAttribute("aria-pressed", String(button.dataset.days === code));
  };
  for (const [code, label] of spans) {
    const button = make("button", { type: "button", class: "btn btn-default btn-sm", "data-days": code, "aria-pressed": "false" }, label);
    button.addEventListener("click", () => choose(chosen === code ? "" : code));
    line.append(button);
  }
  if (kept[0].startsWith("@") && kept[0] === kept[1]) choose(kept[0]);
  else for (const input of [low, high]) if (input.value.startsWith("@")) input.value = "";
  return make("div", { class: "stack" }, make("div", { class: "row-x" }, low, make("span", { class: "meta" }, "–"), high), line, ...hidden);
}
