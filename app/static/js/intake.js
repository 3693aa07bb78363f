// 来电登记: one call after the other without leaving the page. What is proposed is asked of the server, nothing is lost.

import { startPickers } from "./picker.js";
import { saves } from "./fields.js";
import { tell } from "./notice.js";
import { ask, post } from "./server.js";
import { composing, json } from "./texts.js";

const WAIT = 150, KEEP = 800;
const place = document.querySelector("[data-intake]");
const words = json("intake-texts") ?? {};
const put = (name, values) => (words[name] ?? name).replace(/\{(\w+)\}/g, (_all, key) => values[key] ?? "");
const find = (selector) => place.querySelector(selector);
const field = (name) => find(`[name="${name}"]`);
const chip = (name) => find(`[data-chip="${name}"]`);
const TIMES = ["received_at", "appointment_at", "promised_at"];
const GUESSED = ["kind", "category", "department_id"];
const DRAFTED = ["content", "channel", "urgency", ...GUESSED, ...TIMES];

let caller = {}, hit = null, linked = null, danger = null, token, touched = new Set(), timer, asked, draftTimer, said = null, before = null, choosing = null, guessed = "", blank;

// ---- who calls ------------------------------------------------------------------------------------------------------

const box = () => find("[data-caller]");
const typed = () => find("[data-box-input]");
const looksLikePhone = (text) => /^[\d\s+-]{7,}$/.test(text);

function choose(item) {
  choosing = take(item);
  return choosing;
}

async function take(item) {
  hit = { resource: item.resource, id: item.id };
  box().dataset.settled = "1";
  drawKnown(item.title ?? "…", item.sub ?? "");
  error("caller", "");
  field("content").focus(); // at once: what is typed now is what was said
  const answer = await ask(`/intake/beside?${new URLSearchParams({ ...hit, category: field("category").value })}`);
  if (hit?.id !== item.id || hit.resource !== item.resource) return;
  if (!answer.ok) {
    forget();
    return tell(answer.message, { kind: "late" });
  }
  caller = answer.fills;
  drawKnown(caller.title, [caller.place, caller.caller, caller.phone].filter((text) => text && text !== caller.title).join(" · "));
  setPlace(caller.unit_id, caller.place);
  drawBeside(answer.html);
  guess();
  keepDraft();
}

function drawKnown(title, sub) {
  find("[data-known-title]").textContent = title;
  find("[data-known-sub]").textContent = sub;
  find("[data-known]").hidden = false;
  find("[data-unknown]").hidden = true;
}

function setPlace(unit, text) {
  field("unit_id").value = unit ?? "";
  chip("place").querySelector("[data-typed]").value = text ?? "";
}

function forget() {
  if (hit) setPlace(null, "");
  caller = {};
  hit = null;
  delete box().dataset.settled;
  find("[data-known]").hidden = true;
}

/** Nobody in the books: what was typed is the name, or the phone where it is one. */
function unknown() {
  const text = typed().value.trim();
  if (!text || hit) return;
  const phone = looksLikePhone(text);
  find("[data-unknown-text]").textContent = put(phone ? "unknown_phone" : "unknown", { name: text });
  field("caller_phone").hidden = phone;
  find("[data-unknown]").hidden = false;
}

const unitId = () => field("unit_id").value;
const publicPlace = () => (unitId() ? "" : chip("place").querySelector("[data-typed]").value.trim());

function drawBeside(html) {
  const drawn = new DOMParser().parseFromString(html, "text/html");
  find("[data-beside]").replaceChildren(...drawn.body.childNodes);
}

async function beside() {
  const asking = { category: field("category").value, unit_id: unitId(), customer_id: caller.customer_id ?? "", public_place: publicPlace() };
  if (!asking.unit_id && !asking.customer_id && !asking.public_place) return;
  const answer = await ask(`/intake/beside?${new URLSearchParams(asking)}`);
  if (answer.ok) drawBeside(answer.html);
}

