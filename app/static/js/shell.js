// The frame: menu, drop-downs, theme, messages, buttons that must be pressed once. Starts what every page has.

import { startBoxes } from "./box.js";
import { startDropping } from "./dropping.js";
import { startJobs } from "./jobs.js";
import { startKeys } from "./keys.js";
import { startMoves } from "./moves.js";
import { confirmed, reason, showKeys, tell } from "./notice.js";
import { post } from "./server.js";
import { startSheet } from "./sheet.js";
import { say, texts } from "./texts.js";
import { startUploads } from "./uploads.js";

const page = document.documentElement;
const app = document.querySelector("[data-app]");

/** Send a button's small setting without leaving the page. */
async function keep(button, value) {
  const body = new FormData(button.form);
  body.set("value", value);
  try {
    await fetch(button.formAction, { method: "POST", body, credentials: "same-origin", headers: { "X-Requested-With": "XMLHttpRequest" } });
  } catch {
    tell(say("offline"), { kind: "late" });
  }
}

function startTheme() {
  for (const button of document.querySelectorAll("[data-theme-set]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const next = page.dataset.bsTheme === "dark" ? "light" : "dark";
      page.dataset.theme = page.dataset.bsTheme = next;
      keep(button, next);
    });
  }
}

function startMenu() {
  const rail = document.querySelector("[data-rail-set]");
  const narrow = (yes) => {
    app.classList.toggle("is-rail", yes);
    keep(rail, yes ? "1" : "0");
  };
  rail?.addEventListener("click", (event) => {
    event.preventDefault();
    narrow(!app.classList.contains("is-rail"));
  });
  document.querySelector("[data-menu]")?.addEventListener("click", () => app.classList.toggle("is-menu"));
  const opened = JSON.parse(localStorage.getItem("menu") ?? "{}");
  for (const group of document.querySelectorAll("[data-group]")) {
    if (opened[group.dataset.group]) group.open = true;
    group.addEventListener("toggle", () => {
      opened[group.dataset.group] = group.open;
      localStorage.setItem("menu", JSON.stringify(opened));
    });
    group.querySelector("summary").addEventListener("click", () => {
      if (app.classList.contains("is-rail") && !app.classList.contains("is-menu")) narrow(false);
    });
  }
}

function startDrops() {
  document.addEventListener("click", (event) => {
    for (const drop of document.querySelectorAll("[data-drop][open]")) {
      if (!drop.contains(event.target)) drop.open = false;
    }
    if (app?.classList.contains("is-menu") && !event.target.closest("[data-side], [data-menu]")) app.classList.remove("is-menu");
    event.target.closest("[data-dismiss]")?.closest("[data-flash]").remove();
    if (event.target.closest("[data-keys-help]")) showKeys();
    if (event.target.closest("[data-print]")) window.print();
    const hidden = event.target.closest("[data-reveal]");
    if (hidden) reveal(hidden);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const drop = document.querySelector("[data-drop][open]");
    if (!drop) return;
    drop.open = false;
    drop.querySelector("summary").focus();
    event.stopImmediatePropagation();
  });
}

/** A form is sent once; a button that asks first is sent after the answer. */
function startForms() {
  document.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (event.defaultPrevented || !button) return;
    if (button.dataset.confirm && !button.dataset.sure) {
      event.preventDefault();
      if (!(await confirmed(button.dataset.confirm))) return;
      button.dataset.sure = "1";
      event.target.requestSubmit(button);
      return;
    }
    if ("once" in button.dataset) setTimeout(() => (button.disabled = true));
    if (button.dataset.action === "download") setTimeout(() => (button.disabled = false), 3000); // the page stays
  });
  addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("[data-once][disabled], form:not([data-merge]) [data-save][disabled]")) button.disabled = false;
  });
  document.addEventListener("change", (event) => {
    const form = event.target.matches('[data-upload] input[type="file"]') && event.target.closest("form");
    if (!form || !event.target.files.length) return;
    tell(say("uploading", { name: [...event.target.files].map((file) => file.name).join("、") }));
    form.requestSubmit();
  });
}

/** Bell, menu and title: one request after the page has come. */
async function startCounts() {
  const url = document.querySelector("[data-counts]")?.dataset.counts;
  if (!url) return;
  try {
    const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const counts = await answer.json();
    for (const place of document.querySelectorAll("[data-count]")) {
      const count = counts[place.dataset.count] ?? 0;
      place.hidden = !count;
      place.textContent = count > 999 ? "999+" : count;
    }
    const waits = counts.board || counts.notices;
    if (waits) document.title = `(${waits > 999 ? "999+" : waits}) ${document.title.replace(/^\(\d+\+?\) /, "")}`;
  } catch {
    // without the network the page stands as it is
  }
}

async function reveal(button) {
  const why = await reason(texts.reveal, texts.reveal_note);
  if (!why) return;
  const answer = await post(button.dataset.reveal, { reason: why });
  if (!answer.ok) return tell(answer.message, { kind: "late" });
  const place = button.closest("dd, td")?.querySelector("[data-value]");
  if (place) place.textContent = answer.text;
  button.remove();
}

/** A draft goes when the page after its form has come, and no refusal with it. */
function settleDraft() {
  const sent = sessionStorage.getItem("sent");
  if (sent && !document.querySelector("[data-came-back], [data-merge], [data-failed]")) localStorage.removeItem(sent);
  sessionStorage.removeItem("sent");
}

/** What the server said to a step made in a dialog: its answer was read there, its words are shown here. */
function sayAgain() {
  tell(sessionStorage.getItem("said"));
  sessionStorage.removeItem("said");
}

startTheme();
settleDraft();
if (app) startMenu();
startDrops();
startForms();
startBoxes();
startDropping();
startSheet();
startMoves();
startUploads();
sayAgain();
startKeys();
startJobs();
startCounts();
