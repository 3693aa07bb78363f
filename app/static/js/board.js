// The tracking board: tabs without leaving the page, a look again every half minute, steps and bulk steps in place.
// What is ticked, opened or chosen stays; while something is open, or typed, nothing is drawn anew.

import { startHanding } from "./board_hand.js";
import { runBulk } from "./board_bulk.js";
import { mark } from "./keys.js";
import { tell } from "./notice.js";
import { page, post, postForm } from "./server.js";
import { isOpen } from "./sheet.js";
import { composing, json, say, texts } from "./texts.js";

const board = document.querySelector("[data-board]");
Object.assign(texts, { board: json("board-texts") ?? {} });
const words = texts.board;
texts.keys?.push(...(words.keys ?? []));

const state = {
  args: new URLSearchParams(board?.querySelector('[data-part="rows"]')?.dataset.args ?? ""),
  ticked: new Set(),
  whom: new Map(),
  most: 0,
  tag: "",
};
const slot = (name) => board.querySelector(`[data-slot="${name}"]`);
const rows = () => [...board.querySelectorAll("[data-row]")];
export const current = () => board.querySelector("[data-row].is-cur");
const isMorning = () => "morning" in board.dataset;
const unfolded = () => Boolean(slot("rows").children.length);

// ---- drawing --------------------------------------------------------------------------------------------------

/** The parts of an answer into their places; what was ticked, current and focused is so again. */
function put(shown) {
  const focused = document.activeElement?.closest("[data-row]");
  const on = focused && board.contains(focused) ? [focused.dataset.id, document.activeElement.dataset.step] : null;
  const cur = current()?.dataset.id;
  const at = [window.scrollY, board.querySelector(".kanban")?.scrollLeft ?? 0];
  for (const part of shown.querySelectorAll("[data-part]")) {
    const place = slot(part.dataset.part);
    if (place) place.replaceChildren(part);
  }
  drawFigures(shown);
  dress();
  const now = rows().find((row) => row.dataset.id === cur);
  if (now) now.classList.add("is-cur");
  window.scrollTo(0, at[0]);
  const kanban = board.querySelector(".kanban");
  if (kanban) kanban.scrollLeft = at[1];
  if (on) {
    const row = rows().find((each) => each.dataset.id === on[0]);
    (row?.querySelector(on[1] ? `[data-step="${on[1]}"]` : "[data-pick]") ?? row?.querySelector("a"))?.focus({ preventScroll: true });
  }
}

/** The counts of an answer's tabs also stand in the workbench's figures, the menu and the title. */
function drawFigures(shown) {
  const counted = Object.fromEntries([...shown.querySelectorAll("[data-part=tabs] [data-tab]")].map((tab) => [tab.dataset.tab, tab.querySelector("[data-tab-count]").textContent]));
  for (const place of board.querySelectorAll("[data-figures] [data-tab]")) {
    if (place.dataset.tab in counted) place.querySelector("[data-tab-count]").textContent = counted[place.dataset.tab];
    const on = unfolded() && place.dataset.tab === state.args.get("tab");
    place.classList.toggle("is-on", on);
    place.setAttribute("aria-expanded", String(on));
  }
  if (!("overdue" in counted)) return;
  const late = counted.overdue === "0" ? "" : counted.overdue;
  document.title = `${late ? `(${late}) ` : ""}${document.title.replace(/^\(\d+\+?\) /, "")}`;
  for (const place of document.querySelectorAll('[data-count="board"]')) {
    place.textContent = late;
    place.hidden = !late;
  }
}

/** What the script adds to rows as they came: ticks as they stood, to whom they go. */
function dress() {
  const there = new Set(rows().map((row) => row.dataset.id));
  for (const id of [...state.ticked]) if (!there.has(id)) state.ticked.delete(id);
  for (const row of rows()) {
    const tick = row.querySelector("[data-pick]");
    if (tick) tick.checked = state.ticked.has(row.dataset.id);
  }
  hand.dress();
  drawTicks();
}

