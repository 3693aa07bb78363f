// A record's form: what is unsaved is said, kept as a draft on this computer, and sent once. Masked fields never are.

import { saves, startFields } from "./fields.js";
import { startPresence } from "./presence.js";
import { composing, make, say, texts } from "./texts.js";

const form = document.querySelector("[data-record-form]");
const SKIP = new Set(["csrf_token", "form_token", "version"]);
const KEEP = 1000;
let first = "", leaving = false, timer;

const secret = (name) => Boolean(form.querySelector(`[data-mask][name="${CSS.escape(name)}"]`)) || name.startsWith("touched__");

/** The fields as typed: name → values. */
function typed(drafted = false) {
  const found = {};
  for (const [name, value] of new FormData(form)) {
    if (SKIP.has(name) || typeof value !== "string" || (drafted && secret(name))) continue;
    (found[name] ??= []).push(value);
  }
  return found;
}

const labelOf = (name) => form.querySelector(`[data-field-row="${CSS.escape(name.replace(/__text$/, "").replace(/^touched__/, ""))}"]`)?.dataset.label;

function changed() {
  const [was, is] = [JSON.parse(first), typed()];
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  const differing = names.filter((name) => JSON.stringify(was[name]) !== JSON.stringify(is[name]));
  return [...new Set(differing.map(labelOf).filter(Boolean))];
}

const key = () => `draft.${document.body.dataset.user}.${form.dataset.draft}`;

function keepDraft() {
  if (!form.dataset.draft || leaving) return;
  if (changed().length) localStorage.setItem(key(), JSON.stringify({ when: Date.now(), fields: typed(true), version: form.elements.version.value }));
  else localStorage.removeItem(key());
}

function showChanges() {
  const place = form.querySelector("[data-dirty]");
  const names = changed();
  if (place) place.textContent = names.length ? say("unsaved_count", { count: names.length, names: names.join("、") }) : "";
}

function fill(fields) {
  for (const input of form.elements) {
    if (!input.name || SKIP.has(input.name) || secret(input.name) || input.type === "file") continue;
    const values = fields[input.name] ?? [];
    if (input.type === "checkbox" || input.type === "radio") input.checked = values.includes(input.value);
    else if (input.name in fields) {
      input.value = values[0] ?? "";
      input.dispatchEvent(new Event("refill")); // what is drawn from it is drawn anew
    }
  }
  showChanges();
}

/** Offer what was typed here before and never saved. */
function offerDraft() {
  const kept = JSON.parse(localStorage.getItem(key()) ?? "null");
  if (!kept || "cameBack" in form.dataset || JSON.stringify(kept.fields) === JSON.stringify(typed(true))) return;
  const note = make("div", { class: "note is-info", role: "status" });
  const take = () => {
    fill(kept.fields);
    form.elements.version.value = kept.version; // what others changed since then is then shown side by side
    note.remove();
  };
  const drop = () => {
    localStorage.removeItem(key());
    note.remove();
  };
  const when = new Date(kept.when).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
  note.append(make("span", {}, say("draft_found", { when })));
  note.append(make("button", { type: "button", class: "link", onclick: take }, texts.draft_take), make("button", { type: "button", class: "link", onclick: drop }, texts.draft_drop));
  form.before(note);
}

function startSaving() {
  document.addEventListener("keydown", (event) => {
    if (!saves(event) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-save]"));
  });
  form.addEventListener("keydown", (event) => composing(event) && event.key === "Enter" && event.preventDefault());
  form.addEventListener("submit", () => {
    leaving = true;
    if (form.dataset.draft) sessionStorage.setItem("sent", key()); // dropped by the page that says it was saved
    setTimeout(() => form.querySelectorAll("[data-save]").forEach((button) => (button.disabled = true)));
  });
  addEventListener("beforeunload", (event) => !leaving && changed().length && event.preventDefault());
  addEventListener("pageshow", () => (leaving = false));
}

/** What will be stored, as it stands with the present choices. */
function drawResult(rows) {
  const place = form.querySelector("[data-merge-result]");
  place.hidden = false;
  place.querySelector("dl").replaceChildren(...rows.map((row) => {
    const chosen = row.querySelector("input:checked");
    const touched = row.querySelector("[data-touch]");
    if (touched) touched.value = chosen?.dataset.whose === "mine" ? "1" : "";
    const value = make("dd", {}, chosen ? "" : make("span", { class: "t-attention" }, texts.to_choose));
    if (chosen) {
      const [was, will] = [row.querySelector("[data-opened]").dataset.opened, chosen.closest(".pick").querySelector("[data-words]").textContent];
      if (was && was !== will) value.append(make("span", { class: "old" }, was), " → ");
      value.append(make("span", { class: "new" }, will));
      if (chosen.dataset.whose === "stored" && row.dataset.who) value.append(make("span", { class: "s meta" }, ` ${row.dataset.who}`));
    }
    return make("div", {}, make("dt", {}, row.dataset.mergeField), value);
  }));
}

/** After a refused save: the cursor into the first wrong field; each line of the summary leads to its own. */
function startErrors(summary) {
  const jump = (name) => {
    const field = form.elements[`f-${name}`] ?? document.getElementById(`f-${name}`);
    if (field?.dataset) field.dataset.quiet = "1"; // the list of a picker stays shut
    field?.focus();
    field?.scrollIntoView({ block: "center" });
    return Boolean(field);
  };
  const links = [...summary.querySelectorAll('a[href^="#f-"]')];
  for (const link of links) {
    link.addEventListener("click", (event) => jump(link.hash.slice(3)) && event.preventDefault());
  }
  if (!links.some((link) => jump(link.hash.slice(3)))) summary.scrollIntoView();
}

function startMerge() {
  const drawLeft = () => {
    const rows = [...form.querySelectorAll("[data-merge-field]")];
    const left = rows.filter((row) => !row.querySelector("input:checked")).map((row) => row.dataset.mergeField);
    for (const pick of form.querySelectorAll(".pick")) {
      pick.classList.toggle("is-on", pick.querySelector("input").checked);
      if (pick.closest("tr").querySelector("input:checked")) pick.classList.remove("is-need");
    }
    form.querySelector("[data-merge-left]").textContent = left.length ? say("merge_left", { count: left.length, names: left.join("、") }) : "";
    form.querySelector("[data-save]").disabled = left.length > 0;
    drawResult(rows);
  };
  addEventListener("pageshow", () => drawLeft());
  form.addEventListener("change", drawLeft);
  form.addEventListener("click", (event) => {
    const whose = event.target.closest("[data-all-of]")?.dataset.allOf;
    if (!whose) return;
    for (const input of form.querySelectorAll(`[data-whose="${whose}"]`)) input.checked = true;
    drawLeft();
  });
  drawLeft();
}

if (form) {
  startFields(form);
  first = JSON.stringify(typed());
  startSaving();
  if ("merge" in form.dataset) startMerge();
  if (form.dataset.draft) offerDraft();
  const others = document.querySelector("[data-presence]");
  const told = others && startPresence(others, () => changed().length > 0);
  const moved = () => {
    told?.();
    showChanges();
    clearTimeout(timer);
    timer = setTimeout(keepDraft, KEEP);
  };
  form.addEventListener("input", moved);
  form.addEventListener("change", moved);
  const errors = document.querySelector("[data-errors]");
  if (errors) startErrors(errors);
  else if (!("merge" in form.dataset)) {
    const input = form.querySelector(".field input:not([type=hidden]):not([readonly]), .field select, .field textarea");
    if (input) input.dataset.quiet = "1";
    input?.focus();
  }
}
