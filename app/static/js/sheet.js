// The sheet at the side: a quick look at a record, and a new one made without leaving the page.

import { adopt, startKeysOf } from "./fields.js";
import { tell } from "./notice.js";
import { page, postForm } from "./server.js";
import { icon, make, say, texts } from "./texts.js";

let shut = null; // what is to be done when the sheet closes
let stepped = false; // a step was made in it, so the page below is out of date

const sheet = () => document.querySelector("[data-sheet]");
export const isOpen = () => Boolean(sheet()) && !sheet().hidden;

/** Hear the links that open here, and Escape. */
export function startSheet() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-quick-look], [data-sheet-link], [data-sheet] [data-previous], [data-sheet] [data-next]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    look(link.href);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen() && !event.defaultPrevented && !document.querySelector("dialog[open]")) close();
  });
}

export function close(result = null) {
  const place = sheet();
  place.hidden = true;
  place.replaceChildren();
  const done = shut;
  shut = null;
  done?.(result);
  if (stepped) location.reload();
}

/** The page below shows what was before: it is drawn anew when the sheet closes. */
export const remember = () => (stepped = true);

function fill(...content) {
  const place = sheet();
  const x = make("button", { type: "button", class: "top-btn sheet-x", "aria-label": texts.close, onclick: () => close() }, icon("x-lg"));
  place.replaceChildren(x, ...content);
  place.hidden = false;
  place.scrollTop = 0;
  return place;
}

async function fetched(url) {
  try {
    const answer = await page(url);
    return { answer, shown: new DOMParser().parseFromString(await answer.text(), "text/html") };
  } catch {
    tell(say("offline"), { kind: "late" });
    return null;
  }
}

/** Show a record's card at the side. */
export async function look(url) {
  const asked = new URL(url, location.href);
  asked.searchParams.set("sheet", "1");
  asked.hash = "";
  const found = await fetched(asked);
  if (!found) return;
  if (!found.answer.ok || !found.shown.querySelector("[data-record]")) {
    location.assign(url);
    return;
  }
  const place = fill(...found.shown.body.childNodes);
  const { startQuickEdit } = await import("./quickedit.js");
  if (!place.dataset.ready) startQuickEdit(place);
  place.dataset.ready = "1";
  place.querySelector("h1")?.setAttribute("tabindex", "-1");
  place.querySelector("h1")?.focus();
}

/** Make a record in the sheet: gives {id, text}, or null where it was left. `typed` goes into the first text field. */
export function makeRecord(url, typed = "") {
  return new Promise((done) => {
    shut = done;
    fetched(url).then((found) => found && drawForm(found.shown, typed));
  });
}

function drawForm(shown, typed) {
  const form = shown.querySelector("form.record-form");
  if (!form) return close();
  form.querySelector('[name="then"]')?.remove();
  delete form.dataset.draft;
  const errors = shown.querySelector("[data-errors]");
  const place = fill(make("div", { class: "page-head" }, make("h1", {}, shown.querySelector("h1")?.textContent ?? "")), errors ?? "", form);
  const wrong = adopt(form, "s-");
  for (const link of form.querySelectorAll("[data-leave]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      close();
    });
  }
  const first = errors ? wrong : place.querySelector('.field input[type="text"]:not([readonly])');
  if (first && typed && !first.value && !first.matches("[data-typed], [data-mask]")) first.value = typed;
  first?.focus();
  startKeysOf(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}

async function send(form) {
  try {
    const answer = await postForm(form.getAttribute("action"), new FormData(form));
    const shown = new DOMParser().parseFromString(await answer.text(), "text/html");
    const record = shown.querySelector("[data-record]");
    if (record) return close({ id: record.dataset.id, text: record.dataset.title });
    return drawForm(shown, "");
  } catch {
    return tell(say("offline"), { kind: "late" });
  }
}
