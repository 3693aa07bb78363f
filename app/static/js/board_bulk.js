// Bulk steps from the board: the pages of a list's bulk change in a dialog: what is asked, the preview, the result.

import { adopt, startKeysOf } from "./fields.js";
import { tell } from "./notice.js";
import { startPickers } from "./picker.js";
import { page, postForm } from "./server.js";
import { make, say, texts } from "./texts.js";

const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");

/** Do a step to these orders; `changed(message, undo)` is told when something was written. */
export async function runBulk(url, ids, changed) {
  const body = new FormData();
  body.set("csrf_token", document.querySelector('meta[name="csrf-token"]').content);
  body.set("all", "");
  body.set("back", "");
  for (const id of ids) body.append("id", id);
  const box = make("dialog", { class: "ask move-box bulk-box" });
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
  await follow(box, () => postForm(url, body), changed);
}

async function follow(box, asked, changed) {
  try {
    const answer = await asked();
    draw(box, answer, await parsed(answer), changed);
  } catch {
    box.close();
    tell(say("offline"), { kind: "late" });
  }
}

function draw(box, answer, shown, changed) {
  const main = shown.querySelector("main");
  const where = new URL(answer.url).pathname;
  const note = shown.querySelector(".batch-note");
  if (!main || !where.includes("/bulk/")) {
    box.close();
    const undo = note?.querySelector("form")?.getAttribute("action");
    const flash = note?.querySelector("span") ?? shown.querySelector("[data-flash] span");
    return changed(flash?.textContent.trim() ?? "", undo ? `/board/undo/${undo.match(/bulk\/(\d+)/)[1]}` : "");
  }
  const done = !shown.querySelector('[action$="/commit"], [action$="/preview"]') && shown.querySelector("[data-will]");
  box.replaceChildren(make("h2", {}, main.querySelector("h1")?.textContent ?? ""), ...[...main.children].filter((each) => !each.matches(".page-head")));
  const form = box.querySelector("[data-bulk-form]");
  if (form) {
    adopt(form, "b-");
    startKeysOf(form);
    startPickers(form);
  }
  for (const each of box.querySelectorAll("form")) {
    each.addEventListener("submit", (event) => {
      event.preventDefault();
      const body = new FormData(each, event.submitter);
      follow(box, () => postForm(each.getAttribute("action"), body), changed);
    });
  }
  for (const link of box.querySelectorAll(".savebar a")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      if (link.search.includes("again=1")) return follow(box, () => page(link.href), changed);
      box.close();
      if (done) changed("");
    });
  }
  box.querySelector('textarea, input:not([type=hidden]), select, button[data-key="Ctrl+Enter"]')?.focus();
  box.onkeydown = (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    box.querySelector('[data-key="Ctrl+Enter"]')?.click();
  };
  box.setAttribute("aria-label", texts.ok);
}
