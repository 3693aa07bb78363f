// One cell is changed where it stands: with the row's version, and with a way back. Knows lists, cards and hits.

import { attachPicker } from "./picker.js";
import { tell } from "./notice.js";
import { post } from "./server.js";
import { composing, make, say, texts } from "./texts.js";
import { tools, toolsUrl } from "./tools.js";

const MOBILE = /^1\d{10}$/;
const INPUTS = { date: "date", datetime: "datetime-local", time: "time" };
const COLOURS = { active: "info", wait: "info" };

const CHOOSING = ["choice", "reference"]; // kinds whose editor needs to be told what there is to choose from

/** Where the editors of a register's cells are asked for. */
function editors(cell, url) {
  const list = cell.closest("[data-tools-url]");
  return list ? toolsUrl(list) : url.replace(/\/cell$/, "/tools");
}

const cellUrl = (cell) => cell.closest("[data-cell-url]")?.dataset.cellUrl ?? cell.closest("[data-row]").dataset.url.replace(/\/show\/.*/, "/cell");

/** Make the editable cells of a part of the page answer to click, Enter and F2. */
export function startQuickEdit(root) {
  const cell = (event) => {
    const found = event.target.closest?.("td.can-edit[data-field]");
    return found && !found.classList.contains("is-edit") && !event.target.closest("a, button, input, select, textarea") ? found : null;
  };
  root.addEventListener("click", (event) => {
    const found = cell(event);
    if (found && !getSelection().toString()) openCell(found);
  });
  const warm = (event) => {
    const found = cell(event);
    if (found && CHOOSING.includes(found.dataset.kind)) tools(editors(found, cellUrl(found)));
  };
  root.addEventListener("pointerover", warm);
  root.addEventListener("focusin", warm);
  root.addEventListener("keydown", (event) => {
    if (composing(event) || !["Enter", "F2"].includes(event.key)) return;
    const found = cell(event);
    if (!found) return;
    event.preventDefault();
    event.stopPropagation();
    openCell(found);
  });
}

/** Open the editor in a table's cell. */
export async function openCell(cell) {
  const row = cell.closest("[data-row]");
  const url = cellUrl(cell);
  let known = null;
  if (CHOOSING.includes(cell.dataset.kind)) {
    known = (await tools(editors(cell, url))).cells?.[cell.dataset.field];
    if (!known || cell.classList.contains("is-edit")) return;
  }
  edit(cell, {
    url,
    known,
    label: cell.dataset.label,
    id: Number(row.dataset.id),
    field: cell.dataset.field,
    kind: cell.dataset.kind,
    raw: cell.dataset.raw,
    masked: "masked" in cell.dataset,
    version: () => Number(row.dataset.version),
    setVersion: (version) => (row.dataset.version = version),
  });
}

/** Replace what a place shows by an input; `about` says which field of which record it is. */
export function edit(place, about) {
  const before = [...place.childNodes];
  const old = place.textContent.trim();
  const input = editor(about, old);
  const error = make("span", { class: "sub cell-error", role: "alert" });
  const keys = make("div", { class: "pop no-touch" }, make("kbd", { class: "key" }, "Enter"), ` ${texts.save} `, make("kbd", { class: "key" }, "Esc"), ` ${texts.discard}`);
  const first = value(input);
  let done = false;

  const close = (...shown) => {
    done = true;
    place.classList.remove("is-edit", "is-busy", "is-refused");
    place.replaceChildren(...shown);
  };
  const finish = () => (about.done ? about.done() : place.focus?.());
  const cancel = () => {
    close(...before);
    finish();
  };
  const commit = async (move) => {
    if (done || place.classList.contains("is-busy")) return;
    if (value(input) === first) {
      cancel();
      if (move) next(place, move);
      return;
    }
    place.classList.add("is-busy");
    const answer = await post(about.url, { id: about.id, field: about.field, value: value(input), version: about.version() });
    place.classList.remove("is-busy");
    if (!answer.ok) {
      place.classList.add("is-refused");
      error.textContent = answer.stored ? `${answer.message} ${texts.stored}: ${answer.stored}` : answer.message;
      if (answer.version) about.setVersion(answer.version);
      input.focus();
      return;
    }
    about.setVersion(answer.version);
    close(...shown(about, answer));
    after(place, about, answer);
    if (move) next(place, move);
    else finish();
  };

  place.classList.add("is-edit");
  place.replaceChildren(input.box, keys, error);
  input.onpick = () => commit();
  input.addEventListener("keydown", (event) => {
    if (composing(event)) return;
    event.stopPropagation();
    if (event.key === "Escape") cancel();
    else if (event.key === "Enter" && !(input.tagName === "TEXTAREA" && event.shiftKey) && !input.picking?.()) {
      event.preventDefault();
      commit();
    } else if (event.key === "Tab") {
      event.preventDefault();
      commit(event.shiftKey ? -1 : 1);
    }
  });
  input.addEventListener("input", (event) => {
    if ((about.masked || !first) && !composing(event) && MOBILE.test(input.value.trim())) commit();
  });
  input.addEventListener("change", () => input.tagName === "SELECT" && commit());
  input.addEventListener("blur", () => setTimeout(() => !done && !place.contains(document.activeElement) && !place.classList.contains("is-refused") && commit(), 150));
  input.focus();
  input.select?.();
}

