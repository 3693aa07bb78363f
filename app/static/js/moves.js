// The steps of a record: those that ask for something first in a dialog, those of the sheet without leaving the list.

import { adopt, startKeysOf } from "./fields.js";
import { tell } from "./notice.js";
import { page, postForm } from "./server.js";
import { look, remember } from "./sheet.js";
import { make, say } from "./texts.js";

/** Hear the buttons of the steps. */
export function startMoves() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-move]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-sheet] .act-form");
    if (!form || event.defaultPrevented) return;
    event.preventDefault();
    sent(form).then((found) => found && done(found, form));
  });
}

const read = async (answer) => ({ answer, shown: new DOMParser().parseFromString(await answer.text(), "text/html") });

async function asked(question) {
  try {
    return await read(await question());
  } catch {
    tell(say("offline"), { kind: "late" });
    return null;
  }
}

const sent = (form) => asked(() => postForm(form.getAttribute("action"), new FormData(form)));

async function open(link) {
  // what stands round the link outlives it: a board that looks anew draws its rows anew
  const round = link.closest("[data-sheet], [data-board]") ?? link;
  const found = await asked(() => page(link.href));
  if (!found) return;
  const form = found.shown.querySelector("[data-move-form]");
  if (form) draw(form, found.shown, link, round);
  else location.assign(link.href); // signed out, or the step is not open any more: its own page says so
}

function draw(form, shown, link, round) {
  const box = make("dialog", { class: "ask move-box", "aria-label": form.dataset.title });
  const about = make("p", { class: "meta s clip" }, form.dataset.about);
  box.append(make("h2", {}, form.dataset.title), about);
  document.body.append(box);
  box.addEventListener("close", () => {
    box.remove();
    link.isConnected && link.focus();
  });
  put(form, shown, box, round);
  box.showModal();
  box.querySelector("[data-first]")?.focus();
}

/** The form into the dialog, as drawn first or as it came back. */
function put(form, shown, box, round) {
  box.querySelector("form")?.remove();
  box.querySelector("[data-errors]")?.remove();
  const errors = shown.querySelector("[data-errors]");
  const first = adopt(form, "m-");
  if (errors && !form.querySelector(".err")) box.append(errors); // those of a field stand beside it
  box.append(form);
  if (first) {
    first.dataset.first = first.dataset.quiet = "1";
    first.focus();
  }
  startKeysOf(form);
  form.querySelector("[data-leave]").addEventListener("click", (event) => {
    event.preventDefault();
    box.close();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[data-save]");
    button.disabled = true;
    const found = await sent(form);
    button.disabled = false;
    if (!found) return;
    const again = found.shown.querySelector("[data-move-form]");
    if (again) return put(again, found.shown, box, round);
    box.close();
    done(found, round);
  });
}

/** The step was made, or refused with a sentence: the record's page is drawn anew, in the sheet where it stood there. */
function done({ answer, shown }, from) {
  const made = new CustomEvent("stepped", { bubbles: true, cancelable: true, detail: { answer, shown } });
  if (!from.closest("[data-sheet]") && !from.dispatchEvent(made)) return; // who stands round it draws itself anew
  if (!answer.ok || !shown.querySelector("[data-record]")) return location.assign(answer.url);
  if (!from.closest("[data-sheet]")) {
    sessionStorage.setItem("said", shown.querySelector("[data-flash]")?.innerText.trim() ?? "");
    return location.assign(answer.url);
  }
  const flash = shown.querySelector("[data-flash]");
  if (flash) tell(flash.innerText.trim(), { kind: flash.classList.contains("is-late") ? "late" : "" });
  remember();
  return look(answer.url);
}