function drawTicks() {
  for (const row of rows()) row.classList.toggle("is-sel", state.ticked.has(row.dataset.id));
  const all = board.querySelector("[data-pick-all]");
  if (all) {
    all.checked = state.ticked.size > 0 && state.ticked.size === rows().length;
    all.indeterminate = state.ticked.size > 0 && !all.checked;
  }
  const foot = board.querySelector("[data-bulk-foot]");
  if (foot) {
    foot.hidden = !state.ticked.size;
    foot.querySelector("[data-picked]").textContent = (words.picked ?? "").replace("{count}", state.ticked.size);
  }
  hand.drawFoot();
}

// ---- asking ---------------------------------------------------------------------------------------------------

const busy = () => Boolean(document.querySelector("dialog[open]") || board.querySelector("details[open], [data-whom] select:focus") || isOpen() || document.querySelector(".kcard.is-dragged"));

async function look({ quietly = false } = {}) {
  if (isMorning() && !unfolded() && quietly && !state.args.get("tab")) state.args.set("tab", "overdue");
  const asked = new URLSearchParams(state.args);
  if (state.most) asked.set("most", state.most);
  const headers = { Accept: "text/html", ...(quietly && state.tag ? { "If-None-Match": state.tag } : {}) };
  try {
    const answer = await fetch(`${board.dataset.url}?${asked}`, { credentials: "same-origin", headers });
    if (answer.status === 304) return;
    if (!answer.ok || answer.redirected) return quietly ? undefined : location.reload();
    const shown = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (quietly && busy()) return;
    state.tag = answer.headers.get("ETag") ?? "";
    if (isMorning() && !unfolded() && quietly) return drawFigures(shown);
    put(shown);
  } catch {
    if (!quietly) tell(say("offline"), { kind: "late" });
  }
}

/** Another tab, look, grouping or word, without leaving the page. */
function go(changed, { push = true } = {}) {
  for (const [name, value] of Object.entries(changed)) value ? state.args.set(name, value) : state.args.delete(name);
  if (!state.args.get("view")) state.args.set("view", board.dataset.view);
  state.most = 0;
  state.ticked.clear();
  state.whom.clear();
  if (push && board.dataset.page) history.pushState({}, "", `${board.dataset.page}?${state.args}`);
  for (const tab of board.querySelectorAll("[data-tab]")) tab.classList.toggle("is-on", tab.dataset.tab === state.args.get("tab"));
  return look();
}

async function openTab(link) {
  if (isMorning() && unfolded() && link.dataset.tab === state.args.get("tab")) {
    for (const name of ["rows", "state"]) slot(name).replaceChildren();
    return drawFigures(document.createElement("div"));
  }
  await go({ tab: link.dataset.tab });
  const first = rows()[0];
  if (first) mark(first);
}

// ---- hearing --------------------------------------------------------------------------------------------------

async function clicked(event) {
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
  const tab = event.target.closest("[data-tab]");
  const go_ = event.target.closest("[data-go]");
  const more = event.target.closest("[data-more]");
  if (tab && plain) return event.preventDefault(), openTab(tab);
  if (go_ && plain) return event.preventDefault(), goTo(go_.href);
  if (more && plain) return event.preventDefault(), further(more);
  const button = event.target.closest("[data-look], [data-urge], [data-unpick], [data-bulk-step]");
  if (!button) return;
  if (button.dataset.look) setLook(button.dataset.look);
  else if ("urge" in button.dataset) urge(button);
  else if (button.dataset.bulkStep) runBulk(button.dataset.bulkStep, [...state.ticked], changed);
  else untick();
}

function untick() {
  state.ticked.clear();
  dress();
}

function goTo(href) {
  state.args = new URLSearchParams(new URL(href, location.href).search);
  return go({});
}

function setLook(name) {
  for (const each of board.querySelectorAll("[data-look]")) {
    const on = each.dataset.look === name;
    each.classList.toggle("is-on", on);
    each.setAttribute("aria-pressed", String(on));
  }
  go({ view: name });
}

async function further(link) {
  const last = [...link.closest("[data-column]").querySelectorAll("[data-row]")].at(-1);
  const url = new URL(link.href);
  url.searchParams.set("after", last.dataset.after);
  const answer = await page(url);
  if (!answer.ok) return;
  const shown = new DOMParser().parseFromString(await answer.text(), "text/html");
  const place = link.closest("tr") ?? link;
  const came = [...shown.querySelector("[data-cards]").children];
  const column = place.closest("[data-column]");
  place.replaceWith(...came);
  state.most = Math.max(state.most, column.querySelectorAll("[data-row]").length);
  dress();
  came[0]?.querySelector("a")?.focus();
}

