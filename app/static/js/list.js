// A register's list: columns, order, density, page size. Selection, cells and filters have modules of their own.

import { startFilters } from "./filters.js";
import { mark } from "./keys.js";
import { tell } from "./notice.js";
import { startQuickEdit } from "./quickedit.js";
import { post } from "./server.js";
import { startSelection } from "./selection.js";
import { icon, make, texts } from "./texts.js";
import { warm, whenOpened } from "./tools.js";

const list = document.querySelector("[data-list]");

/** Put on every cell what its column says of all: label, field, kind; on every row its tick and where it leads. */
function dress() {
  const heads = [...list.querySelectorAll("thead th")];
  const labels = heads.map((head) => (head.querySelector("a") ?? head).firstChild?.textContent.trim());
  for (const row of list.querySelectorAll("tbody tr[data-row]")) {
    const link = row.querySelector("td.no a") ?? row.querySelector(".ops a:not(.counter)");
    const number = row.querySelector("td.no, td:not(.chk)").textContent.trim();
    dressOps(row, link.getAttribute("href"), number);
    const tick = make("input", { class: "form-check-input", type: "checkbox", "data-pick": true, value: row.dataset.id, "aria-label": texts.select_row.replace("{number}", number) });
    row.querySelector("td.chk")?.append(make("label", {}, tick));
    for (const [at, cell] of [...row.cells].entries()) if (heads[at].dataset.col) dressCell(cell, heads[at], labels[at]);
  }
}

function dressOps(row, url, number) {
  const ops = row.querySelector(".ops");
  row.dataset.url = url;
  for (const old of ops.querySelectorAll("[data-quick-look]")) old.remove();
  ops.append(make("a", { href: url, "data-quick-look": true, "aria-label": `${texts.view} ${number}` }, texts.view));
  if (!("mayEdit" in list.dataset)) return;
  row.dataset.editUrl = url.replace("/show/", "/edit/");
  ops.append(make("a", { href: row.dataset.editUrl, "aria-label": `${texts.edit} ${number}` }, texts.edit));
}

function dressCell(cell, head, label) {
  const said = cell.textContent.trim();
  cell.dataset.label = label;
  if (!said) cell.dataset.blank = "";
  if (!("edit" in head.dataset)) return;
  cell.classList.add("can-edit");
  cell.tabIndex = 0;
  cell.setAttribute("aria-label", `${label} ${said}`);
  cell.dataset.field = head.dataset.col;
  cell.dataset.kind = head.dataset.kind;
  cell.dataset.raw ??= "masked" in cell.dataset ? "" : said;
}

/** Shift and a click on a header sorts by that column, too; again turns it, once more takes it out. */
function startSorting() {
  list.querySelector("thead")?.addEventListener("click", (event) => {
    const head = event.shiftKey && event.target.closest("a") && event.target.closest("th[data-col]");
    if (!head) return;
    event.preventDefault();
    const name = head.dataset.col;
    const words = list.dataset.sort.split(",").filter(Boolean);
    const at = words.findIndex((word) => word.replace("-", "") === name);
    if (at < 0) words.push(name);
    else if (words[at].startsWith("-")) words.splice(at, 1);
    else words[at] = `-${name}`;
    go({ sort: words.slice(0, 4).join(",") });
  });
}

/** The list's own arguments, some of them changed; the pages begin anew. */
function go(changed) {
  const args = new URLSearchParams(list.dataset.args);
  for (const name of ["page", "after", "before", "mark", "bulk", "done", "all"]) args.delete(name);
  for (const [name, value] of Object.entries(changed)) value ? args.set(name, value) : args.delete(name);
  location.assign(`${location.pathname}?${args}`);
}

/** Come back to where the list was scrolled to. */
function startScroll() {
  const place = list.querySelector(".tbl-scroll");
  if (!place) return;
  const key = `scroll ${list.dataset.resource} ${list.dataset.args} ${new URLSearchParams(location.search).get("page") ?? 1}`;
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  if (kept && list.querySelector("tr.is-mark")) {
    place.scrollTop = kept[0];
    window.scrollTo(0, kept[1]);
  }
  addEventListener("pagehide", () => sessionStorage.setItem(key, JSON.stringify([place.scrollTop, window.scrollY])));
}

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
    go({ psize: size });
  });
}

/** The panel of columns: ticked ones are shown, in this order. */
function drawChooser(drop, told) {
  const chooser = drop.querySelector("[data-chooser]");
  const find = make("input", { class: "form-control", type: "search", "data-columns-find": true, placeholder: texts.find_column, "aria-label": texts.find_column });
  const columns = make("ul", { "data-columns": true });
  const reset = make("button", { type: "button", class: "link s", "data-columns-reset": true }, texts.columns_reset);
  const apply = make("button", { type: "button", class: "btn btn-primary btn-sm", "data-columns-apply": true }, texts.apply);
  for (const [name, label, shown] of told.columns) {
    const tick = make("input", { class: "form-check-input", type: "checkbox", checked: shown });
    columns.append(make("li", { draggable: "true", "data-column": name }, icon("grip-vertical"), make("label", { class: "row-x" }, tick, make("span", {}, label))));
  }
  chooser.replaceChildren(
    make("div", { class: "row-x p-2" }, make("b", {}, texts.columns), make("span", { class: "push" }), reset),
    make("div", { class: "px-2 pb-1" }, find),
    make("div", { class: "cap" }, texts.columns_order),
    columns,
    make("div", { class: "p-2" }, apply),
  );
  startDragging(columns);
  const lines = () => [...columns.children];
  find.addEventListener("input", () => {
    const term = find.value.trim().toLowerCase();
    for (const line of lines()) line.hidden = !line.textContent.toLowerCase().includes(term);
  });
  apply.addEventListener("click", () => {
    arrange({ columns: lines().filter((line) => line.querySelector("input").checked).map((line) => line.dataset.column), view: list.dataset.view });
  });
  reset.addEventListener("click", () => arrange({ columns: [], view: list.dataset.view }));
}

/** Lines change places by mouse, or by Alt with the arrow keys. */
function startDragging(columns) {
  let dragged = null;
  const lines = () => [...columns.children];
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
}

/** Panels are filled when they open. */
function startPanels() {
  whenOpened(list, "[data-chooser-drop]", drawChooser);
  whenOpened(list, "[data-steps]", (drop, told) => {
    drop.querySelector("[data-steps-pop]").replaceChildren(...told.steps.map(([label, url]) => make("button", { type: "submit", class: "drop-item", formaction: url }, label)));
  });
  whenOpened(list, "[data-views]", (drop, told) => {
    const forms = new DOMParser().parseFromString(told.views ?? "", "text/html").body;
    drop.querySelector("[data-view-forms]").replaceChildren(...forms.childNodes);
  });
  warm(list);
}

if (list) {
  dress();
  startSorting();
  startArranging();
  startPanels();
  startSelection(list);
  startFilters(list);
  startQuickEdit(list);
  startScroll();
  const marked = list.querySelector("tr.is-mark");
  if (marked) mark(marked);
}