const value = (input) => (input.picked ? input.picked() : input.value);

function editor(about, shown) {
  const field = about.known;
  let input;
  if (about.kind === "choice" || about.kind === "bool") input = choice(about, field);
  else if (about.kind === "reference" && field?.lookup_url) return reference(about, field, shown);
  else if (about.kind === "multiline") input = make("textarea", { class: "form-control", rows: 3 });
  else input = make("input", { class: "form-control", type: INPUTS[about.kind] ?? "text", autocomplete: "off" });
  if (about.kind === "number") input.inputMode = "decimal";
  if (about.masked) {
    input.placeholder = shown;
    input.inputMode = "tel";
  } else if (input.tagName !== "SELECT") input.value = about.raw ?? "";
  input.setAttribute("aria-label", about.label ?? about.field);
  input.box = input;
  return input;
}

function choice(about, field) {
  const options = about.kind === "bool" ? [["1", texts.yes], ["0", texts.no]] : (field?.choices ?? []).map((each) => [each.code, each.label]);
  const input = make("select", { class: "form-select" }, make("option", { value: "" }));
  for (const [code, label] of options) input.append(make("option", { value: code, selected: code === about.raw }, label));
  return input;
}

function reference(about, field, shown) {
  const hidden = make("input", { type: "hidden", "data-picked": true, value: about.raw ?? "" });
  const input = make("input", { class: "form-control", type: "text", value: shown, "data-typed": true, autocomplete: "off", "aria-label": field.label });
  const pop = make("div", { class: "pop is-full hits-pop", hidden: true }, make("ul", { class: "hits", role: "listbox" }));
  input.box = make("div", { class: "anchor", "data-picker": true, "data-lookup": field.lookup_url }, hidden, input, pop);
  input.picked = () => hidden.value;
  const picker = attachPicker(input.box, () => input.onpick?.());
  input.picking = () => picker.open();
  return input;
}

/** What a place shows after it was saved. */
function shown(about, answer) {
  if (!answer.text) return [];
  if (answer.colour && answer.colour !== "neutral") {
    return [make("span", { class: `tag is-${COLOURS[answer.colour] ?? answer.colour}` }, answer.text)];
  }
  return [document.createTextNode(answer.text)];
}

function after(place, about, answer) {
  about.raw = answer.raw;
  if ("raw" in place.dataset) place.dataset.raw = answer.raw;
  place.toggleAttribute("data-blank", !answer.text);
  if (!answer.undo) return;
  const told = answer.notes ?? [];
  const note = make("span", { class: told.length ? "sub is-told" : "sub", role: "status" }, [texts.saved, ...told, ""].join(" · "));
  const undo = make("button", { type: "button", class: "link s" }, texts.undo);
  undo.addEventListener("click", async (event) => {
    event.stopPropagation();
    const back = await post(about.url, { id: about.id, field: about.field, version: about.version(), undo: answer.undo.act });
    if (!back.ok) return tell(back.message, { kind: "late" });
    about.setVersion(back.version);
    place.replaceChildren(...shown(about, back));
    after(place, about, back);
    tell(say("undone"));
  });
  note.append(undo);
  place.append(note);
  setTimeout(() => note.remove(), told.length ? 30000 : 12000);
}

function next(place, step) {
  const all = [...document.querySelectorAll("td.can-edit[data-field]")];
  const found = all[all.indexOf(place) + step];
  if (found) openCell(found);
}
