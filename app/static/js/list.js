// A register's list: selection, columns, density, page size. Cells and filters have modules of their own.

import { startFilters } from "./filters.js";
import { mark } from "./keys.js";
import { reason, tell } from "./notice.js";
import { startQuickEdit } from "./quickedit.js";
import { post } from "./server.js";
import { make, say } from "./texts.js";

const list = document.querySelector("[data-list]");

async function arrange(values, again = true) {
  const answer = await post(list.dataset.arrangeUrl, values);
  if (!answer.ok) return tell(answer.message, { kind: "late" });
  if (again) location.reload();
}

function startArranging() {
  const button = list.querySelector("[data-density]");
  button?.addEventListener("click", () => {
    const table = list.querySelector(".tbl");
    const dense = button.getAttribute("aria-pressed") !== "true";
    table?.classList.toggle("is-dense", dense);
    button.setAttribute("aria-pressed", String(dense));
    arrange({ dense }, false);
  });
  list.querySelector("[data-page-size]")?.addEventListener("change", async (event) => {
    const size = Number(event.target.value);
    await arrange({ psize: size }, false);
    const args = new URLSearchParams(location.search);
    for (const name of ["page", "after", "before"]) args.delete(name);
    args.set("psize", size);
    location.assign(`${location.pathname}?${args}`);
  });
}

function startChooser() {
  const chooser = list.querySelector("[data-chooser]");
  if (!chooser) return;
  const columns = chooser.querySelector("ul");
  const lines = () => [...columns.children];
  let dragged = null;
  columns.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("li");
    dragged.classList.add("is-drag");
  });
  columns.addEventListener("dragover", (event) => {
    const over = event.target.closest("li");
    if (!dragged || !over || over === dragged) return;
    event.preventDefault();
    const below = lines().indexOf(over) > lines().indexOf(dragged);
    over[below ? "after" : "before"](dragged);
  });
  columns.addEventListener("dragend", () => {
    dragged?.classList.remove("is-drag");
    dragged = null;
  });
  columns.addEventListener("keydown", (event) => {
    const line = event.target.closest("li");
    if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "ArrowUp") line.previousElementSibling?.before(line);
    else line.nextElementSibling?.after(line);
    line.querySelector("input").focus();
  });
  chooser.querySelector("[data-columns-find]").addEventListener("input", (event) => {
    const term = event.target.value.trim().toLowerCase();
    for (const line of lines()) line.hidden = !line.textContent.toLowerCase().includes(term);
  });
  chooser.querySelector("[data-columns-apply]").addEventListener("click", () => {
    arrange({ columns: lines().filter((line) => line.querySelector("input").checked).map((line) => line.dataset.column) });
  });
  chooser.querySelector("[data-columns-reset]").addEventListener("click", () => arrange({ columns: [] }));
}

function startSelection() {
  const bar = list.querySelector("[data-selbar]");
  if (!bar) return;
  const boxes = [...list.querySelectorAll("[data-pick]")];
  const all = list.querySelector("[data-all]");
  let last = null;
  const draw = () => {
    const chosen = boxes.filter((box) => box.checked);
    for (const box of boxes) box.closest("tr").classList.toggle("is-sel", box.checked);
    bar.hidden = !chosen.length;
    list.querySelector("[data-pager]").classList.toggle("has-sel", chosen.length > 0);
    bar.querySelector("[data-selected]").textContent = say("selected", { count: chosen.length });
    if (all) {
      all.checked = chosen.length === boxes.length;
      all.indeterminate = chosen.length > 0 && !all.checked;
    }
  };
  const set = (yes) => {
    for (const box of boxes) box.checked = yes;
    draw();
  };
  all?.addEventListener("change", () => set(all.checked));
  bar.querySelector("[data-unselect]").addEventListener("click", () => set(false));
  for (const [number, box] of boxes.entries()) {
    box.addEventListener("click", (event) => {
      if (event.shiftKey && last !== null) {
        for (const each of boxes.slice(Math.min(last, number), Math.max(last, number) + 1)) each.checked = box.checked;
      }
      last = number;
      draw();
    });
  }
  document.addEventListener("keydown", (event) => event.key === "Escape" && !bar.hidden && set(false));
  for (const form of bar.querySelectorAll("[data-bulk]")) form.addEventListener("submit", (event) => sendBulk(event, form, boxes));
}

async function sendBulk(event, form, boxes) {
  event.preventDefault();
  const why = "needsReason" in form.dataset ? await reason(form.textContent.trim()) : "";
  if (why === null) return;
  for (const old of form.querySelectorAll("[data-added]")) old.remove();
  for (const box of boxes.filter((each) => each.checked)) form.append(make("input", { type: "hidden", name: "id", value: box.value, "data-added": true }));
  form.append(make("input", { type: "hidden", name: "reason", value: why, "data-added": true }));
  form.submit();
}

if (list) {
  startArranging();
  startChooser();
  startSelection();
  startFilters(list);
  startQuickEdit(list);
  const marked = list.querySelector("tr.is-mark");
  if (marked) mark(marked);
}