// ---- what is proposed -------------------------------------------------------------------------------------------------

const stamp = () => `${unitId()} ${field("content").value}`;

async function guess() {
  const stamped = stamp();
  asked?.abort();
  asked = new AbortController();
  const asking = { text: field("content").value, unit_id: unitId() };
  for (const name of [...GUESSED, "urgency"]) if (touched.has(name)) asking[name] = field(name).value;
  const category = field("category").value;
  try {
    const answer = await ask(`/intake/guess?${new URLSearchParams(asking)}`, asked.signal);
    if (!answer.ok) return;
    apply("kind", answer.kind);
    apply("category", answer.category);
    apply("department_id", answer.department);
    if (!touched.has("order")) field("order").checked = answer.order && place.dataset.orders === "1" && Boolean(field("content").value.trim());
    danger = answer.danger;
    guessed = stamped;
    drawState();
  } catch (problem) {
    if (problem.name !== "AbortError") throw problem;
  }
  if (field("category").value !== category) beside();
}

function apply(name, proposed) {
  const mine = touched.has(name);
  if (!mine) field(name).value = proposed.value ?? "";
  chip(name).querySelector("[data-why]").textContent = mine ? "" : proposed.why;
  chip(name).classList.toggle("is-guess", !mine && Boolean(proposed.why));
}

const isComplaint = () => field("kind").value === "complaint" && place.dataset.complaints === "1";
const chosenText = (name) => field(name).selectedOptions[0]?.textContent ?? "";

function drawState() {
  const order = field("order").checked || Boolean(linked);
  find("[data-save-label]").textContent = words[order ? "save_both" : isComplaint() ? "save_complaint" : "save_call"];
  find("[data-goes]").textContent = order && field("department_id").value ? put("goes", { department: chosenText("department_id") }) : words.stays;
  const proposed = danger && danger.urgency !== field("urgency").value && field("urgency").value === "normal";
  find("[data-danger]").hidden = !proposed;
  chip("urgency").classList.toggle("is-ask", Boolean(proposed) || field("urgency").value !== "normal");
  if (proposed) {
    find("[data-danger-text]").textContent = danger.text;
    find("[data-danger-take]").textContent = danger.label;
  }
  find("[data-linked]").hidden = !linked;
  if (linked) find("[data-linked-text]").textContent = put(linked.into ? "into" : "related", linked);
  for (const name of TIMES) {
    const input = field(name);
    const words = input.value ? input.value.slice(5).replace("T", " ") : input.dataset.empty;
    input.parentElement.querySelector("[data-said]").textContent = words;
    chip(name).classList.toggle("is-set", Boolean(input.value));
  }
}

function nextUrgency() {
  const select = field("urgency");
  const proposed = danger && select.value === "normal" ? [...select.options].findIndex((option) => option.value === danger.urgency) : -1;
  select.selectedIndex = proposed >= 0 ? proposed : (select.selectedIndex + 1) % select.options.length;
  touched.add("urgency");
  guess();
  drawState();
}

// ---- saving -------------------------------------------------------------------------------------------------------------

function values() {
  const found = { complaint: isComplaint(), order: field("order").checked, token, into: linked?.into ?? "", related: linked?.related ?? "" };
  for (const name of [...DRAFTED, "first_responder_id", "unit_id"]) if (field(name).value) found[name] = field(name).value;
  found.public_place = publicPlace();
  found.read_back = field("read_back").checked ? "1" : "";
  if (hit) {
    for (const name of ["customer_id", "contact_id"]) if (caller[name]) found[name] = caller[name];
    if (!caller.contact_id && caller.caller) found.caller = caller.caller;
  } else {
    const text = typed().value.trim();
    found[looksLikePhone(text) ? "caller_phone" : "caller"] = text;
    if (field("caller_phone").value.trim()) found.caller_phone = field("caller_phone").value.trim();
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== ""));
}

function error(name, message) {
  const there = find(`[data-error="${name}"]`);
  if (!there) return false;
  there.textContent = message;
  there.hidden = !message;
  return true;
}