/** Something was written: the board is drawn anew. */
export function changed(message, undo = "") {
  const back = async () => {
    const answer = await post(undo, {});
    tell(answer.ok ? answer.message || words.undone : answer.message, { kind: answer.ok ? "" : "late" });
    look();
  };
  if (message) tell(message, undo ? { action: [words.undo, back] } : {});
  state.tag = "";
  return look();
}

async function urge(button) {
  button.disabled = true;
  const answer = await post("/board/urge", { department: button.dataset.urge });
  button.disabled = false;
  sayRefused(answer);
  if (answer.ok) changed(answer.message);
}

export function sayRefused(answer) {
  if (!answer.ok) tell(answer.message, { kind: "late" });
  for (const each of answer.refused ?? []) tell((words.refused ?? "").replace("{number}", each.number).replace("{words}", each.words), { kind: "late" });
}

async function stepped(event) {
  const form = event.target.closest("[data-step-form]");
  if (!form) return;
  event.preventDefault();
  const answer = await postForm(form.getAttribute("action"), new FormData(form));
  told(answer, new DOMParser().parseFromString(await answer.text(), "text/html"));
}

function told(answer, shown) {
  const flash = shown.querySelector("[data-flash]");
  const late = flash?.classList.contains("is-late");
  if (flash) tell(flash.innerText.trim(), { kind: late ? "late" : "" });
  for (const open of board.querySelectorAll("details[open]")) open.open = false;
  changed("");
}

function ticked(event) {
  if (event.target.matches("[data-by]")) return go({ by: event.target.value === "department" ? "" : event.target.value });
  if (event.target.matches("[data-pick-all]")) return tickAll(event.target.checked);
  if (!event.target.matches("[data-pick]")) return;
  const id = event.target.closest("[data-row]").dataset.id;
  event.target.checked ? state.ticked.add(id) : state.ticked.delete(id);
  drawTicks();
}

function tickAll(yes = true) {
  state.ticked = new Set(yes ? rows().map((row) => row.dataset.id) : []);
  hand.ticks(state.ticked);
  dress();
}

const typing = (target) => target.closest?.("input:not([type=checkbox]), textarea, select");

function pressed(event) {
  if (composing(event) || event.defaultPrevented || document.querySelector("dialog[open]") || typing(event.target)) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a" && rows().length) {
    event.preventDefault();
    return tickAll();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.keys === "off") return;
  if (event.key === "Escape" && state.ticked.size) return untick();
  if (hand.pressed(event)) return event.preventDefault();
  const row = current();
  if (!row) return;
  if (event.key === "u") press(row, '[data-step="urge"]', event);
  if (event.key === ".") press(row, "[data-more-steps]", event);
}

function press(row, what, event) {
  const found = row.querySelector(what);
  if (!found) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  found.click();
  if (what === "[data-more-steps]") row.querySelector("details a, details button")?.focus();
}

function searching() {
  const form = board.querySelector("[data-find]");
  let wait = 0;
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    go({ q: form.elements.q.value.trim() });
  });
  form?.elements.q.addEventListener("input", (event) => {
    if (event.isComposing) return;
    clearTimeout(wait);
    wait = setTimeout(() => go({ q: form.elements.q.value.trim() }, { push: false }), 300);
  });
}

const hand = board ? startHanding({ board, state, rows, current, words, dress, changed, sayRefused, drawTicks }) : null;

if (board) {
  board.addEventListener("click", clicked);
  board.addEventListener("submit", stepped);
  board.addEventListener("change", ticked);
  board.addEventListener("stepped", (event) => {
    event.preventDefault();
    told(event.detail.answer, event.detail.shown);
  });
  document.addEventListener("keydown", pressed, true);
  addEventListener("popstate", () => (board.dataset.page ? goTo(location.href) : undefined));
  searching();
  if (unfolded()) dress();
  setInterval(() => !document.hidden && !busy() && look({ quietly: true }), Number(board.dataset.every) * 1000);
  document.addEventListener("visibilitychange", () => !document.hidden && !busy() && look({ quietly: true }));
}
