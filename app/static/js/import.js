// The wizard: a workbook dropped on its first page or chosen goes off by itself; a confirmed import is followed to its
// end on the page where it was confirmed. Without a script every step is a page of its own.

import { begun } from "./jobs.js";
import { tell } from "./notice.js";
import { ask, page, send } from "./server.js";
import { say } from "./texts.js";

const PAUSE = 700; // between two questions how far it is
const first = document.querySelector("form[data-import]");
const input = first?.querySelector('input[type="file"]');

input?.addEventListener("change", () => input.files.length && first.requestSubmit());
if (first) {
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    input.files = event.dataTransfer.files;
    first.requestSubmit();
  });
}

/** Put the page of an address in the place of this one. */
async function show(url) {
  const answer = await page(url);
  const shown = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = shown.querySelector("main");
  if (!answer.ok || !main) return location.assign(url);
  document.querySelector("main").replaceChildren(...main.childNodes);
  document.title = shown.title;
  history.replaceState(null, "", url);
  document.querySelector("main").focus();
  return follow(url);
}

/** While it runs: how far it is, then what came of it. */
async function follow(url) {
  const running = document.querySelector("[data-import-running]");
  if (!running) return;
  begun();
  const [words, bar] = [running.querySelector("[role=status]"), running.querySelector("progress")];
  for (;;) {
    await new Promise((done) => setTimeout(done, PAUSE));
    const told = await ask(running.dataset.importRunning);
    if (told.ok && told.state !== "running") return show(url);
    if (!told.ok || !told.of) continue;
    bar.max = told.of;
    bar.value = told.done;
    words.textContent = told.words;
    running.querySelector("[data-import-text]").textContent = told.text;
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-import-confirm]");
  if (!form || event.defaultPrevented) return;
  event.preventDefault();
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  tell(say("importing"));
  const answer = await send(form.action, new FormData(form));
  if (answer.ok) return show(answer.url);
  button.disabled = false;
  return tell(answer.message, { kind: "late" });
}, true);

follow(location.href);
