// The ticked rows of a list and the bar of what may be done with them. Which rows "all" are, the server decides.

import { make, say, texts } from "./texts.js";

export function startSelection(list) {
  const bar = list.querySelector("[data-selbar]");
  if (!bar) return;
  const boxes = [...list.querySelectorAll("[data-pick]")];
  const all = list.querySelector("[data-all]");
  const matching = bar.querySelector("[data-all-matching]");
  const shown = bar.dataset.shown;
  let last = null;
  const everything = () => bar.elements.all.value === "1";
  const draw = () => {
    const chosen = boxes.filter((box) => box.checked);
    if (chosen.length < boxes.length) bar.elements.all.value = "";
    for (const box of boxes) box.closest("tr").classList.toggle("is-sel", box.checked);
    bar.hidden = !chosen.length;
    list.querySelector("[data-pager]").classList.toggle("has-sel", chosen.length > 0);
    bar.querySelector("[data-selected]").textContent = everything() ? say("all_selected", { count: shown }) : say("selected", { count: chosen.length });
    matching.hidden = chosen.length < boxes.length || String(boxes.length) === shown;
    matching.textContent = everything() ? texts.page_only : say("all_matching", { count: shown });
    if (all) {
      all.checked = chosen.length === boxes.length;
      all.indeterminate = chosen.length > 0 && !all.checked;
    }
  };
  const set = (yes) => {
    for (const box of boxes) box.checked = yes;
    bar.elements.all.value = "";
    draw();
  };
  all?.addEventListener("change", () => set(all.checked));
  matching.addEventListener("click", () => {
    bar.elements.all.value = everything() ? "" : "1";
    draw();
  });
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
  document.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && !bar.hidden && set(false));
  bar.addEventListener("submit", () => {
    for (const old of bar.querySelectorAll("[data-added]")) old.remove();
    if (everything()) return;
    for (const box of boxes.filter((each) => each.checked)) {
      bar.append(make("input", { type: "hidden", name: "id", value: box.closest("tr").dataset.id, "data-added": true }));
    }
  });
  addEventListener("pageshow", draw);
}