const BESIDE = { caller_phone: "caller", customer_id: "caller", contact_id: "caller", content: "content" };

function showErrors(errors, message) {
  for (const name of ["caller", "content", ""]) error(name, "");
  const told = {};
  for (const [name, found] of Object.entries(errors ?? { "": [message] })) (told[BESIDE[name] ?? ""] ??= []).push(...found);
  for (const [name, found] of Object.entries(told)) error(name, found.join(" "));
  if (told.content) field("content").focus();
}

/** Saves the call; `only` says what comes of it whatever the line of defaults says: 只登记投诉 sends nobody. */
async function save(only = {}) {
  const button = find("[data-save-call]");
  if (button.disabled) return;
  clearTimeout(timer);
  await choosing; // who was chosen a moment ago, and what was typed since: nothing is saved without its defaults
  if (guessed !== stamp()) await guess();
  button.disabled = true;
  const kept = drafted();
  const answer = await post("/intake/save", { ...values(), ...only });
  button.disabled = false;
  if (!answer.ok) return showErrors(answer.errors, answer.message);
  token = answer.token;
  before = kept;
  said = answer;
  drawSaid();
  empty();
  for (const number of place.parentElement.querySelectorAll("[data-figure]")) {
    if (number.dataset.figure === "0" || answer.versions.dispatch_order) number.textContent = Number(number.textContent) + 1;
  }
}

function drawSaid() {
  const bar = find("[data-said-bar]");
  const text = find("[data-said-text]");
  text.replaceChildren();
  for (const record of said.records) {
    const link = document.createElement("a");
    link.href = record.url;
    link.dataset.quickLook = "";
    link.textContent = record.number;
    text.append(`${record.label} `, link, " ");
  }
  text.append(said.told);
  const print = find("[data-print-order]");
  print.hidden = !said.print_url;
  print.href = said.print_url || "#";
  if (said.print_url) print.dataset.key = "Alt+R";
  else delete print.dataset.key;
  bar.hidden = false;
}

async function undo() {
  const answer = await post("/intake/undo", { id: said.id, versions: said.versions });
  tell(answer.message, { kind: answer.ok ? "" : "late" });
  if (!answer.ok) return;
  find("[data-said-bar]").hidden = true;
  delete find("[data-print-order]").dataset.key;
  if (!field("content").value && !hit) await restore(before);
}

function empty() {
  for (const name of [...DRAFTED, "caller_phone"]) field(name).value = "";
  for (const select of place.querySelectorAll("select")) select.selectedIndex = [...select.options].findIndex((option) => option.defaultSelected);
  for (const select of place.querySelectorAll("select")) if (select.selectedIndex < 0) select.selectedIndex = 0;
  for (const name of ["order", "read_back"]) field(name).checked = false;
  field("first_responder_id").value = "";
  const responder = chip("first_responder_id").querySelector("[data-typed]");
  responder.value = responder.dataset.first;
  for (const why of place.querySelectorAll("[data-why]")) why.textContent = "";
  for (const each of place.querySelectorAll(".g.is-guess")) each.classList.remove("is-guess");
  forget();
  setPlace(null, "");
  typed().value = "";
  find("[data-unknown]").hidden = true;
  linked = danger = null;
  touched = new Set();
  showErrors({});
  find("[data-beside]").replaceChildren(...blank.cloneNode(true).childNodes);
  localStorage.removeItem(key());
  drawState();
  typed().focus();
}

// ---- the draft ------------------------------------------------------------------------------------------------------------

const key = () => `draft.${document.body.dataset.user}.intake`;

function drafted() {
  const fields = Object.fromEntries(DRAFTED.map((name) => [name, field(name).value]));
  return { fields, typed: looksLikePhone(typed().value) ? "" : typed().value, hit, touched: [...touched], order: field("order").checked, title: caller.title };
}

/** A phone is never kept: only what was said, who was chosen, and what was changed by hand. */
function keepDraft() {
  clearTimeout(draftTimer);
  draftTimer = setTimeout(() => {
    if (field("content").value.trim() || hit) localStorage.setItem(key(), JSON.stringify(drafted()));
    else localStorage.removeItem(key());
  }, KEEP);
}

async function restore(kept) {
  if (!kept) return;
  touched = new Set(kept.touched);
  for (const [name, value] of Object.entries(kept.fields)) if (name === "content" || touched.has(name)) field(name).value = value;
  if (touched.has("order")) field("order").checked = kept.order;
  typed().value = kept.typed;
  if (kept.hit) await choose(kept.hit);
  else await guess();
  drawState();
}

// ---- what is heard ----------------------------------------------------------------------------------------------------------

function startChips() {
  place.addEventListener("click", (event) => {
    const by = event.target.closest("[data-key]");
    if (!by || !place.contains(by)) return;
    if ("urgency" in by.dataset) return nextUrgency();
    if (document.activeElement === by || !by.matches("select, input:not([type=checkbox])")) return;
    by.focus();
    if (by.matches("[data-typed]")) return by.select();
    try {
      by.showPicker();
    } catch {
      // the browser opens it only after a real key or click; it has the focus all the same
    }
  });
  place.addEventListener("change", (event) => {
    const name = event.target.name;
    if (!name || name === "content") return;
    touched.add(name);
    if ([...GUESSED, "urgency"].includes(name)) guess();
    if (["category", "unit_id"].includes(name)) beside();
    drawState();
    keepDraft();
  });
}

function startBeside() {
  find("[data-beside]").addEventListener("click", (event) => {
    const button = event.target.closest("[data-into], [data-related]");
    if (!button) return;
    linked = { into: button.dataset.into, related: button.dataset.related, number: button.dataset.number };
    drawState();
    field("content").focus();
  });
  find("[data-unlink]").addEventListener("click", () => {
    linked = null;
    drawState();
  });
}

function startCaller() {
  box().addEventListener("caller", (event) => choose(event.detail));
  box().addEventListener("leaving", () => field("content").focus());
  box().addEventListener("unknown", () => {
    unknown();
    const next = field("caller_phone").hidden || field("content").value ? "content" : "caller_phone";
    field(next).focus();
  });
  box().addEventListener("answered", (event) => event.detail.count === 0 && unknown());
  typed().addEventListener("input", () => {
    if (hit) forget();
    find("[data-unknown]").hidden = true;
    keepDraft();
  });
  box().addEventListener("focusout", () => setTimeout(() => {
    if (box().contains(document.activeElement) || !typed().value.trim()) return;
    if ("waiting" in box().dataset) return;
    box().dispatchEvent(new CustomEvent("shut"));
    unknown();
  }, 150));
  find("[data-forget]").addEventListener("click", () => {
    forget();
    typed().select();
    typed().focus();
  });
}

function startText() {
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(guess, WAIT);
    keepDraft();
  };
  field("content").addEventListener("input", (event) => !composing(event) && later());
  field("content").addEventListener("compositionend", later);
}

if (place) {
  token = place.dataset.token;
  blank = find("[data-beside]").cloneNode(true);
  startPickers(place);
  startChips();
  startBeside();
  startCaller();
  startText();
  document.addEventListener("keydown", (event) => {
    if (!saves(event) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    save();
  });
  find("[data-save-call]").addEventListener("click", () => save());
  find("[data-save-complaint]")?.addEventListener("click", () => save({ kind: "complaint", complaint: true, order: false, into: "", related: "" }));
  find("[data-clear]").addEventListener("click", empty);
  find("[data-undo]").addEventListener("click", undo);
  find("[data-danger-take]").addEventListener("click", nextUrgency);
  drawState();
  const named = new URLSearchParams(location.search).get("caller")?.match(/^(\w+):(\d+)$/);
  if (named) choose({ resource: named[1], id: named[2] });
  else restore(JSON.parse(localStorage.getItem(key()) ?? "null"));
}
